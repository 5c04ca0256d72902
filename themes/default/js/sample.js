/* One sample of an eval as the drawer shows it, made from its payload.
 *
 *   sitegen.sample.render(sample, { key, mode, setMode, epochs }) -> [elements]
 * `sample` is a member of the data file (derive/samples.py: payload_of); `key` finds its annotations,
 * `mode` is how output and target are compared: sides, inline or raw; `setMode(mode)` keeps a choice.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const MODES = [["sides", "Side by side"], ["inline", "Inline"], ["raw", "Raw"]];
  const MOST_EPOCHS = 50;
  const NON_FINITE = new Set(["NaN", "Infinity", "-Infinity"]);

  const heading = (text, ...more) => el("header", { class: "sg-sample__heading" }, el("h3", { text }), more);
  const isSet = (value) => value !== undefined && value !== null;
  const json = (value) => JSON.stringify(value, null, 2);

  function facts(sample) {
    const { number, compact, money, duration_s } = sitegen.format;
    const usage = sample.usage ?? {};
    const tokens = isSet(usage.input_tokens) || isSet(usage.output_tokens)
      ? (usage.input_tokens ?? 0) + (usage.output_tokens ?? 0) : null;
    const shown = [
      isSet(sample.duration_s) && el("span", { title: `${sample.duration_s} s`, text: duration_s(sample.duration_s) }),
      tokens !== null && el("span", { title: `${number(usage.input_tokens ?? 0)} input, ${
        number(usage.output_tokens ?? 0)} output`, text: `${compact(tokens)} tokens` }),
      isSet(usage.cost_usd) && el("span", { title: String(usage.cost_usd), text: money(usage.cost_usd) }),
      isSet(usage.model) && el("span", { text: usage.model }),
      ...(sample.trace_ids ?? []).map((id, index) => el("a", {
        href: `#tab=traces&trace=${encodeURIComponent(id)}`, title: id,
        text: index === 0 ? "Trace" : `Trace ${index + 1}`,
      })),
      isSet(sample.cluster) && el("span", {}, "cluster ", el("span", { class: "sg-mono", text: sample.cluster })),
      ...(sample.tags ?? []).map((tag) => el("span", { class: "sg-tag", text: tag })),
    ].filter(Boolean);
    return shown.length > 0 && el("p", { class: "sg-facts sg-sample__facts" }, shown);
  }

  function error(sample) {
    return isSet(sample.error) && el("div", { class: "sg-notice sg-notice--bad" },
      el("pre", { class: "sg-notice__text sg-code sg-code--plain sg-code--wrap", text: sample.error }));
  }

  function input(sample) {
    if (!isSet(sample.input)) return el("section", {}, heading("Input"), el("p", { class: "sg-muted", text: "missing" }));
    const text = typeof sample.input === "string";
    return el("section", {}, heading("Input"),
      el("div", { class: text ? "sg-sample__quote" : null }, sitegen.messages.value(sample.input)));
  }

  /** Text as it is, objects with their keys in one order, so that only values differ. */
  function comparable(value) {
    if (typeof value === "string") return value;
    const sorted = (one) => {
      if (Array.isArray(one)) return one.map(sorted);
      if (typeof one !== "object" || one === null) return one;
      return Object.fromEntries(Object.keys(one).sort().map((key) => [key, sorted(one[key])]));
    };
    return json(sorted(value));
  }

  function modes(mode, setMode) {
    return el("div", { class: "sg-segments", role: "group", "aria-label": "Comparison" }, MODES.map(([name, label]) =>
      el("button", { type: "button", class: "sg-segments__segment", "aria-pressed": String(name === mode), text: label,
        on: { click: () => setMode(name) } })));
  }

  function output(sample, { mode, setMode }) {
    const { output: made, target } = sample;
    if (!isSet(target)) {
      return el("section", {}, heading("Output"),
        isSet(made) ? sitegen.messages.value(made) : el("p", { class: "sg-muted", text: "missing" }));
    }
    if (!isSet(made)) {
      return el("section", {}, heading("Output"), el("p", { class: "sg-muted", text: "missing" }),
        heading("Target"), sitegen.messages.value(target));
    }
    const before = comparable(made), after = comparable(target);
    const body = before === after
      ? [sitegen.messages.value(made), el("p", { class: "sg-good sg-second", text: "Output and target are equal." })]
      : mode === "raw"
        ? [el("h4", { class: "sg-diff__name", text: "output" }), sitegen.messages.value(made, { fold: false }),
          el("h4", { class: "sg-diff__name", text: "target" }), sitegen.messages.value(target, { fold: false })]
        : sitegen.textdiff.element({ before, after, names: ["output", "target"], mode });
    return el("section", {}, heading("Output against target", before !== after && modes(mode, setMode)), body);
  }

  function valueText(score) {
    if (isSet(score.error)) return el("span", { class: "sg-bad", text: "error" });
    const { value } = score;
    if (!isSet(value)) return el("span", { class: "sg-muted", text: "missing" });
    if (typeof value === "boolean") return el("b", { text: value ? "yes" : "no" });
    if (NON_FINITE.has(value)) return el("b", { class: "sg-bad", text: sitegen.format.number(value) });
    if (typeof value === "number") return el("b", { title: String(value), text: sitegen.format.number(value) });
    return el("b", { text: value });
  }

  function scores(sample) {
    const rows = Object.entries(sample.scores ?? {}).map(([name, score]) =>
      el("div", { class: "sg-sample__score" },
        el("dt", { class: "sg-sample__scorer sg-mono", text: name }),
        el("dd", { class: "sg-sample__value" }, valueText(score)),
        el("dd", { class: "sg-sample__rationale" }, isSet(score.error) && el("p", { class: "sg-bad", text: score.error }),
          isSet(score.rationale) && sitegen.messages.value(score.rationale),
          isSet(score.metadata) && el("details", { class: "sg-fold" },
            el("summary", {}, el("span", { class: "sg-fold__note", text: `metadata ${Object.keys(score.metadata).length}` })),
            el("pre", { class: "sg-code sg-code--wrap", tabindex: "0", text: json(score.metadata) })))));
    return el("section", {}, heading("Scores"), rows.length > 0
      ? el("dl", { class: "sg-sample__scores" }, rows)
      : el("p", { class: "sg-muted", text: "No scorer says anything of this sample." }));
  }

  function annotations(key) {
    const nodes = sitegen.annotations?.nodes(key) ?? [];
    return nodes.length > 0 && el("section", { class: "sg-sample__annotations" }, heading("Annotations"), nodes);
  }

  function metadata(sample) {
    const entries = Object.entries(sample.metadata ?? {});
    return entries.length > 0 && el("details", { class: "sg-fold" },
      el("summary", {}, el("span", { class: "sg-fold__title", text: `Metadata ${entries.length}` })),
      el("dl", { class: "sg-kv sg-kv--params" }, entries.map(([name, value]) => el("div", { class: "sg-kv__pair" },
        el("dt", { class: "sg-kv__name", text: name }),
        el("dd", { class: "sg-kv__value", text: typeof value === "object" && value !== null ? json(value) : String(value) })))));
  }

  function raw(sample) {
    const written = json(sample);
    return el("details", { class: "sg-fold", on: { toggle: (event) => {
      const holder = event.target;
      if (holder.open && holder.querySelector("pre") === null) {
        holder.append(el("pre", { class: "sg-code sg-code--wrap", tabindex: "0", text: written }));
      }
    } } }, el("summary", {}, el("span", { class: "sg-fold__title", text: "Raw sample" }),
      el("span", { class: "sg-fold__note", text: `${sitegen.format.bytes(new TextEncoder().encode(written).length)}, line ${sample.line}` })));
  }

  /** Repeats of the sample side by side, each scorer with its spread. */
  function epochs(options) {
    if (!options.epochs) return false;
    const { grid, rows, row, go } = options.epochs, { number, count } = sitegen.format;
    const scorers = grid.schema.columns.filter(({ kind }) => kind === "score");
    const spread = (name) => {
      const { mean, n } = sitegen.gridView.summary(grid, name, rows);
      const values = rows.map((one) => Number(grid.frame.value(name, one) ?? NaN)).filter(Number.isFinite);
      return n === 0 ? "" : `${number(mean)} (${number(Math.min(...values))} to ${number(Math.max(...values))}, n = ${count(n)})`;
    };
    const cell = (tag, column, one) => { const made = el(tag); sitegen.gridCells.fill(made, grid, column, one); return made; };
    return el("section", {}, heading(`Epochs ${count(rows.length)}`), el("div", { class: "sg-table-frame", tabindex: "0", role: "region", "aria-label": "Epochs" },
      el("table", { class: "sg-table sg-table--compact" },
        el("thead", {}, el("tr", {}, el("th", { scope: "col", text: "Epoch" }), scorers.map(({ label }) => el("th", { scope: "col", text: label })))),
        el("tbody", {}, rows.slice(0, MOST_EPOCHS).map((one) => el("tr", { "aria-current": one === row ? "true" : null, class: one === row ? "sg-table__row--selected" : null },
          el("th", { scope: "row" }, el("button", { type: "button", class: "sg-link", text: String(grid.frame.value("epoch", one)), on: { click: () => go(one) } })),
          scorers.map((column) => cell("td", { ...column, place: null, is_number: false }, one)))),
        el("tr", { class: "sg-table__row--group" }, el("th", { scope: "row", text: "mean (range)" }), scorers.map(({ name }) => el("td", { text: spread(name) })))))));
  }

  function render(sample, options) {
    return [facts(sample), error(sample), input(sample), output(sample, options), scores(sample), epochs(options),
      annotations(options.key), metadata(sample), raw(sample)].filter(Boolean);
  }

  sitegen.sample = { render, MODES: MODES.map(([name]) => name) };
})();

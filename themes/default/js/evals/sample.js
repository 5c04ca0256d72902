/* One sample of an eval as the drawer shows it, made from its payload.
 *
 *   sitegen.sample.render(sample, { key, mode, setMode, epochs }) -> [elements]
 *   sitegen.sample.awaited(grid, row) -> [elements] until the payload is there
 * `sample` is a member of the data file (derive/evals/samples.py: payload_of); `key` finds its annotations,
 * `mode` is how output and target are compared: sides, inline or raw; `setMode(mode)` keeps a choice.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const MODES = [["sides", "Side by side"], ["inline", "Inline"], ["raw", "Raw"]];
  const DEEPEST = 8;
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

  /** What an answer says: text as it is, of messages the last one's; null for other values. */
  function answerText(value) {
    if (typeof value === "string") return value;
    if (!sitegen.messages.is(value)) return null;
    const { content } = value.at(-1);
    if (typeof content === "string") return content;
    const parts = Array.isArray(content) ? content.map((part) => part?.text) : [null];
    return parts.every((part) => typeof part === "string") ? parts.join("\n") : null;
  }
  const comparable = (value) => answerText(value) ?? json(value);

  function modes(mode, setMode, isJson) {
    return el("div", { class: "sg-segments", role: "group", "aria-label": "Comparison" }, MODES.map(([name, label]) =>
      el("button", { type: "button", class: "sg-segments__segment", "aria-pressed": String(name === mode),
        text: isJson && name === "sides" ? "By path" : label,
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
    const values = sitegen.jsondiff.values(answerText(made) ?? made, answerText(target) ?? target);
    const before = comparable(made), after = comparable(target);
    const isEqual = values === null ? before === after : sitegen.jsondiff.rows(...values).every(({ kind }) => kind === "equal");
    const names = ["output", "target"];
    const body = isEqual
      ? [sitegen.messages.value(made), el("p", { class: "sg-good sg-second", text: "Output and target are equal." })]
      : mode === "raw"
        ? [el("h4", { class: "sg-diff__name", text: "output" }), sitegen.messages.value(made, { fold: false }),
          el("h4", { class: "sg-diff__name", text: "target" }), sitegen.messages.value(target, { fold: false })]
        : values !== null && mode === "sides" ? sitegen.jsondiff.element({ before: values[0], after: values[1], names })
          : sitegen.textdiff.element({ before, after, names, mode });
    return el("section", {}, heading("Output against target", !isEqual && modes(mode, setMode, values !== null)), body);
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

  function annotations(sample, { key, name }) {
    const target = { type: "sample", eval: name, sample_id: String(sample.id), epoch: sample.epoch };
    const options = { target, key, anchor: { digest: sample.digest }, label: `sample ${sample.id} of ${name}` };
    if (!sitegen.annotating) return null;
    return el("section", { class: "sg-sample__annotations" },
      sitegen.annotating.section(options, heading("Annotations")), sitegen.offers?.nodes(options, sample));
  }

  /** Nested objects by path, lists of plain values joined, the rest as JSON. */
  function flat(value, path, found) {
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    if (isObject && Object.keys(value).length > 0 && path.split(".").length <= DEEPEST) {
      for (const [key, part] of Object.entries(value)) flat(part, path === "" ? key : `${path}.${key}`, found);
    } else if (Array.isArray(value) && value.every((part) => typeof part !== "object" || part === null)) found.push([path, value.map(String).join(", ")]);
    else found.push([path, typeof value === "object" && value !== null ? json(value) : String(value)]);
    return found;
  }

  function metadata(sample) {
    const entries = flat(sample.metadata ?? {}, "", []).filter(([name]) => name !== "");
    return entries.length > 0 && el("details", { class: "sg-fold" },
      el("summary", {}, el("span", { class: "sg-fold__title", text: `Metadata ${entries.length}` })),
      el("dl", { class: "sg-kv sg-kv--params" }, entries.map(([name, text]) => el("div", { class: "sg-kv__pair" },
        el("dt", { class: "sg-kv__name", text: name }), el("dd", { class: "sg-kv__value", text })))));
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

  function render(sample, options) {
    return [facts(sample), error(sample), input(sample), output(sample, options), scores(sample),
      options.epochs && sitegen.sampleEpochs.section(options.epochs), annotations(sample, options), metadata(sample),
      ...(sample.trace_ids ?? []).map((id, at) => sitegen.sampleTrace.section(id, at)), raw(sample)].filter(Boolean);
  }

  /** What the table says of a sample whose file is not there yet: previews, scores, and that they are not all. */
  function awaited({ frame, isReady, schema }, row) {
    const waiting = el("p", { class: "sg-muted", role: "status", text: "Loading the whole sample" });
    if (!isReady || row === null) return [waiting];
    const read = (name) => frame.value(name, row), scorers = schema.columns.filter(({ kind }) => kind === "score");
    const said = Object.fromEntries(scorers.map(({ name, label }) => [label, { value: read(name) }]).filter(([, { value }]) => isSet(value)));
    const text = (label, value) => isSet(value) && el("section", {}, heading(label), el("p", { class: "sg-muted", text: value }));
    return [facts({ duration_s: read("duration_s"), tags: read("tags"), cluster: read("cluster") }), waiting,
      error({ error: read("error") }), text("Input", read("input")), text("Output", read("output")), scores({ scores: said })].filter(Boolean);
  }

  sitegen.sample = { render, awaited, MODES: MODES.map(([name]) => name) };
})();

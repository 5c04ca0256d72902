/* Trace against trace: totals, the aligned trees with their differences, and what two spans said word by word.
 *
 *   sitegen.traceCompare.draw(host, { sides: [a, b], back })
 * A side is { trace, row, run, hrefOf(spanId | null) }: a trace of trace-data.js, its row of a trace list, the name of its
 * run (null where both are of the page's own) and where it opens. *back* is null where there is no way back.
 */
(() => {
  "use strict";
  const AT_ONCE = 500, INDENT = 14, DEEPEST = 14;
  const time = (us) => sitegen.format.duration_ns(us * 1000);
  const signed = (value, text) => (value === 0 ? "0" : `${value > 0 ? "+" : "−"}${text(Math.abs(value))}`);

  function totals([{ trace: a, row: rowA }, { trace: b, row: rowB }]) {
    const { el } = sitegen.dom, { format } = sitegen;
    const line = (name, left, right, text) => el("tr", {}, el("th", { scope: "row", text: name }),
      ...[left, right].map((value) => el("td", { class: "sg-table__number", text: value === null ? "" : text(value) })),
      el("td", { class: "sg-table__number sg-strong", text: left === null || right === null ? "" : signed(right - left, text) }));
    const cost = (row) => row.cost_usd ?? row.estimated_cost_usd;
    return el("table", { class: "sg-table sg-table--compact sg-compare__totals" },
      el("thead", {}, el("tr", {}, ...["", "A", "B", "B − A"].map((text, at) => el("th", { scope: "col", class: at > 0 ? "sg-table__number" : "", text })))),
      el("tbody", {}, line("Duration", a.payload.duration_us, b.payload.duration_us, time), line("Spans", a.model.count, b.model.count, format.count),
        line("Errors", a.payload.errors, b.payload.errors, format.count), line("Input tokens", a.payload.input_tokens, b.payload.input_tokens, format.count),
        line("Output tokens", a.payload.output_tokens, b.payload.output_tokens, format.count), line("Cost", cost(rowA), cost(rowB), format.money)));
  }

  /** What is different beside the time, in words. */
  function changes(entry, a, b) {
    if (entry.a < 0) return ["only in B"];
    if (entry.b < 0) return ["only in A"];
    const [left, right] = [a.model, b.model].map((model, at) => (name) => model[name][at === 0 ? entry.a : entry.b]);
    return [left("failed") !== right("failed") && (left("failed") ? "failed in A" : "failed in B"), left("name") !== right("name") && "name",
      left("kind") !== right("kind") && "kind", left("tokens") !== right("tokens") && "tokens"].filter(Boolean);
  }
  const stateOf = (entry, words) => (entry.a < 0 ? "added" : entry.b < 0 ? "removed" : words.length > 0 ? "changed" : "same");

  function draw(host, { sides, back }) {
    const { el } = sitegen.dom, { format } = sitegen, [a, b] = sides.map(({ trace }) => trace);
    const entries = sitegen.traceAlign(a.model, b.model).map((entry) => {
      const words = changes(entry, a, b);
      return { ...entry, words, state: stateOf(entry, words) };
    });
    const counts = Object.fromEntries(["added", "removed", "changed", "same"].map((state) => [state, entries.filter((entry) => entry.state === state).length]));
    const only = el("input", { type: "checkbox", class: "sg-check__box", on: { change: () => fill(AT_ONCE) } });
    const body = el("tbody"), more = el("p", { class: "sg-table__foot" }), detail = el("section", { class: "sg-compare__detail", "aria-live": "polite" });
    const name = ({ row, run, hrefOf }, letter) => el("p", {}, el("span", { class: "sg-strong", text: `${letter} ` }),
      el("a", { href: hrefOf(null), text: row.name }),
      el("span", { class: "sg-muted", text: ` ${[run, row.sample, row.started_at === null ? null : format.date(row.started_at), row.id.length > 16 ? `${row.id.slice(0, 8)}…${row.id.slice(-4)}` : row.id].filter(Boolean).join(" · ")}` }));

    function fill(most) {
      const shown = only.checked ? entries.filter(({ state }) => state !== "same") : entries;
      body.replaceChildren(...shown.slice(0, most).map(rowOf));
      more.replaceChildren(...(shown.length > most ? [`${format.count(most)} of ${format.count(shown.length)} spans. `,
        el("button", { type: "button", class: "sg-link", text: `Show ${format.count(AT_ONCE)} more`, on: { click: () => fill(most + AT_ONCE) } })] : []));
    }
    function rowOf(entry) {
      const side = (trace, at, read) => (at < 0 ? null : read(trace.model, at));
      const one = entry.b < 0 ? [a, entry.a] : [b, entry.b];
      const pair = (read, text) => {
        const left = side(a, entry.a, read), right = side(b, entry.b, read);
        return [left, right].map((value) => el("td", { class: "sg-table__number", text: value === null ? "" : text(value) }))
          .concat(el("td", { class: "sg-table__number sg-strong", text: left === null || right === null ? "" : signed(right - left, text) }));
      };
      const indent = el("span", { class: "sg-waterfall__indent" });
      indent.style.width = `${Math.min(entry.depth, DEEPEST) * INDENT}px`;
      const failed = side(...one, (model, at) => model.failed[at]);
      return el("tr", { class: `sg-compare__row sg-compare__row--${entry.state}` },
        el("th", { scope: "row", class: "sg-table__lead" }, el("span", { class: "sg-compare__name" }, indent, el("span", { class: `sg-swatch sg-span--${one[0].model.kind[one[1]]}` }), " ",
          el("button", { type: "button", class: `sg-link${failed ? " sg-bad" : ""}`, text: one[0].model.name[one[1]], on: { click: () => said(entry) } }))),
        el("td", { class: "sg-compare__state" }, entry.words.length > 0 && el("span", { class: entry.state === "changed" ? "sg-differs" : "", text: entry.words.join(", ") })),
        ...pair((model, at) => model.duration[at], time), ...pair((model, at) => model.tokens[at], format.compact));
    }

    async function said(entry) {
      const load = (trace, at) => (at < 0 ? null : sitegen.traceData.detail(trace, at));
      try {
        const [left, right] = await Promise.all([load(a, entry.a), load(b, entry.b)]);
        const texts = [left, right].map((one) => (one === null ? "" : sitegen.traceData.said(one.detail)));
        detail.replaceChildren(el("h4", { text: (entry.b < 0 ? a : b).model.name[entry.b < 0 ? entry.a : entry.b] }), places(entry),
          texts[0] === texts[1] ? el("p", { class: "sg-muted", text: texts[0] === "" ? "Neither records what it was given or gave." : "Both were given and gave the same." })
            : sitegen.textdiff.element({ before: texts[0], after: texts[1], names: ["A", "B"], mode: "sides" }),
          attributes(left?.detail, right?.detail) ?? "");
        detail.scrollIntoView({ block: "nearest" });
      } catch (error) {
        if (!("reason" in error)) throw error;
        detail.replaceChildren(sitegen.store.notice(error, () => said(entry)));
      }
    }
    /** Ways to the span in its own trace. */
    const places = (entry) => el("p", { class: "sg-second" }, [entry.a, entry.b].flatMap((at, side) => (at < 0 ? []
      : [el("a", { href: sides[side].hrefOf(sides[side].trace.model.id[at]), text: `Span in ${"AB"[side]}` }), " "])));
    function attributes(left, right) {
      const texts = [left, right].map((one) => new Map((one?.attributes ?? []).map(([key, value]) => [key, sitegen.traceData.textOf(value)])));
      const keys = [...new Set([...texts[0].keys(), ...texts[1].keys()])].filter((key) => texts[0].get(key) !== texts[1].get(key)).sort();
      if (keys.length === 0) return null;
      const cell = (text) => el("td", { class: "sg-compare__value", text: text === undefined ? "not set" : text.slice(0, 300), title: text?.length > 300 ? `${format.count(text.length)} characters` : null });
      return el("details", { class: "sg-fold" }, el("summary", {}, el("span", { class: "sg-fold__title", text: `Attributes that differ ${format.count(keys.length)}` })),
        el("table", { class: "sg-table sg-table--compact" }, el("tbody", {}, keys.map((key) => el("tr", {}, el("th", { scope: "row", class: "sg-mono", text: key }), cell(texts[0].get(key)), cell(texts[1].get(key)))))));
    }

    const head = (...texts) => texts.map((text) => el("th", { scope: "col", class: "sg-table__number", text }));
    host.append(back === null ? "" : el("button", { type: "button", class: "sg-link", text: "‹ Back to the trace", on: { click: back } }),
      el("header", { class: "sg-traces__head" }, el("h3", { class: "sg-traces__title", tabindex: "-1", text: "Trace against trace" })), name(sides[0], "A"), name(sides[1], "B"), totals(sides),
      el("div", { class: "sg-toolbar" }, el("span", { class: "sg-muted", text: `${format.count(counts.added)} only in B, ${format.count(counts.removed)} only in A, ${format.count(counts.changed)} differ, ${format.count(counts.same)} alike` }),
        el("label", { class: "sg-check" }, only, " Only what differs")),
      el("div", { class: "sg-table-frame", tabindex: "0", role: "region", "aria-label": "Spans of both traces" }, el("table", { class: "sg-table sg-table--compact sg-table--hover" },
        el("thead", {}, el("tr", {}, el("th", { scope: "col", text: "Span" }), el("th", { scope: "col" }), ...head("A", "B", "B − A", "Tokens A", "B", "B − A"))), body)), more, detail);
    fill(AT_ONCE);
  }

  sitegen.traceCompare = { draw };
})();

/* The traces of the same sample in many runs beside each other, each a link.
 *
 *   sitegen.compareTraceSamples.section(runs) -> Promise of a section; sitegen.table.enhance() its table once it is in the page
 * Which trace belongs to which sample is told by the evals (`trace_ids`); durations, tokens and errors come from the
 * columns of each run's list of traces (sitegen/derive/traces: trace-list-core-<block>).
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const MOST_ROWS = 500, NAMES = ["id", "duration_s", "tokens", "errors", "spans"];

  /** Facts of a run's traces by id. */
  async function traces({ data }) {
    if (!data.trace_starts.length) return new Map();
    const frame = sitegen.frame({ n: data.traces.traces, prefix: `${data.slug}/trace-list-`, groups: { core: data.trace_starts }, columns: NAMES.map((name) => ({ name, group: "core" })) });
    await frame.load(NAMES);
    return new Map(Array.from({ length: frame.n }, (_, row) => [frame.value("id", row), Object.fromEntries(NAMES.map((name) => [name, frame.value(name, row) ?? null]))]));
  }

  /** Samples of which two runs or more have a trace: { label, cells: [trace facts | null per run] }. */
  function paired(runs, found) {
    const samples = new Map();
    runs.forEach(({ data }, at) => {
      for (const { eval: name, id, epoch, trace } of data.traced) {
        const key = JSON.stringify([name, id, epoch]);
        if (!samples.has(key)) samples.set(key, { name, label: epoch > 1 ? `${id} · epoch ${epoch}` : id, cells: runs.map(() => null) });
        samples.get(key).cells[at] ??= found[at].get(trace) ?? null;
      }
    });
    return [...samples.values()].filter(({ cells }) => cells.filter(Boolean).length > 1);
  }

  function cell(run, trace, first) {
    if (trace === null) return el("td", { class: "sg-table__number sg-muted", data: { value: "" }, text: "no trace" });
    const { format } = sitegen, duration = trace.duration_s === null ? "no duration" : format.duration_s(trace.duration_s);
    const change = first && first !== trace && first.duration_s !== null && trace.duration_s !== null ? trace.duration_s - first.duration_s : null;
    const more = [trace.tokens !== null && `${format.compact(trace.tokens)} tokens`, `${format.count(trace.spans ?? 0)} spans`, trace.errors > 0 && `${format.count(trace.errors)} errors`].filter(Boolean).join(" · ");
    return el("td", { class: "sg-table__number", data: { value: trace.duration_s ?? "" } }, el("a", { href: `${run.url}#tab=traces&trace=${encodeURIComponent(trace.id)}`, text: duration }),
      change !== null && el("span", { class: "sg-muted", text: ` ${change < 0 ? "−" : "+"}${format.duration_s(Math.abs(change))}` }),
      el("span", { class: `sg-table__second ${trace.errors > 0 ? "sg-bad" : "sg-muted"}`, text: more }));
  }

  function table(runs, samples) {
    const evals = new Set(samples.map(({ name }) => name)), shown = samples.slice(0, MOST_ROWS);
    const element = el("table", { class: "sg-table sg-table--hover sg-table--top sg-comparetable sg-comparetable--numbers", id: "compare-traces",
      data: { table: "", noun: "sample", nounPlural: "samples", statePrefix: "traces", total: String(samples.length) } },
    el("caption", { class: "sg-hidden", text: "Traces of the same sample" }),
    el("thead", {}, el("tr", {}, el("th", { scope: "col", data: { col: "sample" }, text: "Sample" }), evals.size > 1 && el("th", { scope: "col", data: { col: "eval" }, text: "Eval" }),
      runs.map((run) => el("th", { scope: "col", class: "sg-comparetable__run", data: { col: run.key, type: "number", first: "desc" } }, run.letter && `${run.letter} `, sitegen.crosshair.seriesKey(run.ink), ` ${run.name}`)))),
    el("tbody", {}, shown.map(({ name, label, cells }) => el("tr", {}, el("th", { scope: "row", class: "sg-mono", text: label }), evals.size > 1 && el("td", { class: "sg-table__mono", text: name }),
      cells.map((trace, at) => cell(runs[at], trace, cells[0]))))));
    return el("section", { class: "sg-section sg-comparetraces" }, el("header", { class: "sg-section__head" }, el("h3", { text: "Traces of the same sample" }),
      el("span", { class: "sg-section__note", text: `${sitegen.format.count(shown.length)} of ${sitegen.format.count(samples.length)} samples with traces in two runs or more; durations against ${runs[0].name}` })),
    shown.length > 0 ? el("div", { class: "sg-table-frame", tabindex: "0", role: "region", "aria-label": "Traces of the same sample" }, element)
      : el("p", { class: "sg-muted", text: "No sample has a trace in two of the runs. A line of an eval names its traces in trace_ids." }));
  }

  async function section(runs) {
    return table(runs, paired(runs, await Promise.all(runs.map(traces))));
  }

  sitegen.compareTraceSamples = { section };
})();

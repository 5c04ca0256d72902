/* More than two runs: each one's differences to A, and the scores of all samples in all runs.
 *
 *   sitegen.evalMatrix.others(view, choose) -> section: a row per run, the difference to A by scorer
 *   sitegen.evalMatrix.section(view, columns) -> folded section: samples x runs for the chosen scorer
 * view as in eval-scorers.js, with `runs`, whose scores are `columns` in the same order; `choose(run)` makes it B.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const { format } = sitegen;
  const MOST_ROWS = 300;
  const STEPS = 6;

  function others(view, choose) {
    const { runs, columns, comparison } = view, names = comparison.scorers.map(({ name }) => name);
    const rows = runs.slice(1).map((run, at) => {
      const key = sitegen.differences.keyOf(runs[0].key, run.key);
      const found = run === view.b ? comparison : sitegen.evalColumns.compare(columns[0], columns[at + 1], key);
      return el("tr", { class: run === view.b ? "sg-table__row--selected" : null },
        el("th", { scope: "row" }, el("button", { type: "button", class: "sg-linklike", "aria-pressed": String(run === view.b), text: run.name,
          on: { click: () => choose(run) } })),
        el("td", { class: "sg-table__number", text: format.count(found.pair.ids.length) }),
        names.map((name) => cell(found.scorers.find((one) => one.name === name))));
    });
    const head = (text) => el("th", { scope: "col", class: "sg-table__number", text });
    return el("section", { class: "sg-section" },
      el("header", { class: "sg-section__head" }, el("h4", { text: `Differences to ${runs[0].name}` }),
        el("span", { class: "sg-section__note", text: "p adjusted for the scorers of each run (Holm); a run becomes B when chosen" })),
      el("div", { class: "sg-table-frame", tabindex: "0", role: "region", "aria-label": "Differences to A" },
        el("table", { class: "sg-table sg-table--hover" }, el("caption", { class: "sg-hidden", text: "Difference of each run to A by scorer" }),
          el("thead", {}, el("tr", {}, el("th", { scope: "col", text: "Run" }), head("pairs"), names.map(head))), el("tbody", {}, rows))));
  }

  function cell(one) {
    if (one === undefined || one.found.difference === null) return el("td", { class: "sg-table__number sg-muted", text: "missing" });
    const told = sitegen.differenceText.verdict(one), isRatio = one.kind === "boolean", { found } = one;
    const tone = told === "better" ? " sg-good" : told === "worse" ? " sg-bad" : told === "open" ? " sg-muted" : "";
    const text = sitegen.differenceText.change(found.difference, isRatio);
    const under = found.low === null ? "" : `${sitegen.differenceText.interval(found.low, found.high, isRatio)}, p ${sitegen.differenceText.p(one.holm ?? found.p ?? 1)}`;
    return el("td", { class: `sg-table__number${tone}` }, told === "open" ? text : el("b", { text }), el("span", { class: "sg-table__second", text: under }));
  }

  /** Rows by how far the runs are apart, the farthest first. */
  function matrixOf({ scorer, runs }, columns) {
    const ids = [...new Set(columns.flatMap((one) => [...one.rowsById.keys()]))];
    const rows = ids.map((id) => {
      const values = columns.map((one) => {
        const score = one.scores.get(scorer.name), at = one.rowsById.get(id);
        return score === undefined || at === undefined ? NaN : sitegen.evalColumns.averaged(score.values, at);
      });
      const finite = values.filter(Number.isFinite);
      return { id, values, spread: finite.length > 1 ? Math.max(...finite) - Math.min(...finite) : -1 };
    });
    rows.sort((one, other) => other.spread - one.spread);
    return { rows, runs };
  }

  /** The sample's outputs in A and B, beside the flip list. */
  function opener(id) {
    return el("a", { href: sitegen.state.href({ sample: id }), text: id, on: { click: (event) => {
      event.preventDefault();
      sitegen.state.set({ sample: id });
      document.querySelector(".sg-evalcompare__detail")?.scrollIntoView({ block: "center" });
    } } });
  }

  function section(view, columns) {
    const { scorer } = view;
    const fold = el("details", { class: "sg-fold sg-section" }, el("summary", {},
      el("span", { class: "sg-fold__title", text: "Samples × runs" }), el("span", { class: "sg-fold__note", text: `${scorer.name}, where the runs are farthest apart first` })));
    fold.addEventListener("toggle", () => {
      if (fold.open && fold.querySelector("table") === null) fold.append(table(view, columns));
    });
    return fold;
  }

  function table(view, columns) {
    const { scorer } = view, { rows, runs } = matrixOf(view, columns);
    const finite = rows.flatMap(({ values }) => values).filter(Number.isFinite);
    const low = finite.reduce((one, other) => Math.min(one, other), Infinity), high = finite.reduce((one, other) => Math.max(one, other), -Infinity);
    const step = (value) => {
      const ratio = high > low ? (value - low) / (high - low) : 1;
      return 1 + Math.min(STEPS - 1, Math.floor((scorer.sign < 0 ? 1 - ratio : ratio) * STEPS));
    };
    const decimals = format.columnDecimals(finite);
    const told = (value) => (scorer.kind === "boolean" || !Number.isFinite(value) ? sitegen.evalScorers.value(value, scorer) : format.columnText(value, decimals));
    const shown = rows.slice(0, MOST_ROWS), apart = rows.filter(({ spread }) => spread > 0).length;
    return el("div", { class: "sg-table-frame", tabindex: "0", role: "region", "aria-label": "Samples by runs" },
      el("table", { class: "sg-table sg-table--compact sg-matrix" }, el("caption", { class: "sg-hidden", text: `${scorer.name} of each sample in each run` }),
        el("thead", {}, el("tr", {}, el("th", { scope: "col", text: "Sample" }), runs.map((run) => el("th", { scope: "col", class: "sg-matrix__run", title: run.name, text: run.name })))),
        el("tbody", {}, shown.map(({ id, values }) => el("tr", {}, el("th", { scope: "row", class: "sg-table__mono" }, opener(id)),
          values.map((value) => el("td", { class: `sg-matrix__cell sg-matrix__cell--${Number.isFinite(value) ? step(value) : "none"}`, text: told(value) })))))),
      el("p", { class: "sg-table__foot", text: `${format.count(shown.length)} of ${format.count(rows.length)} samples; in ${format.count(apart)} the runs differ.` }));
  }

  sitegen.evalMatrix = { others, section };
})();

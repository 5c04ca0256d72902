/* The comparison as a Markdown table, for a pull request.
 *
 *   sitegen.compareMarkdown.text(view) -> Markdown: what differs in params, final values, means of evals
 *   sitegen.compareMarkdown.section(view) -> section with the text and a button that copies it
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const MOST_CELL = 80;

  /** A text that neither ends its cell nor becomes markup. */
  const plain = (text) => text.replaceAll(/\s+/g, " ").replaceAll(/[\\`*_[\]<>|~#!&@]/g, (sign) => `\\${sign}`);
  function code(text) {
    const cut = (text.length > MOST_CELL ? `${text.slice(0, MOST_CELL)}…` : text).replaceAll(/\s+/g, " ").replaceAll("|", "\\|");
    const fence = "`".repeat(Math.max(0, ...[...cut.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
    return fence.length > 1 ? `${fence} ${cut} ${fence}` : `\`${cut}\``;
  }

  function valueCell(row, at) {
    const text = row.texts[at];
    if (text === null) return "missing";
    const change = sitegen.compareValues.change(row, at);
    return change ? `${text} (${change.sign}${change.text})` : text;
  }

  function text({ runs }) {
    const lines = (rows, cell) => rows.map((row) => `| ${code(row.name)}${row.goal ? (row.goal === "maximize" ? " ↑" : " ↓") : ""} | ${row.texts.map((_, at) => cell(row, at)).join(" | ")} |`);
    const params = sitegen.compareTable.rows(runs, ({ data }) => data.params).filter(({ isSame }) => !isSame);
    const head = [`| | ${runs.map((run, at) => `${plain(run.name)}${at === 0 ? " (baseline)" : ""}`).join(" | ")} |`,
      `| :-- | ${runs.map(() => "--:").join(" | ")} |`];
    return [
      ...head,
      ...lines(params, (row, at) => (row.texts[at] === null ? "not set" : code(row.texts[at]))),
      ...lines(sitegen.compareValues.metrics(runs), valueCell),
      ...lines(sitegen.compareValues.scorers(runs), valueCell),
      "", "Metrics: the best by their goal, else the last. Differences are to the baseline.", "",
    ].join("\n");
  }

  function section(view) {
    const written = text(view);
    return el("section", { class: "sg-section" },
      el("header", { class: "sg-section__head" }, el("h3", { text: "Markdown" }), el("span", { class: "sg-section__note", text: "for a pull request" }),
        el("button", { type: "button", class: "sg-link sg-section__more", data: { copy: written }, text: "Copy" })),
      el("details", { class: "sg-fold" }, el("summary", {}, el("span", { class: "sg-fold__title", text: "Table of params that differ, metrics and evals" })),
        el("pre", { class: "sg-code", tabindex: "0" }, el("code", { text: written }))));
  }

  sitegen.compareMarkdown = { text, section };
})();

/* The repeats of a sample side by side: scores, outputs, and how far they spread.
 *
 *   sitegen.sampleEpochs.section({ grid, rows, row, go }) -> element; `rows` are those of one id, `row` the open one,
 *   go(row) opens another
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const MOST_EPOCHS = 50;

  /** `2 of 3 yes`, `0.26 ± 0.19, 0.06 to 0.45`, `A 2, B 1`. */
  function spread(values) {
    const { number, count } = sitegen.format, found = values.filter((value) => value !== undefined);
    if (found.length === 0) return "";
    if (found.every((value) => typeof value === "boolean")) return `${count(found.filter(Boolean).length)} of ${count(found.length)} yes`;
    const numbers = found.filter((value) => typeof value === "number" && Number.isFinite(value));
    if (numbers.length === found.length) {
      const mean = sitegen.statistics.mean(numbers);
      if (numbers.length === 1) return number(mean);
      const sd = Math.sqrt(sitegen.statistics.sum(numbers.map((one) => (one - mean) ** 2)) / (numbers.length - 1));
      const low = numbers.reduce((a, b) => Math.min(a, b)), high = numbers.reduce((a, b) => Math.max(a, b));
      return low === high ? `${number(mean)} each, n = ${count(numbers.length)}` : `${number(mean, { digits: 3 })} ± ${number(sd, { digits: 2 })}, ${number(low, { digits: 3 })} to ${number(high, { digits: 3 })}, n = ${count(numbers.length)}`;
    }
    const counts = new Map();
    for (const value of found) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1]).slice(0, 5).map(([label, times]) => `${label} ${count(times)}`).join(", ");
  }

  function outputs(grid, rows, cells) {
    const show = () => rows.forEach((row, at) => {
      const text = grid.frame.value("error", row) ?? grid.frame.value("output", row) ?? "";
      cells[at].classList.toggle("sg-bad", grid.frame.value("error", row) !== undefined);
      cells[at].replaceChildren(el("span", { class: "sg-sample__preview", title: text, text }));
    });
    show();
    if (rows.some((row) => !grid.frame.isLoaded("output", row))) grid.frame.load(["output"], rows).then(show, () => {}); // the table tells of missing files
  }

  function section({ grid, rows, row, go }) {
    const { count } = sitegen.format, shown = rows.slice(0, MOST_EPOCHS);
    const scorers = grid.schema.columns.filter(({ kind }) => kind === "score");
    const filled = (column, one) => {
      const cell = el("td");
      sitegen.gridCells.fill(cell, grid, { ...column, place: null, is_number: false }, one);
      return cell;
    };
    const texts = shown.map(() => el("td"));
    const line = (one, at) => el("tr", { "aria-current": one === row ? "true" : null, class: one === row ? "sg-table__row--selected" : null },
      el("th", { scope: "row" }, el("button", { type: "button", class: "sg-link", text: String(grid.frame.value("epoch", one)), on: { click: () => go(one) } })),
      scorers.map((column) => filled(column, one)), texts[at]);
    const foot = el("tr", { class: "sg-table__row--group" }, el("th", { scope: "row", text: "mean ± SD" }),
      scorers.map(({ name }) => el("td", { text: spread(rows.map((one) => grid.frame.value(name, one))) })), el("td"));
    outputs(grid, shown, texts);
    return el("section", {}, el("header", { class: "sg-sample__heading" }, el("h3", { text: `Epochs ${count(rows.length)}` })),
      el("div", { class: "sg-table-frame", tabindex: "0", role: "region", "aria-label": "Epochs" },
        el("table", { class: "sg-table sg-table--compact sg-table--top" }, el("caption", { class: "sg-hidden", text: "Repeats of the sample" }),
          el("thead", {}, el("tr", {}, ["Epoch", ...scorers.map(({ label }) => label), "Output"].map((label) => el("th", { scope: "col", text: label })))),
          el("tbody", {}, shown.map(line), foot))));
  }

  sitegen.sampleEpochs = { section, spread };
})();

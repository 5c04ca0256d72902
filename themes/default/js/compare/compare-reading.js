/* Charts of runs read by keys and by pointer, and as a table.
 *
 *   sitegen.compareReading.attach(picture, { runs, rows, tell(row), mark(row | null), nearest(x, y) }) -> <output>
 *     rows: of *runs*, in the order of the arrow keys; nearest: a row or null; mark draws and takes away a ring or line
 *   sitegen.compareReading.table({ runs, names, title, first, goal }) -> <details>, filled when it is opened
 *     a row a run, a column each of *names*; ordered by the column *first*, the best by *goal* on top
 *   sitegen.compareReading.text(value) -> as people read it
 * Keys in the chart: ← → or ↑ ↓ from run to run, Home, End, Enter opens the run, Escape ends the reading.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const MOST_ROWS = 500;
  let tables = 0;

  const text = (value) => (value === undefined ? "missing" : typeof value === "number" ? sitegen.format.number(value)
    : typeof value === "string" ? value : JSON.stringify(value));

  function attach(picture, { runs, rows, tell, mark, nearest }) {
    const said = el("output", { class: "sg-comparereading" });
    let at = -1, isPinned = false;

    function show(next) {
      at = next;
      const row = rows[at] ?? null;
      mark(row);
      said.replaceChildren(...(row === null ? [] : [el("a", { href: runs[row].url, text: runs[row].name }), ` ${tell(row)}`]));
    }
    const moves = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    const keys = {
      Home: () => show(0), End: () => show(rows.length - 1), Escape: () => show(-1),
      Enter: () => { if (rows[at] !== undefined) location.assign(runs[rows[at]].url); },
    };
    picture.setAttribute("tabindex", "0");
    picture.setAttribute("role", "group");
    picture.setAttribute("aria-roledescription", "chart; arrow keys go from run to run, Enter opens one");
    picture.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || rows.length === 0) return;
      const step = moves[event.key];
      if (step === undefined && keys[event.key] === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      if (step !== undefined) show(Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + step)));
      else keys[event.key]();
    });
    picture.addEventListener("pointermove", (event) => {
      if (isPinned || event.buttons > 0) return;
      const row = nearest(event.offsetX, event.offsetY), next = row === null ? -1 : rows.indexOf(row);
      if (next !== at) show(next);
    });
    picture.addEventListener("click", (event) => { // the reading stays, so that its link can be reached
      const row = nearest(event.offsetX, event.offsetY);
      isPinned = row !== null;
      show(row === null ? -1 : rows.indexOf(row));
    });
    return said;
  }

  /** Rows by the value of a column, the best first; those without one last. */
  function ordered(runs, first, goal) {
    const { values } = sitegen.compareColumns.numbers(runs, first), sign = goal === "maximize" ? -1 : 1;
    const key = (row) => (Number.isFinite(values[row]) ? sign * values[row] : Infinity);
    return [...runs.keys()].sort((a, b) => { const [x, y] = [key(a), key(b)]; return x < y ? -1 : x > y ? 1 : a - b; });
  }

  function cell(value) {
    const isNumber = typeof value === "number";
    return el("td", { class: isNumber ? "sg-table__number" : "sg-table__mono", data: { value: value === undefined ? "" : isNumber ? String(value) : text(value) }, title: isNumber ? sitegen.format.exact(value) : null },
      value === undefined ? el("span", { class: "sg-faint", text: "missing" }) : text(value));
  }

  function element({ runs, names, title, first, goal }) {
    const rows = ordered(runs, first, goal).slice(0, MOST_ROWS), short = sitegen.compareParallel.short;
    const isNumber = (name) => runs.some((run) => typeof run.at(name) === "number");
    const table = el("table", { class: "sg-table sg-table--hover sg-table--compact", id: `compare-points-${tables += 1}`,
      data: { table: "", noun: "run", nounPlural: "runs", statePrefix: "points", total: String(runs.length) } },
    el("caption", { class: "sg-hidden", text: title }),
    el("thead", {}, el("tr", {}, el("th", { scope: "col", data: { col: "name" }, text: "Run" }),
      names.map((name) => el("th", { scope: "col", class: isNumber(name) ? "sg-table__number" : "", title: name, data: { col: name, ...(isNumber(name) ? { type: "number" } : {}) }, text: short(name) })))),
    el("tbody", {}, rows.map((row) => el("tr", {}, el("th", { scope: "row" }, runs[row].letter && `${runs[row].letter} `, el("a", { href: runs[row].url, text: runs[row].name })),
      names.map((name) => cell(runs[row].at(name)))))));
    return { table, left: runs.length - rows.length };
  }

  function table(given) {
    const details = el("details", { class: "sg-fold sg-comparereading__table" }, el("summary", {}, el("span", { class: "sg-fold__title", text: "As a table" }),
      el("span", { class: "sg-fold__note", text: `${sitegen.format.count(given.runs.length)} runs` })));
    details.addEventListener("toggle", () => {
      if (!details.open || details.childElementCount > 1) return;
      const made = element(given);
      details.append(el("div", { class: "sg-table-frame", tabindex: "0", role: "region", "aria-label": given.title }, made.table));
      if (made.left > 0) details.append(el("p", { class: "sg-table__foot", text: `The first ${MOST_ROWS} by ${sitegen.compareParallel.short(given.first)}; the table of runs holds all.` }));
      sitegen.table.enhance(made.table);
    });
    return details;
  }

  sitegen.compareReading = { attach, table, text, ordered };
})();

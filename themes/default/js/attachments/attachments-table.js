/* The view of an attached table: types, figures and a histogram in its head, sorting by a click on a name.
 *
 *   sitegen.attachmentViews.table(view, file) -> element
 * Columns are [name, type, isRight, summary, bars]. The order is `order=<number of the column>:asc|desc` in the URL.
 * Twin of the table in templates/parts/attachments_previews.html.
 */
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});
  const NON_FINITE = /^[+-]?(?:nan|inf|infinity)$/i;
  const BAR = { width: 4, height: 18 };

  /** Twin of `_cell` in pages/run/attachments_tab.py. */
  function cell(value, [, type, isRight]) {
    const { el } = sitegen.dom;
    const attributes = { class: `sg-table__mono${isRight ? " sg-table__number" : ""}` };
    if (value === null || value === "") {
      return el("td", attributes, el("span", { class: "sg-faint", text: value === null ? "missing" : "empty" }));
    }
    if (isRight && NON_FINITE.test(value.trim())) return el("td", attributes, el("span", { class: "sg-bad", text: value }));
    if (type === "bytes") return el("td", { ...attributes, title: `${value} bytes`, text: sitegen.format.bytes(Number(value)) });
    return el("td", { ...attributes, text: value });
  }

  function histogram([name, , , , bars]) {
    if (!bars.length) return null;
    const { svg } = sitegen.dom, width = bars.length * BAR.width;
    return svg("svg", { class: "sg-attachments__bars accent", width, height: BAR.height, viewBox: `0 0 ${width} ${BAR.height}`, role: "img", "aria-label": `Histogram of ${name}` },
      bars.map((percent, at) => {
        const height = percent ? Math.max(1, (percent / 100) * BAR.height) : 0;
        return svg("rect", { class: "sg-fill", x: at * BAR.width, y: BAR.height - height, width: BAR.width - 1, height });
      }));
  }

  /** Numbers by value, the rest as text; NaN, then what is missing, last in both directions. */
  function keys(rows, at, isNumber) {
    return rows.map((row) => {
      const value = row[at];
      if (value === null || value === "") return { rank: 2, key: 0 };
      if (!isNumber) return { rank: 0, key: value };
      const number = Number(value.trim().replace(/^([+-]?)inf(inity)?$/i, "$1Infinity"));
      return Number.isNaN(number) ? { rank: 1, key: 0 } : { rank: 0, key: number };
    });
  }

  function sorted(view, at, direction) {
    const found = keys(view.rows, at, ["int", "float", "bytes", "decimal"].includes(view.columns[at][1]));
    const sign = direction === "desc" ? -1 : 1;
    const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a - b);
    return view.rows.map((_, index) => index).sort((a, b) =>
      found[a].rank - found[b].rank || sign * compare(found[a].key, found[b].key) || a - b);
  }

  /** The order that the URL asks for: [column, direction] or null. */
  function order(view) {
    const [, at, direction] = /^(\d+):(asc|desc)$/.exec(sitegen.state.get("order") ?? "") ?? [];
    return at !== undefined && Number(at) < view.columns.length ? [Number(at), direction] : null;
  }

  function table(view, file) {
    const { el } = sitegen.dom;
    const body = el("tbody");
    const rows = view.rows.map((row, index) => el("tr", {},
      el("td", { class: "sg-table__mono sg-table__number sg-faint", text: index + 1 }),
      row.map((value, at) => cell(value, view.columns[at]))));
    const heads = view.columns.map((column, at) => heading(column, at));
    const marks = heads.map((head) => head.querySelector(".sg-table__mark"));

    function heading(column, at) {
      const [name, type, isRight, summary] = column;
      const mark = el("span", { class: "sg-table__mark", "aria-hidden": "true" });
      const button = el("button", { type: "button", class: "sg-table__sort", on: { click: () => turn(at) } }, name, type && type !== "bytes" ? el("span", { class: "sg-faint", text: ` ${type}` }) : null, mark);
      return el("th", { scope: "col", class: isRight ? "sg-table__number" : null }, button, histogram(column), summary ? el("span", { class: "sg-attachments__summary", text: summary }) : null);
    }

    /** Ascending, descending, as in the file. */
    function turn(at) {
      const now = order(view);
      const next = now?.[0] !== at ? "asc" : now[1] === "asc" ? "desc" : null;
      sitegen.state.set({ order: next && `${at}:${next}` });
      arrange();
    }

    function arrange() {
      const now = order(view);
      heads.forEach((head, at) => {
        const direction = now?.[0] === at ? now[1] : null;
        if (direction) head.setAttribute("aria-sort", direction === "asc" ? "ascending" : "descending");
        else head.removeAttribute("aria-sort");
        marks[at].textContent = { asc: " ▲", desc: " ▼" }[direction] ?? "";
      });
      body.replaceChildren(...(now ? sorted(view, ...now).map((index) => rows[index]) : rows));
    }

    arrange();
    const head = el("tr", {}, el("th", { scope: "col", class: "sg-table__number", text: "#" }), heads);
    return el("div", { class: "sg-table-frame", tabindex: "0", role: "region", "aria-label": file.path },
      el("table", { class: "sg-table sg-table--compact sg-attachments__table" },
        el("caption", { class: "sg-table__caption" }, el("span", { class: "sg-hidden", text: file.path })),
        el("thead", {}, head), body));
  }

  sitegen.attachmentViews = { ...sitegen.attachmentViews, table };
})();

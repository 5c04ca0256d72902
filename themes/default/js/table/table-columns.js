/* Choice of columns for tables of table.js.
 *
 * Markup: <div data-columns-for="runs-table"></div>; on a th: data-fixed (always shown), data-off (hidden
 * until chosen). Rows of such a table have one cell for each column. Hash key `columns`: the names
 * shown, when they differ from the server's choice. Hidden columns carry `hidden` on th and td.
 */
(() => {
  "use strict";

  function addColumns(table) {
    const holder = document.querySelector(`[data-columns-for="${CSS.escape(table.element.id)}"]`);
    const key = table.key("columns");
    const standard = table.columns.filter(({ th }) => !th.hasAttribute("data-off")).map(({ name }) => name);
    const boxes = new Map();
    const summary = sitegen.dom.el("summary", { class: "sg-button" });
    if (holder !== null) holder.append(menu(table, summary, boxes, choose));

    function choose() {
      const names = table.columns.map(({ name }) => name)
        .filter((name) => boxes.get(name)?.checked ?? true);
      const isStandard = names.join("\n") === standard.join("\n");
      sitegen.state.set({ [key]: isStandard ? null : sitegen.state.join(names) });
    }
    function follow() {
      const names = new Set(sitegen.state.get(key) === null ? standard : sitegen.state.list(key));
      let shown = 0;
      for (const column of table.columns) {
        const isShown = column.th.hasAttribute("data-fixed") || names.has(column.name);
        if (isShown) shown += 1;
        if (boxes.has(column.name)) boxes.get(column.name).checked = isShown;
        setHidden(table, column, !isShown);
      }
      summary.replaceChildren(icon(), ` Columns ${shown}`);
    }
    follow();
    sitegen.state.onChange((all, keys) => { if (keys.includes(key)) follow(); });
  }

  function setHidden(table, column, isHidden) {
    if (column.th.hidden === isHidden) return;
    column.th.hidden = isHidden;
    for (const row of table.rows) {
      const cell = table.cell(row, column);
      if (cell) cell.hidden = isHidden;
    }
  }

  function menu(table, summary, boxes, choose) {
    const { el } = sitegen.dom;
    const choices = table.columns.map(({ name, label, th }) => {
      const box = el("input", { type: "checkbox", class: "sg-check__box", checked: true,
        disabled: th.hasAttribute("data-fixed"), on: { change: choose } });
      boxes.set(name, box);
      return el("label", { class: "sg-menu__choice" }, box, ` ${label || name}`);
    });
    return el("details", { class: "sg-menu" }, summary,
      el("div", { class: "sg-menu__panel", role: "group", "aria-label": "Columns" }, choices));
  }

  function icon() {
    const { svg } = sitegen.dom;
    return svg("svg", { class: "sg-icon", width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" },
      svg("rect", { x: 2.5, y: 3.5, width: 11, height: 9, rx: 1 }), svg("path", { d: "M6.2 3.5v9M9.8 3.5v9" }));
  }

  sitegen.table.extend(addColumns);
})();

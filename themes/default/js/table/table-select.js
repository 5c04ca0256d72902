/* Choosing rows, and moving in tables with the keyboard.
 *
 * Markup: <table data-table data-select-key="runs">: a checkbox column is added; the keys of the chosen rows
 * (tr data-key) stand in the hash under that name, in the order of choice. Keys of rows that are not in this
 * table stay. Rows get sg-table__row--selected. Event `sg:selection` on the table, detail { keys }.
 * Keyboard: / filter, j k row (class sg-table__row--current, focus on the row), Enter its first link, x choose,
 * Shift x or Shift and a click choose the rows between. The table with the focus, else the first one in sight.
 *   table.selected() -> [keys] · table.select(keys)
 */
(() => {
  "use strict";

  function addSelection(table) {
    table.element.addEventListener("focusin", (event) => markCurrent(table, event.target.closest("tr")));
    const key = table.element.dataset.selectKey;
    if (key === undefined) return;
    const { el } = sitegen.dom;
    const headBox = el("input", { type: "checkbox", class: "sg-check__box",
      "aria-label": `Select the ${table.nouns} shown` });
    let anchor = null;
    table.head.prepend(el("th", { scope: "col", class: "sg-table__check" }, headBox));
    for (const row of table.rows) {
      const name = (row.element.querySelector("th") ?? row.element).textContent.trim();
      row.box = el("input", { type: "checkbox", class: "sg-check__box", "aria-label": `Select ${name}` });
      row.element.prepend(el("td", { class: "sg-table__check" }, row.box));
      row.box.addEventListener("click", (event) => choose(row, row.box.checked, event.shiftKey));
    }
    headBox.addEventListener("click", () => set(table.shown(), headBox.checked));
    table.element.addEventListener("sg:rows", showHead);

    const selected = () => sitegen.state.list(key);
    const select = (keys) => sitegen.state.set({ [key]: sitegen.state.join(keys) });
    function set(rows, isChosen) {
      const before = selected(), keys = rows.map((row) => row.key);
      select(isChosen ? [...new Set([...before, ...keys])] : before.filter((one) => !keys.includes(one)));
    }
    function choose(row, isChosen, isRange) {
      const shown = table.shown();
      const from = shown.indexOf(anchor), to = shown.indexOf(row);
      const rows = isRange && from >= 0 ? shown.slice(Math.min(from, to), Math.max(from, to) + 1) : [row];
      anchor = row;
      set(rows, isChosen);
      show(); // the box of a range's start may have been set already
    }
    function show() {
      const chosen = new Set(selected());
      for (const row of table.rows) {
        row.box.checked = chosen.has(row.key);
        row.element.classList.toggle("sg-table__row--selected", row.box.checked);
      }
      showHead();
    }
    function showHead() {
      const shown = table.shown();
      const count = shown.filter((row) => row.box.checked).length;
      headBox.checked = count > 0 && count === shown.length;
      headBox.indeterminate = count > 0 && count < shown.length;
    }
    Object.assign(table, { selected, select, toggle: (row, isRange) => choose(row, !row.box.checked, isRange) });
    show();
    sitegen.state.onChange((all, keys) => {
      if (!keys.includes(key)) return;
      show();
      table.element.dispatchEvent(new CustomEvent("sg:selection", { bubbles: true, detail: { keys: selected() } }));
    });
  }

  // Keyboard
  function activeTable() {
    const all = sitegen.table.all();
    return all.find(({ element }) => element.contains(document.activeElement))
      ?? all.find(({ element }) => sitegen.dom.isShown(element)) ?? null;
  }
  const currentRow = (table) => table?.rows.find(({ element }) => element === table.current) ?? null;

  function markCurrent(table, element) {
    if (element === null || element.parentElement !== table.body || table.current === element) return;
    table.current?.classList.remove("sg-table__row--current");
    table.current = element;
    element.classList.add("sg-table__row--current");
  }
  function move(step) {
    const table = activeTable();
    const shown = table.shown();
    const at = shown.findIndex(({ element }) => element === table.current);
    const next = shown[at < 0 ? (step > 0 ? 0 : shown.length - 1)
      : Math.min(shown.length - 1, Math.max(0, at + step))];
    if (next === undefined) return;
    next.element.tabIndex = -1;
    next.element.focus();
    next.element.scrollIntoView({ block: "nearest" });
  }
  function toggle(isRange) {
    const table = activeTable();
    if (currentRow(table) === null) move(1);
    const row = currentRow(table);
    if (row !== null) table.toggle(row, isRange);
  }

  const hasTable = () => activeTable() !== null;
  const canSelect = () => activeTable()?.toggle !== undefined;
  const isOnRow = () => document.activeElement?.matches("tr") && currentRow(activeTable()) !== null;
  const filterInput = () => {
    const input = activeTable()?.filterInput;
    return input && sitegen.dom.isShown(input) ? input : null;
  };
  const bindings = [
    { key: "j", label: "Next row", when: hasTable, run: () => move(1) },
    { key: "k", label: "Previous row", when: hasTable, run: () => move(-1) },
    { key: "Enter", label: "Open the row", when: (event) => event === null ? hasTable() : isOnRow(),
      run: () => document.activeElement.querySelector("a[href]")?.click() },
    { key: "x", label: "Select the row", when: canSelect, run: () => toggle(false) },
    { key: "x", shift: true, label: "Select the rows from the last one", when: canSelect, run: () => toggle(true) },
    { key: "/", label: "Filter", when: () => filterInput() !== null,
      run: () => { filterInput().focus(); filterInput().select(); } },
  ];

  sitegen.table.extend(addSelection);
  for (const binding of bindings) sitegen.keys.add({ group: "Table", ...binding });
})();

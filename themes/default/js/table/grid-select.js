/* Choosing rows of a grid, its keyboard, and differences to the baseline.
 *
 * Markup: <table data-grid data-select-key="runs">: a column of checkboxes; the keys of the chosen rows stand in the
 * hash under that name, in the order of choice. Keys of rows that are not in this table stay.
 * Keyboard: j k ↑ ↓ row, ← → cell or fold, Page Up and Down, Home, End, Enter opens, x chooses, Shift x a range,
 * g groups, b baseline, / filter.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;

  function addSelection(grid) {
    const key = grid.element.dataset.selectKey;
    grid.hasChecks = key !== undefined;
    if (!grid.hasChecks) return;
    let anchor = null, chosen = new Set(), headBox = null;
    const selected = () => sitegen.state.list(key);
    const select = (keys) => sitegen.state.set({ [key]: sitegen.state.join(keys) });
    const keysOf = (line) => (line.group ? line.group.rows : [line.row]).map(grid.keyOf);

    function set(keys, isChosen) {
      const before = selected(), gone = new Set(keys);
      select(isChosen ? [...new Set([...before, ...keys])] : before.filter((one) => !gone.has(one)));
    }
    function choose(index, isChosen, isRange) {
      const from = isRange && anchor !== null ? anchor : index;
      const keys = [];
      for (let at = Math.min(from, index); at <= Math.max(from, index); at += 1) keys.push(...keysOf(grid.lines.at(at)));
      anchor = index;
      set([...new Set(keys)], isChosen);
      show();
    }
    function mark(tr, line) {
      const keys = keysOf(line), count = keys.filter((one) => chosen.has(one)).length;
      const check = tr.querySelector(":scope > .sg-table__check input");
      if (check) {
        check.checked = count > 0 && count === keys.length;
        check.indeterminate = count > 0 && count < keys.length;
      }
      const isChosen = !line.group && count > 0;
      tr.classList.toggle("sg-table__row--selected", isChosen);
      tr.setAttribute("aria-selected", String(isChosen));
    }
    function show() {
      chosen = new Set(selected());
      for (const [index, tr] of grid.trs ?? []) mark(tr, grid.lines.at(index));
      showHead();
    }
    function showHead() {
      if (headBox === null) return;
      let count = 0;
      for (const row of grid.found) if (chosen.has(grid.keyOf(row))) count += 1;
      headBox.checked = count > 0 && count === grid.found.length;
      headBox.indeterminate = count > 0 && count < grid.found.length;
    }
    grid.checkCell = (line) => {
      const name = line.group ? "the group" : grid.frame.value("name", line.row) ?? grid.keyOf(line.row);
      const check = el("input", { type: "checkbox", class: "sg-check__box", "aria-label": `Select ${name}` });
      check.addEventListener("click", (event) => {
        const index = grid.lines.findIndex ? grid.lines.findIndex((one) => one === line) : Number(check.closest("tr").dataset.index);
        choose(index < 0 ? Number(check.closest("tr").dataset.index) : index, check.checked, event.shiftKey);
      });
      const cell = el("td", { class: "sg-table__check sg-grid__pinned" }, check);
      return cell;
    };
    grid.checkHead = () => {
      headBox = el("input", { type: "checkbox", class: "sg-check__box", "aria-label": `Select all ${grid.nouns} shown` });
      headBox.addEventListener("click", () => set([...grid.found].map(grid.keyOf), headBox.checked));
      return el("th", { class: "sg-table__check sg-grid__pinned" }, headBox);
    };
    const decorate = grid.decorate;
    grid.decorate = (tr, line) => { decorate?.(tr, line); queueMicrotask(() => mark(tr, line)); };
    Object.assign(grid, { selected, select, toggle: (index, isRange) => {
      const keys = keysOf(grid.lines.at(index));
      choose(index, isRange || !keys.every((one) => chosen.has(one)), isRange);
    } });
    chosen = new Set(selected());
    grid.element.addEventListener("sg:rows", show);
    sitegen.state.onChange((all, keys) => {
      if (!keys.includes(key)) return;
      show();
      if (grid.isDiffering) grid.refresh();
      grid.element.dispatchEvent(new CustomEvent("sg:selection", { bubbles: true, detail: { keys: selected() } }));
    });
  }

  // Differences
  function define(grid) {
    for (const { name, of, kind } of grid.schema.columns) {
      if (!["delta", "points"].includes(kind)) continue;
      grid.frame.define(name, (row) => {
        const base = grid.baseline === null ? null : grid.rowOf(grid.baseline);
        const value = grid.frame.value(of, row), from = base === null ? undefined : grid.frame.value(of, base);
        return value === undefined || from === undefined ? undefined : value - from;
      });
    }
  }
  const forget = (grid) => {
    for (const { name, kind } of grid.schema.columns) if (["delta", "points"].includes(kind)) grid.frame.forget(name);
  };

  // Keyboard
  const active = () => {
    const all = sitegen.grid.all().filter(({ isReady, element }) => isReady && sitegen.dom.isShown(element));
    return all.find(({ element }) => element.contains(document.activeElement)) ?? all[0] ?? null;
  };
  const isWithin = () => active()?.element.tBodies[0].contains(document.activeElement) === true;
  const isInControl = () => document.activeElement?.matches("a, button, input, summary, select") === true;
  function step(count) {
    const grid = active(), last = grid.lines.length - 1;
    const at = grid.current < 0 ? (count > 0 ? 0 : last) : Math.min(last, Math.max(0, grid.current + count));
    sitegen.gridBody.show(grid, at, { focus: true });
  }
  const page = () => Math.max(1, Math.floor((active().isLong ? active().holder.clientHeight : window.innerHeight) / active().rowPx) - 2);
  function toEnd(isLast) {
    const grid = active();
    sitegen.gridBody.show(grid, isLast ? grid.lines.length - 1 : 0, { focus: true });
  }
  /** On a line that folds: fold, unfold, to the parent; elsewhere from cell to cell. */
  function sideways(way) {
    const grid = active(), line = grid.lines.at(grid.current);
    const onRow = document.activeElement.matches("tr");
    if (line && onRow && line.size > 0 && line.isFolded === (way > 0)) {
      const { current } = grid;
      sitegen.gridBody.fold(grid, line.group?.key ?? grid.keyOf(line.row));
      window.setTimeout(() => sitegen.gridBody.show(grid, current, { focus: true }), 0);
      return;
    }
    const tr = document.activeElement.closest("tr"), cells = [...(tr?.cells ?? [])];
    const next = cells[cells.indexOf(document.activeElement.closest("td, th")) + way];
    if (onRow && way < 0) return;
    const target = onRow ? cells[0] : next;
    if (!target) { if (way < 0) tr?.focus(); return; }
    target.tabIndex = -1;
    target.focus();
  }
  const canSelect = () => active()?.toggle !== undefined && active().lines.length > 0;
  const filterInput = () => (active()?.filterInput && sitegen.dom.isShown(active().filterInput) ? active().filterInput : null);
  const has = () => active() !== null && active().lines.length > 0;
  const bindings = [
    { key: "j", label: "Next row", when: has, run: () => step(1) },
    { key: "k", label: "Previous row", when: has, run: () => step(-1) },
    { key: "ArrowDown", label: "Next row", when: isWithin, run: () => step(1) },
    { key: "ArrowUp", label: "Previous row", when: isWithin, run: () => step(-1) },
    { key: "ArrowRight", label: "Next cell, or unfold", when: isWithin, run: () => sideways(1) },
    { key: "ArrowLeft", label: "Previous cell, or fold", when: isWithin, run: () => sideways(-1) },
    { key: "PageDown", label: "A page on", when: isWithin, run: () => step(page()) },
    { key: "PageUp", label: "A page back", when: isWithin, run: () => step(-page()) },
    { key: "Home", label: "First row", when: isWithin, run: () => toEnd(false) },
    { key: "End", label: "Last row", when: isWithin, run: () => toEnd(true) },
    { key: "Enter", label: "Open the row", when: (event) => (event === null ? has() : isWithin() && !isInControl()),
      run: () => document.activeElement.closest("tr").querySelector("a[href]")?.click() },
    { key: "x", label: "Select the row", when: canSelect, run: () => toggle(false) },
    { key: "x", shift: true, label: "Select the rows from the last one", when: canSelect, run: () => toggle(true) },
    { key: "b", label: "Make the row the baseline", when: () => has() && active().columnOf("key") === null && active().current >= 0 && active().selected !== undefined, run: () => setBaseline(active()) },
    { key: "g", label: "Group", when: () => groupSummary() !== null, run: () => groupSummary().click() },
    { key: "/", label: "Filter", when: () => filterInput() !== null, run: () => { filterInput().focus(); filterInput().select(); } },
  ];
  const groupSummary = () => (active() ? document.querySelector(`[data-group-for="${CSS.escape(active().element.id)}"] summary`) : null);
  function toggle(isRange) {
    if (active().current < 0) step(1);
    active().toggle(active().current, isRange);
  }
  function setBaseline(grid) {
    const line = grid.lines.at(grid.current);
    if (line && !line.group) grid.set({ baseline: grid.keyOf(line.row) === grid.baseline ? null : grid.keyOf(line.row) });
  }

  sitegen.gridDelta = { forget };
  sitegen.grid.extend(addSelection);
  sitegen.grid.extend(define);
  for (const binding of bindings) sitegen.keys.add({ group: "Table", ...binding });
})();

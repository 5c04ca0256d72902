/* The head of a grid: names that sort, grips that resize, columns that stay while the rest scrolls.
 *
 *   sitegen.gridHead.draw(grid) · .widths(grid) lays out the columns · .placePins(grid)
 * A press sorts by a column, with Shift by one more; a third press gives the server's order. Grips are moved with the
 * pointer or, focused, with the arrow keys. A table with many rows has fixed widths, taken from the rows in view once.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const LEAST = 48, MOST = 420, STEP = 16, FOLD = 30, SAMPLE = 40, MOST_LINES = 5_000;
  const UNMARKED = new Set(["delta", "points", "spark"]);

  function draw(grid) {
    const columns = grid.columns();
    const heads = columns.map((column) => headCell(grid, column));
    const row = grid.element.tHead.rows[0];
    const focused = document.activeElement?.closest?.("th")?.dataset.col;
    const isGrip = document.activeElement?.matches?.(".sg-grid__grip");
    row.replaceChildren(...(grid.checkHead ? [grid.checkHead()] : []), ...heads);
    if (focused !== undefined) {
      heads.find((th) => th.dataset.col === focused)?.querySelector(isGrip ? ".sg-grid__grip" : "button")?.focus({ preventScroll: true });
    }
  }

  function headCell(grid, column) {
    const at = grid.sort.findIndex(({ name }) => name === column.name);
    const direction = at < 0 ? startDirection(grid, column) : grid.sort[at].direction;
    const place = at >= 0 && grid.sort.length > 1 ? String(at + 1) : "";
    const mark = direction === null ? "" : `\u00a0${direction === "asc" ? "▲" : "▼"}${place}`;
    const label = [column.label, ...(UNMARKED.has(column.kind) ? [] : sitegen.gridCells.goal(column.goal))];
    const isSortable = !["spark"].includes(column.kind);
    const th = el("th", { scope: "col", title: column.title ?? null, data: { col: column.name },
      class: `${column.is_number ? "sg-table__number" : ""} ${grid.pinned.has(column.name) ? "sg-grid__pinned" : ""} ${column.style ?? ""}`,
      "aria-sort": direction === null ? null : direction === "asc" ? "ascending" : "descending" },
    isSortable ? el("button", { type: "button", class: "sg-table__sort", on: { click: (event) => press(grid, column, event.shiftKey) } },
      label, el("span", { class: "sg-table__mark", "aria-hidden": "true", text: mark })) : label,
    grip(grid, column));
    return th;
  }
  /** The mark of the order in which the server wrote the rows. */
  function startDirection(grid, column) {
    const [, name, direction] = /^(.*):(asc|desc)$/.exec(grid.schema.order) ?? [];
    return grid.sort.length === 0 && grid.startOrder === null && name === column.name ? direction : null;
  }

  function press(grid, column, isMore) {
    const first = column.first === "desc" ? "desc" : "asc";
    const now = grid.sort.find(({ name }) => name === column.name)?.direction ?? null;
    const next = now === null ? first : now === first ? (first === "asc" ? "desc" : "asc") : null;
    const others = isMore ? grid.sort.filter(({ name }) => name !== column.name || next !== null) : [];
    const changed = next === null ? others
      : isMore && now !== null ? others.map((one) => (one.name === column.name ? { ...one, direction: next } : one))
        : [...others, { name: column.name, direction: next }];
    grid.resetScroll = true;
    grid.set({ sort: changed.length === 0 ? null : sitegen.state.join(changed.map(({ name, direction }) => `${name}:${direction}`)) });
  }

  // Widths
  function grip(grid, column) {
    const handle = el("span", { class: "sg-grid__grip", role: "separator", "aria-orientation": "vertical", tabindex: "-1", "aria-valuemin": String(LEAST),
      "aria-label": `Width of ${column.label}`, title: "Drag to resize; double click for the standard width" });
    const now = () => handle.parentElement.offsetWidth;
    handle.addEventListener("pointerdown", (event) => {
      const from = event.clientX, width = now();
      event.preventDefault();
      handle.setPointerCapture(event.pointerId);
      const move = ({ clientX }) => resize(grid, column, width + clientX - from, false);
      handle.addEventListener("pointermove", move);
      handle.addEventListener("pointerup", ({ clientX }) => {
        handle.removeEventListener("pointermove", move);
        if (clientX !== from) resize(grid, column, width + clientX - from, true);
      }, { once: true });
    });
    handle.addEventListener("dblclick", () => { grid.widths.delete(column.name); remember(grid); });
    handle.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      resize(grid, column, now() + step, true);
    });
    return handle;
  }
  function resize(grid, column, px, isDone) {
    if (grid.widths.size === 0) keepWidths(grid);
    grid.widths.set(column.name, Math.round(Math.max(LEAST, px)));
    if (isDone) remember(grid);
    else widths(grid);
  }
  const keepWidths = (grid) => {
    for (const th of grid.element.tHead.rows[0].cells) if (th.dataset.col) measuredOf(grid).set(th.dataset.col, th.offsetWidth);
  };
  const remember = (grid) => grid.set({ widths: sitegen.state.join([...grid.widths].map(([name, px]) => `${name}:${px}`)) });

  /** Fixed widths where rows come and go, or where a reader has chosen one; else the browser lays out. */
  function widths(grid) {
    const isPhone = window.matchMedia("(max-width: 599px)").matches;
    const isFixed = !isPhone && !grid.isPrinting && (grid.isLong || grid.widths.size > 0);
    if (isFixed) measure(grid);
    grid.element.classList.toggle("sg-table--fixed", isFixed);
    const columns = grid.columns();
    const px = (column) => grid.widths.get(column.name) ?? measuredOf(grid).get(column.name) ?? 96;
    const cols = columns.map((column) => {
      const col = el("col");
      if (isFixed) col.style.width = `${px(column)}px`;
      return col;
    });
    const check = grid.hasChecks ? 46 : 0;
    if (grid.hasChecks) {
      cols.unshift(el("col"));
      if (isFixed) cols[0].style.width = `${check}px`;
    }
    grid.columnGroup.replaceChildren(...cols);
    const sum = check + columns.reduce((total, column) => total + px(column), 0);
    grid.element.style.minWidth = isFixed ? `${sum}px` : "";
    placePins(grid);
    requestAnimationFrame(() => tellWidths(grid));
  }
  /** What screen readers say of the grips; read where the browser lays out in any case. */
  function tellWidths({ element }) {
    const grips = element.tHead.querySelectorAll(".sg-grid__grip"), px = Array.from(grips, (grip) => grip.parentElement.offsetWidth);
    grips.forEach((grip, at) => grip.setAttribute("aria-valuenow", String(px[at])));
  }
  /** Groups hold means with their spread, and how many: they have widths of their own. */
  function measuredOf(grid) {
    const grouping = grid.isTree ? "tree" : grid.groupBy.join("\u0001");
    if (grouping === "") return grid.measured;
    if (grid.grouping !== grouping) Object.assign(grid, { grouping, measuredGroups: new Map() });
    return grid.measuredGroups;
  }
  function sampled(grid) {
    const lines = Array.from({ length: Math.min(MOST_LINES, grid.lines.length) }, (_, at) => grid.lines.at(at));
    return [...lines.filter(({ group }) => group).slice(0, SAMPLE), ...lines.filter(({ group }) => !group).slice(0, SAMPLE)];
  }
  /** Widths of columns not seen yet, from their heads and the texts of some rows: nothing is laid out for it. */
  function measure(grid) {
    const measured = measuredOf(grid), lines = sampled(grid);
    grid.columns().forEach((column, at) => {
      if (measured.has(column.name)) return;
      let letters = 0;
      for (const line of lines) {
        const cell = sitegen.gridBody.cell(grid, line, column, at);
        const folds = at === 0 && (line.group || grid.isTree) ? FOLD + 14 * Math.min(line.depth, 20) : 0;
        letters = Math.max(letters, folds + cell.textContent.length * (column.kind === "time" ? 8.4 : 7.2), cell.querySelector("svg:not(.sg-group__fold > *)") ? 92 : 0);
      }
      const head = (column.label.length + (column.goal ? 3 : 0)) * 6.9 + 28;
      const px = Math.round(Math.min(MOST, Math.max(LEAST, letters, head)) + 20);
      measured.set(column.name, Math.max(px, measured === grid.measured ? 0 : grid.measured.get(column.name) ?? 0));
    });
  }

  /** Columns that stay stand at the left one after another. */
  function placePins(grid) {
    const heads = [...grid.element.tHead.rows[0].cells];
    const checks = grid.hasChecks ? 1 : 0;
    const pinned = grid.columns().flatMap((column, at) => (grid.pinned.has(column.name) ? [at + checks] : []));
    let left = checks && pinned.length > 0 ? heads[0].offsetWidth : 0;
    const places = pinned.map((at, place) => {
      const px = left;
      if (place < pinned.length - 1) left += heads[at]?.offsetWidth ?? 0; // a width that is asked for is a layout
      return [at, px];
    });
    for (const [at, px] of places) {
      for (const row of [grid.element.tHead.rows[0], ...grid.trs.values()]) {
        if (row.cells[at]) row.cells[at].style.left = `${px}px`;
      }
    }
  }

  sitegen.gridHead = { draw, widths, placePins, press };
})();

/* The rows of a grid that are in view, between two spacers; focus, and the lines of groups.
 *
 *   sitegen.gridBody.takeOver(grid)   measures the server's table and puts its own rows in place
 *   sitegen.gridBody.draw(grid)       all rows anew · .recolumn(grid, names)  the same rows in other columns than names
 *   sitegen.gridBody.show(grid, index, { focus })    scrolls a line into view
 *   sitegen.gridBody.refill(grid)     the cells of the rows in view, whose data has come
 * A table of up to WHOLE lines is laid out whole and scrolls with the page; a longer one scrolls in its frame.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const WHOLE = 100, AROUND = 10, MOST_PRINTED = 500;

  function takeOver(grid) {
    const { element } = grid;
    grid.measured = new Map([...element.tHead.rows[0].cells].filter((th) => th.dataset.col !== undefined && th.offsetWidth > 0)
      .map((th) => [th.dataset.col, th.offsetWidth]));
    element.classList.remove("sg-table--sticky");
    element.classList.add("sg-grid");
    element.setAttribute("role", "grid");
    grid.body = element.tBodies[0];
    grid.columnGroup = el("colgroup");
    element.tHead.before(grid.columnGroup);
    grid.trs = new Map();
    grid.current = -1;
    const holder = grid.holder;
    holder?.addEventListener("scroll", () => {
      if (grid.isLong) window.requestAnimationFrame(() => window_(grid));
    }, { passive: true });
    if (holder) new ResizeObserver(() => { if (grid.isLong) { grid.viewPx = holder.clientHeight; window_(grid); } }).observe(holder);
    window.addEventListener("beforeprint", () => print(grid, true));
    window.addEventListener("afterprint", () => print(grid, false));
    grid.body.addEventListener("click", (event) => {
      const fold = event.target.closest("[data-fold]");
      if (fold !== null) sitegen.gridBody.fold(grid, fold.dataset.fold);
    });
  }

  /** Where in the lines the frame stands: first, and one after the last to be drawn. */
  function range(grid) {
    const { length } = grid.lines;
    if (!grid.isLong) return [0, length];
    const { holder, rowPx } = grid;
    const first = Math.max(0, Math.floor(holder.scrollTop / rowPx) - AROUND);
    return [first, Math.min(length, first + Math.ceil((grid.viewPx ??= holder.clientHeight) / rowPx) + 2 * AROUND)];
  }

  function draw(grid) {
    const { lines, element, holder } = grid;
    const wasLong = grid.isLong;
    grid.isLong = holder !== null && lines.length > WHOLE && !grid.isPrinting;
    element.classList.toggle("sg-grid--long", grid.isLong);
    holder?.classList.toggle("sg-grid__frame", grid.isLong);
    element.setAttribute("role", grid.isTree || grid.groupBy.length > 0 ? "treegrid" : "grid");
    element.setAttribute("aria-rowcount", String(lines.length + 1));
    element.setAttribute("aria-colcount", String(grid.shownNames.length + (grid.hasChecks ? 1 : 0)));
    grid.trs.clear();
    grid.body.replaceChildren();
    grid.current = Math.min(grid.current, lines.length - 1);
    if (wasLong && grid.isLong && grid.resetScroll) holder.scrollTop = 0;
    grid.resetScroll = false;
    grid.rowPx = grid.rowPx ?? 32;
    if (grid.isLong) grid.body.append(spacer(grid, "endSpace", lines.length * grid.rowPx)); // so that the frame has its height
    if (!wasLong) grid.viewPx = null;
    sitegen.gridHead.widths(grid);
    window_(grid);
    const first = [...grid.trs.values()][0];
    if (first && first.offsetHeight > 0 && Math.abs(first.getBoundingClientRect().height - grid.rowPx) > 0.1) {
      grid.rowPx = first.getBoundingClientRect().height;
      window_(grid);
    }
  }

  function spacer(grid, name, px) {
    let row = grid[name];
    if (px <= 0) { row?.remove(); return null; }
    row ??= grid[name] = el("tr", { class: "sg-grid__space", "aria-hidden": "true" }, el("td"));
    row.firstChild.colSpan = grid.element.tHead.rows[0].cells.length;
    row.firstChild.style.height = `${px}px`;
    return row;
  }

  /** Rows that left the view are taken out, those that came are put in. */
  function window_(grid) {
    const [first, end] = range(grid), { trs, body, rowPx } = grid;
    let hadFocus = false; // asked for at the end: a layout in between would cut the scroll position
    for (const [index, tr] of trs) {
      if (index >= first && index < end) continue;
      hadFocus ||= tr.contains(document.activeElement);
      tr.remove();
      trs.delete(index);
    }
    const top = spacer(grid, "topSpace", grid.isLong ? first * rowPx : 0);
    const bottom = spacer(grid, "endSpace", grid.isLong ? (grid.lines.length - end) * rowPx : 0);
    if (top && body.firstChild !== top) body.prepend(top);
    if (bottom && body.lastChild !== bottom) body.append(bottom);
    let before = top;
    const fresh = [];
    for (let index = first; index < end; index += 1) {
      let tr = trs.get(index);
      if (tr === undefined) {
        tr = rowElement(grid, index);
        trs.set(index, tr);
        fresh.push(index);
        if (before === null) body.prepend(tr); else before.after(tr);
      }
      before = tr;
    }
    if (hadFocus) grid.holder?.focus({ preventScroll: true });
    if (fresh.length > 0) {
      sitegen.gridHead.placePins(grid);
      grid.onRows?.(fresh.map((index) => grid.lines.at(index).row));
    }
  }

  function rowElement(grid, index) {
    const line = grid.lines.at(index), { row, group } = line;
    const tr = el("tr", { "aria-rowindex": index + 2, data: { key: group ? `group ${group.key}` : grid.keyOf(row), index } });
    if (group) tr.classList.add("sg-table__row--group");
    else if (grid.groupBy.length > 0) tr.classList.add("sg-table__row--member");
    if (line.isOther) tr.classList.add("sg-muted");
    if (grid.isTree || grid.groupBy.length > 0) {
      tr.setAttribute("aria-level", String(line.depth + 1));
      if (line.size > 0) tr.setAttribute("aria-expanded", String(!line.isFolded));
    }
    if (index === grid.current) tr.classList.add("sg-table__row--current");
    grid.decorate?.(tr, line);
    fillRow(grid, tr, line);
    return tr;
  }
  function fillRow(grid, tr, line) {
    const cells = grid.columns().map((column, at) => cellElement(grid, line, column, at));
    tr.replaceChildren(...(grid.checkCell ? [grid.checkCell(line)] : []), ...cells);
  }
  function cellElement(grid, line, column, at) {
    const isHead = at === 0;
    const cell = isHead ? el("th", { scope: "row" }) : el("td");
    if (grid.pinned.has(column.name)) cell.classList.add("sg-grid__pinned");
    if (line.group) {
      if (isHead) groupHead(cell, grid, line);
      else sitegen.gridCells.summarise(cell, grid, column, line.group);
    } else sitegen.gridCells.fill(cell, grid, column, line.row);
    if (isHead && grid.isTree) treeHead(cell, grid, line);
    return cell;
  }

  /** Cells of columns that went are taken out, those of columns that came are put in; `before` are the names until now. */
  function recolumn(grid, before) {
    const columns = grid.columns(), shown = new Set(grid.shownNames), were = new Set(before);
    const stay = grid.shownNames.filter((name) => were.has(name));
    if (before.filter((name) => shown.has(name)).some((name, at) => name !== stay[at])) { draw(grid); return; }
    const skipped = grid.checkCell ? 1 : 0;
    for (const [index, tr] of grid.trs) {
      const cells = [...tr.cells];
      before.forEach((name, at) => { if (!shown.has(name)) cells[skipped + at].remove(); });
      columns.forEach((column, at) => {
        if (!were.has(column.name)) tr.insertBefore(cellElement(grid, grid.lines.at(index), column, at), tr.cells[skipped + at] ?? null);
      });
    }
    for (const space of [grid.topSpace, grid.endSpace]) if (space) space.firstChild.colSpan = skipped + columns.length;
    grid.element.setAttribute("aria-colcount", String(skipped + columns.length));
    sitegen.gridHead.widths(grid);
  }

  function foldButton(key, isFolded) {
    const { svg } = sitegen.dom;
    return el("button", { type: "button", class: "sg-group__fold", "aria-label": isFolded ? "Unfold" : "Fold", "aria-expanded": String(!isFolded), data: { fold: key } },
      svg("svg", { class: "sg-icon", width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" },
        svg("path", { d: isFolded ? "m6.5 5 3 3-3 3" : "m5 6.5 3 3 3-3" })));
  }
  function groupHead(cell, grid, { group, isFolded, size }) {
    const names = grid.groupBy.map((name) => grid.columnOf(name));
    const label = names.map((column, at) => {
      const shown = document.createElement("span");
      const value = group.values[at];
      if (value === undefined) shown.append(column.kind === "param" ? "not set" : "missing");
      else sitegen.gridCells.fill(shown, grid, { ...column, is_number: true }, group.rows[0]);
      return names.length === 1 && column.kind === "status" ? shown : el("span", {}, `${column.label} `, [...shown.childNodes]);
    });
    cell.classList.add("sg-table__name", "sg-table__lead");
    cell.append(el("span", { class: "sg-group" }, foldButton(group.key, isFolded),
      el("span", { class: "sg-ellipsis" }, label.flatMap((one, at) => (at > 0 ? [", ", one] : [one]))),
      el("span", { class: "sg-muted sg-second", text: `n = ${sitegen.format.count(size)}` })));
  }
  function treeHead(cell, grid, line) {
    const content = [...cell.childNodes];
    const holder = el("span", { class: "sg-group" }, line.size > 0 ? foldButton(grid.keyOf(line.row), line.isFolded)
      : el("span", { class: "sg-group__none" }), el("span", { class: "sg-ellipsis" }, content));
    holder.style.paddingInlineStart = `${14 * Math.min(line.depth, 20)}px`;
    cell.replaceChildren(holder);
  }
  function fold(grid, key) {
    const folded = new Set(grid.folded);
    if (!folded.delete(key)) folded.add(key);
    grid.set({ fold: sitegen.state.join(folded) });
  }

  function show(grid, index, { focus = false } = {}) {
    if (index < 0 || index >= grid.lines.length) return null;
    const { holder, rowPx } = grid;
    grid.trs.get(grid.current)?.classList.remove("sg-table__row--current");
    grid.current = index;
    if (grid.isLong) {
      const head = grid.element.tHead.offsetHeight, top = index * rowPx;
      if (top < holder.scrollTop) holder.scrollTop = top;
      else if (top + rowPx + head > holder.scrollTop + holder.clientHeight) holder.scrollTop = top + rowPx + head - holder.clientHeight;
      window_(grid);
    }
    const tr = grid.trs.get(index);
    tr?.classList.add("sg-table__row--current");
    if (focus && tr) {
      tr.tabIndex = -1;
      tr.focus({ preventScroll: grid.isLong });
    }
    if (!grid.isLong) tr?.scrollIntoView({ block: "nearest" });
    return tr ?? null;
  }

  function refill(grid) {
    for (const [index, tr] of grid.trs) {
      if (!tr.contains(document.activeElement) || document.activeElement === tr) {
        fillRow(grid, tr, grid.lines.at(index));
        grid.decorate?.(tr, grid.lines.at(index));
      }
    }
    sitegen.gridHead.placePins(grid);
  }

  /** On paper the first rows stand whole. */
  function print(grid, isPrinting) {
    if (grid.lines.length <= WHOLE) return;
    grid.isPrinting = isPrinting;
    grid.linesBefore ??= grid.lines;
    grid.lines = isPrinting ? Array.from({ length: Math.min(MOST_PRINTED, grid.linesBefore.length) }, (_, at) => grid.linesBefore.at(at)) : grid.linesBefore;
    if (!isPrinting) grid.linesBefore = null;
    draw(grid);
  }

  sitegen.gridBody = { takeOver, draw, recolumn, show, refill, fold, cell: cellElement };
})();

/* What stands in a cell of a grid, by the kind of its column, and the same as plain values for files.
 *
 *   sitegen.gridCells.fill(cell, grid, column, row)     content and classes of one cell
 *   sitegen.gridCells.summarise(cell, grid, column, group)   the same over the rows of a group
 *   sitegen.gridCells.status(word) · .mark(word) · .goal(goal) · .define(kind, fill)
 * Everything is written as text; a column is { name, kind, is_number, goal, of, scale } (sitegen/pages/grid.py).
 */
(() => {
  "use strict";
  const { el, svg } = sitegen.dom;
  const kinds = {};

  function mark(word) {
    const box = { class: `sg-status__mark sg-status--${word}`, width: 12, height: 12, viewBox: "0 0 12 12", "aria-hidden": "true" };
    const disc = svg("circle", { class: "sg-fill", cx: 6, cy: 6, r: 6 });
    const sign = (d) => svg("path", { class: "sg-status__sign", d });
    const ring = (more) => svg("circle", { class: `sg-status__ring ${more}`, cx: 6, cy: 6, r: 5 });
    switch (word) {
      case "completed": return svg("svg", box, disc, sign("m3.6 6.2 1.7 1.7 3.2-3.5"));
      case "failed": return svg("svg", box, disc, sign("m4.2 4.2 3.6 3.6M7.8 4.2 4.2 7.8"));
      case "running": return svg("svg", box, ring("sg-status__ring--rest"), svg("path", { class: "sg-status__ring", d: "M6 1a5 5 0 0 1 5 5" }));
      case "killed": return svg("svg", box, svg("path", { class: "sg-fill", "fill-rule": "evenodd",
        d: "M2 .5h8A1.5 1.5 0 0 1 11.5 2v8a1.5 1.5 0 0 1-1.5 1.5H2A1.5 1.5 0 0 1 .5 10V2A1.5 1.5 0 0 1 2 .5ZM4 4v4h4V4Z" }));
      default: return svg("svg", box, ring("sg-status__ring--dashed"));
    }
  }
  const status = (word) => el("span", { class: `sg-status sg-status--${word}` }, mark(word), ` ${word}`);
  const goal = (way) => (way ? [` ${way === "maximize" ? "↑" : "↓"}`,
    el("span", { class: "sg-hidden", text: `, ${way === "maximize" ? "higher" : "lower"} is better` })] : []);

  const exact = (value) => sitegen.format.exact(value);
  const tags = (list) => el("span", { class: "sg-tags" }, list.map((text) => el("span", { class: "sg-tag", text })));

  // Runs
  kinds.name = (cell, { grid, row, value }) => {
    const root = document.documentElement.dataset.root ?? "";
    const url = grid.frame.value("url", row);
    const badge = (text, tone) => ["\u2002", el("span", { class: `sg-badge${tone ? ` sg-badge--${tone}` : ""}`, text })];
    const errors = grid.frame.value("errors", row) ?? 0;
    const marks = (grid.frame.value("marks", row) ?? []).filter((word) => word !== "baseline");
    if (grid.keyOf(row) === grid.baseline) marks.push("baseline");
    cell.classList.add("sg-table__name", "sg-table__lead");
    cell.append(url === undefined ? value : el("a", { href: root + url, title: value, text: value }),
      ...marks.flatMap((word) => badge(word)),
      ...(errors > 0 ? badge(`${errors} ${errors === 1 ? "error" : "errors"}`, "bad") : []));
  };
  kinds.status = (cell, { value }) => cell.append(status(value));
  kinds.param = (cell, { grid, column, row, value }) => {
    if (!column.is_number) cell.classList.add("sg-table__mono");
    if (value === undefined) { cell.classList.add("sg-muted"); cell.append("not set"); return; }
    const written = grid.frame.value(`text:${column.name}`, row);
    const text = written ?? (typeof value === "number" ? String(value) : JSON.stringify(value)), short = sitegen.format.param(value, text);
    if (short !== text) cell.title = text;
    cell.append(short);
  };
  function number(cell, { grid, column, value }) {
    if (value === undefined) return;
    if (!Number.isFinite(value)) cell.classList.add("sg-bad");
    cell.title = exact(value);
    cell.append(sitegen.format.columnText(value, grid.decimals(column)));
  }
  kinds.metric = number;
  kinds.ratio = (cell, { value }) => {
    if (value === undefined) return;
    cell.title = exact(value);
    cell.append(sitegen.format.percent(value));
  };
  function delta(cell, { grid, column, row, value }) {
    if (grid.baseline !== null && grid.keyOf(row) === grid.baseline) {
      cell.classList.add("sg-muted");
      cell.append("baseline");
      return;
    }
    if (value === undefined || !Number.isFinite(value)) return;
    if (value !== 0 && column.goal) cell.classList.add((value < 0) === (column.goal === "minimize") ? "sg-good" : "sg-bad");
    cell.title = exact(value);
    const of = grid.columnOf(column.of) ?? column;
    cell.append(value === 0 ? "0" : column.kind === "points" ? sitegen.format.points(value)
      : `${value > 0 ? "+" : ""}${sitegen.format.columnText(value, grid.decimals(of))}`);
  }
  kinds.delta = delta;
  kinds.points = delta;
  kinds.spark = (cell, { column, value }) => {
    if (value !== undefined) cell.append(sitegen.spark.element(value, { goal: column.goal, label: `${column.label} of the run` }));
  };

  // Any table
  kinds.text = (cell, { value }) => { if (value !== undefined) { cell.title = String(value); cell.append(String(value)); } };
  kinds.code = (cell, data) => { cell.classList.add("sg-table__mono"); kinds.text(cell, data); };
  kinds.tags = (cell, { value }) => { if (value?.length) { cell.title = value.join(", "); cell.append(tags(value)); } };
  const formatted = (format) => (cell, { value }) => {
    if (value === undefined) return;
    cell.title = exact(value);
    cell.append(sitegen.format[format](value));
  };
  kinds.count = formatted("count");
  kinds.compact = formatted("compact");
  kinds.money = formatted("money");
  kinds.bytes = formatted("bytes");
  kinds.duration = (cell, { value }) => {
    if (value === undefined) return;
    cell.classList.add("sg-table__date");
    cell.title = `${exact(value)} s`;
    cell.append(sitegen.format.duration_s(value));
  };
  kinds.time = (cell, { grid, value }) => {
    if (value === undefined) return;
    cell.classList.add("sg-table__date");
    const isOther = new Date(value).getUTCFullYear() !== grid.latestYear();
    const text = sitegen.format.date(value, { year: isOther, time: !isOther, zone: false });
    cell.append(el("time", { datetime: new Date(value).toISOString().replace(".000Z", "Z"), text }));
  };

  function fill(cell, grid, column, row) {
    const value = grid.frame.value(column.name, row);
    if (column.is_number) cell.classList.add("sg-table__number");
    if (column.place) cell.classList.add(`sg-table__${column.place}`);
    if (value === undefined && !grid.frame.isLoaded(column.of ?? column.name, row)) {
      cell.classList.add("sg-muted");
      cell.append("…");
      return;
    }
    (kinds[column.kind] ?? kinds.text)(cell, { grid, column, row, value });
  }

  /** Mean ± SE of numbers with their n where it is not all, one value where all agree, else how many values. */
  function summarise(cell, grid, column, group) {
    const { mean: sum, se, n, distinct } = sitegen.gridView.summary(grid, column.name, group.rows);
    const mean = se !== null && Math.abs(sum) < se * 1e-9 ? 0 : sum; // what is left of differences that cancel
    if (column.is_number) cell.classList.add("sg-table__number");
    if (column.place) cell.classList.add(`sg-table__${column.place}`);
    if (["spark", "name"].includes(column.kind)) return;
    if (distinct === 1) { fill(cell, grid, column, group.rows[0]); return; }
    if (!column.is_number || column.kind === "time" || n === 0 || column.kind === "param") {
      cell.classList.add("sg-muted");
      cell.append(column.kind === "status" ? counts(grid, group.rows) : `${distinct}${distinct < sitegen.gridView.MOST_DISTINCT ? "" : "+"} values`);
      return;
    }
    const shown = document.createElement("span");
    (kinds[column.kind] ?? kinds.text)(shown, { grid: { ...grid, keyOf: () => "" }, column, row: group.rows[0], value: mean });
    cell.classList.add(...[...shown.classList].filter((name) => name !== "sg-table__date"));
    cell.append(...shown.childNodes);
    const spread = se === null ? "" : ` ± ${spreadText(grid, column, se)}`;
    const missing = n < group.rows.length ? `, n = ${n}` : "";
    cell.append(el("span", { class: "sg-muted", text: spread + missing }));
    cell.title = `mean ${exact(mean)}${se === null ? "" : `, standard error ${exact(se)}`}, n = ${n} of ${group.rows.length}`;
  }
  function spreadText(grid, column, se) {
    if (column.kind === "ratio") return sitegen.format.percent(se);
    if (column.kind === "points") return sitegen.format.points(se).replace("+", "");
    if (column.kind === "duration") return sitegen.format.duration_s(se);
    if (["money", "bytes", "count"].includes(column.kind)) return sitegen.format[column.kind === "count" ? "number" : column.kind](se);
    return sitegen.format.number(se, { digits: 2 });
  }
  function counts(grid, rows) {
    const byWord = new Map();
    for (const row of rows) {
      const word = grid.frame.value("status", row);
      byWord.set(word, (byWord.get(word) ?? 0) + 1);
    }
    return el("span", { class: "sg-counts" }, [...byWord].sort((a, b) => b[1] - a[1]).map(([word, count]) =>
      el("span", { class: `sg-status sg-status--${word}`, title: `${count} ${word}` }, mark(word), ` ${count}`)));
  }

  sitegen.gridCells = { fill, summarise, mark, status, goal, tags, define: (kind, run) => { kinds[kind] = run; } };
})();

/* Cells of the table of samples, as templates/parts/evals_table.html writes them.
 *
 * Kinds: sample input output target score said seconds epoch value trace (see js/table/grid-cells.js). Previews that are not
 * there yet stay the server's own where it has written the row.
 */
(() => {
  "use strict";
  const { el, svg } = sitegen.dom;
  const { define, tags } = sitegen.gridCells;
  const BAR = 64;
  const isSet = (value) => value !== undefined && value !== null;
  const ellipsis = (text) => el("span", { class: "sg-ellipsis", text });

  define("sample", (cell, { grid, row, value }) => {
    const epoch = grid.frame.value("epoch", row);
    cell.classList.add("sg-evals__id");
    cell.append(el("a", { href: sitegen.state.href({ tab: "evals", eval: grid.evalName, sample: value, epoch }), text: value }));
  });
  define("epoch", (cell, { value }) => {
    cell.dataset.label = "epoch";
    cell.append(String(value));
  });
  const previewed = (kind, fill) => define(kind, (cell, data) => { cell.classList.add(`sg-evals__${kind === "input" ? "input" : "output"}`); fill(cell, data); });
  previewed("input", (cell, { value }) => cell.append(ellipsis(value ?? "")));
  previewed("target", (cell, { value }) => { cell.classList.add("sg-evals__aside"); cell.append(ellipsis(value ?? "")); });
  previewed("output", (cell, { grid, row, value }) => {
    const error = grid.frame.value("error", row);
    if (error !== undefined) cell.classList.add("sg-bad");
    cell.append(ellipsis(error ?? value ?? ""));
  });

  function warning() {
    return svg("svg", { class: "sg-icon", width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" },
      svg("path", { d: "M8 2.5 14.5 13.5h-13ZM8 6.5v3.5M8 11.7v.3" }));
  }
  const sign = (d) => svg("svg", { class: "sg-icon", width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d }));
  const yesNo = (value) => el("span", { class: `sg-score ${value ? "sg-good" : "sg-bad"}` },
    sign(value ? "m3.5 8.5 3 3 6-7" : "m4.5 4.5 7 7m0-7-7 7"), ` ${value ? "yes" : "no"}`);

  function bar(value, scale) {
    if (!scale || !Number.isFinite(value)) return null;
    const width = Math.round((10 * BAR * (value - scale[0])) / (scale[1] - scale[0])) / 10;
    return svg("svg", { class: "sg-scorebar s1", width: BAR, height: 3, viewBox: `0 0 ${BAR} 3`, "aria-hidden": "true" },
      svg("rect", { class: "sg-fill track", width: BAR, height: 3 }), svg("rect", { class: "sg-fill", width: Math.max(0, width), height: 3 }));
  }
  /** Decimals for all numbers of a scorer; null where sizes differ too much for one. */
  function decimals(grid, name) {
    const known = grid.scoreDecimals ??= new Map();
    if (!known.has(name)) {
      let most = 0;
      for (const row of grid.startRows.slice(0, 500)) {
        const value = grid.frame.value(name, row);
        if (typeof value !== "number" || !Number.isFinite(value) || value === 0) continue;
        if (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e4) { most = null; break; }
        most = Math.max(most, (sitegen.format.number(value, { digits: 3 }).split(".")[1] ?? "").length);
      }
      known.set(name, most);
    }
    return known.get(name);
  }
  function number(grid, column, value) {
    const places = decimals(grid, column.name);
    const text = places === null || !Number.isFinite(value) ? sitegen.format.number(value)
      : (value < 0 ? "\u2212" : "") + Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });
    return el("span", { class: `sg-evals__number${Number.isFinite(value) ? "" : " sg-bad"}`, title: sitegen.format.exact(value) }, text, bar(value, column.scale));
  }

  define("score", (cell, { grid, column, row, value }) => {
    const kind = value === undefined ? (grid.frame.value(`error:${column.name}`, row) ? "error" : "missing")
      : typeof value === "boolean" ? "boolean" : typeof value === "number" ? "number" : "label";
    cell.classList.add("sg-evals__score", `sg-evals__score--${kind}`);
    cell.dataset.label = column.label;
    if (kind === "error") cell.append(el("span", { class: "sg-score sg-bad" }, warning(), " error"));
    else if (kind === "missing") cell.append(el("span", { class: "sg-muted", text: "missing" }));
    else if (kind === "boolean") cell.append(yesNo(value));
    else if (kind === "number") cell.append(number(grid, column, value));
    else cell.append(el("span", { class: "sg-ellipsis", title: value, text: value }));
  });
  const figure = (kind, format, unit) => define(kind, (cell, { value }) => {
    cell.classList.add("sg-muted", "sg-evals__aside");
    if (!isSet(value)) return;
    cell.title = sitegen.format.exact(value) + unit;
    cell.append(sitegen.format[format](value));
  });
  figure("compact", "compact", "");
  figure("seconds", "duration_s", " s");
  figure("money", "money", "");
  define("said", (cell, { value }) => {
    cell.classList.add("sg-muted", "sg-second");
    if (isSet(value)) cell.append(el("span", { class: "sg-ellipsis sg-evals__said", title: value, text: value }));
  });
  define("value", (cell, { value }) => {
    if (value === undefined) return;
    const text = typeof value === "number" ? sitegen.format.number(value) : String(value);
    cell.title = typeof value === "number" ? sitegen.format.exact(value) : text;
    cell.append(Array.isArray(value) ? tags(value) : ellipsis(text));
  });
  define("trace", (cell, { value }) => {
    if (isSet(value)) cell.append(el("a", { href: sitegen.state.href({ tab: "traces", trace: value, sample: null, epoch: null, eval: null }), text: "Trace" }));
  });

  sitegen.sampleCells = { yesNo };
})();

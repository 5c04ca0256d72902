// The curves of a chart (curves.js) as a table and as CSV.
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const lastFinite = (values) => values.findLastIndex(Number.isFinite);

  /** A row for each line: how many points, its last, smallest and largest value. */
  function table(metric, { lines, isMean }, settings) {
    const { el } = sitegen.dom, { number, count } = sitegen.format;
    const cell = (text) => el("td", { class: "sg-table__number", text });
    const rows = lines.map((line) => {
      const y = [...line.y], at = lastFinite(y), { low, high } = sitegen.curveMeans.summary(y);
      const band = isMean && at >= 0 && Number.isFinite(line.low[at]) ? `${number(line.low[at])} to ${number(line.high[at])}` : "";
      return el("tr", {}, el("th", { scope: "row" }, line.url ? el("a", { href: line.url, text: line.name }) : line.name),
        isMean && cell(String(line.size)), cell(count(line.count)), cell(at < 0 ? "" : number(y[at])), isMean && cell(band),
        cell(number(low)), cell(number(high)));
    });
    const band = sitegen.curveChart.BANDS[settings.band];
    const heads = isMean ? ["Group", "Runs", "Points", "Last mean", `Its ${band}`, "Smallest mean", "Largest mean"] : ["Run", "Points", "Last", "Min", "Max"];
    return el("div", { class: "sg-chart__points", tabindex: "0", role: "region", "aria-label": `Values of ${metric}` },
      el("table", { class: "sg-table sg-table--compact" }, el("caption", { class: "sg-hidden", text: `Values of ${metric}` }),
        el("thead", {}, el("tr", {}, heads.map((text, i) => el("th", { scope: "col", class: i ? "sg-table__number" : "", text })))),
        el("tbody", {}, rows)));
  }

  /** The points that are drawn, a line each. */
  function csv(metric, { lines, isMean, axis }, { x, band }) {
    const { cell } = sitegen.metricTable;
    const place = axis.title ?? (isMean || x === "step" ? "step" : x === "wall" ? "unix_ms" : `time${(axis.suffix ?? "").replace(" ", "_")}`);
    const heads = isMean ? ["group", place, `mean ${metric}`, `low (${band})`, `high (${band})`, "n"] : ["run", place, metric];
    let text = `${heads.map(cell).join(",")}\n`;
    for (const line of lines) {
      const name = cell(line.name);
      for (let i = 0; i < line.y.length; i += 1) {
        text += `${[name, line.x[i], line.y[i], ...(isMean ? [line.low[i], line.high[i], line.n[i]] : [])].join(",")}\n`;
      }
    }
    return text;
  }

  /** Whether points of runs are published that are not drawn. */
  const isCut = ({ lines, isMean }) => !isMean && lines.some(({ series, points }) => series?.isExact && points.values.length < series.count);

  /** Every published point of the runs, by step, as a file. */
  async function saveWhole(metric, { lines }) {
    const { cell, fileName, pieces, timeText } = sitegen.metricTable, many = lines.filter(({ series }) => series);
    const hasTimes = many.some(({ series }) => series.whole.times);
    const parts = [`${["run", "step", ...(hasTimes ? ["time"] : []), cell(metric)].join(",")}\n`];
    for (const { name, series } of many) {
      const row = ({ steps, times, values }, i) => [cell(name), steps[i], ...(hasTimes ? [times ? timeText(times[i]) : ""] : []), values[i]].join(",");
      for await (const points of pieces(series)) parts.push(`${Array.from(points.values, (_, i) => row(points, i)).join("\n")}\n`);
    }
    sitegen.dom.download(fileName(metric), "text/csv;charset=utf-8", ...parts);
  }

  sitegen.curveTable = { table, csv, isCut, saveWhole };
})();

// The points behind a chart of the Metrics tab: for its view, as a table, as CSV.
//
// A chart here is {metric, drawn, isFull, plot, values, extra, settings()} (see metrics.js).
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  // Opened once per metric, however often it is redrawn.
  function seriesOf(chart) {
    const { key, name } = chart.metric;
    chart.series ||= sitegen.store.get(key).then(({ series }) => sitegen.series.open(series[name], key));
    chart.series.catch(() => {
      chart.series = null;
    });
    return chart.series;
  }

  /** The points for what the chart shows: the whole series, or what a zoom or a large window asks for. */
  async function pointsOf(chart) {
    const series = await seriesOf(chart);
    const view = chart.drawn.view();
    if (!view && !chart.isFull) return series.whole;
    const { x, back } = sitegen.placing.of(series.whole, chart.settings());
    const [from, to] = (view || [-Infinity, Infinity]).map(back);
    return series.view(Math.min(from, to), Math.max(from, to), { x, pixels: chart.plot.clientWidth });
  }

  /** The table of the points in view, if it is open. */
  async function showTable(chart) {
    const { values, metric } = chart;
    if (!values.open) return;
    const turn = (chart.tableTurn = (chart.tableTurn || 0) + 1);
    let made = null;
    try {
      made = sitegen.metricTable.table(metric.name, await rowsOf(chart, sitegen.metricTable.MOST_ROWS));
    } catch (error) {
      made = sitegen.store.notice(error, () => showTable(chart));
    }
    if (turn !== chart.tableTurn) return;
    chart.table?.remove();
    chart.table = made;
    values.append(made);
  }

  /** The first `most` points in view as they were logged, or those drawn where no others are published. */
  async function rowsOf(chart, most) {
    const [series, points] = [await seriesOf(chart), await pointsOf(chart)];
    const [from, to] = points.range;
    if (!series.isExact) return { ...points, of: points.count };
    return { ...(await series.rows(from, Math.min(to, from + most))), of: to - from };
  }

  /** The points in view as a file, or the whole series. */
  async function saveCsv(chart, isView) {
    const { metricTable } = sitegen;
    try {
      const series = await seriesOf(chart);
      const points = isView ? await pointsOf(chart) : series.whole;
      await metricTable.save(chart.metric.name, series, points);
    } catch (error) {
      chart.extra.replaceChildren(sitegen.dom.el("span", { class: "sg-bad", text: error.message }));
    }
  }

  sitegen.metricData = { series: seriesOf, points: pointsOf, showTable, saveCsv };
})();

// Zooming: what a drag over a chart chooses, for all charts of its group, and the way back by a double click.
//
// A chart here is that of chart.js: {canvas, spec, view, onView, handle}.
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const MARGIN = 0.06; // of the height, above and below the curve

  // After a zoom or a pan: the x values in view. Charts of its group that have the same axis follow.
  function heard(chart, changes) {
    const { xaxis: axis, yaxis } = chart.canvas._fullLayout;
    // A drag over a box chooses the y values too; one along the x axis leaves them to be fitted.
    chart.yRange = "yaxis.range[0]" in changes ? [...yaxis.range] : null;
    const range = axis.range.map((end) => (axis.type === "log" ? 10 ** axis.r2l(end) : axis.r2l(end)));
    const found = sitegen.figure.extent(chart.spec.series.map((one) => one.x));
    const isWhole = !found || (range[0] <= found[0] && range[1] >= found[1]);
    showInGroup(chart, isWhole ? null : range);
  }

  function showInGroup(chart, view) {
    if (String(view) === String(chart.view)) return;
    const isAlike = ({ spec }) =>
      spec?.group && !chart.spec.isAlone && ["group", "revision"].every((key) => spec[key] === chart.spec[key]) &&
      spec.x.suffix === chart.spec.x.suffix;
    const others = sitegen.chart.all().filter((one) => one !== chart && isAlike(one));
    for (const one of others) one.yRange = null;
    for (const one of [chart, ...others]) one.handle.show(view);
    chart.onView?.(view);
  }

  // Back to all of the series; the y axis, which a box may have zoomed too, is free again.
  async function reset(chart) {
    chart.yRange = null;
    showInGroup(chart, null);
    const range = sitegen.figure.range(chart.spec.x, chart.spec.series);
    const whole = range ? { "xaxis.range": range } : { "xaxis.autorange": true };
    await window.Plotly.relayout(chart.canvas, { ...whole, "yaxis.autorange": true });
  }

  /** Called after the first drawing. */
  function attach(chart) {
    chart.canvas.on("plotly_relayout", (changes) => heard(chart, changes));
    chart.canvas.on("plotly_doubleclick", () => reset(chart));
  }

  /** The axes of `spec` for the view of `chart`: y is fitted to what is in it, unless it was chosen. */
  function axes(spec, { view, yRange }) {
    const { ends, extent } = sitegen.figure;
    const inView = spec.series.map(({ x, y }) => [...y].filter((_, i) => x[i] >= view[0] && x[i] <= view[1]));
    const isLog = spec.y.kind === "log";
    const found = extent(isLog ? inView.map((y) => y.filter((value) => value > 0)) : inView);
    const [low, high] = found ? ends(spec.y, found) : [0, 0];
    const room = MARGIN * (high - low || Math.abs(high) || 1);
    const fitted = found ? [low - room, high + room] : undefined;
    return { x: { ...spec.x, range: ends(spec.x, view) }, y: { ...spec.y, range: yRange ? [...yRange] : spec.y.range || fitted } };
  }

  sitegen.zoom = { attach, axes };
})();

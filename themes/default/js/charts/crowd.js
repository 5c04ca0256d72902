/* Many lines behind the curves of a chart: on a canvas of its own below Plotly's drawing.
 *
 * A thousand lines as a Plotly trace are painted anew with every change of any curve (measured: 0.15 s of CPU for
 * each run selected); here they are painted when their axes change. spec.crowd = {x, y} holds the lines end to end,
 * null or NaN between two of them; chart.js calls draw after each drawing.
 */
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const WIDTH = 0.75;
  const OPACITY = 0.4;
  const MOST_IN_TRACE = 20_000;

  // Straight from values to px: Plotly's own conversion takes a call for each point.
  function scale(axis) {
    const isLog = axis.type === "log";
    const [from, to] = axis.range.map((end) => axis.r2l(end));
    const isDown = axis._id.startsWith("y");
    const factor = axis._length / (to - from);
    const place = (value) => (value - from) * factor;
    const at = isDown ? (value) => axis._length - place(value) : place;
    return isLog ? (value) => (value > 0 ? at(Math.log10(value)) : NaN) : at;
  }

  function surface(chart) {
    if (!chart.crowd) {
      chart.crowd = document.createElement("canvas");
      chart.crowd.className = "sg-plot__crowd";
      chart.canvas.before(chart.crowd);
    }
    return chart.crowd;
  }

  function fit(canvas, { xaxis, yaxis }) {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(ratio * xaxis._length);
    canvas.height = Math.round(ratio * yaxis._length);
    Object.assign(canvas.style, {
      left: `${xaxis._offset}px`, top: `${yaxis._offset}px`, width: `${xaxis._length}px`, height: `${yaxis._length}px`,
    });
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    return context;
  }

  /** Paints what lies behind `chart` (of chart.js), if its axes or the crowd are not those painted last. */
  function draw(chart, look) {
    const { crowd } = chart.spec;
    if (!crowd?.x.length) {
      chart.crowd?.remove();
      chart.crowd = chart.crowdKey = null;
      return;
    }
    const { xaxis, yaxis } = chart.canvas._fullLayout;
    const key = [xaxis, yaxis].flatMap((axis) => [axis.type, ...axis.range, axis._offset, axis._length]).join(" ") + look.axis + crowd.key;
    if (key === chart.crowdKey) return;
    chart.crowdKey = key;
    const context = fit(surface(chart), { xaxis, yaxis });
    const [toX, toY] = [scale(xaxis), scale(yaxis)];
    Object.assign(context, { strokeStyle: look.axis, lineWidth: WIDTH, globalAlpha: OPACITY });
    let isOn = false;
    context.beginPath();
    for (let i = 0; i < crowd.x.length; i += 1) {
      const y = crowd.y[i] === null ? NaN : toY(crowd.y[i]), x = toX(crowd.x[i]);
      if (!Number.isFinite(x) || !Number.isFinite(y)) isOn = false;
      else if (isOn) context.lineTo(x, y);
      else {
        context.moveTo(x, y);
        isOn = true;
      }
    }
    context.stroke();
  }

  /** The crowd as Plotly traces, for a picture: cut between two lines. */
  function traces({ x, y }, look) {
    const found = [];
    for (let begin = 0; begin < x.length;) {
      let end = Math.min(x.length, begin + MOST_IN_TRACE);
      while (end < x.length && x[end - 1] !== null) end -= 1;
      found.push({ type: "scatter", mode: "lines", x: x.slice(begin, end), y: y.slice(begin, end), hoverinfo: "skip",
        line: { color: look.axis, width: WIDTH }, opacity: OPACITY, connectgaps: false });
      begin = end;
    }
    return found;
  }

  sitegen.crowd = { draw, traces };
})();

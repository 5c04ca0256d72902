// One metric as a chart spec (see chart.js): what is drawn of its points under the tab's settings.
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  // A dot per point up to here; beyond, only points without a neighbour get one.
  const DOTTED = 40;
  const MOST_FAULTS = 40;
  const MISSING_TIME = -(2 ** 63); // "no wall time" in the column, the smallest int64
  const UNITS = [
    [86_400, "d"],
    [3_600, "h"],
    [60, "min"],
    [1, "s"],
  ];

  /** The decoded columns of a payload's series: {steps, times (µs, NaN where not logged), values}. */
  async function decode(series) {
    const { decode: column } = sitegen.codec;
    const [steps, times, values] = await Promise.all([
      column(series.step),
      series.time_us ? column(series.time_us) : null,
      column(series.value),
    ]);
    return {
      steps: Float64Array.from(steps),
      times: times && Float64Array.from(times, (t) => (t === null || t <= MISSING_TIME ? NaN : t)),
      values: Float64Array.from(values, (value) => (value === null ? NaN : value)),
      count: series.count,
      isBucketed: series.bucketed,
    };
  }

  function firstTime(points) {
    return points.times ? points.times.reduce((least, t) => (t < least ? t : least), Infinity) : NaN;
  }

  function span(values) {
    const found = sitegen.figure.extent([values]);
    return found ? found[1] - found[0] : 0;
  }

  /** The x axis wanted, or by step where no point has a time. */
  function xAxis(points, { x, logX, startUs }) {
    const kind = logX ? "log" : "linear";
    if (x === "step" || !points.times || !Number.isFinite(firstTime(points))) {
      return { axis: { kind }, values: points.steps };
    }
    if (x === "wall") return { axis: { kind: "date" }, values: points.times.map((t) => t / 1000) };
    const start = Number.isFinite(startUs) && startUs <= firstTime(points) ? startUs : firstTime(points);
    const seconds = points.times.map((t) => (t - start) / 1e6);
    const whole = span(seconds);
    const [size, unit] = UNITS.find(([length]) => whole >= 2 * length) || UNITS.at(-1);
    return { axis: { kind, suffix: ` ${unit}` }, values: seconds.map((s) => s / size) };
  }

  const faultWord = (value) => (Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞");

  // Neighbouring NaN or ±∞ are one mark, from the first to the last of them.
  function faultMarks(xs, values) {
    const marks = [];
    for (let i = 0; i < values.length; i += 1) {
      if (Number.isFinite(values[i]) || !Number.isFinite(xs[i])) continue;
      const word = faultWord(values[i]);
      const last = marks.at(-1);
      if (last && last.to === i - 1 && last.word === word) {
        last.to = i;
        last.end = xs[i];
      } else marks.push({ kind: "non-finite", x: xs[i], end: xs[i], to: i, word });
    }
    // One word stands for neighbours that it would cover.
    const apart = 0.1 * (xs.at(-1) - xs[0]);
    let named = -Infinity;
    return marks.slice(0, MOST_FAULTS).map((mark) => {
      const hasRoom = mark.x - named > apart;
      if (hasRoom) named = mark.x;
      return { ...mark, text: hasRoom ? mark.word : "" };
    });
  }

  function isolated(xs, ys) {
    const alone = (i) => !Number.isFinite(ys[i - 1]) && !Number.isFinite(ys[i + 1]);
    const at = [...ys.keys()].filter((i) => Number.isFinite(ys[i]) && alone(i));
    return { x: at.map((i) => xs[i]), y: at.map((i) => ys[i]) };
  }

  function lines(xs, raw, smooth) {
    const dots = raw.length <= DOTTED ? "lines+markers" : "lines";
    const main = { x: xs, width: 1.8, name: "smoothed", mode: "lines" };
    const series = smooth
      ? [{ x: xs, y: raw, role: "raw", name: "raw", mode: dots, size: 4 }, { ...main, y: smooth }]
      : [{ ...main, y: raw, name: "raw", width: raw.length > 500 ? 1.25 : 1.8, mode: dots }];
    if (dots === "lines") series.push({ ...isolated(xs, raw), mode: "markers", size: 4 });
    return series;
  }

  function annotationMarks(metric, points, xs, ys) {
    return metric.marks.flatMap(({ step, number }) => {
      const at = points.steps.indexOf(step);
      const finite = at < 0 ? -1 : [at, at - 1, at + 1].find((i) => Number.isFinite(ys[i])) ?? -1;
      return finite < 0 ? [] : [{ kind: "annotation", x: xs[at], y: ys[finite], text: number }];
    });
  }

  function bestMark(metric, points, xs, ys) {
    const isBest = (step, i) => step === metric.bestStep && points.values[i] === metric.best;
    const at = points.steps.findIndex(isBest);
    return at < 0 || !Number.isFinite(ys[at]) ? [] : [{ kind: "best", x: xs[at], y: ys[at] }];
  }

  // A threshold far from the values would press the curve flat: it is then named in the note only.
  function levels(metric, values, isLog) {
    const found = sitegen.figure.extent([values]);
    if (!found) return [];
    const room = found[1] - found[0] || Math.abs(found[1]) || 1;
    return metric.alerts
      .filter(({ value }) => value >= found[0] - room && value <= found[1] + room && (!isLog || value > 0))
      .map(({ value, text }) => ({ y: value, text: `alert: ${text}` }));
  }

  function reader(points, smooth, metric) {
    const { number, count, duration_ns } = sitegen.format;
    const start = firstTime(points);
    return (index) => {
      const value = points.values[index];
      const time = points.times ? points.times[index] : NaN;
      const after = Number.isFinite(time) ? ` · ${duration_ns((time - start) * 1000)}` : "";
      const tone = Number.isFinite(value) ? null : "bad";
      const unit = metric.unit ? ` ${metric.unit}` : "";
      const rows = [{ label: smooth ? "raw" : "value", text: number(value) + unit, tone }];
      if (smooth) rows.push({ label: "smoothed", text: number(smooth[index]) + unit });
      return { title: `step ${count(points.steps[index])}${after}`, rows };
    };
  }

  const onLog = (values) => values.map((value) => (value > 0 ? value : NaN));

  /** {spec, notes}: the chart of `points` and what its note line must add. */
  function make(metric, points, settings) {
    const { axis, values: allX } = xAxis(points, settings);
    const smooth = settings.smoothing ? sitegen.smoothing.ema(points.values, settings.smoothing) : null;
    const xs = axis.kind === "log" ? onLog(allX) : allX;
    const ys = settings.logY ? onLog(points.values) : points.values;
    const smoothY = smooth && (settings.logY ? onLog(smooth) : smooth);
    const spec = {
      label: `Chart of ${metric.name}`,
      group: metric.group,
      revision: `${settings.x} ${settings.logX} ${settings.logY}`,
      series: lines(xs, ys, smoothY),
      x: axis,
      y: { kind: settings.logY ? "log" : "linear", isEmpty: !sitegen.figure.extent([ys]) },
      marks: [
        ...faultMarks(xs, points.values),
        ...bestMark(metric, points, xs, ys),
        ...annotationMarks(metric, points, xs, ys),
      ],
      levels: levels(metric, points.values, settings.logY),
      points: xs,
      read: reader(points, smooth, metric),
    };
    return { spec, notes: notes(points, axis, settings) };
  }

  function notes(points, axis, settings) {
    const { count } = sitegen.format;
    const found = [];
    const hidden = settings.logY ? points.values.filter((value) => value <= 0).length : 0;
    const hiddenX = axis.kind === "log" ? points.steps.filter((_, i) => points.steps[i] <= 0).length : 0;
    if (settings.logY) found.push(hidden ? `log, ${count(hidden)} not above 0 left out` : "log");
    if (hiddenX) found.push(`log x, ${count(hiddenX)} not above 0 left out`);
    if (settings.x !== "step" && axis.kind !== "date" && !axis.suffix) found.push("no wall times: by step");
    if (axis.kind === "date") found.push("times in UTC");
    if (settings.smoothing && points.isBucketed) found.push("smoothed over the points shown");
    return found;
  }

  sitegen.metricChart = { decode, make };
})();

// One metric as a chart spec (see chart.js): what is drawn of its points under the tab's settings.
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  // A dot per point up to here; beyond, only points without a neighbour get one.
  const DOTTED = 40;

  function isolated(xs, ys) {
    const alone = (i) => !Number.isFinite(ys[i - 1]) && !Number.isFinite(ys[i + 1]);
    const at = [...ys.keys()].filter((i) => Number.isFinite(ys[i]) && alone(i));
    return { x: at.map((i) => xs[i]), y: at.map((i) => ys[i]) };
  }

  function lines(places, allX, allRaw, allSmooth) {
    const part = (values) => sitegen.gaps.parted(values, places);
    const xs = part(allX), raw = part(allRaw), smooth = allSmooth && part(allSmooth);
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
      // Between two points that are drawn the nearest one stands for it, until a zoom brings its own.
      const at = points.isBucketed
        ? sitegen.crosshair.nearest(points.steps, step, { type: "linear" })
        : points.steps.indexOf(step);
      const finite = at < 0 ? -1 : [at, at - 1, at + 1].find((i) => Number.isFinite(ys[i])) ?? -1;
      return finite < 0 ? [] : [{ kind: "annotation", x: xs[at], y: ys[finite], text: number }];
    });
  }

  function bestMark(metric, points, xs, ys) {
    const isBest = (step, i) => step === metric.bestStep && points.values[i] === metric.best;
    const at = points.steps.findIndex(isBest);
    return at < 0 || !Number.isFinite(ys[at]) ? [] : [{ kind: "best", x: xs[at], y: ys[at] }];
  }

  function reader(points, smooth, metric) {
    const { number, count, duration_ns } = sitegen.format;
    const start = points.firstTime;
    const note = points.isBucketed ? "a lowest, highest or first odd point; zoom in for all" : null;
    return (index) => {
      const value = points.values[index];
      const time = points.times ? points.times[index] : NaN;
      const after = Number.isFinite(time) ? ` · ${duration_ns((time - start) * 1000)}` : "";
      const tone = Number.isFinite(value) ? null : "bad";
      const unit = metric.unit ? ` ${metric.unit}` : "";
      const rows = [{ label: smooth ? "raw" : "value", text: number(value) + unit, tone }];
      if (smooth) rows.push({ label: "smoothed", text: number(smooth[index]) + unit });
      return { title: `step ${count(points.steps[index])}${after}`, rows, note };
    };
  }

  const OUTLYING = 0.025; // of the points at each end
  const CLIP_MARGIN = 0.1; // of the height, beyond the rest

  /** Where the y axis ends if outliers are cut off: {range, outside}; null if there are none. */
  function clipped(points, xs, { view, logY }) {
    const isIn = (i) => !view || (xs[i] >= view[0] && xs[i] <= view[1]);
    const shown = [...points.values.keys()].filter((i) => isIn(i) && Number.isFinite(points.values[i]) && (!logY || points.values[i] > 0));
    const typical = shown.map((i) => (points.isBucketed ? points.means[i] : points.values[i])).filter((v) => Number.isFinite(v) && (!logY || v > 0));
    typical.sort((a, b) => a - b);
    const ends = [Math.floor(OUTLYING * (typical.length - 1)), Math.ceil((1 - OUTLYING) * (typical.length - 1))].map((at) => typical[at]);
    const [low, high] = logY ? ends.map(Math.log10) : ends;
    const room = CLIP_MARGIN * (high - low);
    if (!(room > 0)) return null;
    const range = [low - room, high + room];
    const at = (i) => (logY ? Math.log10(points.values[i]) : points.values[i]);
    return { range, outside: shown.filter((i) => at(i) < range[0] || at(i) > range[1]).length };
  }

  const onLog = (values) => values.map((value) => (value > 0 ? value : NaN));

  /** {spec, notes}: the chart of `points` and what its note line must add. */
  function make(metric, points, settings) {
    const { kind, suffix, title, of } = sitegen.placing.of(points, settings);
    const axis = { kind, suffix, title };
    const allX = of(points);
    const smooth = settings.smoothing ? sitegen.smoothing.of(points, settings) : null;
    const xs = axis.kind === "log" ? onLog(allX) : allX;
    const ys = settings.logY ? onLog(points.values) : points.values;
    const smoothY = smooth && (settings.logY ? onLog(smooth) : smooth);
    const gaps = sitegen.gaps.after(points);
    const clip = settings.clip ? clipped(points, xs, settings) : null;
    const spec = {
      label: `Chart of ${metric.name}`,
      isAlone: !settings.sync,
      group: metric.group,
      revision: `${settings.x} ${settings.logX} ${settings.logY}`,
      series: lines(gaps, xs, ys, smoothY),
      x: axis,
      y: { kind: settings.logY ? "log" : "linear", isEmpty: !sitegen.figure.extent([ys]), range: clip?.range },
      marks: [
        ...sitegen.faults.spaced(sitegen.faults.marks(xs, points.values), [xs[0], xs.at(-1)]),
        ...bestMark(metric, points, xs, ys),
        ...annotationMarks(metric, points, xs, ys),
      ],
      levels: sitegen.figureMarks.levels(metric.alerts, points.values, settings.logY),
      points: xs,
      read: reader(points, smooth, metric),
    };
    return { spec, notes: notes(points, axis, settings, { clip, allX, gaps }) };
  }

  function notes(points, axis, settings, { clip, allX, gaps }) {
    const { count } = sitegen.format;
    const found = [];
    if (gaps.length) found.push(sitegen.gaps.text(points, gaps));
    if (clip?.outside) found.push(`${count(clip.outside)} beyond the axis, clipped`);
    if (settings.other) found.push(otherText(settings.other));
    const hidden = settings.logY ? points.values.filter((value) => value <= 0).length : 0;
    const hiddenX = axis.kind === "log" ? allX.filter((x) => x <= 0).length : 0;
    if (settings.logY) found.push(hidden ? `log, ${count(hidden)} not above 0 left out` : "log");
    if (hiddenX) found.push(`log x, ${count(hiddenX)} not above 0 left out`);
    if (["relative", "wall"].includes(settings.x) && axis.kind !== "date" && !axis.suffix) found.push("no wall times: by step");
    if (axis.kind === "date") found.push("times in UTC");
    if (settings.smoothing && points.isBucketed) found.push(SMOOTHED[settings.kind]);
    return found;
  }

  const SMOOTHED = {
    ema: "smoothed by means of buckets, the weight raised to their counts",
    gauss: "smoothed by means of buckets, weighted by their counts",
    mean: "smoothed by means of buckets, weighted by their counts",
  };

  function otherText({ name, isBucketed, values, count: logged }) {
    const { count } = sitegen.format;
    const of = isBucketed ? `, ${count(values.length)} of its ${count(logged)} points` : "";
    return `x is ${name} as last logged at each step${of}`;
  }

  /** What the note says of the points in view. */
  function shownText({ shown, count: logged }) {
    const { count } = sitegen.format;
    const all = `${count(logged)} in all`;
    if (shown.drawn === shown.of) return `all ${count(shown.of)} points in view, ${all}`;
    return `${count(shown.drawn)} of ${count(shown.of)} points in view, extremes kept, ${all}`;
  }

  sitegen.metricChart = { make, shownText };
})();

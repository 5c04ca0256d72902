/* A chart of curves (curves.js) as a spec (chart.js), with what its note, its legend, its table and its CSV say.
 *
 *   sitegen.curveChart.make(metric, found, settings, {group, isNamed, goal, data: of curveMarks, view}) -> {spec, note, legend}
 *   sitegen.curveChart.table(metric, found) -> element; .csv(metric, found) -> text
 * `found` is what sitegen.curves.lines gives. All other runs lie behind (crowd.js).
 */
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const BANDS = { se: "SE", std: "std", range: "min–max" };
  const TITLES = { se: "SE", std: "Std", range: "Min–max" };
  const THIN = 500; // points of a line beyond which a broad one hides them
  const MOST_READ = 12; // rows of the crosshair's panel

  const onLog = (values, isLog) => (isLog ? Array.from(values, (value) => (value > 0 ? value : NaN)) : [...values]);

  // Where there is no spread the band is as narrow as the line; a gap of the line parts it.
  function bandTraces(line, look, isLog) {
    const { colour } = look.series[line.colour - 1];
    const traces = [];
    let [x, low, high] = [[], [], []];
    const parts = new Set(gapsOf(line));
    const close = () => {
      if (x.length > 1) {
        traces.push({ type: "scatter", mode: "lines", x: [...x, ...[...x].reverse()], y: [...high, ...[...low].reverse()],
          line: { width: 0 }, fill: "toself", fillcolor: colour, opacity: 0.16 });
      }
      [x, low, high] = [[], [], []];
    };
    line.x.forEach((at, i) => {
      const [bottom, top] = Number.isFinite(line.low[i]) ? [line.low[i], line.high[i]] : [line.y[i], line.y[i]];
      if (!Number.isFinite(top) || (isLog && !(bottom > 0))) return close();
      x.push(at);
      low.push(bottom);
      high.push(top);
      return parts.has(i) ? close() : undefined;
    });
    close();
    return traces;
  }

  // Where steps are missing, of a mean those that its runs share.
  const gapsOf = (line) => sitegen.gaps.after(line.points ?? { steps: line.x });

  function seriesOf(found, settings, isNamed) {
    return found.lines.flatMap((line) => {
      const places = gapsOf(line), part = (values) => [...sitegen.gaps.parted(values, places)];
      const x = part(line.x), y = onLog(part(line.y), settings.logY);
      const main = { name: line.name, x, y, colour: line.colour, label: isNamed, width: y.length > THIN ? 1.25 : 1.8, mode: "lines" };
      if (y.length === 1) Object.assign(main, { mode: "markers" });
      return line.raw ? [{ name: "", x, y: onLog(part(line.raw), settings.logY), colour: line.colour, role: "raw" }, main] : [main];
    });
  }

  /** NaN and ±∞ of the lines, of a mean those of its runs: {marks, text}. */
  function faultsOf(found) {
    const { faults: { marks, spaced }, figure, format: { count } } = sitegen;
    const all = found.lines.flatMap((line) => (line.faults ?? marks(line.x, line.values)).map((mark) => ({ run: line.name, ...mark })));
    if (!all.length) return { marks: [], text: null };
    const first = all.reduce((least, mark) => (mark.x < least.x ? mark : least));
    const shown = spaced(all, figure.extent(found.lines.map(({ x }) => x)) ?? [0, 1]);
    const runs = new Set(all.map(({ run }) => run)).size, words = [...new Set(all.map(({ text }) => text))].join(" and ");
    const where = found.axis.kind === "linear" && !found.axis.suffix && !found.axis.title ? ` at ${count(first.x)}` : "";
    return { marks: shown, text: `${words}${runs > 1 ? ` in ${count(runs)} runs, first` : ""} in ${first.run}${where}` };
  }

  /** What the lines have at an x, or at their own nearest to it; those that have ended are left out. */
  function reading(found, settings, x) {
    const { count, number } = sitegen.format;
    const running = found.lines.filter(({ x: xs }) => xs.length && xs[0] <= x && x <= xs.at(-1));
    const rows = running.slice(0, MOST_READ).map((line) => {
      const at = sitegen.crosshair.nearest(line.x, x, { type: "linear" }), isExact = line.x[at] === x;
      const isStep = found.isMean || settings.x === "step";
      const apart = isExact || !isStep ? "" : ` at ${count(line.x[at])}`;
      return { label: line.name, ink: line.colour, tone: Number.isFinite(line.y[at]) ? null : "bad",
        text: `${number(line.y[at])}${found.isMean ? spread(line, at, settings) : ""}${apart}` };
    });
    const more = running.length - MOST_READ;
    return { title: title(found, settings, x), rows, note: more > 0 ? `${more} more runs` : null };
  }

  function title(found, settings, x) {
    const { count, number } = sitegen.format;
    if (found.isMean) return `step ${count(x)} · mean, ${BANDS[settings.band]}`;
    if (settings.x === "step") return `step ${count(x)}`;
    return settings.x === "wall" ? new Date(x).toISOString() : `${found.axis.title ?? ""} ${number(x)}${found.axis.suffix ?? ""}`.trim();
  }

  function spread(line, at, { band }) {
    const { number } = sitegen.format, n = ` (n = ${line.n[at]}${line.n[at] < line.size ? ` of ${line.size}` : ""})`;
    if (!Number.isFinite(line.low[at])) return n;
    if (band === "range") return ` [${number(line.low[at])}, ${number(line.high[at])}]${n}`;
    return ` ± ${number((line.high[at] - line.low[at]) / 2, { digits: 2 })}${n}`;
  }

  const whatPlaces = ({ x }) => (x === "wall" || x === "relative" ? "wall times" : x.slice(sitegen.metricToolbar.METRIC.length));

  function note(found, settings) {
    const { count } = sitegen.format, { lines, of, rest } = found, parts = [];
    if (!lines.length) return found.isAsked ? "None of the selected runs has this metric." : "No run has it.";
    if (found.isMean) {
      parts.push(`mean and ${BANDS[settings.band]}, ${count(lines.length)} of ${count(of)} ${of === 1 ? "group" : "groups"}`);
    } else if (found.isAsked) {
      parts.push(lines.length < of ? `first ${count(lines.length)} of ${count(of)} selected runs` : `${count(of)} selected ${of === 1 ? "run" : "runs"}`);
    } else {
      const all = Math.max(found.having, lines.length + rest.runs);
      parts.push(all <= lines.length ? `${count(lines.length)} ${lines.length === 1 ? "run" : "runs"}`
        : `${count(lines.length)} of ${count(all)} runs, the ${found.goal ? "best" : "newest"}; select runs to choose`);
    }
    const drawn = lines.reduce((sum, { y }) => sum + y.length, 0), logged = lines.reduce((sum, line) => sum + line.count, 0);
    if (!found.isMean) parts.push(`${count(drawn)} of ${count(logged)} points`);
    else parts.push(`${count(drawn)} shared steps of ${count(logged)} points`);
    const gaps = lines.filter((line) => gapsOf(line).length).length;
    if (gaps) parts.push(gaps === 1 ? "a line with a gap" : `${count(gaps)} lines with gaps`);
    const unplaced = lines.filter(({ x, count: n }) => n && !x.some(Number.isFinite)).length;
    if (unplaced) parts.push(`${count(unplaced)} ${unplaced === 1 ? "run" : "runs"} without ${found.axis.title ?? whatPlaces(settings)}`);
    if (lines.some(({ isLong }) => isLong)) parts.push("of means of buckets");
    if (found.isMean && settings.smoothing) parts.push("smoothed before the mean");
    if (found.isMean && settings.x !== "step") parts.push("means are by step");
    if (lines.some(({ isSmall }) => isSmall)) parts.push(`few points of runs beyond the 500 ${found.goal ? "best" : "newest"}, extremes kept`);
    if (rest.runs) parts.push(`${count(rest.runs)} other ${rest.runs === 1 ? "run" : "runs"} in grey, few points of each, extremes kept; the axis fits the others`);
    if (settings.clip) parts.push("outliers clipped");
    return parts.join(" · ");
  }

  const MARGIN = 0.06, OUTLYING = 0.025; // of the height; of the values at each end

  /** The y axis fits what is in view of the lines and bands, not the crowd behind them; if asked so without outliers. */
  function yRange(found, { logY, clip }, view, levels) {
    const isIn = (x) => !view || (x >= view[0] && x <= view[1]);
    const inView = ({ x, y, raw, low, high }) => [y, ...(clip ? [] : [raw, low, high])].flatMap((part) => [...(part ?? [])].filter((_, i) => isIn(x[i])));
    const values = [...found.lines.flatMap(inView), ...(clip ? [] : levels.map(({ y }) => y))]
      .filter((value) => Number.isFinite(value) && (!logY || value > 0)).map((value) => (logY ? Math.log10(value) : value)).sort((a, b) => a - b);
    if (!values.length) return undefined;
    const cut = clip ? OUTLYING * (values.length - 1) : 0;
    const [low, high] = [values[Math.floor(cut)], values[Math.ceil(values.length - 1 - cut)]];
    const room = MARGIN * (high - low || Math.abs(high) || 1);
    return [low - room, high + room];
  }

  /** Every x of the lines, ascending. */
  function placesOf(lines) {
    const all = new Float64Array(lines.reduce((sum, { x }) => sum + x.length, 0));
    lines.reduce((at, { x }) => (all.set(x, at), at + x.length), 0);
    return all.sort().filter((x, i) => Number.isFinite(x) && x !== all[i - 1]);
  }

  function make(metric, found, settings, { group, isNamed, goal, data = {}, view = null }) {
    const look = sitegen.chart.look();
    const told = { ...found, goal };
    const levels = sitegen.curveMarks.levels(data, metric, found.lines, settings.logY);
    const steps = sitegen.curveMarks.steps(data, metric, found.lines);
    const points = placesOf(found.lines), faults = faultsOf(found);
    const bands = found.isMean ? found.lines.flatMap((line) => bandTraces(line, look, settings.logY)) : [];
    const spec = {
      label: `${metric} of ${found.lines.map(({ name }) => name).join(", ")}`,
      group, revision: `${metric} ${settings.x} ${settings.logX} ${settings.logY} ${found.isMean}`,
      crowd: found.rest, under: bands, marks: [...faults.marks, ...steps.marks], levels,
      series: seriesOf(found, settings, isNamed && found.lines.length <= 8),
      x: { suffix: found.axis.suffix, title: found.axis.title, kind: settings.logX && found.axis.kind === "linear" ? "log" : found.axis.kind },
      y: { kind: settings.logY ? "log" : "linear", range: yRange(found, settings, view, levels) },
      points, read: (index) => reading(found, settings, points[index]),
    };
    return { spec, note: [note(told, settings), steps.text].filter(Boolean).join(" · "), fault: faults.text };
  }

  /** Names with a dash as drawn; of a colour by a param its values. */
  function legend({ lines, words }) {
    const { el } = sitegen.dom, key = sitegen.crosshair.seriesKey;
    if (words?.length) {
      return words.map((word) => el("span", {}, key(lines.find((line) => line.word === word).colour), word));
    }
    return lines.map((line) => el(line.url ? "a" : "span", line.url ? { href: line.url } : {}, key(line.colour), line.name,
      line.size ? el("span", { class: "sg-faint", text: ` n = ${line.size}` }) : null));
  }

  /** The choice of the band around means: {box, show(ways)}. */
  function bandBox() {
    const { segments, segment, press } = sitegen.metricToolbar, names = Object.keys(BANDS);
    const buttons = names.map((name) => segment(TITLES[name], () => sitegen.state.set({ band: name === "se" ? null : name })));
    const box = segments("Band around a mean", buttons);
    const show = ({ mean, band }) => {
      box.hidden = !mean;
      names.forEach((name, i) => press(buttons[i], name === band));
    };
    return { box, show };
  }

  sitegen.curveChart = { make, legend, bandBox, BANDS };
})();

/* Which curves of an experiment stand in a chart, and their points: selected runs, or means of groups of runs.
 *
 *   sitegen.curves.source(data, grid) -> source; data as in #sg-overlay: {runs: [{key, name, url, series: {metric:
 *     data key}}], goal, baseline, total, params: [column names that differ], hasRepeats: whether runs differ in
 *     nothing but seeds}, best runs first; grid: the run table
 *   sitegen.curves.choices(source) -> {params: [column names], hasSeeds}: what can be grouped and coloured by
 *   sitegen.curves.ways(source) -> {mean, colour, band}, from the hash
 *   sitegen.curves.lines(source, metric, settings, view) -> Promise<{lines, of, words, axis, having, isAsked, isMean, rest}>
 *     line = {name, url, keys, x, y, raw, values, count, series, points, colour, word: of what it is coloured by}, of a
 *     mean besides n, low, high, size: runs of the group, isLong: made of means of buckets, faults: marks of its runs
 *   settings: {x, smoothing, kind, mean: "" | "seeds" | column name, colour: "" | column name, band}
 *   rest: small lines of all other runs as {x, y, runs}, null parts between them
 */
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const MOST_LINES = 50; // traces of their own
  const MOST_MEANS = 8; // as many as there are series colours
  const UNASKED = 5;
  const MOST_READ = 400; // runs of which the points are read for means
  const MOST_UNASKED = 120; // runs up to which a page opens with means: all points of their runs are read
  const COLOURS = 8;

  const source = (data, grid) => ({ data, grid, series: new Map() });

  function choices({ data, grid }) {
    const params = data.params.filter((name) => grid.columnOf(name) !== null), { isSeed } = sitegen.curveMeans;
    return { params: params.filter((name) => !isSeed(name)), hasSeeds: params.some(isSeed) };
  }

  /** How several runs are drawn, from the hash: {mean, colour, band}; seeds of few runs are averaged unless some are chosen. */
  function ways(from) {
    const { get } = sitegen.state, { params, hasSeeds } = choices(from);
    const asked = get("mean"), colour = get("colour", ""), band = get("band", "se");
    const isKnown = asked === "runs" || (asked === "seeds" && hasSeeds) || params.includes(asked);
    const isUsual = from.data.hasRepeats && hasSeeds && from.data.total <= MOST_UNASKED && !(from.grid.selected?.() ?? []).length;
    const mean = isKnown ? asked : isUsual ? "seeds" : "runs";
    return {
      mean: mean === "runs" ? "" : mean,
      colour: params.includes(colour) ? colour : "",
      band: Object.hasOwn(sitegen.curveChart.BANDS, band) ? band : "se",
    };
  }

  /** The opened series of a run, null if this page does not know where its points are. */
  function seriesOf({ series }, run, metric) {
    const key = run.series?.[metric];
    if (key === undefined) return null;
    const name = `${key} ${metric}`;
    if (!series.has(name)) {
      series.set(name, sitegen.store.get(key).then((chunk) => sitegen.series.open(chunk.series[metric], key)));
      series.get(name).catch(() => series.delete(name));
    }
    return series.get(name);
  }

  // Runs that the server did not rank: known by the table alone, with the few points of its small line.
  function rankedRuns({ data, grid }, metric, keys) {
    const known = data.runs.filter((run) => run.series[metric] !== undefined);
    if (!keys.length) return known;
    const byKey = new Map(known.map((run) => [run.key, run]));
    return baselineFirst({ data }, keys).map((key) => byKey.get(key) ?? sparkRun(grid, metric, key)).filter(Boolean);
  }

  function sparkRun({ frame, rowOf }, metric, key) {
    const row = rowOf(key);
    if (row === null || !frame.value(`spark.${metric}`, row)?.length) return null;
    return { key, row, name: frame.value("name", row), url: frame.value("url", row), isSpark: true };
  }

  function sparkPoints({ frame }, metric, row) {
    return { x: frame.value(`steps.${metric}`, row) ?? [], y: frame.value(`spark.${metric}`, row) ?? [] };
  }

  /** The other metric by which a run is placed, if one is asked for: its points, null where it has none. */
  async function otherOf(from, run, { x }) {
    const { METRIC } = sitegen.metricToolbar;
    if (!x.startsWith(METRIC)) return undefined;
    const name = x.slice(METRIC.length), series = await seriesOf(from, run, name);
    return series && { name, ...series.whole };
  }

  async function opened(from, run, metric, settings) {
    if (run.isSpark) return { ...sparkPoints(from.grid, metric, run.row), isSpark: true };
    return { series: await seriesOf(from, run, metric), other: await otherOf(from, run, settings) };
  }

  /** A run's points on the asked axis; NaN where the run has nothing to be placed by. */
  async function placed(one, settings, view) {
    if (one.isSpark) {
      const x = settings.x === "step" ? one.x : one.x.map(() => NaN);
      return { x, y: one.y, values: one.y, count: one.y.length, isSmall: true, axis: null };
    }
    const { series, other } = one, { whole } = series;
    const place = sitegen.placing.of(whole, { ...settings, other, logX: false });
    const isPlaced = settings.x === "step" || Boolean(other) || (other === undefined && place.x === "time");
    const points = isPlaced && view && whole.isBucketed ? await near(series, view.map(place.back), place.x) : whole;
    const x = isPlaced ? place.of(points) : points.steps.map(() => NaN);
    return { x, ...smoothed(points, settings), values: points.values, count: whole.count, series, points, axis: isPlaced ? place : null };
  }

  const PIXELS = 900;
  const near = (series, ends, x) => series.view(Math.min(...ends), Math.max(...ends), { x, pixels: PIXELS });

  function smoothed(points, settings) {
    if (!settings.smoothing) return { y: points.values, raw: null };
    return { y: sitegen.smoothing.of(points, settings), raw: points.values };
  }

  /** What of a run enters a mean: its points by step, of a long series the means of its buckets. */
  async function forMean(from, run, metric, settings) {
    const { whole } = await seriesOf(from, run, metric);
    const points = whole.averages ?? whole;
    const faults = sitegen.faults.marks(whole.steps, whole.values).map((mark) => ({ ...mark, run: run.name }));
    return { x: points.steps, y: smoothed(points, settings).y, count: whole.count, isLong: whole.isBucketed, faults };
  }

  const wordOf = ({ frame }, name, row) => {
    const value = frame.value(`text:${name}`, row) ?? frame.value(name, row);
    return value === undefined ? "not set" : typeof value === "string" ? value : JSON.stringify(value);
  };
  const shortWord = ({ frame }, name, row) => sitegen.format.param(frame.value(name, row), wordOf({ frame }, name, row));
  const shortName = (name) => name.replace(/^params\./, "").replace(/^.*\./, "");

  /** A series colour for each of `places`: the same in every chart, none twice while there are others. */
  function coloursOf(places) {
    const used = new Set();
    return places.map((place) => {
      let colour = place % COLOURS;
      for (let i = 0; used.has(colour) && used.size < COLOURS && i < COLOURS; i += 1) colour = (colour + 1) % COLOURS;
      used.add(colour);
      return 1 + colour;
    });
  }

  /** What each line is coloured by: {colours, words of the lines, all the words}. */
  function inks(from, rows, places, { colour }) {
    if (!colour) return { colours: coloursOf(places), words: [], all: [] };
    const words = rows.map((row) => shortWord(from.grid, colour, row)), all = [...new Set(words)];
    return { colours: words.map((word) => 1 + (all.indexOf(word) % COLOURS)), words, all };
  }

  async function ofRuns(from, metric, runs, keys, settings, view) {
    const shown = runs.slice(0, settings.most ?? MOST_LINES);
    const many = await Promise.all(shown.map((run) => opened(from, run, metric, settings)));
    const span = Math.max(0, ...many.map(({ series }) => series?.whole.timeSpan ?? 0));
    const points = await Promise.all(many.map((one) => placed(one, { ...settings, span }, view)));
    const order = new Map((keys.length ? baselineFirst(from, keys) : from.data.runs.map(({ key }) => key)).map((key, at) => [key, at]));
    const { colours, words, all } = inks(from, shown.map(({ key }) => from.grid.rowOf(key)), shown.map(({ key }) => order.get(key)), settings);
    const lines = shown.map((run, at) => ({
      ...points[at], name: run.name, url: run.url, keys: [run.key], colour: colours[at], word: words[at],
    }));
    return { lines, of: runs.length, words: all, axis: lines.find(({ axis }) => axis)?.axis ?? { kind: "linear" } };
  }

  const baselineFirst = ({ data }, keys) => [...keys].sort((a, b) => (b === data.baseline) - (a === data.baseline));

  function groupsOf({ grid }, runs, names) {
    const groups = new Map();
    for (const run of runs) {
      const row = grid.rowOf(run.key), values = names.map((name) => wordOf(grid, name, row));
      const key = JSON.stringify(values);
      if (!groups.has(key)) groups.set(key, { key, values, runs: [], row });
      groups.get(key).runs.push(run);
    }
    return [...groups.values()];
  }

  /** A name for each of `groups`: the params by which they differ. */
  function groupNames({ grid }, groups, names) {
    const told = names.map((_, i) => new Set(groups.map(({ values }) => values[i])).size > 1);
    const isAny = told.includes(true);
    return groups.map(({ row }) => names.map((name, i) => (told[i] || !isAny) && `${shortName(name)} ${shortWord(grid, name, row)}`)
      .filter(Boolean).join(", ") || "all runs");
  }

  async function ofGroups(from, metric, having, keys, names, settings) {
    const all = groupsOf(from, having, names);
    const asked = new Set(keys);
    const wanted = keys.length ? all.filter(({ runs }) => runs.some((run) => asked.has(run.key))) : all.slice(0, UNASKED);
    let room = MOST_READ;
    const shown = wanted.slice(0, MOST_MEANS).filter(({ runs }) => (room -= runs.length) >= 0);
    const many = await Promise.all(shown.map(({ runs }) =>
      Promise.all(runs.map((run) => forMean(from, run, metric, settings)))));
    const told = groupsOf(from, from.data.runs, names).filter(({ runs }) => !keys.length || runs.some((run) => asked.has(run.key)));
    const places = shown.map(({ key }) => told.findIndex((one) => one.key === key));
    const { colours, words, all: allWords } = inks(from, shown.map(({ row }) => row), places, settings);
    const called = groupNames(from, shown, names);
    const lines = shown.map(({ runs }, at) => ({
      ...sitegen.curveMeans.mean(many[at], settings.band), name: called[at], size: runs.length,
      keys: runs.map(({ key }) => key), count: many[at].reduce((sum, { count }) => sum + count, 0),
      colour: colours[at], word: words[at], isLong: many[at].some(({ isLong }) => isLong),
      faults: many[at].flatMap(({ faults }) => faults),
    }));
    return { lines, of: all.length, words: allWords, axis: { kind: "linear" } };
  }

  /** All runs that have a small line but are no line of their own, end to end, a null part after each. */
  function rest({ grid }, metric, lines) {
    const { frame } = grid, own = new Set(lines.flatMap(({ keys }) => keys));
    const found = { x: [], y: [], runs: 0, key: `${metric} ${[...own].sort()}` };
    for (let row = 0; row < frame.n; row += 1) {
      const { x, y } = sparkPoints(grid, metric, row);
      if (!y.length || own.has(grid.keyOf(row))) continue;
      for (let i = 0; i < y.length; i += 1) { found.x.push(x[i]); found.y.push(y[i]); }
      found.x.push(null);
      found.y.push(null);
      found.runs += 1;
    }
    return found;
  }

  async function lines(from, metric, settings, view = null) {
    const { grid, data } = from;
    const keys = grid.selected?.() ?? [], isMean = settings.mean !== "";
    const hasSmall = grid.columnOf(`spark.${metric}`) !== null && data.total > 1;
    const names = settings.mean === "seeds" ? choices(from).params : isMean ? [settings.mean] : [];
    const needed = [...(settings.colour ? [settings.colour] : []), ...names];
    const wanted = ["key", "name", "url", ...needed, ...(hasSmall ? [`spark.${metric}`] : [])];
    if (isMean || settings.colour || hasSmall || keys.length) await grid.frame.load(wanted);
    const having = rankedRuns(from, metric, []);
    const runs = keys.length ? rankedRuns(from, metric, keys) : having.slice(0, settings.colour ? MOST_LINES : UNASKED);
    const made = isMean ? await ofGroups(from, metric, having, keys, names, settings)
      : await ofRuns(from, metric, runs, keys, settings, view);
    const isByStep = isMean || settings.x === "step";
    return { ...made, isMean, having: having.length, isAsked: keys.length > 0,
      rest: hasSmall && isByStep ? rest(from, metric, made.lines) : { x: [], y: [], runs: 0 } };
  }

  sitegen.curves = { source, choices, ways, lines };
})();

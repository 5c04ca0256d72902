/* A series as the site holds it (sitegen/derive/metrics/pyramid.py): short ones whole, long ones as buckets and tiles.
 *
 *   sitegen.series.open(S, key) -> Promise of a series; S is what the chunk under `key` holds of it:
 *     count                   points logged
 *     isExact                 every point is published
 *     whole                   POINTS of the whole series, at hand at once
 *     view(from, to, {x: "step" | "time", pixels}) -> Promise of POINTS: fine inside, `whole` outside
 *     rows(from, to) -> Promise of POINTS: the points from one index to another, exactly (isExact)
 *   sitegen.series.forget() drops what is kept of long series: the site was built again
 *
 * POINTS = {indexes, steps, times (µs, NaN where none; null without any), values, count, isBucketed,
 *   finite, means          how many finite points enter an average at this one, and their mean
 *   firstTime, timeSpan    µs, of the whole series
 *   averages               of a long series in `whole`: {indexes, steps, values, means, finite, count}, one a bucket
 *   range: [from, to]      places of the points in view; shown: {drawn, of}: how many of them are drawn, and are}
 * Every drawn point was logged as it stands: of a bucket its lowest, its highest and its first NaN or ±∞.
 */
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const MOST_EXACT = 10_000; // points in view up to which each is drawn
  const FAN_OUT = 8;
  const KEPT_TILES = 48;

  const { readPoints, readBuckets, collector, addBucket, addReduced, addPoint, exactPoints } = sitegen.seriesPoints;
  const tiles = new Map(); // key -> Promise of a decoded tile, the last ones used

  function span(times) {
    const known = times ? times.filter(Number.isFinite) : [];
    let [first, last] = [Infinity, -Infinity];
    for (const time of known) {
      if (time < first) first = time;
      if (time > last) last = time;
    }
    return known.length ? { firstTime: first, timeSpan: last - first } : { firstTime: NaN, timeSpan: 0 };
  }

  async function openShort(payload) {
    const points = await readPoints(payload);
    const { count } = payload;
    const shown = { drawn: count, of: count };
    const drawn = { ...exactPoints(points, 0, count), range: [0, count], shown };
    const whole = { ...drawn, ...span(points.times), count, isBucketed: false };
    const rows = async (from, to) => ({ ...exactPoints(points, from, to), count });
    const view = async (from, to, { x = "step" } = {}) => {
      const [begin, end] = inView(x === "time" ? points.times : points.steps, from, to);
      return { ...whole, range: [begin, end], shown: { drawn: end - begin, of: end - begin } };
    };
    return { count, isExact: true, whole, view, rows };
  }

  /** The payload of tile `i` of `level`, decoded once while it is among the last ones used. */
  function tile(series, level, i) {
    const key = `${series.folder}${level.key}${i}`;
    const known = tiles.get(key);
    tiles.delete(key);
    const loading = known || loadTile(series, level, i, key);
    tiles.set(key, loading);
    loading.catch(() => tiles.delete(key));
    if (tiles.size > KEPT_TILES) tiles.delete(tiles.keys().next().value);
    return loading;
  }

  async function loadTile(series, level, i, key) {
    sitegen.store.addFiles({ [key]: level.stem + level.files[i] });
    const payload = await sitegen.store.get(key);
    sitegen.store.drop(key);
    return level.size === 1 ? readPoints(payload, i * level.tile) : readBuckets(payload);
  }

  async function openLong(payload, key) {
    const [top, ends] = await Promise.all([readBuckets(payload.top), readPoints(payload.ends)]);
    const { count, levels, exact } = payload;
    const hasTimes = ends.times !== null;
    const folder = key.slice(0, key.lastIndexOf("/") + 1);
    const series = { folder, count, top, ends, levels, exact, hasTimes, isExact: exact !== null };
    const rows = begun(series);
    addTop(rows, series, 0, count);
    const drawn = ended(rows, series);
    const shown = { drawn: drawn.values.length, of: count };
    const averages = averagesOf(top, count);
    series.whole = { ...drawn, ...span(drawn.times), count, isBucketed: true, range: [0, count], shown, averages };
    series.view = (from, to, how) => view(series, from, to, how);
    series.rows = (from, to) => exactRows(series, from, to);
    return series;
  }

  /** The mean of each bucket of the top as a point at its first step. */
  function averagesOf(top, count) {
    const indexes = Float64Array.from({ length: top.n }, (_, i) => i * top.size);
    const finite = indexes.map((begin, i) => Math.min(top.size, count - begin) - (top.faults.get(i)?.count ?? 0));
    const means = top.mean.map((mean, i) => (finite[i] > 0 ? mean : NaN));
    return { indexes, steps: top.step, values: means, means, finite, count, isBucketed: true };
  }

  function begun({ hasTimes, ends }) {
    const rows = collector(hasTimes);
    addPoint(rows, { ...ends, first: 0 }, 0, 0);
    return rows;
  }

  function ended(rows, { ends, count }) {
    addPoint(rows, { ...ends, first: count - 2 }, 1, 0);
    return rows.done();
  }

  function addTop(rows, { top, count }, from, to) {
    const last = Math.min(top.n, Math.ceil(to / top.size));
    for (let i = Math.floor(from / top.size); i < last; i += 1) addBucket(rows, top, i, { from, to, count });
  }

  /** Places from which to which points may lie between `from` and `to`, in whole buckets of the top. */
  function covered({ top, ends, count }, from, to, x) {
    const begins = x === "time" ? top.time_us : top.step;
    const end = (x === "time" ? ends.times : ends.steps)[1];
    let [first, last] = [-1, -1];
    for (let i = 0; i < top.n; i += 1) {
      const [a, b] = [begins[i], i + 1 < top.n ? begins[i + 1] : end];
      if (Math.max(a, b) < from || Math.min(a, b) > to) continue; // NaN is never left out
      if (first < 0) first = i;
      last = i;
    }
    return first < 0 ? null : [first * top.size, Math.min(count, (last + 1) * top.size)];
  }

  /** The coarsest level with a bucket for each two pixels or so, null if that is the top. */
  function levelFor({ top, levels, exact }, points, pixels) {
    const enough = 0.75 * pixels;
    if (points / top.size >= enough) return null;
    return levels.find(({ size }) => points / size >= enough) || exact || levels.at(-1) || null;
  }

  async function view(series, from, to, { x = "step", pixels = 600 } = {}) {
    const { count, whole } = series;
    const range = covered(series, from, to, x);
    const level = range && levelFor(series, range[1] - range[0], pixels);
    if (!level) return whole;
    const width = level.tile * level.size;
    const numbers = [];
    for (let i = Math.floor(range[0] / width); i * width < range[1]; i += 1) numbers.push(i);
    const loaded = await Promise.all(numbers.map((i) => tile(series, level, i)));
    const rows = begun(series);
    const fine = level.size === 1
      ? exactPart(loaded, from, to, x)
      : { from: range[0], to: range[1], inside: range, add: () => addTiles(rows, series, loaded, range) };
    addTop(rows, series, 0, fine.from);
    fine.add(rows);
    addTop(rows, series, fine.to, count);
    const drawn = ended(rows, series);
    const [begin, end] = fine.inside;
    const inside = drawn.indexes.filter((index) => index >= begin && index < end).length;
    const shown = { drawn: inside, of: end - begin };
    return { ...whole, ...drawn, isBucketed: !fine.isEach, range: fine.inside, shown };
  }

  function addTiles(rows, { count }, loaded, [from, to]) {
    for (const buckets of loaded) {
      for (let i = 0; i < buckets.n; i += 1) addBucket(rows, buckets, i, { from, to, count });
    }
  }

  const concatenated = (parts) => {
    const joined = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.reduce((at, part) => (joined.set(part, at), at + part.length), 0);
    return joined;
  };

  function joinedPoints(loaded) {
    const { first, times } = loaded[0];
    const all = (name) => concatenated(loaded.map((part) => part[name]));
    return { first, steps: all("steps"), values: all("values"), times: times && all("times") };
  }

  /** Places before which and from which on no value of `xs` is between `from` and `to`. */
  function inView(xs, from, to) {
    let [begin, end] = [0, xs.length];
    while (begin < end && xs[begin] < from) begin += 1;
    while (end > begin && xs[end - 1] > to) end -= 1;
    return [begin, end];
  }

  // The points in view and a neighbour on each side: each of them, or small buckets if they are many.
  function exactPart(loaded, from, to, x) {
    const points = joinedPoints(loaded);
    const xs = x === "time" ? points.times : points.steps;
    const inside = inView(xs, from, to);
    const [begin, end] = [Math.max(0, inside[0] - 1), Math.min(xs.length, inside[1] + 1)];
    const isEach = end - begin <= MOST_EXACT;
    let size = FAN_OUT;
    while ((end - begin) / size > MOST_EXACT) size *= 2;
    const add = (rows) => {
      if (!isEach) addReduced(rows, points, begin, end, size);
      else for (let i = begin; i < end; i += 1) addPoint(rows, points, i);
    };
    return { from: points.first + begin, to: points.first + end, isEach, add, inside: inside.map((at) => points.first + at) };
  }

  async function exactRows(series, from, to) {
    const { exact, count } = series;
    const numbers = [];
    for (let i = Math.floor(from / exact.tile); i * exact.tile < to; i += 1) numbers.push(i);
    const points = joinedPoints(await Promise.all(numbers.map((i) => tile(series, exact, i))));
    const rows = exactPoints(points, from - points.first, Math.min(to, count) - points.first);
    return { ...rows, count };
  }

  const open = (payload, key) => (payload.bucketed ? openLong(payload, key) : openShort(payload));

  sitegen.series = { open, forget: () => tiles.clear() };
})();

/* Points and buckets of a series out of the payloads that sitegen/derive/metrics/pyramid.py writes, and back to points.
 *
 * Rows that a collector gathers: place in the series, step, time, value, and of which average they are: `finite`
 * points with the mean `means` come with this one (0 for the further points of a bucket).
 */
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const MISSING_TIME = -(2 ** 63); // "no wall time" in a column, the smallest int64
  const KINDS = new Map([[0, NaN], [1, Infinity], [-1, -Infinity]]);

  const column = async (given) => (given ? Float64Array.from(await sitegen.codec.decode(given)) : null);
  const timesOf = (found) => found && found.map((t) => (t <= MISSING_TIME ? NaN : t));

  /** Points of a payload, from the index `first` on. */
  async function readPoints(payload, first = 0) {
    const [steps, times, values] = await Promise.all(
      [payload.step, payload.time_us, payload.value].map(column));
    return { first, steps, times: timesOf(times), values };
  }

  async function readBuckets(payload) {
    const names = ["low", "low_at", "low_step", "low_time", "high", "high_at", "high_step", "high_time",
      "mean", "step", "time_us"];
    const found = await Promise.all(names.map((name) => column(payload[name])));
    const buckets = Object.fromEntries(names.map((name, i) => [name, found[i]]));
    const { n, size, first, steps, times_us: times } = payload;
    // Where steps or times are a progression, they follow from the place.
    const along = (ramp, at) => at.map((offset, i) => ramp.start + ramp.stride * (i * size + offset));
    const begins = new Float64Array(n);
    if (steps) {
      buckets.low_step = along(steps, buckets.low_at);
      buckets.high_step = along(steps, buckets.high_at);
      buckets.step = along(steps, begins);
    }
    if (times && times.stride !== undefined) {
      buckets.low_time = along(times, buckets.low_at);
      buckets.high_time = along(times, buckets.high_at);
      buckets.time_us = along(times, begins);
    }
    for (const name of ["low_time", "high_time", "time_us"]) buckets[name] = timesOf(buckets[name]);
    const faults = await readFaults(payload.faults, { size, steps, times });
    return { ...buckets, n, size, first, faults };
  }

  /** Map of the number in the payload to the first fault of that bucket and the count of all. */
  async function readFaults(payload, { size, steps, times }) {
    const found = new Map();
    if (!payload) return found;
    const names = ["bucket", "at", "value", "nan", "high", "low", "step", "time_us"];
    const columns = await Promise.all(names.map((name) => column(payload[name])));
    const [bucket, at, value, nan, high, low, step, time] = columns;
    for (let i = 0; i < bucket.length; i += 1) {
      const place = bucket[i] * size + at[i];
      found.set(bucket[i], {
        at: at[i],
        value: KINDS.get(value[i]),
        count: nan[i] + high[i] + low[i],
        step: step ? step[i] : steps.start + steps.stride * place,
        time: time ? timesOf(time.subarray(i, i + 1))[0] : times ? times.start + times.stride * place : NaN,
      });
    }
    return found;
  }

  /** Collects points to draw, in order of their place in the series. */
  function collector(hasTimes) {
    const rows = { indexes: [], steps: [], times: [], values: [], finite: [], means: [] };
    const add = (index, step, time, value, finite, mean) => {
      const last = rows.indexes.length - 1;
      if (rows.indexes[last] >= index) {
        if (rows.indexes[last] === index && finite) [rows.finite[last], rows.means[last]] = [finite, mean];
        return;
      }
      rows.indexes.push(index);
      rows.steps.push(step);
      rows.times.push(time);
      rows.values.push(value);
      rows.finite.push(finite);
      rows.means.push(mean);
    };
    const done = () => {
      const made = Object.fromEntries(
        Object.entries(rows).map(([name, values]) => [name, Float64Array.from(values)]));
      return { ...made, times: hasTimes ? made.times : null };
    };
    return { add, done };
  }

  // The points that stand for bucket `i`, those of them whose place is from `from` to before `to`.
  function addBucket(rows, buckets, i, { from, to, count }) {
    const begin = (buckets.first + i) * buckets.size;
    const fault = buckets.faults.get(i);
    const finite = Math.min(buckets.size, count - begin) - (fault ? fault.count : 0);
    const mean = buckets.mean[i];
    const time = (name) => (buckets[name] ? buckets[name][i] : NaN);
    const found = fault ? [[begin + fault.at, fault.step, fault.time, fault.value]] : [];
    if (finite > 0) {
      found.push(
        [begin + buckets.low_at[i], buckets.low_step[i], time("low_time"), buckets.low[i]],
        [begin + buckets.high_at[i], buckets.high_step[i], time("high_time"), buckets.high[i]]);
    }
    found.sort((a, b) => a[0] - b[0]);
    const inside = found.filter(([index]) => index >= from && index < to);
    inside.forEach((point, nth) => rows.add(...point, nth ? 0 : finite, mean));
  }

  // Exact points as buckets of `size`, made here: they are never stored so small.
  function addReduced(rows, points, begin, end, size) {
    for (let start = begin; start < end; start += size) {
      const stop = Math.min(end, start + size);
      let [low, high, fault, sum, finite] = [-1, -1, -1, 0, 0];
      for (let i = start; i < stop; i += 1) {
        const value = points.values[i];
        if (!Number.isFinite(value)) fault = fault < 0 ? i : fault;
        else {
          sum += value;
          finite += 1;
          if (low < 0 || value < points.values[low]) low = i;
          if (high < 0 || value > points.values[high]) high = i;
        }
      }
      const chosen = [low, high, fault].filter((i) => i >= 0).sort((a, b) => a - b);
      chosen.forEach((i, nth) => addPoint(rows, points, i, nth ? 0 : finite, sum / finite));
    }
  }

  function addPoint(rows, points, i, finite, mean) {
    const value = points.values[i];
    const own = Number.isFinite(value) ? 1 : 0;
    rows.add(points.first + i, points.steps[i], points.times ? points.times[i] : NaN, value,
      finite ?? own, mean ?? value);
  }

  function exactPoints(points, begin, end) {
    const rows = collector(points.times !== null);
    for (let i = begin; i < end; i += 1) addPoint(rows, points, i);
    return rows.done();
  }

  sitegen.seriesPoints = { readPoints, readBuckets, collector, addBucket, addReduced, addPoint, exactPoints };
})();

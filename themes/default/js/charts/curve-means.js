// Several series as one: their mean and spread at the steps they share. Pure functions of numbers.
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const SEED = /(^|[._/-])(random_?)?seed$/i;

  /** Whether a param of this name only tells repeats of one setting apart. */
  const isSeed = (name) => SEED.test(name);

  // The last value logged at each step, by step (as sitegen/derive/metrics/shared_steps.py).
  const byStep = ({ x, y }) => new Map(Array.from(x, (step, i) => [step, y[i]]));

  function ends(values) {
    let [first, last] = [Infinity, -Infinity];
    for (const step of values.keys()) {
      if (step < first) first = step;
      if (step > last) last = step;
    }
    return { values, first, last };
  }

  /** Mean, standard deviation (of n − 1), smallest and largest of finite values; n of them. */
  function summary(values) {
    let [n, mean, squares, low, high] = [0, 0, 0, Infinity, -Infinity];
    for (const value of values) {
      if (!Number.isFinite(value)) continue;
      n += 1;
      const off = value - mean;
      mean += off / n;
      squares += off * (value - mean);
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (n === 0) return { n, mean: NaN, sd: NaN, low: NaN, high: NaN };
    return { n, mean, sd: n > 1 ? Math.sqrt(squares / (n - 1)) : NaN, low, high };
  }

  const ENDS = {
    se: ({ mean, sd, n }) => [mean - sd / Math.sqrt(n), mean + sd / Math.sqrt(n)],
    std: ({ mean, sd }) => [mean - sd, mean + sd],
    range: ({ low, high }) => [low, high],
  };

  /**
   * The mean of `many` [{x: steps, y}] at each step that all of those have which have begun and not ended:
   * {x, y, n, low, high}, with the ends of the band `band`: "se", "std" or "range". n counts finite values; one
   * value alone has no spread, so its band is empty (NaN), that of "range" too.
   */
  function mean(many, band) {
    const series = many.map(byStep).filter((one) => one.size).map(ends);
    const steps = [...new Set(series.flatMap(({ values }) => [...values.keys()]))].sort((a, b) => a - b);
    const found = { x: [], y: [], n: [], low: [], high: [] };
    for (const step of steps) {
      const running = series.filter(({ first, last }) => first <= step && step <= last);
      if (!running.every(({ values }) => values.has(step))) continue;
      const one = summary(running.map(({ values }) => values.get(step)));
      const [low, high] = one.n > 1 ? ENDS[band](one) : [NaN, NaN];
      found.x.push(step);
      found.y.push(one.mean);
      found.n.push(one.n);
      found.low.push(low);
      found.high.push(high);
    }
    return found;
  }

  sitegen.curveMeans = { isSeed, summary, mean };
})();

/* Means with their uncertainty: the twin of sitegen/derive/statistics.py, whose head names the sources.
 *
 *   sitegen.statistics.estimate(values, clusters | null, isProportion)
 *     -> { n, clusters, mean, se, df, low, high, method }, null where the data cannot tell
 *   .wilson(successes, n) · .tInterval(mean, se, df) -> [low, high]
 *   .tCdf(t, df) · .tQuantile(p, df) · .binomialTail(k, n) = P(X <= k) of n coins · .grouped(values, clusters)
 * tests/derive/statistics_vectors.json holds both to values of scipy, to 1e-9.
 * Incomplete beta function: Lentz's continued fraction, NIST DLMF 8.17.22; log gamma: DLMF 5.11.1.
 */
(() => {
  "use strict";
  const Z_975 = 1.959963984540054;
  const HALF_LOG_2PI = 0.9189385332046728;
  const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];
  const TINY = 1e-300;

  /** log Γ(x) less its leading terms (x - ½) log x - x + ½ log 2π, for x ≥ 10. */
  function stirling(x) {
    let power = 1 / x, sum = 0;
    for (const coefficient of STIRLING) {
      sum += coefficient * power;
      power /= x * x;
    }
    return sum;
  }

  function logGamma(x) {
    let shift = 0;
    for (; x < 10; x += 1) shift += Math.log(x);
    return (x - 0.5) * Math.log(x) - x + HALF_LOG_2PI + stirling(x) - shift;
  }

  /** log B(a, b); differences of large log gammas are taken apart so that they cost no digits. */
  function logBeta(a, b) {
    const small = Math.min(a, b), large = Math.max(a, b);
    if (large < 10) return logGamma(small) + logGamma(large) - logGamma(small + large);
    const rest = stirling(large) - stirling(small + large);
    if (small < 10) {
      return logGamma(small) + rest + small - small * Math.log(small + large)
        + (large - 0.5) * Math.log1p(-small / (small + large));
    }
    return -0.5 * Math.log(large) + HALF_LOG_2PI + stirling(small) + rest
      + (small - 0.5) * Math.log(small / (small + large)) + large * Math.log1p(-small / (small + large));
  }

  /** The continued fraction of I_x(a, b), which converges fast for x < (a + 1)/(a + b + 2). */
  function betaFraction(x, a, b) {
    const keep = (value) => (Math.abs(value) < TINY ? TINY : value);
    let c = 1, d = 1 / keep(1 - ((a + b) * x) / (a + 1)), result = d;
    for (let m = 1; m < 100_000; m += 1) {
      const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
      d = 1 / keep(1 + even * d);
      c = keep(1 + even / c);
      result *= d * c;
      const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
      d = 1 / keep(1 + odd * d);
      c = keep(1 + odd / c);
      result *= d * c;
      if (Math.abs(d * c - 1) < 1e-16) break;
    }
    return result;
  }

  /** I_x(a, b); `rest` = 1 - x, given apart because near 1 it would lose its digits. */
  function incompleteBeta(x, rest, a, b) {
    if (x <= 0) return 0;
    if (rest <= 0) return 1;
    const front = Math.exp(a * Math.log(x) + b * Math.log(rest) - logBeta(a, b));
    if (x < (a + 1) / (a + b + 2)) return (front * betaFraction(x, a, b)) / a;
    return 1 - (front * betaFraction(rest, b, a)) / b;
  }

  /** P(T <= t) of Student's t with df degrees of freedom. */
  function tCdf(t, df) {
    const square = t * t;
    const tail = 0.5 * (square === Infinity ? 0 : incompleteBeta(df / (df + square), square / (df + square), df / 2, 0.5));
    return t > 0 ? 1 - tail : tail;
  }

  /** The t with tCdf(t, df) = p, for 0.5 <= p < 1: bisection on a bracket, then secants. */
  function tQuantile(p, df) {
    const tail = (t) => tCdf(-t, df) - (1 - p); // falls with t
    let low = 0, high = 2;
    while (tail(high) > 0) [low, high] = [high, high * 2];
    let atLow = tail(low), atHigh = tail(high);
    for (let round = 0; round < 200 && high - low > 1e-15 * high; round += 1) {
      let middle = round % 3 === 2 ? (low + high) / 2 : low + ((high - low) * atLow) / (atLow - atHigh);
      if (!(middle > low && middle < high)) middle = (low + high) / 2;
      if (middle === low || middle === high) break;
      const at = tail(middle);
      if (at === 0) return middle;
      if (at > 0) [low, atLow] = [middle, at];
      else [high, atHigh] = [middle, at];
    }
    return (low + high) / 2;
  }

  /** P(X <= k), X heads of n fair coins. */
  const binomialTail = (k, n) => (k < 0 ? 0 : k >= n ? 1 : incompleteBeta(0.5, 0.5, n - k, k + 1));

  function tInterval(mean, se, df) {
    const half = tQuantile(0.975, df) * se;
    return [mean - half, mean + half];
  }

  function wilson(successes, n) {
    const square = Z_975 * Z_975, ratio = successes / n, scale = 1 + square / n;
    const centre = (ratio + square / (2 * n)) / scale;
    const half = (Z_975 / scale) * Math.sqrt((ratio * (1 - ratio)) / n + square / (4 * n * n));
    return [successes <= 0 ? 0 : Math.max(0, centre - half), successes >= n ? 1 : Math.min(1, centre + half)];
  }

  /** The sum with the rounding errors carried along (Neumaier). */
  function sum(values) {
    let total = 0, lost = 0;
    for (const value of values) {
      const next = total + value;
      lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
      total = next;
    }
    return Number.isFinite(lost) ? total + lost : total;
  }
  const mean = (values) => sum(values) / values.length;

  /** Sums of the values of each cluster; the values themselves without clusters. */
  function grouped(values, clusters) {
    if (clusters === null) return [...values];
    const sums = new Map();
    for (let index = 0; index < values.length; index += 1) {
      sums.set(clusters[index], (sums.get(clusters[index]) ?? 0) + values[index]);
    }
    return [...sums.values()];
  }

  function estimate(values, clusters, isProportion) {
    const n = values.length;
    const none = { n, clusters: 0, mean: null, se: null, df: null, low: null, high: null, method: null };
    if (n === 0) return none;
    const middle = mean(values);
    const sums = grouped(Float64Array.from(values, (value) => value - middle), clusters);
    const groups = sums.length, isClustered = groups < n;
    const se = groups < 2 ? null : Math.sqrt((groups / (groups - 1)) * sum(sums.map((one) => one * one))) / n;
    const found = { ...none, clusters: groups, mean: middle, se, df: se === null ? null : groups - 1 };
    if (isProportion && (!isClustered || values.every((value) => value === values[0]))) {
      [found.low, found.high] = wilson(middle * groups, groups);
      found.method = isClustered ? "Wilson over clusters" : "Wilson";
    } else if (se !== null) {
      [found.low, found.high] = tInterval(middle, se, groups - 1);
      if (isProportion) [found.low, found.high] = [Math.max(found.low, 0), Math.min(found.high, 1)];
      found.method = isClustered ? "t, clustered" : "t";
    }
    return found;
  }

  sitegen.statistics = { estimate, wilson, tInterval, tCdf, tQuantile, binomialTail, grouped, mean, sum };
})();

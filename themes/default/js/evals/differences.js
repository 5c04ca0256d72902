/* Whether run B scores higher than run A: the twin of sitegen/derive/evals/differences.py and signflip.py,
 * whose heads name the sources.
 *
 *   sitegen.differences.paired(a, b, clusters | null, { isBoolean, key })
 *   sitegen.differences.unpaired(a, aClusters, b, bClusters)
 *     -> { n, clusters, meanA, meanB, difference, se, df, low, high, p, test, raised, lowered, flips, detectable }
 *   .holm(ps) · .benjaminiHochberg(ps), null stays null · .mcnemar(onlyA, onlyB) · .signFlip(sums, key)
 *   .keyOf(sha10, other) seeds the drawn signs, the same for both orders · .philox(key, first, count)
 */
(() => {
  "use strict";
  const { estimate, tInterval, tCdf, tQuantile, binomialTail, grouped, mean, sum } = sitegen.statistics;
  const MOST_EXACT = 14, MOST_FLIPPED = 2_000, DRAWS = 9_999;
  const EQUAL = 1e-12, TIE = 1e-10;

  const keyOf = (one, other) => [one, other].map((sha10) => parseInt(sha10.slice(0, 8), 16)).sort((a, b) => a - b);

  /** High and low 32 bits of the product of two 32-bit numbers. */
  function product(a, b) {
    const low = (a & 0xffff) * b, high = (a >>> 16) * b + Math.floor(low / 65_536);
    return [Math.floor(high / 65_536) >>> 0, Math.imul(a, b) >>> 0];
  }

  /** Philox4x32-10: the four words of one counter. */
  function block(key, counter) {
    let lanes = [counter >>> 0, Math.floor(counter / 2 ** 32), 0, 0], [first, second] = key;
    for (let round = 0; round < 10; round += 1) {
      const [highA, lowA] = product(0xd2511f53, lanes[0]), [highB, lowB] = product(0xcd9e8d57, lanes[2]);
      lanes = [(highB ^ lanes[1] ^ first) >>> 0, lowB, (highA ^ lanes[3] ^ second) >>> 0, lowA];
      first = (first + 0x9e3779b9) >>> 0;
      second = (second + 0xbb67ae85) >>> 0;
    }
    return lanes;
  }

  function philox(key, first, count) {
    const words = new Uint32Array(count);
    let lanes = null;
    for (let index = 0; index < count; index += 1) {
      const at = first + index;
      if (lanes === null || at % 4 === 0) lanes = block(key, Math.floor(at / 4));
      words[index] = lanes[at % 4];
    }
    return words;
  }

  function exact(sizes, least) {
    let totals = [0];
    for (const value of sizes) totals = totals.flatMap((total) => [total + value, total - value]);
    return totals.filter((total) => Math.abs(total) >= least).length / totals.length;
  }

  function signFlip(sums, key) {
    if (sums.length === 0) return 1;
    // sorted: the draws are the same however the pairs come
    const sizes = Float64Array.from(sums, Math.abs).sort(), total = sum(sizes);
    const least = Math.abs(sum(sums)) - TIE * total;
    if (sizes.length <= MOST_EXACT) return exact(sizes, least);
    const width = Math.ceil(sizes.length / 32), words = philox(key, 0, DRAWS * width);
    let asFar = 0;
    for (let draw = 0; draw < DRAWS; draw += 1) {
      let kept = 0;
      for (let index = 0; index < sizes.length; index += 1) {
        if ((words[draw * width + (index >>> 5)] >>> (index & 31)) & 1) kept += sizes[index];
      }
      if (Math.abs(2 * kept - total) >= least) asFar += 1;
    }
    return (asFar + 1) / (DRAWS + 1);
  }

  function mcnemar(onlyA, onlyB) {
    const rarer = Math.min(onlyA, onlyB), flips = onlyA + onlyB;
    return flips === 0 ? 1 : Math.min(1, binomialTail(rarer, flips) + binomialTail(rarer - 1, flips));
  }

  const tTest = (difference, se, df) => 2 * tCdf(-Math.abs(difference) / se, df);

  const detectable = (se, df) =>
    (se === null || df === null ? null : (tQuantile(0.975, df) + tQuantile(0.8, df)) * se);

  function flipsOf(a, b) {
    const counts = { both: 0, onlyA: 0, onlyB: 0, neither: 0 };
    for (let index = 0; index < a.length; index += 1) {
      if ((a[index] !== 0 && a[index] !== 1) || (b[index] !== 0 && b[index] !== 1)) return null;
      counts[a[index] === 1 ? (b[index] === 1 ? "both" : "onlyA") : b[index] === 1 ? "onlyB" : "neither"] += 1;
    }
    return counts;
  }

  /** Sums by cluster that are not 0 but for rounding. */
  function movedSums(changes, clusters) {
    const sums = grouped(changes, clusters), sizes = grouped(changes.map(Math.abs), clusters);
    return sums.filter((one, index) => Math.abs(one) > EQUAL * sizes[index]);
  }

  function testOf(changes, clusters, found, se, key) {
    const sums = movedSums(changes, clusters);
    if (sums.length <= MOST_FLIPPED) {
      return [signFlip(sums, key), sums.length <= MOST_EXACT ? "sign flip, exact" : "sign flip"];
    }
    return se === null ? [null, null] : [tTest(found.mean, se, found.df), "paired t"];
  }

  function paired(a, b, clusters, { isBoolean, key }) {
    const changes = Float64Array.from(a, (value, index) => {
      const change = b[index] - value;
      return Math.abs(change) <= EQUAL * (Math.abs(value) + Math.abs(b[index])) ? 0 : change;
    });
    const found = estimate(changes, clusters, false);
    const isClustered = found.clusters < found.n;
    const se = found.se && Number.isFinite(found.se) ? found.se : null;
    const flips = isBoolean ? flipsOf(a, b) : null;
    let p = null, test = null;
    if (changes.length > 0 && Number.isFinite(found.mean)) {
      if (flips !== null && !isClustered) [p, test] = [mcnemar(flips.onlyA, flips.onlyB), "McNemar, mid-p"];
      else if (found.clusters >= 2) [p, test] = testOf(changes, clusters, found, se, key);
      if (test !== null && isClustered) test += ", clustered";
    }
    const known = (value) => (se === null ? null : value);
    return {
      n: changes.length, clusters: found.clusters,
      meanA: a.length > 0 ? mean(a) : null, meanB: b.length > 0 ? mean(b) : null, difference: found.mean,
      se, df: known(found.df), low: known(found.low), high: known(found.high), p, test,
      raised: changes.filter((change) => change > 0).length,
      lowered: changes.filter((change) => change < 0).length,
      flips, detectable: detectable(se, found.df),
    };
  }

  function unpaired(a, aClusters, b, bClusters) {
    const one = estimate(a, aClusters, false), other = estimate(b, bClusters, false);
    const difference = one.mean === null || other.mean === null ? null : other.mean - one.mean;
    const result = {
      n: 0, clusters: 0, meanA: one.mean, meanB: other.mean, difference, se: null, df: null, low: null, high: null,
      p: null, test: null, raised: 0, lowered: 0, flips: null, detectable: null,
    };
    const ofA = (one.se ?? 0) ** 2, ofB = (other.se ?? 0) ** 2;
    if (difference === null || !one.df || !other.df || !(ofA + ofB > 0 && ofA + ofB < Infinity)) return result;
    result.se = Math.sqrt(ofA + ofB);
    result.df = (ofA + ofB) ** 2 / (ofA ** 2 / one.df + ofB ** 2 / other.df);
    [result.low, result.high] = tInterval(difference, result.se, result.df);
    result.p = tTest(difference, result.se, result.df);
    result.test = one.clusters < one.n || other.clusters < other.n ? "Welch t, clustered" : "Welch t";
    result.detectable = detectable(result.se, result.df);
    return result;
  }

  const known = (ps) => ps.map((p, place) => ({ p, place })).filter(({ p }) => p !== null);

  function holm(ps) {
    const adjusted = ps.map(() => null), ordered = known(ps).sort((one, other) => one.p - other.p);
    let largest = 0;
    ordered.forEach(({ p, place }, rank) => {
      largest = Math.max(largest, Math.min(1, (ordered.length - rank) * p));
      adjusted[place] = largest;
    });
    return adjusted;
  }

  function benjaminiHochberg(ps) {
    const adjusted = ps.map(() => null), ordered = known(ps).sort((one, other) => other.p - one.p);
    let smallest = 1;
    ordered.forEach(({ p, place }, back) => {
      smallest = Math.min(smallest, (p * ordered.length) / (ordered.length - back));
      adjusted[place] = smallest;
    });
    return adjusted;
  }

  sitegen.differences = { paired, unpaired, holm, benjaminiHochberg, mcnemar, signFlip, keyOf, philox };
})();

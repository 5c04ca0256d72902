/* Two trees of spans laid over each other: which span of the one is which of the other.
 *
 *   sitegen.traceAlign(a, b) -> [{ a: index or -1, b: index or -1, depth }] in reading order of both
 * *a* and *b* are models of waterfall.js. Children of a pair are paired in their order by kind and name (longest common
 * subsequence; beyond MOST pairs of children by their n-th place among equals). No recursion: traces are deep.
 */
(() => {
  "use strict";
  const MOST = 250_000;

  function childrenOf(model) {
    const children = new Map([[-1, []]]);
    for (let at = 0; at < model.count; at += 1) {
      const parent = model.parent[at];
      if (!children.has(parent)) children.set(parent, []);
      children.get(parent).push(at);
    }
    return (at) => children.get(at) ?? [];
  }

  /** Pairs of places that stand for each other, ascending in both. */
  function common(left, right) {
    const width = right.length + 1, lengths = new Uint16Array((left.length + 1) * width);
    for (let i = left.length - 1; i >= 0; i -= 1) {
      for (let j = right.length - 1; j >= 0; j -= 1) {
        lengths[i * width + j] = left[i] === right[j] ? lengths[(i + 1) * width + j + 1] + 1
          : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
      }
    }
    const pairs = [];
    for (let i = 0, j = 0; i < left.length && j < right.length;) {
      if (left[i] === right[j]) { pairs.push([i, j]); i += 1; j += 1; }
      else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) i += 1;
      else j += 1;
    }
    return pairs;
  }
  /** The n-th of a name with the n-th of that name, as far as both ascend. */
  function byPlace(left, right) {
    const places = new Map(), pairs = [];
    right.forEach((key, j) => { if (!places.has(key)) places.set(key, []); places.get(key).push(j); });
    let least = 0;
    left.forEach((key, i) => {
      const j = places.get(key)?.find((one) => one >= least);
      if (j === undefined) return;
      pairs.push([i, j]);
      least = j + 1;
      places.get(key).splice(0, places.get(key).indexOf(j) + 1);
    });
    return pairs;
  }

  function paired(left, right, keyA, keyB) {
    const a = left.map(keyA), b = right.map(keyB);
    const pairs = a.length * b.length > MOST ? byPlace(a, b) : common(a, b);
    const found = [];
    let i = 0, j = 0;
    for (const [nextI, nextJ] of [...pairs, [left.length, right.length]]) {
      while (i < nextI) { found.push([left[i], -1]); i += 1; }
      while (j < nextJ) { found.push([-1, right[j]]); j += 1; }
      if (i < left.length && j < right.length) found.push([left[i], right[j]]);
      i = nextI + 1;
      j = nextJ + 1;
    }
    return found;
  }

  function traceAlign(a, b) {
    const below = [childrenOf(a), childrenOf(b)];
    const key = (model) => (at) => `${model.kind[at]} ${model.name[at]}`;
    const rootKey = (model) => (at) => model.kind[at]; // a root is the root, whatever its name
    const entries = [];
    const waiting = paired(below[0](-1), below[1](-1), rootKey(a), rootKey(b)).map(([x, y]) => ({ a: x, b: y, depth: 0 })).reverse();
    while (waiting.length > 0) {
      const entry = waiting.pop();
      entries.push(entry);
      const left = entry.a < 0 ? [] : below[0](entry.a), right = entry.b < 0 ? [] : below[1](entry.b);
      const next = paired(left, right, key(a), key(b));
      for (let at = next.length - 1; at >= 0; at -= 1) waiting.push({ a: next[at][0], b: next[at][1], depth: entry.depth + 1 });
    }
    return entries;
  }

  sitegen.traceAlign = traceAlign;
})();

/* The scores of a run's eval by column, and two of them paired by sample id.
 *
 *   sitegen.evalColumns.load(key) -> Promise of
 *     { n, ids, epochs, clusters, digests, errors: Set, scores: Map(name -> { kind, goal, values, words }), rowsById, payload(row) -> Promise of the whole sample, fileOf(row) }
 *   .pair(a, b) -> { ids, rowsA, rowsB, onlyA, onlyB }, rows of each id in either: arrays of row numbers
 *   .scorers(a, b) -> names that both have as numbers or booleans
 *   .compare(a, b, key) -> { pair, scorers: [{ name, kind, goal, found, holm, better, worse, lost, gained, unscored, failed,
 *     valuesA, valuesB }] }; lost: scored in A alone, failed: the difference if what is not scored had failed, or null
 * The file is that of derive/evals/score_columns.py; epochs and duplicates are averaged within the id.
 */
(() => {
  "use strict";

  const loaded = new Map();

  function load(key) {
    if (!loaded.has(key)) {
      loaded.set(key, read(key).catch((error) => {
        loaded.delete(key);
        throw error;
      }));
    }
    return loaded.get(key);
  }

  async function read(key) {
    const file = await sitegen.store.get(key);
    const column = (one) => (one === null ? null : sitegen.codec.decode(one));
    const scores = new Map();
    for (const [name, { kind, goal, column: values, words }] of Object.entries(file.scores)) {
      scores.set(name, { kind, goal, words, values: Float64Array.from(await column(values), Number) });
    }
    const rowsById = new Map();
    file.ids.forEach((id, row) => {
      const rows = rowsById.get(id);
      if (rows === undefined) rowsById.set(id, [row]);
      else rows.push(row);
    });
    const found = {
      key, n: file.n, ids: file.ids, scores, rowsById, errors: new Set(file.errors),
      epochs: await column(file.epochs), clusters: await column(file.clusters), digests: await column(file.digests),
    };
    found.payload = (row) => payload(key, file, row);
    found.fileOf = (row) => file.starts.findLastIndex((start) => start <= row);
    return found;
  }

  /** The whole sample of a row, from the data file that holds it. */
  async function payload(key, { starts, files }, row) {
    const chunk = starts.findLastIndex((start) => start <= row);
    const name = `${key.replace(/compare$/, "")}${chunk}`;
    if (!sitegen.store.has(name)) sitegen.store.addFiles({ [name]: files[chunk] });
    const { samples } = await sitegen.store.get(name);
    return samples[row - starts[chunk]] ?? null;
  }

  function pair(a, b) {
    const ids = [], rowsA = [], rowsB = [], onlyA = [];
    for (const [id, rows] of a.rowsById) {
      const others = b.rowsById.get(id);
      if (others === undefined) onlyA.push(id);
      else {
        ids.push(id);
        rowsA.push(rows);
        rowsB.push(others);
      }
    }
    return { ids, rowsA, rowsB, onlyA, onlyB: [...b.rowsById.keys()].filter((id) => !a.rowsById.has(id)) };
  }

  /** The mean of the finite scores of some rows; NaN without any. */
  function averaged(values, rows) {
    if (rows.length === 1) return values[rows[0]];
    let sum = 0, count = 0;
    for (const row of rows) {
      if (Number.isFinite(values[row])) {
        sum += values[row];
        count += 1;
      }
    }
    return count === 0 ? NaN : sum / count;
  }

  const isMeasured = (score) => score?.kind === "boolean" || score?.kind === "number";

  const scorers = (a, b) => [...a.scores.keys()].filter((name) =>
    isMeasured(a.scores.get(name)) && isMeasured(b.scores.get(name)));

  /** Which group each pair belongs to: its cluster in A, else in B, else itself; null if none is named. */
  function groups(a, b, paired, places) {
    if (a.clusters === null && b.clusters === null) return null;
    const clusterOf = (side, rows) => (side.clusters === null ? -1 : side.clusters[rows[0]]);
    return places.map((place) => {
      const own = clusterOf(a, paired.rowsA[place]);
      if (own >= 0) return own;
      const other = clusterOf(b, paired.rowsB[place]);
      return other >= 0 ? -2 - other : `own ${place}`;
    });
  }

  function compareScorer(a, b, paired, name, key) {
    const one = a.scores.get(name), other = b.scores.get(name);
    const goal = other.goal ?? one.goal ?? (one.kind === "boolean" ? "maximize" : null);
    const valuesA = paired.rowsA.map((rows) => averaged(one.values, rows));
    const valuesB = paired.rowsB.map((rows) => averaged(other.values, rows));
    const places = valuesA.flatMap((value, place) =>
      (Number.isFinite(value) && Number.isFinite(valuesB[place]) ? [place] : []));
    const isBoolean = one.kind === "boolean" && other.kind === "boolean";
    const found = paired.ids.length > 0
      ? sitegen.differences.paired(places.map((place) => valuesA[place]), places.map((place) => valuesB[place]),
        groups(a, b, paired, places), { isBoolean, key })
      : unpaired(a, b, one, other);
    const sign = goal === "minimize" ? -1 : goal === "maximize" ? 1 : 0;
    return {
      name, kind: isBoolean ? "boolean" : "number", goal, sign, found, holm: null, valuesA, valuesB,
      ...leftOut(valuesA, valuesB, isBoolean),
      better: sign > 0 ? found.raised : sign < 0 ? found.lowered : 0,
      worse: sign > 0 ? found.lowered : sign < 0 ? found.raised : 0,
    };
  }

  /** Samples in both runs without a score in one of them. */
  function leftOut(valuesA, valuesB, isBoolean) {
    const found = { lost: 0, gained: 0, unscored: 0, failed: null };
    let sumA = 0, sumB = 0;
    valuesA.forEach((before, place) => {
      const after = valuesB[place], hasBefore = Number.isFinite(before), hasAfter = Number.isFinite(after);
      if (hasBefore) sumA += before;
      if (hasAfter) sumB += after;
      if (hasBefore && !hasAfter) found.lost += 1;
      else if (hasAfter && !hasBefore) found.gained += 1;
      else if (!hasBefore) found.unscored += 1;
    });
    if (isBoolean && found.lost + found.gained + found.unscored > 0) found.failed = (sumB - sumA) / valuesA.length;
    return found;
  }

  function unpaired(a, b, one, other) {
    const side = (run, score) => {
      const rows = [...score.values.keys()].filter((row) => Number.isFinite(score.values[row]));
      const clusters = rows.map((row) => (run.clusters !== null && run.clusters[row] >= 0 ? run.clusters[row] : `own ${run.ids[row]}`));
      return [rows.map((row) => score.values[row]), clusters];
    };
    return sitegen.differences.unpaired(...side(a, one), ...side(b, other));
  }

  function compare(a, b, key) {
    const paired = pair(a, b);
    const found = scorers(a, b).map((name) => compareScorer(a, b, paired, name, key));
    const adjusted = sitegen.differences.holm(found.map(({ found: { p } }) => p));
    found.forEach((one, place) => { one.holm = adjusted[place]; });
    return { a, b, pair: paired, scorers: found };
  }

  sitegen.evalColumns = { load, pair, scorers, compare, averaged };
})();

/* The scores of a run's eval by column, and two of them paired by sample id.
 *
 *   sitegen.evalColumns.load(key) -> Promise of
 *     { n, ids, kinds: [{ name, kind }] of all scorers, epochs, clusters (-1: none), digests of outputs, scores: Map(name -> { kind, goal, values }), rowsById,
 *       payload(row) -> Promise of the whole sample, texts(rows) -> Promise of previews [{ input, output, target }] }
 *   .pair(a, b) -> { ids, rowsA, rowsB, onlyA, onlyB }, rows of each id in either: arrays of row numbers
 *   .scorers(a, b) -> names that both have as numbers or booleans
 *   .compare(a, b, key) -> { pair, scorers: [{ name, kind, goal, found, holm, bh, better, worse, lost, gained, unscored, failed,
 *     valuesA, valuesB }] }; lost: scored in A alone, failed: the difference if what is not scored had failed, or null
 * The index is that of derive/evals/score_columns.py, the columns are those of the table of samples; epochs and duplicates are averaged within the id.
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

  const TEXTS = ["input", "output", "target"];

  /** The columns of the table of samples as a frame; the index of the eval tells where their blocks are. */
  async function read(key) {
    const index = await sitegen.store.get(key), prefix = key.replace(/compare$/, ""), groups = {};
    for (const [name, { starts, files }] of Object.entries(index.groups)) {
      groups[name] = starts;
      sitegen.store.addFiles(Object.fromEntries(files.map((file, block) => [`${prefix}${name}-${block}`, file])));
    }
    const columns = [{ name: "id", group: "core" }, { name: "digest", group: "outputs" }, ...TEXTS.map((name) => ({ name, group: "text" }))];
    const frame = sitegen.frame({ n: index.n, prefix, groups, columns });
    await frame.load(["id", "digest"]);
    const scores = new Map(Object.entries(index.scorers).filter(([, one]) => isMeasured(one))
      .map(([name, one]) => [name, { ...one, values: numbers(frame.column(`scores.${name}`), index.n) }]));
    const ids = Array.from({ length: index.n }, (_, row) => frame.value("id", row)), rowsById = new Map();
    ids.forEach((id, row) => {
      const rows = rowsById.get(id);
      if (rows === undefined) rowsById.set(id, [row]);
      else rows.push(row);
    });
    return {
      key, n: index.n, ids, kinds: Object.entries(index.scorers).map(([name, { kind }]) => ({ name, kind })), scores, rowsById, epochs: frame.column("epoch")?.values ?? null,
      clusters: frame.column("cluster")?.codes ?? null, digests: frame.column("digest")?.values ?? null,
      payload: (row) => payload(prefix, index.samples, row), texts: (rows) => texts(frame, rows),
    };
  }

  /** Scores as numbers, yes as 1; NaN where there is none. */
  function numbers(column, n) {
    if (column === null) return new Float64Array(n).fill(NaN);
    if (column.values) return column.values.map((value, row) => (column.has[row] ? value : NaN));
    const words = column.words.map((word) => (typeof word === "string" ? NaN : Number(word)));
    return Float64Array.from(column.codes, (code) => (code < 0 ? NaN : words[code]));
  }

  /** Previews of rows: the blocks that hold them are loaded once. */
  async function texts(frame, rows) {
    await frame.load(TEXTS, rows);
    return rows.map((row) => Object.fromEntries(TEXTS.map((name) => [name, frame.value(name, row) ?? ""])));
  }

  /** The whole sample of a row, from the data file that holds it. */
  async function payload(prefix, { starts, files }, row) {
    const chunk = starts.findLastIndex((start) => start <= row), name = `${prefix}${chunk}`;
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
      name, kind: isBoolean ? "boolean" : "number", goal, sign, found, holm: null, bh: null, family: 1, valuesA, valuesB,
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
    const ps = found.map(({ found: { p } }) => p), { holm, benjaminiHochberg } = sitegen.differences;
    const [strict, shared] = [holm(ps), benjaminiHochberg(ps)];
    found.forEach((one, place) => Object.assign(one, { holm: strict[place], bh: shared[place], family: ps.filter((p) => p !== null).length }));
    return { a, b, pair: paired, scorers: found };
  }

  sitegen.evalColumns = { load, pair, scorers, compare, averaged };
})();

/* The columns of compared runs as numbers: those of all runs of their experiments, the chosen ones marked.
 *
 *   sitegen.compareColumns.load(view) -> Promise of { runs: [{ key, name, url, isChosen, ink, letter, at(name) }], columns, names }
 *   .numbers(table, name) -> { values: Float64Array, NaN where none; ticks: [[value, text]] | null for words }
 *   .scale(values, { isLog, from, to }) -> { place(value) -> px | NaN, ticks: [[value, text]], isLog }
 *   .inks(values, goal) -> class of the sequence by value, the best the strongest
 * The files are those of the run table (sitegen/pages/experiment/run_columns.py), found through the registry.
 */
(() => {
  "use strict";
  const GROUPS = ["params", "metrics", "evals", "core"], KINDS = new Set(["param", "metric", "ratio", "count", "money", "duration"]);
  const STEPS = 6, MOST_WORDS = 40;

  async function ofExperiment(experiment) {
    const { schema, files } = await sitegen.store.get(experiment.columns);
    sitegen.store.addFiles(files);
    const frame = sitegen.frame(schema);
    const columns = schema.columns.filter(({ group, kind }) => GROUPS.includes(group) && KINDS.has(kind));
    await frame.load(columns.map(({ name }) => name).concat("key"));
    return { frame, columns, experiment };
  }

  async function load(view) {
    const experiments = [...new Set(view.asked.map(({ experiment }) => experiment))];
    const tables = await Promise.all(experiments.map(ofExperiment));
    const chosen = new Map(view.asked.map((run, at) => [run.key, { ink: (at % 8) + 1, letter: view.asked.length <= 8 ? "ABCDEFGH"[at] : "" }]));
    const columns = new Map(tables.flatMap((table) => table.columns.map((column) => [column.name, column])));
    const runs = tables.flatMap(({ frame, experiment }) => experiment.runs.map(([key, name, status, url], row) => ({
      key, name, status, url, isChosen: chosen.has(key), ...(chosen.get(key) ?? { ink: null, letter: "" }), at: (column) => frame.value(column, row),
    })));
    return { runs, columns, names: [...columns.keys()] };
  }

  const numberOf = (value) => (typeof value === "number" ? value : typeof value === "boolean" ? Number(value) : NaN);

  /** Numbers as they are; words by their place in the alphabet, named at the ticks. */
  function numbers(runs, name) {
    const found = runs.map((run) => run.at(name)).map((value) => (value === null ? "null" : value));
    if (!found.some((value) => typeof value === "string" || Array.isArray(value) || (value && typeof value === "object"))) {
      const isBoolean = found.some((value) => typeof value === "boolean");
      return { values: Float64Array.from(found, numberOf), ticks: isBoolean ? [[0, "false"], [1, "true"]] : null };
    }
    const texts = found.map((value) => (value === undefined ? null : typeof value === "string" ? value : JSON.stringify(value)));
    const words = [...new Set(texts.filter((text) => text !== null))].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    const place = new Map(words.map((word, at) => [word, at]));
    const step = Math.ceil(words.length / MOST_WORDS);
    return {
      values: Float64Array.from(texts, (text) => (text === null ? NaN : place.get(text))),
      ticks: words.map((word, at) => [at, word]).filter((_, at) => at % step === 0),
    };
  }

  function roundTicks(low, high, count) {
    const raw = (high - low) / count, power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].find((one) => one * power >= raw) * power, ticks = [];
    for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at += 1) ticks.push(at * step);
    return ticks;
  }

  function scale({ values, ticks }, { isLog = false, from, to, count = 5 }) {
    const usable = [...values].filter((value) => Number.isFinite(value) && (!isLog || value > 0));
    let low = Infinity, high = -Infinity;
    for (const value of usable) { low = Math.min(low, value); high = Math.max(high, value); }
    if (low > high) [low, high] = isLog ? [1, 10] : [0, 1];
    if (low === high) [low, high] = isLog ? [low / 2, high * 2] : [low - (Math.abs(low) || 1) / 2, high + (Math.abs(high) || 1) / 2];
    const on = isLog ? Math.log10 : (value) => value, [first, last] = [on(low), on(high)];
    const place = (value) => (isLog && !(value > 0) ? NaN : from + ((on(value) - first) / (last - first)) * (to - from));
    const back = (px) => { const value = first + ((px - from) / (to - from)) * (last - first); return isLog ? 10 ** value : value; };
    let marks = ticks;
    if (marks === null && isLog) {
      const powers = [];
      for (let power = Math.ceil(first - 1e-9); power <= last + 1e-9; power += 1) powers.push(10 ** power);
      marks = (powers.length > 1 ? powers : [low, high]).map((value) => [value, sitegen.format.number(value, { digits: 3 })]);
    } else marks ??= roundTicks(low, high, count).map((value) => [value, sitegen.format.number(value, { digits: 4 })]);
    return { place, back, ticks: marks, isLog, low, high };
  }

  /** 1 to 6 by rank of value, the best by the goal the strongest; 0 without a value. */
  function inks(values, goal) {
    const sorted = [...new Set([...values].filter(Number.isFinite))].sort((a, b) => a - b);
    const places = new Map(sorted.map((value, at) => [value, sorted.length > 1 ? at / (sorted.length - 1) : 1]));
    return Array.from(values, (value) => {
      if (!places.has(value)) return 0;
      const part = places.get(value);
      return 1 + Math.min(STEPS - 1, Math.floor((goal === "minimize" ? 1 - part : part) * STEPS));
    });
  }

  sitegen.compareColumns = { load, numbers, scale, inks };
})();

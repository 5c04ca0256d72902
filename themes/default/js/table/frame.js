/* A table as columns of data: blocks are loaded when one of their columns is asked for.
 *
 *   sitegen.frame(schema) -> { n, load(names, rows), isLoaded(name, row), value(name, row), lookup(row),
 *     column(name), order(name), words(name), define(name, read), seed(row, values) }
 *   schema (sitegen/pages/grid.py): { n, prefix, groups: { group: [first row of each block] }, columns: [{ name, group }] }
 *   value: undefined is missing, null is a value. load(names) -> Promise of all blocks, load(names, [rows]) of theirs.
 *   column(name) -> { values: Float64Array, has: Uint8Array } | { words, codes: Int32Array, -1 missing } | null
 *   order(name) -> { ranks: Uint8Array (0 value, 1 NaN, 2 missing), keys } to sort rows by
 * The form of a block is told in sitegen/derive/columns.py.
 */
(() => {
  "use strict";
  const NON_FINITE = new Map([["NaN", NaN], ["Infinity", Infinity], ["-Infinity", -Infinity]]);

  /** A text that sorts as people expect: case and accents ignored, runs of digits by their value. */
  function sortText(text) {
    const plain = /^[\x20-\x7e]*$/.test(text) ? text.toLowerCase()
      : text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
    return /\d/.test(plain) ? plain.replaceAll(/\d+/g, (digits) => digits.padStart(15, "0")) : plain;
  }
  const textOf = (value) => (typeof value === "string" ? value
    : Array.isArray(value) ? value.join(", ") : JSON.stringify(value));

  async function decoded(column, count) {
    const { codec } = sitegen;
    const rows = column.rows ? await codec.decode(column.rows) : null;
    if (column.t === "number") return { rows, count, numbers: await codec.decode(column.v) };
    if (column.t === "points") {
      return { lines: await codec.decode(column.v), counts: await codec.decode(column.counts) };
    }
    return { rows, count, words: await codec.words(column.words), codes: await codec.decode(column.codes) };
  }

  const emptyNumbers = (n) => ({ values: new Float64Array(n), has: new Uint8Array(n) });
  const emptyWords = (n) => ({ words: [], codes: new Int32Array(n).fill(-1) });

  /** Numbers of earlier blocks as words, because a later block holds something else. */
  function asWords({ values, has }) {
    const column = emptyWords(values.length), codes = new Map();
    for (let row = 0; row < values.length; row += 1) {
      if (!has[row]) continue;
      if (!codes.has(values[row])) codes.set(values[row], column.words.push(values[row]) - 1);
      column.codes[row] = codes.get(values[row]);
    }
    return column;
  }

  function put(column, block, start, n) {
    const { rows, count, numbers } = block;
    if (numbers && (column === null || column.values)) {
      const { values, has } = column ??= emptyNumbers(n);
      if (rows === null) {
        values.set(numbers, start);
        has.fill(1, start, start + count);
      } else for (let i = 0; i < rows.length; i += 1) { values[start + rows[i]] = numbers[i]; has[start + rows[i]] = 1; }
      return column;
    }
    const into = column === null ? emptyWords(n) : column.values ? asWords(column) : column;
    const words = block.words ?? [...numbers], codes = block.codes ?? [...words.keys()], offset = into.words.length;
    into.words = offset === 0 ? words : into.words.concat(words);
    for (let i = 0; i < codes.length; i += 1) into.codes[start + (rows === null ? i : rows[i])] = offset + codes[i];
    return into;
  }

  function putLines(column, { lines, counts }, start) {
    const into = column ?? { lines: new Map() };
    let at = 0;
    for (let i = 0; i < counts.length; i += 1) {
      if (counts[i] > 0) into.lines.set(start + i, Array.from(lines.slice(at, at + counts[i])));
      at += counts[i];
    }
    return into;
  }

  function frame(schema) {
    const { n, prefix, groups } = schema;
    const columns = new Map(), loads = new Map(), orders = new Map(), derived = new Map();
    const done = Object.fromEntries(Object.entries(groups).map(([name, starts]) => [name, new Uint8Array(starts.length)]));
    const groupByName = new Map(schema.columns.map((column) => [column.name, column.group]));
    const ofByName = new Map(schema.columns.filter(({ of }) => of).map(({ name, of }) => [name, of]));

    let seeds = null; // values known before their block is there

    async function fetchBlock(group, block) {
      const payload = await sitegen.store.get(`${prefix}${group}-${block}`);
      const start = groups[group][block];
      await Promise.all(Object.entries(payload.columns).map(async ([name, column]) => {
        const one = await decoded(column, payload.n);
        const before = columns.get(name) ?? null;
        columns.set(name, one.lines ? putLines(before, one, start) : put(before, one, start, n));
        orders.delete(name);
      }));
      done[group][block] = 1;
    }
    function loadBlock(group, block) {
      const key = `${group}-${block}`;
      if (!loads.has(key)) {
        loads.set(key, fetchBlock(group, block).catch((error) => { loads.delete(key); throw error; }));
      }
      return loads.get(key);
    }
    const blockOf = (group, row) => groups[group].findLastIndex((start) => start <= row);
    const groupOf = (name) => groupByName.get(name) ?? (name.startsWith("text:") ? groupByName.get(name.slice(5)) : null);

    /** Loads what is missing; resolves to whether anything was. */
    async function load(names, rows = null) {
      const wanted = new Map();
      for (const name of names) {
        const group = groupOf(name);
        if (!group || groups[group] === undefined) continue;
        const blocks = rows === null ? groups[group].keys() : new Set(Array.from(rows, (row) => blockOf(group, row)));
        for (const block of blocks) if (!done[group][block]) wanted.set(`${group}-${block}`, [group, block]);
      }
      await Promise.all([...wanted.values()].map(([group, block]) => loadBlock(group, block)));
      return wanted.size > 0;
    }
    function isLoaded(name, row = null) {
      const blocks = done[groupOf(name)];
      if (blocks === undefined) return true;
      return row === null ? blocks.every(Boolean) : blocks[blockOf(groupOf(name), row)] === 1;
    }

    function value(name, row) {
      const read = derived.get(name);
      if (read !== undefined) return read(row);
      const column = columns.get(name);
      if (seeds !== null && (column === undefined || column.codes?.[row] < 0)) return seeds.get(row)?.[name];
      if (column === undefined) return undefined;
      if (column.values) return column.has[row] ? column.values[row] : undefined;
      if (column.lines) return column.lines.get(row);
      return column.codes[row] < 0 ? undefined : column.words[column.codes[row]];
    }

    function numericOrder(read) {
      const ranks = new Uint8Array(n), keys = new Float64Array(n);
      for (let row = 0; row < n; row += 1) {
        const value = read(row);
        ranks[row] = value === undefined ? 2 : Number.isNaN(value) ? 1 : 0;
        keys[row] = ranks[row] === 0 ? value : 0;
      }
      return { ranks, keys };
    }
    /** Numbers before texts; each word's key is made once. */
    function wordOrder({ words, codes }) {
      const numbers = words.map((word) => (typeof word === "boolean" ? Number(word)
        : typeof word === "number" ? word : NON_FINITE.get(word)));
      if (numbers.every((number) => number !== undefined)) {
        return numericOrder((row) => (codes[row] < 0 ? undefined : numbers[codes[row]]));
      }
      const texts = words.map((word) => sortText(textOf(word)));
      const ranks = Uint8Array.from(codes, (code) => (code < 0 || texts[code] === "" ? 2 : 0));
      const sorted = Uint32Array.from(texts.keys()).sort((a, b) => (texts[a] < texts[b] ? -1 : texts[a] > texts[b] ? 1 : 0));
      const place = new Float64Array(words.length);
      sorted.forEach((code, at) => {
        place[code] = at > 0 && texts[code] === texts[sorted[at - 1]] ? place[sorted[at - 1]] : at;
      });
      return { ranks, keys: Float64Array.from(codes, (code) => (code < 0 ? 0 : place[code])) };
    }
    /** A computed column as words, null where it holds numbers only. */
    function worded(read) {
      const column = emptyWords(n);
      let hasText = false;
      for (let row = 0; row < n; row += 1) {
        const one = read(row);
        hasText ||= typeof one === "string";
        if (one !== undefined) column.codes[row] = column.words.push(one) - 1;
      }
      return hasText ? column : null;
    }
    function order(name) {
      if (!orders.has(name)) {
        const column = derived.has(name) ? worded(derived.get(name)) : columns.get(name);
        orders.set(name, column?.words ? wordOrder(column) : numericOrder((row) => value(name, row)));
      }
      return orders.get(name);
    }

    return {
      n, schema, load, isLoaded, value, order,
      column: (name) => columns.get(name) ?? null,
      names: () => [...groupByName.keys()],
      /** Names that must be loaded before `name` can be read. */
      needs: (name) => [name, ...(ofByName.has(name) ? [ofByName.get(name)] : [])],
      words: (name) => columns.get(name)?.words ?? [],
      define(name, read) { derived.set(name, read); orders.delete(name); },
      forget: (name) => orders.delete(name),
      seed(row, values) { (seeds ??= new Map()).set(row, values); },
    };
  }

  sitegen.frame = Object.assign(frame, { sortText });
})();

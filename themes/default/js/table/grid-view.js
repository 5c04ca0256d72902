/* Which rows a grid shows and in which order: filter, sort, groups, the tree of parents.
 *
 *   sitegen.gridView.rows(grid) -> Uint32Array of the rows that match, in order
 *   sitegen.gridView.entries(grid, rows) -> [{ row, depth, group, isFolded, size }], one a line; `group` is
 *     { key, label, rows } on the line of a group, null on that of a row
 *   sitegen.gridView.summary(grid, name, rows) -> { n, mean, se, distinct, first } over numbers, or values
 * grid: { frame, match, searchNames, narrowings, sort: [{ name, direction }], groupBy: [names], isTree, folded: Set, startOrder }
 */
(() => {
  "use strict";
  const MOST_DISTINCT = 100; // counted so far

  /** One object for all rows: the filter reads 100,000 of them in one go. */
  function probe(grid) {
    const { frame, searchNames } = grid;
    let at = 0;
    const one = {
      lookup: (name) => grid.fieldValue(name, at),
      get search() { return grid.searchText(at, searchNames, frame); },
      at(row) { at = row; return one; },
      get row() { return at; },
    };
    return one;
  }

  function matching(grid) {
    const { frame, match } = grid, tests = [...grid.narrowings.values()];
    const found = new Uint32Array(frame.n), one = probe(grid), start = grid.startRows ?? null;
    let count = 0;
    for (let at = 0; at < frame.n; at += 1) {
      const row = start === null ? at : start[at];
      if (match !== null && !match(one.at(row))) continue;
      if (tests.length > 0 && !tests.every((test) => test(row))) continue;
      found[count] = row;
      count += 1;
    }
    return found.subarray(0, count);
  }

  /** Values by the sort's direction, then NaN, then missing ones, both ways; then as the server has them. */
  function compareBy(grid) {
    const orders = grid.sort.map(({ name, direction }) => ({
      ...grid.frame.order(name), sign: direction === "desc" ? -1 : 1,
    }));
    const start = grid.startOrder;
    return (a, b) => {
      for (const { ranks, keys, sign } of orders) {
        if (ranks[a] !== ranks[b]) return ranks[a] - ranks[b];
        if (keys[a] < keys[b]) return -sign;
        if (keys[a] > keys[b]) return sign;
      }
      return start === null ? a - b : start[a] - start[b];
    };
  }

  function rows(grid) {
    const found = matching(grid);
    return grid.sort.length === 0 ? found : found.sort(compareBy(grid));
  }

  // Groups
  const keyOf = (value) => (value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : `${typeof value} ${value}`);

  function grouped(grid, found) {
    const groups = new Map();
    for (const row of found) {
      const values = grid.groupBy.map((name) => grid.fieldValue(name, row));
      const key = values.map(keyOf).join("\u0001");
      if (!groups.has(key)) groups.set(key, { key, values, rows: [] });
      groups.get(key).rows.push(row);
    }
    return sortedGroups(grid, [...groups.values()]);
  }

  /** Groups stand by the mean of the first sorted column of numbers, else as their first rows stand. */
  function sortedGroups(grid, groups) {
    const by = grid.sort[0];
    if (by === undefined || !grid.columnOf(by.name)?.is_number) return groups;
    const sign = by.direction === "desc" ? -1 : 1;
    const means = new Map(groups.map((group) => [group, summary(grid, by.name, group.rows).mean]));
    const rank = (mean) => (mean === null ? 2 : Number.isNaN(mean) ? 1 : 0);
    return groups.sort((a, b) => {
      const left = means.get(a), right = means.get(b);
      return rank(left) - rank(right) || (rank(left) === 0 ? sign * (left - right) : 0);
    });
  }

  function summary(grid, name, found) {
    let n = 0, sum = 0, mean = 0, squares = 0;
    const distinct = new Set();
    let first;
    for (const row of found) {
      const value = grid.frame.value(name, row);
      if (distinct.size < MOST_DISTINCT) distinct.add(typeof value === "object" ? keyOf(value) : value);
      if (n === 0 && first === undefined) first = value;
      const number = typeof value === "boolean" ? Number(value) : value;
      if (typeof number !== "number" || !Number.isFinite(number)) continue;
      n += 1;
      sum += number;
      const step = number - mean;
      mean += step / n;
      squares += step * (number - mean);
    }
    return { n, sum, mean: n > 0 ? mean : null, distinct: distinct.size, first,
      se: n > 1 ? Math.sqrt(squares / (n - 1) / n) : null };
  }

  // Parents and children
  function tree(grid, found) {
    const { frame } = grid, rowById = new Map(), children = new Map(), isMatch = new Set(found);
    for (let row = 0; row < frame.n; row += 1) rowById.set(frame.value("id", row), row);
    const parentOf = (row) => {
      const parent = rowById.get(frame.value("parent", row));
      return parent === undefined || parent === row ? null : parent;
    };
    const roots = new Set(), seen = new Set();
    const order = new Map([...found].map((row, at) => [row, at]));
    const add = (row) => { // with its ancestors, so that a match has its place
      for (let one = row, depth = 0; !seen.has(one) && depth < 50; depth += 1) {
        seen.add(one);
        const parent = parentOf(one);
        if (parent === null) { roots.add(one); return; }
        if (!children.has(parent)) children.set(parent, []);
        children.get(parent).push(one);
        one = parent;
      }
    };
    for (const row of found) add(row);
    const place = (row) => order.get(row) ?? found.length + row;
    const sorted = (list) => [...list].sort((a, b) => place(a) - place(b));
    const lines = [];
    const write = (row, depth) => {
      const below = children.get(row) ?? [];
      const isFolded = grid.folded.has(grid.keyOf(row));
      lines.push({ row, depth, group: null, size: below.length, isFolded, isOther: !isMatch.has(row) });
      if (!isFolded && depth < 50) for (const child of sorted(below)) write(child, depth + 1);
    };
    for (const root of sorted(roots)) write(root, 0);
    return lines;
  }

  function entries(grid, found) {
    if (grid.isTree) return tree(grid, found);
    if (grid.groupBy.length === 0) return { length: found.length, at: (index) => lineOf(found[index]) };
    const lines = [];
    for (const group of grouped(grid, found)) {
      const isFolded = grid.folded.has(group.key);
      lines.push({ row: group.rows[0], depth: 0, group, size: group.rows.length, isFolded });
      if (!isFolded) for (const row of group.rows) lines.push({ row, depth: 1, group: null, size: 0, isFolded: false });
    }
    return lines;
  }
  const lineOf = (row) => (row === undefined ? undefined
    : { row, depth: 0, group: null, size: 0, isFolded: false });

  sitegen.gridView = { rows, entries, summary, MOST_DISTINCT };
})();

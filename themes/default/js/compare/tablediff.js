/* The rows and cells in which two tables differ.
 *
 *   sitegen.tablediff.rows(before, after) -> { columns: [{ name, isRight, a, b }], entries: [{ a, b }], key: name | null }
 *     tables: { columns: [[name, type, isRight, …]], rows: [[text | null]] }, as data files of attachments hold them;
 *     a, b: places in either, -1 where there is none; entries hold every row of both
 *   sitegen.tablediff.element({ before, after, names: [left, right] }) -> element with the rows that differ
 * Rows are held to be the same by the first column if it names every row of both, else by the longest common
 * subsequence of whole rows; what stands between equal rows is paired in order.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const MOST_CELLS = 4_000_000, MOST_SHOWN = 200;

  function columnsOf(before, after) {
    const places = new Map(after.columns.map(([name], at) => [name, at]));
    const both = before.columns.map(([name, , isRight], at) => ({ name, isRight, a: at, b: places.get(name) ?? -1 }));
    const known = new Set(both.map(({ name }) => name));
    return [...both, ...after.columns.map(([name, , isRight], at) => ({ name, isRight, a: -1, b: at })).filter(({ name }) => !known.has(name))];
  }

  function namesRows(rows, at) {
    const seen = new Set(rows.map((row) => row[at]));
    return at >= 0 && seen.size === rows.length && !seen.has(null) && !seen.has("");
  }
  function byKey(before, after, { a, b }) {
    const places = new Map(after.rows.map((row, at) => [row[b], at])), taken = new Set(), entries = [];
    before.rows.forEach((row, at) => {
      const other = places.get(row[a]) ?? -1;
      if (other >= 0) taken.add(other);
      entries.push({ a: at, b: other });
    });
    return entries.concat(after.rows.map((_, at) => ({ a: -1, b: at })).filter(({ b: at }) => !taken.has(at)));
  }

  /** Equal rows of both in order; by place where that would be too much work. */
  function common(left, right) {
    if (left.length * right.length > MOST_CELLS) return left.flatMap((text, at) => (right[at] === text ? [[at, at]] : []));
    const width = right.length + 1, lengths = new Uint32Array((left.length + 1) * width), pairs = [];
    for (let i = left.length - 1; i >= 0; i -= 1) {
      for (let j = right.length - 1; j >= 0; j -= 1) {
        lengths[i * width + j] = left[i] === right[j] ? lengths[(i + 1) * width + j + 1] + 1 : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
      }
    }
    for (let i = 0, j = 0; i < left.length && j < right.length;) {
      if (left[i] === right[j]) { pairs.push([i, j]); i += 1; j += 1; }
      else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) i += 1;
      else j += 1;
    }
    return pairs;
  }
  function inOrder(before, after) {
    const text = (row) => JSON.stringify(row), entries = [];
    let a = 0, b = 0;
    for (const [i, j] of [...common(before.rows.map(text), after.rows.map(text)), [before.rows.length, after.rows.length]]) {
      while (a < i && b < j) { entries.push({ a, b }); a += 1; b += 1; }
      for (; a < i; a += 1) entries.push({ a, b: -1 });
      for (; b < j; b += 1) entries.push({ a: -1, b });
      if (i < before.rows.length) entries.push({ a, b });
      a += 1;
      b += 1;
    }
    return entries;
  }

  function rows(before, after) {
    const columns = columnsOf(before, after), [first] = columns;
    const isKeyed = first !== undefined && first.b >= 0 && namesRows(before.rows, first.a) && namesRows(after.rows, first.b);
    return { columns, key: isKeyed ? first.name : null, entries: isKeyed ? byKey(before, after, first) : inOrder(before, after) };
  }

  const shown = (text) => (text === null || text === undefined ? el("span", { class: "sg-faint", text: "missing" }) : text === "" ? el("span", { class: "sg-faint", text: "empty" }) : text);
  function numeric(texts) {
    const values = texts.map((text) => (typeof text === "string" && text.trim() !== "" ? Number(text) : NaN));
    return values.every(Number.isFinite) ? values[1] - values[0] : null;
  }

  function cell({ a, b, isRight }, left, right) {
    const attributes = { class: `sg-table__mono${isRight ? " sg-table__number" : ""}` };
    const before = left === null || a < 0 ? undefined : left[a], after = right === null || b < 0 ? undefined : right[b];
    if (left === null || a < 0) return el("td", attributes, after === undefined ? null : el("ins", {}, shown(after)));
    if (right === null || b < 0) return el("td", attributes, el("del", {}, shown(before)));
    if (before === after) return el("td", attributes, shown(before));
    const change = numeric([before, after]);
    return el("td", attributes, el("del", {}, shown(before)), " ", el("ins", {}, shown(after)),
      change !== null && el("span", { class: "sg-table__second sg-muted", text: sitegen.format.signed(change, { digits: 3 }) }));
  }

  function element({ before, after, names }) {
    const { columns, entries, key } = rows(before, after), { count } = sitegen.format;
    const one = (table, at) => (at < 0 ? null : table.rows[at]);
    const isSame = ({ a, b }) => a >= 0 && b >= 0 && columns.every((column) => column.a >= 0 && column.b >= 0 && before.rows[a][column.a] === after.rows[b][column.b]);
    const changed = entries.filter((entry) => !isSame(entry)), equal = entries.length - changed.length;
    const only = (side) => changed.filter((entry) => entry[side] < 0).length;
    const said = [`${count(changed.length - only("a") - only("b"))} rows changed`, only("b") && `${count(only("b"))} only in ${names[0]}`, only("a") && `${count(only("a"))} only in ${names[1]}`,
      `${count(equal)} equal`, key ? `rows paired by ${key}` : "rows paired in order", changed.length > MOST_SHOWN && `the first ${MOST_SHOWN} are shown`].filter(Boolean).join(" · ");
    const head = ({ name, a, b, isRight }) => el("th", { scope: "col", class: isRight ? "sg-table__number" : "" }, a < 0 ? el("ins", { text: name }) : b < 0 ? el("del", { text: name }) : name);
    return el("div", { class: "sg-tablediff" }, el("p", { class: "sg-second sg-muted", text: said }),
      changed.length > 0 && el("div", { class: "sg-table-frame", tabindex: "0", role: "region", "aria-label": "Rows that differ" },
        el("table", { class: "sg-table sg-table--compact sg-table--top" }, el("thead", {}, el("tr", {}, columns.map(head))),
          el("tbody", {}, changed.slice(0, MOST_SHOWN).map(({ a, b }) => el("tr", {}, columns.map((column) => cell(column, one(before, a), one(after, b)))))))));
  }

  sitegen.tablediff = { rows, element };
})();

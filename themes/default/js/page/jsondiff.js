/* Two JSON values compared path by path, whatever the order of their keys.
 *
 *   sitegen.jsondiff.values(before, after) -> [a, b] if both are objects or lists, also written as text; else null
 *   .rows(a, b) -> [{ path, kind: "equal" | "changed" | "removed" | "added", before, after }] of all leaves
 *   .element({ before, after, names: [left, right] }) -> `.sg-jsondiff`
 * Members that two lists have in common at their start and end are paired; those between by their place.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const MOST_ROWS = 500, MOST_TEXT = 2_000_000, DEEPEST = 60;
  const PLAIN = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;
  const NONE = Symbol("none");

  const isNested = (value) => typeof value === "object" && value !== null;
  const isHolder = (value) => isNested(value) && Object.keys(value).length > 0;

  function parsed(value) {
    if (typeof value === "object" && value !== null) return value;
    if (typeof value !== "string" || value.length > MOST_TEXT || !/^\s*[[{]/.test(value)) return null;
    try {
      return JSON.parse(value);
    } catch {
      return null;
    }
  }
  function values(before, after) {
    const a = parsed(before), b = parsed(after);
    return a === null || b === null || Array.isArray(a) !== Array.isArray(b) ? null : [a, b];
  }

  const step = (path, key) => (typeof key === "number" ? `${path}[${key}]`
    : PLAIN.test(key) ? (path === "" ? key : `${path}.${key}`) : `${path}[${JSON.stringify(key)}]`);
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

  /** Pairs of [key, member of a, member of b], NONE where one has none. */
  function members(a, b) {
    if (!Array.isArray(a) || !Array.isArray(b)) {
      const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
      return keys.map((key) => [key, Object.hasOwn(a, key) ? a[key] : NONE, Object.hasOwn(b, key) ? b[key] : NONE]);
    }
    let start = 0, end = 0;
    const shorter = Math.min(a.length, b.length);
    while (start < shorter && same(a[start], b[start])) start += 1;
    while (end < shorter - start && same(a.at(-1 - end), b.at(-1 - end))) end += 1;
    const found = [], middle = Math.max(a.length, b.length) - start - end;
    for (let at = 0; at < start; at += 1) found.push([at, a[at], b[at]]);
    for (let at = start; at < start + middle; at += 1) found.push([at, at < a.length - end ? a[at] : NONE, at < b.length - end ? b[at] : NONE]);
    for (let at = end; at > 0; at -= 1) found.push([b.length - at, a[a.length - at], b[b.length - at]]);
    return found;
  }

  function rows(a, b) {
    const found = [];
    function walk(path, before, after, depth) {
      const isDeeper = depth < DEEPEST && (isHolder(before) || isHolder(after))
        && (before === NONE || after === NONE || (isNested(before) && isNested(after) && Array.isArray(before) === Array.isArray(after)));
      if (isDeeper) {
        const empty = Array.isArray(before === NONE ? after : before) ? [] : {};
        for (const [key, one, other] of members(before === NONE ? empty : before, after === NONE ? empty : after)) {
          walk(step(path, key), one, other, depth + 1);
        }
        return;
      }
      const kind = before === NONE ? "added" : after === NONE ? "removed" : same(before, after) ? "equal" : "changed";
      found.push({ path, kind, before, after });
    }
    walk("", a, b, 0);
    return found;
  }

  const text = (value) => (typeof value === "string" ? value : JSON.stringify(value));

  /** Of two texts the words that differ, else the whole value. */
  function cells({ kind, before, after }) {
    if (kind === "equal") return [el("td", { text: text(before) }), el("td", { class: "sg-muted", text: "same" })];
    const parts = typeof before === "string" && typeof after === "string" ? sitegen.textdiff.words(before, after) : null;
    const marked = (tag, value) => (value === NONE ? el("td", { class: "sg-muted", text: "missing" })
      : el("td", {}, parts === null ? el(tag, { text: text(value) }) : sitegen.textdiff.marked(parts, ["equal", tag])));
    return [marked("del", before), marked("ins", after)];
  }

  function table(found, names, caption) {
    return el("table", { class: "sg-table sg-table--compact sg-table--top sg-jsondiff__table" }, el("caption", { class: "sg-hidden", text: caption }),
      el("thead", {}, el("tr", {}, ["Path", ...names].map((label) => el("th", { scope: "col", text: label })))),
      el("tbody", {}, found.slice(0, MOST_ROWS).map((row) => el("tr", {}, el("th", { scope: "row", class: "sg-mono", text: row.path || "(all)" }), cells(row)))));
  }

  function element({ before, after, names }) {
    const all = rows(before, after), equal = all.filter(({ kind }) => kind === "equal"), other = all.filter(({ kind }) => kind !== "equal");
    const { count } = sitegen.format, plural = (number) => `${count(number)} ${number === 1 ? "value" : "values"}`;
    const cut = (list) => list.length > MOST_ROWS && el("p", { class: "sg-table__foot", text: `${count(MOST_ROWS)} of ${plural(list.length)} are shown.` });
    const fold = el("details", { class: "sg-fold", on: { toggle: () => {
      if (fold.open && fold.querySelector("table") === null) fold.append(table(equal, names, "Equal values"), cut(equal) || "");
    } } }, el("summary", {}, el("span", { class: "sg-fold__note", text: `${plural(equal.length)} equal` })));
    return el("div", { class: "sg-diff sg-jsondiff" }, el("p", { class: "sg-diff__name" }, el("span", { text: `${plural(other.length)} of ${count(all.length)} differ, by path` })),
      other.length > 0 && table(other, names, "Values that differ"), cut(other), equal.length > 0 && fold);
  }

  sitegen.jsondiff = { values, rows, element };
})();

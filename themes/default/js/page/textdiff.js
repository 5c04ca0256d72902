/* The words two texts differ in, and the element that shows them side by side or inline.
 *
 *   sitegen.textdiff.words(before, after) -> [{ kind: "equal" | "del" | "ins", text }], or null beyond MOST tokens
 *   sitegen.textdiff.element({ before, after, names: [left, right], mode: "sides" | "inline" }) -> `.sg-diff`
 * `del` stands only in `before`, `ins` only in `after`. E. Myers, "An O(ND) Difference Algorithm", 1986,
 * over words, runs of space and single signs, after equal ends are taken off.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const TOKEN = /\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu;
  const MOST = 20_000; // tokens of both texts
  const MOST_CHARACTERS = 400_000, MOST_SHOWN = 50_000, MOST_MORE = 200_000;
  const AROUND = 3, FOLDED_LINES = 12; // lines kept around a change; equal parts shorter than that stand whole
  const MOST_EDITS = 1_500; // memory grows with its square: 9 MB

  const tokens = (text) => text.match(TOKEN) ?? [];

  /** Whether the best way onto diagonal k with `edits` edits comes from k + 1, by an insertion. */
  const isInsertion = (last, edits, k) =>
    k === -edits || (k !== edits && last[k + edits - 2] < last[k + edits]);

  /** For each number of edits the furthest x on diagonals -edits … edits; null if the texts differ too much. */
  function traceOf(a, b) {
    const trace = [];
    for (let edits = 0; edits <= MOST_EDITS; edits += 1) {
      const last = trace[edits - 1], furthest = new Int32Array(2 * edits + 1);
      trace.push(furthest);
      for (let k = -edits; k <= edits; k += 2) {
        let x = 0;
        if (edits > 0) x = isInsertion(last, edits, k) ? last[k + edits] : last[k + edits - 2] + 1;
        while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
        furthest[k + edits] = x;
        if (x >= a.length && x - k >= b.length) return trace;
      }
    }
    return null;
  }

  /** The edits, walked from the end to the start and turned round. */
  function walked(a, b, trace) {
    const steps = [];
    let x = a.length, y = b.length;
    for (let edits = trace.length - 1; edits > 0; edits -= 1) {
      const last = trace[edits - 1], k = x - y;
      const isDown = isInsertion(last, edits, k);
      const fromX = isDown ? last[k + edits] : last[k + edits - 2];
      const fromY = fromX - (isDown ? k + 1 : k - 1);
      for (const start = isDown ? fromX : fromX + 1; x > start;) {
        x -= 1;
        steps.push({ kind: "equal", text: a[x] });
      }
      steps.push(isDown ? { kind: "ins", text: b[fromY] } : { kind: "del", text: a[fromX] });
      x = fromX;
      y = fromY;
    }
    while (x > 0) {
      x -= 1;
      steps.push({ kind: "equal", text: a[x] });
    }
    return steps.reverse();
  }

  /** Changes joined: what was taken out, then what was put in; a lone space between changes counts as changed. */
  function merged(steps) {
    const parts = [];
    let del = "", ins = "", space = "";
    const flush = () => {
      if (del !== "") parts.push({ kind: "del", text: del });
      if (ins !== "") parts.push({ kind: "ins", text: ins });
      if (space !== "") parts.push({ kind: "equal", text: space });
      del = ins = space = "";
    };
    for (const { kind, text } of steps) {
      if (kind === "equal" && text.trim() === "" && del + ins !== "") space += text;
      else if (kind === "equal") {
        flush();
        if (parts.at(-1)?.kind === "equal") parts.at(-1).text += text;
        else if (text !== "") parts.push({ kind, text });
      } else {
        if (space !== "") { del += space; ins += space; space = ""; }
        if (kind === "del") del += text;
        else ins += text;
      }
    }
    flush();
    return parts;
  }

  function words(before, after) {
    if (before.length + after.length > MOST_CHARACTERS) return null;
    const a = tokens(before), b = tokens(after);
    if (a.length + b.length > MOST) return null;
    let start = 0, end = 0;
    while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
    while (end < a.length - start && end < b.length - start
      && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
    const middleA = a.slice(start, a.length - end), middleB = b.slice(start, b.length - end);
    const trace = traceOf(middleA, middleB);
    const middle = trace === null
      ? [{ kind: "del", text: middleA.join("") }, { kind: "ins", text: middleB.join("") }]
      : walked(middleA, middleB, trace);
    return merged([{ kind: "equal", text: a.slice(0, start).join("") }, ...middle,
      { kind: "equal", text: a.slice(a.length - end).join("") }]);
  }

  /** A long equal part with its middle folded; `isFirst` and `isLast` have a change on one side only. */
  function equalPart(text, isFirst, isLast) {
    const lines = text.split("\n"), before = isFirst ? 0 : AROUND, after = isLast ? 0 : AROUND;
    if (lines.length < FOLDED_LINES + before + after) return text;
    const end = lines.length - after, middle = lines.slice(before, end);
    return [before > 0 && `${lines.slice(0, before).join("\n")}\n`,
      el("details", { class: "sg-fold sg-diff__fold" }, el("summary", {}, el("span", { class: "sg-fold__note", text: `${sitegen.format.count(middle.length)} equal lines` })),
        middle.join("\n")), after > 0 && lines.slice(end).join("\n")].filter(Boolean);
  }

  function marked(parts, kinds) {
    const shown = parts.filter(({ kind }) => kinds.includes(kind)), hasChange = parts.length > 1;
    return shown.flatMap(({ kind, text }, at) => (kind !== "equal" ? el(kind, { text })
      : hasChange ? equalPart(text, at === 0, at === shown.length - 1) : text));
  }

  /** A text too long to compare, from a place on: as much as is laid out at once, the rest when asked for. */
  function plain(text, start = 0, most = MOST_SHOWN) {
    const end = start + most, { count } = sitegen.format;
    if (text.length <= end) return [text.slice(start)];
    const more = el("button", { type: "button", class: "sg-link", on: { click: () => more.replaceWith(...plain(text, end, MOST_MORE)) } },
      ` Show ${count(Math.min(MOST_MORE, text.length - end))} more of the other ${count(text.length - end)} characters`);
    return [text.slice(start, end), more];
  }

  function side(name, content, note = null) {
    return el("div", { class: "sg-diff__side" },
      el("p", { class: "sg-diff__name" }, el("span", { text: name }), note && el("span", { text: note })), content);
  }

  function element({ before, after, names, mode = "sides" }) {
    const parts = words(before, after);
    const isSpaces = before !== after && before.replaceAll(/\s/g, "") === after.replaceAll(/\s/g, "");
    const note = parts === null ? "too long to compare word by word" : isSpaces ? "only spaces differ" : null;
    const all = parts ?? [];
    if (mode === "inline" && parts !== null) {
      return el("div", { class: "sg-diff" }, side(names.join(" → "), marked(all, ["equal", "del", "ins"]), note));
    }
    return el("div", { class: "sg-diff" }, el("div", { class: "sg-diff__sides" },
      side(names[0], parts === null ? plain(before) : marked(all, ["equal", "del"]), note),
      side(names[1], parts === null ? plain(after) : marked(all, ["equal", "ins"]))));
  }

  sitegen.textdiff = { words, element, marked };
})();

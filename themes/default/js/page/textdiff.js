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
  const FOLDED_SIGNS = 4_000, KEPT_SIGNS = 200; // the same in texts of few lines
  const STEP = 8_192, LONGEST = 1_000; // signs compared at once; of a token
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

  const isWord = (sign) => sign !== undefined && /[\p{L}\p{N}_\ud800-\udfff]/u.test(sign);
  const isSpace = (sign) => sign !== undefined && /\s/.test(sign);
  /** Whether a token goes on from `one` to any of the signs after it. */
  const goesOn = (one, next) => (isWord(one) && next.some(isWord)) || (isSpace(one) && next.some(isSpace));

  /** How many signs both texts share at their starts and ends, whole tokens of them. */
  function ends(a, b) {
    const most = Math.min(a.length, b.length);
    let start = 0, end = 0;
    while (start + STEP <= most && a.slice(start, start + STEP) === b.slice(start, start + STEP)) start += STEP;
    while (start < most && a[start] === b[start]) start += 1;
    for (let back = 0; back < LONGEST && start > 0 && goesOn(a[start - 1], [a[start], b[start]]); back += 1) start -= 1;
    const rest = most - start, tail = (text, from, size) => text.slice(text.length - from - size, text.length - from);
    while (end + STEP <= rest && tail(a, end, STEP) === tail(b, end, STEP)) end += STEP;
    while (end < rest && tail(a, end, 1) === tail(b, end, 1)) end += 1;
    const first = () => a[a.length - end], before = () => [a[a.length - end - 1], b[b.length - end - 1]];
    for (let back = 0; back < LONGEST && end > 0 && goesOn(first(), before()); back += 1) end -= 1;
    return { start, end };
  }

  function words(before, after) {
    const same = ends(before, after), middle = (text) => text.slice(same.start, text.length - same.end);
    const changed = [middle(before), middle(after)];
    if (changed[0].length + changed[1].length > MOST_CHARACTERS) return null;
    const [a, b] = changed.map(tokens);
    if (a.length + b.length > MOST) return null;
    const parts = between(a, b);
    return merged([{ kind: "equal", text: before.slice(0, same.start) }, ...parts, { kind: "equal", text: before.slice(before.length - same.end) }]);
  }

  function between(a, b) {
    let start = 0, end = 0;
    while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
    while (end < a.length - start && end < b.length - start
      && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
    const middleA = a.slice(start, a.length - end), middleB = b.slice(start, b.length - end);
    const trace = traceOf(middleA, middleB);
    const middle = trace === null
      ? [{ kind: "del", text: middleA.join("") }, { kind: "ins", text: middleB.join("") }]
      : walked(middleA, middleB, trace);
    return [{ kind: "equal", text: a.slice(0, start).join("") }, ...middle, { kind: "equal", text: a.slice(a.length - end).join("") }];
  }

  /** Equal text that is made when it is asked for. */
  function folded(text, note) {
    return el("details", { class: "sg-fold sg-diff__fold", on: { toggle: ({ target }) => {
      if (target.open && target.childNodes.length === 1) target.append(...plain(text));
    } } }, el("summary", {}, el("span", { class: "sg-fold__note", text: note })));
  }

  /** A long equal part with its middle folded; `isFirst` and `isLast` have a change on one side only. */
  function equalPart(text, isFirst, isLast) {
    const lines = text.split("\n"), before = isFirst ? 0 : AROUND, after = isLast ? 0 : AROUND;
    if (lines.length >= FOLDED_LINES + before + after) {
      const end = lines.length - after, middle = lines.slice(before, end);
      return [before > 0 && `${lines.slice(0, before).join("\n")}\n`,
        folded(middle.join("\n"), `${sitegen.format.count(middle.length)} equal lines`), after > 0 && lines.slice(end).join("\n")].filter(Boolean);
    }
    if (text.length < FOLDED_SIGNS) return text;
    const [from, to] = [isFirst ? 0 : KEPT_SIGNS, text.length - (isLast ? 0 : KEPT_SIGNS)];
    return [text.slice(0, from), folded(text.slice(from, to), `${sitegen.format.count(to - from)} equal characters`), text.slice(to)];
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

  /** A text too long to compare, from where the other begins to differ to where it ends. */
  function unequal(text, other) {
    const { start, end } = ends(text, other), last = text.length - end, { count } = sitegen.format;
    return [start > 0 && folded(text.slice(0, start), `${count(start)} equal characters`), ...plain(text.slice(start, last)),
      end > 0 && folded(text.slice(last), `${count(end)} equal characters`)].filter(Boolean);
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
      side(names[0], parts === null ? unequal(before, after) : marked(all, ["equal", "del"]), note),
      side(names[1], parts === null ? unequal(after, before) : marked(all, ["equal", "ins"]))));
  }

  sitegen.textdiff = { words, element, marked };
})();

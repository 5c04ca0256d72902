// NaN and ±∞ among the values of a line: words and marks for them.
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const MOST_MARKS = 40;
  const APART = 0.1; // of the width: a word would cover one that is nearer

  const word = (value) => (Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞");

  /** Marks of figure-marks.js: neighbours that are the same are one mark, from the first to the last of them. */
  function marks(xs, values) {
    const found = [];
    for (let i = 0; i < values.length; i += 1) {
      if (Number.isFinite(values[i]) || !Number.isFinite(xs[i])) continue;
      const last = found.at(-1), text = word(values[i]);
      if (last && last.to === i - 1 && last.text === text) Object.assign(last, { to: i, end: xs[i] });
      else found.push({ kind: "non-finite", x: xs[i], end: xs[i], to: i, text });
    }
    return found.slice(0, MOST_MARKS);
  }

  /** The same, by x, without the words that would cover others; `extent` is that of the axis. */
  function spaced(many, [from, to]) {
    let named = -Infinity;
    return [...many].sort((a, b) => a.x - b.x).slice(0, MOST_MARKS).map((mark) => {
      const hasRoom = mark.x - named > APART * (to - from);
      if (hasRoom) named = mark.x;
      return hasRoom ? mark : { ...mark, text: "" };
    });
  }

  sitegen.faults = { marks, spaced, word };
})();

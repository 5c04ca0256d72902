/* Whether one field matches one comparison (twin of sitegen/bundle/condition_match.py), and the most
 * similar name (difflib's ratio, so that page and command line suggest the same word).
 * Loaded before filter.js. sitegen.filter.matches(field, operator, values), .nearest, .fold
 */
(() => {
  "use strict";
  const NON_FINITE = new Map([["NaN", NaN], ["Infinity", Infinity], ["-Infinity", -Infinity]]);
  const MAX_NAME = 100;

  const fold = (text) => text.toLowerCase().replaceAll("ς", "σ");

  /** A number, also written as text when it is not finite; else undefined. */
  function numberOf(field) {
    if (typeof field === "number") return field;
    return typeof field === "string" ? NON_FINITE.get(field) : undefined;
  }
  /** A text, or a number that is not finite as the text it has in files; else undefined. */
  function textOf(field) {
    if (typeof field === "number" && !Number.isFinite(field)) return String(field);
    return typeof field === "string" ? field : undefined;
  }

  function isEqual(field, literal) {
    if (typeof literal === "string") return textOf(field) === literal;
    if (typeof literal === "number") return numberOf(field) === literal;
    return field === literal;
  }

  /** Code point order, as Python's; UTF-16 order differs beyond U+FFFF. */
  function compareText(left, right) {
    const a = Array.from(left), b = Array.from(right);
    const shared = Math.min(a.length, b.length);
    for (let i = 0; i < shared; i += 1) {
      const difference = a[i].codePointAt(0) - b[i].codePointAt(0);
      if (difference !== 0) return difference;
    }
    return a.length - b.length;
  }

  function isOrdered(field, operator, literal) {
    const isText = typeof literal === "string";
    const known = isText ? textOf(field) : numberOf(field);
    if (known === undefined) return false;
    const order = isText ? compareText(known, literal)
      : known < literal ? -1 : known > literal ? 1 : known === literal ? 0 : NaN;
    switch (operator) {
      case "<": return order < 0;
      case "<=": return order <= 0;
      case ">": return order > 0;
      default: return order >= 0;
    }
  }

  function contains(field, literal) {
    const wanted = typeof literal === "string" ? fold(literal) : literal;
    if (Array.isArray(field)) {
      return field.some((element) => {
        const text = textOf(element);
        return isEqual(text === undefined ? element : fold(text), wanted);
      });
    }
    const text = textOf(field);
    return text !== undefined && typeof literal === "string" && fold(text).includes(wanted);
  }

  /** `%` any run, `_` any one character, the whole text, case ignored. Patterns hold at most 256
   *  characters, so at most 256 looks at each character of the text: a later `%` forgets all before. */
  function isLike(text, pattern) {
    const chars = Array.from(fold(text)), parts = Array.from(fold(pattern));
    let at = 0, part = 0, runPart = -1, runAt = 0;
    while (at < chars.length) {
      if (parts[part] === "%") {
        runPart = part;
        runAt = at;
        part += 1;
      } else if (part < parts.length && (parts[part] === "_" || parts[part] === chars[at])) {
        at += 1;
        part += 1;
      } else if (runPart >= 0) {
        runAt += 1;
        at = runAt;
        part = runPart + 1;
      } else {
        return false;
      }
    }
    while (parts[part] === "%") part += 1;
    return part === parts.length;
  }

  function matches(field, operator, values) {
    const first = values[0];
    switch (operator) {
      case "=":
      case "in": return values.some((value) => isEqual(field, value));
      case "!=":
        if (typeof first === "number" && Number.isNaN(numberOf(field))) return false;
        return !isEqual(field, first);
      case "contains": return contains(field, first);
      case "like":
        return (Array.isArray(field) ? field : [field]).map(textOf)
          .some((text) => text !== undefined && isLike(text, first));
      default: return isOrdered(field, operator, first);
    }
  }

  /** Length of the blocks that Ratcliff and Obershelp's method finds equal (difflib without junk). */
  function matchingLength(a, b) {
    let best = 0, startA = 0, startB = 0, row = [];
    for (let i = 0; i < a.length; i += 1) {
      const next = [];
      for (let j = 0; j < b.length; j += 1) {
        if (a[i] !== b[j]) continue;
        next[j] = (row[j - 1] || 0) + 1;
        if (next[j] > best) {
          best = next[j];
          startA = i - best + 1;
          startB = j - best + 1;
        }
      }
      row = next;
    }
    if (best === 0) return 0;
    return best + matchingLength(a.slice(0, startA), b.slice(0, startB))
      + matchingLength(a.slice(startA + best), b.slice(startB + best));
  }

  function nearest(name, names) {
    const wanted = Array.from(name);
    if (wanted.length > MAX_NAME) return null;
    let best = null, bestRatio = 0.6;
    for (const other of names) {
      const chars = Array.from(other);
      const total = chars.length + wanted.length;
      if (chars.length > MAX_NAME || 2 * Math.min(chars.length, wanted.length) < bestRatio * total) {
        continue;
      }
      const ratio = 2 * matchingLength(chars, wanted) / total;
      const isBetter = ratio > bestRatio || (ratio === bestRatio && (best === null
        || compareText(other, best) > 0));
      if (isBetter) [best, bestRatio] = [other, ratio];
    }
    return best;
  }

  window.sitegen = window.sitegen || {};
  sitegen.filter = Object.assign(sitegen.filter || {}, { matches, nearest, fold });
})();

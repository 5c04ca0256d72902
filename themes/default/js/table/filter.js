/* Conditions in the page: the twin of sitegen/bundle/conditions.py (its docstring states the grammar
 * and the rules of case, missing fields, NaN and types); tests/bundle/condition_cases.json holds both
 * to one table. No eval, no regular expression made from input, linear time.
 *
 *   sitegen.filter.parse(text) -> { error, test(lookup), fields: [{ name, column }] }
 *     error: null | { column, length, message, expected, nearest }, columns in code points from 1
 *     lookup(name) -> value; undefined is a missing field, null is a value
 * Matching and suggestions are in filter-match.js, loaded before; the field in the page in filterbox.js.
 */
(() => {
  "use strict";
  const MAX_LENGTH = 10000, MAX_NODES = 1000, MAX_DEPTH = 50, MAX_PATTERN = 256;
  const OPERATORS = ["=", "!=", "<", "<=", ">", ">=", "like", "in", "contains"];
  const CONSTANTS = new Map([["true", true], ["false", false], ["null", null]]);
  const KEYWORDS = new Set(["and", "or", "not", "in", "like", "contains", ...CONSTANTS.keys()]);
  const HABITS = new Map(Object.entries({
    "==": "=", "===": "=", "<<": "<", ">>": ">", "<>": "!=", "!==": "!=", "=<": "<=", "=>": ">=",
    "~": "like", "=~": "like", "~=": "like", "!": "not", "&": "and", "&&": "and", "|": "or",
    "||": "or", nan: "NaN", inf: "Infinity", infinity: "Infinity", none: "null",
  }));
  const NUMBER = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/;
  const SPACES = " \t\r\n\u00a0", SIGNS = "=<>!~&|^";

  class Wrong extends Error {
    constructor(message, column, expected, length = 1, nearest = null) {
      super(message);
      this.error = { column, length, message, expected, nearest };
    }
  }

  // Tokens. `chars` is an array of code points, so that columns agree with Python's.
  const isWord = (char) => {
    if (char === undefined) return false;
    const code = char.codePointAt(0);
    if (code < 0x80) return /^[A-Za-z0-9_]$/.test(char);
    return code >= 0xaa && !(code >= 0x2000 && code <= 0x206f)
      && code !== 0x2212 && code !== 0x3000 && code !== 0xfeff;
  };
  const isIn = (char, set) => char !== undefined && set.includes(char);

  function quotedEnd(chars, at) {
    const quote = chars[at];
    let end = chars.indexOf(quote, at + 1);
    while (end !== -1 && chars[end + 1] === quote) end = chars.indexOf(quote, end + 2);
    if (end !== -1) return end + 1;
    const what = quote === "`" ? "name" : "text";
    throw new Wrong(`the ${what} that begins here does not end`, at + 1, `a closing ${quote}`,
      chars.length - at);
  }
  const unquoted = (chars, start, end) =>
    chars.slice(start + 1, end - 1).join("").replaceAll(chars[start] + chars[start], chars[start]);

  function startsNumber(chars, at) {
    let next = at;
    if (isIn(chars[next], "+-")) next += 1;
    if (chars[next] === ".") next += 1;
    return isIn(chars[next], "0123456789");
  }
  function numberEnd(chars, start) {
    let at = start + 1;
    for (; at < chars.length; at += 1) {
      const hasExponent = isIn(chars[at], "+-") && isIn(chars[at - 1], "eE")
        && isIn(chars[at + 1], "0123456789");
      if (!(isWord(chars[at]) || chars[at] === "." || hasExponent)) break;
    }
    return at;
  }
  function bareEnd(chars, start) {
    let at = start;
    while (isWord(chars[at]) || (isIn(chars[at], "/-") && isWord(chars[at + 1]))) at += 1;
    return at;
  }
  function nameToken(chars, at) {
    const parts = [];
    for (let end = at; ; end += 1) {
      const start = end;
      end = chars[start] === "`" ? quotedEnd(chars, start) : bareEnd(chars, start);
      parts.push(chars[start] === "`" ? unquoted(chars, start, end) : chars.slice(start, end).join(""));
      const follows = chars[end + 1];
      if (chars[end] !== "." || !(follows === "`" || isWord(follows))) {
        return token("name", chars, at, end, parts.join("."));
      }
    }
  }
  function token(kind, chars, start, end, value = null) {
    const text = chars.slice(start, end).join("");
    const isPlain = kind === "name" && /^[\x00-\x7f]*$/.test(text);
    return { kind, text, value: value ?? text, column: start + 1, length: end - start,
      word: isPlain ? text.toLowerCase() : "" };
  }
  function tokenAt(chars, at) {
    const first = chars[at];
    if (first === undefined) return token("end", chars, at, at);
    if (isIn(first, "\"'")) {
      const end = quotedEnd(chars, at);
      return token("text", chars, at, end, unquoted(chars, at, end));
    }
    if (startsNumber(chars, at)) return token("number", chars, at, numberEnd(chars, at));
    if (first === "`" || isWord(first)) return nameToken(chars, at);
    let end = at;
    while (isIn(chars[end], SIGNS)) end += 1;
    return end > at ? token("operator", chars, at, end) : token("other", chars, at, at + 1);
  }

  // Parser: recursive descent to closures (lookup) -> boolean.
  function parser(text, fields) {
    const chars = Array.from(text);
    if (chars.length > MAX_LENGTH) {
      throw new Wrong("the condition is too long", MAX_LENGTH + 1, "at most 10,000 characters");
    }
    let at = 0, now = null, nodes = 0, depth = 0;
    const advance = () => {
      while (isIn(chars[at], SPACES)) at += 1;
      now = tokenAt(chars, at);
      at += now.length;
    };
    const is = (mark) => now.kind === "other" && now.text === mark;
    const over = (found, expected) => new Wrong(found, now.column, expected, Math.max(1, now.length));
    const wrong = (what, expected, words = []) => now.kind === "end"
      ? new Wrong("the condition ends here", now.column, expected)
      : new Wrong(`“${now.text}” ${what}`, now.column, expected, now.length,
        nearestWord(now, words, expected));
    const count = () => {
      nodes += 1;
      if (nodes > MAX_NODES) throw over("the condition has too many parts", "at most 1,000 parts");
    };
    const joined = (word, part, join) => {
      const operands = [part()];
      while (now.word === word) { advance(); operands.push(part()); }
      return operands.length === 1 ? operands[0] : join(operands);
    };
    const any = () => joined("or", all, (list) => (lookup) => list.some((test) => test(lookup)));
    const all = () => joined("and", one, (list) => (lookup) => list.every((test) => test(lookup)));
    function one() {
      const isNot = now.word === "not";
      if (!isNot && !is("(")) return comparison();
      depth += 1;
      if (depth > MAX_DEPTH) throw over("the condition is nested too deeply", "at most 50 levels");
      advance();
      const inner = isNot ? one() : closed(any());
      depth -= 1;
      return isNot ? (lookup) => !inner(lookup) : inner;
    }
    function closed(inner) {
      if (!is(")")) throw wrong("does not belong here", "and, or or )", ["and", "or"]);
      advance();
      return inner;
    }
    function comparison() {
      const name = now;
      if (name.kind !== "name" || KEYWORDS.has(name.word)) {
        throw wrong("is not a field", "a field, not or (", ["not"]);
      }
      count();
      fields.push({ name: name.value, column: name.column });
      advance();
      const operator = operatorNow();
      const values = operator === "in" ? list() : [literal(operator)];
      return (lookup) => {
        const field = lookup(name.value);
        return field !== undefined && sitegen.filter.matches(field, operator, values);
      };
    }
    function operatorNow() {
      const found = now.word || now.text;
      if (["name", "operator"].includes(now.kind) && OPERATORS.includes(found)) {
        advance();
        return found;
      }
      throw wrong("is not an operator", `${OPERATORS.slice(0, -1).join(", ")} or contains`, OPERATORS);
    }
    function list() {
      mark("(", "( and a list of values");
      const values = [literal("in")];
      while (is(",")) { advance(); count(); values.push(literal("in")); }
      mark(")", ", or )");
      return values;
    }
    function mark(text_, expected) {
      if (!is(text_)) throw wrong("does not belong here", expected);
      advance();
    }
    function literal(operator) {
      const expected = expectedLiteral(operator);
      let value = null;
      if (now.kind === "number" && expected.startsWith("a number")) {
        value = NUMBER.test(now.text) ? Number(now.text) : Infinity;
        if (!Number.isFinite(value)) throw wrong("is not a number", "a number such as 0.5 or 3e-4");
      } else if (now.kind === "text") {
        value = now.value;
        if (operator === "like" && Array.from(value).length > MAX_PATTERN) {
          throw over("the pattern is too long", "at most 256 characters");
        }
      } else if (CONSTANTS.has(now.word) && expected.endsWith("null")) {
        value = CONSTANTS.get(now.word);
      } else {
        throw wrong(`is not a value for ${operator}`, expected);
      }
      advance();
      return value;
    }
    advance();
    const test = any();
    if (now.kind !== "end") throw wrong("does not belong here", "and, or or the end", ["and", "or"]);
    return test;
  }

  function expectedLiteral(operator) {
    if (operator === "like") return "text in quotes";
    if (["<", "<=", ">", ">="].includes(operator)) return "a number or text in quotes";
    return "a number, text in quotes, true, false or null";
  }

  function nearestWord(now, words, expected) {
    const habit = HABITS.get(now.text.toLowerCase());
    if (habit && (words.includes(habit) || (habit === "null" && expected.includes(habit)))) return habit;
    if (now.kind === "name" && !KEYWORDS.has(now.word) && expected.includes("text")) {
      return `"${(habit ?? now.value).replaceAll('"', '""')}"`;
    }
    return now.word ? sitegen.filter.nearest(now.word, words) : null;
  }

  function parse(text) {
    const fields = [];
    try {
      return { error: null, test: parser(String(text), fields), fields };
    } catch (fault) {
      if (!(fault instanceof Wrong)) throw fault;
      return { error: fault.error, test: () => false, fields };
    }
  }

  window.sitegen = window.sitegen || {};
  sitegen.filter = Object.assign(sitegen.filter || {}, { parse });
})();

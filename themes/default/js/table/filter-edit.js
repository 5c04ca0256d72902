/* Conditions put into the text of a filter, and taken out of it, by what stands beside the filter.
 *
 *   sitegen.filter.literal(value) -> as the grammar writes it; .written(name) is that of names (filterbox.js)
 *   .conditionsOf(text, name) -> the conditions on `name` that all rows must meet
 *   .withConditions(text, name, conditions, searched) -> the text with these on `name` instead; of a search for a text,
 *     conditions on the names `searched`
 * Parts of a text are told apart by `and` outside of quotes and parentheses.
 */
(() => {
  "use strict";
  const TOKEN = /"(?:[^"]|"")*"|'(?:[^']|'')*'|`(?:[^`]|``)*`|[()]|[^\s()"'`]+|\s+/gu;

  const literal = (value) => (typeof value === "string" ? `"${value.replaceAll('"', '""')}"` : JSON.stringify(value));

  /** The parts joined by `word` at the outermost level. */
  function parts(text, word) {
    const found = [""];
    let depth = 0;
    for (const [token] of text.matchAll(TOKEN)) {
      if (token === "(") depth += 1;
      if (token === ")") depth -= 1;
      if (depth === 0 && token.toLowerCase() === word) found.push("");
      else found[found.length - 1] += token;
    }
    return found.map((part) => part.trim()).filter((part) => part !== "");
  }

  const isOn = (condition, field) => condition.startsWith(field) && /^\s*(?:[=!<>]|(?:contains|like|in)\b)/i.test(condition.slice(field.length));

  function conditionsOf(text, field) {
    if (parts(text, "or").length > 1) return [];
    return parts(text, "and").filter((part) => isOn(part, sitegen.filter.written(field)));
  }

  /** What was there and stays, each part safe to be joined by `and`. */
  function rest(text, field, searched) {
    const trimmed = text.trim();
    if (trimmed === "") return [];
    if (sitegen.filter.isSearch(trimmed)) {
      const wanted = literal(trimmed.replace(/^(["'])(.*)\1$/s, "$2"));
      return [`(${searched.map((one) => `${one} contains ${wanted}`).join(" or ")})`];
    }
    if (parts(trimmed, "or").length > 1) return [`(${trimmed})`];
    return parts(trimmed, "and").filter((part) => !isOn(part, sitegen.filter.written(field)));
  }

  const withConditions = (text, field, conditions, searched) => [...rest(text, field, searched), ...conditions].join(" and ");

  Object.assign(sitegen.filter, { literal, conditionsOf, withConditions });
})();

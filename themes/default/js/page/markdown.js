/* Markdown as elements, for what models write: the common part of CommonMark, and tables. Markup in it stays text.
 *
 *   sitegen.markdown(text) -> element `.sg-prose`
 * Links lead only to http and https addresses; pictures are named, never loaded. A construct that is not known, or is left
 * open, stays as it was written.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const DEEPEST = 12, MOST_CHARACTERS = 400_000;
  const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([^`]*)$/, HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*$/, RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
  const QUOTE = /^ {0,3}> ?/, MARKER = /^( *)([-*+]|\d{1,9}[.)])( +|$)/, ROW = /^\s*\|?(.*?)\|?\s*$/, DIVIDER = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*$/;
  const INLINE = /(?<code>(?<ticks>`+)(?!`)(?<body>.{1,4000}?)(?<!`)\k<ticks>(?!`))|(?<escaped>\\[!-/:-@[-`{-~])|(?<picture>!?)\[(?<label>(?:[^[\]\\]|\\.|\[[^[\]]{0,200}\]){0,1000})\]\((?<target>[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)(?:\s+"[^"]*")?\)|(?<bare>https?:\/\/[^\s<>"'`]*[^\s<>"'`.,;:!?)\]])|(?<sign>\*\*|__|~~|\*|_)(?=\S)(?<inner>.{1,2000}?)(?<=[^\s*_~])\k<sign>(?![\w*])/su;

  function link(address, content) {
    if (!/^https?:\/\//i.test(address)) return el("span", {}, content, el("span", { class: "sg-muted", text: ` (${address})` }));
    return el("a", { href: address, rel: "noopener noreferrer nofollow", title: address }, content);
  }

  function inline(text, depth = 0) {
    const made = [];
    for (let rest = text; rest !== "";) {
      const found = depth < DEEPEST ? INLINE.exec(rest) : null;
      if (found === null) { made.push(rest); break; }
      const { body, escaped, picture, label, target, bare, sign, inner } = found.groups;
      if (found.index > 0) made.push(rest.slice(0, found.index));
      if (body !== undefined) made.push(el("code", { text: body.replace(/^ (.*[^ ].*) $/s, "$1") }));
      else if (escaped !== undefined) made.push(escaped.slice(1));
      else if (bare !== undefined) made.push(link(bare, bare));
      else if (label !== undefined) made.push(picture ? el("span", { class: "sg-muted", text: `picture, not loaded: ${label || target}` }) : link(target, inline(label, depth + 1)));
      else if (sign === "_" && /\w$/.test(rest.slice(0, found.index))) { made.push(sign, ...inline(rest.slice(found.index + 1), depth + 1)); break; }
      else made.push(el({ "**": "strong", "__": "strong", "~~": "del", "*": "em", _: "em" }[sign], {}, inline(inner, depth + 1)));
      rest = rest.slice(found.index + found[0].length);
    }
    return made;
  }

  const cells = (line) => ROW.exec(line)[1].split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
  function table(lines) {
    const [head, , ...rows] = lines, width = cells(head).length;
    const row = (line, tag) => el("tr", {}, [...cells(line), ...Array(width).fill("")].slice(0, width).map((cell) => el(tag, {}, inline(cell))));
    return el("table", { class: "sg-table sg-table--compact" }, el("thead", {}, row(head, "th")), el("tbody", {}, rows.map((line) => row(line, "td"))));
  }

  /** The lines of a list from *at*, each member with what is indented below it. */
  function list(lines, at, depth) {
    const [, space, sign] = MARKER.exec(lines[at]), isOrdered = /\d/.test(sign), members = [];
    let next = at;
    for (; next < lines.length; next += 1) {
      const found = MARKER.exec(lines[next]), indent = lines[next].search(/\S|$/);
      if (found !== null && found[1].length <= space.length + 1 && /\d/.test(found[2]) === isOrdered && !RULE.test(lines[next])) {
        members.push([lines[next].slice(found[0].length)]);
      } else if (lines[next].trim() === "") {
        if (lines[next + 1] === undefined || (lines[next + 1].search(/\S|$/) <= space.length && !MARKER.test(lines[next + 1]))) break;
        members.at(-1).push("");
      } else if (indent > space.length || !startsBlock(lines[next])) members.at(-1).push(lines[next].slice(Math.min(indent, space.length + sign.length + 1)));
      else break;
    }
    const content = (member) => {
      const made = blocks(member, depth + 1);
      return made.length > 0 && made[0].tagName === "P" && !member.includes("") ? [...made[0].childNodes, ...made.slice(1)] : made;
    };
    return [el(isOrdered ? "ol" : "ul", { start: isOrdered ? Number.parseInt(sign, 10) : null }, members.map((member) => el("li", {}, content(member)))), next];
  }

  const startsBlock = (line) => FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line) || MARKER.test(line);

  function blocks(lines, depth = 0) {
    const made = [];
    for (let at = 0; at < lines.length;) {
      const line = lines[at], fence = FENCE.exec(line), heading = HEADING.exec(line);
      if (line.trim() === "") at += 1;
      else if (fence !== null) {
        const end = lines.findIndex((one, place) => place > at && one.trim().startsWith(fence[1]) && one.trim().replaceAll(fence[1][0], "") === "");
        const last = end < 0 ? lines.length : end;
        made.push(el("pre", { class: "sg-code sg-code--wrap", tabindex: "0" }, el("code", { text: lines.slice(at + 1, last).join("\n") })));
        at = last + 1;
      } else if (heading !== null) {
        made.push(el("p", { class: "sg-strong" }, inline(heading[2])));
        at += 1;
      } else if (RULE.test(line)) {
        made.push(el("hr"));
        at += 1;
      } else if (depth < DEEPEST && QUOTE.test(line)) {
        let end = at;
        while (end < lines.length && QUOTE.test(lines[end])) end += 1;
        made.push(el("blockquote", {}, blocks(lines.slice(at, end).map((one) => one.replace(QUOTE, "")), depth + 1)));
        at = end;
      } else if (depth < DEEPEST && MARKER.test(line)) {
        const [element, next] = list(lines, at, depth);
        made.push(element);
        at = next;
      } else if (line.includes("|") && DIVIDER.test(lines[at + 1] ?? "")) {
        let end = at + 2;
        while (end < lines.length && lines[end].includes("|")) end += 1;
        made.push(table(lines.slice(at, end)));
        at = end;
      } else {
        let end = at + 1;
        while (end < lines.length && lines[end].trim() !== "" && !startsBlock(lines[end])) end += 1;
        const parts = lines.slice(at, end).flatMap((one, place) => [...(place > 0 ? [el("br")] : []), one.trim()]);
        made.push(el("p", {}, parts.flatMap((part) => (typeof part === "string" ? inline(part) : [part]))));
        at = end;
      }
    }
    return made;
  }

  const markdown = (text) => el("div", { class: "sg-prose" }, text.length > MOST_CHARACTERS
    ? el("p", { class: "sg-messages__text", text }) : blocks(text.replaceAll("\r\n", "\n").split("\n")));

  sitegen.markdown = markdown;
})();

/* The filter field: conditions of filter.js, or plain text to search for.
 *
 * Markup: <div class="sg-filter"><label for="f">Filter runs</label><input id="f" class="sg-filter__input"
 *   type="search" spellcheck="false" autocomplete="off"></div>
 *   sitegen.filter.box(input, { fields: () => [names], noun: "column", onChange(match, text, names) })
 *     -> { set(text), value() }
 *   match: null (all rows) | (row) => boolean, row = { search: folded text, fields: { name: value } }, or
 *     lookup(name) instead of fields; names: the fields that the text asks for, none for a search
 * Made around the input: .sg-filter__field > input + .sg-filter__mirror > mark.sg-filter__wrong; after that
 * p.sg-filter__message and p.sg-filter__hint; .sg-filter--wrong on the .sg-filter. While a text is
 * wrong the last right one stays in force. A text wholly in quotes is searched for as it is.
 */
(() => {
  "use strict";
  const TYPING_MS = 50, MISTAKE_MS = 500;
  // Ours, not the reader's: whether a text means to be a condition.
  const CONDITION = /[=<>]|\b(like|contains)\s*["'`\d]|\bin\s*\(/i;
  const QUOTED = /^(["'])(.*)\1$/s;

  const searchText = (text) => sitegen.filter.fold(text).replaceAll(/[\s\u00a0\u202f]+/g, " ").trim();

  const isSearch = (text) => QUOTED.test(text.trim()) || !CONDITION.test(text);

  /** { match, error, fields } of a text. */
  function read(text) {
    const trimmed = text.trim();
    const quoted = QUOTED.exec(trimmed);
    if (trimmed === "") return { match: null, error: null, fields: [] };
    if (quoted !== null || !CONDITION.test(trimmed)) {
      const wanted = searchText(quoted === null ? trimmed : quoted[2]);
      return { match: (row) => row.search.includes(wanted), error: null, fields: [] };
    }
    const { error, test, fields } = sitegen.filter.parse(text);
    const match = (row) => test(row.lookup
      ?? ((name) => (Object.hasOwn(row.fields, name) ? row.fields[name] : undefined)));
    return { match, error, fields };
  }

  function suggestion(name, names) {
    return sitegen.filter.nearest(name, names) ?? names.find((other) => other.endsWith(`.${name}`)) ?? null;
  }

  /** A name as the grammar writes it. */
  const written = (name) => (/^[A-Za-z_]\w*(\.\w+)*$/.test(name) ? name
    : name.split(".").map((part) => (/^\w+$/.test(part) ? part : `\`${part.replaceAll("`", "``")}\``)).join("."));

  function frame(input) {
    const { el } = sitegen.dom;
    const id = input.id || "sg-filter";
    const parts = {
      holder: input.closest(".sg-filter") ?? input.parentElement,
      mirror: el("div", { class: "sg-filter__mirror", "aria-hidden": "true" }),
      message: el("p", { class: "sg-filter__message", id: `${id}-message`, role: "status", hidden: true }),
      hint: el("p", { class: "sg-filter__hint", id: `${id}-hint`, hidden: true }),
    };
    const field = el("div", { class: "sg-filter__field" });
    input.replaceWith(field);
    field.append(input, parts.mirror);
    field.after(parts.message, parts.hint);
    input.setAttribute("aria-describedby", `${parts.message.id} ${parts.hint.id}`);
    return parts;
  }

  function box(input, { fields = () => [], noun = "column", onChange }) {
    const { el, clear } = sitegen.dom;
    const parts = frame(input);
    let applied = null, told = "", timer = 0, mistakeTimer = 0;

    function apply() {
      const result = read(input.value);
      if (result.error === null && input.value !== applied) {
        applied = input.value;
        onChange(result.match, input.value.trim(), result.fields.map(({ name }) => name));
      }
      return result;
    }
    function tell({ error, fields: named }) {
      if (told === input.value) return; // leaving the field for "Did you mean" must not rebuild it
      told = input.value;
      const chars = Array.from(input.value);
      parts.holder.classList.toggle("sg-filter--wrong", error !== null);
      input.setAttribute("aria-invalid", String(error !== null));
      clear(parts.mirror);
      parts.message.hidden = error === null;
      if (error !== null) {
        const start = error.column - 1;
        parts.message.textContent = `Column ${error.column}: ${error.message}. Expected ${error.expected}.`;
        parts.mirror.append(chars.slice(0, start).join(""), el("mark", { class: "sg-filter__wrong",
          text: chars.slice(start, start + error.length).join("") || "\u00a0" }));
        parts.mirror.scrollLeft = input.scrollLeft;
      }
      const hints = [...unknown(named), ...(error?.nearest ? [didYouMean(error, error.nearest)] : [])];
      parts.hint.replaceChildren(...hints.flat());
      parts.hint.hidden = hints.length === 0;
    }
    function unknown(named) {
      const names = fields();
      const wrong = names.length === 0 ? [] : named.filter(({ name }) => !names.includes(name));
      return wrong.slice(0, 1).map((field) => {
        const nearest = suggestion(field.name, names);
        const said = `${field.name} is not a ${noun}. `;
        return nearest === null ? [said] : [said, ...didYouMean(field, written(nearest))];
      });
    }
    /** "Did you mean metrics.val_loss?" that puts it right when pressed. */
    function didYouMean({ column, length }, right) {
      const chars = Array.from(input.value);
      const end = length === undefined ? nameEnd(chars, column - 1) : column - 1 + length;
      const press = () => {
        set(chars.slice(0, column - 1).join("") + right + chars.slice(end).join(""));
        input.focus();
      };
      return ["Did you mean ", el("button", { type: "button", class: "sg-link", on: { click: press } },
        el("code", { text: right })), "? "];
    }
    function nameEnd(chars, start) {
      let at = start, isQuoted = false;
      while (at < chars.length && (isQuoted || !/[\s=<>!(),]/.test(chars[at]))) {
        if (chars[at] === "`") isQuoted = !isQuoted;
        at += 1;
      }
      return at;
    }

    /** Right texts count at once; a mistake is told when the typing rests. */
    function onInput() {
      window.clearTimeout(timer);
      window.clearTimeout(mistakeTimer);
      clear(parts.mirror);
      told = null;
      timer = window.setTimeout(() => {
        const result = apply();
        if (result.error === null) tell(result);
      }, TYPING_MS);
      mistakeTimer = window.setTimeout(settle, MISTAKE_MS);
    }
    function settle() {
      window.clearTimeout(timer);
      window.clearTimeout(mistakeTimer);
      tell(apply());
    }
    function set(text) {
      if (input.value !== text) input.value = text;
      settle();
    }
    input.addEventListener("input", onInput);
    input.addEventListener("change", settle);
    input.addEventListener("scroll", () => { parts.mirror.scrollLeft = input.scrollLeft; });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      if (input.value === "") input.blur();
      else set("");
      event.preventDefault();
    });
    return { set, value: () => input.value };
  }

  Object.assign(sitegen.filter, { box, searchText, written, isSearch });
})();

/* Completion in a filter field: names of columns, then values of the column that was named.
 *
 *   sitegen.filter.complete(input, { fields: () => [names], values: async (name) => [values] })
 * A list opens below the field while a name or a value is being typed; ↑ ↓ move in it, Tab or Enter take, Esc closes.
 * Nothing is taken unasked: Enter without a choice leaves the text as it is.
 *   sitegen.filter.place(text) -> { kind: "name" | "value", start, typed, field } | null for the text before the caret
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const MOST = 12;
  const NAME = /(?:^|[(\s])((?:not\s+)?)([\p{L}_`][^\s=<>!(),"']*)$/u;
  const VALUE = /([\p{L}_`][^\s=<>!(),"']*)\s*(=|!=|contains|like|in\s*\((?:[^()]*,)?)\s*("[^"]*|'[^']*|[\w.+-]*)$/u;
  const WORDS = new Set(["and", "or", "not", "in", "like", "contains", "true", "false", "null"]);

  const bare = (name) => name.replaceAll(/`((?:[^`]|``)*)`?/g, (_, inner) => inner.replaceAll("``", "`"));

  function place(text) {
    const value = VALUE.exec(text);
    if (value !== null) {
      return { kind: "value", field: bare(value[1]), typed: value[3], start: text.length - value[3].length };
    }
    const name = NAME.exec(text);
    if (name === null || WORDS.has(name[2].toLowerCase())) return null;
    return { kind: "name", field: null, typed: bare(name[2]), start: text.length - name[2].length };
  }

  const written = (value) => (typeof value === "string" ? `"${value.replaceAll('"', '""')}"` : JSON.stringify(value));
  const scalars = (values) => [...new Set(values.flat())].filter((value) => typeof value !== "object" || value === null);

  /** Those that begin so first, then those that hold it; whole matches need no help. */
  function best(texts, typed) {
    const wanted = sitegen.filter.fold(typed), found = [[], []];
    for (const text of texts) {
      const folded = sitegen.filter.fold(text);
      if (folded === wanted) continue;
      const last = folded.slice(folded.indexOf(".") + 1);
      if (folded.startsWith(wanted) || last.startsWith(wanted)) found[0].push(text);
      else if (folded.includes(wanted)) found[1].push(text);
      if (found[0].length >= MOST) break;
    }
    return found.flat().slice(0, MOST);
  }

  function complete(input, { fields, values }) {
    const id = `${input.id || "sg-filter"}-choices`;
    const list = el("ul", { class: "sg-menu__panel sg-filter__choices", id, role: "listbox", "aria-label": "Completions", hidden: true });
    let at = -1, now = null, turn = 0;
    input.after(list);
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", id);

    function close() {
      list.hidden = true;
      at = -1;
      input.removeAttribute("aria-activedescendant");
    }
    function mark(next) {
      at = next;
      for (const [index, one] of [...list.children].entries()) one.setAttribute("aria-selected", String(index === at));
      if (at < 0) input.removeAttribute("aria-activedescendant");
      else {
        input.setAttribute("aria-activedescendant", `${id}-${at}`);
        list.children[at].scrollIntoView({ block: "nearest" });
      }
    }
    async function show() {
      const mine = ++turn, caret = input.selectionStart ?? input.value.length;
      now = place(input.value.slice(0, caret));
      let texts = [];
      if (now?.kind === "name") texts = best(fields(), now.typed);
      else if (now?.kind === "value" && fields().includes(now.field)) {
        try { texts = best(scalars(await values(now.field)).map(written), now.typed); } catch { texts = []; }
      }
      if (mine !== turn || document.activeElement !== input) return;
      list.replaceChildren(...texts.map((text, index) => el("li", { class: "sg-menu__choice", role: "option", id: `${id}-${index}`, "aria-selected": "false", text,
        on: { pointerdown: (event) => { event.preventDefault(); take(index); } } })));
      list.hidden = texts.length === 0;
      if (list.hidden) close();
      else mark(-1);
    }
    function take(index) {
      const text = list.children[index].textContent, caret = input.selectionStart ?? input.value.length;
      const put = now.kind === "name" ? `${sitegen.filter.written(text)} ` : text;
      const before = input.value.slice(0, now.start) + put;
      close();
      const rest = input.value.slice(caret).replace(now.kind === "name" ? /^\s/ : /^$/, "");
      input.value = before + rest;
      input.setSelectionRange(before.length, before.length);
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }
    input.addEventListener("input", show);
    input.addEventListener("blur", () => { turn += 1; close(); });
    input.addEventListener("keydown", (event) => {
      if (list.hidden) {
        if (event.key === "ArrowDown") { show(); event.preventDefault(); }
        return;
      }
      const size = list.children.length;
      if (event.key === "ArrowDown") mark((at + 1) % size);
      else if (event.key === "ArrowUp") mark(at <= 0 ? size - 1 : at - 1);
      else if (event.key === "Escape") close();
      else if (["Enter", "Tab"].includes(event.key) && at >= 0) take(at);
      else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    }, { capture: true });
  }

  Object.assign(sitegen.filter, { complete, place });
})();

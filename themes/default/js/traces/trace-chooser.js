/* A menu of traces to hold one against: first those of the same sample, conversation or name, found by name, sample or id.
 *
 *   sitegen.traceChooser({ label, rows, row, hrefOf(other), more }) -> element
 * *rows*: { n, rowAt(index) -> row of a trace list }; *row*: the trace it is for, or null; *more*: links above the list.
 */
(() => {
  "use strict";
  const MOST_LISTED = 40;

  function traceChooser({ label, rows, row, hrefOf, more = [] }) {
    const { el } = sitegen.dom, { format, filter } = sitegen;
    const body = el("div", { class: "sg-grid__choices" });
    const search = el("input", { class: "sg-input sg-grid__search", type: "search", placeholder: "Name, sample or id", "aria-label": "Which trace to compare with",
      spellcheck: "false", autocomplete: "off", on: { input: fill } });
    const menu = el("details", { class: "sg-menu", on: { toggle: () => { if (menu.open) { fill(); search.focus(); } } } },
      el("summary", { class: "sg-button", text: label }), el("div", { class: "sg-menu__panel sg-grid__menu" }, search, more, body));

    const isNear = (other) => row !== null && ["sample", "session", "name"].some((key) => row[key] && other[key] === row[key]);
    const said = (other) => [other.sample, other.duration_s === null ? null : format.duration_s(other.duration_s),
      other.errors > 0 && `${format.count(other.errors)} ${other.errors === 1 ? "error" : "errors"}`, other.started_at === null ? null : format.date(other.started_at)];
    function fill() {
      const wanted = filter.fold(search.value.trim()), near = [], others = [];
      for (let at = 0; at < rows.n && near.length < MOST_LISTED; at += 1) {
        const other = rows.rowAt(at);
        if (other.id === row?.id || !filter.fold(`${other.name} ${other.sample ?? ""} ${other.id}`).includes(wanted)) continue;
        const list = isNear(other) ? near : others;
        if (list.length < MOST_LISTED) list.push(other);
      }
      const found = [...near, ...others].slice(0, MOST_LISTED);
      body.replaceChildren(...found.map((other) => el("a", { class: "sg-menu__choice sg-traces__choice", href: hrefOf(other) },
        el("span", { class: "sg-ellipsis", text: other.name }), el("span", { class: "sg-muted sg-second", text: said(other).filter(Boolean).join(" · ") }))),
      ...(found.length ? [] : [el("p", { class: "sg-menu__title", text: wanted === "" ? "There is no other trace." : "No trace matches." })]));
    }
    return menu;
  }

  sitegen.traceChooser = traceChooser;
})();

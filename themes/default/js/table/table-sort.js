/* Order of a table on a phone, where its rows have no head.
 *
 * Markup: <span data-sort-for="runs-table"></span>; filled with a choice of the columns shown at first,
 * each both ways. The order itself is table.js's: hash key `sort`.
 */
(() => {
  "use strict";

  function addSort(table) {
    const holder = document.querySelector(`[data-sort-for="${CSS.escape(table.element.id)}"]`);
    if (holder === null) return;
    const { el, svg } = sitegen.dom, { state } = sitegen;
    const key = table.key("sort"), standard = table.element.dataset.order ?? "";
    const columns = table.columns.filter(({ mark, th }) => mark && !th.hasAttribute("data-off"));
    const options = columns.flatMap((column) => {
      const ways = column.th.dataset.first === "desc" ? ["desc", "asc"] : ["asc", "desc"];
      return ways.map((way) => el("option", {
        value: `${column.name}:${way}`, text: `${nameOf(column)} ${way === "asc" ? "▲" : "▼"}`,
      }));
    });
    if (standard === "") options.unshift(el("option", { value: "", text: "As listed" }));
    const select = el("select", { class: "sg-input sg-select", "aria-label": "Sort by",
      on: { change: () => state.set({ [key]: select.value === standard ? null : select.value }) } }, options);
    const box = { class: "sg-icon", width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" };
    const caret = svg("svg", box, svg("path", { d: "m5 6.5 3 3 3-3" }));
    holder.append(el("span", { class: "sg-select-frame" }, select, caret));

    const follow = () => { select.value = state.get(key, standard); };
    follow();
    state.onChange((all, keys) => { if (keys.includes(key)) follow(); });
  }

  /** The head's text without what it says to readers of the page only. */
  function nameOf({ th }) {
    const copy = th.cloneNode(true);
    for (const hidden of copy.querySelectorAll(".sg-hidden, .sg-table__mark")) hidden.remove();
    return copy.textContent.trim();
  }

  sitegen.table.extend(addSort);
})();

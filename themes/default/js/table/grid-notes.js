/* What a grid says around its rows: how many there are, that none matches, that a file is missing.
 *
 *   sitegen.gridNotes.show(grid) · .say(grid, text) in place of the count · .complain(grid, error)
 * Markup: <output data-count-for="runs-table">.
 */
(() => {
  "use strict";

  const outputs = (grid) => document.querySelectorAll(`[data-count-for="${CSS.escape(grid.element.id)}"]`);
  function showCount(grid) {
    const { count } = sitegen.format, shown = grid.found.length;
    const groups = grid.groupBy.length > 0 ? new Set(Array.from(grid.lines).filter(({ group }) => group).map(({ group }) => group)).size : 0;
    const grouped = groups > 0 ? `, ${count(groups)} ${groups === 1 ? "group" : "groups"}` : "";
    for (const output of outputs(grid)) {
      output.textContent = `${count(shown)} of ${count(grid.frame.n)} ${grid.frame.n === 1 ? grid.noun : grid.nouns}${grouped}${grid.note ? `; ${grid.note}` : ""}`;
    }
  }
  function showNoMatch(grid) {
    const { el } = sitegen.dom, hidden = grid.frame.n;
    grid.noMatch?.remove();
    if (grid.found.length > 0 || hidden === 0) return;
    const press = () => {
      grid.element.dispatchEvent(new CustomEvent("sg:clear"));
      if (grid.box) grid.box.set(""); else grid.setMatch(null);
      grid.filterInput?.focus();
    };
    grid.noMatch = el("div", { class: "sg-empty", role: "status" },
      el("p", { class: "sg-empty__title", text: `No ${grid.noun} matches.` }),
      el("p", { class: "sg-empty__text" },
        `${sitegen.format.count(hidden)} ${hidden === 1 ? `${grid.noun} is` : `${grid.nouns} are`} hidden by `,
        grid.filterText ? el("code", { text: grid.filterText }) : "what is chosen above", ". ",
        el("button", { type: "button", class: "sg-link", text: "Clear the filter", on: { click: press } })));
    (grid.holder ?? grid.element).after(grid.noMatch);
  }
  function complain(grid, error) {
    grid.notice?.remove();
    grid.element.classList.add("sg-grid--served"); // all rows that the server wrote
    grid.notice = sitegen.store.notice(error, () => grid.follow());
    (grid.holder ?? grid.element).before(grid.notice);
  }
  function show(grid) {
    showCount(grid);
    showNoMatch(grid);
  }
  function say(grid, text) {
    for (const output of outputs(grid)) output.textContent = text;
  }

  sitegen.gridNotes = { show, say, complain };
})();

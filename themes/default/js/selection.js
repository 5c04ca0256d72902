/* The bar of chosen runs at the end of the window.
 *
 * Markup: <div class="sg-selection" data-selection-for="runs-table" hidden> with .sg-selection__count,
 * .sg-selection__names, [data-action="clear"] and [data-copy-link]. The page is padded while it is open,
 * so that no row lies behind it.
 */
(() => {
  "use strict";

  sitegen.dom.ready(() => {
    for (const bar of document.querySelectorAll("[data-selection-for]")) follow(bar);
  });

  function follow(bar) {
    const element = document.getElementById(bar.dataset.selectionFor);
    const table = element && sitegen.table.get(element);
    if (!table) return;
    const count = bar.querySelector(".sg-selection__count");
    const names = bar.querySelector(".sg-selection__names");

    function show() {
      const keys = table.selected();
      const byKey = new Map(table.rows.map((row) => [row.key, row]));
      const known = keys.filter((key) => byKey.has(key));
      bar.hidden = known.length === 0;
      document.body.classList.toggle("sg-selecting", known.length > 0);
      count.textContent = `${known.length} ${known.length === 1 ? table.noun : table.nouns} selected`;
      names.textContent = known.map((key) => nameOf(byKey.get(key))).join(", ");
    }
    bar.querySelector('[data-action="clear"]').addEventListener("click", () => table.select([]));
    element.addEventListener("sg:selection", show);
    show();
  }

  const nameOf = (row) => row.element.querySelector("th a")?.textContent ?? row.key;
})();

/* The bar of chosen runs at the end of the window.
 *
 * Markup: <div class="sg-selection" data-selection-for="runs-table" hidden> with .sg-selection__count,
 * .sg-selection__names, [data-action="clear"], [data-action="baseline"], [data-action="compare"] (a link to compare.html)
 * and [data-copy-link]. The page is padded while it is open, so that no row lies behind it.
 */
(() => {
  "use strict";
  const MOST_NAMES = 20;

  sitegen.dom.ready(() => {
    for (const bar of document.querySelectorAll("[data-selection-for]")) follow(bar);
  });

  function follow(bar) {
    const element = document.getElementById(bar.dataset.selectionFor);
    const table = element && sitegen.grid.get(element);
    if (!table) return;
    const count = bar.querySelector(".sg-selection__count");
    const names = bar.querySelector(".sg-selection__names"), baseline = bar.querySelector('[data-action="baseline"]');
    const compare = bar.querySelector('[data-action="compare"]'), page = compare?.getAttribute("href");

    function show() {
      const keys = table.selected();
      const known = keys.filter((key) => table.isReady && table.rowOf(key) !== null);
      bar.hidden = known.length === 0;
      document.body.classList.toggle("sg-selecting", known.length > 0);
      count.textContent = `${known.length} ${known.length === 1 ? table.noun : table.nouns} selected`;
      names.textContent = known.slice(0, MOST_NAMES).map((key) => table.frame.value("name", table.rowOf(key))).join(", ");
      baseline.hidden = known.length !== 1;
      if (compare !== null) {
        compare.hidden = known.length < 2;
        compare.textContent = `Compare ${known.length} runs`;
        compare.href = `${page}#runs=${sitegen.state.join(known)}`;
      }
    }
    bar.querySelector('[data-action="clear"]').addEventListener("click", () => table.select([]));
    baseline.addEventListener("click", () => table.set({ baseline: table.selected()[0] }));
    sitegen.keys.add({
      key: "c", label: "Compare the chosen", group: "Table",
      when: () => !bar.hidden && compare !== null && !compare.hidden, run: () => compare.click(),
    });
    element.addEventListener("sg:selection", show);
    element.addEventListener("sg:grid", show);
    show();
  }
})();

/* One metric of several runs over each other, above the run table: the selected runs, else the best five.
 *
 * Markup: <figure data-overlay-for="runs-table"> with .sg-chart__name, .sg-overlay__note, select[data-role=metric],
 * .sg-chart__plot; <script type="application/json" id="sg-overlay">{"runs": [{key, name, url, series: {metric: data
 * key}}], "goal", "baseline"}</script>, best runs first. State in the hash: runs, metric. charts.js has all metrics.
 */
(() => {
  "use strict";
  const MOST_LINES = 8; // as many as there are series colours
  const SETTINGS = { x: "step", smoothing: 0, kind: "ema", logX: false, logY: false, mean: "", colour: "", band: "se" };
  let overlay = null;

  sitegen.dom.ready(() => {
    const figure = document.querySelector("[data-overlay-for]");
    if (figure === null) return;
    const data = JSON.parse(document.getElementById("sg-overlay").textContent);
    const select = figure.querySelector('[data-role="metric"]');
    const grid = sitegen.grid.get(document.getElementById(figure.dataset.overlayFor));
    overlay = {
      source: sitegen.curves.source(data, grid), select,
      name: figure.querySelector(".sg-chart__name"), note: figure.querySelector(".sg-overlay__note"),
      legend: figure.querySelector(".sg-overlay__legend"),
    };
    select.addEventListener("change", () => sitegen.state.set({ metric: select.value }));
    overlay.drawn = sitegen.chart.draw(figure.querySelector(".sg-chart__plot"), spec);
    sitegen.state.onChange((all, keys) => {
      if (keys.includes("runs") || keys.includes("metric")) overlay.drawn.redraw();
    });
  });

  const metric = () => {
    const asked = sitegen.state.get("metric");
    const known = [...overlay.select.options].some((option) => option.value === asked);
    return known ? asked : overlay.select.options[0].value;
  };

  async function spec() {
    const name = metric(), { source, select, note, legend } = overlay;
    const turn = overlay.turn = (overlay.turn ?? 0) + 1;
    select.value = name;
    overlay.name.textContent = name;
    note.textContent = "";
    const isNarrow = window.matchMedia("(max-width: 599px)").matches;
    const found = await sitegen.curves.lines(source, name, { ...SETTINGS, most: MOST_LINES });
    const made = sitegen.curveChart.make(name, found, SETTINGS, { isNamed: !isNarrow, goal: source.data.goal });
    if (turn === overlay.turn) { // no later choice was ready before
      note.textContent = made.note;
      legend.replaceChildren(...sitegen.curveChart.legend(found));
    }
    return made.spec;
  }
})();

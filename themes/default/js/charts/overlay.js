/* One metric over the run table: the selected runs, else means over seeds of the best groups, else the best five.
 *
 * Markup: <figure data-overlay-for="runs-table"> with .sg-chart__name, .sg-overlay__note, select[data-role=metric],
 * .sg-chart__plot; <script type="application/json" id="sg-overlay">{"runs": [{key, name, url, series: {metric: data
 * key}}], "goal", "baseline"}</script>, best runs first. charts.js has all metrics.
 * State in the hash: runs, metric, mean, band, x, full (`overview`).
 */
(() => {
  "use strict";
  const MOST_LINES = 8; // as many as there are series colours
  const SETTINGS = { smoothing: 0, kind: "ema", logX: false, logY: false };
  const AXES = [["step", "Step"], ["relative", "Time"]];
  const KEYS = ["runs", "metric", "mean", "band", "x"];
  let overlay = null;

  function settings() {
    const { source } = overlay, x = sitegen.state.get("x", "step");
    const isKnown = AXES.some(([name]) => name === x) || x === "wall";
    return { ...SETTINGS, ...sitegen.curves.ways(source), colour: "", x: isKnown ? x : "step", most: MOST_LINES };
  }

  // Axis and band, table and whole window, around the choice of the metric that the server wrote.
  function addTools(end) {
    const { segments, segment, press } = sitegen.metricToolbar, { button } = sitegen.chartActions;
    const axes = AXES.map(([x, text]) => segment(text, () => sitegen.state.set({ x: x === "step" ? null : x })));
    const axis = segments("x axis", axes), band = sitegen.curveChart.bandBox();
    overlay.tableButton = button("table", "Values as a table", () => toggleTable());
    overlay.tableButton.setAttribute("aria-expanded", "false");
    end.prepend(axis, band.box);
    end.append(overlay.tableButton, button("full", "Over the whole window", () => sitegen.state.set({ full: overlay.chart.name })));
    overlay.showTools = (now) => {
      AXES.forEach(([x], i) => press(axes[i], x === now.x));
      axis.hidden = now.mean !== "";
      band.show(now);
    };
  }

  function toggleTable() {
    overlay.isTable = !overlay.isTable;
    overlay.tableButton.setAttribute("aria-expanded", String(overlay.isTable));
    showTable();
  }

  function showTable() {
    overlay.table?.remove();
    if (!overlay.isTable || !overlay.found) return;
    overlay.table = sitegen.curveTable.table(metric(), overlay.found, settings());
    overlay.chart.figure.append(overlay.table);
  }

  sitegen.dom.ready(() => {
    const figure = document.querySelector("[data-overlay-for]");
    if (figure === null) return;
    const data = JSON.parse(document.getElementById("sg-overlay").textContent);
    const select = figure.querySelector('[data-role="metric"]'), plot = figure.querySelector(".sg-chart__plot");
    const grid = sitegen.grid.get(document.getElementById(figure.dataset.overlayFor));
    overlay = {
      source: sitegen.curves.source(data, grid), select, chart: { name: "overview", label: "Overview of the runs", figure, plot },
      name: figure.querySelector(".sg-chart__name"), note: figure.querySelector(".sg-overlay__note"),
      legend: figure.querySelector(".sg-overlay__legend"),
    };
    addTools(figure.querySelector(".sg-toolbar__end"));
    select.addEventListener("change", () => sitegen.state.set({ metric: select.value }));
    overlay.chart.drawn = sitegen.chart.draw(plot, spec);
    const showFull = () => sitegen.chartTab.showFull({ charts: [overlay.chart] });
    sitegen.state.onChange((all, keys) => {
      if (keys.some((key) => KEYS.includes(key))) overlay.chart.drawn.redraw();
      if (keys.includes("full")) showFull();
    });
    showFull();
  });

  const metric = () => {
    const asked = sitegen.state.get("metric");
    const known = [...overlay.select.options].some((option) => option.value === asked);
    return known ? asked : overlay.select.options[0].value;
  };

  async function spec() {
    const name = metric(), now = settings(), { source, select, note, legend, chart } = overlay, view = chart.drawn.view();
    const turn = overlay.turn = (overlay.turn ?? 0) + 1;
    select.value = name;
    overlay.name.textContent = name;
    overlay.showTools(now);
    const isNarrow = window.matchMedia("(max-width: 599px)").matches;
    const found = await sitegen.curves.lines(source, name, now, view);
    const made = sitegen.curveChart.make(name, found, now, { isNamed: !isNarrow, goal: source.data.goal, data: source.data, view });
    if (turn === overlay.turn) { // no later choice was ready before
      overlay.found = found;
      note.textContent = [made.note, made.fault].filter(Boolean).join(" · ");
      legend.replaceChildren(...sitegen.curveChart.legend(found));
      showTable();
    }
    return made.spec;
  }
})();

/* One metric of several runs over each other: the selected runs, else the best five.
 *
 * Markup: <figure data-overlay-for="runs-table"> with .sg-chart__name, .sg-overlay__note, select[data-role=metric],
 * .sg-chart__plot; <script type="application/json" id="sg-overlay">{"runs": [{key, name, url, series: {metric: data
 * key}}], "goal", "baseline"}</script>, best runs first. State in the hash: runs, metric.
 */
(() => {
  "use strict";
  const MOST_RUNS = 8; // as many as there are series colours
  const UNASKED_RUNS = 5;
  let overlay = null;

  sitegen.dom.ready(() => {
    const figure = document.querySelector("[data-overlay-for]");
    if (figure === null) return;
    const data = JSON.parse(document.getElementById("sg-overlay").textContent);
    const select = figure.querySelector('[data-role="metric"]');
    overlay = {
      figure, data, select, number: 0,
      table: sitegen.grid.get(document.getElementById(figure.dataset.overlayFor)),
      name: figure.querySelector(".sg-chart__name"), note: figure.querySelector(".sg-overlay__note"),
      legend: figure.querySelector(".sg-overlay__legend"),
    };
    select.addEventListener("change", () => sitegen.state.set({ metric: select.value }));
    const plot = figure.querySelector(".sg-chart__plot");
    overlay.drawn = sitegen.chart.draw(plot, spec);
    sitegen.state.onChange((all, keys) => {
      if (keys.includes("runs") || keys.includes("metric")) overlay.drawn.redraw();
    });
  });

  const metric = () => {
    const asked = sitegen.state.get("metric");
    const known = [...overlay.select.options].some((option) => option.value === asked);
    return known ? asked : overlay.select.options[0].value;
  };

  /** The runs to draw: the chosen ones, else the first five that have the metric. */
  function chosen(name) {
    const having = overlay.data.runs.filter((run) => run.series[name] !== undefined);
    const keys = overlay.table?.selected() ?? [];
    const asked = keys.map((key) => having.find((run) => run.key === key)).filter(Boolean);
    const first = asked.filter((run) => run.key === overlay.data.baseline);
    const ordered = [...first, ...asked.filter((run) => run.key !== overlay.data.baseline)];
    return { runs: keys.length ? ordered : having.slice(0, UNASKED_RUNS), having, isAsked: keys.length > 0 };
  }

  async function spec() {
    const name = metric(), { runs, having, isAsked } = chosen(name);
    const shown = runs.slice(0, MOST_RUNS);
    overlay.select.value = name;
    overlay.name.textContent = name;
    overlay.note.textContent = "";
    const isNarrow = window.matchMedia("(max-width: 599px)").matches;
    const series = await Promise.all(shown.map((run, at) => line(run, name, at, !isNarrow)));
    overlay.note.textContent = note(runs, shown, having, isAsked, series);
    showLegend(shown);
    const points = [...new Set(series.flatMap((one) => one.x))].sort((a, b) => a - b);
    return {
      label: `${name} of ${shown.map((run) => run.name).join(", ")}`,
      series, x: { kind: "linear" }, y: { kind: "linear" }, marks: [], levels: [],
      revision: `${name} ${shown.map((run) => run.key)}`,
      points, read: (index) => reading(series, points[index]),
    };
  }

  /** What the runs have at `step`, or at their own step nearest to it; those that have ended are left out. */
  function reading(series, step) {
    const { count, number } = sitegen.format;
    const running = series.filter((one) => one.x.length && one.x[0] <= step && step <= one.x.at(-1));
    const rows = running.map((one) => {
      const at = sitegen.crosshair.nearest(one.x, step, { type: "linear" });
      const isExact = one.x[at] === step;
      const value = number(one.y[at]);
      return {
        label: one.name, ink: one.colour, tone: Number.isFinite(one.y[at]) ? null : "bad",
        text: isExact ? value : `${value} at ${count(one.x[at])}`,
      };
    });
    return { title: `step ${count(step)}`, rows };
  }

  function showLegend(runs) {
    const { el } = sitegen.dom;
    overlay.legend.replaceChildren(...runs.map((run, at) =>
      el("a", { href: run.url }, sitegen.crosshair.seriesKey(at + 1), run.name)));
  }

  async function line(run, name, at, isNamed) {
    const chunk = await sitegen.store.get(run.series[name]);
    const { whole } = await sitegen.series.open(chunk.series[name], run.series[name]);
    const { steps, values, count } = whole;
    return { name: run.name, x: [...steps], y: [...values], colour: at + 1, label: isNamed, width: 1.8, count };
  }

  function note(runs, shown, having, isAsked, series) {
    const { count } = sitegen.format;
    const drawn = series.reduce((sum, one) => sum + one.y.length, 0);
    const logged = series.reduce((sum, one) => sum + one.count, 0);
    const faults = series.reduce((sum, one) => sum + one.y.filter((y) => !Number.isFinite(y)).length, 0);
    const points = `${count(drawn)} of ${count(logged)} points${faults ? `, ${count(faults)} not finite` : ""}`;
    if (shown.length === 0) return "None of the selected runs has this metric.";
    if (runs.length > shown.length) return `first ${shown.length} of ${runs.length} selected runs · ${points}`;
    if (isAsked) return `${shown.length} selected ${shown.length === 1 ? "run" : "runs"} · ${points}`;
    const which = overlay.data.goal ? "best" : "newest";
    const runsText = `${shown.length} of ${count(having.length)} runs, the ${which}; select runs to choose`;
    return having.length > shown.length ? `${runsText} · ${points}` : `${shown.length} runs · ${points}`;
  }
})();

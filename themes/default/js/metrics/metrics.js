// The Metrics tab of a run: its charts, their buttons, search, and the view in the URL.
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const LOADING_AFTER_MS = 300;
  const tab = { charts: [], tools: null, zoom: "" };

  function readMetric(figure) {
    const { dataset } = figure;
    return {
      name: dataset.metric,
      key: dataset.key,
      unit: dataset.unit || "",
      best: dataset.best ? Number(dataset.best) : null,
      bestStep: dataset.bestStep ? Number(dataset.bestStep) : null,
      alerts: JSON.parse(dataset.alerts),
      marks: JSON.parse(dataset.marks),
      group: figure.closest("[data-group]")?.dataset.group,
    };
  }

  const settingsOf = () => ({ ...tab.tools.settings, startUs: tab.startUs, other: tab.other });

  /** The metric that is the x axis, if one is: its points, before any chart is drawn over them. */
  async function loadOther() {
    const { x } = tab.tools.settings, { METRIC } = sitegen.metricToolbar;
    const name = x.startsWith(METRIC) ? x.slice(METRIC.length) : null;
    const chart = tab.charts.find((one) => one.name === name);
    if (!chart) tab.other = null;
    else if (tab.other?.name !== name) tab.other = { name, ...(await sitegen.metricData.series(chart)).whole };
  }

  async function makeSpec(chart) {
    const turn = chart.turn = (chart.turn ?? 0) + 1;
    const timer = setTimeout(() => {
      chart.plot.dataset.loading = `Loading ${chart.figure.dataset.shown}`;
    }, LOADING_AFTER_MS);
    try {
      await loadOther();
      const points = await sitegen.metricData.points(chart);
      const made = sitegen.metricChart.make(chart.metric, points, { ...settingsOf(), view: chart.drawn.view() });
      made.spec.open = (index) => sitegen.metricStep.nodes(chart, points, index);
      if (turn !== chart.turn) return made.spec; // a later choice was ready before
      chart.steps = points.steps;
      chart.extra.replaceChildren(...made.notes.map((text) => sitegen.dom.el("span", { text })));
      if (chart.shown) {
        chart.wholeText ??= chart.shown.textContent;
        const view = chart.drawn.view();
        chart.shown.textContent = view ? sitegen.metricChart.shownText(points) : chart.wholeText;
      }
      sitegen.metricData.showTable(chart);
      return made.spec;
    } finally {
      clearTimeout(timer);
      delete chart.plot.dataset.loading;
    }
  }

  function addChart(figure) {
    const plot = figure.querySelector(".sg-chart__plot");
    const values = figure.querySelector(".sg-chart__values");
    const metric = readMetric(figure), { name, group } = metric;
    const chart = { figure, plot, values, metric, name, group, settings: settingsOf };
    chart.extra = sitegen.dom.el("span", { class: "sg-chart__extra" });
    chart.shown = figure.querySelector('[data-role="shown"]');
    figure.querySelector(".sg-chart__note").append(chart.extra);
    sitegen.chartTab.actions(tab, chart, { toggleTable: () => toggleTable(chart), entries: () => entries(chart) });
    const onView = (view) => sitegen.chartTab.onView(tab, chart, view);
    chart.drawn = sitegen.chart.draw(plot, () => makeSpec(chart), { onView, onDrawn: (drawn) => readStep(chart, drawn) });
    tab.charts.push(chart);
  }

  /** Reads the step that the URL names at its chart, once that is drawn. */
  function readStep(chart, drawn) {
    if (chart.at === undefined || !drawn?.canvas) return;
    const index = sitegen.crosshair.nearest(chart.steps, chart.at, { type: "linear" });
    delete chart.at;
    sitegen.crosshair.read(drawn, index);
  }

  function goToStep(name, at) {
    const chart = tab.charts.find((one) => one.name === name);
    if (!chart || !/^-?\d+$/.test(at)) return;
    chart.at = Number(at);
    readStep(chart, sitegen.chart.all().find(({ element }) => element === chart.plot));
  }

  const entries = (chart) => [
    chart.drawn.view() && ["Points in view as CSV", () => sitegen.metricData.saveCsv(chart, true)],
    ["All points as CSV", () => sitegen.metricData.saveCsv(chart, false)],
    ...sitegen.chartTab.ways(chart),
  ];

  function toggleTable(chart) {
    chart.values.open = !chart.values.open;
    chart.tableButton.setAttribute("aria-expanded", String(chart.values.open));
    sitegen.metricData.showTable(chart);
  }

  function onState() {
    const metric = sitegen.state.get("metric", "");
    const at = sitegen.state.get("at", "");
    if (metric !== tab.metric || at !== tab.at) {
      Object.assign(tab, { metric, at });
      if (metric) sitegen.chartTab.reveal(tab, metric);
      if (at) goToStep(metric, at);
    }
    sitegen.chartTab.readZoom(tab);
    sitegen.metricPins.show(tab);
    sitegen.chartTab.showFull(tab);
  }

  function start() {
    tab.element = document.querySelector(".sg-metrics");
    if (!tab.element) return;
    tab.startUs = Number(tab.element.dataset.startUs || NaN);
    const toolbar = tab.element.querySelector(".sg-toolbar");
    const { count } = tab.element.dataset;
    const metrics = [...tab.element.querySelectorAll("[data-metric][data-key]")].map(({ dataset }) => dataset.metric);
    tab.tools = sitegen.metricToolbar.build(toolbar, { count, metrics, onChange: (now, before) => sitegen.chartTab.onSettings(tab, now, before) });
    for (const figure of tab.element.querySelectorAll("[data-metric][data-key]")) addChart(figure);
    const clear = tab.element.querySelector('[data-action="clear-filter"]');
    clear.addEventListener("click", () => tab.tools.change({ find: "" }));
    if (tab.tools.settings.find) sitegen.chartTab.find(tab, tab.tools.settings.find);
    for (const link of tab.element.querySelectorAll("a[data-step]")) link.addEventListener("click", (event) => {
      event.preventDefault();
      tab.at = null; // again, if it was asked for before
      sitegen.state.set({ metric: link.dataset.of, at: link.dataset.step });
      onState();
    });
    sitegen.state.onChange(onState);
    const when = () => sitegen.dom.isShown(tab.element);
    sitegen.keys.add({ key: "/", label: "Search metrics", group: "Metrics", when, run: tab.tools.focus });
    onState();
  }

  sitegen.metricsTab = { tab, readMetric }; // for `sitegen serve`, whose charts grow
  sitegen.dom.ready(start);
})();

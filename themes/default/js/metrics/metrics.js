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
    const chart = tab.charts.find((one) => one.metric.name === name);
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
      if (turn !== chart.turn) return made.spec; // a later choice was ready before
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

  // A zoom of one chart of a group, which all of them follow, stands in the URL: group~from~to, =metric~from~to
  // of one chart alone.
  const zoomed = ({ metric }) => (tab.tools.settings.sync ? metric.group : `=${metric.name}`);

  function onView(chart, view) {
    const ends = view && view.map((end) => Number(end.toPrecision(12)));
    tab.zoom = ends ? [zoomed(chart), ...ends].join("~") : "";
    sitegen.state.set({ zoom: tab.zoom });
  }

  /** Shows the zoom that the URL holds. */
  function readZoom() {
    const parts = sitegen.state.get("zoom", "").split("~");
    const [view, group] = [parts.slice(-2).map(Number), parts.slice(0, -2).join("~")];
    const isView = view.length === 2 && view.every(Number.isFinite) && view[0] < view[1];
    for (const chart of tab.charts) chart.drawn.show(isView && zoomed(chart) === group ? view : null);
  }

  function addChart(figure) {
    const { el } = sitegen.dom;
    const plot = figure.querySelector(".sg-chart__plot");
    const values = figure.querySelector(".sg-chart__values");
    const chart = { figure, plot, values, metric: readMetric(figure), settings: settingsOf };
    const { name } = chart.metric;
    chart.extra = el("span", { class: "sg-chart__extra" });
    chart.shown = figure.querySelector('[data-role="shown"]');
    figure.querySelector(".sg-chart__note").append(chart.extra);
    const { button, menu } = sitegen.chartActions;
    chart.tableButton = button("table", `Values of ${name} as a table (t)`, () => toggleTable(chart));
    chart.tableButton.setAttribute("aria-expanded", "false");
    chart.pinButton = button("pin", `Pin ${name}`, () => sitegen.metricPins.toggle(tab, name));
    figure.querySelector(".sg-chart__actions").append(
      chart.pinButton,
      chart.tableButton,
      button("full", `${name} over the whole window`, () => sitegen.state.set({ full: name })),
      menu(`More of ${name}`, () => entries(chart)),
    );
    figure.classList.add("sg-chart--live");
    plot.addEventListener("keydown", (event) => {
      if (event.key === "t" && !event.ctrlKey && !event.metaKey && !event.altKey) toggleTable(chart);
    });
    chart.drawn = sitegen.chart.draw(plot, () => makeSpec(chart), { onView: (view) => onView(chart, view) });
    tab.charts.push(chart);
  }

  function entries(chart) {
    const { metricData, metricPins, copy, chart: charts, chartActions } = sitegen;
    const { name } = chart.metric;
    const drawn = charts.all().find(({ element }) => element === chart.plot);
    const picture = (kind) => drawn?.canvas && [`Picture as ${kind.toUpperCase()}`, () => chartActions.savePicture(drawn, name, kind)];
    return [
      chart.drawn.view() && ["Points in view as CSV", () => metricData.saveCsv(chart, true)],
      ["All points as CSV", () => metricData.saveCsv(chart, false)],
      picture("svg"),
      picture("png"),
      ["Copy link", () => copy.text(new URL(sitegen.state.href({ metric: name }), window.location.href).href)],
      ...metricPins.moves(name),
    ];
  }

  function toggleTable(chart) {
    chart.values.open = !chart.values.open;
    chart.tableButton.setAttribute("aria-expanded", String(chart.values.open));
    sitegen.metricData.showTable(chart);
  }

  // Search: every word must be in the name. Groups without a match go, folded ones with one open.
  function find(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const group of tab.element.querySelectorAll("[data-group], [data-pins]")) {
      const figures = [...group.querySelectorAll("[data-metric]")];
      for (const figure of figures) {
        const name = figure.dataset.metric.toLowerCase();
        figure.hidden = !words.every((word) => name.includes(word));
      }
      const matches = figures.filter((figure) => !figure.hidden).length;
      shown += matches;
      group.hidden = matches === 0;
      unfold(group, words.length > 0);
    }
    showNoMatch(shown, text);
  }

  function unfold(group, isSearching) {
    if (isSearching && group.dataset.wasOpen === undefined) group.dataset.wasOpen = String(group.open);
    if (isSearching) group.open = true;
    else if (group.dataset.wasOpen !== undefined) {
      group.open = group.dataset.wasOpen === "true";
      delete group.dataset.wasOpen;
    }
  }

  function showNoMatch(shown, text) {
    const box = tab.element.querySelector('[data-role="no-match"]');
    const total = tab.element.querySelectorAll("[data-metric]").length;
    box.hidden = shown > 0;
    const words = `${total} ${total === 1 ? "metric is" : "metrics are"} hidden by “${text}”.`;
    box.querySelector('[data-role="no-match-text"]').textContent = words;
  }

  function reveal(name) {
    const figures = [...tab.element.querySelectorAll("[data-metric]")];
    const figure = figures.find((one) => one.dataset.metric === name);
    if (!figure) return;
    figure.closest("details").open = true;
    figure.scrollIntoView({ block: "center" });
    for (const one of figures) one.classList.toggle("sg-chart--chosen", one === figure);
  }

  // Over the whole window: the figure itself moves into a dialog and back, with its plot and state.
  function showFull(name) {
    const open = document.querySelector(".sg-metrics__dialog");
    if (open?.dataset.metric === name) return;
    open?.close();
    const chart = name && tab.charts.find((one) => one.metric.name === name);
    if (!chart) return;
    const { el } = sitegen.dom;
    const place = el("div", { class: "sg-chart" });
    const dialog = el("dialog", { class: "sg-metrics__dialog", "aria-label": name, "data-metric": name });
    const look = { class: "sg-button sg-metrics__close", type: "button", text: "Close" };
    const close = el("button", { ...look, on: { click: () => dialog.close() } });
    chart.isFull = true;
    chart.figure.replaceWith(place);
    dialog.append(close, chart.figure);
    document.body.append(dialog);
    dialog.addEventListener("close", () => {
      chart.isFull = false;
      place.replaceWith(chart.figure);
      dialog.remove();
      if (sitegen.state.get("full") === name) sitegen.state.set({ full: null });
      chart.drawn.redraw();
    });
    dialog.showModal();
    chart.drawn.redraw();
    chart.plot.focus();
  }

  function onSettings(now, before) {
    if (now.find !== before.find) find(now.find);
    const drawn = ["x", "smoothing", "kind", "logX", "logY", "clip", "sync"];
    if (drawn.every((key) => now[key] === before[key])) return;
    // The ends of a zoom are values of the axis.
    if (["x", "logX", "sync"].some((key) => now[key] !== before[key])) sitegen.state.set({ zoom: null });
    for (const chart of tab.charts) chart.drawn.redraw();
  }

  function onState() {
    const metric = sitegen.state.get("metric", "");
    if (metric !== tab.metric) {
      tab.metric = metric;
      if (metric) reveal(metric);
    }
    const zoom = sitegen.state.get("zoom", "");
    if (zoom !== tab.zoom) {
      tab.zoom = zoom;
      readZoom();
    }
    sitegen.metricPins.show(tab);
    showFull(sitegen.state.get("full"));
  }

  function start() {
    tab.element = document.querySelector(".sg-metrics");
    if (!tab.element) return;
    tab.startUs = Number(tab.element.dataset.startUs || NaN);
    const toolbar = tab.element.querySelector(".sg-toolbar");
    const { count } = tab.element.dataset;
    const metrics = [...tab.element.querySelectorAll("[data-metric][data-key]")].map(({ dataset }) => dataset.metric);
    tab.tools = sitegen.metricToolbar.build(toolbar, { count, metrics, onChange: onSettings });
    for (const figure of tab.element.querySelectorAll("[data-metric][data-key]")) addChart(figure);
    const clear = tab.element.querySelector('[data-action="clear-filter"]');
    clear.addEventListener("click", () => tab.tools.change({ find: "" }));
    if (tab.tools.settings.find) find(tab.tools.settings.find);
    sitegen.state.onChange(onState);
    const when = () => sitegen.dom.isShown(tab.element);
    sitegen.keys.add({ key: "/", label: "Search metrics", group: "Metrics", when, run: tab.tools.focus });
    onState();
  }

  sitegen.dom.ready(start);
})();

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

  const ICONS = {
    table: "M2.5 3.5h11v9h-11ZM2.5 6.7h11M6.2 6.7v5.8",
    csv: "M8 2.5v7.2M5 7l3 3 3-3M3 13h10",
    full: "M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3",
  };

  function action(name, label, onClick) {
    const { el, svg } = sitegen.dom;
    const box = { class: "sg-icon", width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" };
    const look = "sg-button sg-button--quiet sg-button--small sg-button--icon";
    return el(
      "button",
      { class: look, type: "button", title: label, "aria-label": label, on: { click: onClick } },
      svg("svg", box, svg("path", { d: ICONS[name] })),
    );
  }

  const settingsOf = () => ({ ...tab.tools.settings, startUs: tab.startUs });

  async function makeSpec(chart) {
    const timer = setTimeout(() => {
      chart.plot.dataset.loading = `Loading ${chart.figure.dataset.shown}`;
    }, LOADING_AFTER_MS);
    try {
      const points = await sitegen.metricData.points(chart);
      const made = sitegen.metricChart.make(chart.metric, points, settingsOf());
      chart.extra.replaceChildren(...made.notes.map((text) => sitegen.dom.el("span", { text })));
      if (chart.shown) {
        chart.wholeText ??= chart.shown.textContent;
        const view = chart.drawn.view();
        chart.shown.textContent = view ? sitegen.metricChart.shownText(points) : chart.wholeText;
        chart.csvButton.title = view ? `Points in view of ${chart.metric.name} as CSV` : csvLabel(chart);
      }
      sitegen.metricData.showTable(chart);
      return made.spec;
    } finally {
      clearTimeout(timer);
      delete chart.plot.dataset.loading;
    }
  }

  // A zoom of one chart of a group, which all of them follow, stands in the URL: group~from~to.
  function onView(chart, view) {
    const { group } = chart.metric;
    tab.zoom = view ? [group, ...view.map((end) => Number(end.toPrecision(12)))].join("~") : "";
    sitegen.state.set({ zoom: tab.zoom });
  }

  /** Shows the zoom that the URL holds. */
  function readZoom() {
    const [group, ...ends] = sitegen.state.get("zoom", "").split("~");
    const view = ends.map(Number);
    const isView = view.length === 2 && view.every(Number.isFinite) && view[0] < view[1];
    for (const chart of tab.charts) chart.drawn.show(isView && chart.metric.group === group ? view : null);
  }

  const csvLabel = (chart) => `Points of ${chart.metric.name} as CSV`;

  function addChart(figure) {
    const { el } = sitegen.dom;
    const plot = figure.querySelector(".sg-chart__plot");
    const values = figure.querySelector(".sg-chart__values");
    const chart = { figure, plot, values, metric: readMetric(figure), settings: settingsOf };
    const { name } = chart.metric;
    chart.extra = el("span", { class: "sg-chart__extra" });
    chart.shown = figure.querySelector('[data-role="shown"]');
    figure.querySelector(".sg-chart__note").append(chart.extra);
    chart.tableButton = action("table", `Values of ${name} as a table (t)`, () => toggleTable(chart));
    chart.tableButton.setAttribute("aria-expanded", "false");
    chart.csvButton = action("csv", csvLabel(chart), () => sitegen.metricData.saveCsv(chart));
    figure.querySelector(".sg-chart__actions").append(
      chart.tableButton,
      chart.csvButton,
      action("full", `${name} over the whole window`, () => sitegen.state.set({ full: name })),
    );
    figure.classList.add("sg-chart--live");
    plot.addEventListener("keydown", (event) => {
      if (event.key === "t" && !event.ctrlKey && !event.metaKey && !event.altKey) toggleTable(chart);
    });
    chart.drawn = sitegen.chart.draw(plot, () => makeSpec(chart), { onView: (view) => onView(chart, view) });
    tab.charts.push(chart);
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
    for (const group of tab.element.querySelectorAll("[data-group]")) {
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
    const isSame = ["x", "smoothing", "logX", "logY"].every((key) => now[key] === before[key]);
    if (isSame) return;
    // The ends of a zoom are values of the axis.
    if (now.x !== before.x || now.logX !== before.logX) sitegen.state.set({ zoom: null });
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
    showFull(sitegen.state.get("full"));
  }

  function start() {
    tab.element = document.querySelector(".sg-metrics");
    if (!tab.element) return;
    tab.startUs = Number(tab.element.dataset.startUs || NaN);
    const toolbar = tab.element.querySelector(".sg-toolbar");
    const { count } = tab.element.dataset;
    tab.tools = sitegen.metricToolbar.build(toolbar, { count, onChange: onSettings });
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

/* What both tabs of charts have, a run's and an experiment's: search, the link to one chart, the zoom in the URL, a
 * chart over the whole window.
 *
 * A tab is {element, charts: [{name, group, figure, plot, drawn}], tools (metric-toolbar.js), zoom}. Its element holds
 * groups [data-group] and [data-pins] of figures [data-metric], and [data-role=no-match].
 * State in the hash: find, zoom, metric, full.
 */
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const REDRAWN = ["x", "smoothing", "kind", "logX", "logY", "clip", "sync"];

  // Search: every word must be in the name. Groups without a match go, folded ones with one open.
  function find(tab, text) {
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
    showNoMatch(tab, shown, text);
  }

  function unfold(group, isSearching) {
    if (isSearching && group.dataset.wasOpen === undefined) group.dataset.wasOpen = String(group.open);
    if (isSearching) group.open = true;
    else if (group.dataset.wasOpen !== undefined) {
      group.open = group.dataset.wasOpen === "true";
      delete group.dataset.wasOpen;
    }
  }

  function showNoMatch({ element }, shown, text) {
    const box = element.querySelector('[data-role="no-match"]');
    const total = element.querySelectorAll("[data-metric]").length;
    box.hidden = shown > 0;
    const words = `${total} ${total === 1 ? "metric is" : "metrics are"} hidden by “${text}”.`;
    box.querySelector('[data-role="no-match-text"]').textContent = words;
  }

  /** Shows the chart of `name`, if there is one, and marks it alone. */
  function reveal({ element }, name) {
    const figures = [...element.querySelectorAll("[data-metric]")];
    const chosen = figures.find((one) => one.dataset.metric === name);
    for (const one of figures) one.classList.toggle("sg-chart--chosen", one === chosen);
    if (!chosen) return;
    chosen.closest("details").open = true;
    chosen.scrollIntoView({ block: "center" });
  }

  // A zoom of one chart of a group, which all of them follow, stands in the URL: group~from~to, =metric~from~to
  // of one chart alone.
  const zoomed = (tab, { group, name }) => (tab.tools.settings.sync ? group : `=${name}`);

  /** Puts the view of a chart, null for all of it, into the URL. */
  function onView(tab, chart, view) {
    const ends = view && view.map((end) => Number(end.toPrecision(12)));
    tab.zoom = ends ? [zoomed(tab, chart), ...ends].join("~") : "";
    sitegen.state.set({ zoom: tab.zoom });
  }

  /** Shows the zoom that the URL holds, if it is another one. */
  function readZoom(tab) {
    const now = sitegen.state.get("zoom", "");
    if (now === tab.zoom) return;
    tab.zoom = now;
    const parts = now.split("~");
    const [view, target] = [parts.slice(-2).map(Number), parts.slice(0, -2).join("~")];
    const isView = view.length === 2 && view.every(Number.isFinite) && view[0] < view[1];
    for (const chart of tab.charts) chart.drawn.show(isView && zoomed(tab, chart) === target ? view : null);
  }

  /** After a change in the toolbar: what is drawn anew. */
  function onSettings(tab, now, before) {
    if (now.find !== before.find) find(tab, now.find);
    if (REDRAWN.every((key) => now[key] === before[key])) return;
    // The ends of a zoom are values of the axis.
    if (["x", "logX", "sync"].some((key) => now[key] !== before[key])) sitegen.state.set({ zoom: null });
    for (const chart of tab.charts) chart.drawn.redraw();
  }

  /** Over the whole window: the figure itself moves into a dialog and back, with its plot and state. */
  function showFull(tab) {
    const name = sitegen.state.get("full"), open = document.querySelector(".sg-metrics__dialog");
    if (open?.dataset.metric === name) return;
    open?.close();
    const chart = name && tab.charts.find((one) => one.name === name);
    if (!chart) return;
    const { el } = sitegen.dom;
    const place = el("div", { class: "sg-chart" });
    const dialog = el("dialog", { class: "sg-metrics__dialog", "aria-label": chart.label ?? name, "data-metric": name });
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

  /** The buttons that both tabs have: a grip, pin, table, whole window, and a menu of `entries`. */
  function actions(tab, chart, { toggleTable, entries }) {
    const { name, figure, plot } = chart, { button, menu } = sitegen.chartActions;
    chart.pinButton = button("pin", `Pin ${name}`, () => sitegen.metricPins.toggle(tab, name));
    chart.tableButton = button("table", `Values of ${name} as a table (t)`, toggleTable);
    chart.tableButton.setAttribute("aria-expanded", "false");
    figure.querySelector(".sg-chart__actions").append(sitegen.metricDrag.grip(tab, chart), chart.pinButton, chart.tableButton,
      button("full", `${name} over the whole window`, () => sitegen.state.set({ full: name })), menu(`More of ${name}`, entries));
    figure.classList.add("sg-chart--live");
    plot.addEventListener("keydown", (event) => {
      if (event.key === "t" && !event.ctrlKey && !event.metaKey && !event.altKey) toggleTable();
    });
  }

  /** Entries of the menu that both tabs have: pictures, a link, the places of a pinned chart. */
  function ways({ name, plot }) {
    const { chart: charts, chartActions, copy, metricPins, state } = sitegen;
    const drawn = charts.all().find(({ element }) => element === plot);
    const picture = (kind) => drawn?.canvas && [`Picture as ${kind.toUpperCase()}`, () => chartActions.savePicture(drawn, name, kind)];
    const link = () => copy.text(new URL(state.href({ metric: name }), window.location.href).href);
    return [picture("svg"), picture("png"), ["Copy link", link], ...metricPins.moves(name)];
  }

  sitegen.chartTab = { find, reveal, onView, readZoom, onSettings, showFull, actions, ways };
})();

/* The Charts tab of an experiment: every metric of the selected runs over each other, or means of groups of runs.
 *
 * Markup: .sg-charts[data-charts-for="runs-table"][data-count] with .sg-toolbar, [data-group] with figures
 * [data-metric][data-goal] of .sg-chart__plot, .sg-chart__note, .sg-chart__legend, .sg-chart__actions and
 * details.sg-chart__values; #sg-overlay as for overlay.js.
 * State in the hash: runs, and of charts x, smooth, smoothing, log, sync, find, zoom, metric, mean, colour, band.
 * mean: "" of each run, "seeds", or a param; unless it is asked for, seeds are averaged while no run is selected.
 */
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const tab = { charts: [], tools: null, zoom: "", redrawn: "" };
  const BANDS = [["se", "SE"], ["std", "Std"], ["range", "Min–max"]];
  const KEYS = ["runs", "mean", "colour", "band"];

  /** How several runs are drawn: settings.mean, .colour and .band, from the hash. */
  function readWays(choices, grid) {
    const { get } = sitegen.state;
    const asked = get("mean"), colour = get("colour", ""), band = get("band", "se");
    const isKnown = asked === "runs" || (asked === "seeds" && choices.hasSeeds) || choices.params.includes(asked);
    const standard = choices.hasSeeds && !(grid.selected?.() ?? []).length ? "seeds" : "runs";
    const mean = isKnown ? asked : standard;
    return {
      mean: mean === "runs" ? "" : mean,
      colour: choices.params.includes(colour) ? colour : "",
      band: BANDS.some(([name]) => name === band) ? band : "se",
    };
  }

  const settingsOf = () => ({ ...tab.tools.settings, ...readWays(tab.choices, tab.source.grid) });

  async function makeSpec(chart) {
    const settings = settingsOf(), view = chart.drawn.view(), turn = chart.turn = (chart.turn ?? 0) + 1;
    const found = await sitegen.curves.lines(tab.source, chart.name, settings, view);
    const how = { group: chart.group, isNamed: false, goal: tab.source.data.goal };
    const { spec, note } = sitegen.curveChart.make(chart.name, found, settings, how);
    if (turn === chart.turn) { // no later choice was ready before
      chart.found = found;
      chart.note.textContent = note;
      chart.legend.replaceChildren(...sitegen.curveChart.legend(found));
      showTable(chart);
    }
    return { ...spec, isAlone: !settings.sync };
  }

  function showTable(chart) {
    chart.table?.remove();
    if (!chart.values.open || !chart.found) return;
    chart.table = sitegen.curveTable.table(chart.name, chart.found, settingsOf());
    chart.values.append(chart.table);
  }

  function toggleTable(chart) {
    chart.values.open = !chart.values.open;
    chart.tableButton.setAttribute("aria-expanded", String(chart.values.open));
    showTable(chart);
  }

  function entries(chart) {
    const { chartActions, copy, curveTable, dom, metricTable, state } = sitegen;
    const drawn = sitegen.chart.all().find(({ element }) => element === chart.plot);
    const picture = (kind) => drawn?.canvas && [`Picture as ${kind.toUpperCase()}`, () => chartActions.savePicture(drawn, chart.name, kind)];
    const save = () => dom.download(metricTable.fileName(chart.name), "text/csv;charset=utf-8", curveTable.csv(chart.name, chart.found, settingsOf()));
    return [
      chart.found && ["Curves as CSV", save], picture("svg"), picture("png"),
      ["Copy link", () => copy.text(new URL(state.href({ tab: "charts", metric: chart.name }), window.location.href).href)],
    ];
  }

  function addChart(figure) {
    const { button, menu } = sitegen.chartActions;
    const find = (name) => figure.querySelector(`.sg-chart__${name}`);
    const chart = {
      figure, name: figure.dataset.metric, group: `charts ${figure.closest("[data-group]").dataset.group}`,
      plot: find("plot"), note: find("note"), legend: find("legend"), values: find("values"),
    };
    chart.tableButton = button("table", `Values of ${chart.name} as a table (t)`, () => toggleTable(chart));
    chart.tableButton.setAttribute("aria-expanded", "false");
    const wide = button("full", `${chart.name} over the whole width`, () => widen(chart, wide));
    wide.setAttribute("aria-pressed", "false");
    find("actions").append(chart.tableButton, wide, menu(`More of ${chart.name}`, () => entries(chart)));
    figure.classList.add("sg-chart--live");
    chart.plot.addEventListener("keydown", (event) => {
      if (event.key === "t" && !event.ctrlKey && !event.metaKey && !event.altKey) toggleTable(chart);
    });
    chart.drawn = sitegen.chart.draw(chart.plot, () => makeSpec(chart), { onView: (view) => onView(chart, view) });
    tab.charts.push(chart);
  }

  function widen(chart, button) {
    const isWide = chart.figure.classList.toggle("sg-charts__chart--wide");
    button.setAttribute("aria-pressed", String(isWide));
    chart.drawn.redraw();
  }

  const zoomed = (chart) => (tab.tools.settings.sync ? chart.group : `=${chart.name}`);
  function onView(chart, view) {
    tab.zoom = view ? [zoomed(chart), ...view.map((end) => Number(end.toPrecision(12)))].join("~") : "";
    sitegen.state.set({ zoom: tab.zoom });
  }
  function readZoom() {
    const parts = sitegen.state.get("zoom", "").split("~");
    const view = parts.slice(-2).map(Number), target = parts.slice(0, -2).join("~");
    const isView = view.length === 2 && view.every(Number.isFinite) && view[0] < view[1];
    for (const chart of tab.charts) chart.drawn.show(isView && zoomed(chart) === target ? view : null);
  }

  // Which runs, means and colours: beside what metric-toolbar.js has.
  function waysBox() {
    const { choices } = tab, { select, segments, segment, press } = sitegen.metricToolbar;
    const short = (name) => name.replace(/^params\./, "");
    const set = (key) => (value) => sitegen.state.set({ [key]: value });
    const means = [["runs", "Each run"], ...(choices.hasSeeds ? [["seeds", "Mean over seeds"]] : []), ...choices.params.map((name) => [name, `Mean by ${short(name)}`])];
    const mean = select("Lines", means, set("mean"));
    const colour = select("Colour", [["", "Colour: each line"], ...choices.params.map((name) => [name, `Colour: ${short(name)}`])], set("colour"));
    const bands = BANDS.map(([name, text]) => segment(text, () => sitegen.state.set({ band: name === "se" ? null : name })));
    const band = segments("Band around a mean", bands);
    const show = () => {
      const ways = readWays(choices, tab.source.grid);
      mean.input.value = ways.mean || "runs";
      colour.input.value = ways.colour;
      band.hidden = !ways.mean;
      BANDS.forEach(([name], i) => press(bands[i], name === ways.band));
    };
    return { parts: [mean.box, band, ...(choices.params.length ? [colour.box] : [])], show };
  }

  function find(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    for (const group of tab.element.querySelectorAll("[data-group]")) {
      const figures = [...group.querySelectorAll("[data-metric]")];
      for (const figure of figures) figure.hidden = !words.every((word) => figure.dataset.metric.toLowerCase().includes(word));
      group.hidden = figures.every((figure) => figure.hidden);
      if (words.length) group.open = true;
    }
    const isNone = [...tab.element.querySelectorAll("[data-group]")].every((group) => group.hidden);
    tab.element.querySelector('[data-role="no-match"]').hidden = !isNone;
  }

  function onSettings(now, before) {
    if (now.find !== before.find) find(now.find);
    if (["x", "smoothing", "kind", "logX", "logY", "clip", "sync"].every((key) => now[key] === before[key])) return;
    if (["x", "logX", "sync"].some((key) => now[key] !== before[key])) sitegen.state.set({ zoom: null });
    for (const chart of tab.charts) chart.drawn.redraw();
  }

  function onState(all, keys) {
    if (keys.some((key) => KEYS.includes(key))) {
      tab.ways.show();
      for (const chart of tab.charts) chart.drawn.redraw();
    }
    if ((all.zoom ?? "") !== tab.zoom) {
      tab.zoom = all.zoom ?? "";
      readZoom();
    }
    if (keys.includes("metric") || keys.includes("tab")) reveal();
  }

  function reveal() {
    const name = sitegen.state.get("metric");
    const chart = sitegen.state.get("tab") === "charts" && tab.charts.find((one) => one.name === name);
    for (const one of tab.charts) one.figure.classList.toggle("sg-chart--chosen", one === chart);
    if (!chart) return;
    chart.figure.closest("details").open = true;
    chart.figure.scrollIntoView({ block: "center" });
  }

  function start() {
    tab.element = document.querySelector("[data-charts-for]");
    if (!tab.element) return;
    const grid = sitegen.grid.get(document.getElementById(tab.element.dataset.chartsFor));
    tab.source = sitegen.curves.source(JSON.parse(document.getElementById("sg-overlay").textContent), grid);
    tab.choices = sitegen.curves.choices(tab.source);
    tab.ways = waysBox();
    const toolbar = tab.element.querySelector(".sg-toolbar"), { count } = tab.element.dataset;
    tab.tools = sitegen.metricToolbar.build(toolbar, { count, more: tab.ways.parts, onChange: onSettings });
    tab.ways.show();
    for (const figure of tab.element.querySelectorAll("[data-metric]")) addChart(figure);
    tab.element.querySelector('[data-action="clear-filter"]').addEventListener("click", () => tab.tools.change({ find: "" }));
    if (tab.tools.settings.find) find(tab.tools.settings.find);
    sitegen.state.onChange(onState);
    tab.zoom = sitegen.state.get("zoom", "");
    readZoom();
    reveal();
  }

  sitegen.dom.ready(start);
})();

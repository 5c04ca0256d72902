/* The Charts tab of an experiment: every metric of the selected runs over each other, or means of groups of runs.
 *
 * Markup: .sg-charts[data-charts-for="runs-table"][data-count] with .sg-toolbar, [data-group] with figures
 * [data-metric][data-goal] of .sg-chart__plot, .sg-chart__note, .sg-chart__legend, .sg-chart__actions and
 * details.sg-chart__values; #sg-overlay as for overlay.js.
 * State in the hash: runs, and of charts x, smooth, smoothing, log, sync, find, zoom, metric, pinned, full, mean,
 * colour, band.
 * mean: "" of each run, "seeds", or a param; unless it is asked for, seeds are averaged while no run is selected.
 */
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const tab = { charts: [], tools: null, zoom: "" };
  const KEYS = ["runs", "mean", "colour", "band"];

  const settingsOf = () => ({ ...tab.tools.settings, ...sitegen.curves.ways(tab.source) });

  async function makeSpec(chart) {
    const settings = settingsOf(), view = chart.drawn.view(), turn = chart.turn = (chart.turn ?? 0) + 1;
    const found = await sitegen.curves.lines(tab.source, chart.name, settings, view);
    const how = { group: chart.group, isNamed: chart.isFull && window.matchMedia("(min-width: 960px)").matches, goal: tab.source.data.goal, data: tab.source.data, view };
    const { spec, note, fault } = sitegen.curveChart.make(chart.name, found, settings, how);
    if (turn === chart.turn) { // no later choice was ready before
      chart.found = found;
      chart.note.replaceChildren(note, ...(fault ? [sitegen.dom.el("span", { class: "sg-bad", text: fault })] : []));
      chart.legend.replaceChildren(...sitegen.curveChart.legend(found));
      showLegends();
      showTable(chart);
    }
    return { ...spec, isAlone: !settings.sync };
  }

  // Lines have the same colours in all charts: where they are the same lines, they are named once above them.
  function showLegends() {
    const key = ({ found }) => found?.lines.map(({ name, colour, size }) => `${colour} ${name} ${size}`).join("\n");
    const first = tab.charts.find(({ found }) => found?.lines.length);
    tab.legend.hidden = !first;
    if (!first) return;
    if (tab.legendKey !== key(first)) tab.legend.replaceChildren(...sitegen.curveChart.legend(first.found));
    tab.legendKey = key(first);
    for (const chart of tab.charts) chart.legend.hidden = !chart.isFull && key(chart) === tab.legendKey;
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
    const { chartTab, curveTable, dom, metricTable } = sitegen, { found, name } = chart;
    const fail = (error) => { chart.note.textContent = error.message; };
    const save = () => dom.download(metricTable.fileName(name), "text/csv;charset=utf-8", curveTable.csv(name, found, settingsOf()));
    const whole = () => curveTable.saveWhole(name, found).catch(fail);
    return [
      found && ["Curves as CSV", save], found && curveTable.isCut(found) && ["All points as CSV", whole], ...chartTab.ways(chart),
    ];
  }

  function addChart(figure) {
    const find = (name) => figure.querySelector(`.sg-chart__${name}`);
    const chart = {
      figure, name: figure.dataset.metric, group: `charts ${figure.closest("[data-group]").dataset.group}`,
      plot: find("plot"), note: find("note"), legend: find("legend"), values: find("values"),
    };
    sitegen.chartTab.actions(tab, chart, { toggleTable: () => toggleTable(chart), entries: () => entries(chart) });
    const onView = (view) => sitegen.chartTab.onView(tab, chart, view);
    chart.drawn = sitegen.chart.draw(chart.plot, () => makeSpec(chart), { onView });
    tab.charts.push(chart);
  }

  // Which runs, means and colours: beside what metric-toolbar.js has.
  function waysBox() {
    const { choices } = tab, { select } = sitegen.metricToolbar;
    const short = (name) => name.replace(/^params\./, "");
    const set = (key) => (value) => sitegen.state.set({ [key]: value });
    const means = [["runs", "Each run"], ...(choices.hasSeeds ? [["seeds", "Mean over seeds"]] : []), ...choices.params.map((name) => [name, `Mean by ${short(name)}`])];
    const mean = select("Lines", means, set("mean"));
    const colour = select("Colour", [["", "Colour: each line"], ...choices.params.map((name) => [name, `Colour: ${short(name)}`])], set("colour"));
    const band = sitegen.curveChart.bandBox();
    const show = () => {
      const ways = sitegen.curves.ways(tab.source);
      mean.input.value = ways.mean || "runs";
      colour.input.value = ways.colour;
      band.show(ways);
    };
    return { parts: [mean.box, band.box, ...(choices.params.length ? [colour.box] : [])], show };
  }

  function onState(all, keys) {
    if (keys.some((key) => KEYS.includes(key))) {
      tab.ways.show();
      for (const chart of tab.charts) chart.drawn.redraw();
    }
    show();
    if (keys.includes("metric") || keys.includes("tab")) reveal();
  }

  // The metric of the overview above the run table is no chart of this tab until it is shown.
  const reveal = () => sitegen.chartTab.reveal(tab, sitegen.state.get("tab") === "charts" ? sitegen.state.get("metric") : null);

  function show() {
    sitegen.chartTab.readZoom(tab);
    sitegen.metricPins.show(tab);
    sitegen.chartTab.showFull(tab);
  }

  function start() {
    tab.element = document.querySelector("[data-charts-for]");
    if (!tab.element) return;
    const grid = sitegen.grid.get(document.getElementById(tab.element.dataset.chartsFor));
    tab.source = sitegen.curves.source(JSON.parse(document.getElementById("sg-overlay").textContent), grid);
    tab.choices = sitegen.curves.choices(tab.source);
    tab.ways = waysBox();
    const toolbar = tab.element.querySelector(".sg-toolbar"), { count } = tab.element.dataset;
    const figures = [...tab.element.querySelectorAll("[data-metric]")], metrics = figures.map(({ dataset }) => dataset.metric);
    const onChange = (now, before) => sitegen.chartTab.onSettings(tab, now, before);
    tab.legend = sitegen.dom.el("p", { class: "sg-charts__legend sg-overlay__legend", hidden: true });
    toolbar.after(tab.legend);
    tab.tools = sitegen.metricToolbar.build(toolbar, { count, metrics, more: tab.ways.parts, onChange });
    tab.ways.show();
    for (const figure of figures) addChart(figure);
    tab.element.querySelector('[data-action="clear-filter"]').addEventListener("click", () => tab.tools.change({ find: "" }));
    if (tab.tools.settings.find) sitegen.chartTab.find(tab, tab.tools.settings.find);
    sitegen.state.onChange(onState);
    show();
    reveal();
    const when = () => sitegen.dom.isShown(tab.element);
    sitegen.keys.add({ key: "/", label: "Search metrics", group: "Charts", when, run: tab.tools.focus });
  }

  sitegen.dom.ready(start);
})();

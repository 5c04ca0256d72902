/* The metrics of the compared runs: their series over each other, final values as bars, all values as a table.
 *
 *   sitegen.compareMetrics.figure(row, runs, source, settings) -> { element: <figure>, chart } with the series of one metric
 *   sitegen.compareMetrics.bars(row, runs, mean) -> element with a bar a run, or a bar a group with mean ± SE
 * Hash: what metric-toolbar.js has (find, x, smooth, log, …), mean="" | seeds | params.<name>, band.
 */
(() => {
  "use strict";
  const { el, svg } = sitegen.dom;
  const MOST_FIGURES = 60, MOST_PARAMS = 200, BAR = { width: 160, height: 10 };

  function figure(row, runs, from = sitegen.compareCurves.source(runs), settings = () => sitegen.compareCurves.PLAIN) {
    const note = el("p", { class: "sg-chart__note" }), plot = el("div", { class: "sg-chart__plot" });
    const chart = sitegen.compareCurves.draw(plot, note, { source: from, row, settings });
    return { chart, element: el("figure", { class: "sg-chart" },
      el("figcaption", { class: "sg-chart__head" }, el("span", { class: "sg-chart__name", text: row.name }), sitegen.gridCells.goal(row.goal)),
      plot, note) };
  }

  const bar = (value, reach, ink) => {
    const at = (number) => ((number - reach[0]) / (reach[1] - reach[0])) * BAR.width, zero = at(0), end = at(value);
    return svg("svg", { class: `s${ink}`, width: BAR.width, height: BAR.height, viewBox: `0 0 ${BAR.width} ${BAR.height}`, "aria-hidden": "true" },
      svg("rect", { class: "sg-fill", x: Math.min(zero, end), y: 1, width: Math.max(1, Math.abs(end - zero)), height: BAR.height - 2 }));
  };

  /** What runs of one group share, by which they are named: a param, or all that differ but seeds. */
  function groupsBy(runs, mean) {
    const source = sitegen.compareCurves.source(runs);
    const names = mean === "seeds" ? sitegen.curves.choices(source).params : [mean];
    const groups = new Map();
    runs.forEach((run, at) => {
      const key = names.map((name) => `${name.replace(/^.*\./, "")} ${run.data.params[name.slice(7)] ?? "not set"}`).join(", ");
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(at);
    });
    return [...groups];
  }
  function grouped(row, runs, mean) {
    return groupsBy(runs, mean).map(([name, places], at) => {
      const { n, mean: value, se } = spreadOf(places.map((place) => row.values[place]).filter(Number.isFinite));
      const shown = n === 0 ? "missing" : se === null ? sitegen.format.number(value) : `${sitegen.format.number(value)} ± ${sitegen.format.number(se, { digits: 2 })}`;
      return { name, value, text: shown, note: `n = ${n}`, ink: (at % 8) + 1 };
    });
  }
  function spreadOf(values) {
    const n = values.length, mean = values.reduce((sum, value) => sum + value, 0) / n;
    return { n, mean, se: n > 1 ? Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1) / n) : null };
  }

  function bars(row, runs, param) {
    const list = param ? grouped(row, runs, param)
      : runs.map((run, at) => ({ name: [run.letter, run.name].filter(Boolean).join(" "), value: row.values[at], text: row.texts[at] ?? "missing", note: "", ink: run.ink }));
    const finite = list.map(({ value }) => value).filter(Number.isFinite), reach = [Math.min(0, ...finite), Math.max(0, ...finite)];
    if (reach[0] === reach[1]) reach[1] = 1;
    return el("table", { class: "sg-comparebars" }, el("caption", { class: "sg-hidden", text: `${row.name}, final values; bars begin at 0` }),
      el("tbody", {}, list.map((one) => el("tr", {},
        el("th", { scope: "row", class: "sg-comparebars__name", title: one.name, text: one.name }),
        el("td", {}, Number.isFinite(one.value) ? bar(one.value, reach, one.ink) : null),
        el("td", { class: "sg-table__number", text: one.text }), el("td", { class: "sg-muted sg-small", text: one.note })))));
  }

  const down = () => svg("svg", { class: "sg-icon", width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: "m5 6.5 3 3 3-3" }));

  /** Lines of runs or of means by a param, their band; beside what metric-toolbar.js has. */
  function waysOf(source) {
    const { get } = sitegen.state, choices = sitegen.curves.choices(source), asked = get("mean"), band = get("band");
    const isKnown = (asked === "seeds" && choices.hasSeeds) || choices.params.includes(asked);
    return { mean: isKnown ? asked : "", colour: "", band: band in sitegen.curveChart.BANDS ? band : "se" };
  }
  function waysBox(source) {
    const { select, segments, segment, press } = sitegen.metricToolbar, choices = sitegen.curves.choices(source);
    const set = (key) => (value) => sitegen.state.set({ [key]: value || null });
    const lines = select("Lines", [["", "Each run"], ...(choices.hasSeeds ? [["seeds", "Mean over seeds"]] : []),
      ...choices.params.slice(0, MOST_PARAMS).map((name) => [name, `Mean by ${name.replace(/^params\./, "")}`])], set("mean"));
    const bands = Object.entries(sitegen.curveChart.BANDS).map(([name, text]) => [name, segment(text, () => sitegen.state.set({ band: name === "se" ? null : name }))]);
    const group = segments("Band around a mean", bands.map(([, button]) => button));
    const show = () => {
      const ways = waysOf(source);
      lines.input.value = ways.mean;
      group.hidden = !ways.mean;
      for (const [name, button] of bands) press(button, name === ways.band);
    };
    show();
    return { parts: [lines.box, group], show };
  }

  let drawn = null;

  function drawInto(panel, view) {
    const { runs } = view, every = sitegen.compareValues.metrics(runs), source = sitegen.compareCurves.source(runs);
    const place = el("div", { class: "sg-comparemetrics" }), tables = el("div"), toolbar = el("div", { class: "sg-toolbar sg-metrics__toolbar" });
    const mine = drawn = { place, charts: [] }, ways = waysBox(source);
    const tools = sitegen.metricToolbar.build(toolbar, { count: String(every.length), metrics: every.map(({ name }) => name), more: ways.parts,
      onChange: (now, before) => {
        if (drawn !== mine) return; // of runs that were chosen before
        if (now.find !== before.find) fill();
        else for (const { chart } of mine.charts) chart.redraw();
      } });
    mine.show = () => { ways.show(); fill(); };
    function fill() {
      const words = tools.settings.find.toLowerCase().split(/\s+/).filter(Boolean), { mean } = waysOf(source);
      const rows = every.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
      const shown = rows.filter(({ values }) => values.some((value) => value !== undefined)).slice(0, MOST_FIGURES);
      for (const { chart } of mine.charts) chart.remove();
      mine.charts = [];
      place.replaceChildren(...shown.map((row) => {
        const isSeries = runs.some(({ data }) => data.metrics[row.name]?.series && data.metrics[row.name].count > 1);
        const made = isSeries ? figure(row, runs, source, () => ({ ...tools.settings, ...waysOf(source) })) : null;
        if (made) mine.charts.push(made);
        return el("div", { class: "sg-comparemetrics__metric" }, made ? made.element : el("p", { class: "sg-mono", text: row.name }),
          el("div", { class: "sg-comparemetrics__bars" }, bars(row, runs, mean)));
      }));
      tables.replaceChildren(sitegen.compareTable.element({
        title: "Final values", label: "Metric", runs, rows, all: true, cell: sitegen.compareValues.cell,
        note: `${rows.length} of ${every.length} metrics; the best by its goal, else the last; differences are to ${runs[0].name}`,
      }), ...(shown.length < rows.length ? [el("p", { class: "sg-table__foot", text: `Charts: the first ${shown.length} of ${rows.length} metrics.` })] : []));
    }
    panel.replaceChildren(toolbar, place, tables);
    fill();
  }
  sitegen.state.onChange((all, keys) => { if (drawn?.place.isConnected && ["mean", "band"].some((key) => keys.includes(key))) drawn.show(); });

  sitegen.compareMetrics = { figure, bars, drawInto, down };
})();

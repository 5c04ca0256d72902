/* The metrics of the compared runs: their series over each other, final values as bars, all values as a table.
 *
 *   sitegen.compareMetrics.figure(name, runs) -> <figure> with the series of one metric, drawn when in view
 *   sitegen.compareMetrics.bars(row, runs, group) -> element with a bar a run, or a bar a group with mean ± SE
 * Hash: find (part of names), x=time, scale=log, group=<param>.
 */
(() => {
  "use strict";
  const { el, svg } = sitegen.dom;
  const MOST_LINES = 50, MOST_NAMED = 8, MOST_FIGURES = 60, US_PER_S = 1e6, BAR = { width: 160, height: 10 };

  async function line(run, name, isNamed, isTime) {
    const key = `${run.data.slug}/${run.data.metrics[name].series}`;
    const chunk = await sitegen.store.get(key), { whole } = await sitegen.series.open(chunk.series[name], key);
    const start = whole.firstTime;
    const x = isTime ? Array.from(whole.times ?? [], (time) => (time - start) / US_PER_S) : [...whole.steps];
    return {
      name: run.letter || run.name, x, y: isTime && !whole.times ? [] : [...whole.values], colour: run.ink,
      label: isNamed, width: run.isThin ? 1 : 1.8, count: whole.count,
    };
  }

  function reading(series, at, isTime) {
    const { count, number, duration_s: duration } = sitegen.format;
    const rows = series.filter(({ x }) => x.length && x[0] <= at && at <= x.at(-1)).slice(0, 12).map((one) => {
      const index = sitegen.crosshair.nearest(one.x, at, { type: "linear" });
      return { label: one.name, ink: one.colour, tone: Number.isFinite(one.y[index]) ? null : "bad", text: number(one.y[index]) };
    });
    return { title: isTime ? duration(at) : `step ${count(at)}`, rows };
  }

  async function spec(name, runs, note) {
    const having = runs.filter(({ data }) => data.metrics[name]?.series), shown = having.slice(0, MOST_LINES);
    const isTime = sitegen.state.get("x") === "time", isLog = sitegen.state.get("scale") === "log";
    const isNamed = shown.length <= MOST_NAMED && window.matchMedia("(min-width: 600px)").matches;
    const series = await Promise.all(shown.map((run) => line(run, name, isNamed, isTime)));
    const drawn = series.reduce((sum, { y }) => sum + y.length, 0), all = series.reduce((sum, one) => sum + one.count, 0);
    const faults = series.reduce((sum, { y }) => sum + y.filter((value) => !Number.isFinite(value)).length, 0);
    note.textContent = [
      shown.length < having.length ? `first ${shown.length} of ${having.length} runs` : `${having.length} of ${runs.length} runs`,
      `${sitegen.format.count(drawn)} of ${sitegen.format.count(all)} points`, faults ? `${faults} not finite` : null,
    ].filter(Boolean).join(" · ");
    if (isLog) for (const one of series) one.y = one.y.map((value) => (value > 0 ? value : null));
    const points = [...new Set(series.flatMap(({ x }) => x))].sort((a, b) => a - b);
    return {
      label: `${name} of ${runs.length} runs`, series, x: { kind: "linear" }, y: { kind: isLog ? "log" : "linear" },
      marks: [], levels: [], points, read: (index) => reading(series, points[index], isTime), group: "compare",
      revision: `${name} ${isTime} ${isLog} ${shown.map(({ key }) => key)}`,
    };
  }

  function figure(row, runs) {
    const note = el("p", { class: "sg-chart__note" }), plot = el("div", { class: "sg-chart__plot" });
    sitegen.chart.draw(plot, () => spec(row.name, runs, note));
    return el("figure", { class: "sg-chart" },
      el("figcaption", { class: "sg-chart__head" }, el("span", { class: "sg-chart__name", text: row.name }), sitegen.gridCells.goal(row.goal)),
      plot, note);
  }

  const bar = (value, reach, ink) => {
    const at = (number) => ((number - reach[0]) / (reach[1] - reach[0])) * BAR.width, zero = at(0), end = at(value);
    return svg("svg", { class: `s${ink}`, width: BAR.width, height: BAR.height, viewBox: `0 0 ${BAR.width} ${BAR.height}`, "aria-hidden": "true" },
      svg("rect", { class: "sg-fill", x: Math.min(zero, end), y: 1, width: Math.max(1, Math.abs(end - zero)), height: BAR.height - 2 }));
  };

  /** Runs with one text of the param, in the order of the first of them. */
  function grouped(row, runs, param) {
    const groups = new Map();
    runs.forEach((run, at) => {
      const text = run.data.params[param] ?? "not set";
      if (!groups.has(text)) groups.set(text, []);
      if (Number.isFinite(row.values[at])) groups.get(text).push(row.values[at]);
    });
    return [...groups].map(([text, values], at) => {
      const n = values.length, mean = values.reduce((sum, value) => sum + value, 0) / n;
      const se = n > 1 ? Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1) / n) : null;
      const shown = n === 0 ? "missing" : se === null ? sitegen.format.number(mean) : `${sitegen.format.number(mean)} ± ${sitegen.format.number(se, { digits: 2 })}`;
      return { name: `${param} ${text}`, value: mean, text: shown, note: `n = ${n}`, ink: (at % 8) + 1 };
    });
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

  function select(label, key, options, redraw) {
    const current = sitegen.state.get(key, "");
    const field = el("select", { class: "sg-input sg-select", "aria-label": label },
      options.map(([value, text]) => el("option", { value, text, selected: value === current })));
    field.addEventListener("change", () => { sitegen.state.set({ [key]: field.value || null }); redraw(); });
    return el("label", { class: "sg-toolbar__label" }, `${label} `, el("span", { class: "sg-select-frame" }, field, down()));
  }

  function drawInto(panel, view) {
    const { runs } = view, every = sitegen.compareValues.metrics(runs);
    const params = sitegen.compareTable.rows(runs, ({ data }) => data.params).filter(({ isSame }) => !isSame).map(({ name }) => name);
    const find = el("input", { class: "sg-input sg-comparefind", type: "search", "aria-label": "Find metrics", placeholder: "Find metrics", value: sitegen.state.get("find", "") });
    const place = el("div", { class: "sg-comparemetrics" }), tables = el("div"), redraw = () => fill();
    find.addEventListener("input", () => { sitegen.state.set({ find: find.value || null }); fill(); });
    function fill() {
      const words = (sitegen.state.get("find") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
      const rows = every.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
      const group = params.includes(sitegen.state.get("group")) ? sitegen.state.get("group") : null;
      const drawn = rows.filter(({ values }) => values.some((value) => value !== undefined)).slice(0, MOST_FIGURES);
      place.replaceChildren(...drawn.map((row) => el("div", { class: "sg-comparemetrics__metric" },
        runs.some(({ data }) => data.metrics[row.name]?.series && data.metrics[row.name].count > 1) ? figure(row, runs)
          : el("p", { class: "sg-mono", text: row.name }),
        el("div", { class: "sg-comparemetrics__bars" }, bars(row, runs, group)))));
      tables.replaceChildren(sitegen.compareTable.element({
        title: "Final values", label: "Metric", runs, rows, all: true, cell: sitegen.compareValues.cell,
        note: `${rows.length} of ${every.length} metrics; the best by its goal, else the last; differences are to ${runs[0].name}`,
      }), ...(drawn.length < rows.length ? [el("p", { class: "sg-table__foot", text: `Charts: the first ${drawn.length} of ${rows.length} metrics.` })] : []));
    }
    panel.replaceChildren(el("div", { class: "sg-toolbar" }, find,
      select("x axis", "x", [["", "Step"], ["time", "Time"]], redraw), select("y axis", "scale", [["", "Linear"], ["log", "Log"]], redraw),
      select("Bars by", "group", [["", "run"], ...params.slice(0, 200).map((name) => [name, name])], redraw)), place, tables);
    fill();
  }

  sitegen.compareMetrics = { figure, bars, drawInto, down };
})();

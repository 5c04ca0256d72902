/* The Charts panel of compare.html: parallel coordinates, scatter and scatter matrix over all runs of the experiments.
 *
 *   sitegen.compareCharts.drawInto(panel, view)
 * Hash: axes (columns in order), logs (columns), brush (column:low:high, …), colour, px, py, size, plog (x, y), trend,
 * only=1 (the chosen runs alone).
 */
(() => {
  "use strict";
  const { el, svg } = sitegen.dom;
  const FIRST_AXES = 6, MOST_AXES = 12, MATRIX = 5;
  const { state } = sitegen;
  let turn = 0;

  const spread = (runs, name) => new Set(runs.map((run) => JSON.stringify(run.at(name)))).size;

  /** Params that differ, most first, then the objective: what a reader would choose. */
  function firstNames(table, runs, objective) {
    const params = table.names.filter((name) => name.startsWith("params.")).map((name) => [name, spread(runs, name)])
      .filter(([, n]) => n > 1).sort((a, b) => b[1] - a[1]).slice(0, FIRST_AXES).map(([name]) => name);
    return objective && !params.includes(objective) ? [...params, objective] : params;
  }

  function brushesOf(names) {
    const found = state.list("brush").map((text) => text.split(":")).map((parts) => [parts.slice(0, -2).join(":"), parts.slice(-2).map(Number)]);
    return new Map(found.filter(([name, ends]) => names.includes(name) && ends.every(Number.isFinite)));
  }

  function pick(label, key, names, current, redraw, more = []) {
    const field = el("select", { class: "sg-input sg-select", "aria-label": label },
      more.map(([value, text]) => el("option", { value, text, selected: value === current })),
      names.map((name) => el("option", { value: name, text: sitegen.compareParallel.short(name), selected: name === current })));
    field.addEventListener("change", () => { state.set({ [key]: field.value || null }); redraw(); });
    const down = svg("svg", { class: "sg-icon", width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: "m5 6.5 3 3 3-3" }));
    return el("label", { class: "sg-toolbar__label" }, `${label} `, el("span", { class: "sg-select-frame" }, field, down));
  }
  function toggle(text, isOn, run) {
    return el("button", { type: "button", class: "sg-button", "aria-pressed": String(isOn), text, on: { click: run } });
  }

  async function drawInto(panel, view) {
    const mine = ++turn;
    panel.replaceChildren(el("p", { class: "sg-muted", text: "Loading the columns" }));
    let table = null;
    try {
      table = await sitegen.compareColumns.load(view);
    } catch (error) {
      if (!("reason" in error)) throw error;
      if (mine === turn) panel.replaceChildren(sitegen.store.notice(error, () => drawInto(panel, view)));
      return;
    }
    if (mine !== turn) return;
    const redraw = () => show(panel, view, table);
    redraw();
  }

  function show(panel, view, table) {
    const redraw = () => show(panel, view, table), isOnly = state.get("only") === "1";
    const runs = isOnly ? table.runs.filter(({ isChosen }) => isChosen) : table.runs;
    const { objective: named, goal } = view.asked[0].experiment;
    const objective = [`metrics.${named}`, `evals.${named}`].find((name) => table.columns.has(name)) ?? table.names.find((name) => name.startsWith("metrics."));
    const standard = firstNames(table, runs, objective), asked = state.list("axes").filter((name) => table.columns.has(name));
    const names = (asked.length ? asked : standard).slice(0, MOST_AXES);
    if (names.length < 2) { panel.replaceChildren(el("p", { class: "sg-muted", text: "The runs differ in fewer than two columns." })); return; }
    const colour = table.columns.has(state.get("colour")) ? state.get("colour") : objective ?? names.at(-1);
    const goalOf = (name) => table.columns.get(name)?.goal ?? (name === objective ? goal : null);
    const logs = new Set(state.list("logs")), brushes = brushesOf(names);
    const change = (next) => {
      if (next.names) state.set({ axes: state.join(next.names) });
      if (next.logs) state.set({ logs: next.logs.size ? state.join([...next.logs]) : null });
      if (next.brushes) state.set({ brush: next.brushes.size ? state.join([...next.brushes].map(([name, ends]) => [name, ...ends].join(":"))) : null });
      redraw();
    };
    const x = table.columns.has(state.get("px")) ? state.get("px") : names[0], y = table.columns.has(state.get("py")) ? state.get("py") : objective ?? names[1];
    const plogs = state.list("plog"), hasTrend = state.get("trend") === "1";
    const flip = (end) => () => { state.set({ plog: state.join(plogs.includes(end) ? plogs.filter((one) => one !== end) : [...plogs, end]) || null }); redraw(); };
    const parallel = el("div"), scatter = el("div"), matrix = el("div"), rest = table.names.filter((name) => !names.includes(name));
    const add = pick("Add axis", "add", rest, "", () => {
      const name = state.get("add");
      state.set({ add: null, axes: state.join([...names, name].slice(0, MOST_AXES)) });
      redraw();
    }, [["", "choose"]]);
    const section = (title, note, ...children) => el("section", { class: "sg-section" }, el("header", { class: "sg-section__head" }, el("h3", { text: title }), el("span", { class: "sg-section__note", text: note })), children);
    panel.replaceChildren(
      el("div", { class: "sg-toolbar" }, pick("Colour", "colour", table.names, colour, redraw), add,
        toggle(`Only the ${view.asked.length} chosen`, isOnly, () => { state.set({ only: isOnly ? null : "1" }); redraw(); }),
        brushes.size > 0 && toggle("Clear brushes", false, () => change({ brushes: new Map() }))),
      section("Parallel coordinates", "drag along an axis to brush it; a click on it clears the brush", parallel),
      section("Scatter", "every run of the experiments; the chosen ones have their letters",
        el("div", { class: "sg-toolbar" }, pick("x", "px", table.names, x, redraw), toggle("Log x", plogs.includes("x"), flip("x")),
          pick("y", "py", table.names, y, redraw), toggle("Log y", plogs.includes("y"), flip("y")),
          pick("Size", "size", table.names, state.get("size"), redraw, [["", "equal"]]),
          toggle("Trend", hasTrend, () => { state.set({ trend: hasTrend ? null : "1" }); redraw(); })), scatter),
      section("Scatter matrix", `the ${Math.min(MATRIX, names.length)} last axes, coloured as above`, matrix));
    sitegen.compareParallel.draw(parallel, { runs, names, colour, goal: goalOf(colour), logs, brushes, change });
    sitegen.compareScatter.draw(scatter, { runs, x, y, colour, size: table.columns.has(state.get("size")) ? state.get("size") : null, goal: goalOf(colour), isLogX: plogs.includes("x"), isLogY: plogs.includes("y"), hasTrend });
    sitegen.compareScatter.matrix(matrix, { runs, names: names.slice(-MATRIX), colour, goal: goalOf(colour) });
  }

  sitegen.compareCharts = { drawInto };
})();

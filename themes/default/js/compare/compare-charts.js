/* The Charts panel of compare.html: parallel coordinates, scatter and scatter matrix over all runs of the experiments.
 *
 *   sitegen.compareCharts.drawInto(panel, view)
 * Hash: axes (columns in order), logs (columns; "none"; without it those that span decades), brush (column:low:high, …), colour, px, py, size, plog (x, y), trend,
 * cx, cy, clog (of the contour), only=1 (the chosen runs alone).
 */
(() => {
  "use strict";
  const { el, svg } = sitegen.dom;
  const FIRST_AXES = 6, MOST_AXES = 12, MATRIX = 5, SPREAD = 30, NONE = "none";
  const { state } = sitegen;
  let turn = 0, watcher = null, waiting = new Map();

  const spread = (runs, name) => new Set(runs.map((run) => JSON.stringify(run.at(name)))).size;

  /** Params that differ, most first, then the objective: what a reader would choose. */
  function firstNames(table, runs, objective) {
    const params = table.names.filter((name) => name.startsWith("params.")).map((name) => [name, spread(runs, name)])
      .filter(([, n]) => n > 1).sort((a, b) => b[1] - a[1]).slice(0, FIRST_AXES).map(([name]) => name);
    return objective && !params.includes(objective) ? [...params, objective] : params;
  }

  /** Columns, params first, by how far their ranks go with those of the colour. */
  function strongest(table, runs, names, colour) {
    const { numbers } = sitegen.compareColumns, target = numbers(runs, colour).values;
    const strength = (name) => {
      const { values, ticks } = numbers(runs, name);
      return ticks === null ? Math.abs(sitegen.compareScatter.correlation(values, target)) || 0 : -1;
    };
    const isParam = (name) => Number(name.startsWith("params."));
    const every = [...new Set([...names, ...table.names.filter(isParam)])].filter((name) => name !== colour);
    return every.map((name) => [name, isParam(name), strength(name)]).sort((a, b) => b[1] - a[1] || b[2] - a[2]).map(([name]) => name);
  }
  /** What was asked for, else the two strongest. */
  function contourAxes(table, ranked, colour) {
    const asked = ["cx", "cy"].map((key) => (table.columns.has(state.get(key)) ? state.get(key) : null));
    const others = ranked.filter((name) => !asked.includes(name));
    return asked.map((name) => name ?? others.shift() ?? colour);
  }

  /** Names with a log scale: as the URL says, else those whose values span decades. */
  const logsOf = (key, standard) => new Set(state.get(key) === null ? standard : state.list(key));
  function isSpread(runs, name) {
    const { values, ticks } = sitegen.compareColumns.numbers(runs, name), sorted = values.filter(Number.isFinite).sort();
    const at = (part) => sorted[Math.floor(part * (sorted.length - 1))];
    return ticks === null && sorted.length > 1 && sorted[0] > 0 && at(0.9) / at(0.1) >= SPREAD;
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

  /** Keeps the place of those who came by keys while all is drawn anew. */
  function focusIn(panel) {
    const named = (one) => [one.closest("section")?.ariaLabel, one.tagName, one.ariaLabel ?? one.textContent].join(" ");
    const held = panel.contains(document.activeElement) ? named(document.activeElement) : null;
    return () => [...panel.querySelectorAll("button, input, select, summary, [tabindex]")].find((one) => named(one) === held)?.focus({ preventScroll: true });
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
    show(panel, view, table);
  }

  function show(panel, view, table) {
    const redraw = () => { const refocus = focusIn(panel); show(panel, view, table); refocus(); }, isOnly = state.get("only") === "1";
    const runs = isOnly ? table.runs.filter(({ isChosen }) => isChosen) : table.runs;
    const { objective: named, goal } = view.asked[0].experiment;
    const objective = [`metrics.${named}`, `evals.${named}`].find((name) => table.columns.has(name)) ?? table.names.find((name) => name.startsWith("metrics."));
    const standard = firstNames(table, runs, objective), asked = state.list("axes").filter((name) => table.columns.has(name));
    const names = (asked.length ? asked : standard).slice(0, MOST_AXES);
    if (names.length < 2) { panel.replaceChildren(el("p", { class: "sg-muted", text: "The runs differ in fewer than two columns." })); return; }
    const colour = table.columns.has(state.get("colour")) ? state.get("colour") : objective ?? names.at(-1);
    const goalOf = (name) => table.columns.get(name)?.goal ?? (name === objective ? goal : null);
    const logs = logsOf("logs", names.filter((name) => isSpread(runs, name))), brushes = brushesOf(names);
    const change = (next) => {
      if (next.names) state.set({ axes: state.join(next.names) });
      if (next.logs) state.set({ logs: state.join([...next.logs]) || NONE });
      if (next.brushes) state.set({ brush: next.brushes.size ? state.join([...next.brushes].map(([name, ends]) => [name, ...ends].join(":"))) : null });
      redraw();
    };
    const ranked = strongest(table, runs, names, colour);
    const x = table.columns.has(state.get("px")) ? state.get("px") : ranked[0], y = table.columns.has(state.get("py")) ? state.get("py") : objective ?? names[1];
    const flat = contourAxes(table, ranked, colour), hasTrend = state.get("trend") === "1";
    const ends = (key, pair) => logsOf(key, ["x", "y"].filter((_, at) => isSpread(runs, pair[at])));
    const plogs = ends("plog", [x, y]), clogs = ends("clog", flat);
    const flip = (key, list, end) => toggle(`Log ${end}`, list.has(end), () => {
      state.set({ [key]: state.join(list.has(end) ? [...list].filter((one) => one !== end) : [...list, end]) || NONE });
      redraw();
    });
    const [parallel, scatter, contour, matrix] = Array.from({ length: 4 }, () => el("div", { class: "sg-comparechart" })), rest = table.names.filter((name) => !names.includes(name));
    const add = pick("Add axis", "add", rest, "", () => {
      const name = state.get("add");
      state.set({ add: null, axes: state.join([...names, name].slice(0, MOST_AXES)) });
      redraw();
    }, [["", "choose"]]);
    const section = (title, note, ...children) => el("section", { class: "sg-section", "aria-label": title }, el("header", { class: "sg-section__head" }, el("h3", { text: title }), el("span", { class: "sg-section__note", text: note })), children);
    panel.replaceChildren(
      el("div", { class: "sg-toolbar" }, pick("Colour", "colour", table.names, colour, redraw), add,
        toggle(`Only the ${view.asked.length} chosen`, isOnly, () => { state.set({ only: isOnly ? null : "1" }); redraw(); }),
        brushes.size > 0 && toggle("Clear brushes", false, () => change({ brushes: new Map() }))),
      section("Parallel coordinates", "drag along an axis to brush it, its name to move it; a click on it clears the brush", parallel),
      section("Scatter", "every run of the experiments; the chosen ones have their letters",
        el("div", { class: "sg-toolbar" }, pick("x", "px", table.names, x, redraw), flip("plog", plogs, "x"),
          pick("y", "py", table.names, y, redraw), flip("plog", plogs, "y"),
          pick("Size", "size", table.names, state.get("size"), redraw, [["", "equal"]]),
          toggle("Trend", hasTrend, () => { state.set({ trend: hasTrend ? null : "1" }); redraw(); })), scatter),
      section("Contour", `${sitegen.compareParallel.short(colour)} over two columns; Colour chooses which`,
        el("div", { class: "sg-toolbar" }, pick("x", "cx", table.names, flat[0], redraw), flip("clog", clogs, "x"),
          pick("y", "cy", table.names, flat[1], redraw), flip("clog", clogs, "y")), contour),
      section("Scatter matrix", `the ${Math.min(MATRIX, names.length)} last axes, coloured as above`, matrix));
    sitegen.compareParallel.draw(parallel, { runs, names, colour, goal: goalOf(colour), logs, brushes, change });
    const size = table.columns.has(state.get("size")) ? state.get("size") : null, way = goalOf(colour);
    watch(new Map([
      [scatter, () => sitegen.compareScatter.draw(scatter, { runs, x, y, colour, size, goal: way, isLogX: plogs.has("x"), isLogY: plogs.has("y"), hasTrend })],
      [contour, () => sitegen.compareContour.draw(contour, { runs, x: flat[0], y: flat[1], value: colour, goal: way, isLogX: clogs.has("x"), isLogY: clogs.has("y") })],
      [matrix, () => sitegen.compareScatter.matrix(matrix, { runs, names: names.slice(-MATRIX), colour, goal: way })],
    ]));
  }

  /** Each is drawn when it comes near: a brush moves without the rest. */
  function watch(drawings) {
    watcher?.disconnect();
    watcher = new IntersectionObserver((entries) => {
      for (const { target } of entries.filter((entry) => entry.isIntersecting)) {
        watcher.unobserve(target);
        drawings.get(target)();
      }
    }, { rootMargin: "300px" });
    for (const place of drawings.keys()) watcher.observe(place);
    waiting = drawings;
  }
  window.addEventListener("beforeprint", () => { // on paper nothing comes near
    for (const [place, draw] of waiting) if (place.isConnected && place.childElementCount === 0) draw();
  });

  sitegen.compareCharts = { drawInto };
})();

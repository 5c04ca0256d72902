/* Parallel coordinates, drawn as SVG: an axis a column, a line a run, coloured by the objective.
 *
 *   sitegen.compareParallel.draw(place, { runs, names, colour, goal, logs: Set, brushes: Map(name -> [low, high]), change })
 *     change({ names, logs, brushes }) is told what the reader does: drag along an axis brushes it, its name drags it to
 *     another place as ← → below do, Log switches its scale. Lines of one colour are one path, so that 10,000 runs are seven elements.
 */
(() => {
  "use strict";
  const { el, svg } = sitegen.dom;
  const HEIGHT = 380, TOP = 52, BOTTOM = 24, GAP = 132, LEFT = 64, RIGHT = 76, STEPS = 6, LETTERS = 18, SNAP = 8, CLOSE = 1e-9, CLOSEST = 12;

  const cut = (text, most = LETTERS) => (text.length > most ? `…${text.slice(1 - most)}` : text);
  const short = (name) => name.replace(/^(params|metrics|evals)\./, "");

  function line(axes, row) {
    let d = "", isOpen = false;
    for (const { x, scale, data } of axes) {
      const y = scale.place(data.values[row]);
      if (!Number.isFinite(y)) { isOpen = false; continue; }
      d += `${isOpen ? "L" : "M"}${x} ${Math.round(y * 10) / 10}`;
      isOpen = true;
    }
    return d;
  }

  /** Near an end of the axis a brush takes the end in. */
  const snapped = (y) => (y < TOP + SNAP ? TOP : y > HEIGHT - BOTTOM - SNAP ? HEIGHT - BOTTOM : y);

  /** With what is lost when a place is turned into a value and back. */
  const isBetween = (value, [low, high]) => {
    const room = CLOSE * Math.max(Math.abs(low), Math.abs(high));
    return value >= low - room && value <= high + room;
  };

  const isWithin = (axes, brushes, row) => axes.every(({ name, data }) => {
    const brush = brushes.get(name);
    return brush === undefined || (isBetween(data.values[row], brush));
  });

  /** The run whose line passes closest above or below a place between two axes. */
  function nearestLine(axes, isIn, px, py) {
    const after = axes.findIndex(({ x }) => x >= px);
    if (after < 1) return null;
    const [a, b] = [axes[after - 1], axes[after]], part = (px - a.x) / (b.x - a.x);
    let best = null, least = CLOSEST;
    isIn.forEach((isShown, row) => {
      if (!isShown) return;
      const y = a.scale.place(a.data.values[row]), far = Math.abs(y + part * (b.scale.place(b.data.values[row]) - y) - py);
      if (far < least) { least = far; best = row; }
    });
    return best;
  }

  /** A brush without a pointer: its ends as fields, of words as choices. */
  function brushFields(axis, { brushes, change }) {
    const { name, data } = axis, brush = brushes.get(name), label = short(name);
    const field = (end) => (data.ticks === null
      ? el("input", { class: "sg-input sg-parallel__end", type: "number", step: "any", "aria-label": `${end} of ${label}`, value: brush ? String(brush[end === "From" ? 0 : 1]) : "" })
      : el("select", { class: "sg-input sg-parallel__end", "aria-label": `${end} of ${label}` }, el("option", { value: "", text: end }),
        data.ticks.map(([value, text]) => el("option", { value: String(value), text, selected: brush !== undefined && brush[end === "From" ? 0 : 1] === value }))));
    const from = field("From"), to = field("To");
    const numberOf = (one, none) => (one.value === "" ? none : Number(one.value));
    const set = () => {
      const next = new Map(brushes), finite = [...data.values].filter(Number.isFinite);
      const ends = [numberOf(from, finite.reduce((a, b) => Math.min(a, b), Infinity)), numberOf(to, finite.reduce((a, b) => Math.max(a, b), -Infinity))];
      if (from.value === "" && to.value === "") next.delete(name);
      else next.set(name, ends.sort((a, b) => a - b));
      change({ brushes: next });
    };
    return el("details", { class: "sg-menu sg-menu--start" }, el("summary", { class: "sg-link", "aria-label": `Brush ${label}`, text: "brush" }),
      el("form", { class: "sg-menu__panel sg-parallel__form", on: { submit: (event) => { event.preventDefault(); set(); } } }, from, " to ", to,
        el("button", { type: "submit", class: "sg-button sg-button--small", text: "Set" }),
        brush && el("button", { type: "button", class: "sg-button sg-button--small", text: "Clear", on: { click: () => { from.value = ""; to.value = ""; set(); } } })));
  }

  /** The name drags its axis; dropped, it stands where it is nearest to. */
  function draggable(handle, group, { axis, axes, given: { names, change } }) {
    let from = null;
    const end = () => { from = null; group.removeAttribute("transform"); };
    handle.addEventListener("pointerdown", (event) => { from = event.clientX; handle.setPointerCapture(event.pointerId); });
    handle.addEventListener("pointermove", (event) => { if (from !== null) group.setAttribute("transform", `translate(${event.clientX - from} 0)`); });
    handle.addEventListener("pointercancel", end);
    handle.addEventListener("pointerup", (event) => {
      if (from === null) return;
      const place = axis.x + event.clientX - from, far = axes.map(({ x }) => Math.abs(x - place)), to = far.indexOf(Math.min(...far));
      end();
      if (axes[to] === axis) return;
      const next = names.filter((name) => name !== axis.name);
      next.splice(to, 0, axis.name);
      change({ names: next });
    });
  }

  function axisElement(axis, at, given, axes) {
    const { name, x, scale } = axis, { names, logs, brushes, change } = given;
    const brush = brushes.get(name), group = svg("g", { class: "sg-parallel__axis" });
    const label = svg("text", { class: "sg-parallel__name", x, y: 14, "text-anchor": "middle" }, cut(short(name)), svg("title", {}, name));
    group.append(label, svg("path", { class: "sg-parallel__line", d: `M${x} ${TOP}V${HEIGHT - BOTTOM}` }));
    for (const [value, text] of scale.ticks) {
      const y = scale.place(value);
      if (!Number.isFinite(y)) continue;
      group.append(svg("path", { class: "sg-parallel__line", d: `M${x - 4} ${y}h4` }),
        svg("text", { class: "sg-parallel__tick", x: x - 7, y: y + 4, "text-anchor": "end" }, cut(text, 12)));
    }
    if (brush) {
      const [a, b] = [scale.place(brush[1]), scale.place(brush[0])].map((y, end) => (Number.isFinite(y) ? y : end ? HEIGHT - BOTTOM : TOP));
      group.append(svg("rect", { class: "sg-parallel__brush", x: x - 9, y: Math.min(a, b), width: 18, height: Math.max(2, Math.abs(b - a)) }));
    }
    const hit = svg("rect", { class: "sg-parallel__hit", x: x - 14, y: TOP, width: 28, height: HEIGHT - TOP - BOTTOM });
    let start = null;
    hit.addEventListener("pointerdown", (event) => { start = event.offsetY; hit.setPointerCapture(event.pointerId); });
    hit.addEventListener("pointerup", (event) => {
      if (start === null) return;
      const next = new Map(brushes), ends = [start, event.offsetY].map(snapped);
      if (Math.abs(ends[0] - ends[1]) < 4) next.delete(name);
      else next.set(name, ends.map(scale.back).sort((a, b) => a - b));
      start = null;
      change({ brushes: next });
    });
    const handle = svg("rect", { class: "sg-parallel__handle", x: x - GAP / 2 + 4, y: 0, width: GAP - 8, height: 24 }, svg("title", {}, `${name}: drag to move`));
    draggable(handle, group, { axis, axes, given });
    group.append(hit, handle);
    const move = (step) => {
      const next = [...names], to = at + step;
      if (to < 0 || to >= next.length) return;
      [next[at], next[to]] = [next[to], next[at]];
      change({ names: next });
    };
    const controls = el("span", { class: "sg-parallel__controls", role: "group", "aria-label": short(name) },
      el("span", { class: "sg-mono sg-ellipsis", title: name, text: short(name) }),
      el("button", { type: "button", class: "sg-link", "aria-label": `Move ${short(name)} left`, text: "←", on: { click: () => move(-1) } }),
      el("button", { type: "button", class: "sg-link", "aria-label": `Move ${short(name)} right`, text: "→", on: { click: () => move(1) } }),
      axis.data.ticks === null && el("button", { type: "button", class: "sg-link", "aria-pressed": String(logs.has(name)), "aria-label": `Log scale of ${short(name)}`, text: "log",
        on: { click: () => { const next = new Set(logs); if (!next.delete(name)) next.add(name); change({ logs: next }); } } }),
      brushFields(axis, given),
      el("button", { type: "button", class: "sg-link", "aria-label": `Remove ${short(name)}`, text: "×", on: { click: () => change({ names: names.filter((one) => one !== name) }) } }));
    return { group, controls };
  }

  function draw(place, given) {
    const { runs, names, colour, goal, logs, brushes } = given;
    const room = Math.max(place.clientWidth - LEFT - RIGHT, GAP * (names.length - 1)), width = room + LEFT + RIGHT;
    const axes = names.map((name, at) => {
      const data = sitegen.compareColumns.numbers(runs, name);
      return { name, data, x: Math.round(LEFT + (names.length > 1 ? (at * room) / (names.length - 1) : 0)),
        scale: sitegen.compareColumns.scale(data, { isLog: logs.has(name) && data.ticks === null, from: HEIGHT - BOTTOM, to: TOP }) };
    });
    const inks = sitegen.compareColumns.inks(sitegen.compareColumns.numbers(runs, colour).values, goal);
    const paths = Array.from({ length: STEPS + 2 }, () => []), chosen = [];
    let within = 0;
    const isIn = runs.map((_, row) => isWithin(axes, brushes, row));
    runs.forEach((run, row) => {
      const d = line(axes, row);
      within += isIn[row] ? 1 : 0;
      if (run.isChosen && isIn[row]) chosen.push([run, d]);
      paths[isIn[row] ? inks[row] + 1 : 0].push(d);
    });
    const picture = svg("svg", { class: "sg-parallel", width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`,
      "aria-label": `Parallel coordinates of ${runs.length} runs over ${names.map(short).join(", ")}; ${within} within the brushes` });
    paths.forEach((list, ink) => {
      const kind = ink === 0 ? "out" : ink === 1 ? "none" : String(ink - 1);
      if (list.length) picture.append(svg("path", { class: `sg-parallel__runs sg-seq--${kind}`, d: list.join("") }));
    });
    if (chosen.length <= 8) for (const [run, d] of chosen) picture.append(svg("path", { class: `sg-line sg-line--series sg-line--bold s${run.ink}`, d }, svg("title", {}, run.name)));
    const parts = axes.map((axis, at) => axisElement(axis, at, given, axes));
    const marked = svg("path", { class: "sg-parallel__marked", d: "" });
    picture.append(marked, ...parts.map(({ group }) => group));
    const said = sitegen.compareReading.attach(picture, {
      runs, rows: sitegen.compareReading.ordered(runs, colour, goal).filter((row) => isIn[row]),
      tell: (row) => names.map((name) => `${short(name)} ${sitegen.compareReading.text(runs[row].at(name))}`).join(", "),
      mark: (row) => marked.setAttribute("d", row === null ? "" : line(axes, row)),
      nearest: (px, py) => nearestLine(axes, isIn, px, py),
    });
    place.replaceChildren(
      el("div", { class: "sg-table-frame sg-parallel__frame" }, picture),
      el("div", { class: "sg-parallel__axes" }, parts.map(({ controls }) => controls)),
      el("p", { class: "sg-chart__note" }, el("span", { text: `${sitegen.format.count(within)} of ${sitegen.format.count(runs.length)} runs within the brushes · coloured by rank of ${short(colour)}, the best strongest · drawn as SVG, no WebGL needed` }), said),
      sitegen.compareReading.table({ runs: runs.filter((_, row) => isIn[row]), names, title: "Parallel coordinates", first: colour, goal }));
  }

  sitegen.compareParallel = { draw, short };
})();

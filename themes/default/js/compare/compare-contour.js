/* A column over two others, estimated between the runs: six bands of its value, lines between them, a dot a run.
 *
 *   sitegen.compareContour.draw(place, { runs, x, y, value, goal, isLogX, isLogY })
 *   sitegen.compareContour.estimate(sites, { reach, same }) -> (x, y) => value | NaN
 * The estimate is a weighted mean of the runs nearby, on the axes as shown and scaled to 1: weights fall with the
 * distance and end at *reach* (R. Franke, G. Nielson, "Smooth interpolation of large sets of scattered data", 1980;
 * softened near a run, because runs of the same params differ). Where no run is near it is blank. A column of words
 * is never mixed: its bands lie beside each other.
 */
(() => {
  "use strict";
  const { el, svg } = sitegen.dom;
  const HEIGHT = 380, LEFT = 72, RIGHT = 24, TOP = 24, BOTTOM = 40, CELL = 6, BANDS = 6;
  const WANTED_NEAR = 12, LEAST_REACH = 0.12, MOST_REACH = 0.5, SOFT = 0.2, MOST_SITES = 2_000;
  const round = (value) => Math.round(value * 10) / 10;

  /** Runs of one place as one, so that ten thousand of them cost no more than MOST_SITES. */
  function binned(points) {
    if (points.length <= MOST_SITES) return points.map((one) => ({ ...one, n: 1 }));
    const edge = Math.floor(Math.sqrt(MOST_SITES)), bins = new Map();
    for (const { x, y, value } of points) {
      const key = `${Math.round(x * edge)} ${Math.round(y * edge)}`;
      const bin = bins.get(key) ?? { x: 0, y: 0, value: 0, n: 0 };
      bins.set(key, { x: bin.x + x, y: bin.y + y, value: bin.value + value, n: bin.n + 1 });
    }
    return [...bins.values()].map(({ x, y, value, n }) => ({ x: x / n, y: y / n, value: value / n, n }));
  }

  function estimate(sites, { reach, same }) {
    const soft = (reach * SOFT) ** 2;
    return (x, y) => {
      let sum = 0, weight = 0;
      for (const site of sites) {
        const dx = site.x - x, dy = site.y - y, far = Math.sqrt(dx * dx + dy * dy);
        if (far >= reach || (same.x && Math.abs(dx) > same.x) || (same.y && Math.abs(dy) > same.y)) continue;
        const one = (site.n * (1 - far / reach) ** 2) / (far * far + soft);
        sum += one * site.value;
        weight += one;
      }
      return weight > 0 ? sum / weight : NaN;
    };
  }

  /** The values that part the bands: a sixth of the runs' values in each. */
  function limitsOf(values) {
    const sorted = [...values].sort((a, b) => a - b);
    return Array.from({ length: BANDS - 1 }, (_, at) => sorted[Math.floor(((at + 1) * sorted.length) / BANDS)]);
  }
  const bandOf = (value, limits) => limits.filter((limit) => value >= limit).length;

  /** Cells of one band in a row as one rectangle; all of a band as one path. */
  function fills(grid, columns, rows, limits) {
    const paths = Array.from({ length: BANDS }, () => []);
    for (let row = 0; row < rows; row += 1) {
      for (let from = 0; from < columns;) {
        const value = grid[row * columns + from];
        if (Number.isNaN(value)) { from += 1; continue; }
        const band = bandOf(value, limits);
        let to = from + 1;
        while (to < columns && bandOf(grid[row * columns + to], limits) === band && !Number.isNaN(grid[row * columns + to])) to += 1;
        paths[band].push(`M${LEFT + from * CELL} ${TOP + row * CELL}h${(to - from) * CELL}v${CELL}h${-(to - from) * CELL}z`);
        from = to;
      }
    }
    return paths;
  }

  /** Where the estimate crosses a limit: marching squares over the middles of the cells. */
  function line(grid, columns, rows, limit) {
    const parts = [];
    for (let row = 0; row + 1 < rows; row += 1) {
      for (let column = 0; column + 1 < columns; column += 1) {
        const at = row * columns + column, corners = [grid[at], grid[at + 1], grid[at + columns + 1], grid[at + columns]];
        if (corners.some(Number.isNaN)) continue;
        const places = [[0, 0], [1, 0], [1, 1], [0, 1]], crossed = [];
        for (let side = 0; side < 4; side += 1) {
          const a = corners[side], b = corners[(side + 1) % 4];
          if (a >= limit === b >= limit) continue;
          const part = (limit - a) / (b - a), [from, to] = [places[side], places[(side + 1) % 4]];
          crossed.push([column + 0.5 + from[0] + part * (to[0] - from[0]), row + 0.5 + from[1] + part * (to[1] - from[1])]);
        }
        for (let i = 0; i + 1 < crossed.length; i += 2) parts.push(`M${crossed.slice(i, i + 2).map(([px, py]) => `${round(LEFT + px * CELL)} ${round(TOP + py * CELL)}`).join("L")}`);
      }
    }
    return parts.join("");
  }

  function legend(limits, values, name, ink) {
    const { number } = sitegen.format, ends = [Math.min(...values), ...limits, Math.max(...values)];
    return el("ul", { class: "sg-comparelegend", "aria-label": `Bands of ${name}` }, limits.concat(NaN).map((_, band) => el("li", {},
      svg("svg", { width: 12, height: 12, viewBox: "0 0 12 12", "aria-hidden": "true" }, svg("rect", { class: `sg-band sg-band--${ink(band)}`, width: 12, height: 12 })),
      ` ${number(ends[band], { digits: 3 })} to ${number(ends[band + 1], { digits: 3 })}`)));
  }

  function draw(place, { runs, x, y, value, goal, isLogX, isLogY }) {
    const { numbers, scale } = sitegen.compareColumns, { axis, short } = sitegen.compareScatter;
    const width = Math.max(320, Math.min(place.clientWidth, 1_000)), across = numbers(runs, x), up = numbers(runs, y), heights = numbers(runs, value).values;
    const columns = Math.floor((width - LEFT - RIGHT) / CELL), rows = Math.floor((HEIGHT - TOP - BOTTOM) / CELL);
    const right = LEFT + columns * CELL, bottom = TOP + rows * CELL, room = (ticks, size) => (ticks === null ? 10 : size / (2 * Math.max(1, ticks.length)));
    const [mx, my] = [room(across.ticks, columns * CELL), room(up.ticks, rows * CELL)];
    const sx = scale(across, { isLog: isLogX && across.ticks === null, from: LEFT + mx, to: right - mx, count: 6 });
    const sy = scale(up, { isLog: isLogY && up.ticks === null, from: bottom - my, to: TOP + my });
    const points = runs.map((_, row) => ({ px: sx.place(across.values[row]), py: sy.place(up.values[row]), value: heights[row], row }))
      .filter((one) => [one.px, one.py, one.value].every(Number.isFinite))
      .map((one) => ({ ...one, x: (one.px - LEFT) / (right - LEFT), y: (one.py - TOP) / (bottom - TOP) }));
    if (points.length < 3) { place.replaceChildren(el("p", { class: "sg-muted", text: "Fewer than three runs have all three values." })); return; }
    const sites = binned(points), reach = Math.max(LEAST_REACH, Math.min(MOST_REACH, Math.sqrt(WANTED_NEAR / (Math.PI * sites.length))));
    const at = estimate(sites, { reach, same: { x: across.ticks ? mx / (right - LEFT) : 0, y: up.ticks ? my / (bottom - TOP) : 0 } });
    const grid = Float64Array.from({ length: columns * rows }, (_, cell) => at((cell % columns + 0.5) / columns, (Math.floor(cell / columns) + 0.5) / rows));
    const values = points.map((one) => one.value), limits = limitsOf(values), ink = (band) => 1 + (goal === "minimize" ? BANDS - 1 - band : band);
    const picture = svg("svg", { class: "sg-scatter", width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, "aria-label": `${short(value)} over ${short(x)} and ${short(y)}, ${points.length} runs` });
    fills(grid, columns, rows, limits).forEach((list, band) => { if (list.length) picture.append(svg("path", { class: `sg-band sg-band--${ink(band)}`, d: list.join("") })); });
    if (across.ticks === null && up.ticks === null) picture.append(svg("path", { class: "sg-band__line", d: limits.map((limit) => line(grid, columns, rows, limit)).join("") }));
    picture.append(svg("path", { class: "sg-parallel__line", d: `M${LEFT} ${TOP}V${bottom}H${right}` }), ...axis(sy, { isX: false, from: LEFT, to: right, isBare: true }), ...axis(sx, { isX: true, at: bottom }),
      svg("text", { class: "sg-parallel__name", x: right, y: HEIGHT - 4, "text-anchor": "end" }, `${short(x)}${sx.isLog ? " (log)" : ""}`),
      svg("text", { class: "sg-parallel__name", x: LEFT, y: 12 }, `${short(y)}${sy.isLog ? " (log)" : ""}`),
      svg("path", { class: "sg-band__runs", d: points.map(({ px, py }) => `M${round(px)} ${round(py)}h0`).join("") }));
    for (const one of points.filter(({ row }) => runs[row].letter)) {
      picture.append(svg("circle", { class: `sg-fill s${runs[one.row].ink}`, cx: round(one.px), cy: round(one.py), r: 5 }), svg("text", { class: "sg-parallel__name sg-parallel__letter", x: round(one.px) + 8, y: round(one.py) - 6 }, runs[one.row].letter));
    }
    const { text } = sitegen.compareReading;
    const said = sitegen.compareScatter.reading(picture, { runs, points: points.map(({ px, py, row }) => [px, py, row]),
      tell: (row) => [value, x, y].map((name) => `${short(name)} ${text(runs[row].at(name))}`).join(", ") });
    place.replaceChildren(picture, legend(limits, values, short(value), ink), el("p", { class: "sg-chart__note" },
      el("span", { text: `${sitegen.format.count(points.length)} of ${sitegen.format.count(runs.length)} runs · a sixth of them in each band, the best strongest · an estimate between runs, blank where none is near` }), said),
    sitegen.compareReading.table({ runs, names: [value, x, y], title: `${short(value)} over ${short(x)} and ${short(y)}`, first: value, goal }));
  }

  sitegen.compareContour = { draw, estimate };
})();

/* Points of runs by two columns, drawn as SVG: colour and size by others, log axes, a trend; and a matrix of them.
 *
 *   sitegen.compareScatter.draw(place, { runs, x, y, colour, size, goal, isLogX, isLogY, hasTrend })
 *   sitegen.compareScatter.matrix(place, { runs, names, colour, goal })
 *   sitegen.compareScatter.axis(scale, { isX, at, from, to, isBare }) · reading(picture, { runs, points, tell })
 * Points of one colour and size are one path of round dots; the chosen runs stand over them with their letters.
 */
(() => {
  "use strict";
  const { el, svg } = sitegen.dom;
  const HEIGHT = 360, LEFT = 64, RIGHT = 24, TOP = 16, BOTTOM = 40, SIZES = [5, 8, 11, 14], STEPS = 6, CELL = 132, NEAR = 20, LETTERS = 18;
  const short = (name) => name.replace(/^(params|metrics|evals)\./, "");
  const cut = (text) => (text.length > LETTERS ? `…${text.slice(1 - LETTERS)}` : text);
  const round = (value) => Math.round(value * 10) / 10;
  const dot = (x, y) => `M${round(x)} ${round(y)}h0`;

  /** Least squares over the points on the scales shown, and the rank correlation. */
  function trend(points) {
    const n = points.length;
    if (n < 3) return null;
    const mean = (pick) => points.reduce((sum, one) => sum + pick(one), 0) / n;
    const mx = mean(([x]) => x), my = mean(([, y]) => y);
    const sxx = points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0), sxy = points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0);
    return sxx === 0 ? null : { at: (x) => my + (sxy / sxx) * (x - mx), rho: spearman(points) };
  }
  function ranks(values) {
    const order = [...values.keys()].sort((a, b) => values[a] - values[b]), found = new Float64Array(values.length);
    for (let from = 0; from < order.length;) {
      let to = from;
      while (to + 1 < order.length && values[order[to + 1]] === values[order[from]]) to += 1;
      for (let at = from; at <= to; at += 1) found[order[at]] = (from + to) / 2;
      from = to + 1;
    }
    return found;
  }
  /** Spearman's rank correlation over the runs that have both numbers. */
  function correlation(xs, ys) {
    const points = Array.from(xs, (x, at) => [x, ys[at]]).filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
    return points.length < 3 ? NaN : spearman(points);
  }
  function spearman(points) {
    const a = ranks(points.map(([x]) => x)), b = ranks(points.map(([, y]) => y)), middle = (points.length - 1) / 2;
    let ab = 0, aa = 0, bb = 0;
    for (let at = 0; at < a.length; at += 1) { ab += (a[at] - middle) * (b[at] - middle); aa += (a[at] - middle) ** 2; bb += (b[at] - middle) ** 2; }
    return aa && bb ? ab / Math.sqrt(aa * bb) : NaN;
  }

  /** Ticks and their texts; of the y axis with lines across, unless *isBare*. */
  function axis(scale, { isX, at: edge, from, to, isBare = false }) {
    const parts = scale.ticks.slice(0, 24).map(([value, text]) => {
      const at = round(scale.place(value));
      if (!Number.isFinite(at)) return null;
      const label = text.length > 12 ? `${text.slice(0, 11)}…` : text;
      return isX ? svg("text", { class: "sg-parallel__tick", x: at, y: edge + 16, "text-anchor": "middle" }, label)
        : svg("g", {}, !isBare && svg("path", { class: "sg-parallel__grid", d: `M${from} ${at}H${to}` }),
          svg("text", { class: "sg-parallel__tick", x: from - 8, y: at + 4, "text-anchor": "end" }, label));
    });
    return parts.filter(Boolean);
  }

  /** Keys and pointer over points [x, y, row]: from left to right, the run under reading with a ring. */
  function reading(picture, { runs, points, tell }) {
    const ordered = [...points].sort((a, b) => a[0] - b[0] || b[1] - a[1]), byRow = new Map(points.map((one) => [one[2], one]));
    const ring = svg("circle", { class: "sg-scatter__ring", r: 8, visibility: "hidden" });
    picture.append(ring);
    return sitegen.compareReading.attach(picture, {
      runs, rows: ordered.map(([, , row]) => row), tell,
      mark(row) {
        const [cx, cy] = byRow.get(row) ?? [0, 0];
        for (const [name, value] of Object.entries({ cx, cy, visibility: row === null ? "hidden" : "visible" })) ring.setAttribute(name, value);
      },
      nearest: (px, py) => nearestPoint(points, px, py),
    });
  }
  function nearestPoint(points, px, py) {
    let best = null, least = NEAR ** 2;
    for (const [x, y, row] of points) { const far = (px - x) ** 2 + (py - y) ** 2; if (far < least) { least = far; best = row; } }
    return best;
  }

  function grouped(points, inks, sizes) {
    const groups = new Map();
    points.forEach(([x, y, row]) => {
      const key = `${inks[row] || "none"} ${sizes[row]}`;
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(dot(x, y));
    });
    return [...groups].sort().map(([key, list]) => {
      const [ink, size] = key.split(" ");
      return svg("path", { class: `sg-dots sg-seq--${ink} sg-dots--${size}`, d: list.join("") });
    });
  }

  function draw(place, { runs, x, y, colour, size, goal, isLogX, isLogY, hasTrend }) {
    const width = Math.max(320, place.clientWidth), { numbers, scale, inks: inksOf } = sitegen.compareColumns;
    const across = numbers(runs, x), up = numbers(runs, y);
    const sx = scale(across, { isLog: isLogX && across.ticks === null, from: LEFT + 8, to: width - RIGHT - 8, count: 6 });
    const sy = scale(up, { isLog: isLogY && up.ticks === null, from: HEIGHT - BOTTOM - 8, to: TOP + 8 });
    const inks = colour ? inksOf(numbers(runs, colour).values, goal) : runs.map(() => "none");
    const bySize = size ? inksOf(numbers(runs, size).values, null) : null;
    const sizes = runs.map((_, row) => (bySize === null ? 1 : Math.max(0, Math.min(SIZES.length - 1, Math.floor((bySize[row] - 1) * SIZES.length / STEPS)))));
    const points = runs.map((run, row) => [sx.place(across.values[row]), sy.place(up.values[row]), row]).filter(([px, py]) => Number.isFinite(px) && Number.isFinite(py));
    const found = hasTrend ? trend(points) : null;
    const picture = svg("svg", { class: "sg-scatter", width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`,
      "aria-label": `${short(y)} by ${short(x)}, ${points.length} runs${found ? `, rank correlation ${sitegen.format.number(found.rho, { digits: 2 })}` : ""}` },
    axis(sy, { isX: false, from: LEFT, to: width - RIGHT }), svg("path", { class: "sg-parallel__line", d: `M${LEFT} ${HEIGHT - BOTTOM}H${width - RIGHT}` }), axis(sx, { isX: true, at: HEIGHT - BOTTOM }),
    svg("text", { class: "sg-parallel__name", x: width - RIGHT, y: HEIGHT - 6, "text-anchor": "end" }, `${short(x)}${sx.isLog ? " (log)" : ""}`),
    svg("text", { class: "sg-parallel__name", x: LEFT, y: 10 }, `${short(y)}${sy.isLog ? " (log)" : ""}`));
    picture.append(...grouped(points, inks, sizes));
    if (found) picture.append(svg("path", { class: "sg-line sg-line--thin sg-line--dotted ground sg-scatter__trend", d: `M${LEFT + 8} ${round(found.at(LEFT + 8))}L${width - RIGHT - 8} ${round(found.at(width - RIGHT - 8))}` }));
    const chosen = points.filter(([, , row]) => runs[row].isChosen);
    if (chosen.length <= 8) for (const [px, py, row] of chosen) {
      picture.append(svg("circle", { class: `sg-fill s${runs[row].ink}`, cx: round(px), cy: round(py), r: 5 }, svg("title", {}, runs[row].name)),
        svg("text", { class: "sg-parallel__name", x: round(px) + 8, y: round(py) - 6 }, runs[row].letter));
    }
    const names = [...new Set([y, x, colour, size].filter(Boolean))], { text } = sitegen.compareReading;
    const said = reading(picture, { runs, points, tell: (row) => names.map((name) => `${short(name)} ${text(runs[row].at(name))}`).join(", ") });
    const left = runs.length - points.length;
    place.replaceChildren(picture, el("p", { class: "sg-chart__note" },
      el("span", { text: [`${sitegen.format.count(points.length)} of ${sitegen.format.count(runs.length)} runs`, left ? `${left} without both values` : null,
        found ? `rank correlation ${sitegen.format.number(found.rho, { digits: 2 })}` : null].filter(Boolean).join(" · ") }), said),
    sitegen.compareReading.table({ runs, names, title: `${short(y)} by ${short(x)}`, first: colour ?? y, goal }));
  }

  function matrix(place, { runs, names, colour, goal }) {
    const { numbers, scale, inks: inksOf } = sitegen.compareColumns, n = names.length, edge = 8, label = 64;
    const side = label + n * CELL, inks = inksOf(numbers(runs, colour).values, goal);
    const data = names.map((name) => numbers(runs, name));
    const picture = svg("svg", { class: "sg-scatter", width: side, height: side, viewBox: `0 0 ${side} ${side}`, "aria-label": `Scatter matrix of ${names.map(short).join(", ")}, ${runs.length} runs` });
    const places = []; // every point, of all cells
    names.forEach((up, row) => names.forEach((across, column) => {
      const left = label + column * CELL, top = row * CELL;
      picture.append(svg("rect", { class: "sg-scatter__cell", x: left, y: top, width: CELL - 4, height: CELL - 4 }));
      if (row === column) {
        picture.append(svg("text", { class: "sg-parallel__name", x: left + CELL / 2 - 2, y: top + CELL / 2, "text-anchor": "middle" }, cut(short(up)), svg("title", {}, up)));
        return;
      }
      const sx = scale(data[column], { from: left + edge, to: left + CELL - 4 - edge }), sy = scale(data[row], { from: top + CELL - 4 - edge, to: top + edge });
      const points = runs.map((_, at) => [sx.place(data[column].values[at]), sy.place(data[row].values[at]), at]).filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
      picture.append(...grouped(points, inks, runs.map(() => 0)));
      places.push(...points);
    }));
    const marked = svg("g", {});
    picture.append(marked);
    const said = sitegen.compareReading.attach(picture, {
      runs, rows: sitegen.compareReading.ordered(runs, colour, goal),
      tell: (row) => names.map((name) => `${short(name)} ${sitegen.compareReading.text(runs[row].at(name))}`).join(", "),
      mark: (row) => marked.replaceChildren(...places.filter(([, , at]) => at === row).map(([cx, cy]) => svg("circle", { class: "sg-scatter__ring", cx, cy, r: 6 }))),
      nearest: (px, py) => nearestPoint(places, px, py),
    });
    place.replaceChildren(el("div", { class: "sg-table-frame", tabindex: "0", role: "region", "aria-label": "Scatter matrix" }, picture),
      el("p", { class: "sg-chart__note" }, el("span", { text: `${sitegen.format.count(runs.length)} runs, a ring in every cell for the one that is read` }), said),
      sitegen.compareReading.table({ runs, names, title: "Scatter matrix", first: colour, goal }));
  }

  sitegen.compareScatter = { draw, matrix, axis, reading, correlation, short };
})();

// What a figure shows beside its series: faults, thresholds, rings, and names at the ends of lines.
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const LABEL_GAP = 13; // px between the names of two lines
  const INNER = 0.9; // of the plot's height is between the extremes: Plotly leaves 5 % at each end
  const TOP = 28; // px from the upper edge that the words of faults take
  const LETTER = 6.5; // px of a letter at 11 px, on average

  const escape = (text) => sitegen.figure.escape(text);
  const place = (axis, x) => (axis.kind === "date" ? new Date(x).toISOString() : x);
  // Annotations on a log axis stand at the logarithm, shapes at the value (plotly.js reference).
  const noteAt = (axis, v) => (axis.kind === "log" ? Math.log10(v) : place(axis, v));

  // A triangle on the top edge over a hairline; a longer stretch is tinted.
  function faultShapes(mark, axis, look) {
    const x = place(axis, mark.x);
    const line = { color: look.bad, width: 1 };
    const edge = { xref: "x", yref: "paper" };
    const shapes = [
      { ...edge, type: "line", x0: x, x1: x, y0: 0, y1: 1, line },
      {
        ...edge,
        type: "path",
        path: "M-4,0L4,0L0,-6Z",
        xsizemode: "pixel",
        ysizemode: "pixel",
        xanchor: x,
        yanchor: 1,
        fillcolor: look.bad,
        line: { width: 0 },
      },
    ];
    if (mark.end === undefined || mark.end === mark.x) return shapes;
    const span = { x0: x, x1: place(axis, mark.end), y0: 0, y1: 1 };
    return [
      { ...edge, ...span, type: "rect", fillcolor: look.bad, opacity: 0.1, line: { width: 0 } },
      ...shapes,
    ];
  }

  function text(content, look, rest) {
    const font = { size: 11, color: look.fg };
    return { text: escape(content), showarrow: false, font, ...rest };
  }

  function faultText(mark, axis, look) {
    const font = { size: 11, color: look.bad };
    const at = { x: noteAt(axis, mark.x), y: 1, yref: "paper", xanchor: "left", yanchor: "top" };
    return text(mark.text, look, { ...at, font, xshift: 6, yshift: 4 });
  }

  function levelShape(level, look) {
    const ends = { xref: "paper", x0: 0, x1: 1, y0: level.y, y1: level.y };
    return { type: "line", ...ends, line: { color: look.warn, width: 1, dash: "4px,3px" } };
  }

  // Above its line, or below it where the words of faults stand.
  function levelText(level, { y: axis }, look, found) {
    const isHigh = found && (found.high - noteAt(axis, level.y)) * found.scale < TOP;
    const at = { xref: "paper", x: 1, y: noteAt(axis, level.y), xanchor: "right", yanchor: isHigh ? "top" : "bottom" };
    return text(level.text, look, { ...at, font: { size: 11, color: look.warn }, borderpad: 1 });
  }

  function ringTrace(mark, look) {
    const colour = look.series[(mark.colour || 1) - 1].colour;
    const marker = { symbol: "circle", size: 8, color: look.bg, line: { color: colour, width: 2 } };
    const at = { type: "scatter", mode: "markers", x: [mark.x], y: [mark.y] };
    return { ...at, marker, hoverinfo: "skip", cliponaxis: false };
  }

  function noteTrace(mark, look) {
    const marker = { symbol: "circle", size: 15, color: look.bg, line: { color: look.fg, width: 1 } };
    return {
      type: "scatter",
      mode: "markers+text",
      x: [mark.x],
      y: [mark.y],
      text: [escape(mark.text)],
      textfont: { size: 10, color: look.fg },
      marker,
      hoverinfo: "skip",
      cliponaxis: false,
    };
  }

  // Of a zoomed line the last point in view.
  function lastShown(one, { kind, range }) {
    const [from, to] = range && kind !== "date" && kind !== "log" ? range : [-Infinity, Infinity];
    for (let i = one.y.length - 1; i >= 0; i -= 1) {
      if (one.x[i] < from) return -1;
      if (Number.isFinite(one.y[i]) && one.x[i] <= to) return i;
    }
    return -1;
  }

  /** Where the scale begins and how many px a unit of it takes. */
  function scaleOf(spec, height, onScale) {
    const found = spec.y.range ?? sitegen.figure.extent(spec.series.map((one) => one.y))?.map(onScale);
    if (!found) return null;
    const [low, high] = found;
    return { high, scale: high > low ? ((spec.y.range ? 1 : INNER) * height) / (high - low) : 0 };
  }

  // Names at the ends of the lines, pushed apart where they would cover each other, and back into the plot.
  function endLabels(spec, look, height, found) {
    const onScale = (value) => noteAt(spec.y, value);
    const labelled = spec.series.filter((one) => one.label && lastShown(one, spec.x) >= 0);
    if (!found || !labelled.length) return [];
    const ends = labelled.map((one) => {
      const at = lastShown(one, spec.x);
      return { one, x: one.x[at], y: one.y[at], top: (found.high - onScale(one.y[at])) * found.scale };
    });
    ends.sort((a, b) => a.top - b.top);
    let free = -Infinity;
    const tops = ends.map(({ top }) => {
      const placed = Math.max(top, free);
      free = placed + LABEL_GAP;
      return placed;
    });
    let limit = height;
    for (let i = tops.length - 1; i >= 0; i -= 1) {
      tops[i] = Math.min(tops[i], limit);
      limit = tops[i] - LABEL_GAP;
    }
    return ends.map((end, i) => endLabel(end, tops[i] - end.top, spec, look));
  }

  function endLabel({ one, x, y }, down, spec, look) {
    const { colour } = look.series[((one.colour || 1) - 1) % look.series.length];
    const leader = { showarrow: true, arrowcolor: colour, arrowwidth: 1, arrowhead: 0, ax: 12, ay: down };
    const at = { x: noteAt(spec.x, x), y: noteAt(spec.y, y), xanchor: "left", standoff: 1 };
    // A line that ends early is named inside the plot, over the lines that go on.
    return text(one.name, look, { ...at, ...leader, bgcolor: look.bg, borderpad: 1 });
  }

  /** Further traces, shapes and annotations of `spec`, and the px that its labels need at the right. */
  function of(spec, look, height) {
    const marks = spec.marks || [];
    const kind = (name) => marks.filter((mark) => mark.kind === name);
    const faults = kind("non-finite");
    const levels = spec.levels || [];
    const found = scaleOf(spec, height, (value) => noteAt(spec.y, value));
    const labels = endLabels(spec, look, height, found);
    const longest = Math.max(0, ...labels.map((label) => label.text.length));
    return {
      traces: [
        ...kind("best").map((mark) => ringTrace(mark, look)),
        ...kind("annotation").map((mark) => noteTrace(mark, look)),
      ],
      shapes: [
        ...faults.flatMap((mark) => faultShapes(mark, spec.x, look)),
        ...levels.map((level) => levelShape(level, look)),
      ],
      annotations: [
        ...faults.filter((mark) => mark.text).map((mark) => faultText(mark, spec.x, look)),
        ...levels.map((level) => levelText(level, spec, look, found)),
        ...labels,
      ],
      room: labels.length ? 24 + LETTER * longest : 0,
    };
  }

  /** Levels of a spec for those of `alerts` that are near `values`: one far away would press the curve flat. */
  function levels(alerts, values, isLog) {
    const found = sitegen.figure.extent([values]);
    if (!found) return [];
    const room = found[1] - found[0] || Math.abs(found[1]) || 1;
    return alerts.filter(({ value }) => value >= found[0] - room && value <= found[1] + room && (!isLog || value > 0))
      .map((alert) => ({ y: alert.value, text: `alert: ${alert.text}` }));
  }

  sitegen.figureMarks = { of, levels };
})();

// From what a chart shows (a spec) and how the theme looks to a Plotly figure: plain objects, no DOM.
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  // What vendor/plotly was built with. Plotly draws any other type as scatter without a word.
  const TYPES = ["scatter", "bar", "box", "heatmap", "histogram"];

  const LEFT = 40; // px
  const [LABEL_WIDTH, DATE_WIDTH, LETTER] = [56, 92, 7]; // px of a tick's label, of one with a date, of a letter

  /** `text` as Plotly must get it: it reads a small HTML in every name, title and label. */
  function escape(text) {
    return String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  }

  function extent(arrays) {
    let low = Infinity;
    let high = -Infinity;
    for (const values of arrays) {
      for (const value of values) {
        if (value === null || !Number.isFinite(value)) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
    return low <= high ? [low, high] : null;
  }

  const isoDate = (ms) => new Date(ms).toISOString();

  /** Two x values as Plotly names the ends of an axis: a copy, for it writes into what it gets. */
  function ends(axis, values) {
    if (axis.kind === "log") return values.map(Math.log10);
    return axis.kind === "date" ? values.map(isoDate) : [...values];
  }

  /** From the first x to the last. */
  function range(axis, series) {
    const values = series.map((one) => one.x);
    const found = extent(axis.kind === "log" ? values.map((x) => x.filter((v) => v > 0)) : values);
    if (!found || found[0] === found[1]) return undefined;
    return ends(axis, found);
  }

  const MOST_POWERS = 8; // of ten with a label

  function axisLook(axis, look, isVertical = false) {
    return {
      type: axis.kind || "-",
      title: axis.title ? { text: escape(axis.title), standoff: 8 } : undefined,
      tickfont: { color: look.muted, size: 11 },
      ticksuffix: axis.suffix ? escape(axis.suffix) : "",
      // Plain digits up to a million, then 1.2e+7; never "200k", which reads as a unit.
      exponentformat: "e",
      minexponent: 6,
      separatethousands: true,
      dtick: axis.kind === "log" && axis.decades > 2 ? Math.ceil(axis.decades / MOST_POWERS) : undefined,
      zeroline: false,
      // Measuring labels takes half the time of a drawing: below, only a title needs more room.
      automargin: isVertical || Boolean(axis.title),
    };
  }

  /** As many ticks as stand beside each other: labels are never turned. */
  function ticks({ kind, suffix }, width) {
    const label = kind === "date" ? DATE_WIDTH : LABEL_WIDTH + LETTER * (suffix?.length ?? 0);
    return Math.max(2, Math.min(6, Math.floor(width / label)));
  }

  function axes(spec, look, width) {
    const x = {
      ...axisLook(spec.x, look),
      range: spec.x.range || (spec.series.length ? range(spec.x, spec.series) : undefined),
      showgrid: false,
      showline: true,
      linecolor: look.axis,
      ticks: "outside",
      ticklen: 4,
      tickcolor: look.axis,
      tickangle: 0,
      nticks: ticks(spec.x, width),
      // Two lines of dates would not fit under a small plot.
      tickformatstops: spec.x.kind === "date" ? DATE_FORMATS : undefined,
    };
    const y = {
      ...axisLook({ ...spec.y, decades: decades(spec) }, look, true),
      range: spec.y.range,
      gridcolor: look.grid,
      showline: false,
      ticks: "",
      showticklabels: !spec.y.isEmpty,
      ticklabelstandoff: 4,
      nticks: 5,
    };
    return { x, y };
  }

  const DATE_FORMATS = [
    { dtickrange: [null, 60_000], value: "%H:%M:%S" },
    { dtickrange: [60_000, 86_400_000], value: "%-d %b %H:%M" },
    { dtickrange: [86_400_000, null], value: "%-d %b %Y" },
  ];

  function decades(spec) {
    const found = extent(spec.series.map((one) => one.y.filter((value) => value > 0)));
    return found ? Math.log10(found[1] / found[0]) : 0;
  }

  function seriesTrace(one, look) {
    const style = look.series[((one.colour || 1) - 1) % look.series.length];
    const isRaw = one.role === "raw";
    const mode = one.mode || "lines";
    return {
      type: "scatter",
      mode,
      x: one.x,
      y: one.y,
      name: escape(one.name || ""),
      line: { color: style.colour, width: one.width || (isRaw ? 1 : 1.8), dash: style.dash },
      marker: { color: style.colour, symbol: style.marker, size: one.size || 5 },
      opacity: one.opacity || (isRaw ? 0.38 : 1),
      hoverinfo: "skip",
      cliponaxis: mode === "lines",
    };
  }

  function plainTrace(trace) {
    if (!TYPES.includes(trace.type)) throw new Error(`this site draws no chart of type "${trace.type}"`);
    return { hoverinfo: "skip", ...trace, name: escape(trace.name || "") };
  }

  /** The figure {data, layout, config} of `spec` (see chart.js) in the colours of `look`. */
  function of(spec, look, { width, height, isTouch }) {
    const { traces, shapes, annotations, room } = sitegen.figureMarks.of(spec, look, height - 32);
    const right = Math.max(28, Math.min(width / 3, room));
    const { x, y } = axes(spec, look, width - LEFT - right);
    return {
      data: [
        ...(spec.under || []).map(plainTrace),
        ...spec.series.map((one) => seriesTrace(one, look)),
        ...(spec.traces || []).map(plainTrace),
        ...traces,
      ],
      layout: {
        width,
        height,
        margin: { l: LEFT, r: right, t: 8, b: 24 },
        paper_bgcolor: "rgba(0,0,0,0)",
        plot_bgcolor: "rgba(0,0,0,0)",
        font: { family: look.sans, size: 11, color: look.muted },
        showlegend: false,
        hovermode: false,
        // On a touch screen a drag over the plot must scroll the page.
        dragmode: isTouch ? false : "zoom",
        uirevision: spec.revision || "",
        ...spec.layout,
        xaxis: { ...x, ...(isTouch ? { fixedrange: true } : {}) },
        yaxis: { ...y, ...(isTouch ? { fixedrange: true } : {}) },
        shapes,
        annotations,
      },
      config: { displayModeBar: false, showTips: false, doubleClick: false, showAxisDragHandles: false },
    };
  }

  sitegen.figure = { of, escape, extent, ends, range };
})();

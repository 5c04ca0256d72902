// Charts drawn when they come into view, one per frame, redrawn when the theme or their size changes.
//
// sitegen.chart.draw(element, make) draws into `element` and gives {redraw, remove}; `make` is a spec,
// or a function that gives one (or a promise of one) and is called again for each redraw.
// It also gives view(): the x values in view, null for all of them, and show(view); {onView(view)} as a third
// argument is told of the reader's own zooms. Charts of one group are zoomed together; `make` loads what is in view.
// sitegen.chart.look() holds the theme's colours, for plain traces. A spec:
//
//   label     what the chart shows, for people who cannot see it
//   series    [{name, x, y, colour 1-8, role "raw", mode, width, label: true to name it at its end}]
//   crowd     {x, y, key}: many lines behind all others (crowd.js); key names what it holds
//   under     plain Plotly traces below the series: bands, a crowd of other lines
//   traces    plain Plotly traces of other types (bar, box, heatmap, histogram)
//   x, y      {kind: "linear" | "log" | "date" | "category", range, title, suffix}
//   marks     [{kind: "non-finite", x, end, text} | {kind: "best", x, y} | {kind: "annotation", x, y, text}]
//   levels    [{y, text}]: dashed lines across
//   read      (series, index) => {title, rows: [{label, text, tone}]}: what the crosshair says
//   open      (index) => Promise of nodes for the crosshair's panel once it is kept, null if it is not to be kept
//   points    x of the points the crosshair stops at (default: those of each series)
//   group     charts of one group share crosshair and zoom; isAlone: no zoom of others
//   revision  a zoom is kept while this stays the same
//   height    px (default: the element's)
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const charts = new Map(); // element -> chart
  const waiting = new Set();
  let isFrameAsked = false;
  let plotly = null;
  let look = null;

  const root = document.documentElement;
  // data-plotly is the script's path from the site's root, data-root the way there from the page.
  const plotlyUrl = () =>
    (root.dataset.root || "") + document.querySelector("[data-plotly]").dataset.plotly;
  const isTouch = () => window.matchMedia("(pointer: coarse)").matches;

  /** Plotly, loaded on first need: a promise. */
  function loadPlotly() {
    plotly ||= new Promise((resolve, reject) => {
      if (window.Plotly) return resolve(window.Plotly);
      const script = document.createElement("script");
      script.src = plotlyUrl();
      script.onload = () => resolve(window.Plotly);
      script.onerror = () => {
        plotly = null;
        reject(new Error(`${plotlyUrl()} is missing from this copy of the site.`));
      };
      document.head.append(script);
      return undefined;
    });
    return plotly;
  }

  /** Colours, dashes and fonts of the theme, from its tokens. */
  function readLook() {
    const style = getComputedStyle(root);
    const token = (name) => style.getPropertyValue(`--${name}`).trim();
    const px = (text) => text.split(/\s+/).map((n) => `${n}px`).join(",");
    const dash = (text) => (!text || text === "none" ? "solid" : px(text));
    const series = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => ({
      colour: token(`series-${n}`),
      dash: dash(token(`series-${n}-dash`)),
      marker: token(`series-${n}-marker`) || "circle",
    }));
    return {
      series,
      sequence: [1, 2, 3, 4, 5, 6].map((n) => token(`seq-${n}`)),
      sans: token("sans"),
      fg: token("fg"),
      muted: token("fg-muted"),
      bg: token("bg"),
      grid: token("line-faint"),
      axis: token("line-strong"),
      bad: token("bad"),
      warn: token("warn"),
    };
  }

  function askFrame() {
    if (isFrameAsked || !waiting.size) return;
    isFrameAsked = true;
    requestAnimationFrame(drawNext);
  }

  async function drawNext() {
    const [chart] = waiting;
    waiting.delete(chart);
    if (chart && charts.get(chart.element) === chart) await render(chart);
    isFrameAsked = false;
    askFrame();
  }

  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const chart = charts.get(target);
        if (!chart) continue;
        chart.isInView = isIntersecting;
        if (isIntersecting && chart.isDirty) prepare(chart);
      }
    },
    { rootMargin: "200px" },
  );

  const resizes = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      const chart = charts.get(target);
      if (chart?.drawnWidth && contentRect.width && contentRect.width !== chart.drawnWidth) {
        invalidate(chart);
      }
    }
  });

  // Data is fetched as soon as the chart is near, whatever waits for its frame.
  function prepare(chart) {
    chart.isDirty = false;
    const turn = (chart.turn += 1);
    chart.ready = Promise.all([typeof chart.make === "function" ? chart.make() : chart.make, loadPlotly()]);
    chart.ready.then(
      () => {
        if (turn !== chart.turn) return;
        waiting.add(chart);
        askFrame();
      },
      (error) => turn === chart.turn && fail(chart, error),
    );
  }

  async function render(chart) {
    const { element } = chart;
    const turn = chart.turn;
    const [spec, Plotly] = await chart.ready;
    const width = element.clientWidth;
    // Hidden again (a folded group, another tab) before its frame came: drawn when shown.
    if (!width || turn !== chart.turn) {
      chart.isDirty ||= !width;
      return;
    }
    look ||= readLook();
    if (spec.height) element.style.height = `${spec.height}px`;
    const height = spec.height || element.clientHeight;
    const normal = { series: [], x: {}, y: {}, ...spec };
    if (chart.view) Object.assign(normal, sitegen.zoom.axes(normal, chart));
    const figure = sitegen.figure.of(normal, look, { width, height, isTouch: isTouch() });
    const isNew = !chart.canvas;
    chart.canvas ||= surface(element);
    // Plotly writes into what it is given, so it gets no object of ours twice.
    await Plotly.react(chart.canvas, figure.data, figure.layout, figure.config);
    chart.spec = normal;
    chart.drawnWidth = width;
    if (isNew) sitegen.zoom?.attach(chart);
    element.classList.add("sg-plot--drawn");
    element.classList.remove("sg-plot--failed");
    chart.message?.remove();
    sitegen.crowd?.draw(chart, look);
    sitegen.crosshair?.attach(chart, look);
    chart.onDrawn?.(chart);
  }

  function show(chart, view) {
    if (String(view) === String(chart.view)) return;
    if (view === null) chart.yRange = null;
    chart.view = view;
    invalidate(chart);
  }

  function surface(element) {
    const canvas = document.createElement("div");
    canvas.className = "sg-plot__canvas";
    element.append(canvas);
    return canvas;
  }

  function fail(chart, error) {
    chart.message?.remove();
    chart.message = sitegen.dom.el("div", { class: "sg-plot__message" });
    chart.message.append(
      sitegen.store.notice(error, () => {
        chart.message.remove();
        prepare(chart);
      }),
    );
    chart.element.classList.add("sg-plot--failed");
    chart.element.append(chart.message);
  }

  function invalidate(chart) {
    chart.isDirty = true;
    if (chart.isInView) prepare(chart);
  }

  function draw(element, make, { onDrawn, onView } = {}) {
    const known = charts.get(element);
    if (known) {
      known.make = make;
      invalidate(known);
      return known.handle;
    }
    const chart = { element, make, onDrawn, onView, view: null, isDirty: true, isInView: false, turn: 0 };
    chart.handle = {
      redraw: () => invalidate(chart),
      remove: () => remove(chart),
      show: (view) => show(chart, view),
      view: () => chart.view,
    };
    charts.set(element, chart);
    element.classList.add("sg-plot");
    observer.observe(element);
    resizes.observe(element);
    return chart.handle;
  }

  function remove(chart) {
    observer.unobserve(chart.element);
    resizes.unobserve(chart.element);
    charts.delete(chart.element);
    waiting.delete(chart);
    if (chart.canvas) {
      window.Plotly?.purge(chart.canvas);
      chart.canvas.remove();
    }
    chart.element.classList.remove("sg-plot--drawn");
  }

  function themeChanged() {
    look = null;
    for (const chart of charts.values()) invalidate(chart);
  }

  new MutationObserver(themeChanged).observe(root, { attributeFilter: ["data-theme"] });
  for (const query of ["(prefers-color-scheme: dark)", "(pointer: coarse)"]) {
    window.matchMedia(query).addEventListener("change", themeChanged);
  }

  sitegen.chart = { draw, all: () => [...charts.values()], look: () => (look ||= readLook()) };
})();

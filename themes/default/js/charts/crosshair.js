// Reading values off a chart: a dotted line and a small panel that follow the pointer, a finger or
// the arrow keys. Plotly's own hover is off: it knows no NaN, and searches every point per move. Where a spec has
// `open(index)`, a click or Enter keeps the panel, with the nodes that it gives, until Escape or another click.
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const GAP = 12;
  const CLICK = 4; // px that a pointer may move between the press and the release of a click

  // The axes of the drawn figure: px <-> value. Plotly keeps them under a private name, unchanged
  // since version 1; the version here is vendored.
  const axesOf = (chart) => [chart.canvas._fullLayout.xaxis, chart.canvas._fullLayout.yaxis];
  const toPixel = (axis, value) => axis.d2p(value);
  const toValue = (axis, px) => (axis.type === "date" ? axis.p2c(px) : axis.p2d(px));

  function nearest(xs, value, axis) {
    let found = -1;
    let least = Infinity;
    const isLog = axis.type === "log";
    const at = isLog ? Math.log(value) : value;
    for (let i = 0; i < xs.length; i += 1) {
      const distance = Math.abs((isLog ? Math.log(xs[i]) : xs[i]) - at);
      if (distance < least) [least, found] = [distance, i];
    }
    return found;
  }

  function defaultReading(spec, x, axis) {
    const { number } = sitegen.format;
    const rows = spec.series
      .filter((one) => one.role !== "raw" && one.x.length)
      .map((one) => ({ label: one.name, text: number(one.y[nearest(one.x, x, axis)]) }));
    return { title: axis.type === "date" ? new Date(x).toISOString() : number(x), rows: rows.slice(0, 12) };
  }

  function pointsOf(spec) {
    return spec.points || spec.series.reduce((xs, one) => (one.x.length > xs.length ? one.x : xs), []);
  }

  function build(chart) {
    const { el } = sitegen.dom;
    const line = el("div", { class: "sg-plot__crosshair", hidden: true });
    const panel = el("div", { class: "sg-plot__reading", hidden: true });
    chart.element.append(line, panel);
    chart.reader = { line, panel, index: -1, isKept: false };
    const { element } = chart;
    element.tabIndex = 0;
    element.setAttribute("role", "group");
    element.setAttribute("aria-roledescription", "chart");
    element.addEventListener("pointermove", (event) => follow(chart, event));
    element.addEventListener("pointerdown", (event) => press(chart, event));
    element.addEventListener("pointerleave", () => chart.reader.isKept || hide(chart));
    element.addEventListener("focusout", ({ relatedTarget }) => element.contains(relatedTarget) || chart.reader.isKept || hide(chart));
    element.addEventListener("keydown", (event) => onKey(chart, event));
  }

  // Plotly takes the press over for its zoom: a click is known by where it ends.
  function press(chart, event) {
    if (chart.reader.panel.contains(event.target)) return;
    chart.reader.isKept = false;
    const isMouse = event.pointerType === "mouse";
    if (!isMouse) follow(chart, event);
    const { clientX, clientY } = event;
    const release = (up) => {
      if (event.button !== 0 || Math.hypot(up.clientX - clientX, up.clientY - clientY) > CLICK) return;
      follow(chart, up);
      keep(chart);
    };
    window.addEventListener("pointerup", release, { once: true });
    window.addEventListener("pointercancel", () => window.removeEventListener("pointerup", release), { once: true });
  }

  /** The panel stays, with what there is to do at its point. */
  async function keep(chart, isByKey = false) {
    const { reader } = chart, { index, panel } = reader;
    if (index < 0 || !chart.spec.open) return;
    const nodes = await chart.spec.open(index);
    if (!nodes || reader.index !== index) return;
    const { el } = sitegen.dom;
    reader.isKept = true;
    panel.classList.add("sg-plot__reading--kept");
    panel.append(el("div", { class: "sg-plot__kept" }, nodes,
      el("button", { type: "button", class: "sg-button sg-button--small sg-button--quiet", text: "Close", on: { click: () => close(chart) } })));
    place(chart);
    if (isByKey) (panel.querySelector("[data-annotate-target]") ?? panel.querySelector("button")).focus();
  }

  function close(chart) {
    hide(chart);
    chart.element.focus();
  }

  function follow(chart, event) {
    if (chart.reader.isKept) return undefined;
    if (event.pointerType === "mouse" && event.buttons) return hide(chart); // a zoom is being drawn
    const [x] = axesOf(chart);
    const px = event.clientX - chart.canvas.getBoundingClientRect().left - x._offset;
    if (px < -GAP || px > x._length + GAP) return hide(chart);
    return show(chart, nearest(pointsOf(chart.spec), toValue(x, px), x));
  }

  function onKey(chart, event) {
    const count = pointsOf(chart.spec).length;
    const { index } = chart.reader;
    const isInPanel = chart.reader.panel.contains(event.target);
    if (event.key === "Enter" && !isInPanel) {
      event.preventDefault(); // else it presses the button that gets the focus
      return keep(chart, true);
    }
    const targets = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: count - 1 };
    if (event.key === "Escape" && index >= 0) {
      event.stopPropagation();
      event.preventDefault();
      return close(chart);
    }
    if (isInPanel || !(event.key in targets) || event.ctrlKey || event.metaKey || event.altKey) return undefined;
    event.preventDefault();
    const stride = event.shiftKey ? 10 : 1;
    const wanted = index + (targets[event.key] - index) * (event.key.startsWith("Arrow") ? stride : 1);
    const reading = show(chart, Math.max(0, Math.min(count - 1, wanted)));
    const said = reading ? reading.rows.map((row) => `${row.label} ${row.text}`) : [];
    if (reading) sitegen.dom.announce([reading.title, ...said].join(", "));
    return undefined;
  }

  function show(chart, index) {
    const points = pointsOf(chart.spec);
    if (index < 0 || index >= points.length) return null;
    Object.assign(chart.reader, { index, isKept: false });
    chart.reader.panel.classList.remove("sg-plot__reading--kept");
    const [axis] = axesOf(chart);
    const x = points[index];
    const reading = chart.spec.read ? chart.spec.read(index) : defaultReading(chart.spec, x, axis);
    fill(chart.reader.panel, reading);
    for (const other of groupOf(chart)) moveLine(other, x);
    place(chart);
    return reading;
  }

  function groupOf(chart) {
    if (!chart.spec.group) return [chart];
    return sitegen.chart.all().filter((one) => one.spec?.group === chart.spec.group && one.reader);
  }

  function moveLine(chart, x) {
    const [xAxis, yAxis] = axesOf(chart);
    const px = toPixel(xAxis, x);
    const isInside = px >= 0 && px <= xAxis._length;
    const { line } = chart.reader;
    line.hidden = !isInside;
    line.style.left = `${xAxis._offset + px}px`;
    line.style.top = `${yAxis._offset}px`;
    line.style.height = `${yAxis._length}px`;
  }

  function place(chart) {
    const [axis] = axesOf(chart);
    const { panel, index } = chart.reader, x = pointsOf(chart.spec)[index];
    panel.hidden = false;
    const px = axis._offset + toPixel(axis, x);
    const isRight = px + GAP + panel.offsetWidth > chart.element.clientWidth;
    const left = isRight ? px - GAP - panel.offsetWidth : px + GAP;
    panel.style.left = `${Math.max(0, Math.min(left, chart.element.clientWidth - panel.offsetWidth))}px`;
  }

  function fill(panel, { title, rows, note }) {
    const { el } = sitegen.dom;
    const lines = rows.map(({ label, text, tone, ink }) =>
      el("div", { class: "sg-plot__row" }, [
        ink ? seriesKey(ink) : null,
        el("span", { text: label }),
        el("b", { text, class: tone ? `sg-${tone}` : "" }),
      ]),
    );
    const foot = note ? [el("div", { class: "sg-faint", text: note })] : [];
    panel.replaceChildren(el("div", { class: "sg-muted", text: title }), ...lines, ...foot);
  }

  /** A dash as the series number `ink` is drawn (as parts/marks.html writes it). */
  function seriesKey(ink) {
    const { svg } = sitegen.dom;
    const size = { width: 18, height: 8, viewBox: "0 0 18 8", "aria-hidden": "true" };
    return svg("svg", { class: `s${ink}`, ...size },
      svg("path", { class: "sg-line sg-line--series", d: "M0 4h18" }));
  }

  function hide(chart) {
    Object.assign(chart.reader, { index: -1, isKept: false });
    chart.reader.panel.hidden = true;
    chart.reader.panel.classList.remove("sg-plot__reading--kept");
    for (const other of groupOf(chart)) other.reader.line.hidden = true;
  }

  /** Called after each drawing. */
  function attach(chart) {
    if (!chart.reader) build(chart);
    hide(chart);
    if (chart.spec.label) {
      chart.element.setAttribute("aria-label", `${chart.spec.label}. Arrow keys read its points${chart.spec.open ? ", Enter keeps one" : ""}.`);
    }
  }

  /** Reads a point of a drawn chart and keeps it. */
  function read(chart, index) {
    if (show(chart, index)) keep(chart);
  }

  sitegen.crosshair = { attach, nearest, read, seriesKey };
})();

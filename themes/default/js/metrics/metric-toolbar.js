// The toolbar over the charts of a run: search, x axis, smoothing, logarithms; its state is the URL's.
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const AXES = [
    ["step", "Step"],
    ["relative", "Relative"],
    ["wall", "Wall"],
  ];
  const MOST_SMOOTHING = 0.99;

  function smoothing(text) {
    const value = Number(text);
    return Number.isFinite(value) ? Math.min(MOST_SMOOTHING, Math.max(0, value)) : 0;
  }

  const METRIC = "metric:"; // before the name of the metric that is the x axis
  const KINDS = [
    ["ema", "EMA", "Exponential moving average without its bias at the start, as in TensorBoard"],
    ["gauss", "Gaussian", "Mean weighted by a Gaussian around each point"],
    ["mean", "Mean", "Running mean of the points around each"],
  ];

  /** The settings that the URL holds. */
  function read() {
    const { get } = sitegen.state;
    const x = get("x", "step");
    const logs = get("log", "");
    const kind = get("smoothing", "ema");
    return {
      x: x.startsWith(METRIC) || AXES.some(([name]) => name === x) ? x : "step",
      smoothing: smoothing(get("smooth", 0)),
      kind: KINDS.some(([name]) => name === kind) ? kind : "ema",
      logX: logs.includes("x"),
      logY: logs.includes("y"),
      clip: get("clip") === "1",
      sync: get("sync") !== "0",
      find: get("find", ""),
    };
  }

  function write(settings) {
    sitegen.state.set({
      x: settings.x === "step" ? null : settings.x,
      smooth: settings.smoothing || null,
      smoothing: settings.kind === "ema" ? null : settings.kind,
      log: `${settings.logX ? "x" : ""}${settings.logY ? "y" : ""}`,
      clip: settings.clip ? "1" : null,
      sync: settings.sync ? null : "0",
      find: settings.find,
    });
  }

  function select(label, options, onChange) {
    const { el, svg } = sitegen.dom;
    const choices = options.map(([value, text]) => el("option", { value, text }));
    const input = el("select", { class: "sg-input sg-select", "aria-label": label }, choices);
    input.addEventListener("change", () => onChange(input.value));
    const box = { class: "sg-icon", width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" };
    return { input, box: el("span", { class: "sg-select-frame" }, input, svg("svg", box, svg("path", { d: "m5 6.5 3 3 3-3" }))) };
  }

  function segment(text, onClick) {
    const look = { class: "sg-segments__segment", type: "button", text };
    return sitegen.dom.el("button", { ...look, on: { click: onClick } });
  }

  const segments = (label, buttons) =>
    sitegen.dom.el("span", { class: "sg-segments", role: "group", "aria-label": label }, buttons);

  const press = (button, isOn) => button.setAttribute("aria-pressed", String(isOn));

  function searchBox(count, change) {
    const { el } = sitegen.dom;
    const what = `Search ${count} metric${count === "1" ? "" : "s"}`;
    const input = el("input", {
      class: "sg-input",
      type: "search",
      placeholder: what,
      "aria-label": what,
      "aria-keyshortcuts": "/",
      autocomplete: "off",
      spellcheck: "false",
      on: { input: () => change({ find: input.value }) },
    });
    return { input, box: el("span", { class: "sg-metrics__search" }, [input]) };
  }

  function smoothingBox(change) {
    const { el } = sitegen.dom;
    const limits = { min: "0", max: String(MOST_SMOOTHING), step: "0.01" };
    const slider = el("input", { class: "sg-range", type: "range", ...limits, "aria-label": "Smoothing" });
    const exact = el("input", {
      class: "sg-metrics__exact",
      type: "number",
      ...limits,
      step: "any",
      inputmode: "decimal",
      "aria-label": "Smoothing, exact",
    });
    slider.addEventListener("input", () => change({ smoothing: smoothing(slider.value) }));
    exact.addEventListener("change", () => change({ smoothing: smoothing(exact.value) }));
    const kind = select("Kind of smoothing", KINDS, (value) => change({ kind: value }));
    return { slider, exact, kind, box: el("span", { class: "sg-metrics__smoothing" }, [slider, exact]) };
  }

  const toggle = (text, onClick) =>
    sitegen.dom.el("button", { class: "sg-button", type: "button", text, on: { click: onClick } });

  function showSmoothing({ slider, exact, kind }, settings) {
    slider.value = String(settings.smoothing);
    const isShort = settings.smoothing === Math.round(settings.smoothing * 100) / 100;
    exact.value = isShort ? settings.smoothing.toFixed(2) : String(settings.smoothing);
    kind.input.value = settings.kind;
    kind.box.title = KINDS.find(([name]) => name === settings.kind)[2];
  }

  // The x axis as a choice: step and times, or any metric of the run.
  function axisBox(metrics, change) {
    const buttons = AXES.map(([x, text]) => segment(text, () => change({ x })));
    const options = [["", "Metric"], ...metrics.map((name) => [METRIC + name, name])];
    const other = select("Metric as x axis", options, (value) => change({ x: value || "step" }));
    const parts = [segments("x axis", buttons), ...(metrics.length > 1 ? [other.box] : [])];
    const show = ({ x }) => {
      AXES.forEach(([name], i) => press(buttons[i], name === x));
      other.input.value = x.startsWith(METRIC) ? x : "";
      other.input.classList.toggle("sg-metrics__axis--on", x.startsWith(METRIC));
    };
    return { parts, show };
  }

  /**
   * Fill `element`; `onChange(settings)` is called after each change. `metrics` are those that may be the x axis.
   * Gives {settings, change, focus}.
   */
  function build(element, { count, metrics = [], more = [], onChange }) {
    const { el } = sitegen.dom;
    const label = (text) => el("span", { class: "sg-toolbar__label", text, "aria-hidden": "true" });
    const tools = { settings: read() };

    const search = searchBox(count, change);
    const smooth = smoothingBox(change);
    const axis = axisBox(metrics, change);
    const flip = (name) => () => change({ [name]: !tools.settings[name] });
    const logs = [["logY", segment("Log y", flip("logY"))], ["logX", segment("Log x", flip("logX"))]];
    const flags = [["clip", toggle("Clip outliers", flip("clip"))], ["sync", toggle("Sync zoom", flip("sync"))]];

    function show() {
      const { settings } = tools;
      if (search.input.value !== settings.find) search.input.value = settings.find;
      axis.show(settings);
      for (const [name, button] of [...logs, ...flags]) press(button, settings[name]);
      logs[1][1].disabled = settings.x === "wall";
      showSmoothing(smooth, settings);
    }

    function change(part) {
      const before = tools.settings;
      tools.settings = { ...before, ...part };
      show();
      write(tools.settings);
      onChange(tools.settings, before);
    }

    sitegen.state.onChange(() => {
      const before = tools.settings;
      const now = read();
      if (Object.keys(now).every((key) => now[key] === before[key])) return;
      tools.settings = now;
      show();
      onChange(now, before);
    });

    element.prepend(search.box, ...more, label("x"), ...axis.parts, label("Smoothing"), smooth.box, smooth.kind.box,
      segments("Logarithmic axes", logs.map(([, button]) => button)), ...flags.map(([, button]) => button));
    show();
    tools.focus = () => search.input.focus();
    tools.change = change;
    return tools;
  }

  sitegen.metricToolbar = { build, select, segments, segment, press, METRIC };
})();

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

  /** The settings that the URL holds. */
  function read() {
    const { get } = sitegen.state;
    const x = get("x");
    const logs = get("log", "");
    return {
      x: AXES.some(([name]) => name === x) ? x : "step",
      smoothing: smoothing(get("smooth", 0)),
      logX: logs.includes("x"),
      logY: logs.includes("y"),
      find: get("find", ""),
    };
  }

  function write(settings) {
    sitegen.state.set({
      x: settings.x === "step" ? null : settings.x,
      smooth: settings.smoothing || null,
      log: `${settings.logX ? "x" : ""}${settings.logY ? "y" : ""}`,
      find: settings.find,
    });
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
    const title = "Exponential moving average without its bias at the start, as in TensorBoard";
    return { slider, exact, box: el("span", { class: "sg-metrics__smoothing", title }, [slider, exact]) };
  }

  /** Fill `element`; `onChange(settings)` is called after each change. Gives {settings, change, focus}. */
  function build(element, { count, onChange }) {
    const { el } = sitegen.dom;
    const label = (text) => el("span", { class: "sg-toolbar__label", text, "aria-hidden": "true" });
    const tools = { settings: read() };

    const search = searchBox(count, change);
    const smooth = smoothingBox(change);
    const axes = AXES.map(([x, text]) => segment(text, () => change({ x })));
    const logY = segment("Log y", () => change({ logY: !tools.settings.logY }));
    const logX = segment("Log x", () => change({ logX: !tools.settings.logX }));

    function show() {
      const { settings } = tools;
      if (search.input.value !== settings.find) search.input.value = settings.find;
      AXES.forEach(([x], i) => press(axes[i], x === settings.x));
      press(logY, settings.logY);
      press(logX, settings.logX);
      logX.disabled = settings.x === "wall";
      smooth.slider.value = String(settings.smoothing);
      smooth.exact.value = settings.smoothing === Math.round(settings.smoothing * 100) / 100
        ? settings.smoothing.toFixed(2)
        : String(settings.smoothing);
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

    element.prepend(
      search.box,
      label("x"),
      segments("x axis", axes),
      label("Smoothing"),
      smooth.box,
      segments("Logarithmic axes", [logY, logX]),
    );
    show();
    tools.focus = () => search.input.focus();
    tools.change = change;
    return tools;
  }

  sitegen.metricToolbar = { build };
})();

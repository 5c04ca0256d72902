/* Views that the browser plays or shows by itself, and series of them with a slider over the steps.
 *
 *   sitegen.attachmentViews.media(view, file)    view.media: audio | video | pdf
 *   sitegen.attachmentViews.series(view, file)   view.steps: [[step, file, kind, width, height], …] by step
 * The step of a series is `step=<number>` in the URL. Keys on the slider: arrows, Page Up and Down, Home, End; a button
 * plays the steps one after another, slower where motion is to be reduced.
 */
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});
  const FRAME_MS = 250, CALM_MS = 1000;
  const base = () => document.documentElement.dataset.root ?? "";

  function player(kind, url, name) {
    const { el } = sitegen.dom;
    if (kind === "pdf") {
      const frame = el("iframe", { class: "sg-frame sg-frame--pdf", src: url, title: name });
      return el("div", {}, frame, el("p", { class: "sg-attachments__note" }, "No pages above? ", el("a", { href: url, text: `Open ${name} by itself` })));
    }
    const element = el(kind, { class: `sg-player${kind === "video" ? " sg-player--video" : ""}`, controls: true, preload: "metadata", src: url });
    const fault = el("p", { class: "sg-attachments__note", hidden: true, text: "This browser cannot play the format. The file can be downloaded." });
    element.addEventListener("error", () => { fault.hidden = false; });
    return el("div", {}, element, fault);
  }

  /** Index of the step that the URL names, else of the last. */
  function start(steps) {
    const wanted = Number(sitegen.state.get("step", NaN));
    const at = steps.findIndex(([step]) => step === wanted);
    return at < 0 ? steps.length - 1 : at;
  }

  function series(view, file) {
    const { el } = sitegen.dom, { steps } = view;
    const slider = el("input", { type: "range", class: "sg-range sg-series__slider", min: 0, max: steps.length - 1, step: 1, "aria-label": `Step of ${file.name}` });
    const output = el("output", { class: "sg-series__step" });
    const stage = el("div", { class: "sg-series__stage" });
    const play = el("button", { type: "button", class: "sg-button sg-button--small", text: "Play", "aria-pressed": "false" });
    const open = el("a", { class: "sg-button sg-button--small", download: "" }, sitegen.attachmentIcon("download"), "This step");
    let at = start(steps), timer = null, img = null;

    function picture(url, name, width, height) {
      if (!img) {
        img = el("img", { class: "sg-zoom__picture", draggable: "false" });
        stage.replaceChildren(sitegen.zoomable(img, file.name));
      }
      Object.assign(img, { src: url, alt: name });
      for (const [key, value] of Object.entries({ width, height })) {
        if (value) img.setAttribute(key, value);
        else img.removeAttribute(key);
      }
    }

    function show(next, isKept = true) {
      at = Math.min(steps.length - 1, Math.max(0, next));
      const [step, path, kind, width, height] = steps[at], url = base() + path;
      const name = `${file.name}, step ${sitegen.format.count(step)}`;
      slider.value = at;
      slider.setAttribute("aria-valuetext", `step ${step}, ${at + 1} of ${steps.length}`);
      output.textContent = `step ${sitegen.format.count(step)} · ${at + 1} of ${steps.length}`;
      if (kind === "image") picture(url, name, width, height);
      else { stage.replaceChildren(player(kind, url, name)); img = null; }
      Object.assign(open, { href: url, download: `${file.name}-${step}.${path.split(".").at(-1)}` });
      if (isKept) sitegen.state.set({ file: file.path, step });
    }

    function stop() {
      clearInterval(timer);
      timer = null;
      play.textContent = "Play";
      play.setAttribute("aria-pressed", "false");
    }

    play.addEventListener("click", () => {
      if (timer) return stop();
      const isCalm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      if (at === steps.length - 1) show(0);
      play.textContent = "Pause";
      play.setAttribute("aria-pressed", "true");
      timer = setInterval(() => {
        if (!stage.isConnected) return stop();
        show(at + 1);
        return at === steps.length - 1 ? stop() : null;
      }, isCalm ? CALM_MS : FRAME_MS);
      return undefined;
    });
    slider.addEventListener("input", () => { stop(); show(Number(slider.value)); });
    show(at, false);
    const tools = steps.every(([, , kind]) => kind === "image") ? play : null;
    return el("div", { class: "sg-series" }, el("div", { class: "sg-series__tools" }, tools, slider, output, open), stage);
  }

  sitegen.attachmentViews = { ...sitegen.attachmentViews, series, media: (view, file) => player(view.media, file.url, file.name) };
})();

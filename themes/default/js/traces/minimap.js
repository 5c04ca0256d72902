/* The whole trace in 44 px: every span a line, a brush that zooms the waterfall.
 *
 *   sitegen.minimap.inksOf(element) -> { kind: colour, bad }
 *   sitegen.minimap.create(host, model, { onWindow }) -> { show(from_us, to_us), redraw(), stop() }
 * *model* comes from sitegen.waterfall.modelOf. Drag chooses a stretch of time, a double click the whole.
 */
(() => {
  "use strict";
  const LEAST_PX = 4;

  function create(host, model, { onWindow }) {
    const { el } = sitegen.dom;
    const canvas = el("canvas", { class: "sg-minimap__canvas", role: "img",
      "aria-label": `All ${sitegen.format.count(model.count)} spans over ${sitegen.format.duration_ns(model.span_us * 1000)}` });
    const frame = el("div", { class: "sg-minimap__window" },
      el("span", { class: "sg-minimap__handle" }), el("span", { class: "sg-minimap__handle" }));
    const box = el("div", { class: "sg-minimap" }, canvas, frame);
    host.append(box);

    function redraw() {
      const { width, height } = box.getBoundingClientRect();
      if (width === 0) return;
      const ratio = window.devicePixelRatio || 1;
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      const context = canvas.getContext("2d");
      context.scale(ratio, ratio);
      const inks = inksOf(host);
      const step = Math.max(0.25, (height - 6) / model.count);
      const thick = Math.min(3, Math.max(1, step * 0.8));
      for (let at = 0; at < model.count; at += 1) {
        if (model.start[at] === null) continue;
        const left = (model.start[at] / model.axis_us) * width;
        const right = (model.end[at] / model.axis_us) * width;
        context.globalAlpha = model.encloses[at] ? 0.45 : 1;
        context.fillStyle = model.failed[at] ? inks.bad : inks[model.kind[at]];
        context.fillRect(left, 3 + Math.min(step * at, height - 6 - thick), Math.max(1, right - left), thick);
      }
    }

    let from = 0, to = model.axis_us;
    function show(nextFrom, nextTo) {
      [from, to] = [nextFrom, nextTo];
      const left = Math.max(0, from / model.axis_us), right = Math.min(1, to / model.axis_us);
      frame.style.left = `${left * 100}%`;
      frame.style.width = `${Math.max(0.005, right - left) * 100}%`;
      box.classList.toggle("sg-minimap--zoomed", left > 0.001 || right < 0.999);
    }

    let grip = null;
    const timeAt = (event) => {
      const { left, width } = box.getBoundingClientRect();
      return Math.min(1, Math.max(0, (event.clientX - left) / width)) * model.axis_us;
    };
    box.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      const handle = event.target.closest(".sg-minimap__handle");
      const isLeft = handle === frame.firstElementChild;
      grip = handle ? (isLeft ? to : from) : timeAt(event);
      box.setPointerCapture(event.pointerId);
    });
    box.addEventListener("pointermove", (event) => {
      if (grip === null) return;
      const here = timeAt(event), least = (LEAST_PX / box.clientWidth) * model.axis_us;
      if (Math.abs(here - grip) > least) onWindow(Math.min(grip, here), Math.max(grip, here));
    });
    const release = () => { grip = null; };
    box.addEventListener("pointerup", release);
    box.addEventListener("pointercancel", release);
    box.addEventListener("dblclick", () => onWindow(0, model.axis_us));
    const sizes = new ResizeObserver(redraw);
    sizes.observe(box);
    const themes = new MutationObserver(redraw);
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    const scheme = window.matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", redraw);
    show(0, model.axis_us);
    function stop() {
      sizes.disconnect();
      themes.disconnect();
      scheme.removeEventListener("change", redraw);
    }
    return { show, redraw, stop };
  }

  function inksOf(host) {
    const style = getComputedStyle(host);
    const kinds = "llm tool retriever embedding reranker guardrail evaluator agent chain prompt unknown".split(" ");
    const inks = Object.fromEntries(kinds.map((kind) => [kind, style.getPropertyValue(`--span-${kind}`).trim()]));
    return { ...inks, bad: style.getPropertyValue("--bad").trim() };
  }

  sitegen.minimap = { create, inksOf };
})();

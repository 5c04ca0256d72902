/* The view of a picture: fitted to the panel, enlarged by buttons, keys, Ctrl and the wheel, moved by dragging.
 *
 *   sitegen.attachmentViews.image(view, file) -> element
 *   sitegen.zoomable(img, name) -> element: the frame with its buttons around an <img>
 * Keys in the frame: + and - by a step, 0 fitted, 1 its own size, arrows scroll.
 */
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});
  const STEP = 1.5, LEAST = 0.05, MOST = 32, CRISP_FROM = 3, SMALL = 128;

  function zoomable(img, name) {
    const { el } = sitegen.dom;
    const frame = el("div", { class: "sg-zoom__frame", tabindex: "0", role: "group", "aria-label": `${name}: + and - enlarge, 0 fits, 1 is its own size` }, img);
    const output = el("output", { class: "sg-zoom__scale" });
    let scale = null; // null: fitted

    const natural = () => img.naturalWidth || Number(img.getAttribute("width")) || img.clientWidth || 1;
    const fitted = () => img.clientWidth / natural();

    /** Zooms to `next`, the point (x, y) of the frame staying where it is. */
    function zoom(next, x = frame.clientWidth / 2, y = frame.clientHeight / 2) {
      const before = scale ?? fitted();
      scale = next === null ? null : Math.min(MOST, Math.max(LEAST, next));
      const left = (frame.scrollLeft + x) / before, top = (frame.scrollTop + y) / before;
      frame.classList.toggle("sg-zoom__frame--free", scale !== null);
      img.classList.toggle("sg-zoom__picture--crisp", (scale ?? 0) >= CRISP_FROM);
      img.style.width = scale === null ? "" : `${natural() * scale}px`;
      if (scale !== null) frame.scrollTo(left * scale - x, top * scale - y);
      show();
    }

    function show() {
      output.textContent = `${Math.round((scale ?? fitted()) * 100)} %`;
    }

    const keys = {
      "+": () => zoom((scale ?? fitted()) * STEP), "=": () => zoom((scale ?? fitted()) * STEP),
      "-": () => zoom((scale ?? fitted()) / STEP), 0: () => zoom(null), 1: () => zoom(1),
    };
    frame.addEventListener("keydown", (event) => {
      if (!keys[event.key] || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      keys[event.key]();
    });
    frame.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return; // a plain wheel scrolls
      event.preventDefault();
      const box = frame.getBoundingClientRect();
      zoom((scale ?? fitted()) * (event.deltaY < 0 ? 1.2 : 1 / 1.2), event.clientX - box.left, event.clientY - box.top);
    }, { passive: false });

    const fault = el("p", { class: "sg-notice sg-notice--warn", role: "status", hidden: true, text: "The browser cannot draw this picture: the file may be cut or damaged." });
    let drag = null;
    frame.addEventListener("pointerdown", (event) => {
      if (scale === null || event.pointerType !== "mouse" || event.button !== 0) return;
      drag = { x: event.clientX + frame.scrollLeft, y: event.clientY + frame.scrollTop };
      frame.setPointerCapture(event.pointerId);
    });
    frame.addEventListener("pointermove", (event) => {
      if (drag) frame.scrollTo(drag.x - event.clientX, drag.y - event.clientY);
    });
    for (const name of ["pointerup", "pointercancel"]) frame.addEventListener(name, () => { drag = null; });
    img.addEventListener("dragstart", (event) => event.preventDefault());
    // A thumbnail is enlarged by a whole factor, so that there is something to see.
    img.addEventListener("load", () => {
      fault.hidden = true; // another picture of the series
      img.hidden = false;
      if (scale === null && img.naturalWidth && img.naturalWidth <= SMALL) zoom(Math.min(8, Math.floor(2 * SMALL / img.naturalWidth)));
      else show();
    });

    img.addEventListener("error", () => {
      fault.hidden = false;
      img.hidden = true;
      output.textContent = "";
    });
    const button = (label, title, run) => el("button", { type: "button", class: "sg-button sg-button--small", title, "aria-label": title, text: label, on: { click: run } });
    return el("div", { class: "sg-zoom" },
      el("div", { class: "sg-zoom__tools" },
        button("−", "Smaller", keys["-"]), output, button("+", "Larger", keys["+"]),
        button("Fit", "Fit to the page", keys[0]), button("1:1", "Its own size", keys[1])),
      fault, frame);
  }

  function image(view, file) {
    const isSvg = view.source.startsWith("data:image/svg+xml;base64,");
    const img = sitegen.dom.el("img", {
      class: `sg-zoom__picture${isSvg ? " sg-zoom__picture--paper" : ""}`,
      src: isSvg ? view.source : file.url, alt: file.name, width: view.width, height: view.height, draggable: "false",
    });
    return zoomable(img, file.name);
  }

  sitegen.zoomable = zoomable;
  sitegen.attachmentViews = { ...sitegen.attachmentViews, image };
})();

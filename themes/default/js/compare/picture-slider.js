/* Two pictures over each other with a line between them that moves; or beside each other, or their difference.
 *
 *   sitegen.pictureSlider({ before, after, names: [left, right], label }) -> element; before, after: addresses
 * The line is a range input, so that keys move it; a drag on the pictures moves it too. What is right of it is `after`.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const MODES = [["slider", "Slider"], ["sides", "Side by side"], ["difference", "Difference"]];

  sitegen.pictureSlider = ({ before, after, names, label }) => {
    const picture = (src, name, side) => el("img", { class: `sg-slider__picture sg-slider__picture--${side}`, src, alt: `${label} of ${name}`, draggable: "false", loading: "lazy" });
    const [left, right] = [picture(before, names[0], "before"), picture(after, names[1], "after")];
    const line = el("span", { class: "sg-slider__line", "aria-hidden": "true" });
    const stage = el("div", { class: "sg-slider__stage" }, el("figure", {}, left, el("figcaption", { class: "sg-second", text: names[0] })), el("figure", {}, right, el("figcaption", { class: "sg-second", text: names[1] })), line);
    const range = el("input", { class: "sg-range sg-slider__range", type: "range", min: "0", max: "100", step: "1", value: "50", "aria-label": `${label}: how much of ${names[0]} is shown` });
    const sizes = el("span", { class: "sg-muted sg-second" });
    const frame = el("div", { class: "sg-slider", data: { mode: "slider" } });

    function place() {
      const isSlider = frame.dataset.mode === "slider";
      right.style.clipPath = isSlider ? `inset(0 0 0 ${range.value}%)` : "";
      line.style.left = `${(Number(range.value) / 100) * right.clientWidth}px`;
      line.hidden = !isSlider;
      range.hidden = !isSlider;
    }
    function follow(event) {
      const box = right.getBoundingClientRect();
      range.value = String(Math.round(((event.clientX - box.left) / box.width) * 100));
      place();
    }
    stage.addEventListener("pointerdown", (event) => {
      if (frame.dataset.mode !== "slider") return;
      stage.setPointerCapture(event.pointerId);
      follow(event);
    });
    stage.addEventListener("pointermove", (event) => { if (stage.hasPointerCapture(event.pointerId)) follow(event); });
    range.addEventListener("input", place);
    for (const one of [left, right]) one.addEventListener("load", () => {
      sizes.textContent = [left, right].filter(({ naturalWidth }) => naturalWidth > 0).map(({ naturalWidth, naturalHeight }) => `${naturalWidth} × ${naturalHeight}`).join(" and ");
      const width = `${Math.max(left.naturalWidth, right.naturalWidth)}px`;
      left.style.width = width;
      right.style.width = width;
      range.style.width = `${right.clientWidth || right.naturalWidth}px`;
      place();
    });

    const buttons = MODES.map(([mode, text]) => el("button", { type: "button", class: "sg-segments__segment", "aria-pressed": String(mode === "slider"), text, on: { click: () => {
      frame.dataset.mode = mode;
      for (const [at, [name]] of MODES.entries()) buttons[at].setAttribute("aria-pressed", String(name === mode));
      place();
    } } }));
    frame.append(el("div", { class: "sg-toolbar" }, el("div", { class: "sg-segments", role: "group", "aria-label": `View of ${label}` }, buttons), sizes), stage, range);
    return frame;
  };
})();

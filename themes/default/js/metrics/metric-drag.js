/* A grip by which a pinned chart (metric-pins.js) is dragged to another place, or moved by the arrow keys.
 *
 *   sitegen.metricDrag.grip(tab, chart) -> button; the style sheet shows it among several pinned charts
 *
 * The dragged figure stays where it is in the document, or the browser would let go of the pointer: those between it
 * and the one under the pointer go to its other side.
 */
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const KEYS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

  const EDGE = 48; // px from the window's edge, where it scrolls
  const SCROLL = 24;

  const figuresOf = ({ pins }) => [...pins.charts.children];

  function makeRoom(tab, figure, { clientX, clientY }) {
    const down = clientY < EDGE ? -1 : clientY > window.innerHeight - EDGE ? 1 : 0;
    if (down) window.scrollBy(0, down * SCROLL);
    const all = figuresOf(tab), from = all.indexOf(figure);
    const to = all.findIndex((one) => one !== figure && one.contains(document.elementFromPoint(clientX, clientY)));
    if (to < 0) return;
    if (to > from) figure.before(...all.slice(from + 1, to + 1));
    else figure.after(...all.slice(to, from));
  }

  function drag(tab, { figure }, grip, event) {
    if (event.button !== 0) return;
    event.preventDefault(); // of text
    grip.focus();
    grip.setPointerCapture(event.pointerId);
    figure.classList.add("sg-chart--dragged");
    const before = figuresOf(tab), end = new AbortController();
    const stop = (isDone) => {
      end.abort();
      figure.classList.remove("sg-chart--dragged");
      if (isDone) sitegen.metricPins.keep(figuresOf(tab).map((one) => one.dataset.metric));
      else tab.pins.charts.append(...before);
      grip.focus();
    };
    const on = (target, type, listener) => target.addEventListener(type, listener, { signal: end.signal });
    on(grip, "pointermove", (moved) => makeRoom(tab, figure, moved));
    on(grip, "pointerup", () => stop(true));
    on(grip, "pointercancel", () => stop(false));
    on(window, "keydown", (pressed) => pressed.key === "Escape" && stop(false));
  }

  function grip(tab, chart) {
    const { name } = chart, { button } = sitegen.chartActions;
    const found = button("grip", `Move ${name}: drag it, or press an arrow key`, () => {});
    found.classList.add("sg-chart__grip");
    found.addEventListener("pointerdown", (event) => drag(tab, chart, found, event));
    found.addEventListener("keydown", (event) => {
      if (!KEYS[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      sitegen.metricPins.move(name, KEYS[event.key]);
      found.focus();
    });
    return found;
  }

  sitegen.metricDrag = { grip };
})();

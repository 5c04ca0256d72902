/* A small line through a few values, as the server draws them (sitegen/pages/figures.py: spark).
 *
 *   sitegen.spark.element(values, { goal, label, width = 84, height = 20 }) -> svg, or null without a finite value
 * The best value by the goal is marked, without a goal the last; values that are not finite are triangles on top.
 */
(() => {
  "use strict";
  const MARGIN = 3, MOST_FAULTS = 20;
  const decimal = (value) => String(Math.round(value * 10) / 10);

  function best(values, finite, goal) {
    if (goal !== "minimize" && goal !== "maximize") return finite.at(-1);
    const sign = goal === "minimize" ? 1 : -1;
    return finite.reduce((found, at) => (sign * values[at] < sign * values[found] ? at : found));
  }

  function element(values, { goal = null, label, width = 84, height = 20 }) {
    const { svg } = sitegen.dom;
    const finite = [...values.keys()].filter((at) => Number.isFinite(values[at]));
    if (finite.length === 0) return null;
    const low = Math.min(...finite.map((at) => values[at])), high = Math.max(...finite.map((at) => values[at]));
    const half = high / 2 - low / 2, last = values.length - 1;
    const x = (at) => decimal(MARGIN + (last > 0 ? at / last : 0.5) * (width - 2 * MARGIN));
    const y = (value) => decimal(height - MARGIN - (half > 0 ? (value / 2 - low / 2) / half : 0.5) * (height - 2 * MARGIN));
    let d = "", isOpen = false;
    values.forEach((value, at) => {
      if (!Number.isFinite(value)) { isOpen = false; return; }
      d += `${isOpen ? "L" : "M"}${x(at)} ${y(value)}`;
      if (!isOpen && !Number.isFinite(values[at + 1])) d += `L${x(at)} ${y(value)}`;
      isOpen = true;
    });
    const marked = best(values, finite, goal);
    const faults = [...values.keys()].filter((at) => !Number.isFinite(values[at])).slice(0, MOST_FAULTS);
    return svg("svg", { class: "sg-spark s1", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
      svg("path", { class: "sg-line", d }),
      faults.map((at) => svg("path", { class: "sg-fill bad", transform: `translate(${x(at)} 0)`, d: "M-3 0h6l-3 4Z" })),
      svg("circle", { class: "sg-fill", cx: x(marked), cy: y(values[marked]), r: 2.5 }));
  }

  sitegen.spark = { element };
})();

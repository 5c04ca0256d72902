/* One row of the waterfall: indent, fold button, kind, name, marks, tokens, bar. Cells by textContent only.
 *
 *   sitegen.waterfallRow(view, index of the span, index of the row) -> element
 *   sitegen.axisTicks(from, to, about) -> round times in between
 */
(() => {
  "use strict";
  const DEEPEST = 14, INDENT = 18, CHARACTER_PX = 6.5;

  function axisTicks(from, to, about) {
    const raw = (to - from) / about;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= raw * 0.8) ?? raw;
    const ticks = [];
    for (let tick = Math.ceil(from / step) * step; tick < to && ticks.length < 20; tick += step) ticks.push(tick);
    return ticks;
  }

  function waterfallRow(view, at, index) {
    const { el } = sitegen.dom;
    const { model } = view;
    const isFolded = view.folded.has(at), hasChildren = model.size[at] > 1;
    const row = el("div", {
      class: `sg-waterfall__row${view.isCurrent(at) ? " sg-waterfall__row--selected" : ""}${view.isContext(at) ? " sg-waterfall__row--context" : ""}`, role: "row",
      tabindex: view.isStop(at, index) ? "0" : "-1", "aria-level": model.depth[at] + 1, "aria-label": view.label(at),
      "aria-setsize": model.siblings[at], "aria-posinset": model.position[at], "aria-rowindex": index + 1,
      "aria-selected": String(view.isCurrent(at)), "aria-expanded": hasChildren ? String(!isFolded) : null, data: { index: at },
      on: { click: (event) => (event.target.closest("[data-fold]") ? view.fold(at) : view.open(at)) },
    }, nameCell(view, at, { hasChildren, isFolded }),
    el("span", { class: "sg-waterfall__tokens", role: "gridcell", text: model.tokens[at] ? sitegen.format.compact(model.tokens[at]) : "" }),
    timeCell(view, at));
    row.style.top = `${index * view.height()}px`;
    return row;
  }

  function nameCell(view, at, { hasChildren, isFolded }) {
    const { el } = sitegen.dom;
    const { model } = view;
    const indent = el("span", { class: "sg-waterfall__indent" });
    indent.style.width = `${Math.min(model.depth[at], DEEPEST) * INDENT}px`;
    return el("span", { class: `sg-waterfall__name${model.failed[at] ? " sg-waterfall__name--failed" : ""}`, role: "gridcell" },
      indent,
      el("span", { class: `sg-waterfall__fold${isFolded ? " sg-waterfall__fold--folded" : ""}`, "aria-hidden": "true", data: hasChildren ? { fold: "" } : {} }),
      model.depth[at] > DEEPEST && el("span", { class: "sg-waterfall__level", text: `level ${model.depth[at]}` }),
      el("span", { class: `sg-swatch sg-span--${model.kind[at]}` }),
      el("span", { class: "sg-waterfall__text", title: model.name[at], text: model.name[at] }),
      model.failed[at] && icon("M8 2.5 14 13H2L8 2.500ZM8 6.500v3M8 11.200v.3", "sg-bad"),
      view.annotated(model.id[at]) && icon("M2.500 3.500h11v7H7l-3 2.500v-2.500H2.500Z", "sg-waterfall__annotated"));
  }

  const icon = (path, more = "") => sitegen.dom.svg("svg", { class: `sg-icon ${more}`, width: 16, height: 16, viewBox: "0 0 16 16",
    "aria-hidden": "true", focusable: "false" }, sitegen.dom.svg("path", { d: path }));

  function timeCell(view, at) {
    const { el } = sitegen.dom;
    const { model } = view;
    const cell = el("span", { class: "sg-waterfall__time", role: "gridcell" });
    if (model.start[at] === null) {
      cell.append(el("span", { class: "sg-waterfall__label", text: "no start recorded" }));
      return cell;
    }
    const [from, to] = view.window();
    const part = (time) => ((time - from) / (to - from)) * 100;
    const left = Math.max(0, part(model.start[at])), right = Math.min(100, part(model.end[at]));
    if (part(model.end[at]) >= 0 && part(model.start[at]) <= 100) {
      const bar = el("span", { class: barClass(view, at) });
      bar.style.left = `${left}%`;
      bar.style.width = `${Math.max(0, right - left)}%`;
      cell.append(bar);
      if (view.hasCritical()) for (const [start, end] of view.critical.get(at) ?? []) cell.append(segment(view, part(start), part(end)) ?? "");
    }
    cell.append(label(view, at, left, right));
    return cell;
  }

  function barClass(view, at) {
    const { model } = view, { MARK } = sitegen.waterfall, mark = model.marks[at];
    return ["sg-waterfall__bar", `sg-span--${model.kind[at]}`, model.failed[at] && "sg-waterfall__bar--failed",
      model.encloses[at] && "sg-waterfall__bar--encloses", mark & MARK.unfinished && "sg-waterfall__bar--unfinished",
      mark & (MARK.skew | MARK.negative) && "sg-waterfall__bar--odd"].filter(Boolean).join(" ");
  }

  function segment(view, from, to) {
    if ((to - from) * view.width() < 150) return null; // below 1.5 px it is a speck, not a stretch
    const line = sitegen.dom.el("span", { class: "sg-waterfall__critical" });
    line.style.left = `${Math.max(0, from)}%`;
    line.style.width = `${Math.max(0, Math.min(100, to) - Math.max(0, from))}%`;
    return line;
  }

  /** The duration after the bar, before it when there is no room, inside it when the bar is all. */
  function label({ model, width, flags }, at, left, right) {
    const odd = flags(at).join(", ");
    const duration = model.duration[at] === null ? "" : sitegen.format.duration_ns(model.duration[at] * 1000);
    const text = [duration, odd].filter(Boolean).join(" ");
    const element = sitegen.dom.el("span", { class: `sg-waterfall__label${model.failed[at] ? " sg-bad" : ""}`, title: odd || null },
      duration, odd && sitegen.dom.el("span", { class: "sg-waterfall__flag", text: ` ${odd}` }));
    const need = ((text.length * CHARACTER_PX + 12) / width()) * 100;
    if (100 - right > need) element.style.left = `calc(${Math.max(0, right)}% + 6px)`;
    else if (left > need) element.style.right = `calc(${100 - Math.min(left, 100)}% + 6px)`;
    else {
      element.style.right = "4px";
      element.classList.add("sg-waterfall__label--inside");
    }
    return element;
  }

  Object.assign(sitegen, { waterfallRow, axisTicks });
})();

/* One trace as flames: depth downwards, time to the right, on a canvas that draws what is in sight.
 *
 *   sitegen.flame.create(host, model, { onSelect(index, isOpening), onZoom(from_us, to_us) }) ->
 *     { element, use("flame" | "merged"), select(index), zoomTo(), setWindow(from_us, to_us), setMatches(…), setCritical(flag), stop() }
 * Boxes are those of flame-boxes.js. One tab stop: ↑ ↓ go to the parent and the first child, ← → to siblings, Home to the root,
 * Enter opens the panel. What is pointed at or chosen is told in the line above, and to screen readers.
 */
(() => {
  "use strict";
  const LANE = 20, PAD = 4, CHARACTER_PX = 6, LEAST_TEXT = 24;

  function create(host, model, { onSelect, onZoom }) {
    const { el } = sitegen.dom;
    const canvas = el("canvas", { class: "sg-flame__canvas", "aria-hidden": "true" });
    const space = el("div", { class: "sg-flame__space" }, canvas);
    const element = el("div", { class: "sg-flame__body", tabindex: "0", role: "application", "aria-roledescription": "flame view" }, space);
    const said = el("p", { class: "sg-flame__said sg-second" });
    const key = (name) => [el("kbd", { class: "sg-kbd", text: name }), " "];
    const keys = el("p", { class: "sg-flame__keys sg-traces__keys" }, ["↑", "↓", "←", "→"].map(key), "move ", key("Enter"), "open ", key("z"), "zoom");
    host.append(el("div", { class: "sg-flame__head" }, said, keys), element);
    const known = {}, critical = new Map();
    for (const [at, from, to] of model.payload.critical) critical.set(at, [...(critical.get(at) ?? []), [from, to]]);
    let form = "flame", boxes = null, inks = null, current = -1, hovered = -1, matches = null, hit = null, hasCritical = true;
    let shared = [0, model.axis_us], own = null; // what is in sight by time, and merged

    const sight = () => (form === "merged" ? own ?? [0, boxes.axis_us] : shared);
    function use(next) {
      form = next;
      boxes = known[form] ??= form === "merged" ? sitegen.flameBoxes.merged(model) : sitegen.flameBoxes.byTime(model);
      [own, hovered] = [null, -1];
      space.style.height = `${boxes.lanes * LANE}px`;
      element.setAttribute("aria-label", `${form === "merged" ? "Spans merged by name" : "Spans by time"}, ${many(boxes.count, "box", "boxes")} in ${many(boxes.lanes, "lane", "lanes")}`);
      mark();
      draw();
      tell();
    }

    function mark() {
      hit = matches === null ? null : new Uint8Array(boxes.count);
      if (hit !== null) matches.forEach((one, at) => { if (one === 1 && boxes.boxOf[at] >= 0) hit[boxes.boxOf[at]] = 1; });
    }

    function draw() {
      const { clientWidth: width, clientHeight: height } = element;
      if (boxes === null || width === 0) return;
      const ratio = window.devicePixelRatio || 1, context = canvas.getContext("2d");
      canvas.style.height = `${height}px`;
      [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
      context.scale(ratio, ratio);
      inks ??= { ...sitegen.minimap.inksOf(host), ...more(host) };
      context.font = inks.font;
      context.textBaseline = "middle";
      const top = element.scrollTop, last = Math.min(boxes.lanes, Math.ceil((top + height) / LANE));
      for (let lane = Math.floor(top / LANE); lane < last; lane += 1) drawLane(context, lane, lane * LANE - top, width);
    }

    function drawLane(context, lane, y, width) {
      const [from, to] = sight(), scale = width / (to - from);
      const members = boxes.byLane[lane];
      let drawn = -1; // the last pixel that is covered: thousands of spans within it are one
      for (let at = 0; at < members.length && boxes.from[members[at]] <= to; at += 1) {
        const box = members[at], end = Math.min(boxes.to[box], boxes.from[members[at + 1]] ?? Infinity); // the next one covers it
        if (end < from) continue;
        const left = Math.max(0, (boxes.from[box] - from) * scale), right = Math.min(width, (end - from) * scale);
        const isMarked = box === current || box === hovered;
        if (right - left < 1 && Math.floor(left) === drawn && !isMarked) continue;
        drawn = Math.floor(left);
        drawBox(context, box, left, y, Math.max(1, right - left), isMarked);
        if (hasCritical && form === "flame") drawCritical(context, box, y, from, scale, width);
      }
    }

    function drawBox(context, box, left, y, wide, isMarked) {
      const at = boxes.span[box], ink = boxes.failed[box] > 0 ? inks.bad : inks[model.kind[at]], faint = hit !== null && hit[box] === 0 ? 0.3 : 1;
      context.fillStyle = ink;
      context.globalAlpha = (isMarked ? 0.55 : 0.3) * faint;
      context.fillRect(left, y + 1, wide > 3 ? wide - 1 : wide, LANE - 2);
      context.globalAlpha = faint;
      context.fillRect(left, y + 1, Math.min(2, wide), LANE - 2);
      if (box === current) {
        context.strokeStyle = inks.accent;
        context.lineWidth = 2;
        context.strokeRect(left + 1, y + 2, Math.max(1, wide - 3), LANE - 4);
      }
      if (wide >= LEAST_TEXT) {
        const room = Math.floor((wide - 2 * PAD) / CHARACTER_PX), name = model.name[at];
        context.fillStyle = inks.fg;
        context.globalAlpha = faint === 1 ? 1 : 0.6;
        context.fillText(name.length <= room ? name : `${name.slice(0, room - 1)}…`, left + PAD + 1, y + LANE / 2, wide - 2 * PAD);
      }
      context.globalAlpha = 1;
    }

    function drawCritical(context, box, y, from, scale, width) {
      context.fillStyle = inks.fg;
      for (const [start, end] of critical.get(boxes.span[box]) ?? []) {
        const left = Math.max(0, (start - from) * scale), right = Math.min(width, (end - from) * scale);
        if (right - left >= 1.5) context.fillRect(left, y + LANE - 2, right - left, 1.5);
      }
    }

    function label(box) {
      const { format } = sitegen, at = boxes.span[box], count = boxes.spans[box], failed = boxes.failed[box];
      const time = (us) => format.duration_ns(us * 1000), whole = form === "merged" ? boxes.axis_us : model.span_us;
      return [model.name[at], count > 1 && `${format.count(count)} spans`, model.duration[at] === null && form === "flame" ? "unfinished" : time(boxes.total_us[box]),
        `self ${time(boxes.own_us[box])}`, whole > 0 && format.percent(boxes.total_us[box] / whole), failed > 0 && (count === 1 ? "error" : `${format.count(failed)} ${failed === 1 ? "error" : "errors"}`),
      ].filter(Boolean).join(" · ");
    }
    function tell() {
      const box = hovered >= 0 ? hovered : current;
      said.textContent = box >= 0 ? label(box) : about();
    }
    /** What the widths are, and what has none. */
    function about() {
      const left = boxes.boxOf.reduce((sum, one) => sum + (one < 0 ? 1 : 0), 0);
      if (form === "merged") return boxes.total_us.every((one) => one === 0) ? "No span records how long it took." : "Width: time in which spans worked themselves, those of one name together.";
      if (boxes.count === 0) return "No span records when it started: the tree has them all.";
      return `Width: time from start to end; spans that ran at once stand below each other.${left > 0 ? ` Without ${many(left, "span that has", "spans that have")} no start.` : ""}`;
    }

    /** Mark the box and bring it into sight. */
    function go(box) {
      current = box;
      const y = boxes.lane[box] * LANE, [from, to] = sight();
      if (y < element.scrollTop || y + LANE > element.scrollTop + element.clientHeight) element.scrollTop = Math.max(0, y - element.clientHeight / 2);
      if (boxes.to[box] < from || boxes.from[box] > to) show(0, boxes.axis_us);
      draw();
      tell();
    }
    function show(from, to) {
      if (form === "flame") onZoom(from, to);
      else {
        own = [from, to];
        draw();
      }
    }
    function zoomTo() {
      const [from, to] = sight(), box = current;
      const isZoomed = from > 0 || to < boxes.axis_us;
      if (isZoomed || box < 0) show(0, boxes.axis_us);
      else show(boxes.from[box], Math.max(boxes.to[box], boxes.from[box] + boxes.axis_us / 1e6));
    }
    const choose = (box, isOpening) => {
      if (box < 0) return;
      go(box);
      sitegen.dom.announce(label(box));
      onSelect(boxes.span[box], isOpening);
      if (current !== box) go(box); // of merged spans the panel shows the longest
    };

    function boxUnder(event) {
      const { left, top, width } = element.getBoundingClientRect(), [from, to] = sight();
      const lane = Math.floor((event.clientY - top + element.scrollTop) / LANE), time = from + ((event.clientX - left) / width) * (to - from);
      const least = ((to - from) / width) * 2;
      let best = -1;
      for (const box of boxes.byLane[lane] ?? []) {
        if (boxes.from[box] - least <= time && time <= boxes.to[box] + least && (best < 0 || boxes.from[box] <= time)) best = box;
      }
      return best;
    }
    function point(box) {
      if (box === hovered) return;
      hovered = box;
      element.classList.toggle("sg-flame__body--pointed", box >= 0);
      window.requestAnimationFrame(draw);
      tell();
    }
    element.addEventListener("pointermove", (event) => point(boxUnder(event)));
    element.addEventListener("pointerleave", () => point(-1));
    element.addEventListener("click", (event) => choose(boxUnder(event), true));
    element.addEventListener("dblclick", (event) => { if (boxUnder(event) === current) zoomTo(); });
    element.addEventListener("scroll", () => window.requestAnimationFrame(draw), { passive: true });
    element.addEventListener("keydown", (event) => {
      const near = (column) => () => choose(current < 0 ? 0 : boxes[column][current], false);
      const run = { ArrowUp: near("parent"), ArrowDown: near("first"), ArrowLeft: near("previous"), ArrowRight: near("next"), Home: () => choose(0, false), Enter: () => choose(Math.max(current, 0), true) }[event.key];
      if (run === undefined || event.ctrlKey || event.metaKey || event.altKey || boxes.count === 0) return;
      event.preventDefault();
      run();
    });
    const sizes = new ResizeObserver(draw);
    sizes.observe(element);
    const redraw = () => { inks = null; draw(); };
    const themes = new MutationObserver(redraw);
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    const scheme = window.matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", redraw);
    return {
      element, use, zoomTo,
      select(at) { if (boxes !== null && boxes.boxOf[at] >= 0 && boxes.boxOf[at] !== current) go(boxes.boxOf[at]); },
      setWindow(from, to) { shared = [from, to]; draw(); },
      setMatches(given) { matches = given; if (boxes !== null) { mark(); draw(); } },
      setCritical(flag) { hasCritical = flag; draw(); },
      stop() { sizes.disconnect(); themes.disconnect(); scheme.removeEventListener("change", redraw); },
    };
  }

  const many = (count, one, several) => `${sitegen.format.count(count)} ${count === 1 ? one : several}`;

  function more(host) {
    const style = getComputedStyle(host), ink = (name) => style.getPropertyValue(name).trim();
    return { fg: ink("--fg"), accent: ink("--accent"), font: `${ink("--size-small") || "11px"} ${style.fontFamily}` };
  }

  sitegen.flame = { create };
})();

/* One trace as a tree with bars on a time axis; above 300 rows only those in sight exist.
 *
 *   sitegen.waterfall.modelOf(payload) -> columns with start and end in µs, sizes of subtrees
 *   sitegen.waterfall.create(host, model, { onSelect(index, isOpening), annotated }) ->
 *     { select(index), setWindow(from_us, to_us), setMatches(Uint8Array or null), setCritical(flag), nextError(), … }
 * Rows are role=row of a treegrid with one tab stop: arrows move, ← → fold, Enter opens the panel.
 * Marks are those of sitegen/derive/traces/spans.py.
 */
(() => {
  "use strict";
  const MARK = { parentMissing: 1, cycle: 2, skew: 4, negative: 8, unfinished: 16, noStart: 32, exception: 64 };
  const ENCLOSING = new Set(["agent", "chain", "prompt", "unknown"]);
  const VIRTUAL_FROM = 300, OVER = 5, ROOM = 1.16;

  function modelOf(payload) {
    const { names, name, id, parent, depth, kind, status, marks, tokens, start_us: start, duration_us: duration } = payload.columns;
    const count = id.length, span_us = payload.duration_us ?? 0;
    const end = start.map((from, at) => (from === null ? null : duration[at] === null ? Math.max(span_us, from) : from + duration[at]));
    const size = new Array(count).fill(1), position = [], siblings = [], perParent = new Map();
    for (let at = count - 1; at > 0; at -= 1) if (parent[at] >= 0) size[parent[at]] += size[at];
    for (let at = 0; at < count; at += 1) {
      position.push((perParent.get(parent[at]) ?? 0) + 1);
      perParent.set(parent[at], position[at]);
    }
    for (let at = 0; at < count; at += 1) siblings.push(perParent.get(parent[at]));
    return {
      payload, count, span_us, axis_us: Math.max(span_us * ROOM, 0.001), id, parent, depth, kind, marks, tokens, start, duration, end, size,
      position, siblings, name: name.map((at) => names[at] || "(no name)"),
      failed: status.map((code) => code === 2), encloses: kind.map((one, at) => ENCLOSING.has(one) && size[at] > 1),
    };
  }

  function words(model, at) {
    const { format } = sitegen, mark = model.marks[at];
    return [model.name[at], model.kind[at], model.duration[at] === null ? null : format.duration_ns(model.duration[at] * 1000),
      model.failed[at] && "error", ...flags(mark), model.tokens[at] ? `${format.count(model.tokens[at])} tokens` : null].filter(Boolean).join(", ");
  }
  function flags(mark) {
    return [mark & MARK.parentMissing && "parent not in file", mark & MARK.cycle && "its own ancestor", mark & MARK.skew && "outside its parent",
      mark & MARK.negative && "negative duration", mark & MARK.unfinished && "unfinished", mark & MARK.noStart && "no start",
      mark & MARK.exception && "exception"].filter(Boolean);
  }

  function create(host, model, { onSelect, annotated }) {
    const { el, clear } = sitegen.dom;
    const folded = new Set(), critical = new Map();
    for (const [at, from, to] of model.payload.critical) critical.set(at, [...(critical.get(at) ?? []), [from, to]]);
    const place = new Int32Array(model.count).fill(-1); // row of each span, -1 where it is folded or filtered away
    let matched = null, rows = [], current = -1, from = 0, to = model.axis_us, keep = null, hasCritical = true, height = 26, width = 600;
    const axis = el("div", { class: "sg-waterfall__axis", "aria-hidden": "true" });
    const grid = el("div", { class: "sg-waterfall__grid", "aria-hidden": "true" });
    const space = el("div", { class: "sg-waterfall__space", role: "rowgroup" });
    const body = el("div", { class: "sg-waterfall__body" }, grid, space);
    const head = el("div", { class: "sg-waterfall__head", role: "row" }, el("span", { role: "columnheader", text: "Span" }),
      el("span", { role: "columnheader", class: "sg-waterfall__tokens", text: "Tokens" }), el("span", { role: "columnheader", "aria-label": "Time" }, axis));
    const table = el("div", { class: "sg-waterfall", role: "treegrid", "aria-label": "Spans" }, head, body);
    host.append(table);

    function refresh() {
      rows = [];
      place.fill(-1);
      for (let at = 0; at < model.count; at += 1) {
        if (keep !== null && keep[at] === 0) continue;
        place[at] = rows.push(at) - 1;
        if (folded.has(at) && keep === null) at += model.size[at] - 1;
      }
      table.setAttribute("aria-rowcount", rows.length);
      body.classList.toggle("sg-waterfall__body--virtual", rows.length > VIRTUAL_FROM);
      draw();
    }

    function draw() {
      const isVirtual = rows.length > VIRTUAL_FROM;
      height = Number.parseFloat(getComputedStyle(table).getPropertyValue("--span-row")) || 26;
      const first = isVirtual ? Math.max(0, Math.floor(body.scrollTop / height) - OVER) : 0;
      const last = isVirtual ? Math.min(rows.length, Math.ceil((body.scrollTop + body.clientHeight) / height) + OVER) : rows.length;
      width = grid.lastElementChild?.clientWidth || width;
      const hadFocus = space.contains(document.activeElement);
      space.style.height = `${rows.length * height}px`;
      grid.style.height = space.style.height;
      clear(space);
      for (let index = first; index < last; index += 1) space.append(sitegen.waterfallRow(view, rows[index], index));
      if (rows.length === 0) space.append(el("p", { class: "sg-waterfall__none", role: "status", text: "No span matches." }));
      if (hadFocus) (rowOf(current) ?? space.querySelector("[tabindex='0']"))?.focus({ preventScroll: true });
    }
    const rowOf = (at) => space.querySelector(`[data-index="${at}"]`);

    function drawAxis() {
      clear(axis);
      clear(grid);
      const ticks = sitegen.axisTicks(from, to, 5);
      const lines = el("div", { class: "sg-waterfall__lines" });
      for (const tick of ticks) {
        const left = `${((tick - from) / (to - from)) * 100}%`;
        const label = el("span", { class: "sg-waterfall__tick", hidden: (tick - from) / (to - from) > 0.92, text: sitegen.format.duration_ns(tick * 1000) });
        const line = el("span", { class: "sg-waterfall__line" });
        label.style.left = line.style.left = left;
        axis.append(label);
        lines.append(line);
      }
      grid.append(lines);
    }

    function select(at, { isOpening = false, focus = false } = {}) {
      if (at < 0 || at >= model.count) return;
      for (let up = model.parent[at]; up >= 0; up = model.parent[up]) folded.delete(up);
      if (keep !== null && keep[at] === 0) keep = matched = null;
      current = at;
      if (place[at] < 0) refresh();
      else draw();
      const index = place[at], isVirtual = rows.length > VIRTUAL_FROM;
      if (isVirtual && (index * height < body.scrollTop || (index + 1) * height > body.scrollTop + body.clientHeight)) {
        body.scrollTop = Math.max(0, index * height - body.clientHeight / 2);
        draw();
      }
      if (!isVirtual && focus) rowOf(at)?.scrollIntoView({ block: "nearest" });
      if (focus) rowOf(at)?.focus({ preventScroll: true });
      onSelect(at, isOpening);
    }
    const move = (by) => {
      const index = Math.min(rows.length - 1, Math.max(0, (current < 0 ? -1 : Math.max(0, place[current])) + by));
      if (rows.length > 0) select(rows[index], { focus: true });
    };
    function fold(at, isFolded = !folded.has(at)) {
      if (model.size[at] === 1) return;
      if (isFolded) folded.add(at);
      else folded.delete(at);
      refresh();
    }
    const left = () => (current >= 0 && model.size[current] > 1 && !folded.has(current) ? fold(current, true) : model.parent[current] >= 0 && select(model.parent[current], { focus: true }));
    const right = () => (current < 0 ? move(1) : folded.has(current) ? fold(current, false) : model.size[current] > 1 && select(current + 1, { focus: true }));
    function nextError() {
      for (let step = 1; step <= model.count; step += 1) {
        const at = (Math.max(current, -1) + step) % model.count;
        if (model.failed[at]) return select(at, { isOpening: true, focus: true });
      }
      return sitegen.dom.announce("No span failed.");
    }
    function setWindow(nextFrom, nextTo) {
      const least = model.axis_us / 1e6;
      [from, to] = nextTo - nextFrom < least ? [nextFrom, nextFrom + least] : [nextFrom, nextTo];
      drawAxis();
      draw();
    }
    /** The spans that match (Uint8Array; null: all) with those above them. */
    function setMatches(matches) {
      matched = matches;
      keep = matches === null ? null : new Uint8Array(model.count);
      if (matches !== null) {
        for (let at = 0; at < model.count; at += 1) {
          if (matches[at] === 1) for (let up = at; up >= 0 && keep[up] === 0; up = model.parent[up]) keep[up] = 1;
        }
      }
      refresh();
    }
    function setCritical(flag) {
      hasCritical = flag;
      draw();
    }
    const view = {
      model, folded, critical, annotated, fold, flags: (at) => flags(model.marks[at]), label: (at) => words(model, at),
      isCurrent: (at) => at === current, isContext: (at) => matched !== null && matched[at] === 0, isStop: (at, index) => (current < 0 || place[current] < 0 ? index === 0 : at === current),
      window: () => [from, to], hasCritical: () => hasCritical, height: () => height, width: () => width,
      open: (at) => select(at, { isOpening: true, focus: true }),
    };
    table.addEventListener("keydown", (event) => {
      const run = { ArrowDown: () => move(1), ArrowUp: () => move(-1), ArrowLeft: left, ArrowRight: right, Home: () => move(-model.count),
        End: () => move(model.count), PageDown: () => move(20), PageUp: () => move(-20), Enter: () => view.open(Math.max(current, 0)) }[event.key];
      if (run === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      run();
    });
    body.addEventListener("scroll", () => rows.length > VIRTUAL_FROM && window.requestAnimationFrame(draw), { passive: true });
    drawAxis();
    refresh();
    const sizes = new ResizeObserver(draw);
    sizes.observe(table);
    return { select, move, nextError, setWindow, setMatches, setCritical, draw, window: () => [from, to], current: () => current,
      find: (id) => model.id.indexOf(id), element: table, stop: () => sizes.disconnect() };
  }

  sitegen.waterfall = { create, modelOf, flags, MARK };
})();

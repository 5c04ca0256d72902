/* Where each span stands in a flame view: by time, or merged by name as in a profile.
 *
 *   sitegen.flameBoxes.byTime(model), .merged(model) ->
 *     { count, lanes, axis_us, from, to, lane, parent, span, spans, total_us, own_us, failed, boxOf, byLane, first, next, previous }
 * Columns by box; *span* is the one that a box opens, *spans* how many it stands for, *boxOf* the box of each span or -1.
 * By time spans that ran at once stand in lanes below each other; beyond 64 lanes beside each other they
 * cover each other. Merged, spans of one name under the same names are one box as wide as the time in which they and those below them worked.
 */
(() => {
  "use strict";
  const MOST_BESIDE = 64;

  function columns(count) {
    const integers = () => new Int32Array(count).fill(-1), numbers = () => new Float64Array(count);
    return { count, lanes: 0, axis_us: 0, from: numbers(), to: numbers(), lane: integers(), parent: integers(), span: integers(), spans: new Int32Array(count),
      total_us: numbers(), own_us: numbers(), failed: new Int32Array(count), first: integers(), next: integers(), previous: integers(), byLane: [], boxOf: null };
  }

  function byTime(model) {
    const own = sitegen.traceSearch.ownTimes(model), started = model.start.reduce((sum, one) => sum + (one === null ? 0 : 1), 0);
    const boxes = columns(started), boxOf = new Int32Array(model.count).fill(-1), until = [];
    let box = 0;
    for (let at = 0; at < model.count; at += 1) {
      if (model.start[at] === null) continue;
      boxOf[at] = box;
      boxes.parent[box] = model.parent[at] < 0 ? -1 : boxOf[model.parent[at]];
      [boxes.from[box], boxes.to[box], boxes.span[box], boxes.spans[box]] = [model.start[at], model.end[at], at, 1];
      [boxes.total_us[box], boxes.own_us[box], boxes.failed[box]] = [model.end[at] - model.start[at], own[at] ?? 0, model.failed[at] ? 1 : 0];
      boxes.lane[box] = freeLane(until, boxes.parent[box] < 0 ? 0 : boxes.lane[boxes.parent[box]] + 1, model.start[at]);
      until[boxes.lane[box]] = Math.max(until[boxes.lane[box]] ?? 0, model.end[at]);
      box += 1;
    }
    return finished(boxes, boxOf, model.axis_us, Array.from(boxes.from, (_, one) => one));
  }

  /** The first lane from *base* on that is free at *start*, else the one that is free soonest. */
  function freeLane(until, base, start) {
    let best = base;
    for (let lane = base; lane < base + MOST_BESIDE; lane += 1) {
      if ((until[lane] ?? 0) <= start || until[lane] === undefined) return lane;
      if (until[lane] < until[best]) best = lane;
    }
    return best;
  }

  function merged(model) {
    const own = sitegen.traceSearch.ownTimes(model), { names, name } = model.payload.columns;
    const boxOf = new Int32Array(model.count), known = new Map(), longest = [], parents = [];
    for (let at = 0; at < model.count; at += 1) {
      const up = model.parent[at] < 0 ? -1 : boxOf[model.parent[at]], key = (up + 1) * names.length + name[at];
      if (!known.has(key)) {
        known.set(key, parents.length);
        parents.push(up);
        longest.push(at);
      }
      const box = known.get(key);
      boxOf[at] = box;
      if ((model.duration[at] ?? 0) > (model.duration[longest[box]] ?? 0)) longest[box] = at;
    }
    const boxes = columns(parents.length);
    boxes.parent.set(parents);
    boxes.span.set(longest);
    for (let at = 0; at < model.count; at += 1) {
      boxes.spans[boxOf[at]] += 1;
      boxes.own_us[boxOf[at]] += own[at] ?? 0;
      boxes.failed[boxOf[at]] += model.failed[at] ? 1 : 0;
    }
    for (let box = boxes.count - 1; box >= 0; box -= 1) {
      boxes.total_us[box] += boxes.own_us[box];
      if (boxes.parent[box] >= 0) boxes.total_us[boxes.parent[box]] += boxes.total_us[box];
    }
    const order = Array.from(boxes.parent, (_, box) => box).sort((a, b) => boxes.parent[a] - boxes.parent[b] || boxes.total_us[b] - boxes.total_us[a] || a - b);
    const filled = new Float64Array(boxes.count + 1); // of the axis and of each box, from its start; parents have lower numbers
    for (const box of order) {
      const up = boxes.parent[box];
      boxes.from[box] = (up < 0 ? 0 : boxes.from[up]) + filled[up + 1];
      boxes.to[box] = boxes.from[box] + boxes.total_us[box];
      boxes.lane[box] = up < 0 ? 0 : boxes.lane[up] + 1;
      filled[up + 1] += boxes.total_us[box];
    }
    return finished(boxes, boxOf, Math.max(filled[0], 0.001), order);
  }

  /** *boxes* with what is found by lane and by neighbour; siblings stand in *order*. */
  function finished(boxes, boxOf, axis_us, order) {
    const last = new Int32Array(boxes.count + 1).fill(-1);
    for (const box of order) {
      const up = boxes.parent[box] + 1;
      (boxes.byLane[boxes.lane[box]] ??= []).push(box);
      boxes.previous[box] = last[up];
      if (last[up] >= 0) boxes.next[last[up]] = box;
      else if (up > 0) boxes.first[up - 1] = box;
      last[up] = box;
    }
    for (const lane of boxes.byLane) lane.sort((a, b) => boxes.from[a] - boxes.from[b] || a - b);
    return Object.assign(boxes, { boxOf, axis_us, lanes: boxes.byLane.length });
  }

  sitegen.flameBoxes = { byTime, merged };
})();

/* Spans of one trace that meet a condition or hold a text: names and columns at once, attributes and messages as their files come.
 *
 *   sitegen.traceSearch(slug, trace) -> { fields() -> names, words(name), find(match, names, onFound) -> stop() }
 *   onFound(Uint8Array of 1 where a span matches, { files, of }) is called for the columns and after each file of details
 * Fields: name kind status duration_ms start_ms own_ms tokens depth children id marks, and every attribute by its key, or as
 * attributes.<key>. A text is looked for in the name and id, then in attributes, messages and events.
 */
(() => {
  "use strict";
  const OWN = ["name", "kind", "status", "duration_ms", "start_ms", "own_ms", "tokens", "depth", "children", "id", "marks"];
  const STATUS = ["unset", "ok", "error"];
  const MOST_KEYS = 200;

  /** Time of each span in which no child of its ran, in µs; children stand by start. */
  function ownTimes({ count, parent, start, end, duration }) {
    const covered = new Float64Array(count), until = Float64Array.from(start, (one) => one ?? 0);
    for (let at = 0; at < count; at += 1) {
      const up = parent[at];
      if (up < 0 || start[at] === null || duration[at] === null) continue;
      const from = Math.max(start[at], until[up]), to = Math.min(end[at], end[up] ?? end[at]);
      if (to > from) { covered[up] += to - from; until[up] = to; }
    }
    return duration.map((one, at) => (one === null ? undefined : Math.max(0, one - covered[at])));
  }

  function traceSearch(slug, trace) {
    const { model, payload } = trace, { fold } = sitegen.filter, { searchText } = sitegen.filter;
    const children = new Int32Array(model.count), keys = new Set();
    for (const up of model.parent) if (up >= 0) children[up] += 1;
    let own = null;
    const names = payload.columns.names.map(searchText);
    const columns = {
      name: (at) => model.name[at], kind: (at) => model.kind[at], status: (at) => STATUS[payload.columns.status[at]],
      duration_ms: (at) => (model.duration[at] === null ? undefined : model.duration[at] / 1000),
      start_ms: (at) => (model.start[at] === null ? undefined : model.start[at] / 1000),
      own_ms: (at) => { const one = (own ??= ownTimes(model))[at]; return one === undefined ? undefined : one / 1000; },
      tokens: (at) => model.tokens[at] ?? undefined, depth: (at) => model.depth[at], children: (at) => children[at], id: (at) => model.id[at],
      marks: (at) => sitegen.waterfall.flags(model.marks[at]),
    };

    function attributeOf(detail, name) {
      const key = name.startsWith("attributes.") ? name.slice(11) : name;
      const pair = detail.attributes.find(([one]) => one === key);
      if (pair === undefined) return undefined;
      return pair[1] !== null && typeof pair[1] === "object" ? sitegen.traceData.textOf(pair[1]) : pair[1];
    }
    const textOf = (detail) => searchText(JSON.stringify([detail.attributes, detail.events, detail.status[1], detail.llm.messages ?? ""]).replaceAll(/\\+["nt]/g, " "));

    function find(match, asked, onFound) {
      const found = new Uint8Array(model.count);
      let isStopped = false, at = 0, detail = null;
      const probe = {
        lookup: (name) => (columns[name] ? columns[name](at) : detail === null ? undefined : attributeOf(detail, name)),
        get search() { return detail === null ? `${names[payload.columns.name[at]]} ${fold(model.id[at])}` : textOf(detail); },
      };
      const isInDetails = asked.length === 0 || asked.some((name) => !OWN.includes(name));
      if (!isInDetails || asked.length === 0) for (at = 0; at < model.count; at += 1) found[at] = match(probe) ? 1 : 0;
      const places = isInDetails ? payload.details : [];
      onFound(found, { files: 0, of: places.length });
      (async () => {
        for (const [number, [file, first]] of places.entries()) {
          const { entries } = await sitegen.store.get(`${slug}/${file}`);
          if (isStopped) return;
          const end = places[number + 1]?.[1] ?? model.count;
          for (at = first; at < end; at += 1) {
            detail = entries[`${trace.id}/${at}`];
            if (keys.size < MOST_KEYS) for (const [key] of detail.attributes) keys.add(key);
            if (found[at] === 0 && match(probe)) found[at] = 1;
          }
          onFound(found, { files: number + 1, of: places.length });
        }
      })().catch((error) => { if (!isStopped) onFound(found, { files: 0, of: 0, error }); });
      return () => { isStopped = true; };
    }
    return { find, fields: () => [...OWN, ...keys], words: (name) => (name === "kind" ? [...new Set(model.kind)] : name === "status" ? STATUS : name === "name" ? payload.columns.names : []) };
  }

  sitegen.traceSearch = Object.assign(traceSearch, { ownTimes });
})();

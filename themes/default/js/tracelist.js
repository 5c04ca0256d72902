/* The list of all traces beside the tree: search, order, errors only; only the rows in sight exist.
 *
 *   sitegen.tracelist.create(root, { open }) -> Promise of { first(), open(traceId), find(traceId), move(by) }
 * *root* is [data-traces]: data-slug, data-lists (JSON: names of data files), data-total; inside it
 * [data-role=list], [data-role=count], #traces-search, #traces-sort, [data-role=errors-only], and the
 * server's table, whose rows say sample and annotations. A list file holds the columns id, name, start_us,
 * duration_us, spans, errors, tokens, cost_usd, estimated_cost_usd, file.
 */
(() => {
  "use strict";
  const OVER = 10;
  const COLUMNS = ["id", "name", "start_us", "duration_us", "spans", "errors", "tokens", "cost_usd", "estimated_cost_usd", "file"];

  async function create(root, { open }) {
    const names = JSON.parse(root.dataset.lists);
    const parts = await Promise.all(names.map((name) => sitegen.store.get(`${root.dataset.slug}/${name}`)));
    const rows = parts.flatMap((part) => part.id.map((_, at) =>
      Object.fromEntries(COLUMNS.map((column) => [column, part[column][at]]))));
    addServerFacts(root, rows);
    return listOf(root, rows, open);
  }

  function addServerFacts(root, rows) {
    const known = new Map([...root.querySelectorAll("#traces-table tbody tr")].map((row) => [row.dataset.key, row]));
    for (const row of rows) {
      const { sample = "", sampleHref = "", annotations = "", search } = known.get(row.id)?.dataset ?? {};
      Object.assign(row, { sample, sampleHref, annotations, text: search ?? `${row.name} ${row.id}`.toLowerCase() });
    }
  }

  const late = (value) => value ?? Number.MAX_SAFE_INTEGER;
  const down = (key) => (a, b) => (b[key] ?? -1) - (a[key] ?? -1);
  const ORDERS = {
    worst: (a, b) => (b.errors > 0) - (a.errors > 0) || down("duration_us")(a, b),
    start: (a, b) => late(a.start_us) - late(b.start_us),
    duration: down("duration_us"),
    tokens: down("tokens"),
    spans: down("spans"),
    name: (a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)),
  };

  function listOf(root, rows, open) {
    const { el, clear } = sitegen.dom;
    const part = (name) => root.querySelector(`[data-role=${name}]`);
    const list = part("list"), search = root.querySelector("#traces-search");
    const sort = root.querySelector("#traces-sort"), only = part("errors-only");
    const space = el("div", { class: "sg-tracelist__space" });
    const byId = new Map(rows.map((row) => [row.id, row]));
    let shown = [], current = null, height = 52;
    list.append(space);

    function apply() {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      shown = rows.filter((row) => (!only.checked || row.errors > 0) && words.every((word) => row.text.includes(word)));
      shown.sort((a, b) => (ORDERS[sort.value] ?? ORDERS.worst)(a, b) || late(a.start_us) - late(b.start_us));
      const { count } = sitegen.format;
      part("count").textContent = shown.length === rows.length
        ? `${count(rows.length)} ${rows.length === 1 ? "trace" : "traces"}`
        : `${count(shown.length)} of ${count(rows.length)} traces`;
      draw();
    }

    function draw() {
      const bottom = list.clientHeight || 600;
      const from = Math.max(0, Math.floor(list.scrollTop / height) - OVER);
      const to = Math.min(shown.length, Math.ceil((list.scrollTop + bottom) / height) + OVER);
      space.style.height = `${shown.length * height}px`;
      clear(space);
      for (let at = from; at < to; at += 1) space.append(rowOf(shown[at], at));
      if (shown.length === 0) space.append(el("p", { class: "sg-tracelist__none" }, "No trace matches. ",
        el("button", { type: "button", class: "sg-link", on: { click: reset } }, "Show all")));
      const id = current === null ? "" : `trace-option-${shown.indexOf(current)}`;
      list.setAttribute("aria-activedescendant", document.getElementById(id) ? id : "");
    }

    function reset() {
      search.value = "";
      only.checked = false;
      apply();
    }

    function costOf({ cost_usd: recorded, estimated_cost_usd: estimated }) {
      if (recorded !== null) return sitegen.format.money(recorded);
      return estimated === null ? "" : `≈ ${sitegen.format.money(estimated)}`;
    }

    function rowOf(row, at) {
      const { format } = sitegen;
      const isCurrent = row === current;
      const element = el("div", {
        class: `sg-tracelist__row${isCurrent ? " sg-tracelist__row--selected" : ""}`,
        role: "option", id: `trace-option-${at}`, "aria-selected": String(isCurrent),
        "aria-setsize": shown.length, "aria-posinset": at + 1, data: { key: row.id },
        on: { click: (event) => event.target.closest("a") || open(row) },
      },
      el("span", { class: "sg-tracelist__name", title: row.name, text: row.name || "(no name)" }),
      row.errors > 0 && el("span", { class: "sg-tracelist__errors", text: `${format.count(row.errors)} ${row.errors === 1 ? "error" : "errors"}` }),
      el("span", { class: "sg-tracelist__duration", text: row.duration_us === null ? "" : format.duration_ns(row.duration_us * 1000) }),
      el("span", { class: "sg-tracelist__under" },
        row.sample && el("a", { class: "sg-mono sg-tracelist__sample", href: row.sampleHref, text: row.sample }),
        el("span", { text: `${format.count(row.spans)} ${row.spans === 1 ? "span" : "spans"}` }),
        row.tokens !== null && el("span", { text: `${format.compact(row.tokens)} tokens` }),
        row.annotations && el("span", { class: "sg-tracelist__annotations", text: row.annotations })),
      el("span", { class: "sg-tracelist__cost", text: costOf(row) }));
      element.style.top = `${at * height}px`;
      return element;
    }

    function select(row) {
      current = row;
      const at = shown.indexOf(row);
      const top = at * height;
      if (at >= 0 && (top < list.scrollTop || top + height > list.scrollTop + list.clientHeight)) {
        list.scrollTop = Math.max(0, top - list.clientHeight / 3);
      }
      draw();
    }

    function move(by) {
      const at = shown.indexOf(current);
      const row = shown[Math.min(shown.length - 1, Math.max(0, at + by))];
      if (row) open(row);
    }

    list.addEventListener("keydown", (event) => {
      const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -rows.length, End: rows.length }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      move(by);
    });
    list.addEventListener("scroll", () => window.requestAnimationFrame(draw), { passive: true });
    new ResizeObserver(() => {
      height = Number.parseFloat(getComputedStyle(list).getPropertyValue("--row-two")) || 52;
      draw();
    }).observe(list);
    search.addEventListener("input", apply);
    sort.addEventListener("change", apply);
    only.addEventListener("change", apply);
    apply();
    return { first: () => shown[0] ?? null, find: (id) => byId.get(id) ?? null, select, move };
  }

  sitegen.tracelist = { create };
})();

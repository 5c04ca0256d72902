/* The list of traces beside the tree, in the order and with the filter of their table; only the rows in sight exist.
 *
 *   sitegen.tracelist.create(root, { open, enter, step }) -> Promise of { first(), find(traceId), select(row), move(by), grid }
 * *root* is [data-traces]; inside it [data-role=list], [data-role=view] (list or table: `view=table` in the URL) and
 * #traces-table, which js/traces/trace-table.js makes a grid. A row is { id, file, tokens, cost_usd, estimated_cost_usd, sample, … }.
 */
(() => {
  "use strict";
  const OVER = 10;
  const FIELDS = ["id", "name", "file", "spans", "errors", "tokens", "duration_s", "started_at", "cost_usd", "estimated_cost_usd", "session", "sample", "annotations"];

  async function create(root, { open, enter, step }) {
    const table = root.querySelector("#traces-table"), grid = sitegen.grid.get(table);
    await grid.frame.load(["name"]);
    root.querySelector("[data-role=table]").append(grid.holder);
    const list = listOf(root, grid, { open, enter, step });
    grid.isStarted = true;
    await grid.follow();
    viewOf(root, grid);
    return list;
  }

  function viewOf(root, grid) {
    const button = root.querySelector("[data-role=view]");
    const follow = () => {
      const isTable = sitegen.state.get("view") === "table";
      const was = root.classList.toggle("sg-traces--table", isTable);
      button.setAttribute("aria-pressed", String(was));
      if (isTable) grid.redraw();
    };
    button.addEventListener("click", () => sitegen.state.set({ tab: "traces", view: sitegen.state.get("view") === "table" ? null : "table" }));
    sitegen.state.onChange((_, keys) => keys.includes("view") && follow());
    document.addEventListener("sg:tab", () => sitegen.state.get("view") === "table" && sitegen.dom.isShown(grid.element) && grid.redraw());
    follow();
  }

  function listOf(root, grid, { open, enter, step }) {
    const { el, clear } = sitegen.dom, { frame } = grid;
    const list = root.querySelector("[data-role=list]");
    const space = el("div", { class: "sg-tracelist__space" });
    const made = new Map();
    let shown = grid.found, current = null, height = 52;
    list.append(space);

    function rowAt(index) {
      if (!made.has(index)) {
        const row = Object.fromEntries(FIELDS.map((name) => [name, frame.value(name, index) ?? null]));
        made.set(index, { ...row, index, sampleHref: grid.said(index).sample_href ?? "" });
      }
      return made.get(index);
    }

    function draw() {
      const bottom = list.clientHeight || 600;
      const from = Math.max(0, Math.floor(list.scrollTop / height) - OVER);
      const to = Math.min(shown.length, Math.ceil((list.scrollTop + bottom) / height) + OVER);
      space.style.height = `${shown.length * height}px`;
      clear(space);
      for (let at = from; at < to; at += 1) space.append(rowOf(rowAt(shown[at]), at));
      const id = current === null ? "" : `trace-option-${shown.indexOf(current.index)}`;
      list.setAttribute("aria-activedescendant", document.getElementById(id) ? id : "");
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
      el("span", { class: "sg-tracelist__name", title: row.name, text: row.name }),
      row.errors > 0 && el("span", { class: "sg-tracelist__errors", text: `${format.count(row.errors)} ${row.errors === 1 ? "error" : "errors"}` }),
      el("span", { class: "sg-tracelist__duration", text: row.duration_s === null ? "" : format.duration_s(row.duration_s) }),
      el("span", { class: "sg-tracelist__under" },
        row.sample && el("a", { class: "sg-mono sg-tracelist__sample", href: row.sampleHref, tabindex: "-1", text: row.sample }),
        el("span", { text: `${format.count(row.spans)} ${row.spans === 1 ? "span" : "spans"}` }),
        row.tokens !== null && el("span", { text: `${format.compact(row.tokens)} tokens` }),
        row.annotations && el("span", { class: "sg-tracelist__annotations", text: row.annotations })),
      el("span", { class: "sg-tracelist__cost", text: costOf(row) }));
      element.style.top = `${at * height}px`;
      return element;
    }

    function select(row) {
      current = row;
      const at = shown.indexOf(row.index), top = at * height;
      if (at >= 0 && (top < list.scrollTop || top + height > list.scrollTop + list.clientHeight)) {
        list.scrollTop = Math.max(0, top - list.clientHeight / 3);
      }
      draw();
    }
    function move(by) {
      const at = current === null ? -1 : shown.indexOf(current.index);
      const index = shown[Math.min(shown.length - 1, Math.max(0, at + by))];
      if (index !== undefined) step(rowAt(index));
    }
    function find(id) {
      const index = grid.rowOf(id);
      return index === null ? null : rowAt(index);
    }

    list.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && shown.length > 0) {
        event.preventDefault();
        enter(current ?? rowAt(shown[0]));
        return;
      }
      const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -frame.n, End: frame.n }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      move(by);
    });
    list.addEventListener("scroll", () => window.requestAnimationFrame(draw), { passive: true });
    grid.element.addEventListener("sg:said", () => {
      made.clear();
      if (current !== null) current = rowAt(current.index);
    });
    grid.element.addEventListener("sg:rows", () => { shown = grid.found; draw(); });
    grid.element.addEventListener("click", ({ target }) => {
      const tr = target.closest("tbody tr[data-key]");
      if (tr === null || target.closest("a, button, input")) return;
      const row = find(tr.dataset.key);
      if (row !== null) open(row);
    });
    new ResizeObserver(() => {
      height = Number.parseFloat(getComputedStyle(list).getPropertyValue("--row-two")) || 52;
      draw();
    }).observe(list);
    return { first: () => (shown.length > 0 ? rowAt(shown[0]) : null), find, select, move, grid, rowAt };
  }

  sitegen.tracelist = { create };
})();

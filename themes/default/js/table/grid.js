/* The one table of the site for runs and samples: rows as data, of which only those in view are elements.
 *
 * Markup: <div class="sg-table-frame"><table class="sg-table" id="runs-table" data-grid data-noun="run"
 *   data-noun-plural="runs" data-total="1000" [data-state-prefix="samples"] [data-select-key="runs"]> with the rows that
 *   the server wrote, which stay until the data is there; <script type="application/json" data-grid-for="runs-table">
 *   with the schema (sitegen/pages/grid.py). Elsewhere: [data-filter-for], [data-count-for], [data-sort-for],
 *   [data-columns-for], [data-group-for], [data-differ-for], [data-export-for].
 * Hash keys, with the prefix if there is one: filter sort (`a:desc,b:asc`) columns pin group fold widths differ baseline.
 * data-grid="later" waits for sitegen.grid.enhance(element).
 *   sitegen.grid.get(element) -> grid: { frame, rows(), entries(), setMatch(match, text, names), narrow(name, test),
 *     selected(), select(keys), keyOf(row), fieldValue(name, row), columnOf(name), refresh(), … }
 *   sitegen.grid.extend(fn(grid)) before `ready`. Events on the table: sg:rows { shown }, sg:selection { keys }, sg:grid (taken over).
 */
(() => {
  "use strict";
  const grids = new Map(), extensions = [];
  const MOST_WRITTEN = 500; // rows that the server writes, whose numbers it rounds alike
  const ALWAYS = ["key", "url", "name", "id", "status", "user", "tags", "parent", "marks", "errors"];

  function make(element) {
    const script = document.querySelector(`[data-grid-for="${CSS.escape(element.id)}"]`);
    const schema = JSON.parse(script.textContent);
    const byName = new Map(schema.columns.map((column) => [column.name, column]));
    const frame = sitegen.frame(schema);
    const { state } = sitegen, prefix = element.dataset.statePrefix;
    const key = (name) => (prefix ? `${prefix}.${name}` : name);
    const decimals = new Map();
    const grid = {
      element, schema, frame, key, isReady: false,
      noun: element.dataset.noun ?? "row", nouns: element.dataset.nounPlural ?? "rows",
      total: Number(element.dataset.total ?? schema.n),
      holder: element.closest(".sg-table-frame"),
      match: null, filterText: "", searchNames: null, narrowings: new Map(), startOrder: null,
      sort: [], groupBy: [], isTree: false, folded: new Set(), shownNames: [], pinned: new Set(), widths: new Map(),
      baseline: schema.baseline,
      columnOf: (name) => byName.get(name) ?? null,
      columns: () => grid.shownNames.map((name) => byName.get(name)),
      keyOf: (row) => frame.value("key", row) ?? String(row),
      rowOf: (wanted) => grid.rowByKey().get(wanted) ?? null,
      rows: () => grid.found, entries: () => grid.lines,
      fieldValue: (name, row) => fieldValue(grid, name, row),
      searchText: (row) => searchText(grid, row),
      decimals(column) {
        if (!decimals.has(column.name)) decimals.set(column.name, decimalsOf(grid, column));
        return decimals.get(column.name);
      },
      latestYear: () => grid.year ??= latestYear(frame),
      setMatch: (match, text = "", names = []) => applyMatch(grid, match, text, names),
      narrow(name, test) { if (test === null) grid.narrowings.delete(name); else grid.narrowings.set(name, test); update(grid); },
      refresh: () => update(grid), redraw: () => redraw(grid), recolumn: () => recolumn(grid), follow: () => follow(grid), start: () => start(grid),
      set: (changes) => state.set(Object.fromEntries(Object.entries(changes).map(([name, value]) => [key(name), value]))),
      get: (name, fallback = null) => state.get(key(name), fallback),
      list: (name) => state.list(key(name)),
      found: new Uint32Array(0), lines: [],
    };
    let keyed = null;
    grid.rowByKey = () => keyed ??= new Map(Array.from({ length: frame.n }, (_, row) => [grid.keyOf(row), row]));
    grid.forgetKeys = () => { keyed = null; };
    return grid;
  }

  /** What the filter reads: times as RFC 3339 to the second, as `--select` does; everything else as it is. */
  function fieldValue(grid, name, row) {
    const value = grid.frame.value(name, row);
    if (typeof value !== "number" || grid.columnOf(name)?.kind !== "time") return value;
    const moment = new Date(Math.floor(value / 1000) * 1000);
    return Number.isNaN(moment.getTime()) ? undefined : moment.toISOString().replace(".000Z", "Z");
  }
  const SEARCHED = ["name", "id", "status", "user", "tags"];
  function searchText(grid, row) {
    const texts = grid.searched ??= new Map();
    if (!texts.has(row)) {
      const names = grid.searchFields ?? SEARCHED;
      const words = names.map((name) => grid.frame.value(name, row)).filter((value) => value !== undefined && value !== null);
      texts.set(row, sitegen.filter.searchText(words.flat().join(" ")));
    }
    return texts.get(row);
  }
  function decimalsOf({ frame }, { name }) {
    const values = [];
    for (let row = 0; row < Math.min(frame.n, MOST_WRITTEN); row += 1) {
      const value = frame.value(name, row);
      if (typeof value === "number") values.push(value);
    }
    return sitegen.format.columnDecimals(values);
  }
  function latestYear(frame) {
    let latest = -Infinity;
    for (let row = 0; row < frame.n; row += 1) {
      const end = (frame.value("started_at", row) ?? -Infinity) + 1000 * (frame.value("duration_s", row) ?? 0);
      if (end > latest) latest = end;
    }
    return new Date(latest).getUTCFullYear();
  }

  // State
  const SORT = /^(.*):(asc|desc)$/s;
  function readSort(grid, texts) {
    return texts.map((text) => SORT.exec(text)).filter((found) => found !== null && grid.columnOf(found[1]) !== null)
      .map(([, name, direction]) => ({ name, direction }));
  }
  function readState(grid) {
    const { schema } = grid, known = (names) => names.filter((name) => grid.columnOf(name) !== null);
    const standard = schema.columns.filter((column) => column.is_shown).map(({ name }) => name);
    const fixed = schema.columns.filter((column) => column.is_fixed).map(({ name }) => name);
    const chosen = grid.get("columns") === null ? standard : [...new Set([...fixed, ...known(grid.list("columns"))])];
    grid.sort = readSort(grid, grid.list("sort"));
    grid.isTree = grid.get("group") === "tree";
    grid.groupBy = grid.isTree ? [] : known(grid.list("group"));
    grid.folded = new Set(grid.list("fold"));
    grid.pinned = new Set([...fixed, ...known(grid.list("pin"))]);
    grid.standardNames = standard;
    grid.chosenNames = [...chosen.filter((name) => grid.pinned.has(name)), ...chosen.filter((name) => !grid.pinned.has(name))];
    grid.widths = new Map(grid.list("widths").map((text) => /^(.*):(\d+)$/s.exec(text))
      .filter((found) => found !== null).map(([, name, px]) => [name, Math.max(40, Number(px))]));
    grid.isDiffering = grid.get("differ") !== null;
    const baseline = grid.get("baseline") ?? schema.baseline;
    if (baseline !== grid.baseline) { grid.baseline = baseline; sitegen.gridDelta?.forget(grid); }
  }

  /** All names whose data the present state reads. */
  function wanted(grid) {
    const shown = grid.chosenNames.filter((name) => !grid.lazy?.(name));
    const names = new Set([...ALWAYS, ...shown, ...grid.sort.map(({ name }) => name), ...grid.groupBy,
      ...(grid.isTree ? ["id", "parent"] : []), ...(grid.matchNames ?? [])]);
    return [...names].flatMap((name) => grid.frame.needs(name));
  }

  let turn = 0;
  async function follow(grid) {
    readState(grid);
    const mine = grid.turn = ++turn;
    const text = grid.get("filter", "");
    try {
      await grid.frame.load(wanted(grid));
    } catch (error) {
      if (!("reason" in error)) throw error;
      if (mine === grid.turn) sitegen.gridNotes.complain(grid, error);
      return;
    }
    if (mine !== grid.turn) return;
    grid.notice?.remove();
    if (!grid.isReady) takeOver(grid);
    if (grid.box && grid.box.value().trim() !== text) grid.box.set(text);
    update(grid);
  }
  function takeOver(grid) {
    grid.isReady = true;
    grid.onReady?.(grid);
    sitegen.gridBody.takeOver(grid);
    grid.element.dispatchEvent(new CustomEvent("sg:grid", { bubbles: true }));
  }

  // Filter
  function attachFilter(grid) {
    const input = document.querySelector(`[data-filter-for="${CSS.escape(grid.element.id)}"]`);
    if (input === null) return;
    grid.filterInput = input;
    grid.box = sitegen.filter.box(input, {
      fields: () => grid.frame.names(),
      onChange(match, text, names) {
        grid.set({ filter: text });
        applyMatch(grid, match, text, names);
      },
    });
    sitegen.filter.complete?.(input, { fields: () => grid.frame.names(),
      values: async (name) => { await grid.frame.load(grid.frame.needs(name)); return grid.frame.words(name); } });
  }
  async function applyMatch(grid, match, text, names) {
    const isSearch = match !== null && names.length === 0;
    grid.matchNames = isSearch ? grid.searchFields ?? [] : names;
    const mine = grid.matchTurn = (grid.matchTurn ?? 0) + 1;
    if (isSearch && grid.beforeSearch) {
      try { await grid.beforeSearch(text); } catch (error) {
        if (!("reason" in error)) throw error;
        sitegen.gridNotes.complain(grid, error);
      }
    }
    const needed = grid.matchNames.flatMap((name) => grid.frame.needs(name));
    if (!needed.every((name) => grid.frame.isLoaded(name))) {
      sitegen.gridNotes.say(grid, "Loading the columns");
      try { await grid.frame.load(needed); } catch (error) {
        if (!("reason" in error)) throw error;
        sitegen.gridNotes.complain(grid, error);
        return;
      }
      grid.searched = null;
    }
    if (mine !== grid.matchTurn) return;
    Object.assign(grid, { match, filterText: text });
    if (grid.isReady) update(grid);
  }

  // What is shown
  function update(grid) {
    if (!grid.isReady) return;
    grid.found = sitegen.gridView.rows(grid);
    grid.lines = sitegen.gridView.entries(grid, grid.found);
    redraw(grid);
    sitegen.gridNotes.show(grid);
    grid.element.dispatchEvent(new CustomEvent("sg:rows", { bubbles: true, detail: { shown: grid.found.length } }));
  }
  /** The same rows in other columns. */
  function redraw(grid) {
    if (!grid.isReady) return;
    grid.shownNames = sitegen.gridColumns.visible(grid);
    sitegen.gridHead.draw(grid);
    sitegen.gridBody.draw(grid);
  }

  /** The same rows as elements too, a few columns less or more. */
  function recolumn(grid) {
    if (!grid.isReady) return;
    const before = grid.shownNames;
    grid.shownNames = sitegen.gridColumns.visible(grid);
    sitegen.gridHead.draw(grid);
    sitegen.gridBody.recolumn(grid, before);
  }

  /** Once the table is seen: hidden ones load nothing. */
  function start(grid) {
    if (grid.isStarted || !sitegen.dom.isShown(grid.element)) return;
    grid.isStarted = true;
    follow(grid);
  }

  function enhance(element) {
    if (grids.has(element)) return grids.get(element);
    const grid = make(element);
    grids.set(element, grid);
    readState(grid);
    for (const extend of extensions) extend(grid);
    attachFilter(grid);
    const keys = ["filter", "sort", "columns", "pin", "group", "fold", "widths", "differ", "baseline"].map(grid.key);
    sitegen.state.onChange((all, changed) => {
      if (!grid.isStarted || !changed.some((name) => keys.includes(name))) return;
      if (changed.every((name) => name === grid.key("filter")) && grid.box?.value().trim() === grid.get("filter", "")) return;
      follow(grid);
    });
    document.addEventListener("sg:tab", () => start(grid));
    start(grid);
    return grid;
  }

  sitegen.grid = { enhance, get: (element) => grids.get(element) ?? null, all: () => [...grids.values()],
    extend: (run) => extensions.push(run) };
  sitegen.dom.ready(() => {
    for (const element of document.querySelectorAll("table[data-grid]:not([data-grid=later])")) enhance(element);
  });
})();

/* Tables that the server wrote (up to 500 rows): sort, filter, count, all in the URL.
 *
 * Markup (whole in docs of the theme): <table class="sg-table" id="runs-table" data-table data-noun="run"
 *   data-noun-plural="runs" data-total="64" [data-order="started_at:desc"] [data-state-prefix="samples"]>
 *   <th scope="col" data-col="metrics.loss" [data-type="number"] [data-first="desc"] [data-no-sort]>
 *   <tr data-key="3fa9c1d2e0" [data-search="text"] [data-fields='{"status":"failed"}']>, <td data-value="0.3">
 * Elsewhere: <input data-filter-for="runs-table">, <output data-count-for="runs-table">.
 * Order: by data-value, else text; NaN, then missing last both ways; a third press gives the server's order.
 * Hash keys filter, sort (`col:desc`), with data-state-prefix `samples.filter` …
 *   sitegen.table.enhance(element) · sitegen.table.get(element) -> { element, rows, columns, shown(),
 *     setMatch(fn), narrow(name, fn), apply(), key(name), … } (event sg:clear: undo what narrows) · sitegen.table.extend(fn(table)), before `ready`
 */
(() => {
  "use strict";
  const tables = new Map(), extensions = [];
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  function rowOf(element, index) {
    let fields = null, search = null;
    return {
      element, index, key: element.dataset.key ?? String(index),
      get fields() { return fields ??= JSON.parse(element.dataset.fields || "{}"); },
      get search() {
        return search ??= sitegen.filter.searchText(element.dataset.search ?? element.textContent);
      },
    };
  }

  function enhance(element) {
    if (tables.has(element)) return tables.get(element);
    const head = element.tHead.rows[element.tHead.rows.length - 1];
    const table = {
      element, body: element.tBodies[0], head,
      rows: [...element.tBodies[0].rows].map(rowOf),
      columns: [...head.cells].filter((th) => th.dataset.col !== undefined)
        .map((th) => ({ th, name: th.dataset.col, label: th.textContent.trim(), isNumber: th.dataset.type === "number" })),
      noun: element.dataset.noun ?? "row", nouns: element.dataset.nounPlural ?? "rows",
      match: null, filterText: "", sort: null, narrowings: new Map(),
      key: (name) => (element.dataset.statePrefix ? `${element.dataset.statePrefix}.${name}` : name),
      cell: (row, column) => row.element.cells[column.th.cellIndex],
      shown: () => [...table.body.rows].filter((tr) => !tr.hidden && byElement.has(tr))
        .map((tr) => byElement.get(tr)),
      setMatch(match, text = "") { Object.assign(table, { match, filterText: text }); apply(table); },
      /** A further condition besides the filter box, by name: archived ones hidden, a tag chosen. */
      narrow(name, test) { table.narrowings.set(name, test); apply(table); },
      apply: () => apply(table),
    };
    const byElement = new Map(table.rows.map((row) => [row.element, row]));
    tables.set(element, table);
    for (const column of table.columns) if (!column.th.hasAttribute("data-no-sort")) addSortButton(table, column);
    attachFilter(table);
    for (const extend of extensions) extend(table);
    followState(table);
    sitegen.state.onChange((all, keys) => {
      if (["filter", "sort"].some((name) => keys.includes(table.key(name)))) followState(table);
    });
    return table;
  }

  // Order
  function addSortButton(table, column) {
    const { el } = sitegen.dom;
    const button = el("button", { type: "button", class: "sg-table__sort" });
    column.mark = el("span", { class: "sg-table__mark", "aria-hidden": "true" });
    button.append(...column.th.childNodes, column.mark);
    column.th.append(button);
    button.addEventListener("click", () => {
      const first = column.th.dataset.first === "desc" ? "desc" : "asc";
      const other = first === "asc" ? "desc" : "asc";
      const current = table.sort?.name === column.name ? table.sort.direction : null;
      const next = current === null ? first : current === first ? other : null;
      sitegen.state.set({ [table.key("sort")]: next === null ? null : `${column.name}:${next}` });
    });
  }

  function parsedSort(table, text) {
    const at = (text ?? "").lastIndexOf(":");
    const name = (text ?? "").slice(0, at), direction = (text ?? "").slice(at + 1);
    const isKnown = table.columns.some((column) => column.name === name && column.mark);
    return isKnown && ["asc", "desc"].includes(direction) ? { name, direction } : null;
  }

  /** Number or text to sort by; NaN and missing apart, because they stand last both ways. */
  function sortKey(table, row, column) {
    const cell = table.cell(row, column);
    const text = cell?.dataset.value ?? cell?.textContent.trim() ?? "";
    if (text === "") return { rank: 2, value: 0 };
    if (!column.isNumber) return { rank: 0, value: text };
    const value = Number(text);
    return Number.isNaN(value) ? { rank: text === "NaN" ? 1 : 2, value: 0 } : { rank: 0, value };
  }

  function order(table) {
    if (table.sort === null) return [...table.rows];
    const column = table.columns.find(({ name }) => name === table.sort.name);
    const keys = table.rows.map((row) => sortKey(table, row, column));
    const sign = table.sort.direction === "desc" ? -1 : 1;
    const compare = column.isNumber ? (a, b) => (a < b ? -1 : a > b ? 1 : 0) : collator.compare;
    return [...table.rows].sort(({ index: a }, { index: b }) => keys[a].rank - keys[b].rank
      || (keys[a].rank === 0 ? sign * compare(keys[a].value, keys[b].value) : 0) || a - b);
  }

  function showSort(table) {
    const shown = table.sort ?? parsedSort(table, table.element.dataset.order);
    for (const { th, name, mark } of table.columns) {
      if (!mark) continue;
      const direction = shown?.name === name ? shown.direction : null;
      mark.textContent = { asc: "\u00a0▲", desc: "\u00a0▼" }[direction] ?? "";
      if (direction === null) th.removeAttribute("aria-sort");
      else th.setAttribute("aria-sort", direction === "asc" ? "ascending" : "descending");
    }
  }

  // Filter
  function attachFilter(table) {
    const input = document.querySelector(`[data-filter-for="${CSS.escape(table.element.id)}"]`);
    if (input === null) return;
    let names = null;
    table.filterInput = input;
    table.box = sitegen.filter.box(input, {
      fields: () => names ??= [...new Set(table.rows.flatMap((row) => Object.keys(row.fields)))].sort(),
      onChange(match, text) {
        table.setMatch(match, text);
        sitegen.state.set({ [table.key("filter")]: text });
      },
    });
  }

  function followState(table) {
    const text = sitegen.state.get(table.key("filter"), "");
    table.sort = parsedSort(table, sitegen.state.get(table.key("sort")));
    if (table.box && table.box.value().trim() !== text) table.box.set(text);
    reorder(table);
    apply(table);
  }

  function reorder(table) {
    const wanted = order(table);
    const isOrdered = wanted.every((row, at) => table.body.rows[at] === row.element);
    if (!isOrdered) table.body.append(...wanted.map(({ element }) => element));
    showSort(table);
  }

  function apply(table) {
    let shown = 0;
    for (const row of table.rows) {
      const isNarrowedOut = [...table.narrowings.values()].some((test) => !test(row));
      row.element.hidden = isNarrowedOut || (table.match !== null && !table.match(row));
      if (!row.element.hidden) shown += 1;
    }
    showCount(table, shown);
    showNoMatch(table, shown);
    table.element.dispatchEvent(new CustomEvent("sg:rows", { bubbles: true, detail: { shown } }));
  }

  function showCount(table, shown) {
    const { count } = sitegen.format;
    const total = Number(table.element.dataset.total ?? table.rows.length), here = table.rows.length;
    const nouns = total === 1 ? table.noun : table.nouns;
    const text = total > here && shown < here
      ? `${count(shown)} of the ${count(here)} ${table.nouns} shown, ${count(total)} in all`
      : `${count(shown)} of ${count(total)} ${nouns}`;
    for (const output of document.querySelectorAll(`[data-count-for="${CSS.escape(table.element.id)}"]`)) {
      output.textContent = text;
    }
  }

  function showNoMatch(table, shown) {
    const { el } = sitegen.dom;
    table.noMatch?.remove();
    if (shown > 0 || table.rows.length === 0) return;
    const hidden = table.rows.length;
    const press = () => {
      table.element.dispatchEvent(new CustomEvent("sg:clear"));
      (table.box ? table.box.set("") : table.setMatch(null));
      table.filterInput?.focus();
    };
    table.noMatch = el("div", { class: "sg-empty", role: "status" },
      el("p", { class: "sg-empty__title", text: `No ${table.noun} matches.` }),
      el("p", { class: "sg-empty__text" },
        `${sitegen.format.count(hidden)} ${hidden === 1 ? `${table.noun} is` : `${table.nouns} are`} hidden by `,
        table.filterText ? el("code", { text: table.filterText }) : "what is chosen above", ". ",
        el("button", { type: "button", class: "sg-link", text: "Clear the filter", on: { click: press } })));
    (table.element.closest(".sg-table-frame") ?? table.element).after(table.noMatch);
  }

  sitegen.table = {
    enhance,
    get: (element) => tables.get(element) ?? null,
    all: () => [...tables.values()],
    extend: (run) => extensions.push(run),
  };
  sitegen.dom.ready(() => {
    for (const element of document.querySelectorAll("table[data-table]")) enhance(element);
  });
})();

/* The table of all traces as a grid: what people said, samples, cost, and words found in what the spans hold.
 *
 * Markup: templates/tabs/traces.html. Cells: trace-name trace-sample trace-errors trace-cost trace-said.
 *   sitegen.traceWords(slug) -> { find(text) -> Promise of { rows: Set, traces }, null without an index }
 * The index is that of sitegen/derive/traces/words.py: each word of a search is the beginning of words.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const ERRORED = "errors > 0", FIELDS = ["name", "id", "models", "session", "user", "sample", "annotations"];

  // Words
  function traceWords(slug) {
    const key = (part) => `${slug}/trace-words${part}`;
    const parts = new Map();
    async function partOf(at) {
      if (!parts.has(at)) {
        const { words, counts, rows } = await sitegen.store.get(key(`-${at}`));
        parts.set(at, { words: await sitegen.codec.words(words), counts: await sitegen.codec.decode(counts), rows: await sitegen.codec.decode(rows) });
        sitegen.store.drop(key(`-${at}`));
      }
      return parts.get(at);
    }
    async function rowsOf(word, firsts) {
      const found = new Set();
      for (let at = 0; at < firsts.length; at += 1) {
        if ((at + 1 < firsts.length && firsts[at + 1] < word) || firsts[at] > `${word}\uffff`) continue;
        const { words, counts, rows } = await partOf(at);
        for (let index = 0, place = 0; index < words.length; place += counts[index], index += 1) {
          if (words[index].startsWith(word)) for (let one = place; one < place + counts[index]; one += 1) found.add(rows[one]);
        }
      }
      return found;
    }
    async function find(text) {
      if (!sitegen.store.has(key(""))) return null;
      const { firsts, traces } = await sitegen.store.get(key(""));
      const words = (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => word.length > 1);
      if (words.length === 0) return null;
      let rows = null;
      for (const word of words) {
        const those = await rowsOf(word, firsts);
        rows = rows === null ? those : new Set([...rows].filter((row) => those.has(row)));
      }
      return { rows, traces };
    }
    return { find };
  }

  // Cells
  const { define } = sitegen.gridCells;
  define("trace-name", (cell, { grid, row, value }) => {
    cell.classList.add("sg-table__name", "sg-table__lead");
    cell.append(el("a", { href: sitegen.state.href({ tab: "traces", trace: grid.keyOf(row), span: null, view: null, with: null }), title: value, text: value }));
  });
  define("trace-sample", (cell, { grid, row, value }) => {
    if (value !== undefined) cell.append(el("a", { class: "sg-mono", href: grid.said(row).sample_href, text: value }));
  });
  define("trace-errors", (cell, { value }) => {
    cell.dataset.label = "errors";
    if (value > 0) cell.classList.add("sg-bad");
    cell.append(sitegen.format.count(value ?? 0));
  });
  define("trace-cost", (cell, { grid, row, value }) => {
    if (value === undefined) return;
    const isRecorded = grid.frame.value("cost_usd", row) !== undefined;
    cell.title = `$${sitegen.format.exact(value)} ${isRecorded ? "recorded" : "estimated"}`;
    cell.append(`${isRecorded ? "" : "≈ "}${sitegen.format.money(value)}`);
  });
  define("trace-said", (cell, { column, value }) => {
    if (value === undefined) return;
    const isFeedback = column.name.startsWith("feedback.");
    if (isFeedback && typeof value === "boolean") cell.append(el("span", { class: value ? "sg-good" : "sg-bad", text: value ? "✓ yes" : "✗ no" }));
    else cell.append(isFeedback ? String(value) : `expected ${value}`);
  });

  // The grid
  function prepare(grid) {
    const { frame } = grid, root = grid.element.closest("[data-traces]");
    const known = JSON.parse(root.querySelector("script[data-role=said]").textContent);
    const none = {};
    grid.said = (row) => known[frame.value("id", row)] ?? none;
    for (const { name } of grid.schema.columns) {
      if (["sample", "annotations", "since_base"].includes(name) || /^(feedback|expectation)\./.test(name)) frame.define(name, (row) => grid.said(row)[name]);
    }
    frame.define("cost", (row) => frame.value("cost_usd", row) ?? frame.value("estimated_cost_usd", row));
    grid.keyOf = (row) => frame.value("id", row) ?? String(row);
    grid.searchFields = FIELDS.filter((name) => grid.columnOf(name) !== null);
    grid.onReady = () => {
      worstFirst(grid);
      addSamples(grid, root, known).catch((error) => sitegen.gridNotes.complain(grid, error));
    };
    grid.decorate = (tr, { row, group }) => { if (!group) tr.classList.toggle("sg-table__row--selected", grid.keyOf(row) === sitegen.state.get("trace")); };
    searchWords(grid, traceWords(root.dataset.slug));
    tieErrors(grid, root.querySelector("[data-role=errors-only]"));
  }

  /** Samples of traces beyond those in the page, once their file is there. */
  async function addSamples(grid, root, known) {
    const files = root.dataset.sampleTraces.split(" ").filter(Boolean);
    if (files.length === 0) return;
    const samples = await sitegen.sampleTraces.load(files.map((name) => `${root.dataset.slug}/${name}`));
    for (const [trace, { eval: name, id, epoch }] of samples) {
      known[trace] = { sample: id, sample_href: `#${new URLSearchParams({ tab: "evals", eval: name, sample: id, epoch })}`, ...known[trace] };
    }
    grid.frame.forget("sample");
    grid.forgetTexts();
    grid.element.dispatchEvent(new CustomEvent("sg:said"));
    grid.refresh();
  }

  /** With errors first, then the slowest, as the server wrote them. */
  function worstFirst(grid) {
    const { frame } = grid, failed = new Uint8Array(frame.n), duration = new Float64Array(frame.n);
    for (let row = 0; row < frame.n; row += 1) {
      failed[row] = frame.value("errors", row) > 0 ? 0 : 1;
      duration[row] = frame.value("duration_s", row) ?? 0;
    }
    grid.startRows = Uint32Array.from(failed.keys()).sort((a, b) => failed[a] - failed[b] || duration[b] - duration[a] || a - b);
    grid.startOrder = new Uint32Array(frame.n);
    grid.startRows.forEach((row, at) => { grid.startOrder[row] = at; });
  }

  /** A row whose spans hold all words of the search matches as if its own text held them. */
  function searchWords(grid, words) {
    const texts = new Map();
    let hits = null, wanted = "";
    grid.beforeSearch = async (text) => {
      const plain = text.replace(/^(["'])(.*)\1$/s, "$2");
      const found = await words.find(plain);
      [hits, wanted] = [found?.rows ?? null, sitegen.filter.searchText(plain)];
      const { count } = sitegen.format, isPart = found !== null && found.traces < grid.frame.n;
      grid.note = isPart ? `of ${count(grid.frame.n - found.traces)} the messages are not searched, which pass the limit of the index` : "";
    };
    grid.forgetTexts = () => texts.clear();
    grid.searchText = (row) => {
      if (!texts.has(row)) texts.set(row, sitegen.filter.searchText(grid.searchFields.map((name) => grid.frame.value(name, row)).flat().filter(Boolean).join(" ")));
      return hits?.has(row) ? `${texts.get(row)} ${wanted}` : texts.get(row);
    };
  }

  /** The box beside the filter stands for one condition. */
  function tieErrors(grid, box) {
    const follow = () => { box.checked = grid.get("filter") === ERRORED; };
    box.addEventListener("change", () => grid.set({ filter: box.checked ? ERRORED : null }));
    sitegen.state.onChange(follow);
    follow();
  }

  sitegen.traceWords = traceWords;
  sitegen.grid.extend((grid) => { if (grid.element.id === "traces-table") prepare(grid); });
})();

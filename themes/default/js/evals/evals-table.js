/* The table of an eval's samples: its first order, previews that come as rows are shown.
 *
 *   sitegen.evalsTable.epochs(grid, row) -> rows of the same id · .find(grid, id, epoch) -> row or null
 *   .element(grid, id, epoch) -> tr or null · .place(grid, row) -> index among the lines, or -1
 * Samples stand errors first, then from the worst score of the first scorer, as the server wrote them.
 */
(() => {
  "use strict";
  const TEXTS = new Set(["input", "output", "target", "trace"]);
  const WAIT_MS = 30, ERRORED = "errored = true";

  function prepare(grid, section) {
    const said = JSON.parse(section.querySelector("script[data-role=said]").textContent);
    const { frame } = grid;
    const chunks = JSON.parse(section.dataset.chunks);
    grid.evalName = section.dataset.eval;
    grid.searchFields = ["id", "input", "output", "target", "error", "tags", "cluster"];
    grid.lazy = (name) => TEXTS.has(name);
    grid.keyOf = (row) => String(row);
    grid.rowOf = (key) => (Number(key) < frame.n ? Number(key) : null);
    for (const [name, texts] of Object.entries(said)) frame.define(name, (row) => texts[`${frame.value("id", row)}/${frame.value("epoch", row)}`]);
    grid.onReady = () => { orderAtFirst(grid); seed(grid); };
    grid.decorate = (tr, { row, group }) => {
      if (group) return;
      Object.assign(tr.dataset, { sample: frame.value("id", row), epoch: frame.value("epoch", row), ordinal: row });
      grid.markOpen?.(tr, row);
    };
    const waiting = new Set();
    let timer = 0;
    grid.onRows = (rows) => {
      const needed = grid.shownNames.filter((name) => TEXTS.has(name));
      for (const row of rows) if (needed.some((name) => !frame.isLoaded(name, row))) waiting.add(row);
      if (waiting.size === 0) return;
      window.clearTimeout(timer); // rows that a fling only passes load nothing
      timer = window.setTimeout(async () => {
        const shown = [...grid.trs.keys()].map((index) => grid.lines.at(index)?.row).filter((row) => waiting.has(row));
        waiting.clear();
        try {
          if (await frame.load(needed, shown)) sitegen.gridBody.refill(grid);
        } catch (error) {
          if (!("reason" in error)) throw error;
          sitegen.gridNotes.complain(grid, error);
        }
      }, WAIT_MS);
    };
    /** The whole sample, for JSON Lines. */
    grid.record = async (row) => {
      const chunk = chunks.findLastIndex((start) => start <= row);
      const { samples } = await sitegen.store.get(`${section.dataset.key}-${chunk}`);
      return samples[row - chunks[chunk]];
    };
    tieErrored(grid, section.querySelector("[data-role=errored]"));
  }

  /** Errors, then values from the worst, then those without one; by place in the file among equals. */
  function orderAtFirst(grid) {
    const { frame } = grid, scorer = grid.schema.columns.find(({ kind }) => kind === "score");
    const tiers = new Uint8Array(frame.n), keys = new Float64Array(frame.n);
    const sign = scorer?.goal === "minimize" ? -1 : 1;
    for (let row = 0; row < frame.n; row += 1) {
      const value = scorer && frame.value(scorer.name, row);
      if (frame.value("errored", row) || (scorer && frame.value(`error:${scorer.name}`, row))) continue;
      tiers[row] = value === undefined ? 2 : 1;
      const number = typeof value === "boolean" ? Number(value) : typeof value === "number" ? value : 0;
      keys[row] = Number.isNaN(number) ? -Infinity : sign * number;
    }
    grid.startRows = Uint32Array.from(tiers.keys()).sort((a, b) => tiers[a] - tiers[b]
      || (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : a - b));
    grid.startOrder = new Uint32Array(frame.n);
    grid.startRows.forEach((row, at) => { grid.startOrder[row] = at; });
  }

  /** What the server wrote stands until the same comes as data. */
  function seed(grid) {
    for (const tr of grid.element.tBodies[0].rows) {
      const text = (selector) => tr.querySelector(`${selector} > .sg-ellipsis`)?.textContent;
      if (tr.dataset.ordinal !== undefined) {
        grid.frame.seed(Number(tr.dataset.ordinal), { input: text(".sg-evals__input"), output: text(".sg-evals__output"), target: text(".sg-evals__target") });
      }
    }
  }

  /** Ordinals of one id: an id is a word of its block, and arrays are searched faster than maps are made. */
  function rowsOf(grid, id) {
    const column = grid.frame.column("id"), rows = [];
    if (column === null) return rows;
    for (let word = column.words.indexOf(id); word >= 0; word = column.words.indexOf(id, word + 1)) {
      for (let row = column.codes.indexOf(word); row >= 0; row = column.codes.indexOf(word, row + 1)) rows.push(row);
    }
    return rows;
  }

  /** Ordinals of the samples of one id, by epoch. */
  const epochs = (grid, row) => [...rowsOf(grid, grid.frame.value("id", row))]
    .sort((a, b) => grid.frame.value("epoch", a) - grid.frame.value("epoch", b));
  const find = (grid, id, epoch) => rowsOf(grid, id).find((row) => String(grid.frame.value("epoch", row)) === epoch) ?? null;

  /** Its row as an element: the server's, or one in view. */
  const element = (grid, id, epoch) => [...grid.element.tBodies[0].rows]
    .find((tr) => tr.dataset.sample === id && tr.dataset.epoch === epoch) ?? null;
  /** Its place among the lines shown, -1 if the filter leaves it out. */
  function place(grid, row) {
    if (grid.groupBy.length === 0) return grid.rows().indexOf(row);
    return grid.lines.findIndex((line) => line.group === null && line.row === row);
  }

  /** The box beside the filter stands for one condition. */
  function tieErrored(grid, box) {
    if (box === null) return;
    const follow = () => { box.checked = grid.get("filter") === ERRORED; };
    box.addEventListener("change", () => grid.set({ filter: box.checked ? ERRORED : null }));
    sitegen.state.onChange(follow);
    follow();
  }

  sitegen.evalsTable = { epochs, find, element, place };
  sitegen.grid.extend((grid) => {
    const section = grid.element.closest("[data-eval]");
    if (section !== null) prepare(grid, section);
  });
})();

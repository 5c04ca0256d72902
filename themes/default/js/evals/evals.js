/* The Evals tab: which eval is shown, and the drawer with one of its samples.
 *
 * Markup (templates/tabs/evals.html): `[data-evals]` holds `section[data-eval][data-key][data-chunks]`,
 * each with a grid of `tr[data-sample][data-epoch][data-ordinal]` and `aside[data-role=sample]`.
 * Hash: eval, sample, epoch. Samples that have no row are found by their ids.
 * Keys: j k next and previous sample, d the way of comparing, Esc closes.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom, drawer = sitegen.sampleDrawer;
  const SOON_MS = 60;

  let evals = [], placeChoice = null, current = null; // {eval, row, key, opener}
  let clicked = null; // {id, epoch, row} that was pressed, for samples whose id and epoch stand twice
  let mode = "sides";
  let turn = 0; // of two loads that overlap the later one is shown

  const read = (section) => ({ section, name: section.dataset.eval, grid: null });

  /** Table and drawer of an eval come to life when it is first shown: a run may have hundreds. */
  function prepare(one) {
    const { section } = one, table = section.querySelector("table[data-grid]"), grid = sitegen.grid.enhance(table);
    Object.assign(one, { table, grid, files: sitegen.sampleFiles(section), drawer: section.querySelector("[data-role=sample]"),
      body: section.querySelector(".sg-evals__body") });
    grid.markOpen = (tr, row) => tr.classList.toggle("sg-table__row--selected", current?.eval === one && current.row === row);
    listen(one);
  }

  function chosen() {
    const name = sitegen.state.get("eval");
    return evals.find((one) => one.name === name) ?? evals[0];
  }

  /** Shows the eval of the URL and, if one is named, its sample. */
  function follow() {
    const shown = chosen();
    for (const one of evals) if (one.section.hidden === (one === shown)) one.section.hidden = one !== shown;
    if (shown.grid === null) prepare(shown);
    placeChoice(shown);
    shown.grid.start();
    const id = sitegen.state.get("sample"), epoch = sitegen.state.get("epoch", "1");
    if (id === null) return close();
    const row = clicked?.id === id && clicked.epoch === epoch ? clicked.row : null;
    clicked = null;
    if (current?.eval === shown && current.id === id && current.epoch === epoch && (row === null || current.row === row)) return;
    open(shown, id, epoch, row);
  }

  /** The ordinal of a sample: of the row pressed, of the server's row, else found by its id. */
  async function rowOf(one, id, epoch) {
    const element = sitegen.evalsTable.element(one.grid, id, epoch);
    if (element !== null) return Number(element.dataset.ordinal);
    await one.grid.frame.load(["id", "epoch"]);
    return sitegen.evalsTable.find(one.grid, id, epoch);
  }

  /** The ordinal of a sample and the sample, null where there is none. */
  async function load(one, id, epoch, row) {
    const at = row ?? await rowOf(one, id, epoch);
    return { at, sample: at === null ? null : await one.files.get(at) };
  }

  async function open(one, id, epoch, row) {
    const loaded = load(one, id, epoch, row); // first of all: it is read while the rest goes on
    const opener = current?.opener ?? document.activeElement;
    if (current !== null && current.eval !== one) drawer.hide(current.eval);
    current = { eval: one, id, epoch, row, opener };
    const mine = ++turn;
    const wait = window.setTimeout(() => { if (mine === turn) await_(one, id, row); }, SOON_MS);
    try {
      const { at, sample } = await loaded;
      if (mine !== turn) return;
      Object.assign(current, { row: at, sample });
      drawer.show(one, id);
      draw();
      mark(one);
      for (const step of [1, -1]) hint(step);
    } catch (error) {
      if (!("reason" in error)) throw error;
      if (mine !== turn) return;
      drawer.show(one, id);
      fill([sitegen.store.notice(error, () => open(one, id, epoch, row))]);
    } finally {
      window.clearTimeout(wait);
    }
  }

  /** What the table says of the sample stands there until the rest has come. */
  function await_(one, id, row) {
    drawer.show(one, id);
    fill(sitegen.sample.awaited(one.grid, row), true);
  }

  /** The open sample's row is marked, and in view. */
  function mark(one) {
    const { grid } = one;
    if (grid.isReady) {
      for (const [index, tr] of grid.trs) grid.markOpen(tr, grid.lines.at(index)?.row);
      const at = sitegen.evalsTable.place(one.grid, current.row);
      if (at >= 0) sitegen.gridBody.show(grid, at);
    } else {
      for (const tr of one.table.tBodies[0].rows) grid.markOpen(tr, Number(tr.dataset.ordinal));
    }
  }
  function draw() {
    const { eval: one, sample, id, epoch } = current;
    if (sample === null) {
      fill([el("p", { text: `The eval ${one.name} has no sample ${id}${epoch === "1" ? "" : ` of epoch ${epoch}`}.` })]);
      return;
    }
    const key = `sample:${one.name}/${id}/${epoch}`;
    fill(sitegen.sample.render(sample, { key, name: one.name, mode, setMode, epochs: epochs() }));
  }

  /** The other samples of its id, once the ids are there. */
  function epochs() {
    const { eval: one, row } = current, { grid } = one;
    if (!grid.isReady || row === null) return null;
    const rows = sitegen.evalsTable.epochs(grid, row);
    return rows.length < 2 ? null : { grid, rows, row, go: (other) => go(one, other) };
  }

  function setMode(next) {
    mode = next;
    if (current.sample === undefined) return; // it is drawn that way when it comes
    draw();
    current.eval.drawer.querySelector("[aria-label=Comparison] [aria-pressed=true]")?.focus();
  }

  const fill = (content, isBusy = false) => sitegen.sampleDrawer.fill(current, content, { move, leave, isBusy });

  function close() {
    if (current === null) return;
    const { eval: one, id, epoch, opener } = current;
    turn += 1;
    const hadFocus = one.drawer.contains(document.activeElement);
    drawer.hide(one);
    current = null;
    for (const tr of one.table.tBodies[0].rows) tr.classList.remove("sg-table__row--selected");
    if (hadFocus) (sitegen.evalsTable.element(one.grid, id, epoch)?.querySelector("a") ?? opener)?.focus();
  }

  const leave = () => sitegen.state.set({ sample: null, epoch: null });

  function go(one, row, options = {}) {
    const tr = one.grid.isReady ? null : [...one.table.tBodies[0].rows].find((other) => other.dataset.ordinal === String(row));
    const id = tr?.dataset.sample ?? one.grid.frame.value("id", row);
    const epoch = tr?.dataset.epoch ?? String(one.grid.frame.value("epoch", row));
    clicked = { id, epoch, row };
    const where = { eval: one.name, sample: id, epoch };
    const isSame = Object.entries(where).every(([key, value]) => sitegen.state.get(key) === value);
    if (isSame) follow();
    else sitegen.state.set({ tab: "evals", ...where }, options);
  }

  /** The row of the next sample in the order and filter of the table, undefined at its end. */
  function rowAt({ grid }, step) {
    if (!grid.isReady) return undefined;
    const at = current?.row === null ? -1 : sitegen.evalsTable.place(grid, current.row);
    let next = at < 0 ? 0 : at + step;
    while (grid.lines.at(next)?.group && next >= 0) next += step;
    return next < 0 ? undefined : grid.lines.at(next)?.row;
  }
  /** Goes there; Back leaves the run through samples at once. */
  function move(step) {
    const one = chosen(), row = rowAt(one, step);
    if (row !== undefined) go(one, row, { push: false });
  }
  /** What is one step away is read once the open sample has been painted. */
  function hint(step) {
    const one = current.eval, row = rowAt(one, step);
    if (row !== undefined) window.requestAnimationFrame(() => window.setTimeout(() => one.files.hint(row), 0));
  }

  function listen(one) {
    one.table.tBodies[0].addEventListener("click", (event) => {
      const row = event.target.closest("tr");
      if (event.ctrlKey || event.metaKey || event.shiftKey || window.getSelection().toString() !== "") return;
      if (row?.dataset.ordinal === undefined || event.target.closest("button, input, label")) return;
      if (event.target.closest("a") && !event.target.closest(".sg-evals__id")) return;
      event.preventDefault();
      go(one, Number(row.dataset.ordinal));
    });
    one.table.addEventListener("sg:rows", () => {
      if (current?.eval !== one || current.sample === undefined) return;
      for (const [index, tr] of one.grid.trs) one.grid.markOpen(tr, one.grid.lines.at(index)?.row);
      draw();
    });
  }

  sitegen.dom.ready(() => {
    const holder = document.querySelector("[data-evals]");
    if (holder === null) return;
    evals = [...holder.querySelectorAll("[data-eval]")].map(read);
    placeChoice = sitegen.evalChoice(holder);
    const isOpen = () => current !== null && sitegen.dom.isShown(current.eval.drawer);
    const bind = (key, label, run) =>
      sitegen.keys.add({ key, label, group: "Samples", when: isOpen, run, modal: true });
    bind("j", "Next sample", () => move(1));
    bind("k", "Previous sample", () => move(-1));
    bind("d", "Compare side by side, inline or raw", () => {
      const modes = sitegen.sample.MODES;
      setMode(modes[(modes.indexOf(mode) + 1) % modes.length]);
    });
    bind("Escape", "Close the sample", leave);
    sitegen.state.onChange((all, keys) => {
      if (["eval", "sample", "epoch"].some((key) => keys.includes(key))) follow();
    });
    follow();
    holder.classList.add("sg-evals--chosen");
  });
})();

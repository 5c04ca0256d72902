/* The Evals tab: which eval is shown, and the drawer with one of its samples.
 *
 * Markup (templates/tabs/evals.html): `[data-evals]` holds `section[data-eval][data-key][data-chunks][data-id-files]`,
 * each with a table of `tr[data-sample][data-epoch][data-chunk][data-place]` and `aside[data-role=sample]`.
 * Hash: eval, sample, epoch. Samples that have no row are found by their ids (derive/sample_files.py).
 * Keys: j k next and previous sample, d the way of comparing, Esc closes.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const LOADING_MS = 300;
  const narrow = window.matchMedia("(max-width: 959px)");

  let evals = [];
  let current = null; // {eval, row, key, opener}
  let clicked = null; // the row that was clicked, for samples whose id and epoch stand twice
  let mode = "sides";
  let turn = 0; // of two loads that overlap the later one is shown

  function read(section) {
    return {
      section, name: section.dataset.eval, key: section.dataset.key,
      chunks: JSON.parse(section.dataset.chunks), idFiles: Number(section.dataset.idFiles),
      table: section.querySelector("table[data-table]"), drawer: section.querySelector("[data-role=sample]"),
      body: section.querySelector(".sg-evals__body"),
    };
  }

  const rowsShown = (one) => [...one.table.tBodies[0].rows].filter((row) => !row.hidden);
  const rowOf = (one, id, epoch) => [...one.table.tBodies[0].rows]
    .find((row) => row.dataset.sample === id && row.dataset.epoch === epoch) ?? null;

  function chosen() {
    const name = sitegen.state.get("eval");
    return evals.find((one) => one.name === name) ?? evals[0];
  }

  /** Shows the eval of the URL and, if one is named, its sample. */
  function follow() {
    const shown = chosen();
    for (const one of evals) one.section.hidden = one !== shown;
    const id = sitegen.state.get("sample"), epoch = sitegen.state.get("epoch", "1");
    if (id === null) return close();
    const row = clicked?.dataset.sample === id && clicked.dataset.epoch === epoch ? clicked : rowOf(shown, id, epoch);
    clicked = null;
    if (current?.eval === shown && current.id === id && current.epoch === epoch && current.row === row) return;
    open(shown, id, epoch, row);
  }

  async function placeOf(one, id, epoch, row) {
    if (row !== null) return { chunk: Number(row.dataset.chunk), place: Number(row.dataset.place) };
    let before = 0;
    for (let index = 0; index < one.idFiles; index += 1) {
      const { ids, epochs } = await sitegen.store.get(`${one.key}-ids-${index}`);
      const at = ids.findIndex((text, place) => text === id && String(epochs?.[place] ?? 1) === epoch);
      if (at >= 0) {
        const ordinal = before + at;
        const chunk = one.chunks.findLastIndex((start) => start <= ordinal);
        return { chunk, place: ordinal - one.chunks[chunk] };
      }
      before += ids.length;
    }
    return null;
  }

  async function open(one, id, epoch, row) {
    const opener = current?.opener ?? document.activeElement;
    if (current !== null && current.eval !== one) hide(current.eval);
    current?.row?.classList.remove("sg-table__row--selected");
    current = { eval: one, id, epoch, row, opener };
    const mine = ++turn;
    row?.classList.add("sg-table__row--selected");
    row?.scrollIntoView({ block: "nearest" });
    show(one, id);
    const wait = window.setTimeout(() => fill([el("p", { class: "sg-muted", text: "Loading the sample" })]), LOADING_MS);
    try {
      const place = await placeOf(one, id, epoch, row);
      const file = place && await sitegen.store.get(`${one.key}-${place.chunk}`);
      if (mine !== turn) return;
      current.sample = file?.samples[place.place] ?? null;
      draw();
    } catch (error) {
      if (!("reason" in error)) throw error;
      if (mine === turn) fill([sitegen.store.notice(error, () => open(one, id, epoch, row))]);
    } finally {
      window.clearTimeout(wait);
    }
  }

  function draw() {
    const { eval: one, sample, id, epoch } = current;
    if (sample === null) {
      fill([el("p", { text: `The eval ${one.name} has no sample ${id}${epoch === "1" ? "" : ` of epoch ${epoch}`}.` })]);
      return;
    }
    const key = `sample:${one.name}/${id}/${epoch}`;
    fill(sitegen.sample.render(sample, { key, mode, setMode }));
  }

  function setMode(next) {
    mode = next;
    draw();
    current.eval.drawer.querySelector("[aria-label=Comparison] [aria-pressed=true]")?.focus();
  }

  function fill(content) {
    current.eval.drawer.replaceChildren(head(), ...content);
  }

  function head() {
    const rows = rowsShown(current.eval), at = rows.indexOf(current.row);
    const place = at < 0 ? "not in this filter" : `${sitegen.format.count(at + 1)} of ${
      sitegen.format.count(rows.length)} in this filter`;
    const epoch = current.epoch === "1" ? "" : `epoch ${current.epoch} · `;
    const button = (label, text, run, isOff = false) => el("button", { type: "button", disabled: isOff,
      class: "sg-button sg-button--quiet sg-button--small", "aria-label": label, on: { click: run } }, text);
    const key = (text) => el("kbd", { class: "sg-kbd", text });
    return el("header", { class: "sg-drawer__head" },
      el("h2", { class: "sg-drawer__title sg-sample__id", text: current.id }),
      el("span", { class: "sg-muted sg-second", text: epoch + place }),
      el("span", { class: "sg-drawer__actions" },
        button("Previous sample", ["‹ ", key("k")], () => move(-1), at === 0),
        button("Next sample", ["› ", key("j")], () => move(1), at === rows.length - 1),
        button("Copy link", "Link", () => sitegen.copy.text(window.location.href)
          .then(() => sitegen.dom.announce("Link copied"))),
        button("Close", "×", leave)));
  }

  function show(one, id) {
    const { drawer } = one;
    drawer.hidden = false;
    drawer.setAttribute("aria-label", `Sample ${id}`);
    one.body.classList.add("sg-evals__body--open");
    if (narrow.matches) {
      drawer.setAttribute("role", "dialog");
      drawer.setAttribute("aria-modal", "true");
      drawer.focus();
    }
    drawer.scrollTop = 0;
  }

  function hide(one) {
    one.drawer.hidden = true;
    one.drawer.removeAttribute("role");
    one.drawer.removeAttribute("aria-modal");
    one.drawer.replaceChildren();
    one.body.classList.remove("sg-evals__body--open");
  }

  function close() {
    if (current === null) return;
    const { eval: one, row, opener } = current;
    turn += 1;
    row?.classList.remove("sg-table__row--selected");
    const hadFocus = one.drawer.contains(document.activeElement);
    hide(one);
    current = null;
    if (hadFocus) (row?.querySelector("a") ?? opener)?.focus();
  }

  const leave = () => sitegen.state.set({ sample: null, epoch: null });

  function go(row, options = {}) {
    clicked = row;
    const where = { eval: chosen().name, sample: row.dataset.sample, epoch: row.dataset.epoch };
    const isSame = Object.entries(where).every(([key, value]) => sitegen.state.get(key) === value);
    if (isSame) follow();
    else sitegen.state.set({ tab: "evals", ...where }, options);
  }

  /** The next sample in the order and filter of the table; Back leaves the run through samples at once. */
  function move(step) {
    const rows = rowsShown(chosen());
    const at = current?.row ? rows.indexOf(current.row) : -1;
    const next = rows[at < 0 ? 0 : at + step];
    if (next !== undefined) go(next, { push: false });
  }

  function listen(one) {
    one.table.tBodies[0].addEventListener("click", (event) => {
      const row = event.target.closest("tr");
      if (event.ctrlKey || event.metaKey || event.shiftKey || window.getSelection().toString() !== "") return;
      if (row === null || event.target.closest("button, input, label")) return;
      event.preventDefault();
      go(row);
    });
    for (const link of one.section.querySelectorAll("nav a")) {
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        const name = new URLSearchParams(link.hash.slice(1)).get("eval");
        sitegen.state.set({ tab: "evals", eval: name, sample: null, epoch: null });
        chosen().section.querySelector("nav [aria-current]")?.focus();
      });
    }
    const errored = one.section.querySelector("[data-role=errored]");
    errored?.addEventListener("change", () =>
      sitegen.state.set({ "samples.filter": errored.checked ? "errored = true" : null }));
  }

  function markErrored() {
    for (const one of evals) {
      const box = one.section.querySelector("[data-role=errored]");
      if (box !== null) box.checked = sitegen.state.get("samples.filter") === "errored = true";
    }
  }

  sitegen.dom.ready(() => {
    const holder = document.querySelector("[data-evals]");
    if (holder === null) return;
    evals = [...holder.querySelectorAll("[data-eval]")].map(read);
    for (const one of evals) listen(one);
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
      if (keys.includes("samples.filter")) {
        markErrored();
        if (current?.sample) window.setTimeout(() => current?.sample && draw(), 0);
      }
    });
    markErrored();
    follow();
  });
})();

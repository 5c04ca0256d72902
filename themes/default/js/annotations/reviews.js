/* annotations.html: the mark of what is shown, and a long table, whose rows are data.
 *
 * Markup: templates/pages/annotations.html. Hash: filter, annotation (the one in the drawer).
 * A row holds what the table shows; the whole of an annotation is in the data file of its run, which its `file` names.
 * Cells: said-name said-value said-run said-what said-why said-commit said-state.
 */
(() => {
  "use strict";
  const { el, ready } = sitegen.dom;
  const { define } = sitegen.gridCells;
  const RATIONALE_PX = 420;

  /** Of All, Stale, Orphaned … the one whose filter is in force. */
  function markStates() {
    const now = sitegen.state.get("filter", "");
    for (const link of document.querySelectorAll("[data-state-link]")) {
      const own = new URLSearchParams(link.hash.slice(1)).get("filter") ?? "";
      if (own === now) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  // Cells
  define("said-name", (cell, { grid, row, value }) => {
    cell.classList.add("sg-table__mono");
    cell.append(el("a", { href: sitegen.state.href({ annotation: grid.keyOf(row) }), text: value }));
  });
  define("said-value", (cell, { grid, row, value }) => {
    const { frame } = grid;
    cell.classList.add("sg-reviews__value");
    if (frame.value("kind", row) === "feedback") cell.append(sitegen.annotations.yesNo(value));
    else cell.append("expected ", el("code", { text: String(value) }));
  });
  define("said-run", (cell, { grid, row, value }) => {
    const text = `${grid.frame.value("experiment", row)} / ${value}`;
    cell.append(el("a", { href: grid.frame.value("run_url", row), title: text, text }));
  });
  define("said-what", (cell, { grid, row, value }) => {
    cell.title = value;
    cell.append(el("a", { href: grid.frame.value("url", row), text: value }), " ", ...badges(grid.frame, row));
  });
  define("said-why", (cell, { value }) => {
    cell.classList.add("sg-muted");
    if (value === undefined) return;
    cell.title = value;
    cell.append(value);
  });
  define("said-state", (cell, { value }) => { if (value !== undefined && value !== "exact") cell.append(badge(value)); });
  define("said-commit", (cell, { grid, row, value }) => {
    if (value === undefined) cell.append(el("span", { class: "sg-muted", text: "not committed" }));
    else cell.append(el("span", { title: grid.frame.value("committed_title", row) ?? null, text: value }));
  });
  const LOOKS = { stale: "sg-badge--warn", orphaned: "sg-badge--odd sg-badge--open", new: "sg-badge--accent sg-badge--open", changed: "sg-badge--accent" };
  const badge = (word) => el("span", { class: `sg-badge ${LOOKS[word] ?? ""}`, text: word });
  const badges = (frame, row) => [frame.value("change", row), frame.value("state", row)].filter((word) => word in LOOKS).map(badge);

  // The table
  function prepare(grid) {
    const { frame } = grid;
    grid.searchFields = ["name", "value", "user", "why", "what", "run", "experiment", "state"];
    grid.lazy = (name) => name === "why";
    grid.decorate = (tr, { row, group }) => {
      if (!group) tr.classList.toggle("sg-table__row--selected", grid.keyOf(row) === sitegen.state.get("annotation"));
    };
    let timer = 0;
    grid.onRows = () => {
      window.clearTimeout(timer); // rows that a fling only passes load nothing
      timer = window.setTimeout(async () => {
        const rows = [...grid.trs.keys()].map((at) => grid.lines.at(at)).filter((line) => line && !line.group).map(({ row }) => row);
        try {
          if (await frame.load(["why"], rows)) sitegen.gridBody.refill(grid);
        } catch (error) {
          if (!("reason" in error)) throw error;
          sitegen.gridNotes.complain(grid, error);
        }
      }, 30);
    };
    openDrawer(grid, document.querySelector("[data-role=annotation]"));
  }

  /** The annotation that the URL names, beside the table. */
  function openDrawer(grid, drawer) {
    const { frame } = grid;
    let opener = null;
    const close = () => sitegen.state.set({ annotation: null });
    const isOpen = () => !drawer.hidden;

    async function follow() {
      const id = sitegen.state.get("annotation");
      for (const [at, tr] of grid.trs ?? []) grid.decorate(tr, grid.lines.at(at));
      if (id === null) {
        if (isOpen() && drawer.contains(document.activeElement)) (opener?.isConnected ? opener : grid.holder).focus();
        drawer.hidden = true;
        return;
      }
      if (!isOpen()) opener = document.activeElement;
      await frame.load(["id"]);
      const row = grid.rowOf(id);
      drawer.hidden = false;
      if (grid.isReady && row !== null) sitegen.gridBody.show(grid, grid.rows().indexOf(row));
      try {
        const one = row === null ? null : (await sitegen.store.get(frame.value("file", row))).annotations.find((each) => each.id === id);
        if (sitegen.state.get("annotation") === id) fill(row, one ?? null);
      } catch (error) {
        if (!("reason" in error)) throw error;
        drawer.replaceChildren(head(null), sitegen.store.notice(error, follow));
      }
    }
    function head(row) {
      const at = row === null ? -1 : grid.rows().indexOf(row), { count } = sitegen.format;
      const arrow = (label, way) => el("button", { type: "button", class: "sg-button sg-button--quiet sg-button--small", text: label, disabled: at + way < 0 || at + way >= grid.rows().length, on: { click: () => step(way) } });
      return el("header", { class: "sg-drawer__head" }, el("h2", { class: "sg-drawer__title", text: "Annotation" }),
        at >= 0 && el("span", { class: "sg-muted", text: `${count(at + 1)} of ${count(grid.rows().length)}` }),
        el("span", { class: "sg-drawer__actions" }, arrow("Previous", -1), arrow("Next", 1),
          el("button", { type: "button", class: "sg-button sg-button--quiet", text: "Close", on: { click: close } })));
    }
    function fill(row, one) {
      if (one === null) {
        drawer.replaceChildren(head(row), el("p", { text: "This site has no such annotation." }));
        return;
      }
      const label = `${frame.value("experiment", row)} / ${frame.value("run", row)}`, by = frame.value("committed_by", row);
      const committed = by === undefined ? [] : [el("p", { class: "sg-second sg-muted", text: `Committed by ${by}: ${frame.value("committed_title", row)}.` })];
      drawer.replaceChildren(head(row),
        el("p", { class: "sg-second" }, el("a", { href: frame.value("run_url", row), text: label }), " · ", el("a", { href: frame.value("url", row), text: one.label })),
        sitegen.annotations.article({ ...one, change: frame.value("change", row) }, { folder: frame.value("folder", row), run: label }),
        ...committed, el("p", { class: "sg-id", text: one.id }));
    }
    function step(way) {
      const rows = grid.rows(), at = rows.indexOf(grid.rowOf(sitegen.state.get("annotation")));
      const next = rows[at + way];
      if (next === undefined) return;
      sitegen.state.set({ annotation: grid.keyOf(next) });
    }
    const add = (key, label, run) => sitegen.keys.add({ key, label, group: "Annotations", when: isOpen, run });
    add("j", "Next annotation", () => step(1));
    add("k", "Previous annotation", () => step(-1));
    sitegen.keys.add({ key: "Escape", label: "Close the annotation", group: "Annotations", when: isOpen, run: close });
    grid.element.addEventListener("click", (event) => {
      const tr = event.target.closest("tbody tr[data-key]");
      if (tr && !event.target.closest("a, button") && window.getSelection().isCollapsed) sitegen.state.set({ annotation: tr.dataset.key });
    });
    grid.element.addEventListener("sg:grid", () => {
      grid.measured.set("why", RATIONALE_PX); // before the first of them has come
      follow();
    });
    sitegen.state.onChange((_, keys) => { if (keys.includes("annotation")) follow(); });
  }

  sitegen.grid.extend((grid) => { if (grid.element.id === "annotations-table") prepare(grid); });
  ready(() => {
    markStates();
    sitegen.state.onChange(markStates);
  });
})();

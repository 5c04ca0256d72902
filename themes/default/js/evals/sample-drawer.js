/* The drawer beside the table of samples: its head, and what else it is filled with.
 *
 *   sitegen.sampleDrawer.show(one, id) · .hide(one) · .fill(current, content, { move, leave })
 * one is { section, table, name, grid, drawer, body }, current is { eval: one, id, epoch, row }.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const narrow = window.matchMedia("(max-width: 959px)");

  /** Columns that the drawer shows anyway give their room to input and output. Those of a long table have fixed widths:
   * there is nothing to give, and laying all its rows out anew takes as long as the sample. */
  function narrowed({ grid }, isWanted) {
    const isNarrow = isWanted && !grid.isLong;
    if (Boolean(grid.isNarrow) === isNarrow) return;
    grid.isNarrow = isNarrow;
    grid.recolumn();
  }

  function show(one, id) {
    const { drawer } = one;
    drawer.setAttribute("aria-label", `Sample ${id}`);
    drawer.scrollTop = 0;
    if (!drawer.hidden) return;
    drawer.hidden = false;
    one.body.classList.add("sg-evals__body--open");
    narrowed(one, true);
    if (!narrow.matches) return;
    drawer.setAttribute("role", "dialog");
    drawer.setAttribute("aria-modal", "true");
    drawer.focus();
  }

  function hide(one) {
    one.drawer.hidden = true;
    one.drawer.removeAttribute("role");
    one.drawer.removeAttribute("aria-modal");
    one.drawer.removeAttribute("aria-busy");
    one.drawer.replaceChildren();
    one.body.classList.remove("sg-evals__body--open");
    narrowed(one, false);
  }

  function head({ eval: one, id, epoch, row }, { move, leave }) {
    const { grid } = one, at = grid.isReady && row !== null ? sitegen.evalsTable.place(grid, row) : -1;
    const count = grid.rows().length, last = grid.lines.length - 1;
    const where = at < 0 ? "not in this filter" : `${sitegen.format.count(at + 1)} of ${sitegen.format.count(count)} in this filter`;
    const button = (label, text, run, isOff = false) => el("button", { type: "button", disabled: isOff,
      class: "sg-button sg-button--quiet sg-button--small", "aria-label": label, on: { click: run } }, text);
    const key = (text) => el("kbd", { class: "sg-kbd", text });
    return el("header", { class: "sg-drawer__head" },
      el("h2", { class: "sg-drawer__title sg-sample__id", text: id }),
      el("span", { class: "sg-muted sg-second", text: (epoch === "1" ? "" : `epoch ${epoch} · `) + (grid.isReady ? where : "") }),
      el("span", { class: "sg-drawer__actions" },
        button("Previous sample", ["‹ ", key("k")], () => move(-1), at === 0),
        button("Next sample", ["› ", key("j")], () => move(1), at === last),
        button("Copy link", "Link", () => sitegen.copy.text(window.location.href)
          .then(() => sitegen.dom.announce("Link copied"))),
        button("Close", "×", leave)));
  }

  function fill(current, content, { move, leave, isBusy = false }) {
    const { drawer } = current.eval;
    drawer.setAttribute("aria-busy", String(isBusy));
    drawer.replaceChildren(head(current, { move, leave }), ...content);
  }

  sitegen.sampleDrawer = { show, hide, fill };
})();

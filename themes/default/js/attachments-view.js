/* The preview of an attachment: its head, and one of its views as elements.
 *
 *   sitegen.attachmentPanel(panel, nameOf) -> { show(node), missing(path) }   node: li[data-file] of the tree
 *   sitegen.attachmentIcon(name) -> a copy of `template[data-icon=name]` of the tab
 * Views: {kind: "text", pieces: [[class, text]]} | {kind: "table", columns: [[name, type, isRight]], rows}
 *   | {kind: "image", source, width, height} | {kind: "markdown"}, each with name and note.
 * Whatever the file holds is set as text; classes come from a pattern that this script knows.
 */
(() => {
  "use strict";
  const CLASS = /^(?:[a-z][a-z0-9]{0,2}|(?:sg-ansi--[a-z-]+ ?)+)$/;
  const NON_FINITE = /^[+-]?(?:nan|inf|infinity)$/i;
  const rendered = new Map();

  function text(view) {
    const code = sitegen.dom.el("code");
    for (const [name, piece] of view.pieces) {
      code.append(CLASS.test(name) ? sitegen.dom.el("span", { class: name, text: piece }) : piece);
    }
    return sitegen.dom.el("pre", { class: "sg-code sg-code--wrap hl", tabindex: "0" }, code);
  }

  /** Twin of `_cell` in pages/attachments_tab.py. */
  function cell(value, isRight) {
    const attributes = { class: `sg-table__mono${isRight ? " sg-table__number" : ""}` };
    if (value === null || value === "") {
      const word = value === null ? "missing" : "empty";
      return sitegen.dom.el("td", attributes, sitegen.dom.el("span", { class: "sg-faint", text: word }));
    }
    if (isRight && NON_FINITE.test(value.trim())) {
      return sitegen.dom.el("td", attributes, sitegen.dom.el("span", { class: "sg-bad", text: value }));
    }
    return sitegen.dom.el("td", { ...attributes, text: value });
  }

  function heading([name, type, isRight]) {
    const attributes = { scope: "col", class: isRight ? "sg-table__number" : null };
    return sitegen.dom.el("th", attributes, name, " ", sitegen.dom.el("span", { class: "sg-faint", text: type }));
  }

  function table(view, file) {
    const { el } = sitegen.dom;
    const rows = view.rows.map((row, index) => el("tr", {},
      el("td", { class: "sg-table__mono sg-table__number sg-faint", text: index + 1 }),
      row.map((value, at) => cell(value, view.columns[at][2]))));
    const head = el("tr", {}, el("th", { scope: "col", class: "sg-table__number", text: "#" }), view.columns.map(heading));
    return el("div", { class: "sg-table-frame", tabindex: "0", role: "region", "aria-label": file.path },
      el("table", { class: "sg-table sg-table--compact sg-attachments__table" },
        el("caption", { class: "sg-table__caption" }, el("span", { class: "sg-hidden", text: file.path })),
        el("thead", {}, head), el("tbody", {}, rows)));
  }

  function picture(view, file) {
    const isSvg = view.source.startsWith("data:image/svg+xml;base64,");
    return sitegen.dom.el("img", {
      class: `sg-attachments__picture${isSvg ? " sg-attachments__picture--paper" : ""}`,
      src: isSvg ? view.source : file.url, alt: file.name, width: view.width, height: view.height,
    });
  }

  /** The server's own rendering, moved here; it is kept for the next time. */
  function markdown(file) {
    if (rendered.size === 0) {
      for (const prose of document.querySelectorAll("[data-markdown-of]")) {
        rendered.set(prose.dataset.markdownOf, prose);
      }
    }
    return rendered.get(file.path) ?? null;
  }

  function viewed(view, file) {
    switch (view.kind) {
      case "table": return table(view, file);
      case "image": return picture(view, file);
      case "markdown": return markdown(file);
      default: return text(view);
    }
  }

  sitegen.attachmentIcon = (name) =>
    document.querySelector(`[data-attachments] template[data-icon="${name}"]`)?.content.cloneNode(true) ?? null;

  sitegen.attachmentPanel = (panel, nameOf) => {
    const { el } = sitegen.dom;
    let turn = 0;

    async function show(node) {
      const mine = ++turn;
      const late = setTimeout(() => {
        if (mine === turn) panel.replaceChildren(head(node, []), note(`Loading ${nameOf(node)}`));
      }, 300);
      let views = [], failure = null;
      try {
        if (node.dataset.key) views = (await sitegen.store.get(node.dataset.key)).previews[node.dataset.file] ?? [];
      } catch (error) {
        failure = error;
      }
      clearTimeout(late);
      if (mine !== turn) return;
      if (failure) panel.replaceChildren(head(node, []), sitegen.store.notice(failure, () => show(node)));
      else draw(node, views);
    }

    function draw(node, views) {
      const file = { path: node.dataset.file, name: nameOf(node), url: node.dataset.url };
      const usable = views.filter((view) => view.kind !== "markdown" || viewed(view, file));
      const wanted = sitegen.state.get("view");
      const view = usable.find((one) => one.name === wanted) ?? usable[0] ?? null;
      const unpublished = node.dataset.unpublished ? `Not published: ${node.dataset.unpublished}.` : "";
      const said = [view ? view.note : node.dataset.reason, unpublished].filter(Boolean).join(" ");
      panel.replaceChildren(head(node, usable, view));
      if (said) panel.append(note(said));
      if (view) panel.append(el("div", { class: "sg-attachments__view" }, viewed(view, file)));
    }

    const note = (text) => el("p", { class: "sg-attachments__note", text });

    function head(node, views, current = null) {
      const { size, facts, sha256, sha256Short, url } = node.dataset, name = nameOf(node);
      const digest = el("span", { class: "sg-id", title: sha256, text: sha256Short, data: { copyText: sha256 } });
      return el("header", { class: "sg-attachments__head" },
        el("h3", { class: "sg-attachments__name", text: name }),
        el("span", { class: "sg-attachments__facts" }, [size, facts].filter(Boolean).join(" · "), sha256 ? [" · sha256 ", digest] : null),
        el("div", { class: "sg-attachments__actions" },
          views.length > 1 ? segments(node, views, current) : null,
          el("button", { type: "button", class: "sg-button", data: { copyLink: "" } },
            sitegen.attachmentIcon("link"), el("span", { class: "sg-copy__label", text: "Link" })),
          url ? el("a", { class: "sg-button", href: url, download: name }, sitegen.attachmentIcon("download"), "Download") : null));
    }

    function segments(node, views, current) {
      const buttons = views.map((view) => el("button", {
        type: "button", class: "sg-segments__segment", "aria-pressed": String(view === current), text: view.name,
        on: { click: () => turnTo(node, views, view) },
      }));
      return el("div", { class: "sg-segments", role: "group", "aria-label": "View" }, buttons);
    }

    function turnTo(node, views, view) {
      sitegen.state.set({ file: node.dataset.file, view: view === views[0] ? null : view.name });
      draw(node, views);
      panel.querySelector('.sg-segments__segment[aria-pressed="true"]')?.focus();
    }

    function missing(path) {
      turn += 1;
      panel.replaceChildren(el("p", { class: "sg-muted", text: `This run has no attachment called “${path}”.` }));
    }

    return { show, missing };
  };
})();

/* A preview's view as elements: text in coloured pieces, a table, a picture, rendered Markdown.
 *
 *   sitegen.attachmentView(view, { path, name, url }) -> element, null for Markdown that was not rendered
 *   sitegen.attachmentIcon("link" | "download") -> fragment
 * view: {kind: "text", pieces: [[class, text]]} | {kind: "table", columns: [[name, type, isRight]], rows}
 *   | {kind: "image", source, width, height} | {kind: "markdown"}
 * Whatever the file holds is set as text; classes come from lists that this script knows.
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

  /** A copy of one of the icons that the tab brings along. */
  sitegen.attachmentIcon = (name) =>
    document.querySelector(`[data-attachments] template[data-icon="${name}"]`)?.content.cloneNode(true) ?? null;

  sitegen.attachmentView = (view, file) => {
    switch (view.kind) {
      case "table": return table(view, file);
      case "image": return picture(view, file);
      case "markdown": return markdown(file);
      default: return text(view);
    }
  };
})();

/* Views of an attachment that are text: a document as a tree of elements, coloured text, a static page.
 *
 *   sitegen.attachmentViews[kind](view, file) -> element      kinds here: document, text, frame
 * A document is a tree for js/document-nodes.js.
 * A frame is `sandbox=""`: whatever its HTML holds, it can run nothing, and it inherits the page's policy.
 */
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});
  const CLASS = /^(?:[a-z][a-z0-9]{0,2}|(?:sg-ansi--[a-z-]+ ?)+)$/;

  function text(view) {
    const code = sitegen.dom.el("code");
    for (const [name, piece] of view.pieces) {
      code.append(CLASS.test(name) ? sitegen.dom.el("span", { class: name, text: piece }) : piece);
    }
    return sitegen.dom.el("pre", { class: "sg-code sg-code--wrap hl", tabindex: "0" }, code);
  }

  function frame(view, file) {
    const element = document.createElement("iframe");
    element.setAttribute("sandbox", "");
    element.className = "sg-frame";
    element.title = `${file.name} without scripts`;
    element.srcdoc = view.source;
    return element;
  }

  sitegen.attachmentViews = {
    ...sitegen.attachmentViews,
    text,
    frame,
    document: (view) => sitegen.dom.el("div", { class: "sg-document" }, sitegen.documentNodes(view.nodes)),
  };
})();

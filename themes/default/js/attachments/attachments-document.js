/* Views of an attachment that are text: a document as a tree of elements, coloured text, a static page.
 *
 *   sitegen.attachmentViews[kind](view, file) -> element      kinds here: document, text, frame
 * A document is made of texts and [tag, {attributes}, child, …]. Tags and attributes are those of the list in
 * sitegen/derive/attachments/document.py; the server kept to it, and what is not on it is not made here either.
 * A frame is `sandbox=""`: whatever its HTML holds, it can run nothing, and it inherits the page's policy.
 */
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});
  const TAGS = new Set(("a b blockquote br code dd del details div dl dt em h3 h4 h5 h6 hr i img ins li ol p pre s "
    + "section span strong sub summary sup table tbody td th thead tr u ul").split(" "));
  const ATTRIBUTES = new Set(("alt class colspan href id open rel role rowspan scope src start tabindex title "
    + "aria-label").split(" "));
  const CLASS = /^(?:[a-z][a-z0-9]{0,2}|(?:sg-ansi--[a-z-]+ ?)+)$/;
  const LINK = /^(?:https?:\/\/|mailto:|#|[^:]*$)/i;
  const PICTURE = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}$/;

  function isKept(name, value) {
    if (name === "href") return LINK.test(value);
    if (name === "src") return PICTURE.test(value);
    return ATTRIBUTES.has(name);
  }

  function made(node) {
    if (typeof node === "string") return node;
    const [tag, attributes, ...children] = node;
    if (!TAGS.has(tag)) return children.map(made).flat();
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (isKept(name, value)) element.setAttribute(name, value);
    }
    for (const child of children) element.append(...[made(child)].flat());
    return element;
  }

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
    document: (view) => sitegen.dom.el("div", { class: "sg-document" }, view.nodes.map(made).flat()),
  };
})();

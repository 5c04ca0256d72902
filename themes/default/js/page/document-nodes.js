/* Documents as trees of elements from a list of ours: texts and [tag, {attributes}, child, …].
 *
 *   sitegen.documentNodes(nodes) -> [elements and texts]
 * Tags and attributes are those of sitegen/derive/document.py; the server kept to them, and what is not on the list is
 * not made here either.
 */
(() => {
  "use strict";
  const TAGS = new Set(("a b blockquote br code dd del details div dl dt em h3 h4 h5 h6 hr i img ins li ol p pre s "
    + "section span strong sub summary sup table tbody td th thead tr u ul").split(" "));
  const ATTRIBUTES = new Set(("alt class colspan href id open rel role rowspan scope src start tabindex title "
    + "aria-label").split(" "));
  const LINK = /^(?:https?:\/\/|mailto:|#|[^:]*$)/i;
  const PICTURE = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}$/;

  function isKept(name, value) {
    if (name === "href") return LINK.test(value);
    if (name === "src") return PICTURE.test(value);
    return ATTRIBUTES.has(name);
  }

  function made(node) {
    if (typeof node === "string") return [node];
    const [tag, attributes, ...children] = node;
    const inside = children.flatMap(made);
    if (!TAGS.has(tag)) return inside;
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (isKept(name, value)) element.setAttribute(name, value);
    }
    element.append(...inside);
    return [element];
  }

  sitegen.documentNodes = (nodes) => nodes.flatMap(made);
})();

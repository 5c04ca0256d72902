/* The namespace, and elements made without HTML text. First script of every page.
 *
 * Markup: `[data-needs-script][hidden]` is shown once scripts run; <html> gets the class `sg-js`.
 *   sitegen.dom.el(tag, attributes, ...children)   class, text, data: {}, on: {}, booleans, the rest as is;
 *                                                  null, undefined and false leave an attribute out
 *   sitegen.dom.svg(tag, attributes, ...children)  the same in the SVG namespace
 *   sitegen.dom.ready(run)       once, in order, after all deferred scripts
 *   sitegen.dom.announce(text)   to screen readers, politely
 *   sitegen.dom.download(name, type, text)         saves a file from memory
 *   sitegen.dom.clear(node) · sitegen.dom.isShown(element)
 */
(() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const ADDRESSES = new Set(["href", "src", "xlink:href", "action", "formaction"]);

  function setAttribute(element, name, value) {
    const lower = name.toLowerCase();
    if (lower.startsWith("on") || lower === "style" || lower === "srcdoc") {
      throw new TypeError(`the attribute ${name} is not set from scripts`);
    }
    if (ADDRESSES.has(lower) && isScriptAddress(String(value))) {
      throw new TypeError(`a script address is not allowed in ${name}`);
    }
    element.setAttribute(name, value === true ? "" : String(value));
  }

  /** Browsers drop control characters and spaces before they read the scheme. */
  function isScriptAddress(address) {
    const scheme = address.replaceAll(/[\u0000-\u0020]/g, "").toLowerCase();
    return scheme.startsWith("javascript:") || scheme.startsWith("vbscript:");
  }

  function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null || value === undefined || value === false) continue;
      if (name === "text") element.textContent = String(value);
      else if (name === "data") Object.assign(element.dataset, value);
      else if (name === "on") {
        for (const [event, run] of Object.entries(value)) element.addEventListener(event, run);
      } else setAttribute(element, name, value);
    }
    append(element, children);
    return element;
  }

  function append(element, children) {
    for (const child of children) {
      if (child === null || child === undefined || child === false) continue;
      if (Array.isArray(child)) append(element, child);
      else element.append(child instanceof Node ? child : String(child));
    }
  }

  const el = (tag, attributes = {}, ...children) =>
    fill(document.createElement(tag), attributes, children);
  const svg = (tag, attributes = {}, ...children) =>
    fill(document.createElementNS(SVG, tag), attributes, children);

  let waiting = [];
  function start() {
    const runs = waiting;
    waiting = null;
    for (const run of runs) run();
  }
  function ready(run) {
    if (waiting === null) run();
    else waiting.push(run);
  }

  let region = null;
  function announce(text) {
    if (region === null) {
      region = el("div", { class: "sg-hidden", role: "status", "aria-live": "polite" });
      document.body.append(region);
    }
    region.textContent = "";
    window.setTimeout(() => { region.textContent = text; }, 50);
  }

  function download(name, type, ...parts) {
    const address = URL.createObjectURL(new Blob(parts, { type }));
    const link = el("a", { href: address, download: name, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }

  const clear = (node) => node.replaceChildren();
  const isShown = (element) => element.getClientRects().length > 0;

  window.sitegen = window.sitegen || {};
  sitegen.dom = { el, svg, ready, announce, download, clear, isShown };

  document.documentElement.classList.add("sg-js");
  ready(() => {
    for (const element of document.querySelectorAll("[data-needs-script]")) element.hidden = false;
  });
  if (document.readyState === "complete") start();
  else document.addEventListener("DOMContentLoaded", start, { once: true });
})();

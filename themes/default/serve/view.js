/* Only under `sitegen serve`: what is not in the address of a page, kept over a reload of it: how far it and
 * its parts are scrolled, which details are open, where the focus is. Tab, filter and selection are in the
 * hash.
 */
(() => {
  "use strict";
  const TRIES_MS = [0, 60, 200, 500, 1000, 2000], FRESH_MS = 20_000;
  const { serve } = sitegen;

  /** A selector of the element: from the nearest id downwards, by place. */
  function pathOf(element) {
    const steps = [];
    for (let one = element; one !== document.body && one !== null; one = one.parentElement) {
      if (one.id) {
        steps.unshift(`#${CSS.escape(one.id)}`);
        break;
      }
      steps.unshift(`${one.localName}:nth-child(${[...one.parentElement.children].indexOf(one) + 1})`);
    }
    return steps.join(" > ");
  }

  const details = () => [...document.querySelectorAll("main details:not(.sg-menu)")];

  function view() {
    const scrolled = [...document.querySelectorAll("main *, aside")].filter((one) => one.scrollTop > 0 || one.scrollLeft > 0);
    const focused = document.activeElement;
    return {
      at: Date.now(),
      page: [window.scrollX, window.scrollY],
      parts: scrolled.map((one) => [pathOf(one), one.scrollLeft, one.scrollTop]),
      open: details().map((one) => one.open),
      focus: focused === null || focused === document.body ? null : pathOf(focused),
    };
  }

  function find(path) {
    try {
      return document.querySelector(path);
    } catch {
      return null;
    }
  }

  /** Whether all is scrolled as it was; parts that are drawn later are not there yet. */
  function scroll(kept) {
    window.scrollTo(...kept.page);
    const parts = kept.parts.map(([path, left, top]) => {
      const one = find(path);
      one?.scrollTo(left, top);
      return one !== null && Math.abs(one.scrollTop - top) < 2;
    });
    return Math.abs(window.scrollY - kept.page[1]) < 2 && parts.every(Boolean);
  }

  function restore(kept) {
    const now = details();
    if (now.length === kept.open.length) kept.open.forEach((isOpen, at) => { now[at].open = isOpen; });
    if (kept.focus) find(kept.focus)?.focus({ preventScroll: true });
    let isTheirs = false; // the reader scrolls: nothing is moved under the hand
    for (const event of ["wheel", "touchstart", "keydown", "pointerdown"]) window.addEventListener(event, () => { isTheirs = true; }, { once: true, passive: true });
    let isThere = false;
    for (const after of TRIES_MS) {
      window.setTimeout(() => {
        if (!isThere && !isTheirs) isThere = scroll(kept);
        if (after === TRIES_MS.at(-1)) window.history.scrollRestoration = "auto";
      }, after);
    }
  }

  serve.view = view;
  sitegen.dom.ready(() => {
    const name = `view-${serve.page}`;
    const kept = serve.stored(name);
    if (kept === null || Date.now() - kept.at > FRESH_MS) return;
    serve.stored(name, null);
    restore(kept);
  });
})();

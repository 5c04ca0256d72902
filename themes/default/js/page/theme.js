/* The reader's choice of light or dark, set before the page is painted.
   Loaded in <head> without defer: the attribute must stand before the first style is computed.
   Without a choice the system decides; choosing what the system has forgets the choice. */
(function () {
  "use strict";

  const root = document.documentElement;
  const key = `${root.dataset.site}:theme`;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const sitegen = (window.sitegen = window.sitegen || {});

  root.classList.add("sg-js");

  /* Storage is refused in some private windows and sandboxes: the theme then lasts for the page. */
  function read() {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  }

  function write(theme) {
    try {
      if (theme === null) localStorage.removeItem(key);
      else localStorage.setItem(key, theme);
    } catch {
      /* Kept in the attribute only. */
    }
  }

  function current() {
    return root.dataset.theme || (system.matches ? "dark" : "light");
  }

  function apply(theme) {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
  }

  function announce() {
    for (const button of document.querySelectorAll('[data-action="theme"]')) {
      button.setAttribute("aria-pressed", String(current() === "dark"));
    }
    document.dispatchEvent(new CustomEvent("sitegen:theme", { detail: current() }));
  }

  function toggle() {
    const wanted = current() === "dark" ? "light" : "dark";
    const isSystem = wanted === (system.matches ? "dark" : "light");
    apply(isSystem ? null : wanted);
    write(isSystem ? null : wanted);
    announce();
  }

  apply(read());
  sitegen.theme = current;

  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll('[data-action="theme"]')) {
      button.hidden = false;
      button.addEventListener("click", toggle);
    }
    system.addEventListener("change", announce);
    announce();
  });
})();

/* Menus are <details class="sg-menu"> (and the header's): they close on Esc, by a press elsewhere, and
 * when the focus goes on. Delegated, so that menus made later close too.
 */
(() => {
  "use strict";
  const MENUS = "details.sg-menu[open], details.sg-header__menu[open]";

  function closeOthers(target) {
    for (const menu of document.querySelectorAll(MENUS)) {
      if (!menu.contains(target)) menu.open = false;
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest?.(MENUS) ?? document.querySelector(MENUS);
    if (menu === null) return;
    menu.open = false;
    menu.querySelector("summary").focus();
    event.preventDefault();
    event.stopPropagation();
  }, { capture: true });
  document.addEventListener("pointerdown", (event) => closeOthers(event.target));
  document.addEventListener("focusin", (event) => closeOthers(event.target));
})();

/* The index: experiments by state and tag, archived ones hidden until asked.
 *
 * Markup: [data-show-for="experiments-table"] with buttons data-show ("" | running | failed),
 * [data-tags-for] with checkboxes, input[data-archived-for]. State in the hash: show, tags, archived.
 */
(() => {
  "use strict";

  sitegen.dom.ready(() => {
    const element = document.getElementById("experiments-table");
    if (element === null) return;
    const table = sitegen.table.get(element), { state } = sitegen;
    const buttons = [...document.querySelectorAll("[data-show-for] [data-show]")];
    const boxes = [...document.querySelectorAll("[data-tags-for] input")];
    const archived = document.querySelector("[data-archived-for]");

    table.narrow("kind", (row) => {
      const show = state.get("show", ""), tags = state.list("tags");
      const isArchived = row.element.hasAttribute("data-archived");
      return (!isArchived || state.get("archived") === "1")
        && (show === "" || row.fields[show] > 0)
        && tags.every((tag) => row.fields.tags.includes(tag));
    });
    for (const button of buttons) {
      button.addEventListener("click", () => state.set({ show: button.dataset.show || null }));
    }
    for (const box of boxes) {
      box.addEventListener("change", () => {
        const chosen = boxes.filter((one) => one.checked).map((one) => one.value);
        state.set({ tags: state.join(chosen) || null });
      });
    }
    element.addEventListener("sg:clear", () => state.set({ show: null, tags: null, archived: null }));
    archived?.addEventListener("change", () => state.set({ archived: archived.checked ? "1" : null }));

    function show() {
      const chosen = state.list("tags");
      for (const button of buttons) {
        button.setAttribute("aria-pressed", String(button.dataset.show === state.get("show", "")));
      }
      for (const box of boxes) box.checked = chosen.includes(box.value);
      if (archived) archived.checked = state.get("archived") === "1";
      table.apply();
    }
    state.onChange((all, keys) => {
      if (["show", "tags", "archived"].some((key) => keys.includes(key))) show();
    });
    show();
  });
})();

/* The choice of eval, which stands in the page once and goes beside the name of the eval that is shown.
 *
 * Markup (templates/parts/evals_head.html): `nav[data-role=choice]`, a row of buttons, or `details[data-role=choice]`,
 * a list that can be searched; `a[data-eval-name]` in either.
 *   sitegen.evalChoice(holder) -> place({ section, name })
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const LONG = 12;

  /** A field above a long list that leaves the names with all its words. */
  function addSearch(choice, links) {
    const input = el("input", { class: "sg-input sg-grid__search", type: "search", placeholder: "Find an eval", "aria-label": "Find an eval",
      spellcheck: "false", autocomplete: "off" });
    const show = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const link of links) link.hidden = !words.every((word) => link.dataset.evalName.toLowerCase().includes(word));
    };
    input.addEventListener("input", show);
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault(); // it would press the button that has the focus next
      links.find((link) => !link.hidden)?.click();
    });
    choice.querySelector("nav").prepend(input);
    choice.addEventListener("toggle", () => {
      if (!choice.open) return;
      input.value = "";
      show();
      choice.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
      input.focus({ preventScroll: true });
    });
  }

  function evalChoice(holder) {
    const choice = holder.querySelector("[data-role=choice]");
    if (choice === null) return () => {};
    const links = [...choice.querySelectorAll("a")];
    if (choice.matches("details") && links.length > LONG) addSearch(choice, links);
    choice.addEventListener("click", (event) => {
      const name = event.target.closest("a")?.dataset.evalName;
      if (name === undefined || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      sitegen.state.set({ tab: "evals", eval: name, sample: null, epoch: null });
      (choice.querySelector("summary") ?? choice.querySelector("[aria-current]")).focus();
    });
    /** A row of buttons has the name in it. */
    return ({ section, name }) => {
      const heading = section.querySelector(".sg-evals__name");
      heading.classList.toggle("sg-hidden", choice.matches("nav"));
      if (heading.nextSibling !== choice) heading.after(choice);
      choice.open = false;
      for (const link of links) {
        if (link.dataset.evalName === name) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    };
  }

  sitegen.evalChoice = evalChoice;
})();

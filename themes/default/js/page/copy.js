/* Copy buttons.
 *
 * Markup: <button type="button" class="sg-copy" data-copy="text" data-needs-script hidden>Copy</button>
 *   or data-copy-from="id" (that element's text), or data-copy-link (the address of this view).
 *   An element inside with class `sg-copy__label` is what says "Copied"; else the button's own text does.
 * <code data-copy-text="the whole digest">sha256:81c4…9d07</code>: what its selection copies.
 *   sitegen.copy.text(string) -> Promise
 */
(() => {
  "use strict";
  const SHOWN_MS = 1500;

  async function text(string) {
    try {
      await navigator.clipboard.writeText(string);
    } catch {
      copyBySelection(string); // no permission, or an old browser on http
    }
  }

  function copyBySelection(string) {
    const field = sitegen.dom.el("textarea", { class: "sg-hidden", "aria-hidden": "true" });
    const focused = document.activeElement;
    field.value = string;
    document.body.append(field);
    field.select();
    const isCopied = document.execCommand("copy");
    field.remove();
    focused?.focus();
    if (!isCopied) throw new Error("The browser did not allow copying.");
  }

  function wanted(button) {
    if (button.hasAttribute("data-copy-link")) return window.location.href;
    if (button.dataset.copyFrom) return document.getElementById(button.dataset.copyFrom)?.textContent ?? "";
    return button.dataset.copy;
  }

  function say(button, message) {
    const label = button.querySelector(".sg-copy__label") ?? (button.childElementCount === 0 ? button : null);
    sitegen.dom.announce(message);
    button.classList.add("sg-copy--done");
    const before = label?.textContent;
    if (label !== null) label.textContent = message;
    button.disabled = true;
    window.setTimeout(() => {
      button.disabled = false;
      button.classList.remove("sg-copy--done");
      if (label !== null) label.textContent = before;
    }, SHOWN_MS);
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy], [data-copy-from], [data-copy-link]");
    if (!button || button.disabled) return;
    try {
      await text(wanted(button));
      say(button, "Copied");
    } catch {
      say(button, "Not copied");
    }
  });

  // A shortened digest that is selected and copied gives the whole one.
  document.addEventListener("copy", (event) => {
    const selection = document.getSelection();
    const holder = [...document.querySelectorAll("[data-copy-text]")].find((element) =>
      selection?.containsNode(element, true) && selection.toString().trim() === element.textContent.trim());
    if (holder === undefined) return;
    event.clipboardData.setData("text/plain", holder.dataset.copyText);
    event.preventDefault();
  });

  sitegen.copy = { text };
})();

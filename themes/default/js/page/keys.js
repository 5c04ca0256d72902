/* Keyboard shortcuts in one place, so that `?` can list them and none fires while someone types.
 *
 *   sitegen.keys.add({ key: "j", label: "Next row", group: "Table", run: (event) => …,
 *                      when: () => boolean, shift: false, ctrl: false, inInputs: false })
 * `key` is KeyboardEvent.key, letters in lower case; `shift` is ignored for signs such as `?`. The binding added
 * last wins where several hold. Alt and Meta are left to the browser; Ctrl only with `ctrl: true`.
 * Nothing fires while a modal dialog is open, but the dialog's own bindings (`modal: true`).
 */
(() => {
  "use strict";
  const bindings = [];
  const isLetter = (key) => /^[a-z]$/i.test(key);

  function add(binding) {
    const whole = { group: "Page", when: () => true, shift: false, ctrl: false, inInputs: false, ...binding };
    bindings.push(whole);
    return () => bindings.splice(bindings.indexOf(whole), 1);
  }

  function isTyping(target) {
    if (!(target instanceof Element)) return false;
    if (target.closest("textarea, select, [contenteditable]:not([contenteditable=false])")) return true;
    return target.matches("input:not([type=checkbox], [type=radio], [type=button], [type=submit])");
  }

  function fits(binding, event) {
    const key = isLetter(event.key) ? event.key.toLowerCase() : event.key;
    if (binding.key !== key || binding.ctrl !== (event.ctrlKey || event.metaKey)) return false;
    if ((isLetter(key) || key.length > 1) && binding.shift !== event.shiftKey) return false;
    if (isTyping(event.target) && !binding.inInputs) return false;
    const isModal = document.querySelector("dialog:modal, [aria-modal=true]") !== null;
    return (!isModal || binding.modal === true) && binding.when(event);
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.isComposing) return;
    const binding = bindings.findLast((one) => fits(one, event));
    if (binding === undefined) return;
    event.preventDefault();
    binding.run(event);
  });

  function name(binding) {
    const key = { ArrowDown: "↓", ArrowUp: "↑", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc" }[binding.key];
    const shown = key ?? binding.key;
    return `${binding.ctrl ? "Ctrl " : ""}${binding.shift ? "Shift " : ""}${shown}`;
  }

  /** The bindings that hold here, once per key, by group. */
  function listed() {
    const groups = new Map();
    for (const binding of bindings) {
      if (!binding.label || !binding.when(null)) continue;
      if (!groups.has(binding.group)) groups.set(binding.group, new Map());
      groups.get(binding.group).set(name(binding), binding.label);
    }
    return groups;
  }

  function help() {
    const { el } = sitegen.dom;
    const groups = [...listed()].map(([group, keys]) => [
      el("h3", { class: "sg-keys__group", text: group }),
      el("dl", { class: "sg-keys__list" }, [...keys].map(([key, label]) => el("div", { class: "sg-keys__row" },
        el("dt", {}, el("kbd", { class: "sg-kbd", text: key })), el("dd", { text: label })))),
    ]);
    const dialog = el("dialog", { class: "sg-dialog sg-keys", "aria-labelledby": "sg-keys-title" },
      el("h2", { class: "sg-dialog__title", id: "sg-keys-title", text: "Keyboard" }), groups,
      el("form", { method: "dialog" }, el("button", { class: "sg-button", text: "Close",
        type: "button", on: { click: () => dialog.close() } })));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  sitegen.keys = { add, help };
  add({ key: "?", label: "This list", run: help });
})();

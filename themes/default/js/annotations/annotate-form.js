/* The form that writes a draft: kind, name with completion, value by kind, rationale, user.
 *
 *   sitegen.annotateForm.open({ target, key, anchor, label, run })      a new annotation
 *   sitegen.annotateForm.open({ draft })                               a draft again
 *   `kind` and `name` may be given; `kept(draft)` is called when a draft is kept
 *   sitegen.annotateForm.add(options, fields) -> the new draft, without a form
 *   sitegen.annotateForm.fromElement(element) -> an edit draft of the sidecar that the element carries, or null
 * The form has no action: what it makes is a draft.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const LONG = /[:[,]\s*-?\d{16,}/;
  let count = 0;

  function names() {
    const shown = [...document.querySelectorAll(".sg-annotation__name")].map((one) => one.textContent);
    return [...new Set([...shown, ...sitegen.drafts.all().map((one) => one.document?.name)])].filter(Boolean).sort();
  }

  function field(label, control, note = null) {
    count += 1;
    control.id = `sg-annotate-${count}`;
    const error = el("p", { class: "sg-form__error", id: `${control.id}-error`, role: "alert", hidden: true });
    return { control, error, element: el("div", {}, el("label", { class: "sg-form__label", for: control.id, text: label }), control, note, error) };
  }

  function say({ control, error }, message) {
    error.hidden = message === null;
    error.textContent = message ?? "";
    if (message === null) control.removeAttribute("aria-invalid");
    else {
      control.setAttribute("aria-invalid", "true");
      control.setAttribute("aria-describedby", error.id);
      control.focus();
    }
    return message !== null;
  }

  function choice(name, label, pairs, chosen) {
    const inputs = pairs.map(([value]) => el("input", { type: "radio", name, value, class: "sg-check__box", checked: value === chosen }));
    const element = el("fieldset", { class: "sg-annotate__choice" }, el("legend", { class: "sg-form__label", text: label }),
      pairs.map(([, text], at) => el("label", { class: "sg-check" }, inputs[at], ` ${text}`)));
    return { element, inputs, value: () => inputs.find((one) => one.checked)?.value ?? null };
  }

  /** What is expected: an integer and a boolean are told from a text by the kind that is chosen. */
  function expectation(text, kind) {
    if (kind === "text") return text === "" ? { fault: "Say what should have been." } : { value: text };
    if (kind === "boolean") return /^(true|false)$/.test(text.trim()) ? { value: text.trim() === "true" } : { fault: "Write true or false." };
    const number = Number(text.trim());
    return /^-?\d{1,15}$/.test(text.trim()) ? { value: number } : { fault: "Write an integer of at most 15 digits." };
  }

  const kindOf = (value) => ({ boolean: "boolean", number: "integer" }[typeof value] ?? "text");

  const heading = () => document.querySelector("h1")?.textContent ?? "";

  function put(draft) {
    sitegen.drafts.put(draft);
    return draft;
  }
  function add({ target, key, anchor = null, label, run = heading() }, fields) {
    const id = sitegen.drafts.ulid();
    return put({
      op: "add", id, file: `${sitegen.drafts.place.folder}${id}.json`, run, label, key, old: null,
      document: { format: 1, id, target, anchor, created_at: new Date().toISOString(), ...fields },
    });
  }
  function change(draft, fields) {
    const times = draft.op === "edit" ? { updated_at: new Date().toISOString() } : {};
    return put({ ...draft, document: { ...draft.document, ...fields, ...times } });
  }

  function open({ target, key, anchor = null, label, run = heading(), draft = null, kind: given = "feedback", name: about = "", kept = null }) {
    const said = draft?.document ?? {};
    const before = document.activeElement;
    const kind = choice("kind", "Kind", [["feedback", "Feedback"], ["expectation", "Expectation"]], said.kind ?? given);
    const list = el("datalist", { id: "sg-annotate-names" }, names().map((one) => el("option", { value: one })));
    const name = field("Name", el("input", { class: "sg-input sg-input--code", list: "sg-annotate-names", maxlength: 200, value: said.name ?? about, autocomplete: "off", spellcheck: "false" }));
    const verdict = choice("verdict", "Value", [["yes", "yes"], ["no", "no"]], said.kind === "feedback" ? (said.value ? "yes" : "no") : null);
    const wrong = el("p", { class: "sg-form__error", role: "alert", hidden: true, text: "Choose yes or no." });
    const type = choice("type", "Type", [["text", "text"], ["integer", "integer"], ["boolean", "true or false"]], said.kind === "expectation" ? kindOf(said.value) : "text");
    const expected = field("Expected", el("textarea", { class: "sg-input", rows: 2 }));
    expected.control.value = said.kind === "expectation" ? String(said.value) : "";
    const why = field("Rationale", el("textarea", { class: "sg-input", rows: 4 }), el("p", { class: "sg-second sg-muted", text: "Markdown; may be empty." }));
    why.control.value = said.rationale ?? "";
    const user = field("User", el("input", { class: "sg-input", value: said.user ?? sitegen.drafts.user(), autocomplete: "off" }));
    const feedback = el("div", {}, verdict.element, wrong), other = el("div", { class: "sg-form" }, type.element, expected.element);
    const byKind = () => {
      feedback.hidden = kind.value() !== "feedback";
      other.hidden = !feedback.hidden;
    };
    for (const input of kind.inputs) input.addEventListener("change", byKind);
    byKind();

    function submit(event) {
      event.preventDefault();
      const isFeedback = kind.value() === "feedback";
      const found = isFeedback ? { value: verdict.value() === "yes" } : expectation(expected.control.value, type.value());
      wrong.hidden = !(isFeedback && verdict.value() === null);
      if (say(name, name.control.value.trim() === "" ? "Give what is judged a name." : null)) return;
      if (!wrong.hidden || say(expected, found.fault ?? null)) return;
      sitegen.drafts.setUser(user.control.value.trim());
      const made = save({ kind: kind.value(), name: name.control.value.trim(), value: found.value, rationale: why.control.value.trim() || null, user: user.control.value.trim() || null });
      dialog.close();
      if (sitegen.drafts.saver === null) sitegen.dom.announce("Kept as a draft");
      kept?.(made);
    }

    const save = (fields) => (draft === null ? add({ target, key, anchor, label, run }, fields) : change(draft, fields));

    const dialog = el("dialog", { class: "sg-dialog sg-annotate", "aria-label": "Annotate" },
      el("h2", { class: "sg-dialog__title", text: draft?.op === "edit" ? "Edit annotation" : "Annotate" }),
      el("p", { class: "sg-second sg-muted", text: [draft?.run ?? run, draft?.label ?? label].filter(Boolean).join(" · ") }),
      el("form", { class: "sg-form", novalidate: true, on: { submit } }, kind.element, name.element, list, feedback, other, why.element, user.element,
        el("p", { class: "sg-annotate__actions" },
          el("button", { type: "submit", class: "sg-button sg-button--primary", text: sitegen.drafts.saver === null ? "Keep as draft" : "Save" }),
          el("button", { type: "button", class: "sg-button", text: "Cancel", on: { click: () => dialog.close() } }))));
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before?.isConnected) before.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
    name.control.focus();
  }

  /** A draft that changes the sidecar whose text *element* carries; null if scripts cannot write it exactly. */
  function fromElement(element, op) {
    const { file, sidecar: old, label, run, target: key } = element.dataset;
    if (old === undefined || (op === "edit" && LONG.test(old.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')))) return null;
    const said = JSON.parse(old.replace(/^\uFEFF/, ""));
    return { op, id: said.id, file, run: run ?? heading(), label, key, old, document: op === "remove" ? null : said };
  }

  sitegen.annotateForm = { open, add, change, fromElement };
})();

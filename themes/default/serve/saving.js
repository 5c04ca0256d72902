/* Only under `sitegen serve`: what the form makes goes into the sidecar at once. A draft stays a draft until
 * the server says that it is written, so that nothing is lost if the disk is full or the server gone.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const { drafts, serve } = sitegen;
  const FIELDS = ["kind", "target", "anchor", "name", "value", "rationale", "user"];
  const faults = new Map(), saving = new Map();
  const saved = new Map(); // by the draft's id: in its file, and not in this page before the next build is done
  const keep = drafts.put, forget = drafts.drop;

  /** The page of the run that the draft is of: this one, or the one that its row links to. */
  function pageOf(draft) {
    if (draft.page) return draft.page;
    if (serve.page.startsWith("runs/")) return serve.page;
    const link = document.getElementById(`annotation-${draft.id}`)?.querySelector('a[href^="runs/"]');
    return link?.getAttribute("href").replace(/#.*$/, "") ?? "";
  }

  function request({ op, id, page, document: said, old }) {
    const picked = said === null ? null : Object.fromEntries(FIELDS.filter((key) => said[key] !== undefined).map((key) => [key, said[key]]));
    return op === "add" ? { op, page, said: picked } : { op, page, id, old, said: picked };
  }

  async function answerOf(draft) {
    let response = null;
    try {
      response = await serve.ask("/-/annotations", { body: request(draft) });
      return { isWritten: response.ok, ...await response.json() };
    } catch {
      const message = response === null ? "The server does not answer." : `The server answered ${response.status}.`;
      return { isWritten: false, message };
    }
  }

  /** `key` is the id that the draft has on this page, false for one that takes another back. */
  async function save(draft, key = draft.id) {
    const answer = await answerOf(draft);
    if (answer.isWritten) {
      faults.delete(draft.id);
      const made = { ...draft, id: answer.id ?? draft.id, now: answer.now };
      if (key !== false) saved.set(key, { made, draft: { ...draft, id: key } });
      forget(draft.id);
      serve.announce(answer.message);
      return made;
    }
    faults.set(draft.id, answer);
    keep(draft); // also shows the fault
    sitegen.dom.announce(`Not saved: ${answer.message}`);
    const opener = document.querySelector(".sg-tray__opener");
    if (opener?.getAttribute("aria-expanded") === "false") opener.click();
    return null;
  }

  /* A draft that is dropped may be in its file already: then the file becomes what it was. */
  async function drop(id) {
    const written = await saving.get(id);
    saving.delete(id);
    faults.delete(id);
    saved.delete(id);
    forget(id);
    if (!written || written.op === "remove") return;
    const undone = written.op === "add"
      ? { ...written, op: "remove", old: written.now, document: null }
      : { ...written, old: written.now, document: JSON.parse(written.old) };
    keep(undone);
    await save(undone, false);
  }

  function confirmed(draft) {
    return new Promise((resolve) => {
      let isSure = false;
      const dialog = el("dialog", { class: "sg-dialog", "aria-label": "Remove annotation" },
        el("h2", { class: "sg-dialog__title", text: "Remove this annotation?" }),
        el("p", { text: "Its file is deleted; what is in git can be taken from there." }), el("p", { class: "sg-id", text: draft.file }),
        el("p", { class: "sg-annotate__actions" },
          el("button", { type: "button", class: "sg-button sg-button--primary", text: "Remove", on: { click: () => { isSure = true; dialog.close(); } } }),
          el("button", { type: "button", class: "sg-button", text: "Cancel", on: { click: () => dialog.close() } })));
      dialog.addEventListener("close", () => {
        dialog.remove();
        resolve(isSure);
      });
      document.body.append(dialog);
      dialog.showModal();
    });
  }

  async function put(draft) {
    const there = saved.get(draft.id)?.made; // said again before it is in the page: the file changes
    const again = there && draft.op !== "remove" ? { op: "edit", id: there.id, old: there.now } : {};
    const whole = { ...draft, ...again, page: pageOf(draft) };
    if (whole.op === "remove" && !await confirmed(whole)) return;
    keep(whole);
    saving.set(draft.id, save(whole, draft.id));
  }

  /* Over what the file says by now; a removed one is written anew. */
  function insist(draft, now) {
    const isGone = now === "";
    save(isGone ? { ...draft, op: "add" } : { ...draft, old: now });
  }

  function entry(draft) {
    const fault = faults.get(draft.id);
    const hasOther = typeof fault?.now === "string";
    const mine = hasOther && !(draft.op === "remove" && fault.now === "");
    return el("div", { class: "sg-serve__fault" },
      fault && el("p", { class: "sg-bad", role: "alert", text: `Not saved. ${fault.message}` }),
      hasOther && fault.now !== "" && el("pre", { class: "sg-code sg-code--wrap", tabindex: "0", text: fault.now }),
      hasOther
        ? mine && el("button", { type: "button", class: "sg-link", text: draft.op === "remove" ? "Remove all the same" : "Save mine over it", on: { click: () => insist(draft, fault.now) } })
        : el("button", { type: "button", class: "sg-link", text: fault ? "Try again" : "Save", on: { click: () => save(draft) } }));
  }

  drafts.put = (draft) => { put(draft); };
  drafts.drop = (id) => { drop(id); };
  drafts.saver = { entry, saved: () => [...saved.values()].map(({ draft }) => draft), note: "These are not in their files yet. They are kept in this browser." };
})();

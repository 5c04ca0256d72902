/* Going through samples or traces one by one: how many are done, the next that is not, a judgement with one key.
 *
 * Markup: any [data-review] opens and closes it; the bar is made here. Hash: review (1 while it is open), review.name.
 * Keys while it is open: 1 yes, 0 no, e expected, n next, u takes the last one back.
 */
(() => {
  "use strict";
  const { el, ready } = sitegen.dom;
  const { state } = sitegen;
  let bar = null, last = null, turn = 0, done = new Set(), known = "";
  const here = new Set(); // judged on this page: a draft that is saved at once is in the page's data only after a build

  const isOpen = () => state.get("review") === "1" && bar !== null && !bar.hidden;
  const nameOf = () => bar.name.value.trim();
  const userOf = () => bar.user.value.trim();
  const under = () => `${userOf()}\n${nameOf()}\n`;
  function finish(queue, row) {
    here.add(under() + queue.keyOf(row));
    done.add(queue.keyOf(row));
  }

  function field(label, value, attributes) {
    const input = el("input", { class: "sg-input", value, autocomplete: "off", spellcheck: "false", ...attributes });
    return [el("label", { class: "sg-review__field" }, el("span", { class: "sg-toolbar__label", text: label }), input), input];
  }

  function make() {
    const [name, nameInput] = field("Review", state.get("review.name", ""), { placeholder: "name, e.g. helpful", class: "sg-input sg-input--code", list: "sg-review-names", maxlength: 200 });
    const [user, userInput] = field("as", sitegen.drafts.user(), { placeholder: "your name" });
    const press = (text, key, run, style = "") => el("button", { type: "button", class: `sg-button ${style}`, on: { click: run } }, text, " ", el("kbd", { class: "sg-kbd", text: key }));
    const count = el("output", { class: "sg-selection__count sg-review__count" }), note = el("span", { class: "sg-selection__names", role: "status" });
    const element = el("div", { class: "sg-selection sg-review", role: "region", "aria-label": "Review", hidden: true }, name, user,
      el("datalist", { id: "sg-review-names" }), count, note,
      el("span", { class: "sg-selection__actions" }, press("Yes", "1", () => judge(true)), press("No", "0", () => judge(false)),
        press("Expected", "e", expect), press("Next", "n", next, "sg-button--primary"),
        el("button", { type: "button", class: "sg-button sg-button--quiet", text: "End", on: { click: () => state.set({ review: null, "review.name": null }) } })));
    nameInput.addEventListener("change", () => state.set({ "review.name": nameOf() || null }));
    userInput.addEventListener("change", () => { sitegen.drafts.setUser(userOf()); refresh(); });
    document.querySelector(".sg-footer").before(element);
    return { element, name: nameInput, user: userInput, count, note, get hidden() { return element.hidden; } };
  }

  /** The names in use, for the field. */
  async function fillNames() {
    const names = new Set((await sitegen.annotations.below("")).map((one) => one.name));
    bar.element.querySelector("datalist").replaceChildren(...[...names].sort().slice(0, 200).map((one) => el("option", { value: one })));
  }

  async function refresh() {
    const queue = state.get("review") === "1" ? sitegen.reviewQueue() : null;
    if (queue === null) {
      if (bar !== null) bar.element.hidden = true;
      mark(false);
      return;
    }
    if (bar === null) {
      bar = make();
      fillNames();
    }
    bar.element.hidden = false;
    mark(true);
    if (document.activeElement !== bar.name) bar.name.value = state.get("review.name", "");
    const mine = ++turn;
    try {
      const found = await sitegen.reviewQueue.judged({ user: userOf(), name: nameOf() });
      if (mine !== turn) return;
      for (const one of here) if (one.startsWith(under())) found.add(one.slice(under().length));
      done = found;
      tell(queue);
    } catch (error) {
      if (!("reason" in error)) throw error;
      bar.note.replaceChildren(sitegen.store.notice(error, refresh));
    }
  }
  function mark(isOn) {
    for (const button of document.querySelectorAll("[data-review]")) button.setAttribute("aria-pressed", String(isOn));
  }

  function tell(queue) {
    const { count } = sitegen.format, rows = queue.grid.rows();
    let finished = 0;
    for (const row of rows) if (done.has(queue.keyOf(row))) finished += 1;
    const filtered = rows.length < queue.grid.frame.n ? " in this filter" : "";
    bar.count.textContent = userOf() === "" ? `Whose of ${count(rows.length)} ${queue.nouns}${filtered}?`
      : `${count(finished)} of ${count(rows.length)} ${queue.nouns}${filtered} annotated by ${userOf()}`;
    bar.element.classList.toggle("sg-review--done", rows.length > 0 && finished === rows.length);
  }

  /** The first after the one that is open that is not annotated, from the beginning after the end. */
  function next() {
    const queue = sitegen.reviewQueue();
    if (queue === null) return;
    const rows = queue.grid.rows(), at = queue.current() === null ? -1 : rows.indexOf(queue.current());
    for (let step = 1; step <= rows.length; step += 1) {
      const row = rows[(at + step) % rows.length];
      if (!done.has(queue.keyOf(row))) {
        queue.go(row);
        return;
      }
    }
    say(rows.length === 0 ? "No row is shown." : `All ${queue.nouns} here are annotated.`);
  }

  function say(text, ...more) {
    bar.note.replaceChildren(text, ...more);
    known = text;
  }

  /** What is missing to judge, told at its field; null if nothing is. */
  function target() {
    if (userOf() === "") { bar.user.focus(); say("Say who you are."); return null; }
    if (nameOf() === "") { bar.name.focus(); say("Name what you judge."); return null; }
    const options = sitegen.annotating.current();
    if (options === null) next();
    return options;
  }

  async function judge(value) {
    const options = target();
    if (options === null) return;
    const queue = sitegen.reviewQueue(), row = queue.current();
    const fields = { kind: "feedback", name: nameOf(), value, user: userOf() };
    const isSame = (said) => said.kind === "feedback" && said.name === fields.name && (said.user ?? "") === fields.user;
    const drafts = [...sitegen.drafts.all(), ...(sitegen.drafts.saver?.saved() ?? [])];
    const before = drafts.find((one) => one.key === options.key && one.file.startsWith(sitegen.drafts.place.folder) && one.document && isSame(one.document)) ?? null;
    const said = before === null ? (await sitegen.annotations.of(options.key)).find(isSame) : undefined;
    const edit = said === undefined ? null : sitegen.annotateForm.fromElement(sitegen.annotations.article(said), "edit");
    const made = before ?? edit ? sitegen.annotateForm.change(before ?? edit, { value }) : sitegen.annotateForm.add(options, fields);
    last = { made, before, row, queue };
    finish(queue, row);
    say(`${fields.name}: ${value ? "yes" : "no"}, ${options.label} `, el("button", { type: "button", class: "sg-link", text: "Take back", on: { click: undo } }));
    sitegen.dom.announce(known);
    next();
  }
  function expect() {
    const options = target();
    if (options === null) return;
    const queue = sitegen.reviewQueue(), row = queue.current();
    sitegen.annotateForm.open({ ...options, kind: "expectation", name: nameOf(), kept(made) {
      last = { made, before: null, row, queue };
      finish(queue, row);
      next();
    } });
  }
  function undo() {
    if (last === null) return;
    const { made, before, row, queue } = last;
    last = null;
    for (const one of here) if (one.endsWith(`\n${queue.keyOf(row)}`)) here.delete(one);
    if (before === null) sitegen.drafts.drop(made.id);
    else sitegen.drafts.put(before);
    say("Taken back.");
    queue.go(row);
  }

  ready(() => {
    for (const button of document.querySelectorAll("[data-review]")) {
      button.addEventListener("click", () => {
        const isOn = state.get("review") === "1";
        state.set({ review: isOn ? null : 1 });
        if (!isOn) (userOf() === "" ? bar.user : nameOf() === "" ? bar.name : null)?.focus();
      });
    }
    const add = (key, label, run) => sitegen.keys.add({ key, label, group: "Review", when: isOpen, run, modal: true });
    add("1", "Yes, and the next", () => judge(true));
    add("0", "No, and the next", () => judge(false));
    add("e", "Say what was expected", expect);
    add("n", "Next that you have not annotated", next);
    add("u", "Take the last one back", undo);
    for (const name of ["sg:grid", "sg:rows"]) document.addEventListener(name, () => { if (state.get("review") === "1") refresh(); });
    sitegen.drafts.onChange(() => { if (isOpen()) refresh(); });
    state.onChange((_, keys) => { if (["review", "review.name", "tab", "eval"].some((key) => keys.includes(key))) refresh(); });
    refresh();
  });
})();

/* The tray of drafts, opened from the header of every page, and the buttons that write drafts.
 *
 *   sitegen.annotating.button({ target, key, anchor, label }) -> "Annotate" for a target of this run
 *   sitegen.annotating.section(options) -> the target's annotations and drafts, and that button
 *   sitegen.annotating.current() -> the options of the target that is shown, null without one
 *   sitegen.annotating.changeButtons(element) adds Edit and Remove to what carries a sidecar
 * Any [data-annotate-run] annotates the run. Sidecars carried by [data-sidecar] get Edit and Remove.
 */
(() => {
  "use strict";
  const { el, ready, clear } = sitegen.dom;
  const HOSTS = { github: "GitHub", gitea: "Gitea", gitlab: "GitLab" };
  const WORDS = { add: "sg-good", edit: "sg-accent", remove: "sg-bad" };
  const KEPT_BY_PAGE = window.location.protocol === "file:" && navigator.userAgent.includes("Firefox/"); // each file is a site of its own
  const proposed = new Set();

  function valueOf(draft) {
    const said = draft.document ?? JSON.parse(draft.old);
    return [el("b", { class: "sg-mono", text: said.name }), " ",
      said.kind === "feedback" ? el("span", { class: said.value ? "sg-good" : "sg-bad", text: said.value ? "✓ yes" : "✕ no" }) : el("span", {}, "expected ", el("code", { text: String(said.value) })),
      said.rationale && el("p", { class: "sg-tray__why", text: said.rationale })];
  }

  function entry(draft) {
    return el("li", { class: "sg-tray__draft" },
      el("p", { class: "sg-tray__head" }, el("span", {}, valueOf(draft).slice(0, 3)),
        el("span", { class: `sg-tray__op ${WORDS[draft.op]}`, text: draft.op })),
      el("p", { class: "sg-second sg-muted", text: [draft.run, draft.label].filter(Boolean).join(" · ") }),
      valueOf(draft)[3],
      el("p", { class: "sg-tray__file sg-id", text: draft.file }), sitegen.drafts.saver?.entry(draft),
      el("p", { class: "sg-tray__actions" },
        draft.op !== "remove" && el("button", { type: "button", class: "sg-link", text: "Edit", on: { click: () => sitegen.annotateForm.open({ draft }) } }),
        el("button", { type: "button", class: "sg-link", text: "Discard", "aria-label": `Discard the draft of ${(draft.document ?? JSON.parse(draft.old)).name}`, on: { click: () => sitegen.drafts.drop(draft.id) } }),
        proposed.has(draft.id) && el("span", { class: "sg-muted", text: "proposed" })));
  }

  /** The host's page of the next draft that was not proposed yet, as a link. */
  function propose(drafts) {
    const { place } = sitegen.drafts;
    const next = drafts.find((one) => !proposed.has(one.id)) ?? drafts[0];
    const page = sitegen.proposals.page(next, place);
    if (page === null) return null;
    const which = drafts.length > 1 ? `, ${drafts.indexOf(next) + 1} of ${drafts.length}` : "";
    const told = el("span", { text: page.content === null ? "" : " The text is copied: paste it there. " });
    const press = async () => {
      proposed.add(next.id);
      const copied = page.content === null ? null : sitegen.copy.text(page.content);
      try {
        await copied;
        window.setTimeout(fill, 0);
      } catch {
        told.textContent = " The text could not be copied. ";
        sitegen.dom.announce("The text could not be copied");
      }
    };
    return [
      el("a", { class: "sg-button sg-button--primary sg-button--wide", href: page.url, target: "_blank", rel: "noopener noreferrer", text: `Propose on ${HOSTS[place.host]}${which}`, on: { click: press } }),
      el("p", { class: "sg-second sg-muted" }, `${HOSTS[place.host]} opens one page per file, on branch ${place.branch} of ${place.name}.`, told,
        page.content !== null && el("button", { type: "button", class: "sg-link", text: "Copy the text", data: { copy: page.content } })),
    ];
  }

  const tray = el("aside", { class: "sg-drawer sg-tray", "aria-label": "Drafts", hidden: true, tabindex: "-1" });
  const opener = el("button", { type: "button", class: "sg-button sg-tray__opener", hidden: true, "aria-expanded": "false", on: { click: () => show(tray.hidden) } });

  function show(isShown) {
    tray.hidden = !isShown;
    opener.setAttribute("aria-expanded", String(isShown));
    if (isShown) tray.focus();
    else opener.focus();
  }

  function noteOf() {
    if (!sitegen.drafts.isKept()) return "This browser keeps nothing for this page: the drafts are gone when it is closed. Download the patch.";
    const where = KEPT_BY_PAGE ? "Firefox keeps them for this page alone, as it was opened from a folder." : "Kept in this browser only.";
    return sitegen.drafts.saver?.note ?? `${where} Nothing is sent until you propose it.`;
  }

  function fill() {
    const drafts = sitegen.drafts.all();
    opener.hidden = drafts.length === 0;
    opener.replaceChildren("Drafts ", el("b", { class: "sg-tray__count", text: drafts.length }));
    clear(tray);
    if (drafts.length === 0) {
      tray.hidden = true;
      return;
    }
    const patch = sitegen.proposals.patch(drafts), { where } = sitegen.drafts.place;
    const changed = drafts.filter(({ op }) => op !== "remove");
    tray.append(
      el("header", { class: "sg-drawer__head" }, el("h2", { class: "sg-drawer__title", text: `Drafts ${drafts.length}` }),
        el("span", { class: "sg-drawer__actions" }, el("button", { type: "button", class: "sg-button sg-button--quiet", text: "Close", on: { click: () => show(false) } }))),
      el("p", { class: `sg-second ${sitegen.drafts.isKept() ? "sg-muted" : "sg-bad"}`, text: noteOf() }),
      el("ul", { class: "sg-tray__drafts" }, drafts.map(entry)),
      el("div", { class: "sg-tray__ways" }, propose(drafts),
        el("button", { type: "button", class: "sg-button", text: "Download patch", on: { click: () => sitegen.dom.download("annotations.patch", "text/x-patch", patch) } }),
        el("button", { type: "button", class: "sg-button", text: "Copy patch", data: { copy: patch } }),
        changed.length > 0 && el("button", { type: "button", class: "sg-button", text: "Download files", on: { click: () => {
          for (const one of changed) sitegen.dom.download(`${one.id}.json`, "application/json", sitegen.proposals.newText(one));
        } } })),
      el("p", { class: "sg-second sg-muted" }, "The patch holds ", drafts.length === 1 ? "the draft" : `all ${drafts.length}`, " and goes in with ", el("code", { text: `git apply ${where ? "--directory=FOLDER " : ""}annotations.patch` }), where ? `, where FOLDER is ${where} in the repository.` : "."),
      el("h3", { text: "Patch" }), el("pre", { class: "sg-code sg-tray__patch", tabindex: "0", text: patch }));
  }

  const targets = new WeakMap();
  function button(options) {
    const made = el("button", { type: "button", class: "sg-button sg-button--small", text: "Annotate", data: { annotateTarget: options.key }, on: { click: () => sitegen.annotateForm.open(options) } });
    targets.set(made, options);
    return made;
  }

  const written = (draft, word) => el("article", { class: "sg-annotation sg-annotation--draft" }, el("p", { class: "sg-annotation__head" }, valueOf(draft).slice(0, 3), " ", el("span", { class: "sg-badge sg-badge--open", text: draft.op === "add" ? word : `${word}: ${draft.op}` })), valueOf(draft)[3]);

  function section(options, heading) {
    const drafts = el("div"), { place } = sitegen.drafts;
    const ofThis = (one) => one.key === options.key && one.file.startsWith(place.folder);
    const refresh = () => drafts.replaceChildren(...sitegen.drafts.all().filter(ofThis).map((one) => written(one, "draft")),
      ...(sitegen.drafts.saver?.saved() ?? []).filter(ofThis).map((one) => written(one, "saved")));
    refresh();
    drafts.dataset.draftsOf = options.key;
    sections.add(new WeakRef(drafts));
    refreshes.set(drafts, refresh);
    return [heading, sitegen.annotations?.nodes(options.key) ?? [], drafts, el("p", {}, button(options))];
  }
  const sections = new Set(), refreshes = new WeakMap();

  function refreshSections() {
    for (const reference of sections) {
      const drafts = reference.deref();
      if (drafts === undefined) sections.delete(reference);
      else refreshes.get(drafts)();
    }
  }

  function changeButtons(element) {
    const place = element.querySelector(".sg-annotation__head, .sg-reviews__target");
    const one = (op, text) => el("button", { type: "button", class: "sg-link sg-annotation__change", text, data: { annotationOp: op } });
    place?.append(" ", one("edit", "Edit"), " ", one("remove", "Remove"));
  }

  document.addEventListener("click", (event) => {
    const op = event.target.closest?.("[data-annotation-op]")?.dataset.annotationOp;
    const element = op && event.target.closest("[data-file]");
    if (!element) return;
    const draft = sitegen.annotateForm.fromElement(element, op);
    if (draft === null) sitegen.dom.announce("This sidecar can only be changed with sitegen annotate edit.");
    else if (op === "edit") sitegen.annotateForm.open({ draft });
    else sitegen.drafts.put(draft);
  });

  ready(() => {
    const header = document.querySelector(".sg-header__end");
    if (header === null) return;
    header.prepend(opener);
    document.body.append(tray);
    for (const element of document.querySelectorAll("[data-sidecar]")) changeButtons(element);
    for (const one of document.querySelectorAll("[data-annotate-run]")) {
      one.addEventListener("click", () => sitegen.annotateForm.open({ target: { type: "run" }, key: "run", label: "the run" }));
    }
    sitegen.drafts.onChange(() => { fill(); refreshSections(); });
    sitegen.keys.add({ key: "Escape", label: "Close the drafts", group: "Annotations", when: () => !tray.hidden && tray.contains(document.activeElement), run: () => show(false) });
    sitegen.keys.add({ key: "a", label: "Annotate the sample or span", group: "Annotations",
      when: () => openButton() !== undefined, run: () => openButton().click() });
    fill();
  });
  const openButton = () => [...document.querySelectorAll("[data-annotate-target]")].find(sitegen.dom.isShown);

  const current = () => targets.get(openButton()) ?? null;

  sitegen.annotating = { button, section, changeButtons, current };
})();

/* The Attachments tab: the server's list as a tree, search in it, and the preview of the chosen file.
 *
 * Markup: see templates/tabs/attachments.html; [data-attachments] with data-role tree, preview, static, no-match.
 * Rows: li[data-file] with data-key (of the preview's data), data-url, data-size, data-facts, data-sha256, …;
 *   li[data-folder][data-open] with an inner list. State in the URL: file=<path>, view=<name>.
 * Keys in the tree: arrows, Home, End, Enter, Space; a letter is left to the page's own keys.
 */
(() => {
  "use strict";
  let root = null, tree = null, panel = null, chosen = null, turn = 0;
  const { el } = sitegen.dom;

  const all = () => [...tree.querySelectorAll(".sg-tree__node")];
  const isShown = (node) => !node.hidden && !node.parentElement.closest('[aria-expanded="false"]');
  const shown = () => all().filter(isShown);
  const byPath = (path) => all().find((node) => node.dataset.file === path) ?? null;

  function setUpTree() {
    tree.setAttribute("role", "tree");
    for (const group of tree.querySelectorAll("ul")) group.setAttribute("role", "group");
    for (const node of all()) {
      const siblings = [...node.parentElement.children];
      node.setAttribute("role", "treeitem");
      node.setAttribute("aria-level", String(level(node)));
      node.setAttribute("aria-setsize", String(siblings.length));
      node.setAttribute("aria-posinset", String(siblings.indexOf(node) + 1));
      node.tabIndex = -1;
      if (node.dataset.folder !== undefined) node.setAttribute("aria-expanded", String(node.dataset.open === "yes"));
      else node.setAttribute("aria-selected", "false");
      node.setAttribute("aria-label", label(node));
      node.querySelector(":scope > .sg-tree__row a")?.replaceWith(nameOf(node));
    }
    if (all().length) all()[0].tabIndex = 0;
    tree.addEventListener("click", onClick);
    tree.addEventListener("keydown", onKey);
  }

  function level(node) {
    let depth = 1;
    for (let parent = node.parentElement; parent !== tree; parent = parent.parentElement) {
      depth += parent.matches(".sg-tree__node") ? 1 : 0;
    }
    return depth;
  }

  const nameOf = (node) => node.dataset.folder ?? node.dataset.file.split("/").at(-1);

  function label(node) {
    const detail = node.querySelector(":scope > .sg-tree__row > .sg-tree__detail").textContent;
    const size = node.querySelector(":scope > .sg-tree__row > .sg-tree__size").textContent;
    return [nameOf(node), detail, size].filter(Boolean).join(", ");
  }

  function onClick(event) {
    const node = event.target.closest(".sg-tree__node");
    if (node) { focus(node); act(node); }
  }

  function act(node) {
    if (node.dataset.folder !== undefined) fold(node, node.getAttribute("aria-expanded") === "true");
    else {
      sitegen.state.set({ file: node.dataset.file, view: null });
      if (panel.offsetLeft === tree.parentElement.offsetLeft) panel.scrollIntoView({ block: "start" }); // one column
    }
  }

  function fold(node, isFolded) {
    node.setAttribute("aria-expanded", String(!isFolded));
  }

  function focus(node) {
    for (const other of tree.querySelectorAll('[tabindex="0"]')) other.tabIndex = -1;
    node.tabIndex = 0;
    node.focus({ preventScroll: false });
  }

  function onKey(event) {
    const node = event.target.closest(".sg-tree__node");
    if (!node || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = step(node, shown());
    if (next) focus(next);
  }

  const STEPS = {
    ArrowDown: (node, nodes) => nodes[nodes.indexOf(node) + 1],
    ArrowUp: (node, nodes) => nodes[nodes.indexOf(node) - 1],
    Home: (node, nodes) => nodes[0],
    End: (node, nodes) => nodes.at(-1),
    ArrowRight: (node, nodes) => {
      if (node.getAttribute("aria-expanded") !== "false") {
        return node.dataset.folder === undefined ? null : nodes[nodes.indexOf(node) + 1];
      }
      fold(node, false);
      return null;
    },
    ArrowLeft: (node) => {
      if (node.getAttribute("aria-expanded") === "true") { fold(node, true); return null; }
      return node.parentElement.closest(".sg-tree__node");
    },
    Enter: (node) => { act(node); return null; },
    " ": (node) => { act(node); return null; },
  };

  function search(input) {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let hits = 0;
    for (const node of all()) {
      if (node.dataset.file === undefined) continue;
      const path = node.dataset.file.toLowerCase();
      node.hidden = !words.every((word) => path.includes(word));
      hits += node.hidden ? 0 : 1;
    }
    for (const folder of all().filter((node) => node.dataset.folder !== undefined)) {
      const hasHit = folder.querySelector("[data-file]:not([hidden])") !== null;
      folder.hidden = !hasHit;
      if (words.length && hasHit) fold(folder, false);
    }
    const message = root.querySelector('[data-role="no-match"]');
    message.hidden = hits > 0;
    message.textContent = hits > 0 ? "" : `No file matches “${input.value}”.`;
    const first = shown()[0];
    if (first && !shown().some((node) => node.tabIndex === 0)) first.tabIndex = 0;
  }

  /** A file beside the folders that has a preview, else any with one, else any. */
  function first() {
    const files = all().filter((node) => node.dataset.file !== undefined);
    const previewed = files.filter((node) => node.dataset.key);
    return previewed.find((node) => node.parentElement === tree) ?? previewed[0] ?? files[0];
  }

  /** The file that the URL names, else the first worth showing. */
  function update() {
    const path = sitegen.state.get("file");
    const node = path === null ? first() : byPath(path);
    if (!node) { if (path !== null) showMissing(path); return; }
    for (const other of all()) if (other.dataset.file !== undefined) other.setAttribute("aria-selected", String(other === node));
    for (let up = node.parentElement.closest(".sg-tree__node"); up; up = up.parentElement.closest(".sg-tree__node")) fold(up, false);
    if (chosen === node) return;
    chosen = node;
    scrollTo(node);
    show(node);
  }

  /** Into the list's own window; the page stays where it is. */
  function scrollTo(node) {
    const list = tree.parentElement, row = node.firstElementChild;
    const above = row.getBoundingClientRect().top - list.getBoundingClientRect().top;
    if (above < 0 || above > list.clientHeight - row.offsetHeight) list.scrollTop += above - list.clientHeight / 2;
  }

  function showMissing(path) {
    chosen = null;
    panel.replaceChildren(el("p", { class: "sg-muted", text: `This run has no attachment called “${path}”.` }));
  }

  async function show(node) {
    const mine = ++turn, path = node.dataset.file;
    const late = setTimeout(() => { if (mine === turn) panel.replaceChildren(head(node, []), note(`Loading ${nameOf(node)}`)); }, 300);
    let views = [], failure = null;
    try {
      if (node.dataset.key) views = (await sitegen.store.get(node.dataset.key)).previews[path] ?? [];
    } catch (error) {
      failure = error;
    }
    clearTimeout(late);
    if (mine !== turn) return;
    if (failure) panel.replaceChildren(head(node, []), sitegen.store.notice(failure, () => show(node)));
    else draw(node, views);
  }

  function draw(node, views) {
    const file = { path: node.dataset.file, name: nameOf(node), url: node.dataset.url };
    const usable = views.filter((view) => view.kind !== "markdown" || sitegen.attachmentView(view, file));
    const wanted = sitegen.state.get("view");
    const view = usable.find((one) => one.name === wanted) ?? usable[0] ?? null;
    const reason = [node.dataset.reason, node.dataset.unpublished && `Not published: ${node.dataset.unpublished}.`];
    const said = view ? view.note : reason.filter(Boolean).join(" ");
    panel.replaceChildren(head(node, usable, view), ...(said ? [note(said)] : []));
    if (view) panel.append(el("div", { class: "sg-attachments__view" }, sitegen.attachmentView(view, file)));
  }

  const note = (text) => el("p", { class: "sg-attachments__note", text });

  function head(node, views, current = null) {
    const { size, facts, sha256, sha256Short, url } = node.dataset;
    const digest = sha256 ? el("span", {}, " · sha256 ", el("span", { class: "sg-id", title: sha256, text: sha256Short, data: { copyText: sha256 } })) : null;
    return el("header", { class: "sg-attachments__head" },
      el("h3", { class: "sg-attachments__name", text: nameOf(node) }),
      el("span", { class: "sg-attachments__facts" }, [size, facts].filter(Boolean).join(" · "), digest),
      el("div", { class: "sg-attachments__actions" },
        views.length > 1 ? segments(node, views, current) : null,
        el("button", { type: "button", class: "sg-button", data: { copyLink: "" } }, sitegen.attachmentIcon("link"), el("span", { class: "sg-copy__label", text: "Link" })),
        url ? el("a", { class: "sg-button", href: url, download: nameOf(node) }, sitegen.attachmentIcon("download"), "Download") : null));
  }

  function segments(node, views, current) {
    const buttons = views.map((view) => el("button", {
      type: "button", class: "sg-segments__segment", "aria-pressed": String(view === current), text: view.name,
      on: { click: () => { sitegen.state.set({ view: view === views[0] ? null : view.name, file: node.dataset.file }); draw(node, views); } },
    }));
    return el("div", { class: "sg-segments", role: "group", "aria-label": "View" }, buttons);
  }

  sitegen.dom.ready(() => {
    root = document.querySelector("[data-attachments]");
    if (!root) return;
    tree = root.querySelector('[data-role="tree"]');
    panel = root.querySelector('[data-role="preview"]');
    root.querySelector('[data-role="static"]').hidden = true;
    setUpTree();
    const input = root.querySelector("input[type=search]");
    input?.addEventListener("input", () => search(input));
    const begin = () => { sitegen.state.onChange(update); update(); };
    const section = root.closest(".sg-panel");
    if (!section || sitegen.state.get("tab") === "attachments") begin();
    else section.addEventListener("sg:tab", begin, { once: true });
  });
})();

/* The Attachments tab: the server's list of files as a tree, with folding, keys and search; the preview of the
 * chosen file is js/attachments/attachments-view.js.
 *
 * Markup: [data-attachments][data-slug] with data-role tree, preview, static, no-match; ul of li.sg-tree__node;
 *   li[data-file] with what is known of the file in data-*, li[data-folder][data-open] with an inner list.
 *   data-more: key of the rows beyond the page's 500. State in the URL: file=<path>, view=<name>,
 *   and what the view adds (order of a table, step of a series).
 * Keys in the tree: arrows, Home, End, Enter, Space.
 */
(() => {
  "use strict";
  function makeTree(root, choose) {
    const { el } = sitegen.dom;
    const tree = root.querySelector('[data-role="tree"]');
    const nodes = () => [...tree.querySelectorAll(".sg-tree__node")];
    const files = () => nodes().filter((node) => node.dataset.file !== undefined);
    // A file of a series is not listed by itself: its path leads to the series.
    const byPath = (path) => files().find((node) => node.dataset.file === path) ??
      files().find((node) => node.dataset.series && path?.startsWith(node.dataset.series)) ?? null;
    const parentOf = (node) => node.parentElement.closest(".sg-tree__node");
    const isFolder = (node) => node.dataset.folder !== undefined;
    // Characters that turn the direction of text: a<U+202E>gnp.exe would read as aexe.png.
    const plainName = (name) => name.replace(/[\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
    const nameOf = (node) => plainName(node.dataset.folder ?? node.dataset.file.split("/").at(-1));
    const shown = () => nodes().filter((node) => !node.hidden && !node.parentElement.closest('[aria-expanded="false"]'));

    /** Roles and positions of all nodes; can be repeated. */
    function describe() {
      tree.setAttribute("role", "tree");
      for (const group of tree.querySelectorAll("ul")) group.setAttribute("role", "group");
      for (const node of nodes()) {
        const siblings = node.parentElement.children;
        node.setAttribute("role", "treeitem");
        node.setAttribute("aria-level", String(level(node)));
        node.setAttribute("aria-setsize", String(siblings.length));
        node.setAttribute("aria-posinset", String([...siblings].indexOf(node) + 1));
        node.setAttribute("aria-label", label(node));
        if (node.tabIndex !== 0) node.tabIndex = -1;
        const state = isFolder(node) ? "aria-expanded" : "aria-selected";
        if (!node.hasAttribute(state)) node.setAttribute(state, String(isFolder(node) && node.dataset.open === "yes"));
        node.querySelector(":scope > .sg-tree__row a")?.replaceWith(nameOf(node));
      }
      keepOneStop();
    }

    function level(node) {
      let depth = 1;
      for (let parent = parentOf(node); parent; parent = parentOf(parent)) depth += 1;
      return depth;
    }

    function label(node) {
      const parts = [...node.querySelectorAll(":scope > .sg-tree__row > :is(.sg-tree__detail, .sg-tree__size)")];
      return [nameOf(node), ...parts.map((part) => part.textContent)].filter(Boolean).join(", ");
    }

    function keepOneStop() {
      const visible = shown();
      if (visible.length && !visible.some((node) => node.tabIndex === 0)) visible[0].tabIndex = 0;
    }

    function fold(node, isFolded) {
      node.setAttribute("aria-expanded", String(!isFolded));
    }

    function act(node) {
      if (isFolder(node)) fold(node, node.getAttribute("aria-expanded") === "true");
      else choose(node);
    }

    function focus(node) {
      for (const other of tree.querySelectorAll('[tabindex="0"]')) other.tabIndex = -1;
      node.tabIndex = 0;
      node.focus();
    }

    const steps = {
      ArrowDown: (node, all) => all[all.indexOf(node) + 1],
      ArrowUp: (node, all) => all[all.indexOf(node) - 1],
      Home: (node, all) => all[0],
      End: (node, all) => all.at(-1),
      ArrowRight(node, all) {
        if (!isFolder(node)) return null;
        if (node.getAttribute("aria-expanded") === "true") return all[all.indexOf(node) + 1];
        fold(node, false);
        return null;
      },
      ArrowLeft(node) {
        if (node.getAttribute("aria-expanded") !== "true") return parentOf(node);
        fold(node, true);
        return null;
      },
      Enter: (node) => { act(node); },
      " ": (node) => { act(node); },
    };

    tree.addEventListener("click", (event) => {
      const node = event.target.closest(".sg-tree__node");
      if (node) { focus(node); act(node); }
    });
    tree.addEventListener("keydown", (event) => {
      const node = event.target.closest(".sg-tree__node"), step = steps[event.key];
      if (!node || !step || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      const next = step(node, shown());
      if (next) focus(next);
    });

    function select(node) {
      for (const other of files()) other.setAttribute("aria-selected", String(other === node));
      for (let up = parentOf(node); up; up = parentOf(up)) fold(up, false);
      const list = tree.parentElement, row = node.firstElementChild;
      const above = row.getBoundingClientRect().top - list.getBoundingClientRect().top;
      if (above < 0 || above > list.clientHeight - row.offsetHeight) list.scrollTop += above - list.clientHeight / 2;
    }

    /** Leaves the files whose path holds every word; returns how many. */
    function search(text) {
      const words = text.toLowerCase().split(/\s+/).filter(Boolean);
      for (const node of files()) {
        const path = node.dataset.file.toLowerCase();
        node.hidden = !words.every((word) => path.includes(word));
      }
      for (const node of nodes().filter(isFolder)) {
        node.hidden = node.querySelector("[data-file]:not([hidden])") === null;
        if (words.length && !node.hidden) fold(node, false);
      }
      keepOneStop();
      return files().filter((node) => !node.hidden).length;
    }

    function row(isFile, name, detail, size) {
      return el("div", { class: "sg-tree__row" },
        isFile ? null : el("span", { class: "sg-tree__caret", "aria-hidden": "true" }, sitegen.attachmentIcon("right")),
        sitegen.attachmentIcon(isFile ? "file" : "folder"), el("span", { class: "sg-tree__name", text: name }),
        el("span", { class: "sg-tree__detail", text: detail }), el("span", { class: "sg-tree__size", text: size }));
    }

    function groupOf(folders) {
      let group = tree;
      for (const name of folders) {
        let node = [...group.children].find((child) => child.dataset.folder === name);
        if (!node) {
          node = el("li", { class: "sg-tree__node", data: { folder: name, open: "no" } }, row(false, name, "", ""), el("ul", { class: "sg-tree__group" }));
          group.insertBefore(node, [...group.children].find((child) => child.dataset.file !== undefined) ?? null);
        }
        group = node.querySelector(":scope > .sg-tree__group");
      }
      return group;
    }

    function add(rows) {
      for (const one of rows) {
        const size = sitegen.format.bytes(one.size), folders = one.path.split("/"), name = plainName(folders.pop());
        groupOf(folders.map(plainName)).append(el("li", {
          class: "sg-tree__node", data: {
            file: one.path, key: one.data ?? "", url: one.url ?? "", size, facts: one.facts, sha256: one.sha256 ?? "",
            sha256Short: one.sha256 ? `${one.sha256.slice(0, 4)}…${one.sha256.slice(-4)}` : "",
            reason: one.reason, unpublished: one.unpublished ?? "",
          },
        }, row(true, name, one.unpublished ? "not published" : one.detail, size)));
      }
      describe();
    }

    describe();
    return { files, byPath, select, search, add, nameOf, tree };
  }

  let root = null, files = null, panel = null, preview = null, chosen = null, more = null;

  /** The rows beyond the first 500, once, when they are asked for. */
  function loadMore() {
    more ??= root.dataset.more ? sitegen.store.get(root.dataset.more).then(addMore) : Promise.resolve();
    return more;
  }

  function addMore({ rows }) {
    const { slug } = root.dataset, base = document.documentElement.dataset.root ?? "";
    files.add(rows.map((row) => ({
      ...row, data: row.data && `${slug}/${row.data}`, url: row.file && base + row.file,
    })));
    const count = root.querySelector('[data-role="shown"]');
    if (count) count.hidden = true;
  }

  /** A file beside the folders that has a preview, else any with one, else any. */
  function first() {
    const all = files.files(), previewed = all.filter((node) => node.dataset.key);
    return previewed.find((node) => node.parentElement === files.tree) ?? previewed[0] ?? all[0];
  }

  /** Shows the file that the URL names, else the first worth showing. */
  async function update() {
    const path = sitegen.state.get("file");
    const stepOf = /\/(-?\d+)\.[^./]+$/.exec(path ?? "");
    let node = path === null ? first() : files.byPath(path);
    if (!node) {
      await loadMore().catch(() => null);
      node = files.byPath(path);
    }
    if (!node) {
      chosen = null;
      preview.missing(path);
    } else if (node !== chosen) {
      chosen = node;
      if (node.dataset.series && node.dataset.file !== path && stepOf) sitegen.state.set({ file: node.dataset.file, step: stepOf[1] }, { push: false });
      files.select(node);
      preview.show(node);
    }
  }

  function choose(node) {
    sitegen.state.set({ file: node.dataset.file, view: null, order: null, step: null });
    const list = files.tree.parentElement;
    if (panel.offsetLeft === list.offsetLeft) panel.scrollIntoView({ block: "start" }); // one column
  }

  function search(text) {
    const hits = files.search(text), message = root.querySelector('[data-role="no-match"]');
    message.hidden = hits > 0;
    message.textContent = hits > 0 ? "" : `No file matches “${text}”.`;
  }

  sitegen.dom.ready(() => {
    root = document.querySelector("[data-attachments]");
    if (!root) return;
    panel = root.querySelector('[data-role="preview"]');
    root.querySelector('[data-role="static"]').remove(); // its ids come again in the preview
    files = makeTree(root, choose);
    preview = sitegen.attachmentPanel(panel, files.nameOf);
    const input = root.querySelector("input[type=search]");
    input?.addEventListener("input", () => loadMore().catch(() => null).then(() => search(input.value)));
    root.querySelector('[data-action="show-all"]')?.addEventListener("click", loadMore);
    const section = root.closest(".sg-panel");
    const begin = () => { sitegen.state.onChange(update); update(); };
    if (!section || sitegen.state.get("tab") === "attachments") begin();
    else section.addEventListener("sg:tab", begin, { once: true });
  });
})();

/* The preview of an attachment: its head, and one of its views as elements.
 *
 *   sitegen.attachmentPanel(panel, nameOf) -> { show(node), missing(path) }   node: li[data-file] of the tree
 *   sitegen.attachmentIcon(name) -> a copy of `template[data-icon=name]` of the tab
 *   sitegen.attachmentViews      kind -> (view, file) => element, filled by the attachments-*.js before this one
 * A view has kind, name and note, and what its kind needs. Whatever the file holds is set as text.
 */
(() => {
  "use strict";
  sitegen.attachmentIcon = (name) =>
    document.querySelector(`[data-attachments] template[data-icon="${name}"]`)?.content.cloneNode(true) ?? null;

  sitegen.attachmentPanel = (panel, nameOf) => {
    const { el } = sitegen.dom;
    let turn = 0;

    async function show(node) {
      const mine = ++turn;
      const late = setTimeout(() => {
        if (mine === turn) panel.replaceChildren(head(node, []), note(`Loading ${nameOf(node)}`));
      }, 300);
      let views = [], failure = null;
      try {
        if (node.dataset.key) views = (await sitegen.store.get(node.dataset.key)).previews[node.dataset.file] ?? [];
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
      const wanted = sitegen.state.get("view");
      const view = views.find((one) => one.name === wanted) ?? views[0] ?? null;
      const unpublished = node.dataset.unpublished ? `Not published: ${node.dataset.unpublished}.` : "";
      const said = [view ? view.note : node.dataset.reason, unpublished].filter(Boolean).join(" ");
      panel.replaceChildren(head(node, views, view));
      if (said) panel.append(note(said));
      if (view) panel.append(el("div", { class: `sg-attachments__view sg-attachments__view--${view.kind}` }, sitegen.attachmentViews[view.kind](view, file)));
    }

    const note = (text) => el("p", { class: "sg-attachments__note", text });

    function head(node, views, current = null) {
      const { size, facts, sha256, sha256Short, url } = node.dataset, name = nameOf(node);
      const digest = el("span", { class: "sg-id", title: sha256, text: sha256Short, data: { copyText: sha256 } });
      return el("header", { class: "sg-attachments__head" },
        el("h3", { class: "sg-attachments__name", text: name }),
        el("span", { class: "sg-attachments__facts" }, [size, facts].filter(Boolean).join(" · "), sha256 ? [" · sha256 ", digest] : null),
        el("div", { class: "sg-attachments__actions" },
          views.length > 1 ? segments(node, views, current) : null,
          el("button", { type: "button", class: "sg-button", data: { copyLink: "" } },
            sitegen.attachmentIcon("link"), el("span", { class: "sg-copy__label", text: "Link" })),
          url ? el("a", { class: "sg-button", href: url, download: name }, sitegen.attachmentIcon("download"), "Download") : null));
    }

    function segments(node, views, current) {
      const buttons = views.map((view) => el("button", {
        type: "button", class: "sg-segments__segment", "aria-pressed": String(view === current), text: view.name,
        on: { click: () => turnTo(node, views, view) },
      }));
      return el("div", { class: "sg-segments", role: "group", "aria-label": "View" }, buttons);
    }

    function turnTo(node, views, view) {
      sitegen.state.set({ file: node.dataset.file, view: view === views[0] ? null : view.name });
      draw(node, views);
      panel.querySelector('.sg-segments__segment[aria-pressed="true"]')?.focus();
    }

    function missing(path) {
      turn += 1;
      panel.replaceChildren(el("p", { class: "sg-muted", text: `This run has no attachment called “${path}”.` }));
    }

    return { show, missing };
  };
})();

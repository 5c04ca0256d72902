/* The trace of a sample inline: the waterfall of its spans, loaded when it is unfolded.
 *
 *   sitegen.sampleTrace.section(id, number) -> <details>; a span that is pressed opens in the Traces tab
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;

  /** Name of the data file that holds a trace, null for one that the run does not have. */
  async function fileOf(root, id) {
    const grid = sitegen.grid?.get(root.querySelector("#traces-table"));
    if (grid) {
      await grid.frame.load(["id", "file"]);
      for (let row = 0; row < grid.frame.n; row += 1) if (grid.frame.value("id", row) === id) return grid.frame.value("file", row);
      return null;
    }
    for (const name of JSON.parse(root.dataset.lists)) {
      const part = await sitegen.store.get(`${root.dataset.slug}/${name}`), at = part.id.indexOf(id);
      if (at >= 0) return part.file[at];
    }
    return null;
  }

  async function fill(holder, note, id) {
    const root = document.querySelector("[data-traces]");
    const file = root === null ? null : await fileOf(root, id);
    const payload = file === null ? undefined : (await sitegen.store.get(`${root.dataset.slug}/${file}`)).entries[id];
    if (payload === undefined) {
      holder.replaceChildren(el("p", { class: "sg-muted", text: `This run has no trace ${id}.` }));
      return;
    }
    const model = sitegen.waterfall.modelOf(payload), { count, duration_ns } = sitegen.format;
    note.textContent = [`${count(model.count)} ${model.count === 1 ? "span" : "spans"}`,
      payload.duration_us !== null && duration_ns(payload.duration_us * 1000),
      payload.errors > 0 && `${count(payload.errors)} ${payload.errors === 1 ? "error" : "errors"}`].filter(Boolean).join(" · ");
    holder.replaceChildren();
    const onSelect = (at, isOpening) => {
      if (isOpening) sitegen.state.set({ tab: "traces", trace: id, span: model.id[at] });
    };
    sitegen.waterfall.create(holder, model, { onSelect, annotated: () => false });
  }

  function section(id, number = 0) {
    const note = el("span", { class: "sg-fold__note", text: id }), holder = el("div", { class: "sg-sample__trace" });
    let isAsked = false;
    async function load() {
      isAsked = true;
      try {
        await fill(holder, note, id);
      } catch (error) {
        if (!("reason" in error)) throw error;
        holder.replaceChildren(sitegen.store.notice(error, load));
      }
    }
    const fold = el("details", { class: "sg-fold", on: { toggle: () => { if (fold.open && !isAsked) load(); } } },
      el("summary", {}, el("span", { class: "sg-fold__title", text: number === 0 ? "Trace" : `Trace ${number + 1}` }), note), holder);
    return fold;
  }

  sitegen.sampleTrace = { section };
})();

/* What there is to review on the tab that is shown, and what of it a person has annotated.
 *
 *   sitegen.reviewQueue() -> { noun, nouns, grid, keyOf(row), go(row), current() -> row or null }, null on other tabs
 *   sitegen.reviewQueue.judged({ user, name }) -> Promise of the Set of keys that they annotated; "" as name: by any
 * Keys are target keys of samples, and `trace:<id>` for all spans of a trace. Rows are those of the tab's table, in its
 * order and filter.
 */
(() => {
  "use strict";
  const { state } = sitegen;

  function evals() {
    const names = [...document.querySelectorAll("[data-eval]")].map((one) => one.dataset.eval);
    const wanted = state.get("eval"), name = names.includes(wanted) ? wanted : names[0];
    const grid = sitegen.grid.all().find((one) => one.evalName === name && name !== undefined);
    if (grid === undefined) return null;
    const idOf = (row) => [grid.frame.value("id", row), String(grid.frame.value("epoch", row) ?? 1)];
    return {
      noun: "sample", nouns: "samples", grid,
      keyOf: (row) => `sample:${name}/${idOf(row).join("/")}`,
      go(row) {
        const [sample, epoch] = idOf(row);
        state.set({ tab: "evals", eval: name, sample, epoch }, { push: false });
      },
      current: () => (state.get("sample") === null ? null : sitegen.evalsTable.find(grid, state.get("sample"), state.get("epoch", "1"))),
    };
  }

  function traces() {
    const grid = sitegen.grid.all().find(({ element }) => element.id === "traces-table");
    if (grid === undefined) return null;
    return {
      noun: "trace", nouns: "traces", grid,
      keyOf: (row) => `trace:${grid.keyOf(row)}`,
      async go(row) {
        const id = grid.keyOf(row), { slug } = document.querySelector("[data-traces]").dataset;
        const { model } = await sitegen.traceData.load(slug, { id, file: grid.frame.value("file", row) });
        state.set({ tab: "traces", trace: id, span: model.id[0], view: null, with: null }, { push: false });
      },
      current: () => (state.get("trace") === null ? null : grid.rowOf(state.get("trace"))),
    };
  }

  const queue = () => ({ evals, traces }[state.get("tab")]?.() ?? null);

  const placeOf = (key) => (key.startsWith("span:") ? `trace:${key.slice(5, key.lastIndexOf("/"))}` : key);

  async function judged({ user, name }) {
    const isTheirs = (one) => (one.user ?? "") === user && (name === "" || one.name === name);
    const found = new Map();
    for (const one of await sitegen.annotations.below("")) if (isTheirs(one)) found.set(one.id, placeOf(one.key));
    for (const draft of sitegen.drafts.all()) {
      if (!draft.file.startsWith(sitegen.drafts.place.folder)) continue;
      if (draft.document && isTheirs(draft.document)) found.set(draft.id, placeOf(draft.key));
      else found.delete(draft.id);
    }
    return new Set(found.values());
  }

  sitegen.reviewQueue = Object.assign(queue, { judged });
})();

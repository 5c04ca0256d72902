/* The Attachments panel of compare.html: which files the runs have, and those of one path that differ, two runs at a
 * time: pictures under a slider, tables by rows and cells, texts by words.
 *
 *   sitegen.compareAttachments.drawInto(panel, view)
 * Hash: left, right (keys of the two runs), file (path whose difference is open), facts=all. What a file holds comes
 * from its preview in the run's data files, so it is cut where previews are, and says so.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const { state } = sitegen;
  const SHORT = 12, MOST_FILES = 200, PICTURE = /\.(?:png|jpg|gif|webp)$/, TEXTS = ["Source", "Text", "Formatted"];

  const listed = ({ data }) => Object.fromEntries(data.attachments.map((one) => [one.path,
    `${sitegen.format.bytes(one.size_bytes)} · ${one.sha256 ? `sha256:${one.sha256.slice(0, SHORT)}` : "cannot be read"}`]));

  async function views(run, file) {
    if (file.data === null) return [];
    return (await sitegen.store.get(`${run.data.slug}/${file.data}`)).previews[file.path] ?? [];
  }
  const pictureOf = (file, found) => (file.file && PICTURE.test(file.file) ? file.file : found.find(({ kind, source }) => kind === "image" && source)?.source ?? null);
  const tableOf = (found) => found.find(({ kind }) => kind === "table") ?? null;
  function textOf(found) {
    const texts = found.filter(({ kind }) => kind === "text"), one = texts.find(({ name }) => TEXTS.includes(name)) ?? texts[0];
    return one ? { text: one.pieces.map(([, text]) => text).join(""), note: one.note } : null;
  }

  /** What differs between two files, by the richest form that both have. */
  async function difference([left, right], [before, after]) {
    const names = [left, right].map((run) => [run.letter, run.name].filter(Boolean).join(" "));
    const [a, b] = await Promise.all([views(left, before), views(right, after)]);
    const pictures = [pictureOf(before, a), pictureOf(after, b)];
    if (pictures.every(Boolean)) return sitegen.pictureSlider({ before: pictures[0], after: pictures[1], names, label: before.path });
    const tables = [tableOf(a), tableOf(b)], texts = [textOf(a), textOf(b)];
    const note = (found) => [...new Set(found.map((one) => one.note).filter(Boolean))].map((text) => el("p", { class: "sg-second sg-muted", text }));
    if (tables.every(Boolean)) return el("div", {}, note(tables), sitegen.tablediff.element({ before: tables[0], after: tables[1], names }));
    if (texts.every(Boolean)) return el("div", {}, note(texts), sitegen.textdiff.element({ before: texts[0].text, after: texts[1].text, names }));
    return el("p", { class: "sg-muted", text: "There is no preview that could be compared; sizes and digests are above." });
  }

  function section(runs, files) {
    const [{ path }] = files, body = el("div", { class: "sg-comparefile" });
    const details = el("details", { class: "sg-fold", open: state.get("file") === path }, el("summary", {}, el("span", { class: "sg-fold__title sg-mono", text: path }),
      el("span", { class: "sg-fold__note", text: files.map(({ size_bytes: size }) => sitegen.format.bytes(size)).join(" and ") })), body);
    let isFilled = false;
    async function fill() {
      isFilled = true;
      try {
        body.replaceChildren(await difference(runs, files));
      } catch (error) {
        if (!("reason" in error)) throw error;
        body.replaceChildren(sitegen.store.notice(error, fill));
      }
    }
    details.addEventListener("toggle", () => {
      if (details.open && state.get("file") !== path) state.set({ file: path }, { push: false });
      else if (!details.open && state.get("file") === path) state.set({ file: null }, { push: false });
      if (details.open && !isFilled) fill();
    });
    return details;
  }

  function choice(label, key, runs, current, redraw) {
    const field = el("select", { class: "sg-input sg-select", "aria-label": label }, runs.map((run) => el("option", { value: run.key, selected: run === current, text: [run.letter, run.name].filter(Boolean).join(" ") })));
    field.addEventListener("change", () => { state.set({ [key]: field.value }); redraw(); });
    return el("span", { class: "sg-select-frame" }, field, sitegen.compareMetrics.down());
  }

  function drawInto(panel, { runs }) {
    const chosen = (key, standard) => runs.find((run) => run.key === state.get(key)) ?? standard;
    const left = chosen("left", runs[0]), right = chosen("right", runs.find((run) => run !== left)), redraw = () => drawInto(panel, { runs });
    const rows = sitegen.compareTable.rows(runs, listed), byPath = new Map(right.data.attachments.map((one) => [one.path, one]));
    const pairs = left.data.attachments.map((one) => [one, byPath.get(one.path)]).filter(([, other]) => other !== undefined);
    const differing = pairs.filter(([a, b]) => a.sha256 !== b.sha256), same = pairs.length - differing.length;
    const folds = differing.slice(0, MOST_FILES).map((files) => section([left, right], files));
    if (state.get("file") === null && folds.length > 0) folds[0].open = true;
    panel.replaceChildren(
      el("section", { class: "sg-section", "aria-label": "What differs" }, el("header", { class: "sg-section__head" }, el("h3", { text: "What differs" }),
        el("span", { class: "sg-section__note", text: `${differing.length} of ${pairs.length} files of one path${same ? `, ${same} equal` : ""}${folds.length < differing.length ? `; the first ${folds.length} are shown` : ""}` })),
      runs.length > 2 && el("div", { class: "sg-toolbar" }, choice("First run", "left", runs, left, redraw), "against", choice("Second run", "right", runs, right, redraw)),
      folds.length > 0 ? folds : el("p", { class: "sg-muted", text: pairs.length ? "Files of the same path are equal in both." : "The two runs have no file of the same path." })),
      sitegen.compareTable.element({ title: "Files", label: "File", runs, rows, all: state.get("facts") === "all", key: "facts", none: "none" }));
  }

  sitegen.compareAttachments = { drawInto };
})();

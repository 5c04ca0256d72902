/* Facts of several runs side by side: a row a fact, a column a run, what differs from the first one marked.
 *
 *   sitegen.compareTable.rows(runs, read) -> [{ name, texts: [text | null per run], isSame }], names in order
 *     read(run) -> { name: text }
 *   sitegen.compareTable.element({ title, label, runs, rows, all, key, cell }) -> section
 *     none: what stands where a run has nothing; all: whether equal rows are shown; key: of the hash that says so
 *   sitegen.compareTable.heads(runs) -> th of the runs · .byName(a, b): names in order, numbers in them by value
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const LONG = 60, MOST_ROWS = 1_000;

  function rows(runs, read) {
    const values = runs.map(read), names = [...new Set(values.flatMap((one) => Object.keys(one)))];
    return names.map((name) => {
      const texts = values.map((one) => one[name] ?? null);
      return { name, texts, isSame: texts.every((text) => text === texts[0]) };
    });
  }

  const heads = (runs) => runs.map((run) => el("th", { scope: "col", class: "sg-comparetable__run", title: `${run.experiment.title} / ${run.name}` },
    run.letter && `${run.letter} `, sitegen.crosshair.seriesKey(run.ink), " ",
    el("a", { href: run.url, text: run.name })));

  /** JSON with a member a line, so that a diff of words shows which one changed. */
  function laidOut(text) {
    if (!/^[[{]/.test(text)) return text.startsWith('"') ? unquoted(text) : text;
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  }
  function unquoted(text) {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }

  const isLong = (text) => text !== null && (text.length > LONG || /^[[{]./.test(text) && text.length > 24);

  /** The words in which a long text differs from that of the first run. */
  function difference(row, runs) {
    const [before] = row.texts;
    const others = runs.map((run, at) => ({ run, text: row.texts[at] })).slice(1)
      .filter(({ text }) => text !== before && text !== null);
    if (row.isSame || before === null || !others.some(({ text }) => isLong(text) || isLong(before))) return null;
    const details = el("details", { class: "sg-fold sg-comparetable__diff" },
      el("summary", {}, el("span", { class: "sg-fold__title sg-mono", text: row.name }),
        el("span", { class: "sg-fold__note", text: "what differs" })));
    details.addEventListener("toggle", () => {
      if (!details.open || details.childElementCount > 1) return;
      for (const { run, text } of others) {
        details.append(sitegen.textdiff.element({ before: laidOut(before), after: laidOut(text), names: [runs[0].name, run.name] }));
      }
    });
    return details;
  }

  function plainCell(text, row, none) {
    if (text === null) return el("td", { class: "sg-muted", text: none });
    const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
    return el("td", { class: "sg-table__mono", title: text.length > 200 ? text.slice(0, 2_000) : null },
      row.isSame ? shown : el("span", { class: "sg-differs", text: shown }));
  }

  function element({ title, label, runs, rows: every, all = false, key = null, cell = plainCell, note = null, none = "not set" }) {
    const differing = every.filter(({ isSame }) => !isSame), shown = (all ? every : differing).slice(0, MOST_ROWS);
    const head = el("header", { class: "sg-section__head" }, el("h3", { text: title }),
      el("span", { class: "sg-section__note", text: note ?? `${differing.length} of ${every.length} differ` }),
      key && every.length > differing.length && el("button", { type: "button", class: "sg-link sg-section__more",
        text: all ? "Only what differs" : `Show all ${every.length}`,
        on: { click: () => sitegen.state.set({ [key]: all ? null : "all" }) } }));
    const table = el("table", { class: `sg-table sg-table--hover sg-table--top sg-comparetable${cell === plainCell ? "" : " sg-comparetable--numbers"}` },
      el("caption", { class: "sg-hidden", text: title }),
      el("thead", {}, el("tr", {}, el("th", { scope: "col", text: label }), heads(runs))),
      el("tbody", {}, shown.map((row) => el("tr", {},
        el("th", { scope: "row", class: "sg-mono", text: row.name }, row.goal ? sitegen.gridCells.goal(row.goal) : null),
        row.texts.map((text, at) => (cell === plainCell ? plainCell(text, row, none) : cell(text, row, at)))))));
    const empty = every.length === 0 ? `None of the runs has ${title.toLowerCase()}.` : "The runs do not differ here.";
    return el("section", { class: "sg-section" }, head,
      shown.length ? el("div", { class: "sg-table-frame", tabindex: "0", role: "region", "aria-label": title }, table)
        : el("p", { class: "sg-muted", text: empty }),
      shown.length < (all ? every : differing).length && el("p", { class: "sg-table__foot", text: `The first ${MOST_ROWS} are shown.` }),
      differing.map((row) => difference(row, runs)));
  }

  const collator = new Intl.Collator("en", { numeric: true });
  const byName = (a, b) => collator.compare(a, b) || (a < b ? -1 : 1);

  sitegen.compareTable = { rows, element, heads, byName };
})();

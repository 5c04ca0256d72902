/* The samples that two runs score or answer differently, and one of them with both outputs diffed.
 *
 *   sitegen.evalFlips.section(view) -> element; view as in eval-scorers.js
 *   .open(view) shows the sample of the hash, if any
 * Hash: flips (worse, better, changed, lost, gained, output), sample. Keys: j k next and previous flip, Esc closes.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const { format } = sitegen;
  const MOST_ROWS = 500;
  const KINDS = [["worse", "▼ worse"], ["better", "▲ better"], ["changed", "changed"], ["lost", "▼ no score"],
    ["gained", "▲ scored"], ["output", "other output"]];
  const TONES = { worse: "sg-bad", better: "sg-good", lost: "sg-bad" };
  const PREVIEWED = { Input: "sg-evalcompare__preview", Target: "sg-evalcompare__preview sg-evalcompare__preview--target" };
  const RARE = new Set(["lost", "gained"]); // shown where there are any
  let current = null; // {view, rows, list, detail, id}
  let turn = 0;

  const digestsOf = ({ digests }, rows) => (rows.length === 1 ? digests[rows[0]] : rows.map((row) => digests[row]).sort().join());

  /** Every pair by what happened to it, the largest change first. */
  function flipsOf({ comparison, scorer }) {
    const { a, b, pair } = comparison, found = { worse: [], better: [], changed: [], lost: [], gained: [], output: [] };
    pair.ids.forEach((id, place) => {
      const before = scorer.valuesA[place], after = scorer.valuesB[place];
      const isScored = Number.isFinite(before) && Number.isFinite(after);
      const change = isScored ? (after - before) * (scorer.sign || 1) : 0;
      const flip = { id, place, before, after, change };
      if (isScored && Math.abs(change) > 1e-12) {
        found[scorer.sign === 0 ? "changed" : change < 0 ? "worse" : "better"].push(flip);
      } else if (Number.isFinite(before) !== Number.isFinite(after)) {
        found[Number.isFinite(before) ? "lost" : "gained"].push(flip);
      } else if (digestsOf(a, pair.rowsA[place]) !== digestsOf(b, pair.rowsB[place])) found.output.push(flip);
    });
    for (const list of Object.values(found)) list.sort((one, other) => Math.abs(other.change) - Math.abs(one.change));
    return found;
  }

  function section(view) {
    const found = flipsOf(view), isDirected = view.scorer.sign !== 0;
    const kinds = KINDS.filter(([kind]) => (isDirected ? kind !== "changed" : kind !== "worse" && kind !== "better")
      && (!RARE.has(kind) || found[kind].length > 0));
    const asked = sitegen.state.get("flips");
    const kind = kinds.some(([name]) => name === asked) ? asked : (kinds.find(([name]) => found[name].length > 0) ?? kinds[0])[0];
    const rows = found[kind], changed = found.worse.length + found.better.length + found.changed.length;
    const labels = { worse: "Worse", better: "Better", changed: "Changed", lost: "No score in B", gained: "Score only in B", output: "Same score, other output" };
    const segments = el("div", { class: "sg-segments", role: "group", "aria-label": "Which samples" }, kinds.map(([name]) =>
      el("button", { type: "button", class: "sg-segments__segment", "aria-pressed": String(name === kind),
        text: `${labels[name]} ${format.count(found[name].length)}`, on: { click: () => sitegen.state.set({ flips: name, sample: null }) } })));
    const list = el("tbody", {}, rows.slice(0, MOST_ROWS).map((flip) => row(flip, kind, view)));
    const detail = el("div", { class: "sg-evalcompare__detail", tabindex: "-1" });
    current = { view, rows, list, detail, id: null };
    const foot = rows.length > MOST_ROWS ? `Showing ${format.count(MOST_ROWS)} of ${format.count(rows.length)}; the CSV has all.` : null;
    const made = el("section", { class: "sg-section" },
      el("header", { class: "sg-section__head" }, el("h4", { text: "Flip list" }),
        el("span", { class: "sg-section__note", text: `${format.count(changed)} of ${format.count(view.scorer.found.n)} pairs changed their ${view.scorer.name}` }),
        el("button", { type: "button", class: "sg-button sg-button--quiet sg-button--small sg-section__more", text: "CSV", on: { click: () => csv(found, view) } })),
      el("div", { class: "sg-evalcompare__choice" }, segments),
      el("div", { class: "sg-evalcompare__flips" }, rows.length === 0
        ? el("p", { class: "sg-muted", text: "No sample here." })
        : el("div", { class: "sg-evalcompare__list" }, el("table", { class: "sg-table sg-table--compact sg-table--hover" },
          el("caption", { class: "sg-hidden", text: labels[kind] }),
          el("thead", {}, el("tr", {}, ["Sample", "Change", "Input", "Target"].map((label) =>
            el("th", { scope: "col", class: PREVIEWED[label] ?? null, text: label })),
            el("th", { scope: "col", class: "sg-table__number", text: "A" }), el("th", { scope: "col", class: "sg-table__number", text: "B" }))), list),
        foot && el("p", { class: "sg-table__foot", text: foot })), detail));
    preview(view, rows, list);
    return made;
  }

  function row(flip, kind, { scorer }) {
    const shown = (value) => sitegen.evalScorers.value(value, scorer);
    return el("tr", { data: { sample: flip.id } },
      el("th", { scope: "row", class: "sg-table__mono" }, el("a", { href: sitegen.state.href({ sample: flip.id }), text: flip.id,
        on: { click: (event) => { event.preventDefault(); sitegen.state.set({ sample: flip.id }); } } })),
      el("td", { class: `sg-table__nowrap ${TONES[kind] ?? "sg-muted"}`, text: KINDS.find(([name]) => name === kind)[1] }),
      el("td", { class: "sg-evalcompare__preview" }), el("td", { class: "sg-evalcompare__preview sg-evalcompare__preview--target sg-muted" }),
      el("td", { class: "sg-table__number", text: shown(flip.before) }), el("td", { class: "sg-table__number", text: shown(flip.after) }));
  }

  /** Inputs and targets of the rows that come into sight. */
  function preview({ comparison: { a, pair } }, flips, list) {
    const frame = list.closest(".sg-evalcompare__list");
    if (frame === null) return;
    const seen = new IntersectionObserver(async (entries) => {
      const rows = entries.filter(({ isIntersecting }) => isIntersecting).map(({ target }) => target);
      for (const row of rows) seen.unobserve(row);
      const found = await a.texts(rows.map((row) => pair.rowsA[flips[row.sectionRowIndex].place][0])).catch(() => []); // the detail tells of missing files
      found.forEach(({ input, target }, at) => {
        [[2, input], [3, target]].forEach(([cell, text]) => Object.assign(rows[at].cells[cell], { textContent: text, title: text }));
      });
    }, { root: frame, rootMargin: "200px" });
    for (const row of list.rows) seen.observe(row);
  }

  function csv(found, { a, b, eval: name, scorer }) {
    const { field } = sitegen.csv, value = (one) => field(format.exact(one), typeof one === "number");
    const lines = [["sample", "change", field(a.name, false), field(b.name, false)].join(",")];
    for (const [kind, list] of Object.entries(found)) {
      for (const flip of list) lines.push([field(flip.id, false), kind, value(flip.before), value(flip.after)].join(","));
    }
    sitegen.dom.download(`${name}-${scorer.name}-flips.csv`, "text/csv", `${lines.join("\n")}\n`);
  }

  /** Without a sample in the hash the first flip is shown beside the list, where there is room for both. */
  async function open(view) {
    const isWide = window.matchMedia("(min-width: 960px)").matches;
    const id = sitegen.state.get("sample") ?? (isWide ? current?.rows[0]?.id ?? null : null);
    if (current === null || current.view.comparison !== view.comparison) return;
    const { list, detail } = current, { pair } = view.comparison;
    for (const one of list.rows) one.classList.toggle("sg-table__row--selected", one.dataset.sample === id);
    current.id = id;
    const place = id === null ? -1 : pair.ids.indexOf(id), mine = ++turn;
    if (place < 0) {
      detail.replaceChildren(el("p", { class: "sg-muted", text: id === null ? "Choose a sample to see both outputs." : `Sample ${id} is not in both runs.` }));
      return;
    }
    try {
      const both = await load(view, place, Number(sitegen.state.get("epoch", "0")));
      if (mine !== turn) return;
      detail.replaceChildren(...draw(view, id, place, both));
      if (!isWide) detail.scrollIntoView({ block: "start" });
    } catch (error) {
      if (!("reason" in error)) throw error;
      if (mine === turn) detail.replaceChildren(sitegen.store.notice(error, () => open(view)));
    }
  }

  /** The whole samples of one epoch in both runs; without that epoch the first. */
  async function load({ comparison: { a, b, pair } }, place, epoch) {
    const epochOf = (columns, row) => (columns.epochs === null ? 1 : Number(columns.epochs[row]));
    const rowA = pair.rowsA[place].find((row) => epochOf(a, row) === epoch) ?? pair.rowsA[place][0];
    const wanted = epochOf(a, rowA);
    const rowB = pair.rowsB[place].find((row) => epochOf(b, row) === wanted) ?? pair.rowsB[place][0];
    const [one, other] = await Promise.all([a.payload(rowA), b.payload(rowB)]);
    return { one: one ?? {}, other: other ?? {}, epoch: wanted, epochs: pair.rowsA[place].map((row) => epochOf(a, row)) };
  }

  const text = (value) => (value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value, null, 2));
  const known = (payload) => (payload.error ? `error: ${payload.error}` : text(payload.output));

  function links(label, run, name, id, epoch, payload) {
    const at = (changes) => `${run.url}#${new URLSearchParams(changes)}`;
    return [el("a", { href: at({ tab: "evals", eval: name, sample: id, epoch }), text: `Sample ${label}` }),
      ...(payload.trace_ids ?? []).slice(0, 1).map((trace) => el("a", { href: at({ tab: "traces", trace }), text: `Trace ${label}` }))];
  }
  /** Both traces held against each other, on the page that compares any runs. */
  function bothTraces(a, b, [trace], [other]) {
    if (trace === undefined || other === undefined) return null;
    const { comparePage } = document.querySelector("[data-eval-compare]").dataset;
    const hash = new URLSearchParams({ runs: sitegen.state.join([a.key, b.key]), order: "asked", tab: "traces", trace, with: other });
    return el("a", { href: `${comparePage}#${hash}`, text: "Traces A and B" });
  }

  function kindOf({ valuesA, valuesB, sign }, place) {
    const before = valuesA[place], after = valuesB[place], change = (after - before) * sign;
    if (Number.isFinite(before) !== Number.isFinite(after)) return Number.isFinite(before) ? "lost" : "gained";
    return change < 0 ? "worse" : change > 0 ? "better" : null;
  }

  /** Where it stands in the list, with ways to its neighbours. */
  function steps(id) {
    const at = current.rows.findIndex((flip) => flip.id === id), last = current.rows.length - 1;
    const button = (label, text, key, step, isOff) => el("button", { type: "button", class: "sg-button sg-button--quiet sg-button--small", "aria-label": label,
      disabled: isOff, on: { click: () => move(step) } }, text, el("kbd", { class: "sg-kbd", text: key }));
    return el("span", { class: "sg-evalcompare__steps" }, at >= 0 && el("span", { class: "sg-muted", text: `${format.count(at + 1)} of ${format.count(last + 1)}` }),
      button("Previous flip", "‹ ", "k", -1, at <= 0), button("Next flip", "› ", "j", 1, at === last));
  }

  function draw(view, id, place, { one, other, epoch, epochs }) {
    const { a, b, eval: name, scorer } = view;
    const kind = kindOf(scorer, place);
    const before = known(one), after = known(other);
    const repeats = [...new Set(epochs)].sort((x, y) => x - y);
    return [
      el("header", { class: "sg-evalcompare__head" }, el("h5", { class: "sg-mono", text: id }),
        kind && el("span", { class: TONES[kind], text: KINDS.find(([word]) => word === kind)[1] }),
        repeats.length > 1 && el("span", { class: "sg-segments" }, repeats.map((each) => el("button", { type: "button", class: "sg-segments__segment",
          "aria-pressed": String(each === epoch), text: `epoch ${each}`, on: { click: () => { sitegen.state.set({ epoch: each }); open(view); } } }))),
        el("span", { class: "sg-evalcompare__links" }, links("A", a, name, id, epoch, one), links("B", b, name, id, epoch, other),
          bothTraces(a, b, one.trace_ids ?? [], other.trace_ids ?? []), steps(id))),
      one.input !== undefined && el("div", { class: "sg-evalcompare__input" }, sitegen.messages.value(one.input)),
      one.target !== undefined && one.target !== null && el("p", { class: "sg-second" }, el("span", { class: "sg-muted", text: "target " }), text(one.target)),
      before === after ? el("div", {}, el("p", { class: "sg-muted sg-second", text: "Both outputs are equal." }), sitegen.messages.value(one.output ?? before))
        : sitegen.textdiff.element({ before, after, names: [`A ${a.name}`, `B ${b.name}`] }),
      scores(one.scores ?? {}, other.scores ?? {}),
    ].filter(Boolean);
  }

  function scores(one, other) {
    const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
    const shown = (score) => (score === undefined ? "missing" : score.error ? "error" : typeof score.value === "boolean" ? (score.value ? "yes" : "no")
      : typeof score.value === "number" ? format.number(score.value) : text(score.value) || "missing");
    const cell = (score) => el("td", {}, shown(score), score?.rationale && el("span", { class: "sg-table__second", text: score.rationale }));
    return el("table", { class: "sg-table sg-table--compact sg-table--top" }, el("caption", { class: "sg-hidden", text: "Scores of the sample in both runs" }),
      el("thead", {}, el("tr", {}, ["Scorer", "A", "B"].map((label) => el("th", { scope: "col", text: label })))),
      el("tbody", {}, names.map((name) => el("tr", {}, el("th", { scope: "row", class: "sg-table__mono", text: name }), cell(one[name]), cell(other[name])))));
  }

  function move(step) {
    const at = current.rows.findIndex(({ id }) => id === current.id);
    const next = current.rows[at < 0 ? 0 : at + step];
    if (next !== undefined) sitegen.state.set({ sample: next.id }, { push: false });
  }

  sitegen.dom.ready(() => {
    const when = () => current !== null && sitegen.dom.isShown(current.detail);
    sitegen.keys.add({ key: "j", label: "Next flip", group: "Flips", when, run: () => move(1) });
    sitegen.keys.add({ key: "k", label: "Previous flip", group: "Flips", when, run: () => move(-1) });
    sitegen.keys.add({ key: "Escape", label: "Close the sample", group: "Flips", when: () => when() && current.id !== null,
      run: () => sitegen.state.set({ sample: null }) });
  });

  sitegen.evalFlips = { section, open };
})();

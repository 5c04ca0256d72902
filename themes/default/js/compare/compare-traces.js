/* The Traces panel of compare.html: totals of the runs, their traces pair by pair, and one pair span by span.
 *
 *   sitegen.compareTraces.drawInto(panel, view)
 * More than two runs have their samples in one table besides (compare-trace-samples.js). Pairs are the traces of one sample (and epoch) in both runs; without any, the n-th of a name in both.
 * Hash: trace (of the first run with traces), with (of the other), b (key of the other, if there are several), pairs (filter).
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const MOST_PAIRS = 200;
  const COUNTS = ["traces", "spans", "failed spans", "input tokens", "output tokens", "cost, USD"];
  let turn = 0, shown = null, left = ""; // where pairs are shown, the trace A that was last

  const seconds = (value) => sitegen.format.duration_s(value);
  const signed = (value, text) => (value === 0 ? "0" : `${value > 0 ? "+" : "−"}${text(Math.abs(value))}`);
  const costOf = (row) => row.cost_usd ?? row.estimated_cost_usd;

  function bySample(a, b) {
    const others = sitegen.sampleTraces.bySample(b.samples), found = [];
    for (const [key, traces] of sitegen.sampleTraces.bySample(a.samples)) {
      const left = traces.map(a.find).filter(Boolean), right = (others.get(key) ?? []).map(b.find).filter(Boolean);
      for (let at = 0; at < Math.min(left.length, right.length); at += 1) found.push([left[at], right[at]]);
    }
    return found;
  }
  function byName(a, b) {
    const places = new Map(), found = [];
    for (let at = 0; at < b.n; at += 1) {
      const row = b.rowAt(at);
      if (places.has(row.name)) places.get(row.name).push(row);
      else places.set(row.name, [row]);
    }
    for (const list of places.values()) list.reverse();
    for (let at = 0; at < a.n; at += 1) {
      const row = a.rowAt(at), other = places.get(row.name)?.pop();
      if (other !== undefined) found.push([row, other]);
    }
    return found;
  }
  /** Those that failed in one run only first, then the largest change of duration. */
  function pairsOf(a, b) {
    const samples = bySample(a, b), pairs = samples.length > 0 ? samples : byName(a, b);
    const change = ([left, right]) => Math.abs((right.duration_s ?? 0) - (left.duration_s ?? 0));
    const turned = ([left, right]) => Number(left.errors > 0 !== right.errors > 0);
    pairs.sort((one, other) => turned(other) - turned(one) || change(other) - change(one));
    return { pairs, isBySample: samples.length > 0 };
  }

  function line([left, right], isBySample) {
    const three = (one, other, text) => [one, other].map((value) => el("td", { class: "sg-table__number", text: value === null ? "" : text(value) }))
      .concat(el("td", { class: "sg-table__number sg-strong", text: one === null || other === null ? "" : signed(other - one, text) }));
    const failed = (row) => el("td", { class: `sg-table__number${row.errors > 0 ? " sg-bad" : ""}`, text: sitegen.format.count(row.errors ?? 0) });
    return el("tr", {}, el("th", { scope: "row", class: isBySample ? "sg-table__mono" : null },
      el("a", { href: sitegen.state.href({ trace: left.id, with: right.id }), text: isBySample ? left.sample : left.name || "(no name)" }),
      isBySample && el("span", { class: "sg-table__second", text: left.name })),
    three(left.duration_s, right.duration_s, seconds), three(left.tokens, right.tokens, sitegen.format.compact),
    three(costOf(left), costOf(right), sitegen.format.money), failed(left), failed(right));
  }

  function list({ a, b, pairs, isBySample }, menus) {
    const body = el("tbody"), foot = el("p", { class: "sg-table__foot" }), { count } = sitegen.format;
    const filter = el("input", { class: "sg-filter__input sg-input", type: "search", id: "pairs-filter", placeholder: "Filter by sample, name or id", spellcheck: "false",
      autocomplete: "off", value: sitegen.state.get("pairs") ?? "", on: { input: () => { sitegen.state.set({ pairs: filter.value || null }, { push: false }); fill(); } } });
    function fill() {
      const wanted = sitegen.filter.fold(filter.value.trim());
      const found = pairs.filter(([left, right]) => sitegen.filter.fold(`${left.sample ?? ""} ${left.name} ${left.id} ${right.id}`).includes(wanted));
      body.replaceChildren(...found.slice(0, MOST_PAIRS).map((pair) => line(pair, isBySample)));
      foot.textContent = `${count(Math.min(MOST_PAIRS, found.length))} of ${count(pairs.length)} pairs${pairs.length < a.n || pairs.length < b.n ? `; A has ${count(a.n)} traces, B ${count(b.n)}` : ""}.`;
    }
    const head = (...texts) => texts.map((text) => el("th", { scope: "col", class: "sg-table__number", text }));
    fill();
    return el("section", { class: "sg-section" },
      el("header", { class: "sg-section__head" }, el("h3", { text: isBySample ? "Traces of one sample" : "Traces of one name" }),
        el("span", { class: "sg-section__note", text: `${isBySample ? "paired by sample and epoch" : "no sample names a trace in both runs: the n-th of a name in both"}; those that failed in one run only first, then by change of duration` })),
      el("div", { class: "sg-toolbar" }, el("div", { class: "sg-filter" }, el("label", { for: "pairs-filter", class: "sg-hidden", text: "Filter pairs" }), filter), el("span", { class: "sg-muted", text: "or any two:" }), menus),
      el("div", { class: "sg-table-frame", tabindex: "0", role: "region", "aria-label": "Pairs of traces" },
        el("table", { class: "sg-table sg-table--compact sg-table--hover" }, el("caption", { class: "sg-hidden", text: "Traces of both runs" }),
          el("thead", {}, el("tr", {}, el("th", { scope: "col", text: isBySample ? "Sample" : "Trace" }),
            head("Duration A", "B", "B − A", "Tokens A", "B", "B − A", "Cost A", "B", "B − A", "Errors A", "B"))), body)), foot);
  }

  /** Of the hash, else the other side of its pair. */
  function chosen({ a, b, pairs }) {
    const { get } = sitegen.state;
    const left = a.find(get("trace") ?? ""), right = b.find(get("with") ?? "");
    return [left ?? pairs.find(([, other]) => other === right)?.[0] ?? null, right ?? pairs.find(([one]) => one === left)?.[1] ?? null];
  }

  function choosers({ a, b }, [left, right]) {
    const menu = (letter, rows, row, key) => sitegen.traceChooser({ label: `Trace ${letter}…`, rows, row, hrefOf: (other) => sitegen.state.href({ [key]: other.id }) });
    return el("span", { class: "sg-traces__choosers" }, menu("A", a, right && { ...right, id: left?.id }, "trace"), menu("B", b, left && { ...left, id: right?.id }, "with"));
  }

  const back = () => sitegen.state.set({ trace: null, with: null });
  async function fill(place, runs, pair, hadFocus = false) {
    const mine = ++turn;
    try {
      const [a, b] = await Promise.all(pair.map(sitegen.traceRuns.load));
      if (mine !== turn) return;
      const view = { a, b, ...pairsOf(a, b) }, rows = chosen(view), isAsked = sitegen.state.get("trace") !== null || sitegen.state.get("with") !== null;
      if (isAsked && rows.every(Boolean)) {
        const traces = await Promise.all(rows.map((row, at) => [a, b][at].trace(row)));
        if (mine !== turn) return;
        place.replaceChildren(el("div", { class: "sg-toolbar" }, el("button", { type: "button", class: "sg-link", text: "‹ All pairs", on: { click: back } }), choosers(view, rows)));
        left = rows[0].id;
        sitegen.traceCompare.draw(place, { back: null, sides: [a, b].map((run, at) => ({ trace: traces[at], row: rows[at], run: run.name, hrefOf: (span) => run.hrefOf(rows[at].id, span) })) });
        if (hadFocus) place.querySelector(".sg-traces__title").focus();
        return;
      }
      const missing = isAsked && el("p", { class: "sg-notice", role: "status", text: rows[0] === null ? `${a.name} has no such trace. Choose one.` : `${b.name} has no trace of the same sample or name. Choose the trace to hold it against.` });
      place.replaceChildren(totals(runs), missing || "", list(view, choosers(view, rows)));
      if (hadFocus) (place.querySelector(`tbody a[href*="${CSS.escape(encodeURIComponent(left))}"]`) ?? place.querySelector("#pairs-filter")).focus();
    } catch (error) {
      if (!("reason" in error)) throw error;
      if (mine === turn) place.replaceChildren(sitegen.store.notice(error, () => fill(place, runs, pair)));
    }
  }

  async function fillSamples(place, runs) {
    try {
      place.replaceChildren(await sitegen.compareTraceSamples.section(runs));
      place.querySelectorAll("table").forEach(sitegen.table.enhance);
    } catch (error) {
      if (!("reason" in error)) throw error;
      place.replaceChildren(sitegen.store.notice(error, () => fillSamples(place, runs)));
    }
  }

  function totals(runs) {
    const { count, money } = sitegen.format;
    const texts = ({ data: { traces } }) => Object.fromEntries(COUNTS.filter((name) => name in traces).map((name) => [name, name.startsWith("cost") ? money(traces[name]) : count(traces[name])]));
    return sitegen.compareTable.element({ title: "Totals", label: "Of all traces", runs, rows: sitegen.compareTable.rows(runs, texts), all: true });
  }

  function drawInto(panel, { runs }) {
    const having = runs.filter(sitegen.traceRuns.has);
    if (having.length === 0) {
      panel.replaceChildren(el("p", { class: "sg-muted", text: "None of the runs has traces." }));
      return;
    }
    const place = el("div"), others = having.slice(1), other = others.find(({ key }) => key === sitegen.state.get("b")) ?? others[0];
    const choice = others.length > 1 && el("div", { class: "sg-toolbar" }, el("label", { class: "sg-toolbar__label", for: "traces-b", text: `A ${having[0].name} against B` }),
      el("select", { class: "sg-input sg-select", id: "traces-b", on: { change: (event) => sitegen.state.set({ b: event.target.value, with: null }) } },
        others.map(({ key, name }) => el("option", { value: key, text: name, selected: key === other.key }))));
    const samples = el("div"), hadFocus = panel.contains(document.activeElement);
    panel.replaceChildren(choice || "", place, samples);
    if (runs.length > 2) fillSamples(samples, having);
    if (other === undefined) place.append(totals(runs), el("p", { class: "sg-muted", text: "Only one of the runs has traces." }));
    else fill(place, runs, [having[0], other], hadFocus);
    shown = place;
  }
  sitegen.keys.add({ key: "Escape", label: "Back to all pairs", group: "Traces", run: back,
    when: () => shown !== null && sitegen.dom.isShown(shown) && shown.querySelector(".sg-traces__title") !== null });

  sitegen.compareTraces = { drawInto };
})();

/* The panels of compare.html, each filled when it is first shown and again when the runs change.
 *
 * Markup: section[data-panel=overview|params|metrics|charts|evals|source|attachments|traces] with [data-compare-panel].
 * Hash: tab, params=all, facts=all.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const stale = new Set();
  let view = null;

  /** The final value of the objective, if the runs share one: what the comparison comes to. */
  function verdict({ runs }) {
    const [first] = runs, { objective } = first.experiment;
    if (!objective) return null;
    const rows = [...sitegen.compareValues.metrics(runs), ...sitegen.compareValues.scorers(runs)];
    const row = rows.find(({ name }) => name === objective || name === objective.replace("/", " "));
    if (!row || !Number.isFinite(row.values[0])) return null;
    const changes = runs.map((run, at) => ({ run, at, change: sitegen.compareValues.change(row, at) })).filter(({ change }) => change);
    if (runs.length === 2) {
      const [a, b] = runs.map((run) => run.letter);
      const sentence = changes.length ? `${b} − ${a} = ${changes[0].change.text} on ${row.name}` : `${b} and ${a} have the same ${row.name}`;
      return el("div", { class: "sg-verdict" }, el("p", { class: "sg-verdict__sentence", text: sentence }),
        el("p", { text: `${row.texts[0]} and ${row.texts[1] ?? "missing"}: one run each, so nothing is said of chance. Evals compare samples pair by pair.` }));
    }
    const better = changes.filter(({ change }) => change.tone === "good").length, worse = changes.filter(({ change }) => change.tone === "bad").length;
    const sign = row.goal === "minimize" ? -1 : 1;
    const best = runs.map((run, at) => [run, row.values[at], row.texts[at]]).filter(([, value]) => Number.isFinite(value)).sort((a, b) => sign * (b[1] - a[1]))[0];
    return el("div", { class: "sg-verdict" },
      el("p", { class: "sg-verdict__sentence", text: row.goal ? `${best[0].name} has the best ${row.name}: ${best[2]}` : `${row.name} of ${runs.length} runs` }),
      el("p", { text: `${better} better and ${worse} worse than ${first.name} (${row.texts[0]}).` }));
  }

  /** Two runs with an eval in common: what its samples say, pair by pair, stands first. */
  async function pairedVerdict(place, shown) {
    if (shown.runs.length !== 2) return;
    try {
      const found = await sitegen.compareEvals.verdict(shown);
      if (found !== null && shown === view) place.replaceChildren(found, el("p", {}, el("a", { href: sitegen.state.href({ tab: "evals" }), text: "Scorers, flips and outputs" })));
    } catch (error) {
      if (!("reason" in error)) throw error;
      place.append(sitegen.store.notice(error, () => pairedVerdict(place, shown)));
    }
  }

  function params(runs, all, key) {
    return sitegen.compareTable.element({
      title: "Params", label: "Param", runs, all, key, rows: sitegen.compareTable.rows(runs, ({ data }) => data.params),
    });
  }

  const fills = {
    overview(panel) {
      const { runs } = view, metrics = sitegen.compareValues.metrics(runs), scorers = sitegen.compareValues.scorers(runs);
      const objective = metrics.find(({ name }) => name === runs[0].experiment.objective) ?? metrics[0];
      const chart = objective && runs.some(({ data }) => data.metrics[objective.name]?.series) ? sitegen.compareMetrics.figure(objective, runs).element : null;
      const values = (title, label, rows) => (rows.length ? sitegen.compareTable.element({
        title, label, runs, rows: rows.slice(0, 12), all: true, cell: sitegen.compareValues.cell,
        note: rows.length > 12 ? `the first 12 of ${rows.length}; all on their tab` : `differences to ${runs[0].name}`,
      }) : null);
      const wanted = [objective, ...metrics.filter((row) => row !== objective && row.goal), ...metrics.filter((row) => row !== objective && !row.goal)].filter(Boolean);
      const first = el("div", {}, verdict(view) ?? []);
      panel.replaceChildren(...[
        first,
        el("div", { class: "sg-compareoverview" }, el("div", {}, params(runs, false, null)),
          el("div", {}, chart ?? (objective && el("p", { class: "sg-mono", text: objective.name })), objective && el("div", { class: "sg-comparemetrics__bars" }, sitegen.compareMetrics.bars(objective, runs, null)))),
        values("Metrics", "Metric", wanted), values("Evals", "Scorer", scorers), sitegen.compareMarkdown.section(view),
      ].filter(Boolean));
      pairedVerdict(first, view);
    },
    params(panel) { panel.replaceChildren(params(view.runs, sitegen.state.get("params") === "all", "params")); },
    metrics(panel) { sitegen.compareMetrics.drawInto(panel, view); },
    source(panel) { sitegen.compareFacts.drawInto(panel, view); },
    charts(panel) { sitegen.compareCharts.drawInto(panel, view); },
    evals(panel) { sitegen.compareEvals.drawInto(panel, view); },
    attachments(panel) { sitegen.compareAttachments.drawInto(panel, view); },
    traces(panel) { sitegen.compareTraces.drawInto(panel, view); },
  };

  function fill(name) {
    const panel = document.querySelector(`[data-compare-panel="${name}"]`);
    if (view === null || view.runs.length < 2 || !stale.has(name) || panel === null) return;
    stale.delete(name);
    fills[name](panel);
  }
  const shown = () => [...document.querySelectorAll("[data-compare-panel]")].find(sitegen.dom.isShown)?.dataset.comparePanel;
  function refresh(names = Object.keys(fills)) {
    for (const name of names) stale.add(name);
    const current = shown();
    if (current) fill(current);
  }

  function counts({ runs }) {
    const set = (name, count) => {
      const place = document.querySelector(`[data-compare-count="${name}"]`);
      if (place) place.textContent = count ? sitegen.format.count(count) : "0";
    };
    const names = (read) => new Set(runs.flatMap(read)).size;
    set("params", sitegen.compareTable.rows(runs, ({ data }) => data.params).filter(({ isSame }) => !isSame).length);
    set("metrics", names(({ data }) => Object.keys(data.metrics)));
    set("attachments", names(({ data }) => data.attachments.map(({ path }) => path)));
    set("traces", runs.reduce((sum, { data }) => sum + (data.traces.traces ?? 0), 0));
    set("evals", names(({ data }) => Object.keys(data.evals)));
  }

  sitegen.dom.ready(() => {
    if (!document.querySelector("[data-compare-panel]")) return;
    sitegen.compare.follow((next) => {
      view = next;
      if (view.runs.length > 1) counts(view);
      refresh();
    });
    document.addEventListener("sg:tab", (event) => fill(event.detail.name));
    sitegen.state.onChange((all, keys) => {
      if (keys.includes("params")) refresh(["params"]);
      if (keys.includes("facts")) refresh(["source", "attachments"]);
      if (["trace", "with", "b"].some((key) => keys.includes(key))) refresh(["traces"]);
    });
  });
})();

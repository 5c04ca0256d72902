/* Runs held against each other by their evals: which runs, which eval, and what stands where.
 *
 * Markup (templates/parts/experiment_compare.html): `[data-eval-compare]` with selects [data-role=a|b|eval],
 * buttons [data-role=swap|more], `[data-role=result]`; <script type="application/json" id="sg-eval-compare">
 * {"runs": [{key, name, url, status, evals: {eval: data key}}], "baseline": key | null}</script>, newest first.
 *   sitegen.evalCompare.start(element, data)  the same where a script gives the data (compare.html)
 * Hash: runs (sha10s, the first is A, the second B, more join the matrix), eval, scorer, flips, sample.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const MOST_RUNS = 30;
  const LOADING_MS = 300;
  let holder = null, data = null, turn = 0, shown = null;

  const part = (role) => holder.querySelector(`[data-role="${role}"]`);
  const runOf = (key) => data.runs.find((run) => run.key === key);

  /** The runs of the hash, else the baseline (or the oldest) and the newest that share an eval with it. */
  function chosen() {
    const asked = sitegen.state.list("runs").map(runOf).filter(Boolean);
    const before = runOf(data.baseline) ?? data.runs.at(-1);
    if (asked.length >= 2) {
      const first = asked.includes(before) && before.key === data.baseline ? before : asked[0];
      const isOrdered = sitegen.state.get("order") === "asked";
      return isOrdered ? asked : [first, ...asked.filter((run) => run !== first)];
    }
    const a = asked.length === 1 && asked[0] !== before ? before : asked[0] ?? before;
    const others = data.runs.filter((run) => run !== a);
    const b = asked.find((run) => run !== a) ?? others.find((run) => shared(a, run).length > 0) ?? others[0];
    return b === undefined ? [a] : [a, b];
  }

  const shared = (a, b) => Object.keys(a.evals).filter((name) => name in b.evals);

  function fillSelect(select, values, current) {
    select.replaceChildren(...values.map(([value, text]) => el("option", { value, text, selected: value === current })));
    select.value = current ?? "";
  }

  function follow() {
    if (!sitegen.dom.isShown(holder)) return;
    const runs = chosen();
    const names = data.runs.map((run) => [run.key, run.key === data.baseline ? `${run.name} (baseline)` : run.name]);
    fillSelect(part("a"), names, runs[0].key);
    fillSelect(part("b"), names.filter(([key]) => key !== runs[0].key), runs[1]?.key);
    if (runs.length < 2) return say("A second run with evals is needed to compare.");
    const evals = shared(runs[0], runs[1]);
    part("eval").closest("label").hidden = evals.length < 2;
    if (evals.length === 0) return say(`${runs[0].name} and ${runs[1].name} have no eval in common.`);
    const asked = sitegen.state.get("eval"), name = evals.includes(asked) ? asked : evals[0];
    fillSelect(part("eval"), evals.map((one) => [one, one]), name);
    show(runs.slice(0, MOST_RUNS), name);
  }

  const say = (text) => part("result").replaceChildren(el("p", { class: "sg-muted", text }));

  async function show(runs, name) {
    const mine = ++turn;
    const wait = window.setTimeout(() => say("Loading the scores"), LOADING_MS);
    try {
      const having = runs.filter((run) => name in run.evals);
      const columns = await Promise.all(having.map((run) => sitegen.evalColumns.load(run.evals[name])));
      if (mine !== turn) return;
      const [a, b] = runs, key = sitegen.differences.keyOf(a.key, b.key);
      const same = shown !== null && shown.name === name && shown.a === a && shown.b === b;
      const comparison = same ? shown.comparison : sitegen.evalColumns.compare(columns[0], columns[1], key);
      shown = { name, a, b, comparison, runs: having, columns };
      draw();
    } catch (error) {
      if (!("reason" in error)) throw error;
      if (mine === turn) part("result").replaceChildren(sitegen.store.notice(error, () => show(runs, name)));
    } finally {
      window.clearTimeout(wait);
    }
  }

  /** The scorer that the flips are of: that of the hash, else the objective's, else the first that differs. */
  function scorerOf({ scorers }) {
    const asked = sitegen.state.get("scorer");
    return scorers.find(({ name }) => name === asked)
      ?? scorers.find(({ name }) => [name, `${shown.name}/${name}`].includes(data.objective))
      ?? scorers.find((one) => sitegen.differenceText.verdict(one) !== "open") ?? scorers[0];
  }

  function draw() {
    const { name, comparison, runs, columns } = shown, scorer = scorerOf(comparison);
    if (scorer === undefined) {
      part("result").replaceChildren(sitegen.evalScorers.nothing(shown));
      return;
    }
    const view = { ...shown, scorer, eval: name, onlyA: comparison.pair.onlyA.length, onlyB: comparison.pair.onlyB.length };
    const choose = (next) => sitegen.state.set({ scorer: next });
    const pieces = [
      sitegen.evalScorers.verdict(view),
      el("div", { class: "sg-evalcompare__scorers" },
        sitegen.evalScorers.table(view, choose), sitegen.evalScorers.side(view)),
    ];
    if (runs.length > 2) {
      pieces.push(sitegen.evalMatrix.others(view, (other) => sitegen.state.set({
        runs: sitegen.state.join([runs[0], other, ...runs.slice(1).filter((run) => run !== other)].map(({ key }) => key)),
        order: "asked",
      })));
    }
    pieces.push(sitegen.evalFlips.section(view), sitegen.evalMatrix.section(view, columns));
    part("result").replaceChildren(...pieces.filter(Boolean));
    sitegen.evalFlips.open(view);
  }

  function choose(a, b) {
    const rest = chosen().slice(2).map(({ key }) => key).filter((key) => key !== a && key !== b);
    sitegen.state.set({ runs: sitegen.state.join([a, b, ...rest]), order: "asked", sample: null });
  }

  /** Compares the runs of `given` in `place`; again with others when they change. */
  function start(place, given) {
    const isNew = holder === null;
    [holder, data, shown] = [place, given, null];
    if (isNew) listen();
    follow();
  }

  function listen() {
    const a = part("a"), b = part("b");
    a.addEventListener("change", () => choose(a.value, b.value === a.value ? chosen()[0].key : b.value));
    b.addEventListener("change", () => choose(a.value, b.value));
    part("swap").addEventListener("click", () => choose(b.value, a.value));
    part("eval").addEventListener("change", () => sitegen.state.set({ eval: part("eval").value, scorer: null, sample: null }));
    sitegen.state.onChange((all, keys) => {
      if (["runs", "order", "eval", "tab"].some((key) => keys.includes(key))) follow();
      else if (shown !== null && ["scorer", "flips"].some((key) => keys.includes(key))) draw();
      else if (shown !== null && keys.includes("sample")) sitegen.evalFlips.open({ ...shown, scorer: scorerOf(shown.comparison), eval: shown.name });
    });
    holder.closest("[data-panel]")?.addEventListener("sg:tab", follow);
  }

  sitegen.dom.ready(() => {
    const place = document.querySelector("[data-eval-compare]"), script = document.getElementById("sg-eval-compare");
    if (place !== null && script !== null) start(place, JSON.parse(script.textContent));
  });

  sitegen.evalCompare = { start };
})();

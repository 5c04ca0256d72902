/* The Evals panel of compare.html: the comparison of evals (js/evals/eval-compare.js) over the chosen runs, and their means.
 *
 *   sitegen.compareEvals.drawInto(panel, view) · .verdict(view) -> Promise of an element or null
 * Markup: in the panel [data-eval-compare] as on an experiment's page, [data-compare=means] and [data-compare=no-evals].
 */
(() => {
  "use strict";
  function drawInto(panel, { runs }) {
    const having = runs.filter(({ data }) => Object.keys(data.evals).length > 0), [first] = having;
    const place = panel.querySelector("[data-eval-compare]"), means = panel.querySelector('[data-compare="means"]');
    panel.querySelector('[data-compare="no-evals"]').hidden = having.length > 1;
    place.hidden = having.length < 2;
    const rows = sitegen.compareValues.scorers(runs);
    means.replaceChildren(...(rows.length === 0 ? [] : [sitegen.compareTable.element({
      title: "Means", label: "Scorer", runs, rows, all: true, cell: sitegen.compareValues.cell,
      note: `over the scored samples, with 95 % intervals; differences are to ${runs[0].name}, not paired`,
    })]));
    if (having.length < 2) return;
    sitegen.evalCompare.start(place, {
      baseline: first.key, objective: first.experiment.objective,
      runs: having.map(({ key, name, url, status, data }) => ({
        key, name, url, status, evals: Object.fromEntries(Object.entries(data.evals).map(([one, file]) => [one, `${data.slug}/${file}`])),
      })),
    });
  }

  /** What the evals of the first two runs come to, sample by sample; null where they share none. */
  async function verdict({ runs: [a, b] }) {
    const name = Object.keys(a.data.evals).find((one) => one in b.data.evals);
    if (name === undefined) return null;
    const columns = await Promise.all([a, b].map(({ data }) => sitegen.evalColumns.load(`${data.slug}/${data.evals[name]}`)));
    const comparison = sitegen.evalColumns.compare(...columns, sitegen.differences.keyOf(a.key, b.key)), { scorers, pair } = comparison;
    const isAsked = (one) => [one.name, `${name}/${one.name}`].includes(a.experiment.objective);
    const scorer = scorers.find(isAsked) ?? scorers.find((one) => sitegen.differenceText.verdict(one) !== "open") ?? scorers[0];
    if (scorer === undefined) return null;
    return sitegen.evalScorers.verdict({ name, eval: name, a, b, comparison, scorer, onlyA: pair.onlyA.length, onlyB: pair.onlyB.length });
  }

  sitegen.compareEvals = { drawInto, verdict };
})();

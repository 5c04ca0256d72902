/* The Evals panel of compare.html: the comparison of evals (js/evals/eval-compare.js) over the chosen runs, and their means.
 *
 *   sitegen.compareEvals.drawInto(panel, view)
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

  sitegen.compareEvals = { drawInto };
})();

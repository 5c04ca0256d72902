/* What a chart of curves shows beside them: alert lines of the runs drawn, and annotated steps at their lines.
 *
 *   sitegen.curveMarks.levels(data, metric, lines, isLog) -> levels of a spec (chart.js)
 *   sitegen.curveMarks.steps(data, metric, lines) -> {marks, text}: numbered rings, and for the note what they are
 * `data` as in #sg-overlay: alerts {metric: [{value, text, runs: keys or null for all}]}, marks {metric: [{run: key,
 * step}]}; `lines` are those of curves.js. On a mean a step stands at the line of the group that its run is in.
 */
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const MOST_NAMED = 3;

  function levels({ alerts }, metric, lines, isLog) {
    const keys = new Set(lines.flatMap((line) => line.keys));
    const wanted = (alerts?.[metric] ?? []).filter(({ runs }) => lines.length && (!runs || runs.some((key) => keys.has(key))));
    return sitegen.figureMarks.levels(wanted, lines.flatMap(({ y }) => [...y]), isLog);
  }

  /** The place of a step on its line: the point that has it, of buckets or means the nearest; null where it has none. */
  function placeOf(line, step) {
    const { points } = line, steps = points?.steps ?? line.x;
    const isNear = points ? points.isBucketed : true;
    const at = isNear ? sitegen.crosshair.nearest(steps, step, { type: "linear" }) : steps.indexOf(step);
    const found = at < 0 ? undefined : [at, at - 1, at + 1].find((i) => Number.isFinite(line.y[i]) && Number.isFinite(line.x[i]));
    return found === undefined ? null : { x: line.x[found], y: line.y[found] };
  }

  function steps({ marks }, metric, lines) {
    const found = [];
    for (const { run, step } of marks?.[metric] ?? []) {
      const line = lines.find(({ keys }) => keys.includes(run)), place = line && placeOf(line, step);
      if (place) found.push({ kind: "annotation", ...place, text: String(found.length + 1), name: line.name, step });
    }
    return { marks: found, text: found.length ? textOf(found) : null };
  }

  function textOf(found) {
    const { count } = sitegen.format;
    const named = found.slice(0, MOST_NAMED).map(({ text, name, step }) => `${text} at step ${count(step)} of ${name}`);
    const more = found.length > MOST_NAMED ? `, and ${count(found.length - MOST_NAMED)} more` : "";
    return `annotated: ${named.join(", ")}${more}`;
  }

  sitegen.curveMarks = { levels, steps };
})();

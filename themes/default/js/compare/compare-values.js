/* What runs come to: final values of metrics and means of scorers, and how far each is from the first run.
 *
 *   sitegen.compareValues.metrics(runs) -> rows { name, goal, unit, values: [number | NaN], texts, isSame }
 *   sitegen.compareValues.scorers(runs) -> rows of the same form, isRatio for shares
 *   sitegen.compareValues.cell(text, row, at) -> td with the value and its difference
 *   sitegen.compareValues.change(row, at) -> { text, tone } against the first run
 * The value of a metric is the best by its goal, the last without one, as in the run table.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;

  function row(name, goal, values, isRatio, unit = null) {
    const finite = values.filter(Number.isFinite);
    const decimals = finite.length && !isRatio ? sitegen.format.columnDecimals(finite) : null;
    const text = (value) => (isRatio ? sitegen.format.percent(value)
      : decimals === null ? sitegen.format.number(value) : sitegen.format.columnText(value, decimals));
    return {
      name, goal, unit, values, isRatio,
      texts: values.map((value) => (value === undefined ? null : text(value))),
      isSame: values.every((value) => Object.is(value, values[0])),
    };
  }

  function metrics(runs) {
    const names = [...new Set(runs.flatMap(({ data }) => Object.keys(data.metrics)))].sort(sitegen.compareTable.byName);
    return names.map((name) => {
      const found = runs.map(({ data }) => data.metrics[name]);
      const goal = found.find((one) => one?.goal)?.goal ?? null;
      const value = (one) => {
        if (one === undefined) return undefined;
        const best = goal === "minimize" ? one.min : goal === "maximize" ? one.max : null;
        const given = one.count && best !== null ? best : one.last;
        return given === null ? undefined : sitegen.compare.number(given);
      };
      return row(name, goal, found.map(value), false, found.find((one) => one?.unit)?.unit ?? null);
    });
  }

  function scorers(runs) {
    const key = (one) => `${one.eval} ${one.scorer}`;
    const all = new Map(runs.flatMap(({ data }) => data.scorers.map((one) => [key(one), one])));
    return [...all].map(([name, { kind, goal }]) => {
      const found = runs.map(({ data }) => data.scorers.find((one) => key(one) === name));
      const isRatio = kind === "boolean";
      const one = row(name, goal ?? (isRatio ? "maximize" : null),
        found.map((score) => (score === undefined || score.mean === null ? undefined : sitegen.compare.number(score.mean))), isRatio);
      one.isEstimate = true; // a difference of means says nothing of chance: no colour, no sign
      one.intervals = found.map((score) => (score?.ci_low === null || score === undefined ? null
        : [sitegen.compare.number(score.ci_low), sitegen.compare.number(score.ci_high)]));
      one.counts = found.map((score) => (score ? `${sitegen.format.count(score.n)} of ${sitegen.format.count(score.total)} scored` : ""));
      return one;
    });
  }

  function change({ values, goal: way, isRatio, isEstimate }, at) {
    const [first] = values, value = values[at];
    if (at === 0 || !Number.isFinite(first) || !Number.isFinite(value) || value === first) return null;
    const difference = value - first, goal = isEstimate ? null : way;
    const isBetter = goal === null ? null : (difference > 0) === (goal === "maximize");
    return {
      text: isRatio ? sitegen.format.points(difference) : sitegen.format.signed(difference, { digits: 3 }),
      tone: isBetter === null ? "muted" : isBetter ? "good" : "bad", sign: isBetter === null ? "" : isBetter ? "▲ " : "▼ ",
    };
  }

  function cell(text, one, at) {
    if (text === null) return el("td", { class: "sg-table__number sg-muted", text: "missing" });
    const found = change(one, at), value = one.values[at];
    const ends = one.intervals?.[at]?.map((end) => (one.isRatio ? sitegen.format.percent(end) : sitegen.format.number(end)));
    return el("td", { class: `sg-table__number${Number.isFinite(value) ? "" : " sg-bad"}`, title: [sitegen.format.exact(value), one.counts?.[at]].filter(Boolean).join(", ") },
      text, ends && el("span", { class: "sg-table__second", text: `${ends[0]} to ${ends[1]}` }),
      found && el("span", { class: `sg-table__second sg-${found.tone}`, text: `${found.sign}${found.text}` }));
  }

  sitegen.compareValues = { metrics, scorers, cell, change };
})();

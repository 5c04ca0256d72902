/* The curves of compared runs, by the machinery of the Charts tab (js/charts/curves.js): smoothing, means, bands, axes.
 *
 *   sitegen.compareCurves.source(runs) -> source of curves.js: the runs in their order, grouped by the params that differ
 *   sitegen.compareCurves.draw(plot, note, { source, row, settings: () => settings }) -> chart of the metric of *row*
 *   sitegen.compareCurves.thinned(found, view) -> the same lines with no more points than a chart can draw at once
 *   sitegen.compareCurves.PLAIN: settings of a chart without a toolbar
 */
(() => {
  "use strict";
  const MOST_POINTS = 20_000, LEAST_OF_LINE = 100, TEXT = "text:params.";
  const PLAIN = { x: "step", smoothing: 0, kind: "ema", logX: false, logY: false, clip: false, sync: false, mean: "", colour: "", band: "se" };

  function source(runs) {
    const rows = new Map(runs.map(({ key }, row) => [key, row]));
    const params = sitegen.compareTable.rows(runs, ({ data }) => data.params).filter(({ isSame }) => !isSame).map(({ name }) => `params.${name}`);
    const known = new Set(params);
    const grid = {
      columnOf: (name) => (known.has(name) ? { name } : null), selected: () => runs.map(({ key }) => key),
      rowOf: (key) => rows.get(key) ?? null, keyOf: (row) => runs[row].key,
      frame: { n: runs.length, load: async () => false,
        value: (name, row) => (name.startsWith(TEXT) ? runs[row].data.params[name.slice(TEXT.length)] : undefined) },
    };
    const series = ({ data }) => Object.fromEntries(Object.entries(data.metrics).filter(([, one]) => one.series).map(([name, one]) => [name, `${data.slug}/${one.series}`]));
    return sitegen.curves.source({
      runs: runs.map((run) => ({ key: run.key, name: run.letter || run.name, url: run.url, series: series(run) })),
      goal: null, baseline: runs[0].key, total: 1, params,
    }, grid);
  }

  /** Places of the smallest and largest value of each stretch of points, of what is not finite, and both ends. */
  function extremes({ y, raw }, from, to, stretches) {
    const size = Math.ceil((to - from) / stretches), kept = new Set([from, to - 1]);
    for (let start = from; start < to; start += size) {
      for (const values of raw ? [y, raw] : [y]) {
        let low = -1, high = -1, odd = -1;
        for (let at = start; at < Math.min(to, start + size); at += 1) {
          if (!Number.isFinite(values[at])) { if (odd < 0) odd = at; continue; }
          if (low < 0 || values[at] < values[low]) low = at;
          if (high < 0 || values[at] > values[high]) high = at;
        }
        for (const at of [low, high, odd]) if (at >= 0) kept.add(at);
      }
    }
    return [...kept].sort((a, b) => a - b);
  }

  function thinned(found, view) {
    if (found.isMean || found.lines.reduce((sum, { x }) => sum + x.length, 0) <= MOST_POINTS) return found;
    const stretches = Math.max(LEAST_OF_LINE, Math.floor(MOST_POINTS / found.lines.length)) >> 1;
    const lines = found.lines.map((line) => {
      const isIn = (x) => !view || (x >= view[0] && x <= view[1]);
      const first = Math.max(0, line.x.findIndex(isIn) - 1), last = Math.min(line.x.length, line.x.findLastIndex(isIn) + 2);
      const [from, to] = view && last > first ? [first, last] : [0, line.x.length];
      const places = to - from <= 2 * stretches ? Array.from({ length: to - from }, (_, at) => from + at) : extremes(line, from, to, stretches);
      if (places.length === line.x.length) return line;
      const take = (values) => values && Float64Array.from(places, (at) => values[at]), x = take(line.x);
      return { ...line, x, y: take(line.y), raw: take(line.raw), values: take(line.values),
        points: { steps: x, indexes: line.points?.indexes ? take(line.points.indexes) : places } };
    });
    return { ...found, lines };
  }

  function draw(plot, note, { source: from, row, settings }) {
    const chart = sitegen.chart.draw(plot, async () => {
      const now = settings(), view = chart.view(), isWide = window.matchMedia("(min-width: 600px)").matches;
      const found = thinned(await sitegen.curves.lines(from, row.name, now, view), view);
      const made = sitegen.curveChart.make(row.name, found, now, { group: "compare", isNamed: isWide && !now.mean, goal: row.goal, view });
      note.replaceChildren(made.note, ...(made.fault ? [" ", sitegen.dom.el("span", { class: "sg-bad", text: made.fault })] : []));
      return { ...made.spec, isAlone: !now.sync };
    }, { onView: () => chart.redraw() });
    return chart;
  }

  sitegen.compareCurves = { source, draw, thinned, PLAIN };
})();

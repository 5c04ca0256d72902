// Steps that are missing from a series: where it is logged regularly and then is not, its line stops.
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const FEWEST = 8; // points below which nothing is regular
  const MOST_ODD = 0.1; // of the distances may be others than the usual one
  const CLOSE = 0.01; // of the usual distance

  const median = (values) => Float64Array.from(values).sort()[values.length >> 1];

  /**
   * Places after which steps are missing: at least as many as were logged there. `indexes` are places in the whole
   * series, for between two points of buckets there are others.
   */
  function after({ steps, indexes }) {
    const between = steps.length - 1;
    if (between + 1 < FEWEST) return [];
    const logged = (i) => (indexes ? indexes[i + 1] - indexes[i] : 1);
    const distances = Array.from({ length: between }, (_, i) => (steps[i + 1] - steps[i]) / logged(i));
    const usual = median(distances);
    if (!(usual > 0)) return [];
    const odd = [...distances.keys()].filter((i) => Math.abs(distances[i] - usual) > CLOSE * usual);
    return odd.length > MOST_ODD * between ? [] : odd.filter((i) => distances[i] >= (2 - CLOSE) * usual);
  }

  /** `values` with a NaN more after each of `places`: for x and y alike. */
  function parted(values, places) {
    if (!places.length) return values;
    const found = [];
    let at = 0;
    for (let i = 0; i < values.length; i += 1) {
      found.push(values[i]);
      if (i !== places[at]) continue;
      found.push(NaN);
      at += 1;
    }
    return found;
  }

  /** What a note says: `no points between steps 400 and 600`. */
  function text({ steps }, places) {
    const { count } = sitegen.format, [first] = places;
    const where = `between steps ${count(steps[first])} and ${count(steps[first + 1])}`;
    return places.length === 1 ? `gap: no points ${where}` : `${count(places.length)} gaps, the first ${where}`;
  }

  sitegen.gaps = { after, parted, text };
})();

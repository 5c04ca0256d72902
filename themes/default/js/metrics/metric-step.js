/* What people say of a step of a metric: its annotations and drafts, and the button that adds one.
 *
 *   sitegen.metricStep.nodes(chart, points, index) -> Promise of nodes, null where nothing is said and can be said
 * A chart here is that of metric-data.js; `index` is a place in `points`, what it draws.
 */
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const NEARBY = 64; // points on each side among which those of the same step are looked for

  /** The values at the step of point `at` in their order; null if not all of them are known. */
  async function valuesAt(series, at, step) {
    if (!series.isExact) return null;
    const [from, to] = [Math.max(0, at - NEARBY), Math.min(series.count, at + NEARBY + 1)];
    const { steps, values } = await series.rows(from, to);
    const isCut = (from > 0 && steps[0] === step) || (to < series.count && steps.at(-1) === step);
    return isCut ? null : [...values].filter((_, i) => steps[i] === step);
  }

  /** As content_digest in sitegen/derive/anchors.py: RFC 8785 writes numbers as JSON.stringify does. */
  async function digestOf(values) {
    const known = values.map((value) => (Number.isFinite(value) ? value : String(value)));
    const bytes = await window.crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(known)));
    const hex = Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
    return `sha256:${hex.slice(0, 32)}`;
  }

  // Without an anchor an annotation is never called stale; browsers give no digests to insecure pages.
  async function anchorOf(chart, at, step) {
    const values = await valuesAt(await sitegen.metricData.series(chart), at, step);
    return values && window.crypto?.subtle ? { digest: await digestOf(values) } : null;
  }

  async function nodes(chart, points, index) {
    const { name } = chart, step = points.steps[index], key = `metric:${name}/${step}`;
    if (!Number.isSafeInteger(step)) return null;
    const { annotating, annotations, format } = sitegen;
    if (!annotating) {
      const said = annotations?.nodes(key) ?? [];
      return said.length > 0 ? said : null;
    }
    const anchor = await anchorOf(chart, points.indexes[index], step);
    const label = `metric ${name} at step ${format.count(step)}`;
    return annotating.section({ target: { type: "metric", name, step }, key, anchor, label }, null).flat().filter(Boolean);
  }

  sitegen.metricStep = { nodes };
})();

/* The traces of any run of the site, for pages of no run or of another one.
 *
 *   sitegen.traceRuns.load(run) -> Promise of { slug, name, n, rowAt(index), find(id), trace(row), samples, hrefOf(id, span) }
 * *run* is one of compare-runs.js whose data names `trace-files` (sitegen/derive/trace_columns.py); a row has what the list of
 * traces has, and `sample` ("eval id") where the run's evals name it. *samples* is a map of sample-traces.js.
 */
(() => {
  "use strict";
  const FIELDS = ["id", "name", "file", "spans", "errors", "tokens", "duration_s", "started_at", "cost_usd", "estimated_cost_usd", "session"];
  const loads = new Map();

  async function read({ name, url, data }) {
    const { slug } = data, { store } = sitegen;
    const { n, starts, names, files } = await store.get(`${slug}/trace-files`);
    store.addFiles(Object.fromEntries(Object.entries(files).map(([one, file]) => [`${slug}/${one}`, file])));
    const columns = [...names, "file"].map((one) => ({ name: one, group: "core" }));
    const frame = sitegen.frame({ n, prefix: `${slug}/trace-list-`, groups: { core: starts }, columns });
    const [samples] = await Promise.all([sitegen.sampleTraces.load(data.sample_traces.map((one) => `${slug}/${one}`)), frame.load(["id"])]);
    const places = new Map(), made = new Map();
    for (let at = 0; at < n; at += 1) places.set(frame.value("id", at), at);
    function rowAt(at) {
      if (!made.has(at)) {
        const row = Object.fromEntries(FIELDS.map((field) => [field, frame.value(field, at) ?? null])), sample = samples.get(row.id);
        made.set(at, { ...row, sample: sample === undefined ? null : `${sample.id}${sample.epoch === 1 ? "" : `, epoch ${sample.epoch}`}` });
      }
      return made.get(at);
    }
    return {
      slug, name, n, rowAt, samples, find: (id) => (places.has(id) ? rowAt(places.get(id)) : null),
      trace: (row) => sitegen.traceData.load(slug, row),
      hrefOf: (id, span) => `${url}#${new URLSearchParams({ tab: "traces", trace: id, ...(span === null ? {} : { span }) })}`,
    };
  }

  function load(run) {
    if (!loads.has(run.key)) loads.set(run.key, read(run).catch((error) => { loads.delete(run.key); throw error; }));
    return loads.get(run.key);
  }

  sitegen.traceRuns = { load, has: ({ data }) => Object.hasOwn(data.files, "trace-files") };
})();

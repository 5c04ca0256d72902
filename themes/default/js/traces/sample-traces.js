/* Which sample a trace was recorded for, and which traces a sample has: the files of sitegen/derive/sample_traces.py.
 *
 *   sitegen.sampleTraces.load(keys) -> Promise of Map(trace id -> { eval, id, epoch }); keys: `<run slug>/evals-<number>-traces`
 *   sitegen.sampleTraces.bySample(map) -> Map("eval\0id\0epoch" -> [trace ids])
 */
(() => {
  "use strict";

  async function load(keys) {
    const found = new Map();
    for (const key of keys) {
      const file = await sitegen.store.get(key), { codec } = sitegen;
      const [traces, ids] = await Promise.all([codec.words(file.traces), codec.words(file.ids)]);
      const epochs = file.epochs === null ? null : await codec.decode(file.epochs);
      traces.forEach((trace, row) => {
        if (!found.has(trace)) found.set(trace, { eval: file.eval, id: ids[row], epoch: epochs === null ? 1 : epochs[row] });
      });
    }
    return found;
  }

  const keyOf = (sample) => [sample.eval, sample.id, sample.epoch].join("\0");
  function bySample(samples) {
    const found = new Map();
    for (const [trace, sample] of samples) {
      const key = keyOf(sample);
      if (found.has(key)) found.get(key).push(trace);
      else found.set(key, [trace]);
    }
    return found;
  }

  sitegen.sampleTraces = { load, bySample, keyOf };
})();

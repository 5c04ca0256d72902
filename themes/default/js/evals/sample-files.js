/* The whole samples of an eval: files of some 200 kB, of which those read last are kept.
 *
 *   sitegen.sampleFiles(section) -> { get(row) -> Promise of the sample, null where there is none; hint(row) }
 * `hint` reads a file before its sample is asked for; what goes wrong is told when it is. Rows of the section's
 * table under the pointer, pressed or focused give hints by themselves.
 */
(() => {
  "use strict";
  const MOST_KEPT = 16, REST_MS = 40;

  function sampleFiles(section) {
    const { key } = section.dataset, starts = JSON.parse(section.dataset.chunks), kept = new Map();

    async function read(chunk) {
      const name = `${key}-${chunk}`, { samples } = await sitegen.store.get(name);
      sitegen.store.drop(name);
      return samples;
    }
    /** The samples of a file; the one that was asked for longest ago makes room. */
    function file(chunk) {
      const samples = kept.get(chunk) ?? read(chunk);
      kept.delete(chunk);
      kept.set(chunk, samples);
      if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
      samples.catch(() => kept.delete(chunk));
      return samples;
    }
    async function get(row) {
      const chunk = starts.findLastIndex((start) => start <= row);
      return chunk < 0 ? null : (await file(chunk))[row - starts[chunk]] ?? null;
    }
    const hint = (row) => { get(row).catch(() => null); };

    let timer = 0;
    function listen(event) {
      const { ordinal } = event.target.closest("tr")?.dataset ?? {};
      window.clearTimeout(timer);
      if (ordinal === undefined) return;
      if (event.type === "pointerover") timer = window.setTimeout(() => hint(Number(ordinal)), REST_MS);
      else hint(Number(ordinal));
    }
    for (const type of ["pointerover", "pointerdown", "focusin"]) {
      section.querySelector("tbody").addEventListener(type, listen, { passive: true });
    }
    return { get, hint };
  }

  sitegen.sampleFiles = sampleFiles;
})();

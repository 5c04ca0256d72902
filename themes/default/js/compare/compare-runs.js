/* The runs that compare.html holds against each other: looked up in the registry, loaded, handed to the sections.
 *
 *   sitegen.compare.follow(draw)  draw(view) each time the runs change; view =
 *     { runs: [{ key, name, status, url, experiment, data, ink 1-8, letter | "" }], the first is the baseline,
 *       asked: all chosen runs, unknown: [keys], faults: [{ run, error }], experiments: the registry }
 *   sitegen.compare.choose(keys)  the runs in this order, the baseline first
 *   sitegen.compare.number(value) -> number of a value as data files hold it, NaN for none
 * The registry: `runs` (assets/runs-<hash>.js), a list of experiments with [key, name, status, page, data file] of
 * each run; data files: sitegen/derive/compared_run.py. Hash: runs (keys); order=asked keeps their order, else the
 * baseline of experiment.toml comes first.
 */
(() => {
  "use strict";
  const MOST_RUNS = 100; // columns of a table; charts of columns show all
  const LETTERS = "ABCDEFGH", SERIES = 8, LOADING_MS = 300;
  const NON_FINITE = new Map([["NaN", NaN], ["Infinity", Infinity], ["-Infinity", -Infinity]]);
  const draws = [], loaded = new Map();
  let registry = null, turn = 0, view = null;

  const number = (value) => (NON_FINITE.has(value) ? NON_FINITE.get(value) : typeof value === "number" ? value : NaN);

  function indexed(experiments) {
    const byKey = new Map();
    for (const experiment of experiments) {
      sitegen.store.addFiles({ [experiment.columns]: experiment.file });
      for (const [key, name, status, url, file] of experiment.runs) {
        byKey.set(key, { key, name, status, url, file, experiment });
      }
    }
    return { experiments, byKey };
  }

  /** The chosen runs in order, and the keys that no run of the site has. */
  function chosen() {
    const keys = [...new Set(sitegen.state.list("runs"))];
    const asked = keys.map((key) => registry.byKey.get(key)).filter(Boolean);
    const unknown = keys.filter((key) => !registry.byKey.has(key));
    const baseline = asked.find((run) => run.experiment.baseline === run.key);
    const isKept = sitegen.state.get("order") === "asked" || baseline === undefined;
    return { asked: isKept ? asked : [baseline, ...asked.filter((run) => run !== baseline)], unknown };
  }

  /** The run's own facts; its data files are known to the store from then on. */
  async function load(run) {
    if (loaded.has(run.key)) return loaded.get(run.key);
    const key = `compare/${run.key}`;
    sitegen.store.addFiles({ [key]: run.file });
    const data = await sitegen.store.get(key);
    sitegen.store.addFiles(Object.fromEntries(
      Object.entries(data.files).map(([name, file]) => [`${data.slug}/${name}`, file])));
    loaded.set(run.key, data);
    return data;
  }

  async function follow() {
    const mine = ++turn;
    const { asked, unknown } = chosen(), faults = [];
    const wait = window.setTimeout(() => sitegen.dom.announce("Loading the runs"), LOADING_MS);
    const found = await Promise.all(asked.slice(0, MOST_RUNS).map(async (run) => {
      try {
        return { ...run, data: await load(run) };
      } catch (error) {
        if (!("reason" in error)) throw error;
        faults.push({ run, error });
        return null;
      }
    }));
    window.clearTimeout(wait);
    if (mine !== turn) return;
    const runs = found.filter(Boolean);
    runs.forEach((run, at) => Object.assign(run, {
      ink: (at % SERIES) + 1, isThin: at >= SERIES, letter: runs.length <= LETTERS.length ? LETTERS[at] : "",
    }));
    view = { runs, asked, unknown, faults, experiments: registry.experiments, byKey: registry.byKey };
    document.documentElement.classList.toggle("sg-comparing", runs.length > 1);
    for (const draw of draws) draw(view);
  }

  function choose(keys) {
    sitegen.state.set({ runs: sitegen.state.join(keys), order: keys.length > 1 ? "asked" : null });
  }

  sitegen.compare = {
    number, choose, MOST_RUNS, retry: follow,
    follow(draw) {
      draws.push(draw);
      if (view !== null) draw(view);
    },
  };

  async function start() {
    try {
      registry = indexed(await sitegen.store.get("runs"));
    } catch (error) {
      if (!("reason" in error)) throw error;
      document.querySelector('[data-compare="notices"]').replaceChildren(sitegen.store.notice(error, start));
      return;
    }
    sitegen.state.onChange((all, keys) => { if (keys.includes("runs") || keys.includes("order")) follow(); });
    await follow();
  }

  sitegen.dom.ready(() => { if (document.querySelector("[data-compare]")) start(); });
})();

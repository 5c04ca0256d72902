/* The figures above a table of samples follow its filter: mean, interval, counts, and their share of each bar.
 *
 * Markup (templates/parts/evals_head.html): `[data-scorer][data-kind]` with parts [data-role=figure|interval|scored|bounds],
 * bars `[data-bar]` whose data-low, data-high or data-value say what they count; `[data-role=figures]` says of how many.
 * A bar that is pressed is a condition of the filter. Drawn after the rows are there, scorer by scorer, so that neither
 * rows nor keys wait for it.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const WAIT_MS = 20, AT_ONCE = 5_000;

  /** A number for each row's cluster, else for its sample id: rows of one are not independent. */
  function groupsOf(grid) {
    if (grid.groupNumbers) return grid.groupNumbers;
    const { frame } = grid, numbers = new Map(), groups = new Int32Array(frame.n);
    for (let row = 0; row < frame.n; row += 1) {
      const cluster = frame.value("cluster", row);
      const key = cluster === undefined ? `i${frame.value("id", row)}` : `c${cluster}`;
      if (!numbers.has(key)) numbers.set(key, numbers.size);
      groups[row] = numbers.get(key);
    }
    return (grid.groupNumbers = groups);
  }

  /** What one scorer says of some rows. */
  function measured(grid, name, kind, rows) {
    const { frame } = grid, groups = groupsOf(grid), column = `scores.${name}`;
    const values = [], clusters = [];
    const found = { total: rows.length, n: 0, errors: 0, missing: 0, nonFinite: 0, values, counts: new Map() };
    for (const row of rows) {
      const value = frame.value(column, row);
      if (value === undefined) {
        if (frame.value("errored", row) || frame.value(`error:${column}`, row)) found.errors += 1;
        else found.missing += 1;
        continue;
      }
      if (typeof value === "number" && !Number.isFinite(value)) { found.nonFinite += 1; continue; }
      found.n += 1;
      if (typeof value !== "number") found.counts.set(value, (found.counts.get(value) ?? 0) + 1);
      if (typeof value === "string") continue;
      values.push(Number(value));
      clusters.push(groups[row]);
    }
    const isMeasured = kind === "boolean" || kind === "number";
    return { ...found, ...(isMeasured ? sitegen.statistics.estimate(values, clusters, kind === "boolean") : { mean: null }), n: found.n };
  }

  const texts = {
    figure({ mean }, kind) {
      if (mean === null) return "not scored";
      return kind === "boolean" ? sitegen.format.percent(mean) : sitegen.format.number(mean, { digits: 3 });
    },
    interval({ n, mean, se, low, high, method, clusters }, kind) {
      if (mean === null) return "";
      if (low === null) return n === 1 ? "one sample, no interval" : "one cluster, no interval";
      if (se === 0 && kind === "number") return "no spread, no interval";
      const end = (value) => (kind === "boolean" ? (100 * value).toFixed(1) : sitegen.format.number(value, { digits: 3 }));
      const over = clusters < n ? `, ${sitegen.format.count(clusters)} ${clusters === 1 ? "cluster" : "clusters"}` : "";
      const how = over === "" ? method : method.split(",")[0].replace(" over clusters", "");
      return `95\u202f% CI ${end(low)} to ${end(high)} (${how}${over})`;
    },
    scored({ n, total, errors, missing, nonFinite }) {
      const { count } = sitegen.format;
      const rest = [[errors, "errored"], [missing, "missing"], [nonFinite, "not finite"]]
        .filter(([number]) => number > 0).map(([number, word]) => `${count(number)} ${word}`).join(", ");
      return `${count(n)} of ${count(total)} scored${rest === "" ? "" : `; ${rest}`}`;
    },
  };

  /** Each place keeps what the server wrote, for all samples. */
  function put(node, text) {
    if (node === null) return;
    node.dataset.all ??= node.textContent;
    node.textContent = text ?? node.dataset.all;
  }

  function countOf(bar, found, values) {
    const { low, high, value, last } = bar.dataset;
    if (value !== undefined) {
      if (value === "errored" || value === "missing") return value === "errored" ? found.errors : found.missing;
      return found.counts.get(value === "yes" ? true : value === "no" ? false : value) ?? 0;
    }
    let count = 0;
    for (const one of values) if (one >= Number(low) && (one < Number(high) || (last !== undefined && one <= Number(high)))) count += 1;
    return count;
  }

  /** The bar stands for all samples; as much of it as the filter leaves keeps its colour. */
  function share(bar, ratio) {
    const whole = bar.dataset, isTall = whole.low !== undefined;
    whole.size ??= bar.getAttribute(isTall ? "height" : "width");
    whole.start ??= bar.getAttribute("y");
    if (bar.ghost === undefined) {
      bar.ghost = bar.cloneNode(true);
      bar.ghost.setAttribute("class", "sg-fill sg-scorer__ghost");
      bar.ghost.removeAttribute("data-bar");
      bar.before(bar.ghost);
    }
    const size = Number(whole.size) * (ratio ?? 1);
    bar.setAttribute(isTall ? "height" : "width", String(Math.round(100 * size) / 100));
    if (isTall) bar.setAttribute("y", String(Number(whole.start) + Number(whole.size) - size));
    bar.ghost.toggleAttribute("hidden", ratio === null);
  }

  function show(grid, panel, isPart) {
    const { scorer: name, kind } = panel.dataset, part = (role) => panel.querySelector(`[data-role=${role}]`);
    const bars = [...panel.querySelectorAll("[data-bar]")], notes = [...panel.querySelectorAll("[data-role=notes] > span")];
    panel.classList.toggle("sg-scorer--part", isPart);
    part("all").hidden = !isPart;
    for (const role of ["bounds", "repeats"]) part(role)?.toggleAttribute("hidden", isPart);
    if (!isPart) {
      for (const node of notes) put(node, null);
      for (const role of ["figure", "interval", "scored"]) put(part(role), null);
      for (const bar of bars) share(bar, null);
      return;
    }
    const found = measured(grid, name, kind, grid.found);
    if (kind === "boolean" || kind === "number") {
      put(part("figure"), texts.figure(found, kind));
      put(part("interval"), texts.interval(found, kind));
    }
    put(part("scored"), texts.scored(found));
    const counts = bars.map((bar) => countOf(bar, found, found.values));
    bars.forEach((bar, at) => share(bar, Number(bar.dataset.bar) > 0 ? counts[at] / Number(bar.dataset.bar) : 0));
    part("all").textContent = `all samples: ${part("figure").dataset.all ?? part("scored").dataset.all}`;
    notes.forEach((node, at) => put(node, `${sitegen.format.count(counts[at])} ${bars[at].dataset.value}`));
  }

  async function follow(grid, section) {
    const isPart = grid.found.length < grid.frame.n, note = section.querySelector("[data-role=figures]"), { found } = grid;
    note.hidden = !isPart;
    if (isPart) {
      const { count } = sitegen.format;
      note.replaceChildren(el("b", { text: `${count(grid.found.length)} of ${count(grid.frame.n)} ${grid.nouns}` }),
        ": the figures follow the filter. ", el("button", { type: "button", class: "sg-link", text: "All samples", on: { click: () => grid.box.set("") } }));
    }
    for (const panel of section.querySelectorAll("[data-scorer]")) {
      show(grid, panel, isPart);
      if (isPart && found.length > AT_ONCE) await new Promise((resolve) => { window.setTimeout(resolve); });
      if (grid.found !== found) return;
    }
  }

  /** The samples that a bar counts, as conditions. */
  function press(grid, panel, { low, high, value, last, whole }) {
    const name = `scores.${panel.dataset.scorer}`, field = sitegen.filter.written(name);
    if (value === "errored") return sitegen.scoreMenus.choose(grid, "errored", ["errored = true"]);
    if (value === "missing") return undefined;
    const conditions = value !== undefined ? [`${field} = ${value === "yes" ? true : value === "no" ? false : sitegen.filter.literal(value)}`]
      : whole !== undefined ? sitegen.scoreMenus.range(name, Number(whole), Number(whole))
        : sitegen.scoreMenus.range(name, Number(low), Number(high), { isOpen: last === undefined });
    const text = grid.get("filter", ""), isThere = conditions.every((one) => sitegen.filter.conditionsOf(text, name).includes(one));
    return sitegen.scoreMenus.choose(grid, name, isThere ? [] : conditions);
  }

  sitegen.grid.extend((grid) => {
    const section = grid.element.closest("[data-eval]");
    if (section === null) return;
    let timer = 0, shown = null;
    grid.element.addEventListener("sg:rows", () => {
      if (shown === grid.found || (shown === null && grid.found.length === grid.frame.n)) return;
      shown = grid.found;
      window.clearTimeout(timer);
      timer = window.setTimeout(() => follow(grid, section), WAIT_MS);
    });
    for (const panel of section.querySelectorAll("[data-scorer]")) {
      panel.addEventListener("click", (event) => {
        const bar = event.target.closest("[data-bar]") ?? event.target.closest(".sg-scorer__label")?.querySelector("[data-bar]")
          ?? event.target.closest(".sg-scorer__ghost")?.nextElementSibling;
        if (bar && grid.isReady) press(grid, panel, bar.dataset);
      });
    }
  });
})();

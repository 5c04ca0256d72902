/* The head of compare.html: which runs, which is the baseline, adding and taking away; what could not be found.
 *
 * Markup: [data-compare=title|runs|notices|empty|body]; the search for a run is a <details class="sg-menu">.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const MOST_CHIPS = 8, MOST_MATCHES = 40;

  const part = (name) => document.querySelector(`[data-compare="${name}"]`);
  const keysOf = (view) => view.asked.map(({ key }) => key);
  const button = (text, run, more = {}) =>
    el("button", { type: "button", class: "sg-button sg-button--quiet sg-button--small", on: { click: run }, ...more }, text);

  function chip(run, view) {
    const rest = keysOf(view).filter((key) => key !== run.key), isFirst = view.asked[0].key === run.key;
    return el("span", { class: "sg-comparechip" },
      run.letter && el("b", { text: run.letter }), sitegen.crosshair.seriesKey(run.ink),
      el("a", { href: run.url, title: `${run.experiment.title} / ${run.name}`, text: run.name, class: "sg-ellipsis" }),
      sitegen.gridCells.mark(run.status),
      isFirst ? el("span", { class: "sg-tag", text: "baseline" })
        : button("Set baseline", () => sitegen.compare.choose([run.key, ...rest])),
      button("×", () => sitegen.compare.choose(rest), { "aria-label": `Remove ${run.name}` }));
  }

  /** The runs of the site whose name or experiment has all words. */
  function matches(view, text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean), taken = new Set(keysOf(view)), found = [];
    let more = 0;
    for (const run of view.byKey.values()) {
      if (taken.has(run.key)) continue;
      const searched = `${run.name} ${run.experiment.title} ${run.experiment.name} ${run.status}`.toLowerCase();
      if (!words.every((word) => searched.includes(word))) continue;
      if (found.length < MOST_MATCHES) found.push(run);
      else more += 1;
    }
    return { found, more };
  }

  function picker(view) {
    const list = el("div", { class: "sg-comparepick__list" });
    const input = el("input", { class: "sg-input sg-comparepick__input", type: "search", "aria-label": "Find a run",
      placeholder: "Name or experiment", spellcheck: "false", autocomplete: "off" });
    const fill = () => {
      const { found, more } = matches(view, input.value);
      list.replaceChildren(
        ...found.map((run) => el("button", { type: "button", class: "sg-menu__choice sg-comparepick__run",
          on: { click: () => sitegen.compare.choose([...keysOf(view), run.key]) } },
        sitegen.gridCells.mark(run.status), el("span", { text: run.name }),
        el("span", { class: "sg-muted", text: run.experiment.title }))),
        ...(more ? [el("p", { class: "sg-menu__title", text: `${more} more: type to narrow` })] : []),
        ...(found.length ? [] : [el("p", { class: "sg-menu__title", text: "No run matches." })]));
    };
    input.addEventListener("input", fill);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") list.querySelector("button")?.click();
    });
    const menu = el("details", { class: "sg-menu sg-menu--start" },
      el("summary", { class: "sg-button", text: "Add run" }),
      el("div", { class: "sg-menu__panel sg-comparepick" }, input, list));
    menu.addEventListener("toggle", () => { if (menu.open) { fill(); input.focus(); } });
    return menu;
  }

  function notices(view) {
    const found = view.faults.map(({ error }) => sitegen.store.notice(error, sitegen.compare.retry));
    const say = (text) => found.push(el("div", { class: "sg-notice sg-notice--warn", role: "status" },
      el("p", { class: "sg-notice__text", text })));
    if (view.unknown.length) {
      const { length } = view.unknown;
      say(`${length} ${length === 1 ? "run" : "runs"} of this link ${length === 1 ? "is" : "are"} not in this site: ${view.unknown.slice(0, 20).join(", ")}`);
    }
    if (view.asked.length > sitegen.compare.MOST_RUNS) {
      say(`Tables hold the first ${sitegen.compare.MOST_RUNS} of ${view.asked.length} runs; Charts show all.`);
    }
    const cut = view.runs.filter(({ data }) => Object.keys(data.left_out).length);
    if (cut.length) {
      say(cut.slice(0, 5).map(({ name, data }) =>
        `${name}: ${Object.entries(data.left_out).map(([what, n]) => `${n} ${what}`).join(", ")} not compared`).join(" · "));
    }
    return found;
  }

  function draw(view) {
    const { runs, asked } = view;
    part("title").textContent = asked.length > 0 ? `Compare ${asked.length} ${asked.length === 1 ? "run" : "runs"}` : "Compare";
    const isFew = runs.length <= MOST_CHIPS;
    const list = isFew ? runs.map((run) => chip(run, view)) : [el("details", { class: "sg-menu sg-menu--start" },
      el("summary", { class: "sg-button", text: `${asked.length} runs, baseline ${asked[0].name}` }),
      el("div", { class: "sg-menu__panel sg-comparepick sg-comparepick__list" }, runs.map((run) => chip(run, view))))];
    part("runs").replaceChildren(...list, picker(view),
      ...(runs.length === 2 ? [button("Swap", () => sitegen.compare.choose(keysOf(view).reverse()))] : []),
      ...(asked.length > 1 ? [button("Clear", () => sitegen.compare.choose([]))] : []));
    part("notices").replaceChildren(...notices(view));
    part("body").hidden = runs.length < 2;
    document.querySelector(".sg-tabs").hidden = runs.length < 2;
    part("empty").hidden = runs.length > 1;
    part("empty-title").textContent = runs.length === 1 ? "Add a run to compare." : "No runs are chosen.";
  }

  sitegen.dom.ready(() => {
    if (!part("runs")) return;
    let shown = null;
    sitegen.compare.follow((view) => { shown = view; draw(view); });
    sitegen.keys.add({ key: "s", label: "Swap the two runs", group: "Compare", when: () => shown?.runs.length === 2,
      run: () => sitegen.compare.choose(keysOf(shown).reverse()) });
    sitegen.keys.add({ key: "+", label: "Add a run", group: "Compare", when: () => shown !== null,
      run: () => { part("runs").querySelector("details.sg-menu:has(.sg-comparepick__input)").open = true; } });
  });
})();

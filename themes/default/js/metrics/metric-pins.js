/* Pinned charts of a tab (chart-tab.js): a group of their own before all others, in an order that can be
 * changed (metric-drag.js).
 *
 * `pinned` in the hash names them in their order, so that a pinned view is a link. The figure itself moves, with its
 * drawing; a small mark stays in its place to come back to.
 */
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const KEY = "pinned";
  const names = () => sitegen.state.list(KEY);
  const set = (list) => sitegen.state.set({ [KEY]: sitegen.state.join(list) });
  const places = new Map(); // name -> the mark where the figure stood

  function toggle(tab, name) {
    const now = names();
    set(now.includes(name) ? now.filter((one) => one !== name) : [...now, name]);
    tab.charts.find((one) => one.name === name)?.pinButton.focus();
  }

  function move(name, by) {
    const now = names(), at = now.indexOf(name), to = at + by;
    if (at < 0 || to < 0 || to >= now.length) return;
    now.splice(to, 0, ...now.splice(at, 1));
    set(now);
  }

  /** Pinned charts in the order of `list`; those that this page lacks stay after them. */
  const keep = (list) => set([...list, ...names().filter((name) => !list.includes(name))]);

  /** What the menu of a pinned chart offers. */
  function moves(name) {
    const now = names(), at = now.indexOf(name);
    if (at < 0) return [];
    return [at > 0 && ["Move before", () => move(name, -1)], at < now.length - 1 && ["Move after", () => move(name, 1)]];
  }

  function groupOf(tab) {
    const { el } = sitegen.dom;
    if (tab.pins) return tab.pins;
    const count = el("span", { class: "sg-faint" }), charts = el("div", { class: tab.element.querySelector(".sg-metrics__charts").className });
    const title = el("span", { class: "sg-fold__title sg-mono", text: "pinned" });
    const group = el("details", { class: "sg-fold sg-metrics__group sg-metrics__pins", open: true, data: { pins: "" } }, el("summary", {}, title, " ", count), charts);
    tab.element.insertBefore(group, tab.element.querySelector("[data-group]"));
    tab.pins = { group, count, charts };
    return tab.pins;
  }

  /** Moves figures to where the hash says they stand. */
  function show(tab) {
    const wanted = names().map((name) => tab.charts.find((one) => one.name === name)).filter(Boolean);
    const key = wanted.map(({ name }) => name).join("\n");
    if (key === (tab.pinnedKey ?? "")) return;
    tab.pinnedKey = key;
    const { group, count, charts } = groupOf(tab);
    for (const chart of tab.charts) {
      const { name } = chart, place = places.get(name);
      const isPinned = wanted.includes(chart);
      chart.pinButton.setAttribute("aria-pressed", String(isPinned));
      if (isPinned && !place) {
        places.set(name, document.createComment("pinned"));
        chart.figure.before(places.get(name));
      } else if (!isPinned && place) {
        place.replaceWith(chart.figure);
        places.delete(name);
      }
    }
    charts.append(...wanted.map(({ figure }) => figure));
    count.textContent = String(wanted.length);
    group.hidden = wanted.length === 0;
    for (const one of tab.element.querySelectorAll("[data-group]")) {
      one.classList.toggle("sg-metrics__group--empty", !one.querySelector("[data-metric]"));
    }
  }

  sitegen.metricPins = { toggle, move, keep, moves, show };
})();

/* Tabs over sections that read in order without script.
 *
 * Markup:
 *   <nav class="sg-tabs" aria-label="Run" [data-tabs-key="tab"]>
 *     <a class="sg-tabs__tab" href="#panel-metrics" data-tab="metrics">Metrics</a> …
 *   </nav>
 *   <section class="sg-panel" id="panel-metrics" data-panel="metrics">…</section>
 * Script: roles tablist, tab and tabpanel, one tab stop, arrows, Home and End with activation on focus; other panels
 * get `hidden` (print CSS shows them again); links become `#tab=metrics`. `data-tabs-key="none"` keeps the
 * choice out of the URL. `#id` of something in a hidden panel opens that panel.
 * Event `sg:tab` (bubbles, detail { name }) on a panel each time it is shown.
 *   sitegen.tabs.enhance(nav) · sitegen.tabs.show(name, nav = first)
 */
(() => {
  "use strict";
  const sets = [];

  function enhance(nav) {
    const links = [...nav.querySelectorAll("[data-tab]")];
    const tabs = links.map((link) => ({ link, name: link.dataset.tab, panel: panelOf(link) }))
      .filter(({ panel }) => panel !== null);
    if (tabs.length === 0) return null;
    const set = { nav, tabs, key: nav.dataset.tabsKey ?? "tab", current: null };
    sets.push(set);
    nav.setAttribute("role", "tablist");
    for (const tab of tabs) prepare(set, tab);
    show(set, wanted(set), { isQuiet: true });
    return set;
  }

  function panelOf(link) {
    return document.getElementById(decodeURIComponent(link.getAttribute("href").slice(1)));
  }

  function prepare(set, { link, name, panel }) {
    link.setAttribute("role", "tab");
    link.setAttribute("aria-controls", panel.id);
    link.id ||= `${panel.id}-tab`;
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", link.id);
    panel.tabIndex = 0;
    if (set.key !== "none") link.href = sitegen.state.href({ [set.key]: name });
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      choose(set, name);
    });
    link.addEventListener("keydown", (event) => move(set, name, event));
  }

  function move(set, name, event) {
    const at = set.tabs.findIndex((tab) => tab.name === name), last = set.tabs.length - 1;
    const next = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1,
      Home: 0, End: last, " ": at }[event.key];
    if (next === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    choose(set, set.tabs[next].name, { push: false });
    set.tabs[next].link.focus();
  }

  function choose(set, name, options = {}) {
    if (set.key === "none") show(set, name);
    else sitegen.state.set({ [set.key]: name }, options);
    if (set.current !== name) show(set, name);
  }

  function show(set, name, { isQuiet = false } = {}) {
    if (set.current === name) return;
    set.current = name;
    for (const tab of set.tabs) {
      const isCurrent = tab.name === name;
      tab.link.setAttribute("aria-selected", String(isCurrent));
      tab.link.classList.toggle("sg-tabs__tab--current", isCurrent);
      tab.link.tabIndex = isCurrent ? 0 : -1;
      tab.panel.hidden = !isCurrent;
      if (isCurrent) shown(set, tab, isQuiet);
    }
  }

  function shown(set, { link, name, panel }, isQuiet) {
    const bar = set.nav; // only its own sideways scroll: scrollIntoView would move the page too
    const left = link.offsetLeft - bar.offsetLeft;
    const isCut = left < bar.scrollLeft || left + link.offsetWidth > bar.scrollLeft + bar.clientWidth;
    if (isCut) bar.scrollLeft = left - 16;
    const tell = () => panel.dispatchEvent(new CustomEvent("sg:tab", { bubbles: true, detail: { name } }));
    if (isQuiet) window.setTimeout(tell, 0); // after the other scripts are ready to hear it
    else tell();
  }

  /** The tab of the URL: by its key, by an anchor inside its panel, else the first. */
  function wanted(set) {
    const named = set.key === "none" ? null : sitegen.state.get(set.key);
    if (set.tabs.some((tab) => tab.name === named)) return named;
    const holder = anchored(set);
    return holder?.name ?? set.tabs[0].name;
  }
  function anchored(set) {
    const id = sitegen.state.anchor();
    const target = id === null ? null : document.getElementById(id);
    return set.tabs.find((tab) => target !== null && tab.panel.contains(target));
  }

  function followAnchor() {
    for (const set of sets) {
      const holder = anchored(set);
      if (holder === undefined) continue;
      show(set, holder.name);
      document.getElementById(sitegen.state.anchor()).scrollIntoView();
    }
  }

  sitegen.tabs = {
    enhance,
    show(name, nav = null) {
      const set = sets.find((one) => nav === null || one.nav === nav);
      if (set?.tabs.some((tab) => tab.name === name)) choose(set, name);
    },
  };

  sitegen.dom.ready(() => {
    for (const nav of document.querySelectorAll(".sg-tabs")) enhance(nav);
    followAnchor();
    window.addEventListener("hashchange", followAnchor);
    sitegen.state.onChange((all, keys) => {
      for (const set of sets) {
        if (set.key !== "none" && keys.includes(set.key)) show(set, wanted(set));
        else if (set.key !== "none") refreshLinks(set);
      }
    });
  });

  function refreshLinks(set) {
    for (const { link, name } of set.tabs) link.href = sitegen.state.href({ [set.key]: name });
  }
})();

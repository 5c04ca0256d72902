/* The forms of one trace, the tree with bars and the flames, of which one is shown; all know window, filter and chosen span.
 *
 *   sitegen.traceForms(bars, model, { waterfall, onSelect(index, isOpening), onZoom(from_us, to_us) }) ->
 *     { control, element, both, use(name), select(index), focus(), zoomTo() -> whether it did, setWindow(from_us, to_us), stop() }
 * *bars* holds the waterfall; *both* has its functions, those that filter tell the flames too. Names are values of `view` in the URL.
 */
(() => {
  "use strict";
  const FORMS = [["tree", "Tree", "Tree with bars"], ["flame", "Flame", "Depth by time"], ["merged", "Merged", "Spans of one name together, by the time they took"]];

  function traceForms(bars, model, { waterfall, onSelect, onZoom }) {
    const { el } = sitegen.dom;
    const element = el("div", { class: "sg-flame", hidden: true });
    let name = "tree", flame = null;
    const buttons = FORMS.map(([form, text, title]) => el("button", { type: "button", class: "sg-segments__segment", text, title, "aria-pressed": String(form === name),
      on: { click: () => sitegen.state.set({ view: form === "tree" ? null : form }) } }));
    const control = el("span", { class: "sg-segments", role: "group", "aria-label": "Show spans as" }, buttons);

    function use(wanted) {
      const next = wanted ?? "tree";
      if (next === name) return null;
      name = next;
      buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(FORMS[at][0] === name)));
      bars.hidden = name !== "tree";
      element.hidden = name === "tree";
      if (name === "tree") return waterfall.draw();
      flame ??= made();
      flame.use(name);
      if (waterfall.current() >= 0) flame.select(waterfall.current());
      return null;
    }
    let matches = null, isCritical = true;
    function made() {
      const one = sitegen.flame.create(element, model, { onSelect, onZoom });
      one.setWindow(...waterfall.window());
      one.setMatches(matches);
      one.setCritical(isCritical);
      return one;
    }
    const both = {
      ...waterfall,
      setMatches(given) { matches = given; waterfall.setMatches(given); flame?.setMatches(given); },
      setCritical(flag) { isCritical = flag; waterfall.setCritical(flag); flame?.setCritical(flag); },
    };
    return {
      control, element, both, use,
      select: (at) => { if (name !== "tree") flame.select(at); },
      focus: () => (name === "tree" ? waterfall.element.querySelector("[tabindex='0']") : flame.element)?.focus(),
      zoomTo: () => { if (name === "merged") flame.zoomTo(); return name === "merged"; },
      setWindow: (from, to) => flame?.setWindow(from, to),
      stop: () => flame?.stop(),
    };
  }

  sitegen.traceForms = traceForms;
})();

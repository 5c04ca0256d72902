/* Above and below the tree: filter, kinds, critical path, next error; legend and keys.
 *
 *   sitegen.traceTools(model, payload, waterfall, { zoom(from, to), kinds, search }) -> { toolbar, legend, setZoomed(flag) }
 * *search* is that of trace-search.js.
 */
(() => {
  "use strict";

  function traceTools(model, payload, waterfall, { zoom, kinds, search }) {
    const { el } = sitegen.dom;
    const present = Object.keys(kinds).filter((kind) => model.kind.includes(kind));
    const chosen = new Set(present);
    const filter = el("input", { class: "sg-filter__input sg-input", type: "search", id: "spans-filter", placeholder: "Filter spans, or duration_ms > 500",
      title: "Searches names, attributes and messages; or a condition such as status = \"error\" or gen_ai.request.model = \"…\"", spellcheck: "false", autocomplete: "off" });
    const note = el("output", { class: "sg-second sg-muted sg-traces__found" });
    let asked = { match: null, names: [] }, stop = () => {};
    function apply() {
      const { match, names } = asked, isAll = chosen.size === present.length;
      kindButton.firstChild.textContent = isAll ? "Kind " : `Kind ${chosen.size} of ${present.length} `;
      stop();
      note.textContent = "";
      if (match === null && isAll) return waterfall.setMatches(null);
      stop = search.find(match ?? (() => true), match === null ? ["kind"] : names, show);
      return null;
    }
    function show(found, { files, of, error }) {
      const matches = Uint8Array.from(found, (one, at) => (one === 1 && chosen.has(model.kind[at]) ? 1 : 0));
      const { count } = sitegen.format, some = matches.reduce((sum, one) => sum + one, 0);
      if (files === 0 || files === of || files % 8 === 0) waterfall.setMatches(matches);
      note.textContent = `${count(some)} of ${count(model.count)} spans${files < of ? `; attributes and messages: ${count(files)} of ${count(of)} files` : ""}${error ? `; ${error.message}` : ""}`;
    }

    const kindButton = el("summary", { class: "sg-button" }, "Kind ", icon("m5 6.500 3 3 3-3"));
    const choice = (kind) => {
      const box = el("input", { type: "checkbox", class: "sg-check__box", on: { change: () => {
        if (box.checked) chosen.add(kind);
        else chosen.delete(kind);
        apply();
      } } });
      box.checked = true;
      return el("label", { class: "sg-menu__choice" }, box, el("span", { class: `sg-swatch sg-span--${kind}` }), kinds[kind]);
    };
    const critical = el("button", { type: "button", class: "sg-button sg-toolbar__secondary", "aria-pressed": "true", text: "Critical path", on: { click: () => {
      const isOn = critical.getAttribute("aria-pressed") !== "true";
      critical.setAttribute("aria-pressed", String(isOn));
      waterfall.setCritical(isOn);
    } } });
    const whole = el("button", { type: "button", class: "sg-button sg-button--quiet", text: "Whole trace", hidden: true, on: { click: () => zoom(0, model.axis_us) } });
    const toolbar = el("div", { class: "sg-toolbar sg-traces__toolbar" },
      el("div", { class: "sg-filter" }, el("label", { for: "spans-filter", text: "Filter spans" }), icon("M2.500 4.500h11M4.500 8h7M6.500 11.500h3"), filter),
      present.length > 1 && el("details", { class: "sg-menu sg-menu--start" }, kindButton, el("div", { class: "sg-menu__panel" }, present.map(choice))),
      payload.critical.length > 0 && critical,
      payload.errors > 0 && el("button", { type: "button", class: "sg-button", "aria-keyshortcuts": "e", on: { click: () => waterfall.nextError() } },
        "Next error ", el("kbd", { class: "sg-kbd", text: "e" })),
      whole, note);
    sitegen.filter.box(filter, { fields: search.fields, noun: "field", onChange(match, _, names) { asked = { match, names }; apply(); } });
    sitegen.filter.complete?.(filter, { fields: search.fields, values: async (name) => search.words(name) });

    const key = (name) => el("kbd", { class: "sg-kbd", text: name });
    const legend = el("div", { class: "sg-traces__legend" },
      present.map((kind) => el("span", {}, el("span", { class: `sg-swatch sg-span--${kind}` }), ` ${kinds[kind]}`)),
      payload.critical.length > 0 && el("span", {}, el("span", { class: "sg-traces__stroke" }), ` critical path, ${sitegen.format.duration_ns(payload.critical_us * 1000)}`),
      el("span", { class: "sg-traces__keys" }, key("j"), " ", key("k"), " move ", key("←"), " ", key("→"), " fold ", key("Esc"), " close"));
    return { toolbar, legend, setZoomed: (isZoomed) => { whole.hidden = !isZoomed; } };
  }

  const icon = (path) => sitegen.dom.svg("svg", { class: "sg-icon", width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false" },
    sitegen.dom.svg("path", { d: path }));

  sitegen.traceTools = traceTools;
})();

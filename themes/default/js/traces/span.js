/* The panel of one span: what it took, then Messages, Input/Output, Attributes, Events, Links, Raw.
 *
 *   sitegen.span.create(aside, { slug, close }) -> { show({ id, payload, model }, index), hide() }
 * Details come from the data files that payload.details names: [file, first index] in order. Hash: as (markdown, json: the
 * form of messages, else text).
 */
(() => {
  "use strict";
  const TABS = ["Messages", "Input/Output", "Attributes", "Events", "Links", "Raw"];
  const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"];
  const STATUS = ["unset", "ok", "error"], PATH_NAMES = 64;
  const FORMS = [["text", "Text"], ["markdown", "Markdown"], ["json", "JSON"]];
  const nameOf = (title) => title.toLowerCase().replace("/", "-");

  function create(aside, { slug, close }) {
    const { el, clear } = sitegen.dom;
    const values = sitegen.spanValues(slug);
    const swatch = el("span"), title = el("h3", { class: "sg-drawer__title" });
    const facts = el("dl", { class: "sg-span__facts" }), problem = el("div");
    const notes = el("section", { class: "sg-span__annotations", "aria-label": "Annotations" });
    const nav = el("nav", { class: "sg-tabs sg-tabs--inner", "aria-label": "Span", data: { tabsKey: "none" } });
    const panels = new Map(), links = new Map();
    for (const one of TABS) {
      const id = `span-panel-${nameOf(one)}`;
      links.set(one, el("a", { class: "sg-tabs__tab", href: `#${id}`, data: { tab: nameOf(one) } }));
      panels.set(one, el("section", { id, class: "sg-span__panel", data: { panel: nameOf(one) } }));
      nav.append(links.get(one));
    }
    const expand = el("button", { type: "button", class: "sg-button sg-button--quiet sg-button--icon sg-span__expand", "aria-label": "Whole span",
      on: { click: () => aside.classList.remove("sg-traces__span--peek") } }, icon("m5 9.500 3-3 3 3"));
    const peek = el("p", { class: "sg-span__peek" });
    aside.append(el("header", { class: "sg-drawer__head" }, swatch, title, el("span", { class: "sg-drawer__actions" },
      el("button", { type: "button", class: "sg-button sg-button--quiet sg-button--icon", "aria-label": "Copy link to the span", title: "Copy link to the span", data: { copyLink: "" } }, icon("M7 9.200a2.600 2.600 0 0 0 3.700 0l2-2A2.600 2.600 0 0 0 9 3.500l-.900.900M9 6.800a2.600 2.600 0 0 0-3.700 0l-2 2A2.600 2.600 0 0 0 7 12.500l.900-.900")),
      expand,
      el("button", { type: "button", class: "sg-button sg-button--quiet sg-button--icon", "aria-label": "Close", title: "Close (Esc)", on: { click: close } }, icon("m4.500 4.500 7 7M11.500 4.500l-7 7")))),
    peek, el("div", { class: "sg-span__rest" }, facts, problem, nav, ...panels.values(), notes));
    sitegen.tabs.enhance(nav);
    let shown = null, said = [];

    async function show(trace, index) {
      const token = shown = { trace, index };
      aside.hidden = false;
      const { model } = trace;
      aside.setAttribute("aria-label", `Span ${model.name[index]}`);
      swatch.className = `sg-swatch sg-span--${model.kind[index]}`;
      title.textContent = model.name[index];
      peek.textContent = [model.duration[index] === null ? "unfinished" : time(model.duration[index]), model.tokens[index] ? `${sitegen.format.compact(model.tokens[index])} tokens` : null].filter(Boolean).join(" · ");
      try {
        const { detail, data } = await sitegen.traceData.detail(trace, index);
        if (shown === token) fill(trace, index, detail, data);
      } catch (error) {
        if (shown !== token) return;
        clear(facts);
        for (const panel of panels.values()) clear(panel);
        clear(problem);
        problem.append(sitegen.store.notice(error, () => show(trace, index)));
      }
    }

    function fill(trace, index, detail, data) {
      const { model } = trace, { llm } = detail;
      clear(problem);
      if (detail.status[0] === 2 && errorText(detail) !== "") problem.append(el("p", { class: "sg-notice sg-notice--bad" }, el("span", { class: "sg-notice__text", text: errorText(detail) })));
      clear(facts);
      facts.append(...factsOf(trace, index, detail).flatMap(([name, text, note]) => [el("dt", { text: name }), el("dd", {}, text, note && el("span", { class: "sg-muted", text: ` ${note}` }))]));
      const messages = llm.messages ?? [], attributes = new Map(detail.attributes);
      said = messages;
      putMessages();
      put("Input/Output", null, inputOutput(llm, attributes), Boolean(llm.input_key || llm.output_key || llm.documents || llm.judgements || llm.tools));
      put("Attributes", detail.attributes.length, [values.table(detail.attributes), dropped(detail.dropped[0], "attribute"),
        el("h4", { text: "Resource" }), values.table(data.resources[detail.resource]), scope(data.scopes[detail.scope])], true);
      put("Events", detail.events.length, [detail.events.map(event), dropped(detail.dropped[1], "event")]);
      put("Links", detail.links.length, [detail.links.map(link), dropped(detail.dropped[2], "link")]);
      put("Raw", null, raw(trace, detail), true);
      const current = TABS.find((one) => links.get(one).getAttribute("aria-selected") === "true");
      const isWanted = current !== undefined && !links.get(current).hidden && trace.isKept;
      const first = messages.length > 0 ? "Messages" : links.get("Input/Output").hidden ? "Attributes" : "Input/Output";
      sitegen.tabs.show(nameOf(isWanted ? current : first), nav);
      annotate(trace.id, model, index, detail);
      const last = messages.at(-1)?.parts.find((one) => one.type === "text")?.text;
      if (typeof last === "string") peek.append(el("span", { class: "sg-span__said", text: last.slice(0, 160) }));
    }

    function putMessages() {
      const form = FORMS.some(([name]) => name === sitegen.state.get("as")) ? sitegen.state.get("as") : "text";
      const choice = el("span", { class: "sg-segments sg-messages__forms", role: "group", "aria-label": "Messages as" }, FORMS.map(([name, label]) => el("button", { type: "button",
        class: "sg-segments__segment", "aria-pressed": String(name === form), text: label, on: { click: () => sitegen.state.set({ as: name === "text" ? null : name }, { push: false }) } })));
      put("Messages", said.length, [choice, ...said.map((one) => values.message(one, form))]);
    }
    sitegen.state.onChange((_, keys) => {
      if (!keys.includes("as") || said.length === 0) return;
      const hadFocus = panels.get("Messages").contains(document.activeElement);
      putMessages();
      if (hadFocus) panels.get("Messages").querySelector("[aria-pressed=true]").focus();
    });

    function put(name, count, content, isThere = count > 0) {
      links.get(name).hidden = !isThere;
      links.get(name).replaceChildren(name, count === null ? "" : el("span", { class: "sg-tabs__count", text: ` ${sitegen.format.count(count)}` }));
      panels.get(name).replaceChildren(...[content].flat(2).filter(Boolean));
    }

    const time = (us) => sitegen.format.duration_ns(us * 1000);
    function factsOf({ model, payload }, index, { llm, kind, status }) {
      const { format } = sitegen, own = (model.own ??= sitegen.traceSearch.ownTimes(model));
      const tokens = [llm.input_tokens !== undefined && `${format.count(llm.input_tokens)} in`, llm.output_tokens !== undefined && `${format.count(llm.output_tokens)} out`].filter(Boolean).join(", ");
      const params = Object.entries(llm.params ?? {}).map(([name, one]) => `${{ temperature: "temp", max_tokens: "max" }[name] ?? name} ${one}`).join(", ");
      return [
        ["Duration", model.duration[index] === null ? "unfinished" : time(model.duration[index])],
        ["Own time", model.size[index] > 1 && own[index] !== undefined ? time(own[index]) : "", "no span below ran"],
        ["Tokens", tokens],
        ["First token", llm.first_token_us === undefined ? "" : time(llm.first_token_us)],
        ["Cached", llm.cached_tokens ? `${format.count(llm.cached_tokens)} in` : ""],
        ["Cost", llm.cost_usd === undefined ? "" : format.money(llm.cost_usd), "recorded"],
        ["Cost", llm.estimated_cost_usd === undefined ? "" : `≈ ${format.money(llm.estimated_cost_usd)}`, `estimated with ${llm.price_source}`],
        ["Params", params],
        ["Model", llm.model ?? "", llm.provider],
        ["Agent", llm.agent ?? ""],
        ["Tool", llm.tool ?? ""],
        ["Tools", llm.tools === undefined ? "" : offered(llm.tools), llm.tools && "offered"],
        ["Started", model.start[index] === null ? "not recorded" : `+${time(model.start[index])}`],
        ["Kind", [model.kind[index] === "unknown" ? "" : model.kind[index], KINDS[kind]].filter(Boolean).join(", ")],
        ["Status", STATUS[status[0]]],
        ["User", llm.user ?? ""],
        ["Session", llm.session === undefined || llm.session === payload.session ? "" : llm.session],
      ].filter(([, text]) => text !== "");
    }

    const offered = (tools) => (tools.length <= 4 ? tools.map(([name]) => name ?? "(no name)").join(", ") : sitegen.format.count(tools.length));

    const errorText = ({ status, attributes }) => {
      const type = attributes.find(([key]) => key === "error.type")?.[1];
      const text = status[1]?.preview ?? status[1] ?? "";
      return typeof type === "string" && !text.startsWith(type) ? [type, text].filter(Boolean).join(": ") : text;
    };
    function inputOutput(llm, attributes) {
      const side = (name, any) => [el("h4", { text: name }), values.block(typeof any === "object" && any?.long === undefined ? JSON.stringify(any) : any, { isJson: true })];
      return [llm.input_key && side("Input", attributes.get(llm.input_key)), llm.output_key && side("Output", attributes.get(llm.output_key)), llm.documents && side("Documents", llm.documents),
        llm.judgements && side("Evaluations", llm.judgements), llm.tools && [el("h4", { text: "Tools offered" }), ...llm.tools.map(([, tool]) => values.block(tool.long === undefined ? JSON.stringify(tool) : tool, { isJson: true }))]];
    }
    const dropped = (count, word) => count > 0 && el("p", { class: "sg-second sg-warn", text: `${sitegen.format.count(count)} ${word}${count === 1 ? " was" : "s were"} dropped by the program that recorded this.` });
    const scope = ([name, version, pairs]) => [el("h4", { text: "Scope" }), el("p", { class: "sg-mono", text: [name || "(no name)", version].filter(Boolean).join(" ") }), pairs.length > 0 && values.table(pairs)];
    const event = ([offset, name, pairs]) => el("details", { class: "sg-messages__message", open: pairs.length > 0 && pairs.length < 8 },
      el("summary", { class: "sg-messages__head" }, el("span", { class: "sg-messages__role", text: name || "(no name)" }), el("span", { class: "sg-messages__size", text: offset === null ? "" : `+${time(offset)}` })),
      el("div", { class: "sg-messages__body" }, pairs.length > 0 ? values.table(pairs) : el("p", { class: "sg-muted", text: "No attributes." })));
    function link([traceId, spanId, pairs]) {
      return el("div", { class: "sg-span__link" }, el("a", { class: "sg-mono", href: sitegen.state.href({ trace: traceId, span: spanId }), text: `span ${spanId} of trace ${traceId}` }), pairs.length > 0 && values.table(pairs));
    }
    function raw(trace, { llm, resource, scope: _, ...rest }) {
      const whole = { trace_id: trace.id, ...rest, attributes: Object.fromEntries(rest.attributes) };
      return el("pre", { class: "sg-code sg-code--wrap", tabindex: "0", text: JSON.stringify(whole, null, 2) });
    }
    /** Names from the root, by which a span is found again where its id is new (sitegen/derive/span_anchors.py). */
    function pathOf(model, index) {
      const names = [];
      for (let at = index; at >= 0; at = model.parent[at]) names.push(model.name[at]);
      return names.reverse().slice(0, PATH_NAMES);
    }
    function annotate(trace, model, index, { digest, ordinal }) {
      const id = model.id[index], name = model.name[index];
      const target = { type: "span", trace_id: trace, span_id: id };
      const key = `span:${trace}/${id}`, heading = el("h4", { text: "Annotations" });
      const content = sitegen.annotating?.section({ target, key, anchor: { digest, path: pathOf(model, index), ordinal }, label: `span ${name}` }, heading) ?? [heading, sitegen.annotations?.nodes(key) ?? []];
      notes.replaceChildren(...content.flat());
      notes.hidden = notes.childElementCount === 1;
    }
    function hide() {
      shown = null;
      aside.hidden = true;
    }
    return { show, hide };
  }

  const icon = (path) => sitegen.dom.svg("svg", { class: "sg-icon", width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false" }, sitegen.dom.svg("path", { d: path }));

  sitegen.span = { create };
})();

/* The Traces tab: list, tree and panel kept in step with the URL (`trace`, `span`).
 *
 * Markup: tabs/traces.html, [data-traces]. Without the list's data file the server's table stays.
 */
(() => {
  "use strict";
  const KINDS = { llm: "LLM", tool: "tool", retriever: "retriever", embedding: "embedding", reranker: "reranker", guardrail: "guardrail",
    evaluator: "evaluator", agent: "agent", chain: "chain", prompt: "prompt", unknown: "other" };
  const wide = window.matchMedia("(min-width: 960px)");

  function start(root) {
    const { el, clear } = sitegen.dom;
    const part = (name) => root.querySelector(`[data-role=${name}]`);
    const { slug } = root.dataset, host = part("trace"), aside = part("span");
    let annotated = new Set();
    const panel = sitegen.span.create(aside, { slug, close });
    let list = null, trace = null, view = null, wanted = null, isEntering = false; // by a key: the focus follows
    const isHere = () => root.getClientRects().length > 0 && view !== null;

    const open = (row) => sitegen.state.set({ tab: "traces", trace: row.id, span: null, view: formOf(), with: null });
    const formOf = () => (["flame", "merged"].includes(sitegen.state.get("view")) ? sitegen.state.get("view") : null);
    const back = () => sitegen.state.set({ trace: null, span: null, with: null, view: null });
    const leave = () => sitegen.state.set({ with: null, view: null });
    function enter(row) {
      isEntering = true;
      open(row);
      if (view !== null && trace?.id === row.id) focusView();
    }
    /** Where the keys go on: the rows, or the head of what is shown in their place. */
    function focusView() {
      isEntering = false;
      if (view !== null) view.forms.focus();
      else (host.querySelector(".sg-traces__title") ?? host.querySelector("button"))?.focus();
    }
    const modeOf = () => (sitegen.state.get("view") === "session" ? "session" : sitegen.state.get("with") ?? "");
    function close() {
      const at = view?.waterfall.current() ?? -1;
      sitegen.state.set({ span: null });
      if (at >= 0) view.forms.focus();
    }

    async function follow() {
      if (list === null) return;
      const id = sitegen.state.get("trace") ?? (wide.matches ? list.first()?.id : null) ?? null;
      root.classList.toggle("sg-traces--open", sitegen.state.get("trace") !== null);
      const key = id === null ? null : `${id} ${modeOf()}`;
      if (key !== wanted) {
        wanted = key;
        await load(id, key);
      }
      if (key !== wanted || view === null) return;
      view.forms.use(formOf());
      followSpan();
    }

    async function load(id, key) {
      isEntering ||= host.contains(document.activeElement);
      view?.minimap.stop();
      view?.waterfall.stop();
      view?.forms.stop();
      [trace, view] = [null, null];
      panel.hide();
      clear(host);
      if (id === null) return;
      const row = list.find(id);
      if (row === null) {
        host.append(el("p", { class: "sg-notice sg-notice--warn", role: "status", text: `This run has no trace ${id}.` }));
        return;
      }
      list.select(row);
      try {
        const loaded = await sitegen.traceData.load(slug, row), other = list.find(sitegen.state.get("with") ?? "");
        const second = other === null || modeOf() === "session" ? null : await sitegen.traceData.load(slug, other);
        annotated = new Set((await sitegen.annotations.below(`span:${id}/`)).map((one) => one.key));
        if (wanted !== key) return;
        if (modeOf() === "session" && loaded.payload.session) {
          await sitegen.conversation.draw(host, { slug, list, session: loaded.payload.session, back: leave });
        } else if (second !== null) {
          const side = (one, its) => ({ trace: one, row: its, run: null, hrefOf: (span) => sitegen.state.href({ tab: "traces", trace: its.id, span, with: null, view: null }) });
          sitegen.traceCompare.draw(host, { sides: [side(loaded, row), side(second, other)], back: leave });
        } else {
          trace = loaded;
          view = draw(list.find(id)); // it may know its sample by now
        }
        if (isEntering) focusView();
      } catch (error) {
        if (wanted === key) host.append(sitegen.store.notice(error, () => load(id, key)));
      }
    }

    function followSpan() {
      const id = sitegen.state.get("span");
      const at = id === null ? -1 : view.waterfall.find(id);
      if (at < 0) {
        panel.hide();
        if (id !== null) sitegen.dom.announce("The span is not in this trace.");
      } else if (at !== view.waterfall.current() || aside.hidden) view.waterfall.select(at, { isOpening: true });
      root.classList.toggle("sg-traces--span", at >= 0);
    }

    function selected(at, isOpening) {
      const { id } = trace.model;
      view?.forms.select(at);
      if (aside.hidden) aside.classList.add("sg-traces__span--peek");
      if (isOpening || !aside.hidden) {
        panel.show(trace, at);
        trace.isKept = true;
        root.classList.add("sg-traces--span");
        if (id.indexOf(id[at]) === at && sitegen.state.get("span") !== id[at]) {
          sitegen.state.set({ tab: "traces", trace: trace.id, span: id[at] }, { push: sitegen.state.get("span") === null });
        }
      }
    }

    function draw(row) {
      const { model } = trace;
      host.append(...head(row));
      const bars = el("div"), map = el("div");
      let minimap = null;
      const waterfall = sitegen.waterfall.create(bars, model, { onSelect: selected, annotated: (id) => annotated.has(`span:${trace.id}/${id}`) });
      const zoom = (from, to) => {
        waterfall.setWindow(from, to);
        forms.setWindow(from, to);
        minimap.show(from, to);
        tools.setZoomed(from > 0 || to < model.axis_us);
      };
      const forms = sitegen.traceForms(bars, model, { waterfall, onZoom: zoom, onSelect: (at, isOpening) => waterfall.select(at, { isOpening }) });
      const tools = sitegen.traceTools(model, trace.payload, forms.both, { zoom, kinds: KINDS, search: sitegen.traceSearch(slug, trace) });
      tools.toolbar.prepend(forms.control);
      tools.toolbar.append(chooser(row));
      host.append(map, tools.toolbar, bars, forms.element, tools.legend);
      const failure = errorNotice(waterfall);
      if (failure) host.append(failure);
      waterfall.draw();
      minimap = sitegen.minimap.create(map, model, { onWindow: zoom });
      return { waterfall, minimap, forms, zoom };
    }

    function chooser(row) {
      return sitegen.traceChooser({
        label: "Compare with trace…", row, rows: { n: list.grid.frame.n, rowAt: list.rowAt },
        hrefOf: (other) => sitegen.state.href({ tab: "traces", trace: row.id, with: other.id, span: null }),
        more: el("a", { class: "sg-menu__choice", href: `${root.dataset.compare}&tab=traces&trace=${encodeURIComponent(row.id)}`, text: "A trace of another run…" }),
      });
    }

    function head(row) {
      const { format } = sitegen, { payload, model } = trace;
      const dot = (parts) => parts.filter(Boolean).flatMap((one, at) => (at > 0 ? [" · ", one] : [one]));
      return [
        el("button", { type: "button", class: "sg-link sg-traces__back", on: { click: back } }, "‹ All traces"),
        el("header", { class: "sg-traces__head" }, el("h3", { class: "sg-traces__title", text: payload.name || "(no name)" }),
          el("span", { class: "sg-muted" }, dot([payload.duration_us === null ? null : format.duration_ns(payload.duration_us * 1000),
            `${format.count(model.count)} ${model.count === 1 ? "span" : "spans"}`,
            payload.errors > 0 && el("span", { class: "sg-bad", text: `${format.count(payload.errors)} ${payload.errors === 1 ? "error" : "errors"}` }),
            row.tokens !== null && `${format.compact(row.tokens)} tokens`, row.cost_usd !== null && `${format.money(row.cost_usd)} recorded`,
            row.cost_usd === null && row.estimated_cost_usd !== null && `≈ ${format.money(row.estimated_cost_usd)} estimated`]))),
        el("p", { class: "sg-second sg-muted sg-traces__facts" }, dot([
          row.sample && el("span", {}, "Sample ", el("a", { class: "sg-mono", href: row.sampleHref, text: row.sample })), row.annotations,
          payload.session && el("span", {}, "session ", el("code", { text: payload.session.slice(0, 40) }), " ", el("a", { href: sitegen.state.href({ tab: "traces", trace: trace.id, view: "session", with: null, span: null }),
            text: conversationOf(payload.session) })),
          payload.start && el("time", { datetime: payload.start, text: format.date(payload.start) }),
          el("span", {}, "trace ", el("code", { title: trace.id, data: { copyText: trace.id }, text: short(trace.id) }))])),
      ];
    }
    function conversationOf(session) {
      const { length } = sitegen.conversation.rows(list, session);
      return length > 1 ? `conversation of ${sitegen.format.count(length)} traces` : "conversation";
    }
    const short = (id) => (id.length > 16 && !id.includes(":") ? `${id.slice(0, 8)}…${id.slice(-4)}` : id);

    function errorNotice(waterfall) {
      const { error } = trace.payload;
      if (error === null) return null;
      const message = [error.type, error.message].filter(Boolean).map((one) => one.preview ?? String(one));
      const text = message[1]?.startsWith(message[0]) ? message[1] : message.join(": ");
      return el("div", { class: "sg-notice sg-notice--bad sg-traces__error" },
        el("p", { class: "sg-notice__text" }, el("button", { type: "button", class: "sg-link sg-strong", text: trace.model.name[error.index],
          on: { click: () => waterfall.select(error.index, { isOpening: true, focus: true }) } }), ` ${text || "failed"}`),
        error.stack && el("details", { class: "sg-fold sg-notice__body" }, el("summary", {}, el("span", { class: "sg-link", text: "Show stack" })),
          el("pre", { class: "sg-code sg-code--plain", tabindex: "0", text: error.stack })));
    }

    host.addEventListener("click", ({ detail, target }) => { isEntering ||= detail === 0 && target.closest("a[href^='#']") !== null; });
    sitegen.tracelist.create(root, { open, enter, step: (row) => (wide.matches ? open(row) : list.select(row)) }).then((made) => {
      list = made;
      list.grid.element.addEventListener("sg:said", () => {
        const old = view && host.querySelector(".sg-traces__facts");
        if (old) old.replaceWith(head(list.find(trace.id)).at(-1));
      });
      sitegen.state.onChange((_, keys) => keys.some((key) => ["trace", "span", "tab", "with", "view"].includes(key)) && follow());
      wide.addEventListener("change", follow);
      bindKeys();
      return follow();
    }, (error) => {
      root.classList.add("sg-traces--static");
      root.prepend(sitegen.store.notice(error, () => window.location.reload()));
    });

    function bindKeys() {
      const add = (key, label, run, when = isHere) => sitegen.keys.add({ key, label, group: "Traces", run, when });
      add("j", "Next span", () => view.waterfall.move(1));
      add("k", "Previous span", () => view.waterfall.move(-1));
      add("e", "Next error", () => view.waterfall.nextError());
      add("z", "Zoom to the span, or out", () => view.forms.zoomTo() || zoomTo(view.waterfall.current()));
      add("/", "Search traces", () => root.querySelector("#traces-search").focus(), () => root.getClientRects().length > 0);
      add("Escape", "Back to the trace", leave, () => sitegen.dom.isShown(host) && modeOf() !== "");
      add("Escape", "Back to all traces", leaveTrace, () => isHere() && aside.hidden && !wide.matches);
      add("Escape", "Close the span", close, () => isHere() && !aside.hidden);
    }
    function leaveTrace() {
      back();
      root.querySelector("[data-role=list]").focus();
    }
    function zoomTo(at) {
      const { model } = trace, [from] = view.waterfall.window();
      const isZoomed = from > 0 || view.waterfall.window()[1] < model.axis_us;
      if (isZoomed || at < 0 || model.start[at] === null) view.zoom(0, model.axis_us);
      else view.zoom(Math.max(0, model.start[at] - (model.end[at] - model.start[at]) * 0.05), model.end[at] + (model.end[at] - model.start[at]) * 0.15);
    }
  }

  sitegen.dom.ready(() => {
    for (const root of document.querySelectorAll("[data-traces]")) {
      const tab = root.closest("[data-panel]");
      if (tab?.hidden) tab.addEventListener("sg:tab", () => start(root), { once: true }); // loads nothing before
      else start(root);
    }
  });
})();

/* What was said over all traces of one session, trace by trace, each message once.
 *
 *   sitegen.conversation.draw(host, { slug, list, session, back })
 *   sitegen.conversation.rows(list, session) -> rows of the trace list, by start
 * Of a trace the last call of a model speaks, which repeats what was said before; else its first span's input and output.
 */
(() => {
  "use strict";
  const AT_ONCE = 20, LONGEST = 200; // the list holds so much of a name

  function rows(list, session) {
    const { frame } = list.grid, found = [];
    for (let at = 0; at < frame.n; at += 1) if (frame.value("session", at) === session.slice(0, LONGEST)) found.push(list.rowAt(at));
    return found; // rows of the list stand by start
  }

  /** The span that speaks for a trace: the last model call of the least depth. */
  function speaker({ model }) {
    let best = -1;
    for (let at = 0; at < model.count; at += 1) {
      if (model.kind[at] === "llm" && (best < 0 || model.depth[at] <= model.depth[best])) best = at;
    }
    return best;
  }

  function draw(host, { slug, list, session, back }) {
    const { el } = sitegen.dom, { format } = sitegen;
    const all = rows(list, session), values = sitegen.spanValues(slug), seen = new Set();
    const body = el("div", { class: "sg-conversation" }), more = el("p", { class: "sg-table__foot" });
    const sum = (name) => all.reduce((total, row) => total + (row[name] ?? 0), 0);
    let shown = 0;

    async function fill() {
      more.replaceChildren();
      for (const row of all.slice(shown, shown + AT_ONCE)) body.append(await turn(row));
      shown = Math.min(all.length, shown + AT_ONCE);
      if (shown < all.length) more.replaceChildren(`${format.count(shown)} of ${format.count(all.length)} traces. `, el("button", { type: "button", class: "sg-link", text: "Show more", on: { click: fill } }));
    }
    async function turn(row) {
      const section = el("section", { class: "sg-conversation__turn" }, el("header", { class: "sg-conversation__head" },
        el("a", { href: sitegen.state.href({ trace: row.id, view: null, span: null }), text: row.name }),
        el("span", { class: "sg-muted sg-second", text: [row.started_at === null ? null : format.date(row.started_at), row.duration_s === null ? null : format.duration_s(row.duration_s),
          row.tokens === null ? null : `${format.compact(row.tokens)} tokens`].filter(Boolean).join(" · ") }),
        row.errors > 0 && el("span", { class: "sg-bad sg-second", text: `${format.count(row.errors)} ${row.errors === 1 ? "error" : "errors"}` })));
      try {
        const trace = await sitegen.traceData.load(slug, row), at = speaker(trace);
        const { detail } = await sitegen.traceData.detail(trace, Math.max(0, at));
        section.append(...(detail.llm.messages ? messages(detail.llm.messages) : sides(detail)));
      } catch (error) {
        if (!("reason" in error)) throw error;
        section.append(sitegen.store.notice(error, async () => section.replaceWith(await turn(row))));
      }
      return section;
    }
    function messages(found) {
      const fresh = found.filter((message) => {
        const key = JSON.stringify([message.role, message.parts.map(({ type, text, name }) => [type, name, text])]);
        return !seen.has(key) && seen.add(key);
      });
      return fresh.length > 0 ? fresh.map((one) => values.message(one, "markdown")) : [el("p", { class: "sg-muted", text: "Nothing new was said." })];
    }
    function sides({ llm, attributes }) {
      const known = new Map(attributes);
      const found = [["Input", llm.input_key], ["Output", llm.output_key]].filter(([, key]) => key)
        .flatMap(([name, key]) => [el("h4", { text: name }), values.block(known.get(key), { isJson: true })]);
      return found.length > 0 ? found : [el("p", { class: "sg-muted", text: "No messages are recorded." })];
    }

    host.append(el("button", { type: "button", class: "sg-link", text: "‹ Back to the trace", on: { click: back } }),
      el("header", { class: "sg-traces__head" }, el("h3", { class: "sg-traces__title", tabindex: "-1", text: `Conversation ${session.slice(0, 80)}` }),
        el("span", { class: "sg-muted", text: [`${format.count(all.length)} ${all.length === 1 ? "trace" : "traces"}`, sum("tokens") > 0 && `${format.compact(sum("tokens"))} tokens`,
          sum("cost_usd") > 0 && `${format.money(sum("cost_usd"))} recorded`, sum("errors") > 0 && `${format.count(sum("errors"))} errors`].filter(Boolean).join(" · ") })), body, more);
    return fill();
  }

  sitegen.conversation = { draw, rows };
})();

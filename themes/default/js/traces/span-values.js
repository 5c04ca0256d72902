/* Values of spans as elements: texts, JSON, long texts that load when asked, messages.
 *
 *   sitegen.spanValues(slug) -> { value(any), table(pairs), block(any, { isJson }), message(message, form) }
 * The form of a message is text, markdown or json.
 * A long text comes as { long: file, preview, size, json }. Everything is textContent; pictures are
 * shown only from data: addresses.
 */
(() => {
  "use strict";
  const FOLDED_FROM = 600, SHOWN_ROWS = 50;
  const PICTURE = /^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+$/;

  function spanValues(slug) {
    const { el } = sitegen.dom;
    const isLong = (value) => value !== null && typeof value === "object" && typeof value.long === "string" && typeof value.preview === "string";
    const asText = (value) => (typeof value === "string" ? value : JSON.stringify(value));

    function pretty(text) {
      const start = text.trimStart()[0];
      if (start !== "{" && start !== "[") return text;
      try {
        return JSON.stringify(JSON.parse(text), null, 2);
      } catch {
        return text;
      }
    }

    /** The text with a button for the rest, where there is a rest. */
    function block(value, { isJson = false, isCode = true } = {}) {
      const tag = isCode ? "pre" : "p";
      const classes = isCode ? "sg-code sg-code--wrap" : "sg-messages__text";
      if (!isLong(value)) {
        const text = value === null || value === undefined ? "" : asText(value);
        return el(tag, { class: classes, tabindex: isCode && text.length > 2000 ? "0" : null, text: isJson ? pretty(text) : text });
      }
      const text = el(tag, { class: classes, text: `${value.preview}…` });
      const box = el("div", {}, text);
      const button = el("button", { type: "button", class: "sg-link", text: `Show all ${sitegen.format.count(value.size)} characters`, on: { click: load } });
      async function load() {
        try {
          const whole = await sitegen.store.get(`${slug}/${value.long}`);
          text.textContent = isJson ? pretty(whole.text) : whole.text;
          button.remove();
        } catch (error) {
          box.append(sitegen.store.notice(error, load));
        }
      }
      box.append(button);
      return box;
    }

    function value(any) {
      if (isLong(any)) return block(any, { isJson: any.json });
      if (any === null) return el("span", { class: "sg-muted", text: "null" });
      if (typeof any === "object") return block(JSON.stringify(any), { isJson: true });
      const text = String(any);
      if (text.length > 200 || text.includes("\n")) return fold(text, block(text, { isJson: true }));
      return el("span", { class: typeof any === "string" ? "" : "sg-mono", text: text === "" ? "(empty)" : text });
    }
    const fold = (text, content) => (text.length < FOLDED_FROM ? content
      : el("details", { class: "sg-fold" }, el("summary", {}, el("span", { class: "sg-fold__note", text: `${sitegen.format.bytes(text.length)}, folded` })), content));

    function table(pairs) {
      const row = ([key, any]) => el("div", { class: "sg-kv__pair" }, el("dt", { class: "sg-kv__name", text: key }), el("dd", { class: "sg-kv__value" }, value(any)));
      const list = el("dl", { class: "sg-kv sg-span__pairs" }, pairs.slice(0, SHOWN_ROWS).map(row));
      if (pairs.length <= SHOWN_ROWS) return list;
      const more = el("button", { type: "button", class: "sg-link", text: `Show all ${sitegen.format.count(pairs.length)}`,
        on: { click: () => { list.append(...pairs.slice(SHOWN_ROWS).map(row)); more.remove(); } } });
      return el("div", {}, list, more);
    }

    const said = (text, form) => (form === "markdown" && !isLong(text) ? sitegen.markdown(text) : block(text, { isCode: false }));
    function part(one, form) {
      const text = isLong(one.text) ? one.text : String(one.text ?? "");
      const name = one.name ?? "";
      switch (one.type) {
        case "text": return said(text, form);
        case "reasoning": return el("div", { class: "sg-messages__reasoning" }, el("p", { class: "sg-messages__note", text: "Reasoning" }), said(text, form));
        case "tool_call": return el("div", {}, el("p", { class: "sg-messages__note", text: "Calls a tool" }), call(name, text));
        case "tool_result": return el("div", {}, name && el("p", { class: "sg-messages__note", text: `Result of ${name}` }), block(text, { isJson: true }));
        case "media": return media(text);
        default: return block(text, { isJson: true });
      }
    }
    /** name(key=value, …) as a person would write the call */
    function call(name, text) {
      if (isLong(text)) return el("div", {}, el("code", { text: name }), block(text, { isJson: true }));
      let given = null;
      try {
        given = JSON.parse(text);
      } catch { /* shown as it is */ }
      const isPlain = given !== null && typeof given === "object" && !Array.isArray(given);
      const inner = isPlain ? Object.entries(given).flatMap(([key, any], at) => [at > 0 ? ", " : "", el("span", { class: "sg-muted", text: `${key}=` }), JSON.stringify(any)]) : [text];
      return el("pre", { class: "sg-code sg-code--wrap" }, el("code", {}, name, "(", inner, ")"));
    }
    function media(text) {
      if (isLong(text)) return block(text);
      if (PICTURE.test(text)) return el("img", { class: "sg-messages__image", src: text, alt: "Picture in the message" });
      return el("p", { class: "sg-messages__text" }, el("span", { class: "sg-muted", text: "Media, not loaded: " }), el("code", { text: text.slice(0, 300) }));
    }

    const lengthOf = (message) => message.parts.reduce((sum, one) => sum + (isLong(one.text) ? one.text.size : String(one.text ?? "").length), 0);

    function message(one, form = "text") {
      const length = lengthOf(one), isFolded = one.role === "system" || length > 6000;
      const note = isFolded ? `${sitegen.format.bytes(length)}, folded` : sitegen.format.bytes(length);
      return el("details", { class: "sg-messages__message", open: !isFolded },
        el("summary", { class: "sg-messages__head" }, el("span", { class: "sg-messages__role", text: one.role }),
          one.name && el("code", { text: one.name }), one.is_output && el("span", { class: "sg-muted", text: "output" }),
          one.finish_reason && one.finish_reason !== "stop" && el("span", { class: "sg-muted", text: one.finish_reason }),
          el("span", { class: "sg-messages__size", text: note })),
        el("div", { class: "sg-messages__body" }, form === "json" ? block(JSON.stringify(one), { isJson: true })
          : one.parts.length > 0 ? one.parts.map((each) => part(each, form)) : el("p", { class: "sg-muted", text: "(empty)" })));
    }

    return { value, table, block, message };
  }

  sitegen.spanValues = spanValues;
})();

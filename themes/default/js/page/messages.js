/* Chat messages and JSON values as elements; text only, nothing in a message is ever markup.
 *
 *   sitegen.messages.is(value)               whether value is a list of messages [{role, content | parts}]
 *   sitegen.messages.render(messages)        element `.sg-messages`
 *   sitegen.messages.value(value, options)   element for any value: messages, text or JSON;
 *                                            options: { fold: true } folds what is longer than 600 characters
 * Message shapes read: OpenAI (content, tool_calls, tool_call_id), Anthropic (content parts text, image,
 * tool_use, tool_result, thinking) and OpenTelemetry GenAI (parts text, tool_call, tool_call_response,
 * reasoning). A part of another shape is shown as JSON. Images only from data URIs.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const FOLD_CHARACTERS = 600;
  const FOLDED_ROLES = new Set(["system", "developer"]);
  const DATA_IMAGE = /^data:image\/(?:png|jpeg|gif|webp);base64,/i;

  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  const isMessage = (value) => isObject(value) && typeof value.role === "string"
    && (["content", "parts", "tool_calls"].some((key) => key in value));
  const is = (value) => Array.isArray(value) && value.length > 0 && value.every(isMessage);

  const json = (value) => JSON.stringify(value, null, 2);
  const bytes = (text) => sitegen.format.bytes(new TextEncoder().encode(text).length);

  function text(value) {
    return el("div", { class: "sg-messages__text", text: value });
  }
  function code(value) {
    const written = typeof value === "string" ? value : json(value);
    return el("pre", { class: "sg-code sg-code--wrap", tabindex: "0" }, el("code", { text: written }));
  }

  /** Folds what is long; the summary holds its beginning and its size. */
  function folded(title, long, body, isOpen = false) {
    const start = long.slice(0, 80).replaceAll(/\s+/g, " ");
    return el("details", { class: "sg-fold", open: isOpen },
      el("summary", {}, title !== "" && el("span", { class: "sg-fold__title", text: title }),
        el("span", { class: "sg-fold__note", text: `${start}… ${bytes(long)}, folded` })),
      body);
  }

  function textOrFold(value, fold) {
    return fold && value.length > FOLD_CHARACTERS ? folded("", value, text(value)) : text(value);
  }

  function toolCall(name, given) {
    let values = given;
    if (typeof given === "string") {
      try {
        values = JSON.parse(given);
      } catch {
        values = given; // arguments that a model wrote wrongly
      }
    }
    const shown = isObject(values)
      ? Object.entries(values).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(", ")
      : values === null || values === undefined ? "" : String(values);
    return el("pre", { class: "sg-code sg-code--wrap sg-messages__call" },
      el("code", { text: `${name ?? "tool"}(${shown})` }));
  }

  function toolResult(result) {
    if (typeof result !== "string") return Array.isArray(result) ? contents(result, true) : code(result ?? null);
    return result.length > FOLD_CHARACTERS ? folded("result", result, code(result)) : code(result);
  }

  function image(part) {
    const source = part.image_url?.url ?? part.image_url ?? part.source ?? part.uri ?? part.content;
    const address = isObject(source) && source.type === "base64"
      ? `data:${source.media_type};base64,${source.data}` : source;
    if (typeof address === "string" && DATA_IMAGE.test(address)) {
      return el("img", { class: "sg-messages__image", src: address, alt: "Image in the message" });
    }
    return el("p", { class: "sg-messages__note", text: `image, not loaded: ${
      typeof address === "string" ? address.slice(0, 200) : "unknown form"}` });
  }

  function part(one, fold) {
    if (typeof one === "string") return textOrFold(one, fold);
    if (!isObject(one)) return code(one);
    const written = one.text ?? one.content;
    switch (one.type) {
      case "text": case "input_text": case "output_text":
        return typeof written === "string" ? textOrFold(written, fold) : code(one);
      case "thinking": case "reasoning": {
        const thought = String(one.thinking ?? one.reasoning ?? written ?? "");
        return folded("reasoning", thought, text(thought));
      }
      case "tool_use": case "tool_call": return toolCall(one.name, one.input ?? one.arguments);
      case "tool_result": return toolResult(one.content);
      case "tool_call_response": return toolResult(one.response ?? one.result);
      case "image": case "image_url": case "input_image": return image(one);
      default: return typeof one.text === "string" ? textOrFold(one.text, fold) : code(one);
    }
  }

  function contents(parts, fold) {
    return el("div", { class: "sg-messages__parts" }, parts.map((one) => part(one, fold)));
  }

  function calls(message) {
    if (!Array.isArray(message.tool_calls)) return [];
    return message.tool_calls.map((call) =>
      toolCall(call?.function?.name ?? call?.name, call?.function?.arguments ?? call?.arguments));
  }

  function body(message, fold) {
    const content = message.parts ?? message.content;
    if (message.role === "tool" || message.role === "function") return toolResult(content);
    if (content === null || content === undefined) return null;
    return contents(Array.isArray(content) ? content : [content], fold);
  }

  /** All text of a message, to know how long it is. */
  function lengthText(message) {
    const content = message.parts ?? message.content;
    return typeof content === "string" ? content : json(content ?? "");
  }

  function messageElement(message) {
    const role = message.role, long = lengthText(message);
    const isFolded = FOLDED_ROLES.has(role);
    const name = message.name ? ` ${message.name}` : "";
    return el("article", { class: `sg-messages__message sg-messages__message--${
      role.replaceAll(/[^a-z]/gi, "").toLowerCase()}` },
      el("header", { class: "sg-messages__head" },
        el("span", { class: "sg-messages__role", text: role + name }),
        el("span", { class: "sg-messages__size", text: bytes(long) })),
      el("div", { class: "sg-messages__body" },
        isFolded ? folded("", long, body(message, false)) : body(message, true), calls(message)));
  }

  const render = (messages) => el("div", { class: "sg-messages" }, messages.map(messageElement));

  function value(any, { fold = true } = {}) {
    if (is(any)) return render(any);
    if (isMessage(any)) return render([any]);
    if (typeof any === "string") {
      return any === "" ? el("p", { class: "sg-muted", text: "empty text" }) : textOrFold(any, fold);
    }
    const written = json(any ?? null);
    return fold && written.length > 2 * FOLD_CHARACTERS ? folded("JSON", written, code(written)) : code(written);
  }

  sitegen.messages = { is, render, value };
})();

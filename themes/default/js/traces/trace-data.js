/* A trace and the details of its spans, from the data files that hold them.
 *
 *   sitegen.traceData.load(slug, row) -> Promise of { id, slug, payload, model }     row: { id, file } of the trace list
 *   sitegen.traceData.detail(trace, index) -> Promise of { detail, data }: the span's, and its file's resources and scopes
 *   sitegen.traceData.said(detail) -> all it was given and gave as one text, messages by role
 */
(() => {
  "use strict";

  async function load(slug, { id, file }) {
    const { entries } = await sitegen.store.get(`${slug}/${file}`);
    return { id, slug, payload: entries[id], model: sitegen.waterfall.modelOf(entries[id]), isKept: false };
  }

  const fileOf = ({ payload }, index) => payload.details.findLast(([, first]) => first <= index)[0];

  async function detail(trace, index) {
    const data = await sitegen.store.get(`${trace.slug}/${fileOf(trace, index)}`);
    return { detail: data.entries[`${trace.id}/${index}`], data };
  }

  const textOf = (value) => (typeof value === "string" ? value : value?.preview !== undefined ? `${value.preview}…` : JSON.stringify(value, null, 2) ?? "");

  function said({ llm, attributes }) {
    if (llm.messages) {
      return llm.messages.map(({ role, name, parts }) => `${role}${name ? ` ${name}` : ""}\n${parts.map((part) =>
        `${part.type === "tool_call" ? `${part.name ?? ""} ` : ""}${textOf(part.text)}`).join("\n")}`).join("\n\n");
    }
    const values = new Map(attributes);
    return [llm.input_key, llm.output_key].filter(Boolean).map((key) => textOf(values.get(key))).join("\n\n");
  }

  sitegen.traceData = { load, detail, said, fileOf, textOf };
})();

/* What was said of the same sample of an older run and still holds: offered beside it, never copied by itself.
 *
 *   sitegen.offers.nodes(options, sample) -> [element] that fills itself; options as of sitegen.annotating.section
 * An expectation is about the input: it holds where that is the same. Feedback judges the output: it holds where both
 * are (as `sitegen annotate carry` has it). What this run has already, or has as a draft, is not offered.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const sameness = ({ kind, name, user }) => JSON.stringify([kind, name, user ?? null]);

  function holds(one, sample) {
    if (one.input === undefined || one.input !== sample.input_digest) return false;
    return one.kind === "expectation" || (one.state === undefined && one.digest === sample.digest);
  }

  async function found({ key }, sample) {
    const { place } = sitegen.drafts;
    const [older, own] = await Promise.all([sitegen.annotations.of(key, place.older), sitegen.annotations.of(key)]);
    const drafts = sitegen.drafts.all().filter((one) => one.key === key && one.file.startsWith(place.folder) && one.document);
    const known = new Set([...own, ...drafts.map(({ document: said }) => said)].map(sameness));
    return older.filter((one) => holds(one, sample) && !known.has(sameness(one)));
  }

  function carry(options, one) {
    const { kind, name, value, why: rationale = null, user = null, created: created_at = null, updated: updated_at = null } = one;
    sitegen.annotateForm.add(options, { kind, name, value, rationale, user, created_at, updated_at });
    sitegen.dom.announce("Kept as a draft");
  }

  function offer(options, one) {
    const article = sitegen.annotations.article(one, { there: true, folder: null });
    article.classList.add("sg-annotation--offered");
    article.append(el("p", {}, el("button", { type: "button", class: "sg-button sg-button--small", text: "Keep for this run, too", "aria-label": `Keep ${one.name} for this run, too`, on: { click: () => carry(options, one) } })));
    return article;
  }

  function nodes(options, sample) {
    const { older } = sitegen.drafts.place;
    if (!older) return [];
    const holder = el("div", { data: { offersOf: options.key } });
    async function fill() {
      try {
        const offers = await found(options, sample);
        holder.replaceChildren(...(offers.length === 0 ? [] : [
          el("p", { class: "sg-second sg-muted" }, "Said of the same input in ", el("a", { href: older.url, text: older.run }), ":"),
          ...offers.map((one) => offer(options, one))]));
      } catch (error) {
        if (!("reason" in error)) throw error;
        holder.replaceChildren(sitegen.store.notice(error, fill));
      }
    }
    fills.set(holder, fill);
    fill();
    return [holder];
  }
  const fills = new WeakMap();
  sitegen.drafts.onChange(() => {
    for (const holder of document.querySelectorAll("[data-offers-of]")) fills.get(holder)?.();
  });

  sitegen.offers = { nodes };
})();

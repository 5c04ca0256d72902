/* What people said of this run's targets, from its data files; they stand by target key, so that one of
 * them holds all that is said of one target.
 *
 *   sitegen.annotations.of(key, said) -> Promise of records    `said` = place.own, or place.older
 *   sitegen.annotations.below(prefix, said) -> Promise of the records whose key begins so; all with ""
 *   sitegen.annotations.nodes(key) -> [elements] that fill themselves with the target's annotations
 *   sitegen.annotations.article(record, { there }) -> element; `there`: shown at its target
 * A record (sitegen/build/data_files/annotations.py): { id, key, label, kind, name, value, user, created, state, why, nodes, text, … }
 * Target keys: run, span:<trace>/<span>, sample:<eval>/<sample>/<epoch>, metric:<name>/<step>.
 */
(() => {
  "use strict";
  const { el, svg } = sitegen.dom;
  const STATES = {
    stale: ["sg-badge sg-badge--warn", "What this was about changed after it was written."],
    orphaned: ["sg-badge sg-badge--odd sg-badge--open", "What this was about is no longer in the run."],
  };
  const CHANGES = { new: "sg-badge sg-badge--accent sg-badge--open", changed: "sg-badge sg-badge--accent", removed: "sg-badge sg-badge--bad sg-badge--open" };
  const SIGNS = { true: "m3.5 8.5 3 3 6-7", false: "m4.5 4.5 7 7m0-7-7 7" };
  const place = () => sitegen.drafts?.place ?? {};

  async function block(said, at) {
    const { annotations } = await sitegen.store.get(`${said.slug}/annotations-${at}`);
    return annotations;
  }
  async function of(key, said = place().own) {
    if (!said) return [];
    const at = said.firsts.findLastIndex((first) => first <= key);
    return at < 0 ? [] : (await block(said, at)).filter((one) => one.key === key);
  }
  async function below(prefix, said = place().own) {
    if (!said) return [];
    const from = Math.max(0, said.firsts.findLastIndex((first) => first <= prefix));
    const wanted = said.firsts.map((first, at) => at).filter((at) => at >= from && (at === from || said.firsts[at].startsWith(prefix)));
    return (await Promise.all(wanted.map((at) => block(said, at)))).flat().filter(({ key }) => key.startsWith(prefix));
  }

  function yesNo(value) {
    return el("span", { class: `sg-score ${value ? "sg-good" : "sg-bad"}` },
      svg("svg", { class: "sg-icon", width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: SIGNS[value] })), value ? " yes" : " no");
  }
  const value = (one) => (one.kind === "feedback" ? yesNo(one.value)
    : el("span", {}, "expected ", el("code", { text: String(one.value) })));

  function why(one) {
    if (one.nodes) return el("div", { class: "sg-prose" }, sitegen.documentNodes(one.nodes));
    return one.why ? el("div", { class: "sg-prose" }, el("p", { text: one.why })) : null;
  }
  function badges(one) {
    const change = one.change ?? place().changes?.[one.id];
    const [style, said] = STATES[one.state] ?? [];
    const met = one.met === undefined ? null : el("span", { class: `sg-badge sg-badge--${one.met ? "good" : "bad"}`, text: one.met ? "met" : "not met" });
    return [met, change && el("span", { class: CHANGES[change], text: change }),
      style && [el("span", { class: style, text: one.state }), el("span", { class: "sg-annotation__state sg-second sg-muted", text: said })]];
  }

  /** As templates/parts/annotations.html writes it. */
  function article(one, { there = false, folder = place().folder, run = null } = {}) {
    const when = one.created && [", ", el("time", { datetime: one.created, text: sitegen.format.date(one.created) })];
    const element = el("article", { class: `sg-annotation${there ? " sg-annotation--there" : ""}`, data: { target: one.key, label: one.label } },
      el("div", { class: "sg-annotation__head" }, el("span", { class: "sg-annotation__name", text: one.name }),
        el("span", { class: "sg-annotation__value" }, value(one)),
        el("span", { class: "sg-annotation__who" }, one.user ?? "someone", when), badges(one)),
      why(one));
    if (folder !== null) element.dataset.file = `${folder}${one.id}.json`;
    if (run !== null) element.dataset.run = run;
    if (one.text !== undefined && folder !== null) {
      element.dataset.sidecar = one.text;
      sitegen.annotating?.changeButtons(element);
    }
    return element;
  }

  function nodes(key) {
    const said = place().own, gone = (place().removed ?? []).filter((one) => one.key === key).map((one) => article(one, { there: true, folder: null }));
    if (!said || said.firsts.findLastIndex((first) => first <= key) < 0) return gone;
    const holder = el("div");
    const fill = () => of(key).then((found) => holder.replaceChildren(...found.map((one) => article(one, { there: true }))),
      (error) => holder.replaceChildren(sitegen.store.notice(error, fill)));
    fill();
    return [holder, ...gone];
  }

  sitegen.annotations = { of, below, nodes, article, value, yesNo };
})();

/* The annotations of a target, wherever it is shown. The server wrote each once, into Overview; here they
 * are copied to their span, sample or step.
 *
 * Markup: <article class="sg-annotation" id="annotation-<ulid>" data-target="<target key>">
 *   sitegen.annotations.nodes(targetKey) -> fresh copies of the target's annotations, without ids; may be []
 *   sitegen.annotations.count(targetKey) -> how many there are
 * Target keys: run, span:<trace>/<span>, sample:<eval>/<sample>/<epoch>, metric:<name>/<step>.
 */
(() => {
  "use strict";
  let byTarget = null;

  function articles(targetKey) {
    if (byTarget === null) {
      byTarget = new Map();
      for (const article of document.querySelectorAll(".sg-annotation[id][data-target]")) {
        const key = article.dataset.target;
        if (!byTarget.has(key)) byTarget.set(key, []);
        byTarget.get(key).push(article);
      }
    }
    return byTarget.get(targetKey) ?? [];
  }

  function copy(article) {
    const clone = article.cloneNode(true);
    for (const element of [clone, ...clone.querySelectorAll("[id]")]) element.removeAttribute("id");
    for (const link of clone.querySelectorAll('a[href^="#user-content-"]')) link.removeAttribute("href");
    clone.classList.add("sg-annotation--there");
    return clone;
  }

  sitegen.annotations = {
    nodes: (targetKey) => articles(targetKey).map(copy),
    count: (targetKey) => articles(targetKey).length,
  };
})();

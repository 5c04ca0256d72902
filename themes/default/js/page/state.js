/* What the page shows, in the URL hash: `#filter=loss%20%3C%201&tab=metrics`, keys sorted, so that every
 * view is a link and one view has one link. DESIGN §4 names the keys.
 *
 *   sitegen.state.get(key, fallback = null) -> string     sitegen.state.all() -> { key: string }
 *   sitegen.state.set({ key: value }, { push })   null, undefined and "" remove; 0 and false are kept
 *   sitegen.state.href({ key: value }) -> "#…" with these changes, for links
 *   sitegen.state.list(key) -> [string]           sitegen.state.join(values) -> string
 *   sitegen.state.onChange((all, changedKeys) => …) -> stop(); own sets, Back, Forward, edits by hand
 *   sitegen.state.anchor() -> "id" of a plain `#id`, else null (then all() is {})
 *
 * History. Where a reader has gone is an entry, so Back returns: `set` pushes when one of WHERE changes.
 * How it is shown (filter, sort, smoothing, selection) replaces, or Back would undo letter by letter.
 * `push` overrides, e.g. false while j/k runs through samples.
 */
(() => {
  "use strict";
  const WHERE = new Set(["tab", "trace", "span", "eval", "sample", "file", "run"]);
  const READABLE = new Map([["%2C", ","], ["%2F", "/"], ["%3A", ":"], ["%40", "@"]]);
  const listeners = new Set();

  const encode = (text) => encodeURIComponent(text.toWellFormed ? text.toWellFormed() : text)
    .replaceAll(/%2C|%2F|%3A|%40/g, (code) => READABLE.get(code));
  function decode(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text; // a lone % that someone typed
    }
  }

  function parsed(hash) {
    const values = new Map();
    const text = hash.replace(/^#/, "");
    if (!text.includes("=")) return values;
    for (const pair of text.split("&")) {
      const at = pair.indexOf("=");
      if (at > 0 && at < pair.length - 1) values.set(decode(pair.slice(0, at)), decode(pair.slice(at + 1)));
    }
    return values;
  }
  function written(values) {
    const keys = [...values.keys()].sort();
    return `#${keys.map((key) => `${encode(key)}=${encode(values.get(key))}`).join("&")}`;
  }

  let now = parsed(window.location.hash);

  function changed(changes) {
    const values = new Map(now);
    for (const [key, value] of Object.entries(changes)) {
      if (value === null || value === undefined || value === "") values.delete(key);
      else values.set(key, String(value));
    }
    return values;
  }

  function adopt(values) {
    const before = now;
    now = values;
    const keys = [...new Set([...before.keys(), ...values.keys()])]
      .filter((key) => before.get(key) !== values.get(key));
    if (keys.length > 0) for (const listener of [...listeners]) listener(all(), keys);
  }

  function set(changes, { push = null } = {}) {
    const values = changed(changes);
    const keys = Object.keys(changes).filter((key) => now.get(key) !== values.get(key));
    if (keys.length === 0) return;
    const isEntry = push ?? keys.some((key) => WHERE.has(key));
    const hash = values.size > 0 ? written(values) : "#";
    window.history[isEntry ? "pushState" : "replaceState"](null, "", hash);
    adopt(values);
  }

  const get = (key, fallback = null) => now.get(key) ?? fallback;
  const all = () => Object.fromEntries(now);
  const href = (changes) => written(changed(changes));
  const join = (values) => Array.from(values, (value) =>
    String(value).replaceAll("%", "%25").replaceAll(",", "%2C")).join(",");
  const list = (key) => (now.has(key) ? now.get(key).split(",").map(decode) : []);
  function onChange(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }
  function anchor() {
    const text = window.location.hash.slice(1);
    return text === "" || text.includes("=") ? null : decode(text);
  }

  // Back and Forward send both events, an edit by hand only hashchange: adopting twice changes nothing.
  for (const event of ["popstate", "hashchange"]) {
    window.addEventListener(event, () => adopt(parsed(window.location.hash)));
  }

  sitegen.state = { get, all, set, href, list, join, onChange, anchor };
})();

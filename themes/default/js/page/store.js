/* Data of the page, wherever it lies. Data files are classic scripts, because neither fetch nor modules
 * work over file://; each calls `sitegen.data("key", payload)` once or more.
 *
 * Markup: <html data-root="../"> and
 *   <script type="application/json" id="sg-files">{"key": "data/slug/name-hash.js"}</script>
 *   sitegen.store.get(key) -> Promise of the payload; the script is added once, a failed get can be repeated
 *   sitegen.store.has(key) -> whether the page knows where it is
 *   sitegen.store.addFiles({ key: file })
 *   sitegen.store.drop(key) forgets a payload that its reader has decoded
 *   sitegen.store.notice(error, retry) -> element that tells what is missing, with a Retry button
 * Rejects with an Error that has `reason`: missing (no such file), stale (the file does not hold the key),
 * unknown (no file is named for the key), and `file`.
 */
(() => {
  "use strict";
  const payloads = new Map(), files = new Map(), loads = new Map();

  class StoreError extends Error {
    constructor(message, reason, file) {
      super(message);
      Object.assign(this, { reason, file });
    }
  }

  sitegen.data = (key, payload) => { payloads.set(key, payload); };

  function addFiles(more) {
    for (const [key, file] of Object.entries(more)) files.set(key, file);
  }

  /** One script tag for each file, whoever asks; forgotten when it fails, so that Retry tries again. */
  function load(file) {
    if (!loads.has(file)) {
      const promise = new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = (document.documentElement.dataset.root ?? "") + file;
        script.addEventListener("load", () => { script.remove(); resolve(); });
        script.addEventListener("error", () => {
          script.remove();
          loads.delete(file);
          reject(new StoreError(`${file} is missing from this copy of the site.`, "missing", file));
        });
        document.head.append(script);
      });
      loads.set(file, promise);
    }
    return loads.get(file);
  }

  async function get(key) {
    if (payloads.has(key)) return payloads.get(key);
    const file = files.get(key);
    if (file === undefined) {
      throw new StoreError(`This page does not know where “${key}” is.`, "unknown", null);
    }
    await load(file);
    if (payloads.has(key)) return payloads.get(key);
    loads.delete(file);
    throw new StoreError("This site was rebuilt. Reload the page.", "stale", file);
  }

  /** Forgets the payload of `key`, which its reader has taken over; a later `get` loads it again. */
  function drop(key) {
    payloads.delete(key);
    loads.delete(files.get(key));
  }

  const has = (key) => payloads.has(key) || files.has(key);

  function notice(error, retry = null) {
    const { el } = sitegen.dom;
    const isStale = error.reason === "stale";
    const run = isStale ? () => window.location.reload() : retry;
    return el("div", { class: "sg-notice sg-notice--bad", role: "status" },
      el("p", { class: "sg-notice__text", text: error.message }),
      run && el("button", { type: "button", class: "sg-button", on: { click: run } },
        isStale ? "Reload" : "Retry"));
  }

  const map = document.getElementById("sg-files");
  if (map !== null) addFiles(JSON.parse(map.textContent));
  sitegen.store = { get, has, drop, addFiles, notice };
})();

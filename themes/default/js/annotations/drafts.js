/* Annotations written in this browser and not yet proposed. They are kept in its storage and go nowhere by
 * themselves; without storage they last as long as the page.
 *
 *   sitegen.drafts.place      -> where annotations are proposed: { host, url, name, branch, folder, where }
 *   sitegen.drafts.all()      -> [{ op: "add" | "edit" | "remove", id, file, run, label, key, document, old }]
 *   sitegen.drafts.put(draft), drop(id), onChange(run); isKept() is false while the storage refuses them
 *   sitegen.drafts.ulid(), text(document) -> the canonical text, as sitegen/bundle/sidecars.py writes it
 *   sitegen.drafts.user(), setUser(name)
 *   sitegen.drafts.saver      -> null, or { note, entry(draft), saved() } where drafts are written into files: `sitegen serve`
 */
(() => {
  "use strict";
  const KEYS = ["format", "id", "kind", "target", "anchor", "name", "value", "rationale", "user", "created_at", "updated_at"];
  const TARGET_KEYS = ["type", "trace_id", "span_id", "eval", "sample_id", "epoch", "name", "step"];
  const ANCHOR_KEYS = ["digest", "path", "ordinal"];
  const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const site = document.documentElement.dataset.site ?? "sitegen";
  const listeners = [], memory = new Map();

  // What the storage did not take, full or forbidden, stands in `memory` and goes before what it has.
  function read(name) {
    if (memory.has(name)) return memory.get(name);
    try {
      return window.localStorage.getItem(`${site}-${name}`);
    } catch {
      return null;
    }
  }

  function write(name, text) {
    try {
      window.localStorage.setItem(`${site}-${name}`, text);
      memory.delete(name);
    } catch {
      memory.set(name, text);
    }
  }

  function all() {
    try {
      const found = JSON.parse(read("drafts") ?? "[]");
      return Array.isArray(found) ? found.filter(isDraft) : [];
    } catch {
      return [];
    }
  }

  const isDraft = (one) => typeof one === "object" && one !== null && ["add", "edit", "remove"].includes(one.op)
    && /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(one.id) && typeof one.file === "string";

  function save(drafts) {
    write("drafts", JSON.stringify(drafts));
    changed();
  }

  function changed() {
    for (const run of listeners) run(all());
  }

  const drop = (id) => save(all().filter((one) => one.id !== id));
  const put = (draft) => save([...all().filter((one) => one.id !== draft.id), draft]);

  /** 26 characters that sort by time; see github.com/ulid/spec. */
  function ulid() {
    let rest = BigInt(Date.now()) << 80n;
    for (const byte of window.crypto.getRandomValues(new Uint8Array(10)).entries()) rest |= BigInt(byte[1]) << BigInt(8 * byte[0]);
    return Array.from({ length: 26 }, (_, at) => CROCKFORD[Number((rest >> BigInt(5 * (25 - at))) & 31n)]).join("");
  }

  function ordered(value, keys) {
    const names = [...keys.filter((key) => key in value), ...Object.keys(value).filter((key) => !keys.includes(key)).sort()];
    return Object.fromEntries(names.filter((key) => value[key] !== null && value[key] !== undefined).map((key) => [key, value[key]]));
  }

  function text(document) {
    const whole = ordered(document, KEYS);
    if (whole.target) whole.target = ordered(whole.target, TARGET_KEYS);
    if (whole.anchor) whole.anchor = ordered(whole.anchor, ANCHOR_KEYS);
    return `${JSON.stringify(whole, null, 2)}\n`;
  }

  function readPlace() {
    const holder = document.getElementById("sg-annotate");
    return { host: "", url: "", name: "", branch: "main", folder: null, ...JSON.parse(holder?.textContent || "{}") };
  }

  window.addEventListener("storage", (event) => {
    if (event.key === null || event.key === `${site}-drafts`) changed();
  });
  sitegen.drafts = {
    all, put, drop, ulid, text, place: readPlace(), onChange: (run) => listeners.push(run),
    isKept: () => !memory.has("drafts"), saver: null, user: () => read("user") ?? "", setUser: (name) => write("user", name),
  };
})();

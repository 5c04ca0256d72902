/* Only in pages that `sitegen serve` hands out: waits for news of the builds, shows them in the header, and
 * loads the page again when it changed. What a reader is in the middle of is never interrupted.
 *
 * Markup: <meta name="sitegen-serve" data-token data-page data-digest>; the token goes into a header of
 * every request, since a page of another site cannot know it.
 *   sitegen.serve.ask(path, { body }) -> Promise of the response; serve.page
 *   sitegen.serve.announce(text) says it in the header for a while; reload() keeps the view (view.js)
 * Nothing is asked while the page is hidden: a browser has six connections for all pages of a server.
 */
(() => {
  "use strict";
  const { el, ready } = sitegen.dom;
  const { token, page, digest } = document.querySelector('meta[name="sitegen-serve"]').dataset;
  const AGAIN_MS = [500, 1000, 2000, 5000, 10_000], LEAST_MS = 1500, QUIET_MS = 400, SAID_MS = 5000;
  const TYPING = 'input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable]';
  const site = document.documentElement.dataset.site ?? "sitegen";
  let shown = digest, shownMs = 0, isRenewing = false;
  let news = null, isGone = false, failures = 0, waiting = null, said = "", isPressed = false, isLeaving = false;

  function ask(path, { body = null, signal = null } = {}) {
    const headers = { "X-Sitegen-Token": token };
    if (body !== null) headers["Content-Type"] = "application/json";
    return fetch(path, {
      method: body === null ? "GET" : "POST", headers, signal, cache: "no-store", credentials: "omit", redirect: "error",
      body: body === null ? null : JSON.stringify(body),
    });
  }

  /* What the reader chose lasts as long as the tab. */
  function stored(name, value) {
    try {
      if (value !== undefined) sessionStorage.setItem(`${site}-serve-${name}`, JSON.stringify(value));
      return JSON.parse(sessionStorage.getItem(`${site}-serve-${name}`) ?? "null");
    } catch {
      return value ?? null; // storage is refused
    }
  }

  const isChanged = () => news !== null && news.digest !== null && news.digest !== shown;
  const isLost = () => news !== null && news.digest === null && news.phase === "ready";

  function isBusy() {
    const selected = document.getSelection();
    return isPressed || document.activeElement?.matches(TYPING) || document.querySelector("dialog[open], .sg-tray:not([hidden]), .sg-review:not([hidden]), details.sg-menu[open]") !== null
      || (selected !== null && !selected.isCollapsed);
  }

  function reload() {
    isLeaving = true;
    stored(`view-${page}`, sitegen.serve.view());
    window.history.scrollRestoration = "manual";
    window.location.reload();
  }

  /* A page that changes all the time is brought up to date every other second at most. */
  function settle() {
    window.clearTimeout(waiting);
    if (isLeaving || isRenewing || !isChanged() || stored("paused")) return;
    const rest = Math.max(QUIET_MS, shownMs + LEAST_MS - performance.now());
    waiting = window.setTimeout(bring, rest);
  }

  /** Charts take up what is new as they stand; else the page is loaded again, once the reader is at rest. */
  async function bring() {
    if (document.hidden || stored("paused")) return;
    isRenewing = true;
    const fresh = news.writers === null ? null : await sitegen.serve.renew().catch(() => null);
    isRenewing = false;
    if (fresh === null) {
      if (!isBusy()) reload();
      return;
    }
    shown = fresh;
    shownMs = performance.now();
    show();
    settle();
  }

  async function poll() {
    let controller = null;
    const stop = () => { if (document.hidden) controller?.abort(); };
    document.addEventListener("visibilitychange", stop);
    window.addEventListener("pagehide", () => { isLeaving = true; controller?.abort(); });
    window.addEventListener("pageshow", () => { isLeaving = false; });
    for (;;) {
      if (document.hidden) await new Promise((resume) => { document.addEventListener("visibilitychange", resume, { once: true }); });
      controller = new AbortController();
      const seen = isGone ? -1 : news?.version ?? -1;
      try {
        const response = await ask(`/-/state?page=${encodeURIComponent(page)}&seen=${seen}`, { signal: controller.signal });
        if (response.status === 403) return reload(); // another start of the server, with another token
        if (!response.ok) throw new Error(response.statusText);
        news = await response.json();
        isGone = false;
        failures = 0;
      } catch {
        if (isLeaving) return undefined;
        if (controller.signal.aborted) continue;
        isGone = true;
        failures += 1;
      }
      show();
      settle();
      if (isGone) await new Promise((resume) => { window.setTimeout(resume, AGAIN_MS[Math.min(failures, AGAIN_MS.length) - 1]); });
    }
  }

  /* The mark in the header, and what it opens. */
  const time = (ms) => new Date(ms).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
  const dot = el("span", { class: "sg-serve__dot", "aria-hidden": "true" });
  const word = el("span", { class: "sg-serve__word" });
  const panel = el("div", { class: "sg-menu__panel sg-serve__panel" });
  const menu = el("details", { class: "sg-menu sg-serve" }, el("summary", { class: "sg-button sg-button--quiet sg-serve__mark", title: "What sitegen serve is doing" }, dot, word), panel);
  const again = el("button", { type: "button", class: "sg-button sg-serve__again", hidden: true, text: "Show new results", on: { click: reload } });
  const notice = el("div", { class: "sg-notice sg-notice--bad sg-serve__notice", role: "alert" });

  const hasEnded = () => news?.writers?.are_alive === false;

  function state() {
    if (isGone) return ["gone", "Disconnected"];
    if (news === null) return ["ready", "Live"];
    if (news.phase === "failed") return ["failed", "Build failed"];
    if (said !== "") return ["said", said];
    if (isLost()) return ["gone", "Not in the site"];
    if (hasEnded()) return ["ended", "Interrupted"];
    if (news.phase === "building" && news.digest === null) return ["building", "Building"];
    return [news.phase, news.writers ? "Live run" : "Live"];
  }

  function sentence() {
    if (isGone) return "The server does not answer. Start sitegen serve again; this page goes on by itself.";
    if (news === null) return "Waiting for the server.";
    const { going } = news;
    if (news.phase === "building") return going && going.stage ? `${going.stage}${going.total ? `: ${going.done} of ${going.total}` : ""}.` : "Building.";
    return news.phase === "failed" ? "The last build could not be done. The site is as it was." : "The site is up to date.";
  }

  function writers() {
    if (!news?.writers) return null;
    const { last_ms: last, are_alive: isAlive } = news.writers;
    const record = last === null ? "No record yet" : `Last record at ${time(last)}`;
    if (isAlive === false) return `${record}. No process writes this run any more: it was interrupted. sitegen compact puts it in order.`;
    return `${record}${isAlive ? "; its process is running" : ""}.`;
  }

  function show() {
    const [kind, text] = state();
    menu.dataset.state = kind;
    word.textContent = text;
    for (const one of document.querySelectorAll("[data-serve-sentence]")) one.textContent = sentence();
    again.hidden = isGone || !isChanged() || !(stored("paused") || isBusy());
    const box = el("input", { type: "checkbox", class: "sg-check__box", checked: !stored("paused"), on: { change: () => {
      stored("paused", !box.checked);
      show();
      settle();
    } } });
    panel.replaceChildren(
      el("p", { class: "sg-serve__line", text: sentence() }),
      ...[writers()].filter(Boolean).map((line) => el("p", { class: "sg-serve__line", text: line })),
      el("label", { class: "sg-check sg-serve__line" }, box, " Load the page again when it changes"),
      el("ol", { class: "sg-serve__log" }, (news?.log ?? []).map((one) => el("li", { class: one.is_bad ? "sg-serve__build sg-bad" : "sg-serve__build" }, el("time", { class: "sg-muted", text: time(one.at_ms) }), " ", one.text, one.times > 1 && el("span", { class: "sg-muted", text: ` · ${one.times} times` })))),
      el("p", { class: "sg-serve__line sg-muted", text: news?.watching ?? "" }));
    showNotice();
  }

  function showNotice() {
    const failed = news?.phase === "failed" ? news.failed : null;
    const isMissing = isLost() && page !== "index.html";
    if (isGone || (failed === null && !isMissing)) {
      notice.remove(); // a hidden one would still move what follows it
      return;
    }
    if (!notice.isConnected) (document.querySelector(".sg-main") ?? document.body).prepend(notice);
    const home = el("a", { href: "/", text: "All experiments" });
    notice.replaceChildren(...(failed === null
      ? [el("p", { class: "sg-notice__text", text: "This page is no longer in the site; its run was moved or removed." }), el("p", { class: "sg-notice__actions" }, home)]
      : [el("p", { class: "sg-notice__text" }, el("b", { text: "The site could not be built. " }), failed.message),
        failed.hint && el("p", { class: "sg-notice__body sg-muted", text: failed.hint })].filter(Boolean)));
  }

  function announce(text) {
    said = text;
    sitegen.dom.announce(text);
    show();
    window.setTimeout(() => {
      if (said === text) said = "";
      show();
    }, SAID_MS);
  }

  sitegen.serve = { ask, announce, page, stored, reload, view: () => null, renew: async () => null };
  ready(() => {
    document.querySelector(".sg-header__end")?.prepend(again, menu);
    for (const event of ["focusout", "selectionchange", "close", "toggle"]) document.addEventListener(event, () => { if (news !== null) { again.hidden = true; settle(); } }, { capture: true });
    document.addEventListener("pointerdown", () => { isPressed = true; });
    for (const event of ["pointerup", "pointercancel"]) document.addEventListener(event, () => { isPressed = false; settle(); });
    show();
    poll();
  });
})();

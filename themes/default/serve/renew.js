/* Only under `sitegen serve`: the charts of a run that is being logged take up its new points where they
 * stand, with their zoom, their tables and what is typed beside them. Everything else of a page is loaded anew.
 *
 *   sitegen.serve.renew() -> Promise of the digest of the page that the charts are of now, null if the page has to be
 *                            loaded again: it is not at its charts, or there are others now
 * The page that comes is read as a document that runs nothing and loads nothing; text is taken from it and no markup.
 */
(() => {
  "use strict";
  const { serve, state } = sitegen;
  const VALUES = [".sg-chart__value", '[data-role="shown"]'];
  let isPartial = false;

  const charts = () => sitegen.metricsTab?.tab.charts ?? [];
  const texts = (root, selector) => [...root.querySelectorAll(selector)].map((one) => one.textContent);
  const remarks = (figure) => [...figure.querySelectorAll(".sg-chart__note > span:not([data-role]):not(.sg-chart__extra)")].map((one) => one.textContent);

  /** The new figures in the order of our charts; null if they do not stand for one another. */
  function figuresOf(fresh) {
    const found = new Map([...fresh.querySelectorAll(".sg-metrics [data-metric][data-key]")].map((one) => [one.dataset.metric, one]));
    const ordered = charts().map((chart) => found.get(chart.name));
    const isSame = found.size === ordered.length && ordered.every((figure, at) => {
      const chart = charts()[at];
      return figure && figure.dataset.key === chart.metric.key && String(remarks(figure)) === String(remarks(chart.figure));
    });
    const hasSameNotices = String(texts(fresh, ".sg-metrics__notice")) === String(texts(document, ".sg-metrics__notice"));
    return isSame && hasSameNotices ? ordered : null;
  }

  function take(chart, figure) {
    const { group } = chart.metric;
    Object.assign(chart.figure.dataset, figure.dataset);
    chart.metric = { ...sitegen.metricsTab.readMetric(chart.figure), group };
    for (const selector of VALUES) {
      const [ours, theirs] = [chart.figure, figure].map((one) => one.querySelector(selector));
      if (ours && theirs) ours.textContent = theirs.textContent;
    }
    const [ours, theirs] = [chart.figure, figure].map((one) => [...one.querySelectorAll(".sg-chart__values > table:first-of-type td")]);
    ours.forEach((cell, at) => { if (theirs[at]) cell.textContent = theirs[at].textContent; });
    chart.series = null;
    delete chart.wholeText;
  }

  function adopt(fresh, figures) {
    const { store } = sitegen;
    for (const chart of charts()) store.drop(chart.metric.key);
    store.addFiles(JSON.parse(fresh.getElementById("sg-files").textContent));
    sitegen.series.forget();
    charts().forEach((chart, at) => take(chart, figures[at]));
    sitegen.metricsTab.tab.other = null;
    for (const chart of charts()) chart.drawn.redraw();
    const [ours, theirs] = [document, fresh].map((one) => [...one.querySelectorAll(".sg-title time")]);
    if (ours.length === theirs.length) ours.forEach((one, at) => { one.textContent = theirs[at].textContent; });
  }

  async function renew() {
    if (charts().length === 0 || state.get("tab") !== "metrics") return null;
    const response = await serve.ask(window.location.pathname);
    if (!response.ok) return null;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    const figures = figuresOf(fresh);
    if (figures === null || state.get("tab") !== "metrics") return null;
    adopt(fresh, figures);
    isPartial = true;
    return fresh.querySelector('meta[name="sitegen-serve"]').dataset.digest;
  }

  state.onChange((all, keys) => {
    if (isPartial && keys.includes("tab")) serve.reload(); // the other tabs are as they were
  });
  serve.renew = renew;
})();

/* The view of an attached Plotly figure: the server's checked copy of it, drawn in the colours of the theme.
 *
 *   sitegen.attachmentViews.figure(view, file) -> element
 * view.library is the path of the large chart library where the figure needs it; else the site's own is used. The
 * figure keeps its own colours; ground, letters and grid are the theme's, so that it reads in the dark too.
 */
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});
  const CONFIG = { displayModeBar: false, showTips: false, displaylogo: false, showLink: false, topojsonURL: "" };
  const libraries = new Map();

  /** The library at `path` of the site, once; both call themselves window.Plotly, so each is kept when it comes. */
  function load(path) {
    if (!libraries.has(path)) libraries.set(path, new Promise((resolve, reject) => {
      const own = window.Plotly, ours = document.querySelector("[data-plotly]")?.dataset.plotly;
      if (own && path === ours) return resolve(own);
      const script = document.createElement("script");
      script.src = (document.documentElement.dataset.root ?? "") + path;
      script.onload = () => {
        const loaded = window.Plotly;
        if (own) window.Plotly = own;
        resolve(loaded);
      };
      script.onerror = () => {
        libraries.delete(path);
        reject(Object.assign(new Error(`${path} is missing from this copy of the site.`), { file: path, reason: "missing" }));
      };
      keepStyles();
      document.head.append(script);
      return undefined;
    }));
    return libraries.get(path);
  }

  /** Tells Plotly that its styles are there: it would write them into a <style>, which the policy refuses. */
  function keepStyles() {
    if (document.getElementById("plotly.js-style-global")) return;
    document.head.append(sitegen.dom.el("meta", { id: "plotly.js-style-global", class: "no-inline-styles" }));
  }

  function axis(look, given) {
    return {
      gridcolor: look.grid, linecolor: look.axis, zerolinecolor: look.grid, automargin: true, ...given,
      tickfont: { color: look.muted, ...given?.tickfont },
    };
  }

  function layout(view, look, width) {
    const given = view.figure.layout;
    const axes = Object.fromEntries(Object.keys({ xaxis: 1, yaxis: 1, ...given })
      .filter((key) => /^[xy]axis\d*$/.test(key)).map((key) => [key, axis(look, given[key])]));
    return {
      ...structuredClone(given), ...structuredClone(axes),
      width, height: view.height,
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      colorway: given.colorway ?? look.series.map(({ colour }) => colour),
      font: { ...given.font, family: look.sans, size: 12, color: look.fg },
      hoverlabel: { font: { family: look.sans } },
      dragmode: window.matchMedia("(pointer: coarse)").matches ? false : "zoom",
    };
  }

  function figure(view, file) {
    const { el } = sitegen.dom;
    const plot = el("div", { class: "sg-figure__plot", role: "img", "aria-label": `Chart of ${file.name}` });
    const message = el("p", { class: "sg-attachments__note", role: "status" });
    const path = view.library ?? document.querySelector("[data-plotly]")?.dataset.plotly;

    async function draw() {
      const late = setTimeout(() => { message.textContent = "Loading the chart library"; }, 300);
      try {
        const Plotly = await load(path);
        if (!plot.isConnected || !plot.clientWidth) return;
        const look = sitegen.chart.look();
        await Plotly.react(plot, structuredClone(view.figure.data), layout(view, look, plot.clientWidth), CONFIG);
        message.textContent = "";
      } catch (error) {
        message.replaceChildren(error.file ? sitegen.store.notice(error, draw) : `The chart cannot be drawn: ${error.message}. Its values are under Tree.`);
      } finally {
        clearTimeout(late);
      }
    }

    let width = 0;
    new ResizeObserver(([entry]) => {
      const next = Math.round(entry.contentRect.width);
      if (next && next !== width) { width = next; draw(); }
    }).observe(plot);
    const themes = new MutationObserver(() => (plot.isConnected ? draw() : themes.disconnect()));
    themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
    return el("div", { class: "sg-figure" }, plot, message);
  }

  sitegen.attachmentViews = { ...sitegen.attachmentViews, figure };
})();

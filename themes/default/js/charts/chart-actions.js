/* What can be done with a chart: small buttons, a menu, its picture as a file.
 *
 *   sitegen.chartActions.button(name, label, onClick) -> element; name: table, csv, full, pin, grip
 *   sitegen.chartActions.menu(label, () => [[text, run]]) -> element; the entries are made when it opens
 *   sitegen.chartActions.savePicture(chart, title, "svg" | "png") -> Promise; chart is that of chart.js
 */
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const ICONS = {
    table: "M2.5 3.5h11v9h-11ZM2.5 6.7h11M6.2 6.7v5.8",
    csv: "M8 2.5v7.2M5 7l3 3 3-3M3 13h10",
    full: "M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3",
    pin: "M5.5 2.5h5M6.5 2.5v4l-2 2.5h7l-2-2.5v-4M8 9v4.5",
    grip: "M6 4h.2M9.8 4h.2M6 8h.2M9.8 8h.2M6 12h.2M9.8 12h.2",
    more: "M3.2 8h.6M7.7 8h.6M12.2 8h.6",
  };
  const LOOK = "sg-button sg-button--quiet sg-button--small sg-button--icon";
  const SCALE = 2; // px of a picture for each px of the screen

  function icon(name) {
    const { svg } = sitegen.dom;
    const box = { class: "sg-icon", width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" };
    return svg("svg", box, svg("path", { d: ICONS[name] }));
  }

  function button(name, label, onClick) {
    const given = { class: LOOK, type: "button", title: label, "aria-label": label, on: { click: onClick } };
    return sitegen.dom.el("button", given, icon(name));
  }

  function menu(label, entries) {
    const { el } = sitegen.dom;
    const panel = el("div", { class: "sg-menu__panel", role: "group", "aria-label": label });
    const fill = () => panel.replaceChildren(...entries().filter(Boolean).map(([text, run]) => {
      const choose = () => {
        details.open = false;
        details.querySelector("summary").focus();
        run();
      };
      return el("button", { class: "sg-menu__choice", type: "button", text, on: { click: choose } });
    }));
    const summary = el("summary", { class: LOOK, title: label, "aria-label": label }, icon("more"));
    const details = el("details", { class: "sg-menu", on: { toggle: () => details.open && fill() } }, summary, panel);
    return details;
  }

  /** The drawing as it stands, under its title, on the colour of the page. */
  async function picture({ canvas, spec }, title) {
    const look = sitegen.chart.look();
    const margin = { ...canvas.layout.margin, t: 32 };
    const head = { text: sitegen.figure.escape(title), font: { size: 13, color: look.fg }, x: 0.01, xanchor: "left", y: 0.98, yanchor: "top" };
    const { width, height, xaxis, yaxis } = canvas._fullLayout;
    const layout = {
      ...canvas.layout, title: head, margin, height: height + 24, width, paper_bgcolor: look.bg,
      xaxis: { ...canvas.layout.xaxis, range: [...xaxis.range] }, yaxis: { ...canvas.layout.yaxis, range: [...yaxis.range] },
    };
    const address = await window.Plotly.toImage(
      { data: [...(spec.crowd ? sitegen.crowd.traces(spec.crowd, look) : []), ...canvas.data], layout }, { format: "svg", width, height: layout.height });
    return { text: decodeURIComponent(address.slice(address.indexOf(",") + 1)), width, height: layout.height };
  }

  async function savePicture(chart, title, kind) {
    const name = sitegen.metricTable.fileName(title, kind);
    const { text, width, height } = await picture(chart, title);
    if (kind === "svg") return sitegen.dom.download(name, "image/svg+xml", text);
    const image = new Image();
    image.src = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    await image.decode();
    const surface = Object.assign(document.createElement("canvas"), { width: SCALE * width, height: SCALE * height });
    surface.getContext("2d").drawImage(image, 0, 0, surface.width, surface.height);
    URL.revokeObjectURL(image.src);
    const blob = await new Promise((resolve) => surface.toBlob(resolve, "image/png"));
    return sitegen.dom.download(name, "image/png", blob);
  }

  sitegen.chartActions = { button, menu, savePicture };
})();

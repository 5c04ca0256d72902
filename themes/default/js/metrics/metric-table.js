// The points of a metric as a table and as CSV.
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const MOST_ROWS = 500;
  const ROWS_AT_ONCE = 131_072; // whole tiles

  // Text that a spreadsheet would run gets an apostrophe (as sitegen/derive/csvtext.py); numbers stay.
  const FORMULA = /^(?:[\s\u0000-\u001f\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[ \ufeff\u00a0]*[\t\r])/u;

  function textCell(text) {
    const safe = FORMULA.test(text) ? `'${text}` : text;
    return /[",\r\n]|^\s|\s$/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }

  // Microseconds since the epoch as RFC 3339; a Date holds only milliseconds.
  function timeText(us) {
    if (!Number.isFinite(us)) return "";
    const ms = Math.floor(us / 1000);
    if (Math.abs(ms) > 8.64e15) return String(us);
    const rest = String(us - ms * 1000).padStart(3, "0");
    return new Date(ms).toISOString().replace("Z", rest === "000" ? "Z" : `${rest}Z`);
  }

  const head = (name, times) => `${["step", ...(times ? ["time"] : []), textCell(name)].join(",")}\n`;

  function lines({ steps, times, values }) {
    let text = "";
    for (let i = 0; i < values.length; i += 1) {
      text += `${[steps[i], ...(times ? [timeText(times[i])] : []), values[i]].join(",")}\n`;
    }
    return text;
  }

  /** Points as CSV: step, time where logged, value under the metric's name. */
  const csv = (name, points) => head(name, points.times) + lines(points);

  /** A file name for a metric: `end` is its kind. */
  const fileName = (name, end = "csv") =>
    `${name.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[-.]+|[-.]+$/g, "") || "metric"}.${end}`;

  /** Points of `series` from one place to another, piece by piece; those drawn where no others are published. */
  async function* pieces(series, points = series.whole) {
    const [from, to] = points.range;
    if (!series.isExact) yield points;
    for (let at = from; series.isExact && at < to; at += ROWS_AT_ONCE) yield series.rows(at, Math.min(to, at + ROWS_AT_ONCE));
  }

  /** Offer the points in view as a file: all of them where they are published, else those drawn. */
  async function save(name, series, points) {
    const parts = [];
    for await (const part of pieces(series, points)) parts.push(lines(part));
    sitegen.dom.download(fileName(name), "text/csv;charset=utf-8", head(name, points.times), ...parts);
  }

  /** The first points as a table; where there are more, it says how many. */
  function table(name, { steps, times, values, of }) {
    const { el } = sitegen.dom;
    const { number, exact, count: whole } = sitegen.format;
    const shown = Math.min(MOST_ROWS, values.length);
    const heads = ["Step", ...(times ? ["Time (UTC)"] : []), "Value"];
    const rows = Array.from({ length: shown }, (_, i) =>
      el("tr", {}, [
        el("td", { class: "sg-table__number", text: whole(steps[i]) }),
        ...(times ? [el("td", { text: timeText(times[i]).replace("T", " ").replace("Z", "") })] : []),
        el("td", {
          class: Number.isFinite(values[i]) ? "sg-table__number" : "sg-table__number sg-bad",
          text: number(values[i], { digits: 6 }),
          title: exact(values[i]),
        }),
      ]),
    );
    const caption = `${whole(shown)} of ${whole(of)} points of ${name}`;
    return el("div", { class: "sg-chart__points", tabindex: "0", role: "region", "aria-label": caption }, [
      el("table", { class: "sg-table sg-table--compact" }, [
        el("caption", { class: "sg-table__caption", text: caption }),
        el("thead", {}, [el("tr", {}, heads.map((head) => el("th", { scope: "col", text: head })))]),
        el("tbody", {}, rows),
      ]),
    ]);
  }

  sitegen.metricTable = { csv, save, pieces, table, cell: textCell, fileName, timeText, MOST_ROWS };
})();

/* The shown rows and columns of a table as CSV, made in the page.
 *
 * Markup: <button type="button" data-csv-for="runs-table" data-csv-name="runs.csv">CSV</button>
 * A cell gives data-csv, else (number columns) data-value, else its <time datetime>, else its text.
 * Texts that a spreadsheet would run as a formula get a leading apostrophe, as in sitegen/derive/csvtext.py.
 *   sitegen.table.csv(table) -> string
 */
(() => {
  "use strict";
  // White space and control characters that a spreadsheet drops, then a sign, full-width ones too.
  const FORMULA = /^(?:[\s\u0000-\u001f]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[ \ufeff\u00a0]*[\t\r])/;

  function quoted(text) {
    return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }
  const field = (text, isNumber) => quoted(!isNumber && FORMULA.test(text) ? `'${text}` : text);

  const spaced = (text) => text.replaceAll(/\s+/g, " ").trim();

  function cellText(table, row, column) {
    const cell = table.cell(row, column);
    if (!cell) return "";
    if (cell.dataset.csv !== undefined) return field(cell.dataset.csv, isNumber(cell.dataset.csv));
    const value = cell.dataset.value;
    if (column.isNumber && value !== undefined) return field(value, value === "" || isNumber(value));
    const time = cell.querySelector("time[datetime]");
    return field(time === null ? spaced(cell.textContent) : time.dateTime, false);
  }
  const isNumber = (text) => text === "NaN" || (text.trim() !== "" && !Number.isNaN(Number(text)));

  function csv(table) {
    const columns = table.columns.filter(({ th }) => !th.hidden);
    const head = columns.map(({ name }) => field(name, false)).join(",");
    const rows = table.shown().map((row) => columns.map((column) => cellText(table, row, column)).join(","));
    return `${[head, ...rows].join("\n")}\n`;
  }

  function addCsv(table) {
    for (const button of document.querySelectorAll(`[data-csv-for="${CSS.escape(table.element.id)}"]`)) {
      button.addEventListener("click", () => {
        sitegen.dom.download(button.dataset.csvName ?? "table.csv", "text/csv;charset=utf-8", csv(table));
      });
    }
  }

  sitegen.csv = { field };
  sitegen.table.csv = csv;
  sitegen.table.extend(addCsv);
})();

/* The rows and columns that a grid shows, as files made in the page.
 *
 *   sitegen.gridFile.csv(grid) -> text · sitegen.gridFile.jsonLines(grid) -> text, both promised
 * All rows of the filter in their order, groups unfolded; values are exact. Texts that a spreadsheet would run as a formula
 * get a leading apostrophe, as in sitegen/derive/csvtext.py. A grid may give whole records: grid.record(row) -> Promise.
 */
(() => {
  "use strict";
  const AT_ONCE = 200;

  async function ready(grid) {
    const names = grid.columns().filter(({ kind }) => kind !== "spark").map(({ name }) => name);
    await grid.frame.load(names.flatMap((name) => grid.frame.needs(name)));
    return names;
  }

  const text = (value) => (value === undefined ? "" : typeof value === "number" ? sitegen.format.exact(value)
    : Array.isArray(value) ? value.join(", ") : typeof value === "string" ? value : JSON.stringify(value));

  async function csv(grid) {
    const names = await ready(grid), { field } = sitegen.csv;
    const lines = [names.map((name) => field(name, false)).join(",")];
    for (const row of grid.rows()) {
      lines.push(names.map((name) => {
        const value = grid.fieldValue(name, row);
        return field(text(value), typeof value === "number");
      }).join(","));
    }
    return `${lines.join("\n")}\n`;
  }

  const plain = (value) => (typeof value === "number" && !Number.isFinite(value) ? String(value) : value);
  async function jsonLines(grid) {
    const names = await ready(grid), lines = [], found = [...grid.rows()];
    for (let at = 0; at < found.length; at += AT_ONCE) {
      const some = found.slice(at, at + AT_ONCE);
      const records = grid.record ? await Promise.all(some.map(grid.record))
        : some.map((row) => Object.fromEntries(names.map((name) => [name, plain(grid.fieldValue(name, row))])));
      for (const record of records) lines.push(JSON.stringify(record));
    }
    return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
  }

  sitegen.gridFile = { csv, jsonLines };
})();

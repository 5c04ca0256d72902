/* Numbers of one column: the twin of decimals_of and column_text in sitegen/units.py.
 *
 *   sitegen.format.columnDecimals(values) -> decimals that give the median four digits, fewer if none needs them
 *   sitegen.format.columnText(value, decimals) -> "0.9700", or as alone where the decimals suit it badly
 */
(() => {
  "use strict";
  const DIGITS = 4, { format } = sitegen;
  const isPlain = (value) => Number.isFinite(value) && (value === 0 || (Math.abs(value) >= 1e-4 && Math.abs(value) < 1e7));

  function columnDecimals(values) {
    const sizes = Float64Array.from(values.filter((value) => isPlain(value) && value !== 0), Math.abs).sort();
    if (sizes.length === 0) return 0;
    const wanted = Math.max(0, DIGITS - 1 - Math.floor(Math.log10(sizes[Math.floor(sizes.length / 2)])));
    let most = 0;
    for (const size of sizes) {
      most = Math.max(most, (format.number(size, { digits: DIGITS }).split(".")[1] ?? "").length);
      if (most >= wanted) return wanted;
    }
    return most;
  }

  /** As alone where the column's decimals would leave one digit, or give more than six. */
  function columnText(value, decimals) {
    if (typeof value !== "number" || !isPlain(value)) return format.number(value, { digits: DIGITS });
    const text = format.number(Math.abs(value), { digits: DIGITS, decimals });
    const significant = text.replaceAll(/[,.]/g, "").replace(/^0+/, "").length;
    const isLossy = value !== 0 && significant < 2 && format.number(Math.abs(value), { digits: DIGITS }) !== text;
    if (isLossy || significant > DIGITS + 2) return format.number(value, { digits: DIGITS });
    return value < 0 ? `\u2212${text}` : text;
  }

  Object.assign(format, { columnDecimals, columnText });
})();

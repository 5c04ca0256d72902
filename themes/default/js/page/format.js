/* Numbers, times and sizes as people read them: the twin of sitegen/units.py, held to one table by
 * tests/browser/format_cases.json. Python rounds exact ties to the even digit, toFixed away from
 * zero; `fixed` does as Python.
 *
 *   sitegen.format.number(value, { digits = 4, decimals })   decimals: for a whole column
 *   .decimals(values, digits) · .signed · .percent(ratio, { decimals = 1 }) · .points(ratio)
 *   .count(n) · .compact(n) "6.1 k" · .bytes(n) · .duration_s(s) · .duration_ns(ns) · .money(usd)
 *   .date(when, { year, time, zone }) of RFC 3339 text or ms since 1970 · .exact(value)
 *   .param(value, text) the text as logged, of a long number six digits
 * Non-finite numbers may come as the texts "NaN", "Infinity", "-Infinity"; null and undefined give "".
 */
(() => {
  "use strict";
  const MINUS = "\u2212", NARROW = "\u202f", SPACE = "\u00a0";
  const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
  const NON_FINITE = new Map([["NaN", NaN], ["Infinity", Infinity], ["-Infinity", -Infinity]]);

  const valueOf = (value) => (NON_FINITE.has(value) ? NON_FINITE.get(value) : value);
  const minus = (text) => text.replace(/^-/, MINUS);

  /** Half of one unit in the last of `decimals` places, exactly, with an even digit before it. */
  function isTieToEven(size, decimals) {
    const exact = size.toFixed(100);
    const cut = exact.length - 100 + decimals;
    const tail = decimals === 0 ? exact.slice(exact.length - 100) : exact.slice(cut);
    const before = decimals === 0 ? exact[exact.length - 102] : exact[cut - 1];
    return /^50*$/.test(tail) && "02468".includes(before);
  }
  /** f"{value:.{decimals}f}" */
  function fixed(value, decimals) {
    const size = Math.abs(value), sign = value < 0 || Object.is(value, -0) ? "-" : "";
    const text = size.toFixed(decimals);
    if (size >= 1e21 || !isTieToEven(size, decimals)) return sign + text;
    const exact = size.toFixed(100);
    return sign + (decimals === 0 ? exact.slice(0, -101) : exact.slice(0, exact.length - 100 + decimals));
  }
  const grouped = (text) => {
    const [whole, rest] = text.split(".");
    const commas = whole.replaceAll(/\B(?=(\d{3})+$)/g, ",");
    return rest === undefined ? commas : `${commas}.${rest}`;
  };
  const trimmed = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  /** f"{value:.{digits}g}" of a positive value, never with an exponent. */
  function significant(value, digits) {
    let exponent = Math.floor(Math.log10(value));
    if (Number(fixed(value, Math.max(0, digits - 1 - exponent))) >= 10 ** (exponent + 1)) exponent += 1;
    return trimmed(fixed(value, Math.max(0, digits - 1 - exponent)));
  }

  function finite(value, digits) {
    const size = Math.abs(value);
    if (size === 0) return "0";
    if (size < 1e-4 || size >= 1e7) {
      const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
      return `${trimmed(mantissa)}e${Number(exponent)}`;
    }
    if (Number.isInteger(value)) return grouped(String(value));
    const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
    return trimmed(grouped(fixed(value, decimals)));
  }

  function number(given, { digits = 4, decimals = null } = {}) {
    const value = valueOf(given);
    if (value === null || value === undefined) return "";
    if (typeof value !== "number") return String(value);
    if (Number.isNaN(value)) return "NaN";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
    const size = Math.abs(value);
    const isPlain = size < 1e7 && (size >= 1e-4 || size === 0);
    if (decimals !== null && isPlain) return minus(grouped(fixed(value === 0 ? 0 : value, decimals)));
    return minus(finite(value, digits));
  }

  /** How many decimals a column needs so that each of its numbers keeps `digits` digits. */
  function decimalsOf(values, digits = 4) {
    let most = 0;
    for (const value of values) {
      if (typeof value !== "number" || !Number.isFinite(value)) continue;
      const text = finite(value, digits);
      if (!text.includes("e") && text.includes(".")) most = Math.max(most, text.split(".")[1].length);
    }
    return most;
  }

  function signed(given, options = {}) {
    const text = number(given, options);
    return valueOf(given) > 0 ? `+${text}` : text;
  }

  const percent = (ratio, { decimals = 1 } = {}) => (Number.isFinite(valueOf(ratio) ?? NaN)
    ? `${minus(fixed(100 * ratio, decimals))}${NARROW}%` : number(ratio));
  function points(ratio, { decimals = 1 } = {}) {
    if (!Number.isFinite(valueOf(ratio) ?? NaN)) return number(ratio);
    return `${ratio > 0 ? "+" : ""}${minus(fixed(100 * ratio, decimals))}${SPACE}pts`;
  }

  const count = (whole) => (Number.isFinite(whole) ? minus(grouped(String(whole))) : number(whole));

  function compact(whole) {
    if (!Number.isFinite(whole) || whole < 1000) return count(whole);
    for (const [size, unit] of [[1e3, "k"], [1e6, "M"], [1e9, "G"]]) {
      const value = whole / size;
      if (value < 999.5 || unit === "G") {
        return `${significant(value, unit === "k" && value < 99.5 ? 2 : 3)}${SPACE}${unit}`;
      }
    }
    return count(whole);
  }

  function bytes(size) {
    if (!Number.isFinite(size)) return number(size);
    if (size < 1000) return `${size}${SPACE}${size === 1 ? "byte" : "bytes"}`;
    let value = size, unit = "";
    for (unit of ["kB", "MB", "GB", "TB", "PB"]) {
      value /= 1000;
      if (value < 999.5) break;
    }
    return `${significant(value, 3)}${SPACE}${unit}`;
  }

  function duration_ns(ns) {
    if (!Number.isFinite(ns)) return number(ns);
    if (ns < 0) return MINUS + duration_ns(-ns);
    if (ns === 0) return `0${SPACE}s`;
    for (const [size, unit] of [[1, "ns"], [1e3, "µs"], [1e6, "ms"], [1e9, "s"]]) {
      const value = ns / size;
      if (value < (unit === "s" ? 59.995 : 999.5)) return `${significant(value, 3)}${SPACE}${unit}`;
    }
    return longDuration(Number(fixed(ns / 1e9, 0)));
  }
  function longDuration(seconds) {
    const steps = [[86400, "d", 3600, "h"], [3600, "h", 60, "min"], [60, "min", 1, "s"]];
    for (const [size, unit, restSize, restUnit] of steps) {
      if (seconds < size) continue;
      const rest = Math.floor((seconds % size) / restSize);
      const first = `${Math.floor(seconds / size)}${SPACE}${unit}`;
      return rest ? `${first}${SPACE}${rest}${SPACE}${restUnit}` : first;
    }
    return `${seconds}${SPACE}s`;
  }
  const duration_s = (seconds) => (Number.isFinite(valueOf(seconds) ?? NaN)
    ? duration_ns(Math.round(seconds * 1e9)) : number(seconds));

  function money(usd) {
    if (!Number.isFinite(valueOf(usd) ?? NaN)) return number(usd);
    const size = Math.abs(usd);
    const places = size >= 1 || size === 0 ? 2 : size >= 1e-3 ? 4 : size >= 1e-5 ? 6 : 8;
    const text = `$${grouped(fixed(size, places))}`;
    return usd < 0 ? MINUS + text : text;
  }

  function date(when, { year = true, time = true, zone = true } = {}) {
    const moment = new Date(when);
    if (when === null || when === undefined) return "";
    if (Number.isNaN(moment.getTime())) return String(when);
    const pad = (part) => String(part).padStart(2, "0");
    const day = `${moment.getUTCDate()} ${MONTHS[moment.getUTCMonth()]}`;
    const clock = `${pad(moment.getUTCHours())}:${pad(moment.getUTCMinutes())}${zone ? " UTC" : ""}`;
    const full = year ? `${day} ${moment.getUTCFullYear()}` : day;
    if (!time) return full;
    return year ? `${full}, ${clock}` : `${full} ${clock}`;
  }

  function exact(given) {
    const value = valueOf(given);
    if (Object.is(value, -0)) return "0";
    return value === null || value === undefined ? "" : String(value);
  }

  const MOST_PARAM = 9, PARAM_DIGITS = 6;
  function param(value, text = String(value)) {
    const isLong = typeof value === "number" && !Number.isInteger(value) && text.length > MOST_PARAM;
    return isLong ? number(value, { digits: PARAM_DIGITS }) : text;
  }

  sitegen.format = { number, decimals: decimalsOf, signed, percent, points, count, compact, bytes,
    duration_s, duration_ns, money, date, exact, param };
})();

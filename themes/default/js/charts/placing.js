// How an x axis places the points of a series: by step, by time, or by another metric of the run.
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  const UNITS = [
    [86_400, "d"],
    [3_600, "h"],
    [60, "min"],
    [1, "s"],
  ];

  const known = (points) => points.times && Number.isFinite(points.firstTime);

  function startOf(points, { startUs }) {
    return Number.isFinite(startUs) && startUs <= points.firstTime ? startUs : points.firstTime;
  }

  /** [seconds, name] of the largest unit of which `timeSpan` (µs) has two. */
  const unitOf = (timeSpan) => UNITS.find(([length]) => timeSpan / 1e6 >= 2 * length) || UNITS.at(-1);

  /** Of another metric the last value logged at or before each step; NaN before its first. */
  function valuesAt({ steps, values }, wanted) {
    let at = -1;
    return Array.from(wanted, (step) => {
      while (at + 1 < steps.length && steps[at + 1] <= step) at += 1;
      return at < 0 ? NaN : values[at];
    });
  }

  // Values of a metric are found again as steps, which is exact where it does not fall.
  function alongMetric(other, kind) {
    const back = (value) => {
      if (!Number.isFinite(value)) return value;
      const at = other.values.findIndex((one) => one >= value);
      return at < 0 ? other.steps.at(-1) : other.steps[at];
    };
    return { kind, x: "step", title: other.name, of: ({ steps }) => valuesAt(other, steps), back };
  }

  /** How the x axis places points, in units of `settings.span` (µs) if given: {kind, suffix, title, x: "step" | "time", of(points), back(value on the axis)}. */
  function of(points, settings) {
    const { x, logX, other } = settings;
    const kind = logX ? "log" : "linear";
    if (other) return alongMetric(other, kind);
    if (x === "step" || !known(points)) return { kind, x: "step", of: ({ steps }) => steps, back: (v) => v };
    if (x === "wall") {
      const placed = ({ times }) => times.map((t) => t / 1000);
      return { kind: "date", x: "time", of: placed, back: (ms) => ms * 1000 };
    }
    const [start, [size, unit]] = [startOf(points, settings), unitOf(settings.span ?? points.timeSpan)];
    const placed = ({ times }) => times.map((t) => (t - start) / 1e6 / size);
    return { kind, suffix: ` ${unit}`, x: "time", of: placed, back: (v) => v * size * 1e6 + start };
  }

  sitegen.placing = { of };
})();

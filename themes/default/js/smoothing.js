// Smoothing of a series: pure functions of an array of numbers.
(() => {
  "use strict";
  const sitegen = (window.sitegen = window.sitegen || {});

  /**
   * The exponential moving average of `values`, without its bias towards 0 at the start.
   *
   * As in TensorBoard (classicSmoothing in
   * tensorboard/webapp/widgets/line_chart_v2/data_transformer.ts): with weight w,
   * s_i = w s_(i-1) + (1 - w) x_i from s_0 = 0, and the result is s_i / (1 - w^i). A non-finite
   * value stays in its place and does not enter the average, so gaps remain gaps; a constant series
   * stays exactly constant. Our deviation: null (no value) becomes NaN.
   */
  function ema(values, weight) {
    const first = values[0];
    const isConstant = values.every((value) => value === first);
    const smoothed = new Float64Array(values.length);
    let last = 0;
    let count = 0;
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i] === null ? NaN : values[i];
      if (isConstant || !Number.isFinite(value)) {
        smoothed[i] = value;
        continue;
      }
      last = last * weight + (1 - weight) * value;
      count += 1;
      smoothed[i] = weight === 1 ? last : last / (1 - weight ** count);
    }
    return smoothed;
  }

  sitegen.smoothing = { ema };
})();

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

  /**
   * The same average over points that stand for buckets: at point i, finite[i] points with the mean
   * means[i] enter at once, so that the weight is raised to their number. Where each point enters
   * by itself it is `ema`. A non-finite value stays in its place.
   */
  function bucketEma({ values, finite, means }, weight) {
    const first = values[0];
    if (values.every((value) => value === first)) return Float64Array.from(values);
    const smoothed = new Float64Array(values.length);
    let last = 0;
    let count = 0;
    for (let i = 0; i < values.length; i += 1) {
      if (finite[i] > 0) {
        const kept = weight ** finite[i];
        last = last * kept + (1 - kept) * means[i];
        count += finite[i];
      }
      const isPlain = weight === 1 || count === 0;
      smoothed[i] = Number.isFinite(values[i]) ? (isPlain ? last : last / (1 - weight ** count)) : values[i];
    }
    return smoothed;
  }

  /** About how many points an average of this weight looks at. */
  const spanOf = (weight) => 1 / (1 - weight);

  /**
   * Averages weighted by `kernel` of the distance in logged points, up to `reach`; at the ends over what there is.
   * A point that stands for a bucket enters with the mean of its finite points and their number.
   */
  function weighted({ values, finite, means, indexes }, reach, kernel) {
    const smoothed = new Float64Array(values.length);
    let begin = 0;
    for (let i = 0; i < values.length; i += 1) {
      while (indexes[i] - indexes[begin] > reach) begin += 1;
      let [sum, weight] = [0, 0];
      for (let j = begin; j < values.length && indexes[j] - indexes[i] <= reach; j += 1) {
        if (!(finite[j] > 0)) continue;
        const part = finite[j] * kernel(indexes[j] - indexes[i]);
        sum += part * means[j];
        weight += part;
      }
      smoothed[i] = Number.isFinite(values[i]) && weight > 0 ? sum / weight : values[i];
    }
    return smoothed;
  }

  /** A Gaussian whose standard deviation is half the span; as far as three of them. */
  function gaussian(points, weight) {
    const sigma = spanOf(weight) / 2;
    return weighted(points, 3 * sigma, (off) => Math.exp(-0.5 * (off / sigma) ** 2));
  }

  /** The mean of as many points as the span says, around each. */
  const running = (points, weight) => weighted(points, (Math.round(spanOf(weight)) - 1) / 2, () => 1);

  /** POINTS of series.js smoothed: `kind` "ema", "gauss" or "mean", `weight` from 0 to below 1. */
  function of(points, { smoothing: weight, kind }) {
    if (kind === "gauss") return gaussian(points, weight);
    if (kind === "mean") return running(points, weight);
    return points.isBucketed ? bucketEma(points, weight) : ema(points.values, weight);
  }

  sitegen.smoothing = { ema, bucketEma, gaussian, running, spanOf, of };
})();

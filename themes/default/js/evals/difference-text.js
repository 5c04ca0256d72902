/* What is said of a difference between two runs: the twin of sitegen/pages/compare/difference_text.py.
 *
 *   sitegen.differenceText.of(comparison, { eval, names: ["A", "B"], onlyA, onlyB }) -> { verdict, sentence, rest }
 *   .verdict(comparison) -> "better" | "worse" | "differs" | "open"
 *   .change(value, isRatio) "+3.4 pts" · .interval(low, high, isRatio) "0.5 to 6.3" · .p(p) ".025"
 * `comparison` is a scorer of sitegen.evalColumns.compare.
 */
(() => {
  "use strict";
  const ALPHA = 0.05;
  const { format } = sitegen;

  const plural = (count, word) => `${format.count(count)} ${count === 1 ? word : `${word}s`}`;

  function verdict({ found, holm, sign }) {
    const p = holm ?? found.p;
    if (found.low === null || found.high === null || found.difference === null || p === null) return "open";
    if ((found.low <= 0 && found.high >= 0) || p > ALPHA) return "open";
    if (sign === 0) return "differs";
    return found.difference * sign > 0 ? "better" : "worse";
  }

  const change = (value, isRatio) => (isRatio ? format.points(value) : format.signed(value, { digits: 3 }));

  function p(value) {
    if (value < 0.001) return "< .001";
    const text = value >= 0.0995 ? format.number(value, { decimals: 2 })
      : format.number(value, { decimals: 3 }).replace(/0$/, "");
    return text === "1.00" ? "1" : text.replace(/^0/, "");
  }

  function interval(low, high, isRatio) {
    const text = (end) => (isRatio ? format.points(end).replace(/\u00a0pts$/, "").replace(/^\+/, "")
      : format.number(end, { digits: 3 }));
    return `${text(low)} to ${text(high)}`;
  }

  function sentence(one, name, [a, b], hasResult) {
    const { found } = one, isRatio = one.kind === "boolean", subject = `${name} ${one.name}`;
    if (found.difference === null) return `${b} and ${a} cannot be compared on ${subject}`;
    const parts = [`${b} − ${a} = ${change(found.difference, isRatio)} on ${subject}`];
    if (found.low !== null) parts.push(`95 % CI ${interval(found.low, found.high, isRatio)}`);
    if (found.p !== null) {
      const own = p(found.p), adjusted = one.holm === null ? own : p(one.holm);
      parts.push(`p ${own.startsWith("<") ? own : `= ${own}`}${adjusted === own ? "" : ` (Holm ${adjusted})`}`);
    }
    parts.push(found.n > 0 ? plural(found.n, "pair") : "no sample in both");
    return `${hasResult ? "" : "No difference shown: "}${parts.join(", ")}`;
  }

  /** Samples in both runs that are no pair, and what they could change. */
  function leftOut(one, a, b) {
    const others = one.lost + one.gained + one.unscored;
    if (others === 0) return [];
    const told = [[one.lost, `only in ${a}`], [one.gained, `only in ${b}`], [one.unscored, "in neither"]]
      .filter(([count]) => count > 0).map(([count, where]) => `${format.count(count)} ${where}`).join(", ");
    const said = [`Left out of ${plural(one.found.n + others, "sample")} in both, by where they have a score: ${told}.`];
    if (one.failed !== null) said.push(`If they had failed: ${b} − ${a} = ${change(one.failed, true)}.`);
    return said;
  }

  function rest(one, told, [a, b], onlyA, onlyB) {
    const { found } = one, said = [];
    if (told === "better" || told === "worse") said.push(`${b[0].toUpperCase()}${b.slice(1)} is ${told}.`);
    if (found.n > 0) {
      const kept = format.count(found.n - found.raised - found.lowered);
      said.push(one.sign !== 0
        ? `${plural(one.better, "sample")} got better and ${format.count(one.worse)} got worse; ${kept} kept their score.`
        : `${plural(found.raised, "sample")} went up and ${format.count(found.lowered)} went down; ${kept} kept their score.`);
    }
    said.push(...leftOut(one, a, b));
    if (told === "open" && found.low !== null && found.low * found.high > 0) {
      said.push("The interval leaves out 0, but the p value is above .05.");
    }
    if (told === "open" && found.detectable !== null) {
      const size = change(found.detectable, one.kind === "boolean").replace(/^\+/, "");
      const pairs = found.n > 0 ? `With ${plural(found.n, "pair")}` : "With these samples";
      said.push(`${pairs} a difference of ${size} or more would be found in 80 % of repeats.`);
    }
    if (found.test !== null) {
      const clusters = found.n > 0 && found.clusters < found.n ? ` over ${plural(found.clusters, "cluster")}` : "";
      said.push(`${found.test[0].toUpperCase()}${found.test.slice(1)}${clusters}.`);
    }
    if (one.bh !== null && one.family > 1) said.push(`p by Benjamini–Hochberg over ${plural(one.family, "scorer")}: ${p(one.bh)}.`);
    said.push(`${plural(onlyA, "sample")} only in ${a}, ${format.count(onlyB)} only in ${b}.`);
    return said.join(" ");
  }

  function of(one, { eval: name, names = ["A", "B"], onlyA, onlyB }) {
    const told = verdict(one);
    return { verdict: told, sentence: sentence(one, name, names, told !== "open"), rest: rest(one, told, names, onlyA, onlyB) };
  }

  sitegen.differenceText = { of, verdict, change, interval, p, plural };
})();

/* What a comparison of two runs says of each scorer: verdict, means, differences, flips, distributions.
 *
 *   sitegen.evalScorers.nothing(shown) · .verdict(view) · .table(view, choose) · .side(view) -> elements
 *   .value(number, scorer) -> text of one score
 * view = { eval, a, b: runs, comparison: of sitegen.evalColumns.compare, scorer: the chosen one of it, onlyA, onlyB }
 */
(() => {
  "use strict";
  const { el, svg } = sitegen.dom;
  const { format } = sitegen;
  const PLOT = { width: 220, height: 18, pad: 6 };
  const BINS = 20, MOST_OPEN = 4;

  const isRatio = (one) => one.kind === "boolean";
  /** A mean with the decimals that both runs' means have. */
  function mean(value, one) {
    if (value === null) return "";
    if (isRatio(one)) return format.percent(value);
    return format.columnText(value, format.columnDecimals([one.found.meanA, one.found.meanB].filter(Number.isFinite)));
  }

  function value(number, one) {
    if (!Number.isFinite(number)) return "missing";
    if (isRatio(one)) return number === 1 ? "yes" : number === 0 ? "no" : format.percent(number, { decimals: 0 });
    return format.number(number);
  }

  /** Why there is nothing to compare: an eval without samples, or the scorers that each run has. */
  function nothing({ name, a, b, comparison }) {
    const sides = [["A", a, comparison.a], ["B", b, comparison.b]];
    const isEmpty = sides.some(([, , { n }]) => n === 0);
    const what = ({ kinds }) => (kinds.length === 0 ? "no sample is scored"
      : kinds.map((one) => `${one.name} (${one.kind})`).join(", "));
    return el("div", { class: "sg-empty" },
      el("p", { class: "sg-empty__title", text: isEmpty ? `There is no sample of ${name} to compare.` : `The runs have no scorer of ${name} in common.` }),
      ...sides.map(([letter, run, side]) => el("p", { class: "sg-empty__text" }, el("b", { text: letter }), ` ${run.name}: `,
        `${format.count(side.n)} ${side.n === 1 ? "sample" : "samples"}${side.n === 0 ? "" : `; scorers: ${what(side)}`}`)),
      !isEmpty && el("p", { class: "sg-empty__text", text: "Compared are scorers of one name that give numbers or yes and no in both." }));
  }

  function verdict({ eval: name, scorer, onlyA, onlyB }) {
    const told = sitegen.differenceText.of(scorer, { eval: name, onlyA, onlyB });
    const state = told.verdict === "better" || told.verdict === "worse" ? ` sg-verdict--${told.verdict}` : "";
    return el("div", { class: `sg-verdict${state}` },
      el("p", { class: "sg-verdict__sentence", text: told.sentence }), el("p", { text: told.rest }));
  }

  /** The interval around 0, B better to the right whichever the goal is. */
  function forest(one, most) {
    const { found, sign } = one, turn = sign < 0 ? -1 : 1;
    const middle = PLOT.width / 2, half = middle - PLOT.pad;
    const place = (number) => Math.round((middle + Math.max(-1, Math.min(1, (turn * number) / most)) * half) * 10) / 10;
    const y = PLOT.height / 2, told = sitegen.differenceText.verdict(one);
    const ink = told === "better" ? "good" : told === "worse" ? "bad" : told === "differs" ? "accent" : "quiet";
    const line = (d, extra = "") => svg("path", { class: `sg-line sg-line--thin ${extra}`, d });
    return svg("svg", { class: `sg-forest ${ink}`, width: PLOT.width, height: PLOT.height, viewBox: `0 0 ${PLOT.width} ${PLOT.height}`,
      role: "img", "aria-label": `difference ${sitegen.differenceText.change(found.difference, isRatio(one))}` },
    line(`M${middle} 0V${PLOT.height}`, "track sg-forest__zero"),
    found.low !== null && line(`M${place(found.low)} ${y}H${place(found.high)}M${place(found.low)} ${y - 4}v8M${place(found.high)} ${y - 4}v8`),
    svg("circle", { class: "sg-fill", cx: place(found.difference), cy: y, r: 3.5 }));
  }

  const reach = ({ found }) => Math.max(...[found.low, found.high, found.difference].map((end) => Math.abs(end ?? 0)));

  function row(one, view, choose, most) {
    const { found } = one, told = sitegen.differenceText.verdict(one), isOpen = told === "open";
    const tone = told === "better" ? " sg-good" : told === "worse" ? " sg-bad" : isOpen ? " sg-muted" : "";
    const cell = (content, extra = "") => el("td", { class: `sg-table__number${extra}` }, content);
    const bold = (content, isBold) => (isBold ? el("b", {}, content) : content);
    const isChosen = one === view.scorer;
    const goal = one.sign > 0 ? " ↑" : one.sign < 0 ? " ↓" : "";
    return el("tr", { class: isChosen ? "sg-table__row--selected" : null },
      el("th", { scope: "row", class: "sg-table__mono sg-table__lead" },
        el("button", { type: "button", class: "sg-linklike", "aria-pressed": String(isChosen), text: `${one.name}${goal}`,
          on: { click: () => choose(one.name) } })),
      cell(format.count(found.n)), cell(bold(mean(found.meanA, one), told === "worse"), " sg-table__sub"),
      cell(bold(mean(found.meanB, one), told === "better"), " sg-table__sub"),
      cell(found.difference === null ? "" : bold(sitegen.differenceText.change(found.difference, isRatio(one)), !isOpen), `${tone} sg-table__value`),
      el("td", { class: "sg-table__nowrap sg-table__aside", text: found.low === null ? "none" : sitegen.differenceText.interval(found.low, found.high, isRatio(one)) }),
      el("td", { class: "sg-evalcompare__forest" }, found.difference !== null && forest(one, most || 1)),
      cell(found.p === null ? "" : sitegen.differenceText.p(found.p)), cell(one.holm === null ? "" : sitegen.differenceText.p(one.holm)), cell(one.bh === null ? "" : sitegen.differenceText.p(one.bh)));
  }

  function table(view, choose) {
    const { scorers } = view.comparison;
    const most = 1.1 * Math.max(0, ...scorers.filter(isRatio).map(reach));
    const head = (text, isNumber = true) => el("th", { scope: "col", class: isNumber ? "sg-table__number" : null, text });
    const adjusted = (text, title) => el("th", { scope: "col", class: "sg-table__number" }, el("abbr", { title, text }));
    const rows = scorers.map((one) => row(one, view, choose, isRatio(one) ? most : 1.1 * reach(one)));
    const note = `${view.eval}, ${view.comparison.pair.ids.length > 0 ? "paired by sample id" : "no sample in both: not paired"}`;
    return el("section", { class: "sg-section" },
      el("header", { class: "sg-section__head" }, el("h4", { text: "Scorers" }), el("span", { class: "sg-section__note", text: note })),
      el("div", { class: "sg-table-frame", tabindex: "0", role: "region", "aria-label": "Scorers of both runs" },
        el("table", { class: "sg-table sg-table--phone" }, el("caption", { class: "sg-hidden", text: "Difference of the two runs by scorer" }),
          el("thead", {}, el("tr", {}, head("Scorer", false), head("pairs"), head("A"), head("B"), head("B − A"), head("95 % CI", false),
            el("th", { scope: "col" }, el("span", { class: "sg-evalcompare__sides" }, el("span", { text: "A better" }), el("span", { text: "B better" }))),
            head("p"), adjusted("Holm", "p adjusted so that any false find among these scorers is as likely as one alone would be"),
            adjusted("BH", "p by Benjamini–Hochberg: of what is found below it, that share is false on average"))),
          el("tbody", {}, rows))),
      open(view));
  }

  /** Of the other scorers without a result: the difference that these pairs would have shown. */
  function open({ comparison: { scorers }, scorer }) {
    const texts = scorers.filter((one) => one !== scorer && one.found.detectable !== null && sitegen.differenceText.verdict(one) === "open")
      .slice(0, MOST_OPEN).map((one) => {
        const size = sitegen.differenceText.change(one.found.detectable, isRatio(one)).replace(/^\+/, "");
        return `${one.name}: no difference shown; ${size} or more would be found in 80 % of repeats.`;
      });
    return texts.length > 0 && el("p", { class: "sg-table__foot", text: texts.join(" ") });
  }

  /** Beside the table: the 2 x 2 table of a boolean, the two distributions of a number. */
  function side(view) {
    const { scorer } = view;
    return scorer.found.flips !== null ? flipTable(scorer) : distribution(view);
  }

  function flipTable({ name, found: { flips } }) {
    const cell = (count, tone = "") => el("td", { class: `sg-table__number${tone}` }, tone ? el("b", { text: format.count(count) }) : format.count(count));
    const row = (label, one, other, toneOne, toneOther) => el("tr", {}, el("th", { scope: "row", text: label }),
      cell(one, toneOne), cell(other, toneOther), el("td", { class: "sg-table__number sg-muted", text: format.count(one + other) }));
    return el("section", { class: "sg-section" },
      el("header", { class: "sg-section__head" }, el("h4", { text: "Flips" }), el("span", { class: "sg-section__note sg-mono", text: name })),
      el("table", { class: "sg-table" }, el("caption", { class: "sg-hidden", text: `Samples by ${name} in A and B` }),
        el("thead", {}, el("tr", {}, el("td", {}), ["B yes", "B no", "all"].map((text) => el("th", { scope: "col", class: "sg-table__number", text })))),
        el("tbody", {}, row("A yes", flips.both, flips.onlyA, "", flips.onlyA > 0 ? " sg-bad" : ""),
          row("A no", flips.onlyB, flips.neither, flips.onlyB > 0 ? " sg-good" : "", ""))));
  }

  function counts(values, low, high) {
    const bins = new Array(BINS).fill(0);
    for (const one of values) {
      if (Number.isFinite(one)) bins[Math.min(BINS - 1, Math.floor(((one - low) / (high - low || 1)) * BINS))] += 1;
    }
    return bins;
  }

  function distribution({ a, b, scorer }) {
    const finite = [...scorer.valuesA, ...scorer.valuesB].filter(Number.isFinite);
    if (finite.length === 0) return null;
    const low = finite.reduce((one, other) => Math.min(one, other)), high = finite.reduce((one, other) => Math.max(one, other));
    const bins = [counts(scorer.valuesA, low, high), counts(scorer.valuesB, low, high)];
    const most = Math.max(...bins.flat()), width = 300, height = 70;
    const outline = (one) => `M0 ${height}${one.map((count, at) => {
      const y = Math.round((height - (count / most) * (height - 4)) * 10) / 10;
      return `L${(at * width) / BINS} ${y}H${((at + 1) * width) / BINS}`;
    }).join("")}L${width} ${height}`;
    return el("section", { class: "sg-section" },
      el("header", { class: "sg-section__head" }, el("h4", { text: "Distribution" }), el("span", { class: "sg-section__note sg-mono", text: scorer.name })),
      svg("svg", { class: "sg-evalcompare__bins", width, height, viewBox: `0 0 ${width} ${height}`, role: "img",
        "aria-label": `Distribution of ${scorer.name} in both runs, from ${format.number(low)} to ${format.number(high)}` },
      svg("path", { class: "sg-line sg-line--series s1", d: outline(bins[0]) }), svg("path", { class: "sg-line sg-line--series s2", d: outline(bins[1]) })),
      el("p", { class: "sg-evalcompare__ends" }, el("span", { text: format.number(low) }), el("span", { text: format.number(high) })),
      el("p", { class: "sg-second sg-muted" }, el("span", { class: "sg-swatch s1" }), ` A ${a.name} `, el("span", { class: "sg-swatch s2" }), ` B ${b.name}`));
  }

  sitegen.evalScorers = { nothing, verdict, table, side, value };
})();

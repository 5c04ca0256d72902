/* Where the compared runs come from: source, data sets, models, environment, packages.
 *
 *   sitegen.compareFacts.drawInto(panel, view)
 * A range of commits is a link where the host is known, made by the server's rule in sitegen/pages/links.py.
 */
(() => {
  "use strict";
  const { el } = sitegen.dom;
  const SHORT = 12;

  const texts = (facts) => Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : String(value)]));

  const named = (list, name) => Object.fromEntries(list.map((one) => [
    [one.name, one.split, one.context].filter(Boolean).join(" "),
    [one.version, one.stage, one.digest ?? "no digest", one.rows && `${sitegen.format.count(one.rows)} rows`,
      one.size_bytes && sitegen.format.bytes(one.size_bytes), one.uri ?? one.path].filter(Boolean).join(" · "),
  ]).map(([title, text]) => [title || name, text]));

  /** The web address of a repository, null if it has none (the twin of repository_url). */
  function address(repository) {
    let text = (repository ?? "").trim();
    const ssh = /^git@([^:]+):(.*)$/.exec(text);
    if (ssh) text = `https://${ssh[1]}/${ssh[2]}`;
    text = text.replace(/^(\s*[\w+.-]+:\/\/)[^/?#]*@/, "$1").replace(/\/$/, "").replace(/\.git$/, "");
    return /^https?:\/\/[^/?#\s]/.test(text) ? text : null;
  }

  /** Links to what changed between the first run's commit and those of the others. */
  function ranges([first, ...others]) {
    const from = first.data.source.commit, base = address(first.data.source.repository), seen = new Set();
    return others.flatMap(({ data, name }) => {
      const to = data.source.commit;
      if (!from || !to || from === to || seen.has(to) || address(data.source.repository) !== base) return [];
      seen.add(to);
      const label = `${from.slice(0, SHORT)}…${to.slice(0, SHORT)}`, isHex = /^\w+$/.test(from) && /^\w+$/.test(to);
      const middle = base?.split("/")[2].includes("gitlab") ? "/-/compare/" : "/compare/";
      return [el("p", {}, `Commits from ${first.name} to ${name}: `,
        base && isHex ? el("a", { href: `${base}${middle}${from}...${to}`, rel: "noopener noreferrer nofollow", class: "sg-mono", text: label })
          : el("span", { class: "sg-mono", text: `git diff ${from.slice(0, SHORT)}..${to.slice(0, SHORT)}` }))];
    });
  }

  function drawInto(panel, { runs }) {
    const all = sitegen.state.get("facts") === "all";
    const table = (title, label, read, none) => {
      const rows = sitegen.compareTable.rows(runs, read);
      return rows.length ? sitegen.compareTable.element({ title, label, runs, rows, all, key: "facts", none }) : null;
    };
    const source = table("Source", "Fact", ({ data }) => texts(data.source));
    source?.append(...ranges(runs));
    const dirty = runs.filter(({ data }) => data.source.dirty).map(({ name }) => name);
    if (dirty.length) source?.append(el("p", { class: "sg-warn", text: `Uncommitted changes in ${dirty.join(", ")}: the commit is not all of the code.` }));
    const found = [
      source,
      table("Data sets", "Data set", ({ data }) => named(data.datasets, "data set"), "none"),
      table("Models", "Model", ({ data }) => named(data.models, "model"), "none"),
      table("Run", "Fact", ({ data }) => texts({ experiment: data.experiment, status: data.status, ...data.facts })),
      table("Environment", "Fact", ({ data }) => texts(data.environment)),
      table("Packages", "Package", ({ data }) => data.packages, "none"),
    ].filter(Boolean);
    panel.replaceChildren(...found);
  }

  sitegen.compareFacts = { drawInto, address };
})();

/* Menus beside the filter of samples that write its conditions: the range of a number, yes or no, labels, tags.
 *
 *   sitegen.scoreMenus.choose(grid, name, conditions)   conditions on one column, instead of those there
 *   .range(name, low, high, { isOpen }) -> conditions; null is no end, isOpen leaves `high` itself out
 * Markup: `[data-score-menu-for]`, `[data-tag-menu-for]` with the id of the table.
 */
(() => {
  "use strict";
  const { el, svg } = sitegen.dom;
  const MOST_LABELS = 12, MOST_TAGS = 60;
  const TEXTS = ["input", "output"];

  const holderOf = (grid, kind) => document.querySelector(`[data-${kind}-menu-for="${CSS.escape(grid.element.id)}"]`);
  const down = () => svg("svg", { class: "sg-icon", width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: "m5 6.5 3 3 3-3" }));
  const textOf = (grid) => grid.get("filter", "");

  function choose(grid, name, conditions) {
    const text = sitegen.filter.withConditions(textOf(grid), name, conditions, TEXTS);
    grid.resetScroll = true;
    if (grid.box) grid.box.set(text);
    else grid.set({ filter: text });
  }
  function range(name, low, high, { isOpen = false } = {}) {
    const field = sitegen.filter.written(name), equal = low !== null && low === high;
    if (equal) return [`${field} = ${low}`];
    return [low !== null && `${field} >= ${low}`, high !== null && `${field} ${isOpen ? "<" : "<="} ${high}`].filter(Boolean);
  }

  /** The ends that the filter has now. */
  function endsOf(grid, name) {
    const ends = { low: "", high: "" };
    for (const condition of sitegen.filter.conditionsOf(textOf(grid), name)) {
      const found = /(>=|>|<=|<|=)\s*([-+\d.eE]+)$/.exec(condition);
      if (found === null) continue;
      if (found[1] !== "<" && found[1] !== "<=") ends.low = found[2];
      if (found[1] !== ">" && found[1] !== ">=") ends.high = found[2];
    }
    return ends;
  }

  function numbers(grid, { name, label }) {
    const ends = endsOf(grid, name);
    const input = (which, placeholder) => el("input", { class: "sg-input sg-scoremenu__end", type: "number", step: "any", value: ends[which], placeholder,
      "aria-label": `${label}, ${which === "low" ? "lowest" : "highest"}`, on: { change: apply } });
    const low = input("low", "lowest"), high = input("high", "highest");
    function apply() {
      const end = ({ value }) => (value === "" || !Number.isFinite(Number(value)) ? null : Number(value));
      choose(grid, name, range(name, end(low), end(high)));
    }
    return [low, el("span", { class: "sg-muted", text: "to" }), high];
  }

  function choices(grid, { name }, values) {
    const field = sitegen.filter.written(name), now = sitegen.filter.conditionsOf(textOf(grid), name);
    return [el("div", { class: "sg-segments sg-scoremenu__values" }, values.map(([value, text]) => {
      const condition = `${field} = ${sitegen.filter.literal(value)}`, isOn = now.includes(condition);
      return el("button", { type: "button", class: "sg-segments__segment", "aria-pressed": String(isOn), text,
        on: { click: () => { choose(grid, name, isOn ? [] : [condition]); } } });
    }))];
  }

  /** Labels by how often they stand. */
  function labelsOf(grid, name) {
    const { words = [], codes = [] } = grid.frame.column(name) ?? {}, counts = new Map();
    for (const code of codes) if (code >= 0) counts.set(words[code], (counts.get(words[code]) ?? 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1]).slice(0, MOST_LABELS).map(([label, count]) => [label, `${label} ${sitegen.format.count(count)}`]);
  }

  function controls(grid, column) {
    if (column.values === "boolean") return choices(grid, column, [[true, "yes"], [false, "no"]]);
    if (column.values === "number") return numbers(grid, column);
    return column.values === "label" ? choices(grid, column, labelsOf(grid, column.name)) : null;
  }

  function menu(label, fill) {
    const body = el("div", { class: "sg-menu__panel sg-scoremenu", role: "group", "aria-label": label });
    const holder = el("details", { class: "sg-menu sg-menu--start", on: { toggle: () => { if (holder.open) fill(body); } } },
      el("summary", { class: "sg-button" }, label, " ", down()), body);
    return { holder, refill: () => { if (holder.open && !body.contains(document.activeElement)) fill(body); } };
  }

  function scoreMenu(grid) {
    const columns = grid.schema.columns.filter(({ kind, values }) => kind === "score" && values);
    return columns.length === 0 ? null : menu("Score", (body) => body.replaceChildren(...columns.map((column) =>
      el("div", { class: "sg-scoremenu__row" }, el("span", { class: "sg-mono sg-ellipsis", title: column.label, text: column.label }),
        el("span", { class: "sg-scoremenu__controls" }, controls(grid, column))))));
  }

  function tagMenu(grid) {
    if (grid.columnOf("tags") === null) return null;
    return menu("Tag", (body) => {
      const counts = new Map(), field = "tags";
      for (let row = 0; row < grid.frame.n; row += 1) for (const tag of grid.frame.value(field, row) ?? []) counts.set(tag, (counts.get(tag) ?? 0) + 1);
      const now = sitegen.filter.conditionsOf(textOf(grid), field);
      const shown = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, MOST_TAGS);
      body.replaceChildren(...shown.map(([tag, count]) => {
        const condition = `${field} contains ${sitegen.filter.literal(tag)}`;
        return el("label", { class: "sg-menu__choice" }, el("input", { type: "checkbox", class: "sg-check__box", checked: now.includes(condition),
          on: { change: (event) => choose(grid, field, event.target.checked ? [...sitegen.filter.conditionsOf(textOf(grid), field), condition]
            : sitegen.filter.conditionsOf(textOf(grid), field).filter((one) => one !== condition)) } }),
        " ", tag, " ", el("span", { class: "sg-muted", text: sitegen.format.count(count) }));
      }));
    });
  }

  sitegen.grid.extend((grid) => {
    for (const [kind, make] of [["score", scoreMenu], ["tag", tagMenu]]) {
      const place = holderOf(grid, kind), made = place && make(grid);
      if (!made) continue;
      place.append(made.holder);
      grid.element.addEventListener("sg:rows", made.refill);
    }
  });
  sitegen.scoreMenus = { choose, range };
})();

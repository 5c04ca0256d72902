/* The menus of a grid: which columns, in which order, pinned or not; groups; only what differs; files.
 *
 * Markup: <span data-columns-for="runs-table">, <span data-group-for>, <button data-differ-for aria-pressed>,
 *   <span data-export-for data-export-name="runs">, <span data-sort-for> (phones). All state stands in the hash.
 *   sitegen.gridColumns.visible(grid) -> names of the columns to show
 */
(() => {
  "use strict";
  const { el, svg } = sitegen.dom;
  const MOST_LISTED = 150, SEED = /(^|[._/])seed$/i;
  const box = { class: "sg-icon", width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" };
  const ICONS = {
    columns: () => svg("svg", box, svg("rect", { x: 2.5, y: 3.5, width: 11, height: 9, rx: 1 }), svg("path", { d: "M6.2 3.5v9M9.8 3.5v9" })),
    down: () => svg("svg", box, svg("path", { d: "m5 6.5 3 3 3-3" })),
    up: () => svg("svg", box, svg("path", { d: "m5 9.5 3-3 3 3" })),
    pin: () => svg("svg", box, svg("path", { d: "M6 2.5h4M6.5 2.5v4l-2 2.5h7l-2-2.5v-4M8 9v4.5" })),
    download: () => svg("svg", box, svg("path", { d: "M8 2.5v7.5M5 7.200l3 3 3-3M3 13h10" })),
  };
  const holderOf = (grid, name) => document.querySelector(`[data-${name}-for="${CSS.escape(grid.element.id)}"]`);
  const join = (names) => (names.length === 0 ? null : sitegen.state.join(names));

  // Which columns
  function visible(grid) {
    const names = grid.isNarrow ? grid.chosenNames.filter((name) => !grid.columnOf(name).style?.includes("aside")) : grid.chosenNames;
    if (!grid.isDiffering) return names;
    const chosen = grid.selected?.().map((key) => grid.rowOf(key)).filter((row) => row !== null) ?? [];
    const rows = chosen.length > 1 ? chosen : grid.found;
    return names.filter((name) => grid.columnOf(name).is_fixed || differs(grid, name, rows));
  }
  function differs(grid, name, rows) {
    const { frame } = grid, column = grid.columnOf(name);
    if (["spark", "delta", "points"].includes(column.kind)) return true;
    const text = (row) => JSON.stringify(frame.value(name, row));
    const first = text(rows[0]);
    for (const row of rows) if (text(row) !== first) return true;
    return false;
  }

  function setColumns(grid, names) {
    const isStandard = names.length === grid.standardNames.length && names.every((name, at) => name === grid.standardNames[at]);
    grid.set({ columns: isStandard ? null : sitegen.state.join(names) });
  }
  function move(grid, name, step) {
    const names = [...grid.chosenNames], at = names.indexOf(name), to = at + step;
    if (at < 0 || to < 0 || to >= names.length) return;
    [names[at], names[to]] = [names[to], names[at]];
    setColumns(grid, names);
  }

  const SECTIONS = [["params.", "Params"], ["metrics.", "Metrics"], ["scores.", "Scores"], ["evals.", "Evals"], ["metadata.", "Metadata"],
    ["last.", "Last values"], ["min.", "Smallest values"], ["max.", "Largest values"], ["delta.", "Differences to the baseline"], ["spark.", "Over steps"]];
  const sectionOf = (name) => SECTIONS.find(([start]) => name.startsWith(start))?.[1] ?? "About";

  function columnMenu(grid, holder) {
    const summary = el("summary", { class: "sg-button" });
    const search = el("input", { class: "sg-input sg-grid__search", type: "search", placeholder: "Find a column", "aria-label": "Find a column",
      spellcheck: "false", autocomplete: "off", on: { input: () => list() } });
    const body = el("div", { class: "sg-grid__choices" });
    const reset = el("button", { type: "button", class: "sg-link", text: "As at first",
      on: { click: () => { grid.set({ columns: null, pin: null, widths: null }); } } });
    const panel = el("div", { class: "sg-menu__panel sg-grid__menu", role: "group", "aria-label": "Columns" }, search, body, reset);
    const menu = el("details", { class: "sg-menu", on: { toggle: () => { if (menu.open) { list(); search.focus(); } } } }, summary, panel);
    holder.append(menu);

    function choice(column) {
      const at = grid.chosenNames.indexOf(column.name), isShown = at >= 0;
      const check = el("input", { type: "checkbox", class: "sg-check__box", checked: isShown, disabled: column.is_fixed === true,
        on: { change: () => setColumns(grid, check.checked ? [...grid.chosenNames, column.name] : grid.chosenNames.filter((name) => name !== column.name)) } });
      const act = (name, label, icon, run, more = {}) => el("button", { type: "button", class: "sg-button sg-button--quiet sg-button--icon sg-button--small",
        "aria-label": `${label} ${column.label}`, title: label, data: { act: `${name} ${column.name}` }, on: { click: run }, ...more }, icon());
      const isPinned = grid.pinned.has(column.name);
      const isFree = isShown && !column.is_fixed;
      return el("div", { class: "sg-grid__choice" },
        el("label", { class: "sg-menu__choice", title: column.title ?? column.name }, check, " ", el("span", { class: "sg-ellipsis", text: column.label || column.name }),
          column.note && el("span", { class: "sg-muted", text: ` ${column.note}` })),
        isFree && act("pin", isPinned ? "Let go" : "Pin", ICONS.pin, () => grid.set({ pin: join([...grid.pinned].filter((name) => !grid.columnOf(name).is_fixed)
          .filter((name) => name !== column.name).concat(isPinned ? [] : [column.name])) }), { "aria-pressed": String(isPinned) }),
        isFree && act("up", "Move to the left", ICONS.up, () => move(grid, column.name, -1)),
        isFree && act("down", "Move to the right", ICONS.down, () => move(grid, column.name, 1)));
    }
    function list() {
      const focused = document.activeElement?.dataset?.act, wanted = sitegen.filter.fold(search.value.trim());
      const isWanted = (column) => wanted === "" || sitegen.filter.fold(`${column.name} ${column.label}`).includes(wanted);
      const shown = grid.chosenNames.map(grid.columnOf).filter(isWanted);
      const rest = grid.schema.columns.filter((column) => !grid.chosenNames.includes(column.name) && isWanted(column));
      const sections = new Map([["Shown", shown]]);
      for (const column of rest.slice(0, MOST_LISTED)) {
        const title = sectionOf(column.name);
        sections.set(title, [...(sections.get(title) ?? []), column]);
      }
      const more = rest.length - MOST_LISTED;
      body.replaceChildren(...[...sections].filter(([, columns]) => columns.length > 0).flatMap(([title, columns]) =>
        [el("p", { class: "sg-menu__title", text: title }), ...columns.map(choice)]),
      ...(more > 0 ? [el("p", { class: "sg-muted sg-second", text: `${sitegen.format.count(more)} more: name a part of theirs above` })] : []));
      if (focused) [...body.querySelectorAll("[data-act]")].find((one) => one.dataset.act === focused)?.focus();
    }
    return () => {
      summary.replaceChildren(ICONS.columns(), ` Columns ${grid.shownNames.length}`);
      if (menu.open) list();
    };
  }

  // Groups
  function groupChoices(grid) {
    const { schema } = grid;
    const params = schema.columns.filter(({ name, kind }) => kind === "param" && name.startsWith("params."));
    const shown = params.filter((column) => column.is_shown || grid.chosenNames.includes(column.name));
    const unseeded = shown.filter(({ name }) => !SEED.test(name)).map(({ name }) => name);
    const presets = [["Nothing", null]];
    if (unseeded.length > 0 && unseeded.length < shown.length) presets.push(["All params but seed", sitegen.state.join(unseeded)]);
    if (grid.frame.column("parent") !== null) presets.push(["Parent and child runs", "tree"]);
    const names = [...new Set([...grid.groupBy, ...schema.columns.filter(({ kind, name }) => ["param", "status", "text", "code", "score", "tags", "value"].includes(kind) && name !== "id")
      .map(({ name }) => name)])];
    return { presets, columns: names.map(grid.columnOf) };
  }
  function groupMenu(grid, holder) {
    const summary = el("summary", { class: "sg-button" });
    const panel = el("div", { class: "sg-menu__panel sg-grid__menu", role: "group", "aria-label": "Group by" });
    const menu = el("details", { class: "sg-menu", on: { toggle: () => { if (menu.open) list(); } } }, summary, panel);
    holder.append(menu);
    const choose = (group) => { grid.resetScroll = true; grid.set({ group, fold: null }); };
    function list() {
      const { presets, columns } = groupChoices(grid), now = grid.get("group");
      const foldAll = () => grid.set({ fold: grid.folded.size > 0 ? null
        : sitegen.state.join([...new Set(Array.from(grid.lines).filter(({ size }) => size > 0).map(({ group, row }) => group?.key ?? grid.keyOf(row)))]) });
      panel.replaceChildren(...presets.map(([label, value]) => el("button", { type: "button", class: "sg-menu__choice",
        "aria-pressed": String(now === value), text: label, on: { click: () => { choose(value); menu.open = false; } } })),
      ...(now === null ? [] : [el("button", { type: "button", class: "sg-menu__choice", text: grid.folded.size > 0 ? "Unfold all" : "Fold all", on: { click: foldAll } })]),
      el("p", { class: "sg-menu__title", text: "By columns" }),
      ...columns.slice(0, MOST_LISTED).map((column) => {
        const check = el("input", { type: "checkbox", class: "sg-check__box", checked: grid.groupBy.includes(column.name), on: { change: () =>
          choose(join(check.checked ? [...grid.groupBy, column.name] : grid.groupBy.filter((name) => name !== column.name))) } });
        return el("label", { class: "sg-menu__choice" }, check, " ", el("span", { class: "sg-ellipsis", text: column.label || column.name }));
      }));
    }
    return () => {
      const labels = grid.isTree ? "parents" : grid.groupBy.map((name) => grid.columnOf(name).label).join(", ");
      const isOn = labels !== "";
      summary.setAttribute("aria-pressed", String(isOn));
      summary.replaceChildren(el("span", { class: "sg-ellipsis sg-grid__by", text: isOn ? `Group: ${labels}` : "Group" }), " ", ICONS.down());
      if (menu.open && isOn) list();
    };
  }

  // Order on a phone, where rows have no head
  function sortMenu(grid, holder) {
    const select = el("select", { class: "sg-input sg-select", "aria-label": "Sort by", on: { change: () => {
      grid.resetScroll = true;
      grid.set({ sort: select.value === grid.schema.order || select.value === "" ? null : select.value });
    } } });
    holder.append(el("span", { class: "sg-select-frame" }, select, ICONS.down()));
    return () => {
      const columns = grid.columns().filter(({ kind }) => kind !== "spark");
      const escaped = (name) => sitegen.state.join([name]);
      const options = columns.flatMap(({ name, label, first }) => (first === "desc" ? ["desc", "asc"] : ["asc", "desc"]).map((way) =>
        el("option", { value: `${escaped(name)}:${way}`, text: `${label} ${way === "asc" ? "▲" : "▼"}` })));
      if (!columns.some(({ name }) => grid.schema.order.startsWith(`${name}:`))) options.unshift(el("option", { value: "", text: "As listed" }));
      select.replaceChildren(...options);
      select.value = grid.get("sort", grid.schema.order);
    };
  }

  function exportMenu(grid, holder) {
    const name = holder.dataset.exportName ?? "table";
    const press = async (run, end, type) => {
      menu.open = false;
      sitegen.dom.download(`${name}.${end}`, type, await run(grid));
    };
    const menu = el("details", { class: "sg-menu" }, el("summary", { class: "sg-button sg-button--quiet" }, ICONS.download(), " Export"),
      el("div", { class: "sg-menu__panel", role: "group", "aria-label": "Export" },
        el("button", { type: "button", class: "sg-menu__choice", text: "CSV", on: { click: () => press(sitegen.gridFile.csv, "csv", "text/csv;charset=utf-8") } }),
        el("button", { type: "button", class: "sg-menu__choice", text: "JSON Lines", on: { click: () => press(sitegen.gridFile.jsonLines, "jsonl", "application/jsonl;charset=utf-8") } })));
    holder.append(menu);
  }

  function addMenus(grid) {
    const shows = [];
    for (const [name, make] of [["columns", columnMenu], ["group", groupMenu], ["sort", sortMenu]]) {
      const holder = holderOf(grid, name);
      if (holder !== null) shows.push(make(grid, holder));
    }
    const exports = holderOf(grid, "export"), differ = holderOf(grid, "differ");
    if (exports !== null) exportMenu(grid, exports);
    differ?.addEventListener("click", () => grid.set({ differ: grid.isDiffering ? null : 1 }));
    const show = () => {
      differ?.setAttribute("aria-pressed", String(grid.isDiffering));
      for (const one of shows) one();
    };
    show();
    grid.element.addEventListener("sg:rows", show);
  }

  sitegen.gridColumns = { visible };
  sitegen.grid.extend(addMenus);
})();

/* Drafts on their way into a repository: as a patch, or as a page of the host with the file filled in.
 *
 *   sitegen.proposals.patch(drafts)      -> text that `git apply` takes
 *   sitegen.proposals.page(draft, place) -> { url, content } of the host's page, null if its pages are not known;
 *                                           content is what has to be pasted there, null if nothing has to
 *   sitegen.proposals.newText(draft)     -> the file as it will be, "" if it is removed
 * An address is at most MOST characters long; a longer text is pasted.
 */
(() => {
  "use strict";
  const MOST = 6000, CONTEXT = 3;
  const encode = (path) => path.split("/").map(encodeURIComponent).join("/");
  const newText = (draft) => (draft.op === "remove" ? "" : sitegen.drafts.text(draft.document));

  /** A name as git writes it: quoted if it holds a quote, a backslash or a control character. */
  function quoted(path) {
    if (!/["\\\u0000-\u001f\u007f]/.test(path)) return path;
    const escaped = path.replaceAll(/["\\]/g, "\\$&").replaceAll(/[\u0000-\u001f\u007f]/g, (one) => `\\${one.charCodeAt(0).toString(8).padStart(3, "0")}`);
    return `"${escaped}"`;
  }

  const header = (mark, path) => `${mark} ${quoted(path)}${path.includes(" ") ? "\t" : ""}\n`;

  function lines(whole) {
    if (whole === "") return [];
    const found = whole.split("\n");
    const last = found.pop();
    const ended = found.map((line) => `${line}\n`);
    return last === "" ? ended : [...ended, `${last}\n\\ No newline at end of file\n`];
  }

  function hunk(before, after) {
    let start = 0, end = 0;
    const shortest = Math.min(before.length, after.length);
    while (start < shortest && before[start] === after[start]) start += 1;
    while (end < shortest - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
    const from = Math.max(0, start - CONTEXT), rest = Math.max(0, end - CONTEXT);
    const range = (all) => {
      const count = all.length - from - rest;
      return `${count === 0 ? from : from + 1},${count}`;
    };
    const body = [
      ...before.slice(from, start).map((line) => ` ${line}`),
      ...before.slice(start, before.length - end).map((line) => `-${line}`),
      ...after.slice(start, after.length - end).map((line) => `+${line}`),
      ...before.slice(before.length - end, before.length - rest).map((line) => ` ${line}`),
    ];
    return `@@ -${range(before)} +${range(after)} @@\n${body.join("")}`;
  }

  function filePatch(draft) {
    const one = `a/${draft.file}`, other = `b/${draft.file}`;
    const head = `diff --git ${quoted(one)} ${quoted(other)}\n`;
    const change = hunk(lines(draft.old ?? ""), lines(newText(draft)));
    if (draft.op === "add") return `${head}new file mode 100644\n--- /dev/null\n${header("+++", other)}${change}`;
    if (draft.op === "remove") return `${head}deleted file mode 100644\n${header("---", one)}+++ /dev/null\n${change}`;
    return `${head}${header("---", one)}${header("+++", other)}${change}`;
  }

  /** Gitea and Forgejo take the folder in the path, in all versions, and the name apart from it. */
  function inFolder(path, value) {
    const at = path.lastIndexOf("/");
    return `${encode(path.slice(0, Math.max(at, 0)))}?filename=${encodeURIComponent(path.slice(at + 1))}&value=${encodeURIComponent(value)}`;
  }

  const PAGES = {
    github: { add: "new", edit: "edit", remove: "delete", filled: (path, value) => `?filename=${encodeURIComponent(path)}&value=${encodeURIComponent(value)}` },
    gitea: { add: "_new", edit: "_edit", remove: "_delete", filled: inFolder },
    gitlab: { add: "-/new", edit: "-/edit", remove: "-/blob", filled: (path) => `?file_name=${encodeURIComponent(path)}` },
  };

  function page(draft, place) {
    const pages = PAGES[place.host];
    if (pages === undefined || !/^https?:\/\//.test(place.url)) return null;
    const base = `${place.url}/${pages[draft.op]}/${encode(place.branch)}`;
    const content = newText(draft);
    if (draft.op === "remove") return { url: `${base}/${encode(draft.file)}`, content: null };
    if (draft.op === "edit") return { url: `${base}/${encode(draft.file)}`, content };
    const cut = place.host === "gitlab" ? [draft.file, ""] : [draft.file, content];
    const whole = `${base}${place.host === "github" ? "" : "/"}${pages.filled(...cut)}`;
    const isFilled = place.host !== "gitlab" && whole.length <= MOST;
    if (isFilled) return { url: whole, content: null };
    return { url: `${base}${place.host === "github" ? "" : "/"}${pages.filled(draft.file, "")}`, content };
  }

  sitegen.proposals = { patch: (drafts) => drafts.map(filePatch).join(""), page, newText, MOST };
})();

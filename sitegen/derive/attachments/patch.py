"""A unified diff as a document: a section for each file, its lines marked as added or removed.

Floor 3. Lines keep their `+` and `-`, so that nothing is said by colour alone; added lines are
`<ins>`, removed ones `<del>`, which readers that do not see the colour are told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field

from sitegen.derive.attachments.document import Node, element
from sitegen.derive.attachments.views import View
from sitegen.records import dataclass
from sitegen.units import count_text, plural

MOST_LINES = 5_000
"""Most lines that are marked; the rest stands in the source."""
_OPEN_FILES = 20
_HEADER = re.compile(
    r"diff --git |index [0-9a-f]|--- |\+\+\+ |new file mode|deleted file mode|old mode|new mode"
    r"|similarity index|rename (from|to) |copy (from|to) |Binary files |GIT binary patch"
)
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(slots=True)
class _File:
    """One file of the diff while it is read."""

    name: str = ""
    """Its path; empty for what comes before the first."""
    added: int = 0
    """Lines added."""
    removed: int = 0
    """Lines removed."""
    lines: list[Node] = field(default_factory=list)
    """All its lines."""


def patch_view(text: str, notes: list[str]) -> tuple[View, str] | None:
    """The diff as a document, and `3 files, +12 −4`; None if *text* is none."""
    lines = text.rstrip("\n").split("\n")
    files = list(_files(lines[:MOST_LINES]))
    if not any(one.added or one.removed for one in files):
        return None
    if len(lines) > MOST_LINES:
        notes = [*notes, f"The first {count_text(MOST_LINES)} of {plural(len(lines), 'line')}."]
    named = [one for one in files if one.name]
    added, removed = sum(one.added for one in files), sum(one.removed for one in files)
    facts = f"{plural(len(named) or 1, 'file')}, {_signs(added, removed)}"
    nodes = tuple(_section(one, is_open=at < _OPEN_FILES) for at, one in enumerate(files))
    return View(kind="document", name="Diff", note=" ".join(notes), nodes=nodes), facts


def _signs(added: int, removed: int) -> str:
    return f"+{count_text(added)} \N{MINUS SIGN}{count_text(removed)}"


def _files(lines: list[str]) -> Iterator[_File]:
    """The files in order; what comes before the first (a mail's head) is one without a name."""
    current, left_old, left_new = _File(), 0, 0
    for line in lines:
        hunk = _HUNK.match(line)
        is_inside = left_old > 0 or left_new > 0
        if hunk:
            left_old, left_new = (int(hunk[at] or 1) if hunk[at] != "0" else 0 for at in (2, 4))
            current.lines.append(element("span", f"{line}\n", class_="sg-patch__hunk"))
        elif is_inside and line[:1] == "+":
            current.added, left_new = current.added + 1, left_new - 1
            current.lines.append(element("ins", f"{line}\n", class_="sg-patch__line"))
        elif is_inside and line[:1] == "-":
            current.removed, left_old = current.removed + 1, left_old - 1
            current.lines.append(element("del", f"{line}\n", class_="sg-patch__line"))
        elif is_inside and line[:1] in {" ", ""}:
            left_old, left_new = left_old - 1, left_new - 1
            current.lines.append(element("span", f"{line}\n", class_="sg-patch__line"))
        elif line.startswith("diff --git ") or (
            line.startswith("--- ") and not _is_headed(current)
        ):
            if current.lines or current.name:
                yield current
            current, left_old, left_new = _begun(line), 0, 0
        elif _HEADER.match(line) or line.startswith("\\"):
            current.name = _name(line) or current.name
            current.lines.append(element("span", f"{line}\n", class_="sg-patch__head"))
        else:
            current.lines.append(element("span", f"{line}\n", class_="sg-patch__line"))
    if current.lines or current.name:
        yield current


def _is_headed(file: _File) -> bool:
    """Whether the head of *file* has begun and no line of it has come."""
    return bool(file.name) and not file.added and not file.removed


def _begun(line: str) -> _File:
    file = _File(name=_name(line) or "?")
    file.lines.append(element("span", f"{line}\n", class_="sg-patch__head"))
    return file


def _name(line: str) -> str | None:
    """The path that a header line names, without `a/` and `b/`."""
    for prefix in ("+++ ", "--- "):
        if line.startswith(prefix):
            path = line.removeprefix(prefix).partition("\t")[0].strip()
            return None if path == "/dev/null" else re.sub(r"^[ab]/", "", path)
    if line.startswith("diff --git "):
        return re.sub(r"^b/", "", line.rpartition(" ")[2])
    return None


def _section(file: _File, *, is_open: bool) -> Node:
    code = element("pre", *file.lines, class_="sg-code sg-code--wrap sg-patch__code", tabindex="0")
    if not file.name:
        return code
    head = element(
        "summary", element("span", file.name, class_="sg-patch__name"), " ",
        element("span", _signs(file.added, file.removed), class_="sg-patch__count"),
        class_="sg-patch__summary",
    )  # fmt: skip
    attributes = {"open": ""} if is_open else {}
    return element("details", head, code, class_="sg-patch__file", **attributes)

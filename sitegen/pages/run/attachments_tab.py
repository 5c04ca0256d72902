"""The Attachments tab: the tree of files and what a page without script can show of them.

Floor 4. The context of templates/tabs/attachments.html. Larger previews lie in data files, whose
keys stand in the rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from sitegen import units
from sitegen.bundle.paths import sha10
from sitegen.derive.attachments.facts import AttachmentFacts, AttachmentsFacts, SeriesFacts
from sitegen.derive.attachments.views import Column, View
from sitegen.pages.links import state_hash
from sitegen.pages.parts import Empty
from sitegen.records import dataclass

_OPEN_FILES = 20
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LOG_EXAMPLE = 'run.log_artifact("predictions.csv")\nrun.log_artifact("figures/")'


@dataclass(frozen=True, slots=True, kw_only=True)
class CellView:
    """A cell of a table's preview."""

    text: str
    """What is shown."""
    tone: str
    """`faint` for words of ours, `bad` for NaN and infinities, else empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """A file in the tree."""

    path: str
    """Path below attachments/."""
    name: str
    """Last part of the path, characters that turn the direction of text as `�`."""
    anchor: str
    """Id of its preview in the page."""
    href: str
    """Hash that shows it."""
    detail: str
    """`1,319 rows`; may be empty."""
    facts: str
    """`1,319 rows × 6 columns`; may be empty."""
    size_text: str
    """Size."""
    size_exact: str
    """Size to the byte."""
    sha256: str
    """Digest in hex; may be empty."""
    sha256_short: str
    """Its first and last digits."""
    url: str | None
    """Address of the copy."""
    unpublished: str
    """Why there is no copy; may be empty."""
    reason: str
    """Why there is no preview; may be empty."""
    data: str
    """Key of the data that holds its preview; may be empty."""
    excerpt: View | None
    """A preview, or how it begins, to be written into the page."""
    excerpt_rows: tuple[tuple[CellView, ...], ...]
    """Cells of that preview, if it is a table."""
    excerpt_source: str | None
    """Address of that preview, if it is a picture or played."""
    steps: tuple[StepView, ...]
    """First steps of a series; empty for a file."""
    steps_left_out: str
    """`176 more steps`; may be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """One file of a series."""

    step: str
    """Its step."""
    kind: str
    """`image`, `audio` or `video`."""
    url: str
    """Address of the copy."""
    name: str
    """Its own name."""
    width: int | None
    """Width of a picture in px."""
    height: int | None
    """Height of a picture in px."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeNode:
    """A folder or a file in the tree."""

    name: str
    """Last part of its path."""
    file: FileView | None
    """The file; None for a folder."""
    detail: str
    """`3 files`; empty for a file."""
    size_text: str
    """Size of all that is in it."""
    size_exact: str
    """The same to the byte."""
    is_open: bool
    """Whether a folder is unfolded at first."""
    children: tuple[TreeNode, ...]
    """What is in a folder: folders first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentsTab:
    """The context of tabs/attachments.html."""

    slug: str
    """Safe name of the run, first part of the keys of its data."""
    empty: Empty | None
    """What an empty tab says; None if there are files."""
    search_label: str
    """`Search 11 files`."""
    size_text: str
    """Size of all files."""
    size_exact: str
    """The same to the byte."""
    nodes: tuple[TreeNode, ...]
    """The tree."""
    previews: tuple[FileView, ...]
    """Files whose preview stands in the page."""
    preview_note: str
    """What a page without script leaves out."""
    notice: str
    """Which files are not published, and why; may be empty."""
    notice_subject: str
    """The words it begins with."""
    shown_text: str
    """`500 of 1,319 files`; empty if all are shown."""
    listing_url: str | None
    """All files as CSV."""
    more: str
    """Key of the rows beyond those in the page; may be empty."""


def attachments_tab(facts: AttachmentsFacts, *, slug: str, root: str) -> AttachmentsTab:
    """The tab of a run whose page lies *root* below the site's root."""
    files = [_file(one, slug, root) for one in facts.rows]
    series = [_series(one, slug, root) for one in facts.series]
    subject, notice = _notice(facts)
    previews = tuple(one for one in (*series, *files) if one.excerpt or one.steps)
    shown = len(files) + sum(one.count for one in facts.series)
    sizes = [row.size_bytes for row in facts.rows] + [one.size_bytes for one in facts.series]
    counts = [1] * len(files) + [one.count for one in facts.series]
    return AttachmentsTab(
        slug=slug,
        empty=None if facts.count else _empty(),
        search_label=f"Search {units.plural(facts.count, 'file')}",
        size_text=units.bytes_text(facts.size_bytes),
        size_exact=f"{facts.size_bytes:,} bytes",
        nodes=_tree(list(zip([*files, *series], sizes, counts, strict=True))),
        previews=previews,
        preview_note=_preview_note(len(previews), len(files) + len(series)),
        notice=notice,
        notice_subject=subject,
        shown_text=(
            f"{units.count_text(shown)} of {units.plural(facts.count, 'file')}"
            if facts.count > shown
            else ""
        ),
        listing_url=root + facts.listing.file if facts.listing else None,
        more=f"{slug}/{facts.more}" if facts.more else "",
    )


def _empty() -> Empty:
    return Empty(
        title="This run has no attachments.",
        text="A file appears here for every file in attachments/ of the bundle.",
        code=_LOG_EXAMPLE,
    )


def _preview_note(previews: int, files: int) -> str:
    if previews == files:
        return ""
    rest = f"{units.count_text(previews)} of {units.plural(files, 'file')} can be previewed here."
    return f"Without JavaScript, {rest} Every published file can be opened from the list."


def _notice(facts: AttachmentsFacts) -> tuple[str, str]:
    unpublished = [one for one in facts.rows if one.unpublished_reason]
    if not facts.unpublished_count:
        return "", ""
    if facts.unpublished_count == 1 and unpublished:
        one = unpublished[0]
        kept = "Digest and size are kept."
        return one.path, f"is listed, not published: {one.unpublished_reason}. {kept}"
    size, limit = map(units.bytes_text, (facts.unpublished_bytes, facts.publish_limit_bytes))
    why = f"each is over the limit of {limit} a file ({size} in all)"
    if any(one.sha256 is None for one in facts.files_listed):
        why = f"each is over the limit of {limit} a file or cannot be read"
    return (
        units.plural(facts.unpublished_count, "file"),
        f"are listed, not published: {why}. Digests and sizes are kept.",
    )


def _name(path: str) -> str:
    """What a file is called in the page: `a\u202egnp.exe` must not read as `aexe.png`.

    Twin of `plainName` in js/attachments/attachments.js.
    """
    return _TURNING.sub("\ufffd", path.rpartition("/")[2])


def _file(one: AttachmentFacts, slug: str, root: str) -> FileView:
    url = root + one.published.file if one.published else None
    return replace(
        _plain(one, one.facts, slug),
        sha256=one.sha256 or "",
        sha256_short=f"{one.sha256[:4]}…{one.sha256[-4:]}" if one.sha256 else "",
        url=url,
        unpublished=one.unpublished_reason or "",
        reason=one.preview_reason,
        excerpt=one.excerpt,
        excerpt_rows=_cells(one.excerpt) if one.excerpt else (),
        excerpt_source=(one.excerpt.source or url) if one.excerpt else None,
    )


def _series(one: SeriesFacts, slug: str, root: str) -> FileView:
    rest = one.count - len(one.steps)
    steps = tuple(
        StepView(
            step=units.count_text(step.step), kind=step.kind, url=root + step.published.file,
            name=_name(step.path), width=step.width, height=step.height,
        )
        for step in one.steps
    )  # fmt: skip
    return replace(
        _plain(one, one.detail, slug),
        steps=steps,
        steps_left_out=units.plural(rest, "more step") if rest else "",
    )


def _plain(one: AttachmentFacts | SeriesFacts, facts: str, slug: str) -> FileView:
    """What the page says of files and series alike; no copy, no preview and no steps yet."""
    return FileView(
        path=one.path,
        name=_name(one.path),
        anchor=f"attachment-{sha10(one.path)}",
        href=state_hash(tab="attachments", file=one.path),
        detail=one.detail,
        facts=facts,
        size_text=units.bytes_text(one.size_bytes),
        size_exact=f"{one.size_bytes:,} bytes",
        sha256="",
        sha256_short="",
        url=None,
        unpublished="",
        reason="",
        data=f"{slug}/{one.data}" if one.data else "",
        excerpt=None,
        excerpt_rows=(),
        excerpt_source=None,
        steps=(),
        steps_left_out="",
    )


def _cells(view: View) -> tuple[tuple[CellView, ...], ...]:
    return tuple(
        tuple(_cell(cell, column) for cell, column in zip(row, view.columns, strict=True))
        for row in view.rows
    )


def _cell(cell: str | None, column: Column) -> CellView:
    """Twin of `cell` in js/attachments/attachments-table.js."""
    if not cell:
        return CellView(text="missing" if cell is None else "empty", tone="faint")
    if column.type == "bytes" and cell.isdigit():
        return CellView(text=units.bytes_text(int(cell)), tone="")
    is_odd = column.is_right and cell.strip().lower().lstrip("+-") in {"nan", "inf", "infinity"}
    return CellView(text=cell, tone="bad" if is_odd else "")


_Entry = tuple[list[str], int, int, FileView]
"""What is left of its path, its bytes, its number of files, and how it is shown."""


def _tree(entries: Iterable[tuple[FileView, int, int]]) -> tuple[TreeNode, ...]:
    return _level([(view.path.split("/"), size, count, view) for view, size, count in entries])


def _level(entries: list[_Entry]) -> tuple[TreeNode, ...]:
    """Folders by name, then files by name."""
    folders: dict[str, list[_Entry]] = {}
    files: list[tuple[str, FileView]] = []
    for parts, size, count, view in entries:
        if len(parts) > 1:
            folders.setdefault(parts[0], []).append((parts[1:], size, count, view))
        else:
            files.append((parts[0], view))
    return (
        *(_folder(name, members) for name, members in sorted(folders.items(), key=_by_name)),
        *(_leaf(name, view) for name, view in sorted(files, key=lambda entry: _natural(entry[0]))),
    )


def _by_name(folder: tuple[str, list[_Entry]]) -> tuple[str, str]:
    return _natural(folder[0])


def _natural(name: str) -> tuple[str, str]:
    return name.casefold(), name


def _folder(name: str, members: list[_Entry]) -> TreeNode:
    size_bytes = sum(size for _, size, _, _ in members)
    is_published = any(view.url or view.steps for *_, view in members)
    return TreeNode(
        name=_name(name),
        file=None,
        detail=units.plural(sum(count for _, _, count, _ in members), "file"),
        size_text=units.bytes_text(size_bytes),
        size_exact=f"{size_bytes:,} bytes",
        is_open=is_published and len(members) <= _OPEN_FILES,
        children=_level(members),
    )


def _leaf(name: str, view: FileView) -> TreeNode:
    return TreeNode(
        name=name, file=view, detail=view.detail, size_text=view.size_text,
        size_exact=view.size_exact, is_open=False, children=(),
    )  # fmt: skip

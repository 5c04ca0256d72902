"""The list of a run's attachments, their published copies, and data files with their previews.

Floor 3. A copy is named by us and ends in an extension that no browser runs: what is not on the
list below becomes `.txt` or `.bin`; its own name is shown and given back on download.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from sitegen.bundle.limits import Limits
from sitegen.derive.csvtext import csv_line
from sitegen.derive.previews import Preview, View, derive_preview
from sitegen.derive.sink import DataFile, PublishedFile, Sink
from sitegen.model import Json
from sitegen.read.attachments import FOLDER, Attachment, ImageContent
from sitegen.read.files import Report
from sitegen.units import bytes_text

EXTENSIONS = frozenset({
    "png", "jpg", "gif", "webp", "pdf", "csv", "tsv", "json", "txt", "parquet", "zip", "mp3", "wav",
    "mp4", "webm", "docx",
})  # fmt: skip
"""Extensions that a published copy may have, besides `bin`."""
_PICTURES = {"png", "jpg", "jpeg", "gif", "webp"}
_TEXTS = {"csv", "tsv", "json", "txt"}

SERVER_ROWS = 500
SMALL_FILES = 20
SMALL_CHARACTERS = 8_000
MARKDOWN_FILES = 20
MARKDOWN_CHARACTERS = 200_000
_CHUNK_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFile:
    """One attachment in the shortest form, for lists of all."""

    path: str
    """Path below attachments/, '/'-joined."""
    size_bytes: int
    """Size."""
    sha256: str | None
    """SHA-256 in hex, None if it cannot be read."""
    published: PublishedFile | None
    """Its copy in the site, None if it is only listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentFacts:
    """One attachment as the list shows it."""

    path: str
    """Path below attachments/, '/'-joined."""
    size_bytes: int
    """Size."""
    sha256: str | None
    """SHA-256 in hex, None if it cannot be read."""
    detail: str
    """`1,319 rows`; may be empty."""
    facts: str
    """`1,319 rows × 6 columns`; may be empty."""
    published: PublishedFile | None
    """Its copy in the site, None if it is only listed."""
    unpublished_reason: str | None
    """Why there is no copy."""
    preview_reason: str
    """Why there is no preview; empty if there is one."""
    data: str | None
    """Name of the data file that holds its preview."""
    small: View | None
    """Its first view if that is small, for pages without script."""
    markdown: str | None
    """Its Markdown source, to be rendered into the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentsFacts:
    """All attachments of a run."""

    count: int
    """Number of files."""
    size_bytes: int
    """Their size in all."""
    rows: tuple[AttachmentFacts, ...]
    """The first 500 by path."""
    files_listed: tuple[ListedFile, ...]
    """All of them, by path."""
    unpublished_count: int
    """Files that are listed, not copied."""
    unpublished_bytes: int
    """Their size in all."""
    publish_limit_bytes: int
    """Largest file that is copied."""
    listing: PublishedFile | None
    """All of them as CSV, where there are more than the rows."""
    more: str | None
    """Name of the data file with the rows beyond the first 500."""
    files: tuple[DataFile, ...]
    """Data files."""


def derive_attachments(
    values: Iterable[Attachment], *, sink: Sink, limits: Limits, report: Report
) -> AttachmentsFacts:
    """Facts of all attachments; copies and previews go into *sink* as they come."""
    del report  # faults of the files were told when they were read
    chunks = _Chunks(sink)
    budget = _Budget()
    facts = [_attachment(one, sink, limits, chunks, budget) for one in values]
    chunks.flush()
    unpublished = [one for one in facts if one.published is None]
    listing, more = _beyond_the_page(facts, sink, chunks)
    return AttachmentsFacts(
        count=len(facts),
        size_bytes=sum(one.size_bytes for one in facts),
        rows=tuple(facts[:SERVER_ROWS]),
        files_listed=tuple(map(_listed, facts)),
        unpublished_count=len(unpublished),
        unpublished_bytes=sum(one.size_bytes for one in unpublished),
        publish_limit_bytes=limits.publish_bytes,
        listing=listing,
        more=more,
        files=tuple(chunks.files),
    )


def _listed(one: AttachmentFacts) -> ListedFile:
    return ListedFile(
        path=one.path, size_bytes=one.size_bytes, sha256=one.sha256, published=one.published
    )


class _Chunks:
    """Gathers previews into data files of some 200 kB."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._previews: dict[str, Json] = {}
        self._characters = 0
        self.files: list[DataFile] = []

    def add(self, path: str, preview: Preview) -> str:
        """The name of the data file that will hold the preview."""
        name = f"attachments-{len(self.files)}"
        self._previews[path] = [_payload(view) for view in preview.views]
        self._characters += sum(view.characters for view in preview.views)
        if self._characters > _CHUNK_CHARACTERS:
            self.flush()
        return name

    def flush(self) -> None:
        """Publishes what was gathered."""
        if self._previews:
            self.publish(f"attachments-{len(self.files)}", {"previews": self._previews})
        self._previews, self._characters = {}, 0

    def publish(self, name: str, payload: dict[str, Json]) -> None:
        """Publishes a data file of this part."""
        self.files.append(self._sink.data(name, payload))


@dataclass(slots=True)
class _Budget:
    """What may still be written into the page itself."""

    small: int = SMALL_FILES
    """Small previews."""
    markdown: int = MARKDOWN_FILES
    """Markdown files."""
    markdown_characters: int = MARKDOWN_CHARACTERS
    """Their characters in all."""

    def take_small(self, preview: Preview) -> View | None:
        """The first view, if it is small and there is room."""
        view = preview.views[0] if preview.views else None
        if view is None or view.characters > SMALL_CHARACTERS or self.small == 0:
            return None
        self.small -= 1
        return view

    def take_markdown(self, preview: Preview) -> str | None:
        """The Markdown source, if there is room to render it."""
        source = next((view.source for view in preview.views if view.kind == "markdown"), None)
        if source is None or self.markdown == 0 or len(source) > self.markdown_characters:
            return None
        self.markdown -= 1
        self.markdown_characters -= len(source)
        return source


def _attachment(
    attachment: Attachment, sink: Sink, limits: Limits, chunks: _Chunks, budget: _Budget
) -> AttachmentFacts:
    preview = derive_preview(attachment.path, attachment.content, attachment.size_bytes, limits)
    reason = _unpublished_reason(attachment, limits)
    published = None
    if reason is None:
        published = sink.copy(FOLDER + attachment.path, published_extension(attachment))
    markdown = budget.take_markdown(preview)
    return AttachmentFacts(
        path=attachment.path,
        size_bytes=attachment.size_bytes,
        sha256=attachment.sha256,
        detail=preview.detail,
        facts=preview.facts,
        published=published,
        unpublished_reason=reason,
        preview_reason=preview.reason,
        data=chunks.add(attachment.path, preview) if preview.views else None,
        small=None if markdown else budget.take_small(preview),
        markdown=markdown,
    )


def _unpublished_reason(attachment: Attachment, limits: Limits) -> str | None:
    if attachment.sha256 is None:
        return "it cannot be read"
    if attachment.size_bytes > limits.publish_bytes:
        size, limit = bytes_text(attachment.size_bytes), bytes_text(limits.publish_bytes)
        return f"{size} is over the limit of {limit} a file"
    return None


def published_extension(attachment: Attachment) -> str:
    """The extension of the copy: from the list and fitting the bytes, else `txt` or `bin`."""
    if isinstance(attachment.content, ImageContent):
        return attachment.content.head.format.replace("jpeg", "jpg")
    extension = PurePosixPath(attachment.path).suffix.lower().removeprefix(".")
    if extension in _PICTURES or (extension in _TEXTS and not attachment.is_text):
        return "bin"
    if extension in EXTENSIONS:
        return extension
    return "txt" if attachment.is_text else "bin"


def _payload(view: View) -> dict[str, Json]:
    """The view for the browser; Markdown is rendered in the page, its source is the next view."""
    payload: dict[str, Any] = {"kind": view.kind, "name": view.name, "note": view.note}
    if view.kind == "table":
        payload["columns"] = [[one.name, one.type, one.is_right] for one in view.columns]
        payload["rows"] = [list(row) for row in view.rows]
    elif view.kind == "text":
        payload["pieces"] = [list(piece) for piece in view.pieces]
    elif view.kind == "image":
        payload |= {"source": view.source, "width": view.width, "height": view.height}
    return payload


def _beyond_the_page(
    facts: list[AttachmentFacts], sink: Sink, chunks: _Chunks
) -> tuple[PublishedFile | None, str | None]:
    if len(facts) <= SERVER_ROWS:
        return None, None
    name = "attachments-more"
    chunks.publish(name, {"rows": [_row_payload(one) for one in facts[SERVER_ROWS:]]})
    return sink.text("attachments", "csv", _csv_lines(facts)), name


def _row_payload(one: AttachmentFacts) -> dict[str, Json]:
    return {
        "path": one.path, "size": one.size_bytes, "sha256": one.sha256, "detail": one.detail,
        "facts": one.facts, "file": one.published.file if one.published else None,
        "unpublished": one.unpublished_reason, "reason": one.preview_reason, "data": one.data,
    }  # fmt: skip


def _csv_lines(facts: list[AttachmentFacts]) -> Iterator[str]:
    yield csv_line(["path", "size_bytes", "sha256", "file"])
    for one in facts:
        yield csv_line(
            [one.path, one.size_bytes, one.sha256, one.published.file if one.published else None]
        )

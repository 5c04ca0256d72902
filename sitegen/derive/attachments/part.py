"""The list of a run's attachments, their published copies, and data files with their previews.

Floor 3. A copy is named by us and ends in an extension that no browser runs: what is not on the
list below becomes `.txt` or `.bin`; its own name is shown and given back on download.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any

from sitegen.bundle.limits import Limits
from sitegen.bundle.paths import sha10
from sitegen.derive.attachments.document import Documents, payload_of
from sitegen.derive.attachments.facts import (
    AttachmentFacts,
    AttachmentsFacts,
    ListedFile,
    SeriesFacts,
)
from sitegen.derive.attachments.series import (
    Playable,
    Series,
    derive_series,
    series_folder,
    steps_text,
)
from sitegen.derive.attachments.views import Preview, View
from sitegen.derive.csvtext import csv_line
from sitegen.derive.sink import DataFile, PublishedFile, Sink
from sitegen.model import Json
from sitegen.read.attachments import FOLDER, Attachment
from sitegen.read.content import ImageContent, PlayableContent
from sitegen.read.documents.playable import EXTENSIONS as PLAYABLE_EXTENSIONS
from sitegen.read.files import Report
from sitegen.records import dataclass
from sitegen.units import bytes_text

EXTENSIONS = frozenset({
    "png", "jpg", "gif", "webp", "pdf", "csv", "tsv", "json", "txt", "parquet", "zip", "mp3", "wav",
    "mp4", "webm", "docx",
})  # fmt: skip
"""Extensions that a published copy may have, besides `bin`."""
_PICTURES = {"png", "jpg", "jpeg", "gif", "webp"}
_TEXTS = {"csv", "tsv", "json", "txt"}

SERVER_ROWS = 500
EXCERPTS = 60
"""Most files whose preview, or its beginning, stands in the page itself."""
EXCERPT_CHARACTERS = 8_000
"""Most characters of one of them."""
PAGE_CHARACTERS = 160_000
"""Most characters of all of them."""
SERIES_STEPS = 24
"""Most steps of a series that a page without script shows."""
_CHUNK_CHARACTERS = 200_000


def derive_attachments(
    values: Iterable[Attachment],
    *,
    sink: Sink,
    limits: Limits,
    report: Report,
    documents: Documents,
) -> AttachmentsFacts:
    """Facts of all attachments; copies and previews go into *sink* as they come."""
    del report  # faults of the files were told when they were read
    chunks, budget = _Chunks(sink), _Budget()
    playable: list[Playable] = []
    every = []
    for one in values:
        facts = _attachment(one, sink, limits, chunks, budget, documents)
        every.append(facts)
        playable += _playable(one, facts)
    chunks.flush()
    series = tuple(_series(one, every, chunks) for one in derive_series(playable))
    chunks.flush()
    in_series = {step.path for one in derive_series(playable) for step in one.steps}
    facts_of_files = [one for one in every if one.path not in in_series]
    unpublished = [one for one in every if one.published is None]
    listing, more = _beyond_the_page(facts_of_files, every, sink, chunks)
    return AttachmentsFacts(
        count=len(every),
        size_bytes=sum(one.size_bytes for one in every),
        rows=tuple(facts_of_files[:SERVER_ROWS]),
        series=series,
        has_figures=chunks.has_figures,
        files_listed=tuple(map(_listed, every)),
        unpublished_count=len(unpublished),
        unpublished_bytes=sum(one.size_bytes for one in unpublished),
        publish_limit_bytes=limits.publish_bytes,
        listing=listing,
        more=more,
        files=tuple(chunks.files),
    )


def _playable(attachment: Attachment, facts: AttachmentFacts) -> list[Playable]:
    """The file as a possible step of a series."""
    if series_folder(attachment.path) is None or facts.published is None:
        return []
    width = height = None
    match attachment.content:
        case ImageContent(head=head):
            kind, width, height = "image", head.width, head.height
        case PlayableContent(kind=("audio" | "video") as kind):
            pass
        case _:
            return []
    return [
        Playable(path=attachment.path, kind=kind, published=facts.published, width=width,
                 height=height)
    ]  # fmt: skip


def _series(series: Series, every: list[AttachmentFacts], chunks: _Chunks) -> SeriesFacts:
    paths = {step.path for step in series.steps}
    return SeriesFacts(
        path=series.path,
        detail=steps_text(series.steps),
        size_bytes=sum(one.size_bytes for one in every if one.path in paths),
        data=chunks.add_series(series),
        steps=series.steps[:SERIES_STEPS],
        count=len(series.steps),
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
        self.has_figures = False

    def add(self, path: str, preview: Preview) -> str:
        """The name of the data file that will hold the preview."""
        name = f"attachments-{len(self.files)}"
        self._previews[path] = [_payload(view, self._library(view)) for view in preview.views]
        self._characters += sum(view.characters for view in preview.views)
        if self._characters > _CHUNK_CHARACTERS:
            self.flush()
        return name

    def add_series(self, series: Series) -> str:
        """The name of the data file that will hold the steps."""
        steps: list[Json] = [
            [one.step, one.published.file, one.kind, one.width, one.height] for one in series.steps
        ]
        view = {"kind": "series", "name": "Steps", "note": "", "steps": steps}
        name = f"attachments-{len(self.files)}"
        self._previews[series.path] = [view]
        self._characters += 80 * len(steps)
        if self._characters > _CHUNK_CHARACTERS:
            self.flush()
        return name

    def _library(self, view: View) -> str | None:
        """The chart library that a figure needs besides the site's own."""
        self.has_figures |= view.kind == "figure"
        return self._sink.library().file if view.needs_library else None

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

    files: int = EXCERPTS
    """Files."""
    characters: int = PAGE_CHARACTERS
    """Characters in all."""

    def take(self, preview: Preview) -> View | None:
        """The first view that can stand in a page, or how it begins, if there is room."""
        if self.files == 0:
            return None
        for view in preview.views:
            shown = view.beginning(min(EXCERPT_CHARACTERS, self.characters))
            if shown is not None and shown.kind != "figure":
                self.files -= 1
                self.characters -= min(shown.characters, self.characters)
                return shown
        return None


def _attachment(
    attachment: Attachment,
    sink: Sink,
    limits: Limits,
    chunks: _Chunks,
    budget: _Budget,
    documents: Documents,
) -> AttachmentFacts:
    from sitegen.derive.attachments.previews import derive_preview

    path = attachment.path
    preview = derive_preview(
        path, attachment.content, attachment.size_bytes, limits,
        id_prefix=f"user-content-{sha10(path)}-", documents=documents,
    )  # fmt: skip
    reason = _unpublished_reason(attachment, limits)
    published = None
    if reason is None:
        published = sink.copy(FOLDER + path, published_extension(attachment))
    return AttachmentFacts(
        path=path,
        size_bytes=attachment.size_bytes,
        sha256=attachment.sha256,
        detail=preview.detail,
        facts=preview.facts,
        published=published,
        unpublished_reason=reason,
        preview_reason=preview.reason,
        data=chunks.add(path, preview) if preview.views else None,
        excerpt=None if series_folder(path) else budget.take(preview),
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
    if isinstance(attachment.content, PlayableContent):
        return PLAYABLE_EXTENSIONS.get(attachment.content.format, "bin")
    extension = PurePosixPath(attachment.path).suffix.lower().removeprefix(".")
    if extension in PLAYABLE_EXTENSIONS.values():
        return "txt" if attachment.is_text else "bin"
    if extension in _PICTURES or (extension in _TEXTS and not attachment.is_text):
        return "bin"
    if extension in EXTENSIONS:
        return extension
    return "txt" if attachment.is_text else "bin"


def _payload(view: View, library: str | None) -> dict[str, Json]:
    """The view for the browser."""
    payload: dict[str, Any] = {"kind": view.kind, "name": view.name, "note": view.note}
    match view.kind:
        case "table":
            payload["columns"] = [
                [one.name, one.type, one.is_right, one.summary, list(one.bars)]
                for one in view.columns
            ]
            payload["rows"] = [list(row) for row in view.rows]
        case "text":
            payload["pieces"] = [list(piece) for piece in view.pieces]
        case "image":
            payload |= {"source": view.source, "width": view.width, "height": view.height}
        case "document":
            payload["nodes"] = payload_of(view.nodes)
        case "frame":
            payload["source"] = view.source
        case "media":
            payload["media"] = view.media
        case "figure":
            payload |= {"figure": view.figure, "library": library, "height": view.height}
        case "series":
            raise AssertionError(view)  # made of files, not of a view
    return payload


def _beyond_the_page(
    facts: list[AttachmentFacts], every: list[AttachmentFacts], sink: Sink, chunks: _Chunks
) -> tuple[PublishedFile | None, str | None]:
    """All files as CSV where the page names not every one, and the rows it leaves out."""
    listing = None
    if len(every) > min(SERVER_ROWS, len(facts)):
        listing = sink.text("attachments", "csv", _csv_lines(every))
    if len(facts) <= SERVER_ROWS:
        return listing, None
    name = "attachments-more"
    chunks.publish(name, {"rows": [_row_payload(one) for one in facts[SERVER_ROWS:]]})
    return listing, name


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

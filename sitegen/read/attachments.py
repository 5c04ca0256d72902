"""Attachments: what each file is, its digest, and as much of its content as a preview shows.

Floor 2. `read/kinds.py` chooses the reader. One file is held at a time and no more of it than its
kind's limit; whatever is wrong with a file costs its preview and is said there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sitegen.bundle.limits import Limits
from sitegen.errors import Problem
from sitegen.read.content import Content, ListingContent, NoContent, SvgContent
from sitegen.read.documents.media import HEAD_BYTES
from sitegen.read.documents.tables import TableContent
from sitegen.read.documents.textfiles import SNIFF_BYTES, looks_like_text
from sitegen.read.files import FileError, Report, file_sha256, open_file
from sitegen.records import dataclass

FOLDER = "attachments/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file of any format logged to a run."""

    path: str
    """Path below attachments/, '/'-joined."""
    size_bytes: int
    """Size."""
    sha256: str | None
    """SHA-256 in hex, None if the file cannot be read."""
    is_text: bool
    """Whether its first bytes are text."""
    content: Content
    """What its preview shows."""


def read_attachments(
    root: Path, files: Sequence[str], limits: Limits, report: Report
) -> Iterator[Attachment]:
    """Each of *files* (paths in the bundle), one after the other."""
    if len(files) > limits.attachments:
        report(
            Problem(
                code="too-many-attachments", severity="error", path=FOLDER.rstrip("/"),
                message=f"holds {len(files):,} files; {limits.attachments:,} are shown",
                hint="Pack small files into an archive, or raise attachments under [limits].",
            )
        )  # fmt: skip
    for path in files[: limits.attachments]:
        yield _read_attachment(root, path, limits, report)


def _read_attachment(root: Path, path: str, limits: Limits, report: Report) -> Attachment:
    from sitegen.read.kinds import read_content

    name = path.removeprefix(FOLDER)
    try:
        sha256 = file_sha256(root, path)
        with open_file(root, path) as stream:
            head = stream.read(HEAD_BYTES)
            size_bytes = stream.seek(0, 2)
            stream.seek(0)
            content = read_content(stream, name, head, size_bytes, limits)
    except FileError as error:
        report(_problem(path, error.message, "It is listed without digest and preview."))
        return Attachment(
            path=name, size_bytes=0, sha256=None, is_text=False,
            content=NoContent(reason=f"The file {error.message}."),
        )  # fmt: skip
    _report_faults(path, content, report)
    return Attachment(
        path=name, size_bytes=size_bytes, sha256=sha256,
        is_text=looks_like_text(head[:SNIFF_BYTES]), content=content,
    )  # fmt: skip


def _report_faults(path: str, content: Content, report: Report) -> None:
    match content:
        case SvgContent(fault=str(fault)):
            message = f"cannot be drawn as a picture: {fault}"
        case TableContent(fault=str(fault)) | ListingContent(fault=str(fault)):
            message = fault.rstrip(".")
        case NoContent(reason=reason) if reason.startswith("It cannot be read"):
            message = reason.rstrip(".")
        case _:
            return
    report(_problem(path, message, "The file is published as it is; its preview is incomplete."))


def _problem(path: str, message: str, hint: str) -> Problem:
    return Problem(
        code="attachment-unreadable", severity="warning", path=path, message=message, hint=hint
    )

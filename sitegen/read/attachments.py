"""Attachments: what each file is, its digest, and as much of its content as a preview shows.

Floor 2. A file is told by its first bytes where they say something (pictures, Parquet), else by its
name. One file is held at a time and at most `limits.preview_bytes` of it; whatever is wrong with a
file costs its preview and is said there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal

from sitegen.bundle.limits import Limits
from sitegen.errors import Problem
from sitegen.read.files import FileError, Report, file_sha256, open_file
from sitegen.read.media import HEAD_BYTES, ImageHead, sniff_image, svg_fault
from sitegen.read.parquet import read_parquet
from sitegen.read.tables import TableContent, TableError, read_csv, read_jsonl
from sitegen.read.textfiles import SNIFF_BYTES, Encoding, decode, looks_like_text

FOLDER = "attachments/"
_LINES_BYTES = 200_000_000
_IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".gif", ".webp"}
_JSON_SUFFIXES = {".json", ".ipynb", ".geojson"}
_LINES_SUFFIXES = {".jsonl", ".ndjson"}
_MARKDOWN_SUFFIXES = {".md", ".markdown"}
_LOG_SUFFIXES = {".txt", ".log", ".out", ".err", ""}

OTHER_KINDS = {
    "Word documents": ".docx .doc .odt .rtf",
    "spreadsheets": ".xlsx .xls .ods",
    "presentations": ".pptx .ppt .odp",
    "PDF documents": ".pdf",
    "archives": ".zip .gz .tgz .tar .bz2 .xz .zst .7z .whl",
    "sound": ".mp3 .wav .flac .ogg .m4a",
    "video": ".mp4 .webm .mov .mkv .avi",
    "NumPy arrays": ".npy .npz",
    "HDF5 files": ".h5 .hdf5",
    "Arrow files": ".arrow .feather",
    "SQLite databases": ".sqlite .sqlite3 .db",
    "pickles": ".pkl .pickle .joblib",
    "model weights": ".pt .pth .ckpt .safetensors .onnx .gguf .pb .tflite",
}
"""Kinds without a preview, by suffix."""
_KIND_BY_SUFFIX = {
    suffix: kind for kind, suffixes in OTHER_KINDS.items() for suffix in suffixes.split()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageContent:
    """A picture that browsers draw."""

    head: ImageHead
    """Format and size by its header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SvgContent:
    """An SVG file."""

    content: bytes
    """The whole file."""
    text: str
    """The same as text."""
    fault: str | None
    """Why browsers cannot draw it, None if they can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextContent:
    """The beginning of a text."""

    role: Literal["log", "code", "json", "markdown"]
    """log: may hold terminal colours; code: by its name's language."""
    text: str
    """Text as written, with Unix line ends."""
    encoding: Encoding
    """How it was decoded."""
    is_cut: bool
    """Whether the file goes on."""
    line_count: int | None
    """Lines in the file, None where they were not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoContent:
    """A file without a preview."""

    reason: str
    """Why, as a sentence."""


Content = ImageContent | SvgContent | TableContent | TextContent | NoContent


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
    name = path.removeprefix(FOLDER)
    try:
        sha256 = file_sha256(root, path)
        with open_file(root, path) as stream:
            head = stream.read(HEAD_BYTES)
            size_bytes = stream.seek(0, 2)
            stream.seek(0)
            content = _content(stream, name, head, size_bytes, limits)
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
        case TableContent(fault=str(fault)):
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


def _content(stream: BinaryIO, name: str, head: bytes, size_bytes: int, limits: Limits) -> Content:
    suffix = PurePosixPath(name).suffix.lower()
    image = sniff_image(head)
    if image is not None:
        return ImageContent(head=image)
    if suffix in _IMAGE_SUFFIXES:
        return NoContent(reason=f"It is named {suffix}, but its bytes are no such picture.")
    if suffix == ".svg":
        return _svg(stream, size_bytes, limits)
    try:
        if suffix == ".parquet" or head.startswith(b"PAR1"):
            return read_parquet(stream, limits)
        is_text = looks_like_text(head[:SNIFF_BYTES])
        if suffix in {".csv", ".tsv"} and (is_text or b"\0" in head[:SNIFF_BYTES]):
            return read_csv(stream, size_bytes, limits, is_tsv=suffix == ".tsv")
        if suffix in _LINES_SUFFIXES and is_text:
            return read_jsonl(stream, size_bytes, limits)
    except TableError as error:
        return NoContent(reason=f"It cannot be read as a table: {error}.")
    if suffix in _KIND_BY_SUFFIX:
        return NoContent(reason=f"There is no preview of {_KIND_BY_SUFFIX[suffix]} yet.")
    if not is_text:
        kind = f"{suffix} files" if re.fullmatch(r"\.[a-z0-9]{1,12}", suffix) else "binary files"
        return NoContent(reason=f"There is no preview of {kind}.")
    return _text(stream, suffix, size_bytes, limits)


def _svg(stream: BinaryIO, size_bytes: int, limits: Limits) -> Content:
    if size_bytes > limits.preview_bytes:
        return _text(stream, ".svg", size_bytes, limits)
    content = stream.read()
    return SvgContent(content=content, text=decode(content)[0], fault=svg_fault(content))


def _text(stream: BinaryIO, suffix: str, size_bytes: int, limits: Limits) -> TextContent:
    content = stream.read(limits.preview_bytes)
    text, encoding = decode(content)
    role: Literal["log", "code", "json", "markdown"] = "code"
    if suffix in _JSON_SUFFIXES:
        role = "json"
    elif suffix in _MARKDOWN_SUFFIXES:
        role = "markdown"
    elif suffix in _LOG_SUFFIXES or "\x1b[" in text:
        role = "log"
    return TextContent(
        role=role, text=text, encoding=encoding, is_cut=size_bytes > len(content),
        line_count=_line_count(stream, size_bytes, encoding),
    )  # fmt: skip


def _line_count(stream: BinaryIO, size_bytes: int, encoding: Encoding) -> int | None:
    if size_bytes > _LINES_BYTES or encoding.codec.startswith(("utf-16", "utf-32")):
        return None
    stream.seek(0)
    count, last = 0, b"\n"
    while chunk := stream.read(1 << 20):
        count += chunk.count(b"\n")
        last = chunk[-1:]
    return count + (last != b"\n")

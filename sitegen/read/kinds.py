"""Which reader a file gets: by its first bytes where they say something, else by its name.

Floor 2. Each reader's own errors end here, as the reason why a file has no preview.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import BinaryIO

from sitegen.bundle.limits import Limits
from sitegen.read.content import (
    Content,
    FigureContent,
    HtmlContent,
    ImageContent,
    NoContent,
    SvgContent,
    TextContent,
    TextRole,
)
from sitegen.read.documents.archives import ArchiveError, is_archive, read_archive
from sitegen.read.documents.docx import read_docx
from sitegen.read.documents.json_text import JsonError, parse_json
from sitegen.read.documents.media import sniff_image, svg_fault
from sitegen.read.documents.notebooks import read_notebook
from sitegen.read.documents.pdf import pdf_fault
from sitegen.read.documents.playable import sniff_playable
from sitegen.read.documents.tables import TableError, read_csv, read_jsonl
from sitegen.read.documents.textfiles import SNIFF_BYTES, Encoding, decode, looks_like_text
from sitegen.read.parquet import read_parquet
from sitegen.read.points.arrays import NPY, ArrayError, read_npy, read_npz, read_safetensors
from sitegen.units import bytes_text

_LINES_BYTES = 200_000_000
_IMAGES = {".png", ".jpg", ".jpeg", ".gif", ".webp"}
_PLAYABLE = {
    ".mp3",
    ".wav",
    ".flac",
    ".ogg",
    ".m4a",
    ".mp4",
    ".m4v",
    ".webm",
    ".mov",
    ".mkv",
    ".pdf",
}
_BINARY = _IMAGES | _PLAYABLE | {".docx", ".parquet", ".npy", ".npz", ".zip", ".tar"}
_JSON = {".json", ".geojson"}
_LINES = {".jsonl", ".ndjson"}
_MARKDOWN = {".md", ".markdown"}
_HTML = {".html", ".htm", ".xhtml"}
_PATCH = {".patch", ".diff"}
_LOG = {".txt", ".log", ".out", ".err", ""}
_TABLES = {".csv", ".tsv"}
_TEXTS = _JSON | _LINES | _MARKDOWN | _HTML | _PATCH | _LOG | _TABLES | {".ipynb"}
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_LFS_POINTER_BYTES = 1_024
"""A pointer is smaller: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md."""

OTHER_KINDS = {
    "Word documents of before 2007": ".doc",
    "office documents": ".odt .rtf .xlsx .xls .ods .pptx .ppt .odp",
    "archives of this kind": ".7z .rar .gz .bz2 .xz .zst",
    "HDF5 files": ".h5 .hdf5",
    "Arrow files": ".arrow .feather",
    "SQLite databases": ".sqlite .sqlite3 .db",
    "pickles, which run code when they are read": ".pkl .pickle .joblib",
    "model weights of this kind": ".pt .pth .ckpt .onnx .gguf .pb .tflite",
    "pictures of this kind": ".bmp .tif .tiff .avif .heic .ico",
}
"""Kinds without a preview, by suffix."""
_KIND_BY_SUFFIX = {
    suffix: kind for kind, suffixes in OTHER_KINDS.items() for suffix in suffixes.split()
}


def read_content(
    stream: BinaryIO, name: str, head: bytes, size_bytes: int, limits: Limits
) -> Content:
    """What a preview of the file *name* shows; *head* is how it begins."""
    suffix = PurePosixPath(name).suffix.lower()
    if head.startswith(_LFS_POINTER) and size_bytes < _LFS_POINTER_BYTES:
        return NoContent(reason="It is a Git LFS pointer: the file itself was not fetched.")
    image = sniff_image(head)
    if image is not None:
        return ImageContent(head=image)
    if suffix in _IMAGES:
        return NoContent(reason=f"It is named {suffix}, but its bytes are no such picture.")
    if suffix == ".svg":
        return _svg(stream, size_bytes, limits)
    playable = sniff_playable(head, size_bytes)
    if playable is not None and playable.kind == "pdf":
        return replace(playable, fault=pdf_fault(stream, size_bytes, limits))
    if playable is not None and (suffix in _PLAYABLE or playable.kind != "audio"):
        return playable
    if suffix in _PLAYABLE and not _is_text(head):
        return NoContent(reason=f"It is named {suffix}, but its bytes are nothing of the kind.")
    try:
        return _container(stream, name, head, size_bytes, limits) or _other(
            stream, suffix, head, size_bytes, limits
        )
    except TableError as error:
        return NoContent(reason=f"It cannot be read as a table: {error}.")
    except ArchiveError as error:
        return NoContent(reason=f"It cannot be read as an archive: {error}.")
    except ArrayError as error:
        return NoContent(reason=f"It cannot be read as arrays: {error}.")


def _is_text(head: bytes) -> bool:
    return looks_like_text(head[:SNIFF_BYTES])


def _container(
    stream: BinaryIO, name: str, head: bytes, size_bytes: int, limits: Limits
) -> Content | None:
    """A table, a document or a list of members; None for what is a text or unknown."""
    suffixes = "".join(PurePosixPath(name.lower()).suffixes[-2:])
    suffix = PurePosixPath(name).suffix.lower()
    if suffix == ".parquet" or head.startswith(b"PAR1"):
        return read_parquet(stream, limits)
    if suffix in _TABLES and (_is_text(head) or b"\0" in head[:SNIFF_BYTES]):
        return read_csv(stream, size_bytes, limits, is_tsv=suffix == ".tsv")
    if suffix in _LINES and _is_text(head):
        return read_jsonl(stream, size_bytes, limits)
    if suffix == ".docx" and head.startswith(b"PK"):
        return read_docx(stream, size_bytes, limits)
    if suffix == ".npy" or head.startswith(NPY):
        return read_npy(stream)
    if suffix == ".npz" and head.startswith(b"PK"):
        return read_npz(stream, limits)
    if suffix == ".safetensors":
        return read_safetensors(stream, size_bytes, limits)
    if is_archive(head, suffixes) and suffix not in _KIND_BY_SUFFIX.keys() - {
        ".gz", ".bz2", ".xz", ".zst"
    }:  # fmt: skip
        return read_archive(stream, head, size_bytes, limits)
    return None


def _other(stream: BinaryIO, suffix: str, head: bytes, size_bytes: int, limits: Limits) -> Content:
    if suffix in _KIND_BY_SUFFIX and not _is_text(head):
        return NoContent(reason=f"There is no preview of {_KIND_BY_SUFFIX[suffix]}.")
    if suffix and suffix in _TEXTS and not _is_text(head):
        return NoContent(reason=f"It is named {suffix}, but its bytes are no text.")
    if not _is_text(head):
        kind = f"{suffix} files" if re.fullmatch(r"\.[a-z0-9]{1,12}", suffix) else "binary files"
        return NoContent(reason=f"There is no preview of {kind}.")
    text = _text(stream, suffix, size_bytes, limits)
    if suffix == ".ipynb":
        return _notebook(stream, text, size_bytes, limits)
    if suffix in _HTML:
        is_small = size_bytes <= limits.document_bytes
        return HtmlContent(source=text, text=_whole(stream) if is_small else None)
    if suffix in _JSON and size_bytes <= limits.document_bytes and _may_be_figure(head):
        return _figure(stream, text, limits)
    return text


def _svg(stream: BinaryIO, size_bytes: int, limits: Limits) -> Content:
    if size_bytes > limits.preview_bytes:
        return _text(stream, ".svg", size_bytes, limits)
    content = stream.read()
    return SvgContent(content=content, text=decode(content)[0], fault=svg_fault(content))


def _whole(stream: BinaryIO) -> str:
    stream.seek(0)
    return decode(stream.read())[0]


def _notebook(stream: BinaryIO, text: TextContent, size_bytes: int, limits: Limits) -> Content:
    if size_bytes > limits.document_bytes:
        limit = bytes_text(limits.document_bytes)
        return NoContent(reason=f"Notebooks are shown up to {limit}.")
    stream.seek(0)
    found = read_notebook(stream.read(), text, limits)
    return text if isinstance(found, str) else found


def _may_be_figure(head: bytes) -> bool:
    """Whether the JSON may hold `data` and `layout` at its top: else it is not decoded at all."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"data"' in head


def _figure(stream: BinaryIO, text: TextContent, limits: Limits) -> Content:
    """A Plotly figure: an object with a list of traces, and nothing that a figure has not."""
    stream.seek(0)
    try:
        value, _ = parse_json(stream.read(), limits.json_depth)
    except JsonError:
        return text
    traces = value.get("data") if isinstance(value, dict) else None
    is_figure = (
        isinstance(traces, list)
        and set(value) <= {"data", "layout", "frames", "config"}
        and "layout" in value
        and all(isinstance(trace, dict) for trace in traces)
    )
    return FigureContent(figure=value, source=text) if is_figure else text


def _text(stream: BinaryIO, suffix: str, size_bytes: int, limits: Limits) -> TextContent:
    stream.seek(0)
    content = stream.read(limits.preview_bytes)
    text, encoding = decode(content)
    return TextContent(
        role=_role(suffix, text), text=text, encoding=encoding, is_cut=size_bytes > len(content),
        line_count=_line_count(stream, size_bytes, encoding),
        misnamed=suffix if suffix in _BINARY else "",
    )  # fmt: skip


def _role(suffix: str, text: str) -> TextRole:
    if suffix in _JSON | {".ipynb"}:
        return "json"
    if suffix in _MARKDOWN:
        return "markdown"
    if suffix in _PATCH or text.startswith(("diff --git ", "--- a/")):
        return "patch"
    if suffix in _LOG or "\x1b[" in text:
        return "log"
    return "code"


def _line_count(stream: BinaryIO, size_bytes: int, encoding: Encoding) -> int | None:
    if size_bytes > _LINES_BYTES or encoding.codec.startswith(("utf-16", "utf-32")):
        return None
    stream.seek(0)
    count, last = 0, b"\n"
    while chunk := stream.read(1 << 20):
        count += chunk.count(b"\n")
        last = chunk[-1:]
    return count + (last != b"\n")

"""Pictures and figures as files: PNG of arrays, what matplotlib and Plotly save.

No library is imported: an object is told by the methods it has. PNG is written by hand (RFC 2083:
8 bits, no filter), for which the standard library is enough.
"""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path
from typing import Any

from sitegen.sdk.attachments import open_source
from sitegen.sdk.faults import LogTypeError, LogValueError
from sitegen.sdk.values import found

_ACCEPTED = "an array (H×W, H×W×1, H×W×3 or H×W×4), a PIL picture, bytes of a picture, or a path"
_HEADS = (
    (b"\x89PNG\r\n\x1a\n", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"GIF8", ".gif"),
)
_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
_MOST_PIXELS = 1 << 28
Picture = tuple[bytes, str]
"""Content of a file and its suffix."""


def picture_file(name: str, picture: Any) -> Picture:
    """The file of a picture.

    Raises:
        LogTypeError: if *picture* is none.
        LogValueError: if its shape or its bytes are those of no picture.
    """
    if isinstance(picture, str | os.PathLike):
        path = Path(picture)
        with open_source(path) as stream:
            content = stream.read()
        return content, _suffix_of(name, content, path.suffix.lower())
    if isinstance(picture, bytes | bytearray | memoryview):
        content = bytes(picture)
        return content, _suffix_of(name, content, "")
    if hasattr(picture, "save") and hasattr(picture, "mode"):  # PIL
        saved = io.BytesIO()
        shown = picture if picture.mode in {"1", "L", "LA", "P", "RGB", "RGBA"} else None
        (shown or picture.convert("RGB")).save(saved, format="PNG")
        return saved.getvalue(), ".png"
    return _png_of_array(name, _host_array(picture)), ".png"


def _suffix_of(name: str, content: bytes, suffix: str) -> str:
    for head, known in _HEADS:
        if content.startswith(head):
            return known
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return ".webp"
    if suffix == ".svg":
        return suffix
    raise LogValueError(f"picture “{name}”: the bytes are no PNG, JPEG, GIF, WebP or SVG")


def _host_array(picture: Any) -> Any:
    """The array in memory of the host: a torch tensor may lie on a GPU or need its gradient."""
    for method in ("detach", "cpu", "numpy"):
        if hasattr(picture, method) and not hasattr(picture, "__array_interface__"):
            picture = getattr(picture, method)()
    if not hasattr(picture, "__array_interface__") and hasattr(picture, "__array__"):
        picture = picture.__array__()  # JAX
    return picture


def _png_of_array(name: str, array: Any) -> bytes:
    shape = getattr(array, "shape", None)
    if not hasattr(array, "dtype") or not isinstance(shape, tuple):
        raise LogTypeError(f"picture “{name}”: {found(array)} is not {_ACCEPTED}")
    if len(shape) == 3 and shape[0] in {1, 3, 4} and shape[2] not in _COLOUR_TYPES:
        array = array.transpose(1, 2, 0)  # torch: channels first
        shape = array.shape
    channels = shape[2] if len(shape) == 3 else 1
    if len(shape) not in {2, 3} or channels not in _COLOUR_TYPES or 0 in shape:
        raise LogValueError(
            f"picture “{name}”: an array of shape {tuple(shape)} is not {_ACCEPTED}"
        )
    if shape[0] * shape[1] > _MOST_PIXELS:
        raise LogValueError(f"picture “{name}”: {shape[0]} × {shape[1]} pixels are too many")
    rows = _bytes_0_to_255(name, array).reshape(shape[0], -1)
    return png(rows.tobytes(), width=shape[1], height=shape[0], channels=channels)


def _bytes_0_to_255(name: str, array: Any) -> Any:
    """The array as bytes: floats and booleans are 0 to 1, integers 0 to 255."""
    kind = array.dtype.kind
    if kind == "b":
        return array.astype("uint8") * 255
    if kind == "f":
        array = array.astype("float64")
        array[array != array] = 0  # noqa: PLR0124 (NaN has no colour)
        return (array.clip(0, 1) * 255).round().astype("uint8")
    if kind in "ui":
        return array.clip(0, 255).astype("uint8")
    raise LogTypeError(f"picture “{name}”: expected numbers, got an array of {array.dtype}")


def png(content: bytes, *, width: int, height: int, channels: int) -> bytes:
    """A PNG of rows of 8-bit pixels."""
    stride = width * channels
    rows = b"".join(b"\0" + content[at : at + stride] for at in range(0, len(content), stride))
    head = struct.pack(">2I5B", width, height, 8, _COLOUR_TYPES[channels], 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def is_figure(value: object) -> bool:
    """Whether *value* is a figure of matplotlib or Plotly."""
    return hasattr(value, "to_plotly_json") or hasattr(value, "savefig")


def figure_file(name: str, figure: Any) -> Picture:
    """PNG of a matplotlib figure (or of the module pyplot), JSON of a Plotly one.

    Raises:
        LogTypeError: if *figure* is neither.
    """
    if hasattr(figure, "to_plotly_json"):
        return f"{figure.to_json()}\n".encode(), ".plotly.json"
    if hasattr(figure, "figure") and not hasattr(figure, "savefig"):  # axes
        figure = figure.figure
    if not hasattr(figure, "savefig"):
        raise LogTypeError(
            f"figure “{name}”: {found(figure)} is not a figure of matplotlib or Plotly"
        )
    stream = io.BytesIO()
    figure.savefig(stream, format="png", bbox_inches="tight", dpi=144)
    return stream.getvalue(), ".png"

"""Names, types and shapes of stored arrays: NumPy's .npy and .npz, safetensors. No pickle.

Floor 2. Only headers are read: .npy (https://numpy.org/doc/stable/reference/generated/
numpy.lib.format.html), safetensors (8 bytes of length, then JSON). What they claim is told as
written; no array is made, so that no claim can cost memory.
"""

from __future__ import annotations

import ast
import json
import math
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from sitegen.bundle.limits import Limits
from sitegen.read.content import ListingContent
from sitegen.read.documents.tables import cut_cell
from sitegen.units import bytes_text, count_text, plural

NPY = b"\x93NUMPY"
_NPY_HEADER = 10_000  # what NumPy itself takes without being asked for more
_SAFETENSORS_HEADER = 25_000_000
_COLUMNS = (("name", "text"), ("type", "text"), ("shape", "text"), ("values", "int"),
            ("size", "bytes"))  # fmt: skip
_TYPE = re.compile(r"[<>|=]?([a-zA-Z])(\d{0,4})")
_KINDS = {"f": "float", "i": "int", "u": "uint", "c": "complex", "b": "bool", "S": "bytes",
          "U": "text", "O": "pickled object", "M": "datetime", "m": "timedelta",
          "V": "void"}  # fmt: skip
_BITS = {"F64": 64, "I64": 64, "U64": 64, "F32": 32, "I32": 32, "U32": 32, "F16": 16, "BF16": 16,
         "I16": 16, "U16": 16, "I8": 8, "U8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "BOOL": 8}  # fmt: skip
Row = tuple[str | None, ...]


class ArrayError(Exception):
    """Bytes that are no such file; its text says why."""


def read_npy(stream: BinaryIO) -> ListingContent:
    """The one array of an .npy file.

    Raises:
        ArrayError: if it is none.
    """
    row = _npy_row("array", stream)
    return _listing([row], 1)


def read_npz(stream: BinaryIO, limits: Limits) -> ListingContent:
    """The arrays of an .npz file; members that are none have no shape.

    Raises:
        ArrayError: if it cannot be read as ZIP.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            names = archive.namelist()
            rows = [_npz_row(archive, name) for name in names[: limits.archive_entries]]
    except (zipfile.BadZipFile, OSError, ValueError, EOFError) as error:
        raise ArrayError("it is no ZIP file, or its directory is damaged") from error
    return _listing(rows, len(names))


def _npz_row(archive: zipfile.ZipFile, name: str) -> Row:
    try:
        with archive.open(name) as member:
            return _npy_row(name.removesuffix(".npy"), member)
    except (ArrayError, zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError,
            NotImplementedError, EOFError):  # fmt: skip
        return cut_cell(name), "no array", None, None, None


def _npy_row(name: str, stream: object) -> Row:
    read = stream.read  # type: ignore[attr-defined]  # a file or a member of an archive
    head = read(12)
    if not head.startswith(NPY):
        raise ArrayError("it does not begin as an .npy file")
    if head[6] == 1:
        length, rest = int.from_bytes(head[8:10], "little"), head[10:]
    else:
        length, rest = int.from_bytes(head[8:12], "little"), b""
    if length > _NPY_HEADER:
        raise ArrayError(f"its header of {length:,} bytes is too long")
    try:
        header = ast.literal_eval((rest + read(length - len(rest))).decode("latin-1").strip())
        shape = [int(side) for side in header["shape"]]
        kind = header["descr"]
    except (ValueError, SyntaxError, KeyError, TypeError, RecursionError, MemoryError) as error:
        raise ArrayError("its header cannot be read") from error
    text, bits = _type_text(kind)
    return _row(name, text, shape, bits)


def _type_text(kind: object) -> tuple[str, int | None]:
    """`float64` and the bits of a value."""
    if isinstance(kind, list):
        return f"{plural(len(kind), 'field')}", None
    found = _TYPE.fullmatch(str(kind))
    if not found:
        return cut_cell(str(kind))[:40], None
    letter, width = found[1], int(found[2] or 0)
    word = _KINDS.get(letter, letter)
    if letter in "OMmV":
        return word, 64 if letter in "Mm" else None
    bits = width * (32 if letter == "U" else 8)
    return (word if letter in "bSU" else f"{word}{bits}"), bits


def _row(name: str, kind: str, shape: list[int], bits: int | None) -> Row:
    count = math.prod(max(side, 0) for side in shape[:32])
    size = None if bits is None or count > 10**18 else str(count * bits // 8)
    sides = " × ".join(count_text(side) for side in shape[:32]) or "scalar"
    return cut_cell(name), kind, sides, None if count > 10**18 else str(count), size


def read_safetensors(stream: BinaryIO, size_bytes: int, limits: Limits) -> ListingContent:
    """The tensors that the header names, in the order of the file.

    Raises:
        ArrayError: if the header is none.
    """
    length = int.from_bytes(stream.read(8), "little")
    if length > min(_SAFETENSORS_HEADER, size_bytes):
        raise ArrayError("its header is longer than the file or 25 MB")
    try:
        header = json.loads(stream.read(length))
    except (ValueError, RecursionError) as error:
        raise ArrayError("its header is no JSON") from error
    if not isinstance(header, dict):
        raise ArrayError("its header is no JSON object")
    rows = list(_tensors(header))
    return _listing(rows[: limits.archive_entries], len(rows))


def _tensors(header: dict[str, object]) -> Iterator[Row]:
    for name, tensor in header.items():
        if name == "__metadata__" or not isinstance(tensor, dict):
            continue
        kind, shape = tensor.get("dtype"), tensor.get("shape")
        sides = shape if isinstance(shape, list) else []
        whole = [side for side in sides if isinstance(side, int) and not isinstance(side, bool)]
        label = kind if isinstance(kind, str) else "unknown"
        yield _row(name, cut_cell(label)[:40].lower(), whole[:32], _BITS.get(label))


def _listing(rows: list[Row], count: int) -> ListingContent:
    values = sum(int(row[3] or 0) for row in rows)
    sizes = sum(int(row[4] or 0) for row in rows)
    notes = []
    if count > len(rows):
        notes.append(f"The first {len(rows):,} of {plural(count, 'array')} are listed.")
    if any(row[1] == "pickled object" for row in rows):
        notes.append("Pickled objects are named, never loaded.")
    notes.append("Types and shapes by the header; no value is read.")
    many = f"{plural(count, 'array')}, " if count != 1 else ""
    return ListingContent(
        noun="array", columns=_COLUMNS, rows=tuple(rows), row_count=count,
        facts=f"{many}{plural(values, 'value')}, {bytes_text(sizes)}", notes=tuple(notes),
        fault=None,
    )  # fmt: skip

"""Files of a run: copied into `attachments/`, whole or not at all, under names that are safe."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sitegen.sdk.faults import Faults, LogTypeError, LogValueError
from sitegen.sdk.places import replacing, safe_path, write_atomically
from sitegen.sdk.values import clean, found, plain

FOLDER = "attachments"
_CHUNK = 1 << 20


class Attachments:
    """The attachments of one bundle, for writing."""

    def __init__(self, bundle: Path, faults: Faults) -> None:
        self._bundle = bundle
        self._faults = faults

    def write(self, path: str, content: bytes) -> str:
        """*content* as the attachment *path*; the path in the bundle."""
        target = self._target(path)
        with self._faults.guard(target):
            self._folder_of(target)
            write_atomically(self._bundle / target, content)
        return target

    def copy(self, source: Path, path: str) -> str:
        """A copy of the file *source*; the path in the bundle.

        Raises:
            LogValueError: if *source* cannot be read.
        """
        target = self._target(path)
        with open_source(source) as stream, self._faults.guard(target):
            self._folder_of(target)
            with replacing(self._bundle / target) as temporary, temporary.open("wb") as copy:
                shutil.copyfileobj(stream, copy, _CHUNK)
        return target

    def copy_tree(self, source: Path, path: str | None) -> str:
        """Copies of all files below *source* whose names do not begin with a dot.

        Raises:
            LogValueError: if *source* is no directory.
        """
        if not source.is_dir():
            raise LogValueError("is not a directory", path=str(source))
        for file in files_below(source):
            if file.absolute().is_relative_to(self._bundle):
                continue  # the run itself: its copies would be copied again
            self.copy(file, safe_path(path, file.relative_to(source).as_posix()))
        return f"{FOLDER}/{safe_path(path)}" if path else FOLDER

    def _target(self, path: str) -> str:
        return f"{FOLDER}/{safe_path(path)}"

    def _folder_of(self, target: str) -> None:
        (self._bundle / target).parent.mkdir(parents=True, exist_ok=True)


def open_source(source: Path) -> io.BufferedReader:
    """The file that a caller named.

    Raises:
        LogValueError: if it cannot be read.
    """
    try:
        return source.open("rb")
    except OSError as error:
        raise LogValueError(f"cannot be read: {error.strerror}", path=str(source)) from error


def files_below(folder: Path) -> Iterator[Path]:
    """Files below *folder* in order of their paths, without those behind names with a dot."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.is_file():
            yield path


def digest_of(path: Path) -> tuple[str, int]:
    """`sha256:…` and size of a file, or of the names and digests of all files of a directory."""
    if path.is_dir():
        total, size = hashlib.sha256(), 0
        for file in files_below(path):
            digest, size_bytes = digest_of(file)
            total.update(f"{digest}  {file.relative_to(path).as_posix()}\n".encode())
            size += size_bytes
        return f"sha256:{total.hexdigest()}", size
    with open_source(path) as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return f"sha256:{digest}", os.fstat(stream.fileno()).st_size


def content_of(value: object) -> tuple[bytes, str]:
    """The bytes of an object that is no path, and the suffix of its format.

    Raises:
        LogTypeError: if there is no format for it.
    """
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value), ".bin"
    if hasattr(value, "to_csv") or hasattr(value, "write_csv"):
        return table_csv(value), ".csv"
    if isinstance(value, Mapping | list | tuple):
        document = json.dumps(plain("artifact", value), indent=2, ensure_ascii=False)
        return f"{document}\n".encode(), ".json"
    raise LogTypeError(
        f"log_artifact takes a path, bytes, a mapping, a list, a data frame, a picture or a"
        f" figure, got {found(value)}",
        hint="Save it to a file and log the path.",
    )


def table_csv(table: Any) -> bytes:
    """CSV of a data frame (pandas, Polars), an Arrow table, a list of mappings, or columns.

    Raises:
        LogTypeError: if it is none of these.
    """
    if hasattr(table, "to_csv"):  # pandas; the index is kept where it says something
        is_counted = type(table.index).__name__ == "RangeIndex"
        return clean(table.to_csv(index=not is_counted)).encode()
    if hasattr(table, "write_csv"):  # Polars
        return clean(table.write_csv()).encode()
    if hasattr(table, "to_pylist"):  # Arrow
        return _csv(table.column_names, [list(row.values()) for row in table.to_pylist()])
    if isinstance(table, Mapping):
        columns = {str(name): _column(str(name), column) for name, column in table.items()}
        if len({len(column) for column in columns.values()}) > 1:
            raise LogValueError("the columns of a table differ in length")
        return _csv(list(columns), list(zip(*columns.values(), strict=True)))
    rows = list(table) if isinstance(table, Sequence) and not isinstance(table, str) else None
    if rows is None or not all(isinstance(row, Mapping) for row in rows):
        raise LogTypeError(
            "log_table takes a data frame, a list of mappings or a mapping of columns, got"
            f" {found(table)}"
        )
    names = list(dict.fromkeys(str(name) for row in rows for name in row))
    return _csv(names, [[row.get(name) for name in names] for row in rows])


def _column(name: str, column: object) -> list[Any]:
    if isinstance(column, str | bytes) or not isinstance(column, Iterable):
        raise LogTypeError(f"column “{name}” must be a list, got {found(column)}")
    return list(column)


def _csv(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([clean(name) for name in names])
    for row in rows:
        cells = [plain(name, cell) for name, cell in zip(names, row, strict=True)]
        writer.writerow([_cell(cell) for cell in cells])
    return clean(text.getvalue()).encode()


def _cell(value: Any) -> Any:
    """Objects and lists as JSON, booleans as JSON writes them, nothing for None."""
    if isinstance(value, bool | dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value

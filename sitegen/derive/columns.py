"""Columns of any values, some of them missing, as the data files of tables hold them.

Floor 3. A data file of a table covers a block of its rows and one group of columns:

    sitegen.data("columns/digits-mlp-1f0c/params-0", {"n": 1000, "columns": {"params.lr": {…}}})

A column is one of (`codec.py` tells of the forms that stand for `<codec>`; js/table/frame.js reads
all):

    {"t": "number", "v": <codec>, "rows": <codec>}          numbers; NaN and ±Inf are data
    {"t": "value", "words": <words>, "codes": <codec>, "rows": <codec>}     anything else
    {"t": "points", "v": <codec>, "counts": <codec>}        small lines, their values end to end;
                                                            their steps likewise

Value i belongs to row `rows[i]`; the other rows have none, which is not the same as null. Without
`rows` every row has one, and a column that a block does not name has none at all. `words` are the
distinct values in order of first appearance: a JSON list, or, when it is long,
`{"k": "text", "n": count, "b": base64 of raw deflate of the list's UTF-8}`.
"""

from __future__ import annotations

import base64
import json
import zlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from sitegen.derive.codec import Column, decode_column, encode_float_list, encode_int_list
from sitegen.units import exact_text

if TYPE_CHECKING:
    from sitegen.derive.sink import DataFile, Sink
    from sitegen.model import Json

_SHORT_BYTES: Final = 4_096
"""Longer lists of words are deflated."""
_LEVEL: Final = 6
_EXACT: Final = 2**53


class ColumnValues:
    """The values of one column, row by row in ascending order (it holds them all)."""

    def __init__(self) -> None:
        self._rows = array("q")
        self._values: list[Json] = []

    def add(self, row: int, value: Json) -> None:
        """Give *row* its value; None is the value null."""
        self._rows.append(row)
        self._values.append(value)

    def encoded(self, count: int) -> Column | None:
        """The column over *count* rows; None if no row has a value."""
        if not self._values:
            return None
        numbers = _numbers(self._values)
        column = _words(self._values) if numbers is None else {"t": "number", "v": numbers}
        if len(self._rows) < count:
            column["rows"] = encode_int_list(self._rows)
        return column


class ColumnBlocks:
    """The data files of one group of columns, written block by block as rows come."""

    def __init__(self, name: str, sink: Sink, *, most_rows: int, most_bytes: int) -> None:
        self.files: list[DataFile] = []
        """Files written so far: `<name>-<block>`."""
        self.starts: list[int] = []
        """First row of each block."""
        self._name = name
        self._sink = sink
        self._most_rows = most_rows
        self._most_bytes = most_bytes
        self._columns: dict[str, ColumnValues] = {}
        self._start = self._rows = self._bytes = 0

    def add(self, values: Mapping[str, Json], size_bytes: int) -> None:
        """The next row, which takes about *size_bytes*; a block is written when it is full."""
        for name, value in values.items():
            self._columns.setdefault(name, ColumnValues()).add(self._rows, value)
        self._rows += 1
        self._bytes += size_bytes
        if self._rows >= self._most_rows or self._bytes >= self._most_bytes:
            self.close()

    def close(self) -> None:
        """Write what is still open."""
        if not self._rows:
            return
        payload = block_payload(self._columns, self._rows)
        self.files.append(self._sink.data(f"{self._name}-{len(self.starts)}", payload))
        self.starts.append(self._start)
        self._start += self._rows
        self._columns, self._rows, self._bytes = {}, 0, 0


def block_payload(columns: Mapping[str, ColumnValues], count: int) -> dict[str, Json]:
    """The payload of a block of *count* rows; columns without any value are left out."""
    encoded = {name: values.encoded(count) for name, values in columns.items()}
    return {"n": count, "columns": {name: one for name, one in encoded.items() if one is not None}}


def points_column(lines: Iterable[Sequence[float]]) -> Column:
    """The small lines of all rows, empty where a row has none, rounded to what can be drawn."""
    counts: list[int] = []
    values: list[float] = []
    for line in lines:
        counts.append(len(line))
        values.extend(float(f"{value:.4g}") for value in line)
    return {
        "t": "points",
        "v": encode_float_list(values),
        "counts": encode_int_list(counts),
    }


def steps_column(lines: Iterable[Sequence[int]]) -> Column:
    """The steps of the small lines of all rows, exactly."""
    many = [tuple(line) for line in lines]
    return {
        "t": "points",
        "v": encode_int_list([step for line in many for step in line]),
        "counts": encode_int_list([len(line) for line in many]),
    }


def decode_values(column: Mapping[str, Json], count: int) -> dict[int, Json]:
    """The values by row of a column over *count* rows: the twin of js/table/frame.js, for tests."""
    rows = decode_column(column["rows"]).tolist() if "rows" in column else range(count)
    if column["t"] == "number":
        return dict(zip(rows, decode_column(column["v"]).tolist(), strict=True))
    words = column["words"]
    if isinstance(words, dict):
        words = json.loads(zlib.decompress(base64.b64decode(words["b"]), -zlib.MAX_WBITS))
    codes = decode_column(column["codes"]).tolist()
    return {row: words[int(code)] for row, code in zip(rows, codes, strict=True)}


def _numbers(values: Sequence[Json]) -> Column | None:
    """The values as numbers, None if one of them is none or would be rounded."""
    if not all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
        return None
    if all(isinstance(value, int) for value in values):
        if any(abs(value) > _EXACT for value in values):
            return None
        return encode_int_list(values)
    if any(isinstance(value, int) and abs(value) > _EXACT for value in values):
        return None
    return encode_float_list(values)


def _words(values: Sequence[Json]) -> Column:
    code_by_key: dict[tuple[type, Json], int] = {}
    words: list[Json] = []
    codes = array("q")
    for value in values:
        key = (type(value), _key(value))
        code = code_by_key.setdefault(key, len(words))
        if code == len(words):
            words.append(_safe(value))
        codes.append(code)
    return {
        "t": "value",
        "words": packed_words(words),
        "codes": encode_int_list(codes),
    }


def _key(value: Json) -> Json:
    """Something to tell values apart by; True and 1 differ by their type."""
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value, sort_keys=True)
    return "NaN" if value != value else value  # noqa: PLR0124  # NaN is no key of a dict


def _safe(value: Json) -> Json:
    """*value* as JSON that a browser reads exactly."""
    if isinstance(value, float) and value - value != 0:
        return exact_text(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _EXACT:
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def packed_words(words: list[Json]) -> Json:
    """*words* as a column or an index holds them: deflated if they are long."""
    text = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
    content = text.encode("utf-8", "replace")
    if len(content) <= _SHORT_BYTES:
        return words
    stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, 9)
    deflated = stream.compress(content) + stream.flush()
    return {"k": "text", "n": len(words), "b": base64.b64encode(deflated).decode("ascii")}

"""The samples of an eval as columns, written block by block while they stream by.

Floor 3. Groups: `core` (ids, scores, figures), `text` (previews, in small blocks: a page shows few
at a time), `metadata` (ragged), and `outputs` for pages that compare runs, whose only column
`digest` is 32 bits of the output, the same where the output is the same. Row is ordinal.
`error:scores.<scorer>` marks scores that errored; a score without value and mark is missing.
"""

from __future__ import annotations

import json
import zlib

from sitegen.derive.columns import ColumnBlocks
from sitegen.derive.evals.samples import SampleRow
from sitegen.derive.evals.score_columns import Blocks
from sitegen.derive.sink import DataFile, Sink
from sitegen.model import Json
from sitegen.records import dataclass

_ROWS = 65_536
_TEXT_ROWS = 4_096
_BYTES = 32_000_000
"""A block of `core` or `metadata` closes here, so that a worker stays within its memory."""
_TEXT_BYTES = 2_000_000
_MOST_METADATA = 200
_DIGEST_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleGroups:
    """What a page must know to load the columns of an eval."""

    starts: dict[str, tuple[int, ...]]
    """Ordinal of the first sample of each block, by group."""
    names: tuple[str, ...]
    """Columns that some sample has, those of metadata in the order of appearance."""
    counts: dict[str, int]
    """Samples that have a value, by name of a column of metadata."""
    metadata_left_out: int
    """Names of metadata beyond the first 200, which have no column."""


class SampleColumns:
    """The columns of one eval while it is read (it holds the open blocks)."""

    def __init__(self, number: int, sink: Sink) -> None:
        def blocks(group: str, rows: int, size_bytes: int) -> ColumnBlocks:
            name = f"evals-{number}-{group}"
            return ColumnBlocks(name, sink, most_rows=rows, most_bytes=size_bytes)

        self._core = blocks("core", _ROWS, _BYTES)
        self._text = blocks("text", _TEXT_ROWS, _TEXT_BYTES)
        self._metadata = blocks("metadata", _ROWS, _BYTES)
        self._outputs = blocks("outputs", _ROWS, _BYTES)
        self._names: dict[str, None] = {}
        self._metadata_names: dict[str, int] = {}
        self._left_out: set[str] = set()

    @property
    def files(self) -> list[DataFile]:
        """Data files written."""
        groups = (self._core, self._text, self._metadata, self._outputs)
        return [file for group in groups for file in group.files]

    @property
    def compared(self) -> dict[str, Blocks]:
        """The blocks that a page needs to compare runs, written so far."""
        groups = {"core": self._core, "outputs": self._outputs, "text": self._text}
        return {
            name: Blocks(
                starts=tuple(blocks.starts), files=tuple(file.file for file in blocks.files)
            )
            for name, blocks in groups.items()
        }

    def add(self, row: SampleRow, output: Json) -> None:
        """The next sample and its output."""
        core, text = _core_values(row), _text_values(row)
        metadata = {f"metadata.{name}": _as_json(row.metadata[name]) for name in self._known(row)}
        self._names.update(dict.fromkeys(core))
        self._names.update(dict.fromkeys(text))
        self._core.add(core, _size(core))
        self._text.add(text, _size(text))
        self._metadata.add(metadata, _size(metadata))
        self._outputs.add({"digest": _digest(output)}, _DIGEST_BYTES)

    def close(self) -> SampleGroups:
        """Write what is still open; what the page must know."""
        groups = {"core": self._core, "text": self._text, "metadata": self._metadata}
        for blocks in (*groups.values(), self._outputs):
            blocks.close()
        names = [name for name in self._names if not name.startswith("error:")]
        return SampleGroups(
            starts={name: tuple(blocks.starts) for name, blocks in groups.items()},
            names=(*names, *(f"metadata.{name}" for name in self._metadata_names)),
            counts={f"metadata.{name}": count for name, count in self._metadata_names.items()},
            metadata_left_out=len(self._left_out),
        )

    def _known(self, row: SampleRow) -> list[str]:
        found = []
        for name in row.metadata:
            if name not in self._metadata_names:
                if len(self._metadata_names) >= _MOST_METADATA:
                    if len(self._left_out) < _MOST_METADATA:
                        self._left_out.add(name)
                    continue
                self._metadata_names[name] = 0
            self._metadata_names[name] += 1
            found.append(name)
        return found


def _digest(output: Json) -> int:
    """32 bits of the output; a changed output keeps them once in 4 billion times."""
    text = output if isinstance(output, str) else json.dumps(output, sort_keys=True)
    return zlib.crc32(text.encode("utf-8", "replace"))


def _as_json(value: Json | tuple[str, ...]) -> Json:
    return list(value) if isinstance(value, tuple) else value


def _core_values(row: SampleRow) -> dict[str, Json]:
    values: dict[str, Json] = {
        "id": row.id,
        "epoch": row.epoch,
        "errored": row.error_text is not None,
    }
    optional = {
        "error": row.error_text,
        "tokens": row.tokens,
        "duration_s": row.duration_s,
        "cost_usd": row.cost_usd,
        "cluster": row.cluster,
        "tags": list(row.tags) or None,
    }
    values |= {name: value for name, value in optional.items() if value is not None}
    for scorer, cell in row.scores.items():
        if cell.state == "value" and cell.value is not None:
            values[f"scores.{scorer}"] = cell.value
        elif cell.state == "error":
            values[f"error:scores.{scorer}"] = True
    return values


def _text_values(row: SampleRow) -> dict[str, Json]:
    texts = {
        "input": row.input_text,
        "output": row.output_text,
        "target": row.target_text,
        "trace": row.trace_ids[0] if row.trace_ids else "",
    }
    return {name: text for name, text in texts.items() if text}


def _size(values: dict[str, Json]) -> int:
    return sum(60 + _text_size(value) for value in values.values())


def _text_size(value: Json) -> int:
    if isinstance(value, list):
        return sum(_text_size(member) + 4 for member in value)
    return len(value) if isinstance(value, str) else 0

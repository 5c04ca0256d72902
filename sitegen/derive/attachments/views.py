"""What a preview is: one or two views of a file, each with a sentence on its limits.

Floor 3. A view is data: whoever writes it into a page writes text and attributes, never markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Literal

from sitegen.derive.attachments.document import Node, beginning, character_count
from sitegen.derive.attachments.highlight import Piece
from sitegen.model import Json
from sitegen.records import dataclass

ViewKind = Literal["table", "text", "image", "document", "frame", "media", "figure", "series"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table's preview."""

    name: str
    """Its name."""
    type: str
    """`int`, `float`, `bool`, `text`, `bytes`, or the file's own word."""
    is_right: bool
    """Whether its cells are set right: numbers and booleans."""
    summary: str = ""
    """What is true of the whole column: `0.41 to 0.99, mean 0.87`; may be empty."""
    bars: tuple[int, ...] = ()
    """Heights of its histogram in percent of the highest; may be empty."""

    @property
    def shown_type(self) -> str:
        """The type as its head says it: sizes are plain to see."""
        return "" if self.type == "bytes" else self.type


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One way to see a file."""

    kind: ViewKind
    """Which of the fields hold it."""
    name: str
    """What the choice of views calls it: `Table`, `Source`."""
    note: str
    """What is shown and what is left out, in sentences; may be empty."""
    columns: tuple[Column, ...] = ()
    """Columns of a table."""
    rows: tuple[tuple[str | None, ...], ...] = ()
    """Cells of a table as written; None where a row has no such cell."""
    pieces: tuple[Piece, ...] = ()
    """(class, text) pieces of a text."""
    nodes: tuple[Node, ...] = ()
    """Elements and texts of a document."""
    source: str = ""
    """The data address of an SVG picture, or the static HTML of a frame."""
    media: str = ""
    """`audio`, `video` or `pdf` of a file that the browser plays or shows."""
    figure: Mapping[str, Json] = field(default_factory=dict)
    """A Plotly figure held against our list: its data and layout."""
    needs_library: bool = False
    """Whether the figure needs the large chart library."""
    width: int | None = None
    """Width of a picture in px."""
    height: int | None = None
    """Height of a picture in px."""

    @property
    def characters(self) -> int:
        """About how many characters it takes."""
        cells = sum(len(cell or "") + 4 for row in self.rows for cell in row)
        texts = sum(len(text) + 8 for _, text in self.pieces)
        return cells + texts + len(self.source) + character_count(self.nodes)

    def beginning(self, most: int) -> View | None:
        """The view itself if it takes at most *most* characters, else how it begins, which its
        note says; None where a part makes no sense.
        """
        if self.characters <= most:
            return self
        match self.kind:
            case "table":
                return self._first_rows(most)
            case "text":
                return self._first_pieces(most)
            case "document":
                nodes, _ = beginning(self.nodes, most)
                return self._cut("The beginning, as a page without JavaScript has it.", nodes=nodes)
            case _:
                return None

    def _cut(self, said: str, **changes: object) -> View:
        return replace(self, note=f"{self.note} {said}".strip(), **changes)  # type: ignore[arg-type]  # its own fields

    def _first_rows(self, most: int) -> View:
        rows, room = [], most
        for row in self.rows:
            room -= sum(len(cell or "") + 4 for cell in row)
            if room < 0:
                break
            rows.append(row)
        said = f"Without JavaScript the first {len(rows)} rows are shown."
        return self._cut(said, rows=tuple(rows))

    def _first_pieces(self, most: int) -> View:
        pieces, room = [], most
        for name, text in self.pieces:
            if room <= 0:
                break
            pieces.append((name, text[:room]))
            room -= len(text) + 8
        said = "The beginning, as a page without JavaScript has it."
        return self._cut(said, pieces=tuple(pieces))


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The views of a file, or why there is none."""

    detail: str
    """What the list says after the name: `1,319 rows`; may be empty."""
    facts: str
    """What stands beside the size: `1,319 rows × 6 columns`; may be empty."""
    views: tuple[View, ...]
    """First the one shown at first; empty without a preview."""
    reason: str
    """Why there is no preview; empty if there is one."""

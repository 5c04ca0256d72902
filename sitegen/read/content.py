"""What a preview is made of: the content of an attachment, one class for each way to hold it.

Floor 2. Whatever stands here has been read within the limits; nothing of it is markup that may be
trusted, `DocxContent.html` included.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from sitegen.model import Json
from sitegen.read.documents.media import ImageHead
from sitegen.read.documents.tables import TableContent
from sitegen.read.documents.textfiles import Encoding
from sitegen.records import dataclass

TextRole = Literal["log", "code", "json", "markdown", "patch"]


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

    role: TextRole
    """log: may hold terminal colours; code: by its name's language."""
    text: str
    """Text as written, with Unix line ends."""
    encoding: Encoding
    """How it was decoded."""
    is_cut: bool
    """Whether the file goes on."""
    line_count: int | None
    """Lines in the file, None where they were not counted."""
    misnamed: str = ""
    """The suffix, where it names something that the file is not; else empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HtmlContent:
    """An HTML page."""

    source: TextContent
    """Its beginning as written."""
    text: str | None
    """The whole of it, None if it is too large for a preview."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocxContent:
    """A Word document."""

    html: str
    """Its content as HTML that was sanitised once; still to be held against our own list."""
    paragraphs: int
    """Number of paragraphs."""
    notes: tuple[str, ...]
    """What a reader should know, in sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotebookOutput:
    """One output of a cell."""

    kind: Literal["text", "image", "error"]
    """text: what was printed or returned; image: a picture; error: a traceback."""
    text: str
    """The text, which may hold terminal colours; of an image its base64."""
    label: str
    """`stderr`, the image's format, or the error's name and message; may be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotebookCell:
    """One cell of a notebook."""

    kind: Literal["code", "markdown", "raw"]
    """What its source is."""
    source: str
    """Its source."""
    number: int | None
    """How many cells had been run when it was; None if it was not run."""
    outputs: tuple[NotebookOutput, ...]
    """What it printed, returned or raised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotebookContent:
    """A Jupyter notebook: text and pictures only."""

    language: str
    """Language of its code cells."""
    cells: tuple[NotebookCell, ...]
    """Its first cells."""
    cell_count: int
    """All its cells."""
    error_count: int
    """Cells that raised."""
    source: TextContent
    """The beginning of the file as written."""
    notes: tuple[str, ...]
    """What is left out, in sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureContent:
    """A Plotly figure as JSON."""

    figure: Mapping[str, Json]
    """The figure as decoded: nothing of it is checked yet."""
    source: TextContent
    """The beginning of the file as written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayableContent:
    """A file that the browser shows or plays by itself."""

    kind: Literal["audio", "video", "pdf"]
    """What shows it."""
    format: str
    """Its format by its first bytes: `WAV`, `MP4`."""
    facts: str
    """`44.1 kHz, 2 channels, 3.2 s`; may be empty."""
    fault: str | None = None
    """Why a browser must not be given it, as a sentence; None if it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingContent:
    """What is in a container: members of an archive, arrays of a weights file, tables."""

    noun: str
    """What one row is: `file`, `array`, `table`."""
    columns: tuple[tuple[str, str], ...]
    """Name and type of each column."""
    rows: tuple[tuple[str | None, ...], ...]
    """Cells of the first rows."""
    row_count: int
    """Rows there are, as far as the container was read."""
    facts: str
    """`12 files, 3.4 MB unpacked`."""
    notes: tuple[str, ...]
    """What a reader should know, in sentences."""
    fault: str | None
    """Why reading stopped early, None if it did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoContent:
    """A file without a preview."""

    reason: str
    """Why, as a sentence."""


Content = (
    ImageContent
    | SvgContent
    | TableContent
    | TextContent
    | HtmlContent
    | DocxContent
    | NotebookContent
    | FigureContent
    | PlayableContent
    | ListingContent
    | NoContent
)

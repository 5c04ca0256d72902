"""Jupyter notebooks as text and pictures: HTML, JavaScript and widgets are left out and counted.

Floor 2. nbformat 3 and 4 (https://nbformat.readthedocs.io). A notebook is JSON that anybody could
have written: a member of a wrong type counts as absent, never as a fault of the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import field

from sitegen.bundle.limits import Limits
from sitegen.model import Json
from sitegen.read.content import NotebookCell, NotebookContent, NotebookOutput, TextContent
from sitegen.read.documents.json_text import JsonError, parse_json
from sitegen.records import dataclass
from sitegen.units import plural

OUTPUT_CHARACTERS = 20_000
"""Longest text of one output."""
SOURCE_CHARACTERS = 50_000
"""Longest source of one cell."""
OUTPUTS = 50
"""Most outputs of one cell."""
_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_SHORT_KEYS = {"png": "image/png", "jpeg": "image/jpeg", "text": "text/plain"}  # nbformat 3
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_MAGIC = {
    "image/png": "iVBORw0KGgo", "image/jpeg": "/9j/", "image/gif": "R0lGOD", "image/webp": "UklGR",
}  # fmt: skip
"""How the base64 of each format begins."""


@dataclass(slots=True)
class _Budget:
    """What may still be shown, and what was left out."""

    image_bytes: int
    """Bytes of pictures."""
    left_out: dict[tuple[str, str], int] = field(default_factory=dict)
    """How many outputs were left out, by what they are."""

    def leave_out(self, what: str, many: str = "") -> None:
        """Counts an output that is not shown; *many* is its plural where an s does not make it."""
        words = (what, many or f"{what}s")
        self.left_out[words] = self.left_out.get(words, 0) + 1


def read_notebook(content: bytes, source: TextContent, limits: Limits) -> NotebookContent | str:
    """The first cells of the notebook, or why it is none."""
    try:
        document, _ = parse_json(content, limits.json_depth)
    except JsonError as error:
        return f"line {error.line}: {error.message}"
    cells = list(_cells(document))
    if not isinstance(document, dict) or ("cells" not in document and "worksheets" not in document):
        return "it has no cells"
    budget = _Budget(limits.notebook_image_bytes)
    shown = tuple(_cell(cell, budget) for cell in cells[: limits.notebook_cells])
    return NotebookContent(
        language=_language(document),
        cells=shown,
        cell_count=len(cells),
        error_count=sum(any(one.kind == "error" for one in cell.outputs) for cell in shown),
        source=source,
        notes=tuple(_notes(len(cells), limits, budget)),
    )


def _notes(count: int, limits: Limits, budget: _Budget) -> Iterator[str]:
    if count > limits.notebook_cells:
        yield f"The first {limits.notebook_cells:,} of {plural(count, 'cell')} are shown."
    if budget.left_out:
        parts = [plural(number, *words) for words, number in sorted(budget.left_out.items())]
        yield f"Left out: {', '.join(parts)}. Text and pictures are shown, nothing is run."


def _cells(document: Json) -> Iterator[dict[str, Json]]:
    """The cells of nbformat 4, or of all worksheets of nbformat 3."""
    if not isinstance(document, dict):
        return
    sheets = [document, *_dicts(document.get("worksheets"))]
    for sheet in sheets:
        yield from _dicts(sheet.get("cells"))


def _dicts(value: Json) -> list[dict[str, Json]]:
    return [member for member in value if isinstance(member, dict)] if _is_list(value) else []


def _is_list(value: Json) -> bool:
    return isinstance(value, list)


def _language(document: dict[str, Json]) -> str:
    metadata = document.get("metadata")
    for key, name in (("kernelspec", "language"), ("language_info", "name")):
        entry = metadata.get(key) if isinstance(metadata, dict) else None
        if isinstance(entry, dict) and isinstance(entry.get(name), str):
            return str(entry[name]).lower()[:40]
    return "python"


def _cell(cell: dict[str, Json], budget: _Budget) -> NotebookCell:
    kind = cell.get("cell_type")
    is_code = kind == "code"
    number = cell.get("execution_count", cell.get("prompt_number"))
    is_heading = kind == "heading"  # nbformat 3
    text = _cut(_text(cell.get("source", cell.get("input"))), SOURCE_CHARACTERS)
    if not is_code and isinstance(cell.get("attachments"), dict):
        text = _with_pictures(text, cell["attachments"], budget)
    outputs = _dicts(cell.get("outputs")) if is_code else []
    for _ in outputs[OUTPUTS:]:
        budget.leave_out("output")
    return NotebookCell(
        kind="code" if is_code else "markdown" if is_heading or kind == "markdown" else "raw",
        source=f"## {text}" if is_heading else text,
        number=number if isinstance(number, int) and abs(number) < 10**9 else None,
        outputs=tuple(
            _merged(found for one in outputs[:OUTPUTS] for found in _output(one, budget))
        ),
    )


def _with_pictures(text: str, pictures: dict[str, Json], budget: _Budget) -> str:
    """Markdown whose `attachment:name` addresses are the pictures that the cell carries."""
    for name, data in pictures.items():
        address = f"](attachment:{name})"
        if address not in text or not isinstance(data, dict):
            continue
        found = next((one for one in _display(data, budget) if one.kind == "image"), None)
        if found is not None:
            text = text.replace(address, f"](data:{found.label};base64,{found.text})")
    return text


def _merged(outputs: Iterator[NotebookOutput]) -> Iterator[NotebookOutput]:
    """Texts of one stream one after another are one text, as Jupyter shows them."""
    last: NotebookOutput | None = None
    for one in outputs:
        is_same = last is not None and one.kind == last.kind == "text" and one.label == last.label
        if last is not None and is_same and last.label in {"stdout", "stderr"}:
            text = _cut(last.text + one.text, OUTPUT_CHARACTERS)
            last = NotebookOutput(kind="text", text=text, label=last.label)
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def _output(output: dict[str, Json], budget: _Budget) -> Iterator[NotebookOutput]:
    match output.get("output_type"):
        case "stream":
            name = output.get("name", output.get("stream"))
            text = _cut(_text(output.get("text")), OUTPUT_CHARACTERS)
            label = "stderr" if name == "stderr" else "stdout"
            yield NotebookOutput(kind="text", text=text, label=label)
        case "error" | "pyerr":
            yield _error(output)
        case "execute_result" | "display_data" | "pyout":
            yield from _display(_data(output), budget)
        case _:
            budget.leave_out("unknown output")


def _error(output: dict[str, Json]) -> NotebookOutput:
    name, message = _text(output.get("ename")), _text(output.get("evalue"))
    frames = output.get("traceback")
    text = "\n".join(map(_text, frames)) if isinstance(frames, list) else _text(frames)
    label = _cut(f"{name}: {message}" if message else name, 300)
    return NotebookOutput(kind="error", text=_cut(text or label, OUTPUT_CHARACTERS), label=label)


def _data(output: dict[str, Json]) -> dict[str, Json]:
    """What is displayed, by its type; nbformat 3 has the types beside the other keys."""
    data = output.get("data")
    if isinstance(data, dict):
        return data
    return {
        _SHORT_KEYS.get(key, f"text/{key}"): value
        for key, value in output.items()
        if key in {*_SHORT_KEYS, "html", "svg", "latex", "javascript"}
    }


def _display(data: dict[str, Json], budget: _Budget) -> Iterator[NotebookOutput]:
    """The first picture, else the text."""
    is_counted = False
    for name in _IMAGES:
        image = re.sub(r"\s+", "", _text(data.get(name)))
        if not image:
            continue
        is_counted = True
        if not image.startswith(_MAGIC[name]) or not _BASE64.fullmatch(image):
            budget.leave_out("broken picture")
        elif len(image) * 3 // 4 > budget.image_bytes:
            budget.leave_out("picture over the limit", "pictures over the limit")
        else:
            budget.image_bytes -= len(image) * 3 // 4
            yield NotebookOutput(kind="image", text=image, label=name)
            return
    text = _text(data.get("text/plain"))
    if text:
        yield NotebookOutput(kind="text", text=_cut(text, OUTPUT_CHARACTERS), label="")
    elif data and not is_counted:
        budget.leave_out(f"{_plain(sorted(map(str, data)))} output")


def _plain(names: Sequence[str]) -> str:
    name = names[0].rpartition("/")[2]
    return name[:40] if re.fullmatch(r"[\w.+-]+", name) else "other"


def _text(value: Json) -> str:
    """A text of the notebook: a string or a list of strings."""
    if isinstance(value, list):
        return "".join(member for member in value if isinstance(member, str))
    return value if isinstance(value, str) else ""


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return f"{text[:most]}\n… ({len(text) - most:,} more characters)"

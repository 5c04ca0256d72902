"""A notebook as a document: cells in order, sources coloured, outputs as text and pictures.

Floor 3. An error stands open with its traceback in terminal colours; long outputs are folded.
"""

from __future__ import annotations

from collections.abc import Iterator

from sitegen.derive.attachments.ansi import terminal_pieces
from sitegen.derive.attachments.document import Documents, Node, code_nodes, element
from sitegen.derive.attachments.highlight import highlight
from sitegen.derive.attachments.views import Preview, View
from sitegen.read.content import NotebookCell, NotebookContent, NotebookOutput
from sitegen.read.documents.textfiles import without_controls
from sitegen.units import count_text, plural

_FOLDED_CHARACTERS = 4_000


def notebook_view(content: NotebookContent, id_prefix: str, documents: Documents) -> View:
    """The notebook as a document."""
    nodes = [
        element("section", *_cell(cell, content.language, f"{id_prefix}{at}-", documents),
                class_=f"sg-notebook__cell sg-notebook__cell--{cell.kind}")
        for at, cell in enumerate(content.cells)
    ]  # fmt: skip
    return View(
        kind="document", name="Notebook", note=" ".join(content.notes),
        nodes=(element("div", *nodes, class_="sg-notebook"),),
    )  # fmt: skip


def notebook_facts(content: NotebookContent) -> str:
    """`12 cells, 1 error, python`."""
    errors = f", {plural(content.error_count, 'error')}" if content.error_count else ""
    return f"{plural(content.cell_count, 'cell')}{errors}"


def notebook_preview(content: NotebookContent, views: tuple[View, ...]) -> Preview:
    """The preview with its *views*."""
    facts = notebook_facts(content)
    if not content.cells:
        return Preview(detail="empty", facts="empty", views=(), reason="The notebook has no cells.")
    return Preview(detail=facts, facts=f"{facts}, {content.language}", views=views, reason="")


def _cell(
    cell: NotebookCell, language: str, id_prefix: str, documents: Documents
) -> Iterator[Node]:
    match cell.kind:
        case "markdown":
            nodes = documents.of_markdown(cell.source, id_prefix)
            yield element("div", *nodes, class_="sg-prose")
        case "raw":
            yield element("pre", without_controls(cell.source), class_="sg-code sg-code--wrap")
        case "code":
            number = count_text(cell.number) if cell.number is not None else " "
            yield element("p", f"In [{number}]", class_="sg-notebook__prompt")
            pieces = highlight(without_controls(cell.source), language)
            if cell.source.strip():
                yield element("pre", *code_nodes(pieces), class_="sg-code sg-code--wrap hl")
            for output in cell.outputs:
                yield _output(output)


def _output(output: NotebookOutput) -> Node:
    match output.kind:
        case "image":
            picture = element(
                "img", src=f"data:{output.label};base64,{output.text}", alt="Output of the cell",
                class_="sg-notebook__picture",
            )  # fmt: skip
            return element("div", picture, class_="sg-notebook__output")
        case "error":
            head = element("p", output.label, class_="sg-notebook__error")
            return element("div", head, _terminal(output.text), class_="sg-notebook__output")
        case "text":
            return _folded(output)


def _folded(output: NotebookOutput) -> Node:
    text = _terminal(output.text, is_error=output.label == "stderr")
    if len(output.text) <= _FOLDED_CHARACTERS:
        return element("div", text, class_="sg-notebook__output")
    lines = plural(output.text.count("\n") + 1, "line")
    head = element("summary", f"Output, {lines}, folded")
    return element("details", head, text, class_="sg-notebook__output")


def _terminal(text: str, *, is_error: bool = False) -> Node:
    pieces = terminal_pieces(text.rstrip("\n"))
    nodes = code_nodes([(name, without_controls(piece)) for name, piece in pieces])
    state = " sg-notebook__text--error" if is_error else ""
    return element("pre", *nodes, class_=f"sg-code sg-code--wrap sg-notebook__text{state}")

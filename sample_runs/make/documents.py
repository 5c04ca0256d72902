"""A Word document and a Plotly figure, written by hand so that their bytes never change."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

_TYPES = """\
<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">\
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
<Default Extension="xml" ContentType="application/xml"/>\
<Override PartName="/word/document.xml" ContentType=\
"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>\
<Override PartName="/word/styles.xml" ContentType=\
"application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/></Types>"""
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_ROOT = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships xmlns="{_PACKAGE}">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
    "</Relationships>"
)
_PARTS = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships xmlns="{_PACKAGE}">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
)
_STYLES = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:styles xmlns:w="{_WORD}">'
    + "".join(
        f'<w:style w:type="paragraph" w:styleId="Heading{level}"><w:name w:val="heading {level}"/>'
        "<w:rPr><w:b/></w:rPr></w:style>"
        for level in (1, 2)
    )
    + "</w:styles>"
)


def docx_bytes(markdown: str) -> bytes:
    """Headings, paragraphs, lists and tables of simple Markdown as a .docx."""
    body = "".join(_blocks(markdown.strip().split("\n\n")))
    document = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:document xmlns:w="{_WORD}">'
        f"<w:body>{body}</w:body></w:document>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (
            ("[Content_Types].xml", _TYPES),
            ("_rels/.rels", _ROOT),
            ("word/_rels/document.xml.rels", _PARTS),
            ("word/styles.xml", _STYLES),
            ("word/document.xml", document),
        ):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text)
    return buffer.getvalue()


def _blocks(blocks: Sequence[str]) -> list[str]:
    found = []
    for block in blocks:
        lines = block.splitlines()
        if block.startswith("|"):
            found.append(_table([line for line in lines if not line.startswith(("|-", "|:"))]))
        elif block.startswith("#"):
            level = len(block) - len(block.lstrip("#"))
            found.append(_paragraph(block.lstrip("# "), f"Heading{min(level, 2)}"))
        elif block.startswith("- "):
            points = block.removeprefix("- ").split("\n- ")
            found += [_paragraph("• " + " ".join(point.split())) for point in points]
        else:
            found.append(_paragraph(" ".join(block.split())))
    return found


def _paragraph(text: str, style: str = "") -> str:
    look = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{look}{_words(text)}</w:p>"


def _words(text: str) -> str:
    """Runs of text, those between ** bold."""
    runs = []
    for place, part in enumerate(text.replace("`", "").split("**")):
        bold = "<w:rPr><w:b/></w:rPr>" if place % 2 else ""
        if part:
            runs.append(f'<w:r>{bold}<w:t xml:space="preserve">{escape(part)}</w:t></w:r>')
    return "".join(runs)


def _table(lines: Sequence[str]) -> str:
    rows = []
    for line in lines:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        rows.append("".join(f"<w:tc>{_paragraph(cell)}</w:tc>" for cell in cells))
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"


def roc_figure(probabilities: NDArray[Any], labels: NDArray[Any]) -> dict[str, Any]:
    """One digit against the others, as a Plotly figure; the worst three by area and the mean."""
    curves = [_roc(probabilities[:, digit], labels == digit) for digit in range(10)]
    areas = [float(np.trapezoid(hits, falses)) for falses, hits in curves]
    worst = sorted(range(10), key=lambda digit: (areas[digit], digit))[:3]
    grid = np.linspace(0, 1, 101)
    mean = np.mean([np.interp(grid, falses, hits) for falses, hits in curves], axis=0)
    traces = [
        _line(f"{digit}, area {areas[digit]:.4f}", *curves[digit], dash="dot") for digit in worst
    ]
    traces.append(_line(f"mean of ten, area {np.mean(areas):.4f}", grid, mean, dash="solid"))
    return {
        "data": traces,
        "layout": {
            "title": {"text": "ROC on the test split, one digit against the others"},
            "xaxis": {"title": {"text": "false positive rate"}, "range": [0, 0.2]},
            "yaxis": {"title": {"text": "true positive rate"}, "range": [0.8, 1.002]},
            "legend": {"x": 0.45, "y": 0.1},
        },
    }


def _roc(scores: NDArray[Any], is_digit: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    order = np.argsort(-np.round(scores, 9), kind="stable")
    hits = np.concatenate([[0], np.cumsum(is_digit[order])]) / is_digit.sum()
    falses = np.concatenate([[0], np.cumsum(~is_digit[order])]) / (~is_digit).sum()
    return falses, hits


def _line(name: str, x: NDArray[Any], y: NDArray[Any], *, dash: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [round(float(value), 5) for value in x],
        "y": [round(float(value), 5) for value in y],
        "line": {"dash": dash},
    }

"""Word documents: converted in a process of its own, within limits, and harmless afterwards."""

from __future__ import annotations

import dataclasses
import io
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from sitegen.bundle.limits import DEFAULT_LIMITS, Limits
from sitegen.read.content import DocxContent, NoContent
from sitegen.read.documents import docx
from sitegen.read.documents.docx import MISSING, read_docx
from tests.factories import REPOSITORY

pytest.importorskip("mammoth", reason="the extra docx is not installed")
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
DOCUMENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def document(body: str, links: str = "", **members: str) -> bytes:
    """A Word document of this body."""
    texts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{DOCUMENT_TYPE}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{links}'
        "</Relationships>",
        "word/document.xml": f'<w:document xmlns:w="{WORD}" xmlns:r="{OFFICE}"><w:body>{body}'
        "</w:body></w:document>",
    } | members
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
    return stream.getvalue()


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def read(content: bytes, limits: Limits = DEFAULT_LIMITS) -> DocxContent | NoContent:
    return read_docx(io.BytesIO(content), len(content), limits)


def reason(content: bytes, limits: Limits = DEFAULT_LIMITS) -> str:
    found = read(content, limits)
    assert isinstance(found, NoContent)
    return found.reason


def test_paragraphs_become_html() -> None:
    found = read(document(paragraph("Model card") + paragraph("Two &lt;b&gt;")))

    assert found == DocxContent(
        html="<p>Model card</p><p>Two &lt;b&gt;</p>", paragraphs=2, notes=()
    )


def test_links_keep_web_and_mail_addresses_only() -> None:
    links = "".join(
        f'<Relationship Id="l{at}" Type="{OFFICE}/hyperlink" TargetMode="External" Target="{url}"/>'
        for at, url in enumerate(["https://example.org/", "javascript:alert(1)"])
    )
    body = "".join(
        f'<w:p><w:hyperlink r:id="l{at}"><w:r><w:t>x</w:t></w:r></w:hyperlink></w:p>'
        for at in range(2)
    )

    found = read(document(body, links))

    assert isinstance(found, DocxContent)
    assert 'href="https://example.org/"' in found.html
    assert "javascript" not in found.html


def test_a_document_over_a_limit_says_which() -> None:
    def limits(**changes: int) -> Limits:
        return dataclasses.replace(DEFAULT_LIMITS, **changes)

    three = document(paragraph("x") * 3)
    nested = document("<w:tbl><w:tr><w:tc>" * 50 + paragraph("x") + "</w:tc></w:tr></w:tbl>" * 50)

    assert "up to 10" in reason(three, limits(document_bytes=10))
    assert "more than 2 paragraphs" in reason(three, limits(docx_paragraphs=2))
    assert "the limit is 100" in reason(three, limits(docx_decoded_bytes=100))
    assert "deeper than 100 levels" in reason(nested)


def test_two_hundred_thousand_paragraphs_are_refused_at_once() -> None:
    bomb = document(paragraph("") * 200_000)
    started = time.process_time()

    assert "more than 10,000 paragraphs" in reason(bomb)
    assert time.process_time() - started < 5


def test_a_child_that_takes_too_long_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docx, "_CHILD", "import time; time.sleep(60)")
    limits = dataclasses.replace(DEFAULT_LIMITS, docx_seconds=1)

    assert "longer than 1 s" in reason(document(paragraph("x")), limits)


def test_a_child_that_dies_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docx, "_CHILD", "import os; os.abort()")

    assert "broke off" in reason(document(paragraph("x")))


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04", document("", **{"word/document.xml": "<w:document"})[:-30], b"",
     document("", **{"word/document.xml": "<a>"})],
)  # fmt: skip
def test_what_is_no_document_is_a_reason(content: bytes) -> None:
    assert "not a Word document that can be read" in reason(content)


def test_entities_do_not_expand() -> None:
    entities = "".join(
        f'<!ENTITY e{at} "{f"&e{at - 1};" * 10 if at else "lol" * 10}">' for at in range(12)
    )
    bomb = document("", **{
        "word/document.xml": f'<!DOCTYPE x [{entities}]><w:document xmlns:w="{WORD}"><w:body>'
        f"{paragraph('&e11;')}</w:body></w:document>"
    })  # fmt: skip

    assert isinstance(read(bomb), NoContent)


def test_without_the_extra_the_reason_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docx, "EXTRA", ("mammoth", "no_such_module_of_ours"))

    assert reason(document(paragraph("x"))) == MISSING
    assert "sitegen-reports[docx]" in MISSING


def test_the_child_inherits_no_directory_to_import_from(tmp_path: Path) -> None:
    """A `json.py` in the directory of a run must not be what the child imports."""
    (tmp_path / "json.py").write_text("raise SystemExit('planted')")
    code = (
        "import io, sys; from sitegen.bundle.limits import DEFAULT_LIMITS;"
        "from sitegen.read.documents.docx import read_docx;"
        "content = sys.stdin.buffer.read();"
        "print(type(read_docx(io.BytesIO(content), len(content), DEFAULT_LIMITS)).__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=tmp_path, input=document(paragraph("x")),
        capture_output=True, check=False, env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )  # fmt: skip

    assert done.stdout.decode().strip() == "DocxContent", done.stderr.decode()

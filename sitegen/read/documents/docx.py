"""A Word document as sanitised HTML, made in a process of its own that can be stopped.

Floor 2. Converting is the one place where a third party's parser meets a whole untrusted document,
and it has no bounds of its own (21 kB of 200,000 paragraphs took mammoth 77 s): so it runs in a
child with a limit of memory and seconds, which is killed when it takes too long. The child is
`read/documents/docx_child.py`; it says what is wrong as a sentence, and a child that dies says so
too.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from typing import BinaryIO

from sitegen.bundle.limits import Limits
from sitegen.model import Json
from sitegen.read.content import DocxContent, NoContent
from sitegen.units import bytes_text

EXTRA = ("mammoth", "nh3")
"""What `pip install sitegen-reports[docx]` adds."""
MISSING = (
    "Word documents are shown where sitegen was installed with its extra: "
    "pip install 'sitegen-reports[docx]'."
)
_CHILD = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from sitegen.read.documents.docx_child import main; main(json.loads(sys.argv[2]))"
)


def read_docx(stream: BinaryIO, size_bytes: int, limits: Limits) -> DocxContent | NoContent:
    """The document as HTML, or why it is not shown."""
    if size_bytes > limits.document_bytes:
        limit = bytes_text(limits.document_bytes)
        return NoContent(reason=f"Word documents are shown up to {limit}.")
    if any(find_spec(name) is None for name in EXTRA):
        return NoContent(reason=MISSING)
    answer = _converted(stream.read(), limits)
    if isinstance(answer, str):
        return NoContent(reason=f"The document is not shown: {answer}.")
    return DocxContent(
        html=answer["html"], paragraphs=answer["paragraphs"], notes=tuple(answer["notes"])
    )


def _converted(content: bytes, limits: Limits) -> dict[str, Json] | str:
    """What the child answers, or why there is no answer."""
    bounds = {
        "decoded_bytes": limits.docx_decoded_bytes,
        "paragraphs": limits.docx_paragraphs,
        "depth": limits.docx_depth,
        "seconds": limits.docx_seconds,
    }
    command = [sys.executable, "-P", "-c", _CHILD, json.dumps(sys.path), json.dumps(bounds)]
    try:
        done = subprocess.run(  # noqa: S603  # our own module; the document comes on stdin
            command, input=content, capture_output=True, timeout=limits.docx_seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return f"converting it takes longer than {limits.docx_seconds} s"
    try:
        answer: dict[str, Json] = json.loads(done.stdout)
    except ValueError:
        return "its conversion broke off (it needs more memory or time than is allowed)"
    return str(answer["reason"]) if "reason" in answer else answer

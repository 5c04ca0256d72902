"""Notebooks: text and pictures in order, everything else counted."""

from __future__ import annotations

import base64
import dataclasses
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sitegen.bundle.limits import DEFAULT_LIMITS, Limits
from sitegen.read.content import NotebookContent, NotebookOutput, TextContent
from sitegen.read.documents.notebooks import OUTPUT_CHARACTERS, read_notebook
from sitegen.read.documents.textfiles import UTF8

SOURCE = TextContent(role="json", text="{}", encoding=UTF8, is_cut=False, line_count=1)
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(30)).decode()


def read(document: Any, limits: Limits = DEFAULT_LIMITS) -> NotebookContent:
    found = read_notebook(json.dumps(document).encode(), SOURCE, limits)
    assert isinstance(found, NotebookContent), found
    return found


def code(*outputs: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": ["x = 1\n", "x"], "outputs": list(outputs)} | changes


def outputs(*given: dict[str, Any]) -> tuple[NotebookOutput, ...]:
    return read({"cells": [code(*given)]}).cells[0].outputs


def test_cells_keep_their_order_source_and_number() -> None:
    found = read({
        "metadata": {"kernelspec": {"language": "R"}},
        "cells": [{"cell_type": "markdown", "source": "# Hi"}, code(execution_count=7),
                  {"cell_type": "raw", "source": "raw"}],
    })  # fmt: skip

    assert [(cell.kind, cell.source, cell.number) for cell in found.cells] == [
        ("markdown", "# Hi", None), ("code", "x = 1\nx", 7), ("raw", "raw", None),
    ]  # fmt: skip
    assert found.language == "r"


def test_output_is_text_or_a_picture_and_a_picture_wins() -> None:
    data = {"text/plain": "<Figure>", "image/png": PNG, "text/html": "<script>"}

    (picture,) = outputs({"output_type": "display_data", "data": data})

    assert picture == NotebookOutput(kind="image", text=PNG, label="image/png")


def test_texts_of_one_stream_are_joined() -> None:
    stream = {"output_type": "stream", "name": "stdout"}

    found = outputs(stream | {"text": "a"}, stream | {"text": ["b", "c"]},
                    stream | {"name": "stderr", "text": "d"})  # fmt: skip

    assert [(one.label, one.text) for one in found] == [("stdout", "abc"), ("stderr", "d")]


def test_an_error_has_its_name_and_traceback() -> None:
    error = {"output_type": "error", "ename": "ValueError", "evalue": "no",
             "traceback": ["\x1b[31mValueError\x1b[0m", "no"]}  # fmt: skip
    found = read({"cells": [code(error)]})

    (output,) = found.cells[0].outputs
    assert (output.kind, output.label) == ("error", "ValueError: no")
    assert output.text == "\x1b[31mValueError\x1b[0m\nno"
    assert found.error_count == 1


def test_what_could_run_is_left_out_and_counted() -> None:
    found = read({"cells": [code(
        {"output_type": "display_data", "data": {"application/javascript": "alert(1)"}},
        {"output_type": "display_data", "data": {"text/html": "<b>"}},
        {"output_type": "display_data", "data": {"image/png": "<svg onload=alert(1)>"}},
        {"output_type": "display_data", "data": {"image/svg+xml": "<svg/>"}},
    )]})  # fmt: skip

    assert found.cells[0].outputs == ()
    (note,) = found.notes
    assert "1 html output" in note
    assert "1 javascript output" in note


def test_pictures_beyond_the_limit_are_left_out() -> None:
    limits = dataclasses.replace(DEFAULT_LIMITS, notebook_image_bytes=50)
    picture = {"output_type": "display_data", "data": {"image/png": PNG}}

    found = read({"cells": [code(picture, picture)]}, limits)

    assert len(found.cells[0].outputs) == 1
    assert found.notes[0].startswith("Left out: 1 picture over the limit. ")


def test_a_broken_picture_is_counted_once_and_by_its_own_words() -> None:
    broken = {"output_type": "display_data", "data": {"image/png": "AAAA<script>"}}

    found = read({"cells": [code(broken, broken)]})

    assert found.notes[0].startswith("Left out: 2 broken pictures. ")


def test_cells_beyond_the_limit_are_counted() -> None:
    limits = dataclasses.replace(DEFAULT_LIMITS, notebook_cells=2)

    found = read({"cells": [code()] * 5}, limits)

    assert (len(found.cells), found.cell_count) == (2, 5)
    assert found.notes == ("The first 2 of 5 cells are shown.",)


def test_long_output_is_cut() -> None:
    (one,) = outputs({"output_type": "stream", "text": "x" * (OUTPUT_CHARACTERS + 7)})

    assert one.text.endswith("… (7 more characters)")


def test_pictures_of_a_markdown_cell_stand_in_it() -> None:
    cell = {"cell_type": "markdown", "source": "![a](attachment:b.png)",
            "attachments": {"b.png": {"image/png": PNG}}}  # fmt: skip

    assert read({"cells": [cell]}).cells[0].source == f"![a](data:image/png;base64,{PNG})"


def test_worksheets_of_version_3_are_read() -> None:
    old = {"worksheets": [{"cells": [
        {"cell_type": "code", "input": "1", "prompt_number": 3,
         "outputs": [{"output_type": "pyout", "text": ["1"]}]},
    ]}]}  # fmt: skip

    (cell,) = read(old).cells
    assert (cell.source, cell.number, cell.outputs[0].text) == ("1", 3, "1")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5)
    | st.sampled_from(["code", "markdown", "error", "display_data", "image/png", PNG]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["cells", "cell_type", "source", "outputs", "output_type", "data",
                         "traceback", "metadata", "attachments", "worksheets", "text"]),
        inner, max_size=4,
    ),
)  # fmt: skip


@given(JSON)
def test_any_json_is_a_notebook_or_a_reason(document: Any) -> None:
    found = read_notebook(json.dumps(document).encode(), SOURCE, DEFAULT_LIMITS)

    assert isinstance(found, NotebookContent | str)

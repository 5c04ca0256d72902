"""Annotations of an older run, written to a newer one where they hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sitegen.annotate import add_annotation, carry_annotations, list_annotations
from tests.factories import sample_document, write_eval, write_run

TARGET = {"type": "sample", "eval": "e", "sample_id": "q-1", "epoch": 1}


def run(directory: Path, **fields: Any) -> Path:
    write_run(directory, id=directory.name)
    write_eval(directory, [sample_document(id="q-1", **fields)], name="e")
    return directory


@pytest.mark.parametrize(
    ("value", "fields", "reason"),
    [
        (True, {}, None),
        ("18", {}, None),
        ("18", {"output": "Another."}, None),
        (True, {"output": "Another."}, "another output: judge it again"),
        ("18", {"input": "Another."}, "another input"),
        ("18", {"id": "q-2"}, "no such sample"),
    ],
)
def test_what_holds_is_carried_and_the_rest_is_left_with_a_reason(
    tmp_path: Path, value: object, fields: dict[str, Any], reason: str | None
) -> None:
    old = run(tmp_path / "old")
    add_annotation(old, {"name": "n", "value": value, "target": TARGET, "user": "mara"})
    new = tmp_path / "new"
    write_run(new, id="new")
    write_eval(new, [sample_document(**({"id": "q-1"} | fields))], name="e")

    done = carry_annotations(old, new)

    assert [why for _, why in done.left] == ([] if reason is None else [reason])
    carried, _ = list_annotations([new], has_states=True)
    assert [(one.state, one.annotation.user) for one in carried] == (
        [("exact", "mara")] if reason is None else []
    )


def test_carrying_twice_writes_once(tmp_path: Path) -> None:
    old, new = run(tmp_path / "old"), run(tmp_path / "new")
    add_annotation(old, {"name": "n", "value": True, "target": TARGET})

    assert len(carry_annotations(old, new, is_dry=True).files) == 1
    assert len(carry_annotations(old, new).files) == 1
    assert [why for _, why in carry_annotations(old, new).left] == ["it is there already"]
    assert len(list((new / "annotations").iterdir())) == 1

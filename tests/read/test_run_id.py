"""The id alone, which a plan asks for before it reads a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.bundle.limits import Limits
from sitegen.read.manifest import read_manifest, read_run_id
from tests.factories import write_run_text

IDS = st.one_of(st.none(), st.integers(), st.text(max_size=5).map(lambda text: f" {text} "))


@given(st.dictionaries(st.sampled_from(["id", "name", "tags"]), IDS))
def test_it_is_the_id_that_the_whole_file_is_read_with(
    tmp_path: Path, document: dict[str, str | int | None]
) -> None:
    write_run_text(tmp_path, json.dumps(document))
    limits = Limits()

    expected = read_manifest(
        tmp_path, default_id="a/b", experiment="a", limits=limits, report=lambda _: None
    ).id
    assert expected == read_run_id(tmp_path, default_id="a/b", limits=limits)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"id": ["x"]}', '{"id": "  "}'])
def test_a_file_that_names_no_id_gives_the_place(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)

    assert read_run_id(tmp_path, default_id="a/b", limits=Limits()) == "a/b"

"""What is printed holds no command for a terminal, nor for the runner of CI that reads along."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.cli.terminal import plain_json, plain_text
from tests.conftest import Outcome
from tests.factories import write_run, write_sidecar

Command = Callable[..., Outcome]
COMMAND = re.compile(r"^\s*::|##\w*\[", re.MULTILINE)
PARTS = st.sampled_from(["::", ":", "##", "#", "[", "vso[", "teamcity[", " ", "\n", "\r", "x"])


@given(st.lists(PARTS | st.text(max_size=3)).map("".join))
def test_no_text_is_a_command(text: str) -> None:
    shown = plain_text(text)

    assert not COMMAND.search(shown)
    assert len(shown.splitlines()) <= 1


@given(st.recursive(st.text(), lambda kids: st.lists(kids) | st.dictionaries(st.text(), kids)))
def test_json_says_the_same_without_commands(document: object) -> None:
    text = plain_json(json.dumps({"##[": document}))

    assert json.loads(text) == {"##[": document}
    assert not COMMAND.search(text)


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "runs"),
        ("check", "runs", "--json"),
        ("check", "runs", "--format", "github"),
        ("check", "runs", "--format", "junit"),
        ("build", "runs", "--json"),
        ("annotate", "list", "runs"),
        ("annotate", "list", "runs", "--json"),
    ],
    ids=" ".join,
)
def test_no_command_comes_from_a_bundle(
    tmp_path: Path, sitegen: Command, arguments: tuple[str, ...]
) -> None:
    hostile = "##vso[task.setvariable variable=PATH]x\n::set-output name=x::y ##[add-mask]z"
    for number, name in enumerate(["::a ##[group]", "##vso[b]"]):
        bundle = write_run(tmp_path / "runs" / name, id=f"{hostile} {number}", name=hostile)
        write_sidecar(bundle, 1, name=hostile, rationale=hostile, user=hostile)
        write_sidecar(bundle, 2, value=hostile)
        write_sidecar(bundle, 3, **{"##[nmae]": hostile})

    done = sitegen(*arguments)

    lines = [one for one in done.out.splitlines() if not one.startswith("::error file=runs/")]
    assert not COMMAND.search("\n".join([*lines, done.err]))
    assert "add-mask" in done.out

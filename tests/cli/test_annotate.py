"""`sitegen annotate`: from flags, JSON and standard input to files, and back to lines."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.factories import write_full_run, write_run

Command = Callable[..., Any]


def test_flags_become_a_file(tmp_path: Path, sitegen: Command) -> None:
    write_run(tmp_path / "runs" / "a")

    outcome = sitegen("annotate", "add", "runs/a", "helpful", "yes", "--user", "mara")

    document = json.loads((tmp_path / outcome.out.strip()).read_text())
    assert outcome.code == 0
    assert (document["kind"], document["value"], document["user"]) == ("feedback", True, "mara")


@pytest.mark.parametrize(
    ("arguments", "kind", "value"),
    [
        (("18",), "expectation", 18),
        (("no", "--expectation"), "expectation", False),
        (("18", "--text"), "expectation", "18"),
        (("yes", "--text"), "expectation", "yes"),
        (("a b",), "expectation", "a b"),
    ],
)
def test_a_value_is_what_it_looks_like_unless_told(
    tmp_path: Path, sitegen: Command, arguments: tuple[str, ...], kind: str, value: object
) -> None:
    write_run(tmp_path / "a")

    outcome = sitegen("annotate", "add", "a", "answer", *arguments)

    document = json.loads((tmp_path / outcome.out.strip()).read_text())
    assert (document["kind"], document["value"]) == (kind, value)


def test_lines_of_standard_input_become_a_file_each(
    tmp_path: Path, sitegen: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(tmp_path / "a")
    lines = [{"name": "one", "value": True}, {"name": "two", "value": 2, "user": "jonas"}]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(map(json.dumps, lines)) + "\n"))

    outcome = sitegen("annotate", "add", "a", "--json", "-", "--user", "mara")

    documents = [json.loads((tmp_path / one).read_text()) for one in outcome.out.split()]
    assert [(one["name"], one["user"]) for one in documents] == [("one", "mara"), ("two", "jonas")]


def test_a_list_can_be_narrowed_and_read_by_machines(tmp_path: Path, sitegen: Command) -> None:
    write_full_run(tmp_path / "a")

    every = sitegen("annotate", "list", "a", "--state", "any", "--json")
    none = sitegen("annotate", "list", "a", "--user", "nobody")

    states = {json.loads(line)["state"] for line in every.out.splitlines()}
    assert states <= {"exact", "stale", "orphaned"}
    assert states
    assert none.out.startswith("0 annotations of ")


def test_a_wrong_sidecar_fails_list_and_fmt(tmp_path: Path, sitegen: Command) -> None:
    write_run(tmp_path / "a")
    (tmp_path / "a" / "annotations").mkdir()
    (tmp_path / "a" / "annotations" / "x.json").write_text('{"format": 1,\n "value": 1.5}')

    for words in (("list",), ("fmt",), ("fmt", "--check")):
        outcome = sitegen("annotate", *words, "a")
        assert outcome.code == 1
        assert "annotations/x.json:2: error: $.value" in outcome.err


def test_edit_rm_and_fmt_name_the_file(tmp_path: Path, sitegen: Command) -> None:
    write_run(tmp_path / "a")
    path = Path(sitegen("annotate", "add", "a", "helpful", "yes").out.strip())

    edited = sitegen("annotate", "edit", path.stem, "a", "--value", "no")
    (tmp_path / path).write_text((tmp_path / path).read_text().replace("  ", "    "))
    dry = sitegen("annotate", "fmt", "a", "--check")
    formatted = sitegen("annotate", "fmt", "a")
    removed = sitegen("annotate", "rm", path.stem, "--runs", "a")

    assert str(path) in edited.out
    assert (dry.code, formatted.code) == (1, 0)
    assert str(path) in formatted.out
    assert str(path) in removed.out
    assert not (tmp_path / path).exists()


@pytest.mark.parametrize(("content", "message"), [(None, "cannot be read"), (b"\xff", "no UTF-8")])
def test_a_file_of_json_that_cannot_be_read_is_told(
    sitegen: Command, tmp_path: Path, content: bytes | None, message: str
) -> None:
    bundle = write_run(tmp_path / "a")
    if content is not None:
        (tmp_path / "said.json").write_bytes(content)

    done = sitegen("annotate", "add", bundle, "--json", tmp_path / "said.json")

    assert (done.code, message in done.err) == (2, True)

"""Sidecars: what is right is read, what is nearly right is refused with its place."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.bundle.sidecars import KEYS
from sitegen.errors import Problem
from sitegen.model import Anchor, Annotation, MetricTarget, RunTarget, SampleTarget, SpanTarget
from sitegen.read.annotations import read_annotations
from tests.factories import sidecar_document, ulid

ULID = "01KB3Q7ZM4V0A1B2C3D4E5F6G8"
NAME = f"annotations/{ULID}.json"
RIGHT: dict[str, Any] = {
    "format": 1,
    "id": ULID,
    "kind": "feedback",
    "target": {"type": "sample", "eval": "gsm8k", "sample_id": "q-17"},
    "anchor": {"digest": "sha256:" + "0" * 32, "path": [], "ordinal": 0},
    "name": "helpful",
    "value": True,
    "rationale": "Names the refund.",
    "user": "maria.k",
    "created_at": "2026-11-20T14:02:00Z",
}


def read(tmp_path: Path, text: str | bytes) -> tuple[tuple[Annotation, ...], list[Problem]]:
    content = text.encode() if isinstance(text, str) else text
    (tmp_path / "annotations").mkdir(exist_ok=True)
    (tmp_path / NAME).write_bytes(content)
    problems: list[Problem] = []
    return read_annotations(tmp_path, [NAME], DEFAULT_LIMITS, problems.append), problems


def test_a_right_sidecar_is_read(tmp_path: Path) -> None:
    annotations, problems = read(tmp_path, json.dumps(RIGHT))

    assert problems == []
    assert annotations == (
        Annotation(
            id=ULID,
            kind="feedback",
            target=SampleTarget(eval="gsm8k", sample_id="q-17", epoch=1),
            anchor=Anchor(digest="sha256:" + "0" * 32, path=(), ordinal=0),
            name="helpful",
            value=True,
            rationale="Names the refund.",
            user="maria.k",
            created_at_ns=1_795_183_320_000_000_000,
            updated_at_ns=None,
            path=NAME,
            text=json.dumps(RIGHT),
        ),
    )


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({"type": "run"}, RunTarget()),
        (
            {"type": "metric", "name": "train/loss", "step": 600},
            MetricTarget(name="train/loss", step=600),
        ),
        (
            {"type": "sample", "eval": "e", "sample_id": 3, "epoch": 2},
            SampleTarget(eval="e", sample_id="3", epoch=2),
        ),
        (
            {"type": "span", "trace_id": "AB" * 16, "span_id": "CD" * 8},
            SpanTarget(trace_id="ab" * 16, span_id="cd" * 8),
        ),
    ],
)
def test_each_kind_of_target_is_read(tmp_path: Path, target: object, expected: object) -> None:
    annotations, problems = read(tmp_path, json.dumps(RIGHT | {"target": target}))

    assert problems == []
    assert [annotation.target for annotation in annotations] == [expected]


@pytest.mark.parametrize("value", [True, False, 18, -1, 0, "18", ""])
def test_an_expectation_is_a_string_an_integer_or_a_boolean(tmp_path: Path, value: object) -> None:
    annotations, problems = read(
        tmp_path, json.dumps(RIGHT | {"kind": "expectation", "value": value})
    )

    assert problems == []
    assert [(one.value, type(one.value)) for one in annotations] == [(value, type(value))]


@pytest.mark.parametrize(
    ("change", "place", "said"),
    [
        ({"value": "yes"}, "$.value", "expected true or false for feedback, got “yes”"),
        ({"value": 1}, "$.value", "expected true or false for feedback, got 1"),
        ({"value": None}, "$.value", "expected a boolean or an integer or a string, got null"),
        ({"kind": "expectation", "value": 1.5}, "$.value", "got 1.5"),
        ({"kind": "expectation", "value": 1.0}, "$.value", "got 1.0"),
        ({"kind": "rating"}, "$.kind", "got “rating”"),
        ({"format": 2}, "$.format", "got 2"),
        ({"format": True}, "$.format", "expected an integer, got true"),
        ({"id": "01KB3Q7ZM4V0A1B2C3D4E5F6G9"}, "$.id", "the name of the file"),
        ({"id": "not-a-ulid"}, "$.id", "got “not-a-ulid”"),
        ({"name": ""}, "$.name", "expected a string of length >= 1, got “”"),
        ({"rationale": 3}, "$.rationale", "expected a string or null, got 3"),
        ({"user": ["maria"]}, "$.user", "got a list"),
        ({"created_at": "yesterday"}, "$.created_at", "expected an RFC 3339 time, got “yesterday”"),
        ({"target": "run"}, "$.target", "expected an object, got “run”"),
        ({"target": {"type": "trace"}}, "$.target.type", "got “trace”"),
        ({"target": {"type": "metric", "name": "a"}}, "$.target", "“step” is missing"),
        ({"target": {"type": "metric", "name": "a", "step": 1.5}}, "$.target.step", "got 1.5"),
        ({"target": {"type": "run", "epoch": 2}}, "$.target.epoch", "is not a key of the format"),
        ({"anchor": {"digest": "md5:1"}}, "$.anchor.digest", "got “md5:1”"),
        ({"anchor": {"path": ["a", 3]}}, "$.anchor.path[1]", "expected a string, got 3"),
        ({"rational": "x"}, "$.rational", "is not a key of the format"),
        ({"kind": "expectation", "value": 2**63}, "$.value", "an integer of 64 bits"),
    ],
)
def test_a_wrong_field_is_told_with_its_place_and_the_sidecar_left_out(
    tmp_path: Path, change: dict[str, Any], place: str, said: str
) -> None:
    document = RIGHT | change
    annotations, problems = read(tmp_path, json.dumps(document, indent=2))

    assert annotations == ()
    assert [problem.code for problem in problems] == ["annotation-invalid"]
    assert problems[0].message.startswith(f"{place}: ")
    assert said in problems[0].message
    key = place.removeprefix("$.").partition(".")[0]
    lines = json.dumps(document, indent=2).splitlines()
    assert problems[0].line is not None
    assert problems[0].line >= next(n for n, line in enumerate(lines, 1) if f'"{key}"' in line)


def test_the_line_is_that_of_the_value(tmp_path: Path) -> None:
    text = json.dumps(RIGHT | {"anchor": {"path": ["a", 3]}}, indent=2)

    _, problems = read(tmp_path, text)

    assert text.splitlines()[problems[0].line - 1].strip() == "3"  # type: ignore[operator]


def test_a_near_word_is_offered(tmp_path: Path) -> None:
    _, problems = read(tmp_path, json.dumps(RIGHT | {"rational": "x"}))

    assert problems[0].hint == "Did you mean rationale? The annotation is left out."


def test_a_missing_field_is_named(tmp_path: Path) -> None:
    _, problems = read(tmp_path, json.dumps({k: v for k, v in RIGHT.items() if k != "value"}))

    assert [problem.message for problem in problems] == ["$: “value” is missing"]


def test_every_fault_of_a_sidecar_is_told(tmp_path: Path) -> None:
    _, problems = read(tmp_path, json.dumps(RIGHT | {"value": "no", "user": 3, "nme": 1}))

    assert len(problems) == 3
    assert any("Write false, without quotes." in (problem.hint or "") for problem in problems)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('{"format": 1,\n "id": 1,}', 2, "column"),
        ("", 1, "column 1"),
        ("[]", 1, "$: expected an object, got a list"),
        ('{"format": 1,\n"format": 1}', 2, "“format” is given twice"),
        (b'{"a": "\xff"}', 1, "is not UTF-8"),
    ],
)
def test_what_is_no_right_json_is_told_with_its_line(
    tmp_path: Path, text: str | bytes, line: int, said: str
) -> None:
    annotations, problems = read(tmp_path, text)

    assert annotations == ()
    assert problems[0].line == line
    assert said in problems[0].message


def test_too_many_sidecars_are_cut_and_told(tmp_path: Path) -> None:
    read(tmp_path, json.dumps(RIGHT))
    problems: list[Problem] = []
    limits = dataclasses.replace(DEFAULT_LIMITS, annotations=1)

    annotations = read_annotations(tmp_path, [NAME, NAME], limits, problems.append)

    assert len(annotations) == 1
    assert problems[0].code == "too-many-annotations"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(RIGHT)), _JSON, max_size=4), _JSON)
def test_any_value_in_any_field_gives_an_annotation_or_a_problem(
    tmp_path: Path, change: dict[str, Any], extra: object
) -> None:
    for document in (RIGHT | change, RIGHT | {"target": {"type": "run", "x": extra}}, extra):
        annotations, problems = read(tmp_path, json.dumps(document))

        assert bool(annotations) != bool(problems)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=60))
def test_arbitrary_bytes_give_a_problem(tmp_path: Path, content: bytes) -> None:
    annotations, problems = read(tmp_path, content)

    assert annotations == ()
    assert problems


ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.floats(), st.integers(-(2**70), 2**70), st.text(max_size=9),
    st.just([]), st.just({}), st.sampled_from(["yes", "feedback", "expectation", "\ud800", "\x00"]),
)  # fmt: skip
CHANGES = st.dictionaries(st.sampled_from([*KEYS, "odd"]), ODD, max_size=2)
TARGETS = st.fixed_dictionaries(
    {"type": st.sampled_from(["run", "sample", "span", "metric", "odd"])},
    optional={
        "eval": st.just("e"), "sample_id": ODD, "epoch": ODD, "name": st.just("n"), "step": ODD,
        "trace_id": st.just("t"), "span_id": st.just("s"), "odd": ODD,
    },
)  # fmt: skip
PIECES = st.sampled_from([b"", b',"id":1', b',"\\u0069d":1', b',"kind":"feedback"', b"\xff", b" "])


@given(CHANGES, TARGETS, PIECES)
def test_a_quick_look_finds_what_a_close_one_does(
    changes: dict[str, Any], target: dict[str, Any], piece: bytes
) -> None:
    document = sidecar_document(ulid(1), target=target) | changes
    content = json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")
    content = content[:-1] + piece + b"}"
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{ulid(1)}.json"
        results = []
        for start in (b"", b"\xef\xbb\xbf"):  # with a byte order mark none is plain
            path.write_bytes(start + content)
            told: list[Problem] = []
            found = read_annotations(Path(folder), [path.name], DEFAULT_LIMITS, told.append)
            messages = [(one.message, one.line) for one in told]
            results.append(([replace(one, text=None) for one in found], messages))

    quick, close = results
    if "column" not in str(quick[1]):  # a byte order mark moves columns
        assert quick == close
    assert bool(quick[0]) == bool(close[0])

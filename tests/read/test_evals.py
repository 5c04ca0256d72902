"""Evals are read sample by sample; what is broken is told and costs only itself."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen.bundle.limits import DEFAULT_LIMITS, Limits
from sitegen.errors import Problem
from sitegen.model import EvalMeta, Sample, Score, ScorerSpec, score_of
from sitegen.read.evals import read_evals
from sitegen.read.jsonline import JsonLineError, decode_json_line

Read = tuple[dict[str, tuple[EvalMeta, list[Sample]]], list[Problem]]


def read_folder(root: Path, limits: Limits = DEFAULT_LIMITS) -> Read:
    problems: list[Problem] = []
    paths = sorted(
        path.relative_to(root).as_posix() for path in (root / "evals").rglob("*") if path.is_file()
    )
    evals = {
        source.name: (source.meta, list(source.samples))
        for source in read_evals(root, paths, limits, problems.append)
    }
    return evals, problems


def write(root: Path, name: str, content: bytes | str) -> None:
    path = root / "evals" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def read_lines(
    root: Path, *lines: Any, limits: Limits = DEFAULT_LIMITS
) -> tuple[list[Sample], list[Problem]]:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    write(root, "e.jsonl", "\n".join(texts) + "\n")
    evals, problems = read_folder(root, limits)
    return evals["e"][1], problems


def codes(problems: Sequence[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def test_a_whole_sample_keeps_every_field(tmp_path: Path) -> None:
    line = {
        "id": "s-1", "epoch": 2, "input": [{"role": "user", "content": "hi"}], "output": {"a": 1},
        "target": "t", "scores": {
            "good": True, "size": 3, "label": "C", "none": None,
            "judged": {"value": 0.5, "rationale": "why", "metadata": {"model": "m"}, "seed": 7},
            "broken": {"error": "boom"},
        },
        "error": None, "tags": ["a"], "metadata": {"k": 0}, "extra": False, "trace_id": "AB",
        "trace_ids": ["cd", "ab"], "duration_s": 1.5, "cluster": 9,
        "usage": {"input_tokens": 3, "output_tokens": 4, "cost_usd": 0.1, "reasoning": 5},
    }  # fmt: skip

    (sample,), problems = read_lines(tmp_path, line)

    assert problems == []
    assert (sample.id, sample.epoch, sample.line) == ("s-1", 2, 1)
    assert (sample.input, sample.output, sample.target) == (line["input"], {"a": 1}, "t")
    assert sample.scores == {
        "good": True, "size": 3.0, "label": "C", "none": None,
        "judged": Score(value=0.5, rationale="why", metadata={"model": "m", "seed": 7}),
        "broken": Score(value=None, error="boom", metadata={}),
    }  # fmt: skip
    assert sample.metadata == {"k": 0, "extra": False, "usage.reasoning": 5}
    assert sample.trace_ids == ("cd", "ab")
    assert (sample.duration_s, sample.cluster, sample.tags) == (1.5, "9", ("a",))
    assert sample.usage is not None
    assert (sample.usage.input_tokens, sample.usage.cost_usd) == (3, 0.1)


def test_integer_ids_are_decimal_text(tmp_path: Path) -> None:
    samples, problems = read_lines(tmp_path, {"id": 7}, {"id": 2**70}, {"id": "7"})

    assert [sample.id for sample in samples] == ["7", str(2**70), "7"]
    assert problems == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [("NaN", math.nan), ("Infinity", math.inf), ("-Infinity", -math.inf), ("1e400", math.inf)],
)
def test_numbers_that_are_not_finite_come_bare_or_as_text(
    tmp_path: Path, text: str, expected: float
) -> None:
    lines = [f'{{"id": 1, "scores": {{"x": {text}}}}}']
    if text[-1] == "y" or text == "NaN":
        lines.append(f'{{"id": 2, "scores": {{"x": "{text}", "y": {{"value": "{text}"}}}}}}')

    samples, problems = read_lines(tmp_path, *lines)

    values = [score_of(said).value for sample in samples for said in sample.scores.values()]
    assert [repr(value) for value in values] == [repr(expected)] * len(values)
    assert problems == []


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("epoch", 0, "epoch must be an integer from 1, found 0"),
        ("epoch", "two", 'epoch must be an integer from 1, found "two"'),
        ("epoch", 10**13, f"epoch must be a whole number from 0 to {10**12:,}, found {10**13}"),
        ("scores", [1], "scores must be an object of scores by scorer, found a list of 1"),
        ("tags", "a", 'tags must be a list of strings, found "a"'),
        ("metadata", 3, "metadata must be an object, found 3"),
        ("duration_s", "fast", 'duration_s must be a number of seconds, found "fast"'),
        ("usage", [], "usage must be an object, found a list of 0"),
        ("cluster", 1.5, "cluster must be a string or an integer, found 1.5"),
        ("trace_id", 5, "trace_id must be a hex string, found 5"),
    ],
)  # fmt: skip
def test_a_field_of_the_wrong_type_is_told_and_counts_as_missing(
    tmp_path: Path, field: str, value: Any, message: str
) -> None:
    line = {"id": "a", "output": "kept", "scores": {"x": 1}, field: value}

    (sample,), problems = read_lines(tmp_path, line)

    assert [(one.code, one.path, one.line, one.message) for one in problems] == [
        ("wrong-type", "evals/e.jsonl", 1, message)
    ]
    assert (sample.id, sample.output, sample.epoch) == ("a", "kept", 1)


def test_one_wrong_score_costs_only_itself(tmp_path: Path) -> None:
    line = {"id": 1, "scores": {
        "bad": [1], "odd": {"value": {}, "rationale": "kept"}, "fine": 0, "also": {"value": False},
    }}  # fmt: skip

    (sample,), problems = read_lines(tmp_path, line)

    assert [problem.message for problem in problems] == [
        "score bad must be a number, a boolean, a string or null, found a list of 1",
        "score odd: value must be a number, a boolean, a string or null, found an object of 0",
    ]
    assert score_of(sample.scores["bad"]).value is None
    assert sample.scores["odd"] == Score(value=None, rationale="kept", metadata={})
    assert [score_of(sample.scores[name]).value for name in ("fine", "also")] == [0, False]


def test_one_wrong_count_of_tokens_costs_only_itself(tmp_path: Path) -> None:
    line = {"id": 1, "usage": {"input_tokens": "9", "output_tokens": 4.0, "cost_usd": None}}

    (sample,), problems = read_lines(tmp_path, line)

    assert [one.message for one in problems] == ['usage.input_tokens must be a number, found "9"']
    assert sample.usage is not None
    assert (sample.usage.input_tokens, sample.usage.output_tokens) == (None, 4)


def test_an_error_in_another_form_is_still_an_error(tmp_path: Path) -> None:
    samples, problems = read_lines(
        tmp_path, {"id": 1, "error": {"message": "boom"}}, {"id": 2, "error": False}
    )

    assert [sample.error for sample in samples] == ['{"message": "boom"}', None]
    assert codes(problems) == ["wrong-type"]


@pytest.mark.parametrize("line", [{"input": "x"}, {"id": None}, {"id": True}, {"id": [1]}])
def test_a_sample_without_an_id_is_named_by_its_line(tmp_path: Path, line: dict[str, Any]) -> None:
    samples, problems = read_lines(tmp_path, {"id": "a"}, line)

    assert [sample.id for sample in samples] == ["a", "line-2"]
    assert codes(problems) == ["sample-without-id"]


@pytest.mark.parametrize(
    "line", ["{", "[1]", '"text"', "nonsense", '{"id": 1} {"id": 2}', '{"id": 1,}', "[" * 5000]
)
def test_a_line_that_is_no_sample_is_left_out(tmp_path: Path, line: str) -> None:
    samples, problems = read_lines(tmp_path, {"id": 1}, line, {"id": 3})

    assert [sample.id for sample in samples] == ["1", "3"]
    assert [(one.code, one.line, one.severity) for one in problems] == [
        ("eval-line-invalid", 2, "error")
    ]


def test_deep_nesting_stops_at_the_limit(tmp_path: Path) -> None:
    fine, deep = "[" * 60 + "]" * 60, "[" * 70 + "]" * 70

    samples, problems = read_lines(
        tmp_path, f'{{"id": 1, "input": {fine}}}', f'{{"id": 2, "input": {deep}}}'
    )

    assert [sample.id for sample in samples] == ["1"]
    assert "nested deeper than the limit of 64 levels" in problems[0].message


@pytest.mark.parametrize(
    "line",
    [
        '{"id": 1, "output": "a", "output": "b"}',
        '{"id": 1, "output" : "a", "output":"b"}',
        '{"output": "\\\\", "id": 1, "output": "b"}',
        '{"id": 1, "input": "\\":\\":", "output": 1, "output": "b"}',
    ],
)
def test_a_key_that_stands_twice_is_told_and_the_last_counts(tmp_path: Path, line: str) -> None:
    (sample,), problems = read_lines(tmp_path, line)

    assert sample.output == "b"
    assert [one.message for one in problems] == ['the key "output" stands twice in one object']


def test_the_problems_of_a_kind_are_capped(tmp_path: Path) -> None:
    _, problems = read_lines(tmp_path, *(["{"] * 50))

    assert len(problems) == 21
    assert problems[-1].message == "and 30 more like it"


def test_lone_surrogates_and_bad_bytes_become_replacement_characters(tmp_path: Path) -> None:
    write(tmp_path, "e.jsonl", b'{"id": "\\ud800", "output": "\xff"}\n{"id": "\\ud83d\\ude00"}')

    evals, problems = read_folder(tmp_path)

    samples = evals["e"][1]
    assert [sample.id for sample in samples] == ["\ufffd", "😀"]
    assert samples[0].output == "\ufffd"
    assert codes(problems) == ["invalid-utf8"]


def test_compressed_files_are_read(tmp_path: Path) -> None:
    line = b'{"id": 1}\n'
    write(tmp_path, "a.jsonl.gz", gzip.compress(line))
    write(tmp_path, "b.jsonl.zst", pa.compress(line, "zstd", asbytes=True))

    evals, problems = read_folder(tmp_path)

    assert {name: len(samples) for name, (_, samples) in evals.items()} == {"a": 1, "b": 1}
    assert problems == []


def test_a_file_cut_in_half_is_read_up_to_there(tmp_path: Path) -> None:
    padding = b"x" * 2_000
    lines = (b'{"id": %d, "output": "%s"}\n' % (i, padding) for i in range(2_000))
    content = gzip.compress(b"".join(lines))
    write(tmp_path, "a.jsonl.gz", content[: len(content) // 2])

    evals, problems = read_folder(tmp_path)

    assert 0 < len(evals["a"][1]) < 2_000
    assert "file-unreadable" in codes(problems)


def test_of_two_files_for_one_name_the_first_is_read(tmp_path: Path) -> None:
    write(tmp_path, "a.jsonl", '{"id": "plain"}')
    write(tmp_path, "a.jsonl.gz", gzip.compress(b'{"id": "packed"}'))

    evals, problems = read_folder(tmp_path)

    assert [sample.id for sample in evals["a"][1]] == ["plain"]
    assert [(one.code, one.path) for one in problems] == [("duplicate-eval", "evals/a.jsonl.gz")]


def test_a_file_in_a_folder_below_is_told(tmp_path: Path) -> None:
    write(tmp_path, "deep/a.jsonl", '{"id": 1}')

    evals, problems = read_folder(tmp_path)

    assert evals == {}
    assert codes(problems) == ["eval-too-deep"]


def test_the_limit_of_samples_holds(tmp_path: Path) -> None:
    limits = replace(DEFAULT_LIMITS, samples=2)

    samples, problems = read_lines(tmp_path, *({"id": i} for i in range(5)), limits=limits)

    assert len(samples) == 2
    assert codes(problems) == ["too-many-samples"]


def test_meta_describes_the_eval(tmp_path: Path) -> None:
    write(tmp_path, "a.jsonl", '{"id": 1}')
    write(tmp_path, "a.meta.json", json.dumps({
        "dataset": "d", "description": "asks",
        "scorers": {"x": {"goal": "maximize", "unit": "s", "description": "time", "range": [0, 2]}},
    }))  # fmt: skip

    evals, problems = read_folder(tmp_path)

    assert problems == []
    assert evals["a"][0] == EvalMeta(
        dataset="d",
        description="asks",
        scorers={"x": ScorerSpec(goal="maximize", unit="s", description="time", range=(0.0, 2.0))},
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "the file expecting property name"),
        ("[]", "expected a JSON object, found a list of 0"),
        ('{"dataset": 3}', "dataset: Expected `str | null`, got `int`, found 3"),
        ('{"scorers": []}', "scorers must be an object, found a list of 0"),
        ('{"scorers": {"x": 1}}', "scorers.x must be an object, found 1"),
        ('{"scorers": {"x": {"goal": "up"}}}', "scorers.x.goal: Invalid enum value 'up', found"),
        ('{"scorers": {"x": {"range": [2, 1]}}}', "scorers.x.range must be [low, high]"),
        ('{"scorers": {}, "owner": "me"}', 'the key "owner" is not known'),
    ],
)  # fmt: skip
def test_a_fault_in_meta_is_told_and_the_samples_stay(
    tmp_path: Path, text: str, message: str
) -> None:
    write(tmp_path, "a.jsonl", '{"id": 1}')
    write(tmp_path, "a.meta.json", text)

    evals, problems = read_folder(tmp_path)

    assert len(evals["a"][1]) == 1
    assert codes(problems) == ["eval-meta-invalid"]
    assert problems[0].message.startswith(message)


def test_meta_without_samples_is_told(tmp_path: Path) -> None:
    write(tmp_path, "a.meta.json", "{}")

    evals, problems = read_folder(tmp_path)

    assert (evals, codes(problems)) == ({}, ["eval-meta-alone"])


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=400))
def test_no_bytes_crash_the_reader(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    root = tmp_path_factory.mktemp("bundle")
    write(root, "a.jsonl", content)
    write(root, "a.meta.json", content)

    evals, _ = read_folder(root)

    assert list(evals) == ["a"]


any_text = st.text(st.characters(exclude_categories=[]))  # lone surrogates too
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = (
    "id", "epoch", "input", "output", "target", "scores", "error", "tags", "metadata", "trace_ids",
    "trace_id", "duration_s", "usage", "cluster", "other",
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(line=st.dictionaries(st.sampled_from(FIELDS), json_values | st.dictionaries(
    st.sampled_from(["x", "value", "input_tokens", "cost_usd"]), json_values)))  # fmt: skip
def test_every_object_is_a_sample(
    tmp_path_factory: pytest.TempPathFactory, line: dict[str, Any]
) -> None:
    root = tmp_path_factory.mktemp("bundle")

    samples, _ = read_lines(root, json.dumps(line))

    assert len(samples) == 1


@given(json_values)
def test_a_decoded_line_equals_what_was_written(value: Any) -> None:
    content = json.dumps(value).encode()

    decoded = decode_json_line(content, 64)

    assert repr(decoded.value) == repr(json.loads(content)) or "\\ud" in content.decode()
    assert decoded.duplicate_keys == ()


@given(st.binary(max_size=200))
def test_any_line_is_a_value_or_a_stated_fault(content: bytes) -> None:
    try:
        told = decode_json_line(content, 64).duplicate_keys
    except JsonLineError as error:
        told = (str(error),)

    assert "" not in told or b'""' in content


JSON_TEST_SUITE = Path(__file__).parents[3] / "shared/data/hostile/jsontestsuite/test_parsing"


@pytest.mark.skipif(
    not JSON_TEST_SUITE.is_dir(), reason="the JSONTestSuite is not beside the project"
)
def test_the_json_test_suite_is_read_as_it_asks() -> None:
    wrong = []
    for path in sorted(JSON_TEST_SUITE.glob("[yn]_*.json")):
        try:
            decode_json_line(path.read_bytes(), 64)
            is_accepted = True
        except JsonLineError:
            is_accepted = False
        is_non_finite = any(word in path.name.lower() for word in ("nan", "infinity"))
        if is_accepted != path.name.startswith("y_") and not is_non_finite:
            wrong.append(path.name)

    assert wrong == []

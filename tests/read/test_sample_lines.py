"""The fast way of reading a line gives what the slow one gives, or gives up."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen.errors import Problem
from sitegen.model import Sample
from sitegen.read.jsonline import decode_json_line
from sitegen.read.sample_lines import sample_of_line, samples_of_block
from sitegen.read.samples import sample_of

DEPTH = 64
names = st.sampled_from(["a", "value", "role", 'q"uote', "back\\slash", "col:on", "ü", ""])
texts = st.one_of(
    st.text(max_size=6), st.sampled_from(["NaN", "Infinity", '"', "\\", "a: b", "\n"])
)
numbers = st.one_of(st.integers(-5, 5), st.floats(allow_nan=False, allow_infinity=False))
scalars = st.one_of(st.none(), st.booleans(), numbers, texts)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=6,
)
scores = st.one_of(
    scalars,
    st.fixed_dictionaries(
        {},
        optional={
            "value": scalars,
            "rationale": st.one_of(st.none(), texts),
            "error": st.one_of(st.none(), texts),
            "metadata": st.one_of(st.none(), st.dictionaries(names, values, max_size=2)),
        },
    ),
    values,
)
counts = st.one_of(st.none(), st.integers(-1, 10**13), st.just(3.0))
lines = st.fixed_dictionaries(
    {"id": st.one_of(texts, st.integers())},
    optional={
        "epoch": st.one_of(st.integers(-1, 3), st.just(2.0), st.just(10**13)),
        "input": values,
        "output": values,
        "target": values,
        "scores": st.dictionaries(names, scores, max_size=4),
        "error": st.one_of(st.none(), texts, st.booleans()),
        "tags": st.one_of(st.none(), st.lists(texts, max_size=3)),
        "metadata": st.one_of(st.none(), st.dictionaries(names, values, max_size=3)),
        "trace_ids": st.one_of(st.none(), st.lists(st.sampled_from(["AB", " ab ", "", "c"]))),
        "trace_id": st.one_of(st.none(), st.sampled_from(["AB", ""])),
        "duration_s": st.one_of(st.none(), numbers),
        "usage": st.one_of(
            st.none(),
            st.fixed_dictionaries(
                {},
                optional={"input_tokens": counts, "cost_usd": numbers, "model": texts, "x": texts},
            ),
        ),
        "cluster": st.one_of(st.none(), texts, st.integers()),
        "extra": values,
    },
)


def slowly(content: bytes) -> tuple[Sample, list[Problem]]:
    problems: list[Problem] = []
    line = decode_json_line(content, DEPTH)
    sample = sample_of(line.value, path="evals/e.jsonl", line=7, report=problems.append)
    return sample, problems


def quickly(text: str) -> Sample | None:
    return sample_of_line(text.encode(), 7, DEPTH)


@settings(max_examples=400)
@given(lines, st.booleans())
def test_where_the_fast_way_reads_a_line_it_reads_what_the_slow_way_reads(
    line: dict[str, Any], is_ascii: bool
) -> None:
    content = json.dumps(line, ensure_ascii=is_ascii).encode()
    expected, problems = slowly(content)

    found = sample_of_line(content, 7, DEPTH)

    if found is not None:
        assert repr(found) == repr(expected)  # NaN is not equal to itself
        assert problems == []


@pytest.mark.parametrize(
    "line",
    [
        {"id": 7, "input": "2+2", "output": "4", "target": "4", "scores": {"correct": True}},
        {"id": "a", "input": [{"role": "user", "content": 'say "yes": now\n'}], "scores": {}},
        {"id": "a", "error": None, "metadata": {"nested": {"foo": ["bar", 1]}}, "cluster": 3},
        {"id": "a", "scores": {"judge": {"value": "C", "rationale": "x: y"}, "none": None}},
        {"id": "a", "usage": {"input_tokens": 63, "cost_usd": 0.1, "model": "m:1"}, "tags": ["t"]},
        {"id": "a", "scores": {"j": {"value": None, "error": "boom", "metadata": {"k": "v"}}}},
    ],
)
def test_lines_as_the_format_has_them_are_read_the_fast_way(line: dict[str, Any]) -> None:
    text = json.dumps(line)

    assert repr(quickly(text)) == repr(slowly(text.encode())[0])


@pytest.mark.parametrize(
    "text",
    [
        '{"id": "a", "id": "b"}',
        '{"id": "a", "scores": {"s": 1, "s": 2}}',
        '{"id": "a", "scores": {"s": {"value": 1, "value": 2}}}',
        '{"id": "a", "metadata": {"k": 1, "k": "\\\\"}}',
        '{"id": "a", "input": [{"x": "\\"", "x": 1}]}',
        '{"id": "a", "usage": {"model": "m", "model": "m"}}',
        '{"id": "a", "new": 1}',
        '{"id": "a", "scores": {"s": NaN}}',
        '{"id": "a", "scores": {"s": {"value": 1, "by": "m"}}}',
        '{"id": "a", "usage": {"input_tokens": -1}}',
        '{"id": "a", "epoch": 0}',
        '{"id": true}',
        '{"input": 1}',
        '["id"]',
        '{"id": "a"',
        '{"id": "a", "input": ' + "[" * 70 + "]" * 70 + "}",
        '{"id": "a", "metadata": {"k": ' + "[" * 70 + "]" * 70 + "}}",
        '{"id": "a", "scores": {"s": {"metadata": {"k": ' + "[" * 70 + "]" * 70 + "}}}}",
        '{"id": "a", "input": "\\ud800"}',
    ],
)
def test_whatever_is_odd_is_left_to_the_slow_way(text: str) -> None:
    assert quickly(text) is None


@settings(max_examples=100)
@given(st.lists(lines, min_size=1, max_size=4), st.booleans())
def test_a_block_is_read_as_its_lines_are_or_not_at_all(
    many: list[dict[str, Any]], has_end: bool
) -> None:
    contents = [json.dumps(line).encode() for line in many]
    each = [sample_of_line(content, 7 + at, DEPTH) for at, content in enumerate(contents)]

    found = samples_of_block(b"\n".join(contents) + b"\n" * has_end, 7, DEPTH)

    if found is not None:
        assert repr(found) == repr(each)


def test_texts_with_escaped_quotes_and_backslashes_do_not_hold_up_a_block() -> None:
    text = json.dumps({"id": "a", "output": '\\frac{"a"}{b}\\', "metadata": {'k"\\': "\\"}})

    found = samples_of_block(f"{text}\n{text}".encode(), 1, DEPTH)

    assert found is not None
    assert [(one.line, one.output) for one in found] == [
        (1, '\\frac{"a"}{b}\\'),
        (2, found[0].output),
    ]


@pytest.mark.parametrize("odd", ['{"id": "a", "id": "b"}', "", '{"id": "a", "new": 1}', "{"])
def test_one_odd_line_leaves_its_block_to_be_read_line_by_line(odd: str) -> None:
    assert samples_of_block(f'{{"id": 1}}\n{odd}\n{{"id": 2}}\n'.encode(), 1, DEPTH) is None


def test_bytes_that_are_no_utf8_are_left_to_the_slow_way() -> None:
    assert sample_of_line(b'{"id": "a\xff"}', 1, DEPTH) is None


SPARSE = {
    "id": "a",
    "metadata": {},
    "usage": {"input_tokens": 3, "cost_usd": None, "model": None},
    "scores": {"judge": {"value": 1.0, "rationale": None, "metadata": {}}},
}


def test_lines_that_say_null_and_nothing_are_read_as_a_block() -> None:
    """Many programs write every field of usage; each such line was decoded three times."""
    content = json.dumps(SPARSE).encode()

    found = samples_of_block(content + b"\n" + content + b"\n", 7, DEPTH)

    assert found is not None
    assert repr(found[0]) == repr(slowly(content)[0])


def test_a_key_lost_among_lines_that_say_null_is_found() -> None:
    line = json.dumps(SPARSE)
    twice = line.replace('"model": null', '"model": null, "model": null')

    assert samples_of_block(f"{line}\n{twice}\n".encode(), 7, DEPTH) is None

"""Small files that decode to much: each is bounded by a named limit and told."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.bundle.limits import Limits
from sitegen.read import lines
from sitegen.read.documents.json_text import JsonError, parse_json
from sitegen.read.evals import read_evals
from sitegen.read.lines import has_more_values, iter_lines
from sitegen.read.traces import read_traces
from tests.factories import Reports, sample_document, write_eval, write_file

MEGABYTE = 1_000_000
MANY = b'{"resourceSpans": [' + b"[]," * 200 + b"[]]}"


def lines_of(root: Path, content: bytes, limits: Limits | None = None) -> tuple[list[int], Reports]:
    """Numbers of the lines read, and the problems."""
    write_file(root, "a.jsonl", content)
    reports = Reports()
    found = [number for number, _ in iter_lines(root, "a.jsonl", limits or Limits(), reports)]
    return found, reports


@pytest.mark.parametrize("filling", [b"\n", b"  \n", b"\0", b" "], ids=repr)
def test_a_gigabyte_from_a_megabyte_is_left_at_the_ratio(tmp_path: Path, filling: bytes) -> None:
    piece = filling * (MEGABYTE // len(filling))
    packed = gzip.compress(b"{}\n") + b"".join([gzip.compress(piece)] * 1_000)

    found, reports = lines_of(tmp_path, packed)

    assert found == [1]
    assert any("beyond the limit of 200 to 1" in one.message for one in reports)
    assert {one.code for one in reports} <= {"file-unreadable", "line-too-long"}


def test_what_is_packed_well_but_small_is_read_whole(tmp_path: Path) -> None:
    found, reports = lines_of(tmp_path, gzip.compress(b"{}\n" * 3_000_000))

    assert (len(found), reports) == (3_000_000, [])


def test_blank_lines_are_counted(tmp_path: Path) -> None:
    content = b"{}\n" + b"\n" * 3_000_000 + b" \t\r\n{}\n" + b"\n" * 2_000_000 + b"{}"

    found, _ = lines_of(tmp_path, content)

    assert found == [1, 3_000_003, 5_000_004]


def test_a_line_over_many_pieces_is_whole_and_one_too_long_is_left_out(tmp_path: Path) -> None:
    long = b'"' + b"x" * (5 * MEGABYTE) + b'"'
    write_file(tmp_path, "a.jsonl", b"1\n" + long + b"\n2\n")

    whole = list(iter_lines(tmp_path, "a.jsonl", Limits(), Reports()))
    cut, reports = lines_of(
        tmp_path, b"1\n" + long + b"\n\n2\n" + long, Limits(line_bytes=3 * MEGABYTE)
    )

    assert whole == [(1, b"1"), (2, long), (3, b"2")]
    assert cut == [1, 4]
    assert [(one.code, one.line) for one in reports] == [("line-too-long", 2), ("line-too-long", 5)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"[" + b"[]," * 50 + b"1]", True),
        (b'["' + b"," * 500 + b'"]', False),
        (b'["\\"' + b"[" * 500 + b'", 1]', False),
        (b'{"a": ' + b"[1, 2]" * 40 + b"}", True),
        (b'["' + b"," * 3 * MEGABYTE + b'"]', False),
        (b'["' + b"," * 3 * MEGABYTE + b'"' + b",[]" * 40 + b"]", True),
        (b'"' + b"," * 50, True),
    ],
)
def test_values_are_counted_outside_of_strings(content: bytes, expected: bool) -> None:
    assert has_more_values(content, 40) == expected


@given(st.lists(st.sampled_from([b'"', b"\\", b",", b"[", b"text", b'"a,b"']), max_size=60))
def test_values_are_counted_the_same_in_pieces_of_any_size(members: list[bytes]) -> None:
    content = b"".join(members)
    counts = []
    for at_once in (2, 7, 1 << 20):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lines, "_COUNTED_AT_ONCE", at_once)
            counts.append([has_more_values(content, most) for most in range(20)])

    assert counts[0] == counts[1] == counts[2]


def test_counting_values_takes_little_memory() -> None:
    content = b"[" + b'"a",' * 2_000_000 + b"1]"
    tracemalloc.start()
    try:
        assert has_more_values(content, 1_000_000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 30 * MEGABYTE


def test_a_line_of_too_many_values_is_left_out_and_told(tmp_path: Path) -> None:
    bomb = json.dumps(sample_document(id="bomb", metadata={"v": [[]] * 3_000_000}))
    write_file(tmp_path, "evals/qa.jsonl", f"{json.dumps(sample_document())}\n{bomb}\n")
    reports = Reports()

    [source] = read_evals(tmp_path, ["evals/qa.jsonl"], Limits(), reports)

    assert len(list(source.samples)) == 1
    [problem] = reports
    assert (problem.code, problem.line) == ("too-many-values", 2)


def test_a_document_of_too_many_values_is_no_document() -> None:
    with pytest.raises(JsonError, match="more than the limit of 10 values"):
        parse_json(b"[" + b"1," * 30 + b"1]", 64, 10)


def test_evals_beyond_the_limit_are_told_and_left_out(tmp_path: Path) -> None:
    paths = [f"evals/{name}.jsonl" for name in "abcd"]
    for name in "abcd":
        write_eval(tmp_path, [sample_document()], name=name)
    write_file(tmp_path, "evals/d.meta.json", "{}")
    reports = Reports()

    found = [
        source.name
        for source in read_evals(tmp_path, [*paths, "evals/d.meta.json"], Limits(evals=3), reports)
    ]

    assert found == ["a", "b", "c"]
    assert reports.codes == ["too-many-evals"]
    assert "holds 4 evals; the limit is 3" in reports[0].message


def test_scorers_beyond_the_limit_are_told_and_their_scores_left_out(tmp_path: Path) -> None:
    names = ("abc", "bcd", "ab", "dac")
    samples = [sample_document(id=word, scores=dict.fromkeys(word, 1)) for word in names]
    write_eval(tmp_path, samples, name="e")
    write_file(tmp_path, "evals/e.meta.json", '{"scorers": {"a": {}, "b": {}, "c": {}, "d": {}}}')
    reports = Reports()
    paths = ["evals/e.jsonl", "evals/e.meta.json"]

    [source] = read_evals(tmp_path, paths, Limits(scorers=3), reports)

    assert ["".join(sample.scores) for sample in source.samples] == ["abc", "bc", "ab", "ac"]
    assert list(source.meta.scorers) == ["a", "b", "c"]
    assert [(one.code, one.line) for one in reports] == [
        ("scores-left-out", 2), ("scores-left-out", 4),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("lines.json", b'{\n"resourceSpans": [\n' + b"[],\n" * 200 + b"[]\n]\n}\n"),
        ("framed.pb", b"".join((len(MANY).to_bytes(4, "big"), MANY)) * 2),
    ],
)
def test_values_are_counted_over_the_lines_of_a_trace(
    tmp_path: Path, name: str, content: bytes
) -> None:
    write_file(tmp_path, f"traces/{name}", content)
    reports = Reports()

    found = list(read_traces(tmp_path, [f"traces/{name}"], Limits(json_values=150), reports))

    assert found == []
    assert {(one.code, one.severity) for one in reports} == {("too-many-values", "error")}
    assert {"limit of 150 values" in one.message for one in reports} == {True}

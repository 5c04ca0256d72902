"""Lines of evals/<eval>.jsonl that are as the format says, decoded straight into `Sample`s.

Floor 2. The fast way of `read/evals.py`, ten times as fast as converting decoded JSON. It gives
up (None) on every block of lines, and then on every line, that is not quite as expected: unknown
or repeated keys, other types, numbers that JSON lacks, bad UTF-8. `read/samples.py` then reads that
line; where both can, the result is the same (a property test holds them together).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import astuple

from sitegen.model import Sample, Score, ScoreValue, Usage
from sitegen.read.lines import count_byte
from sitegen.read.samples import MOST, NON_FINITE


class _Line(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """`bundle/schema.py: SampleLine`, with what is not there told apart from null."""

    id: str | int
    epoch: Annotated[int, Meta(ge=1, le=MOST)] | UnsetType = UNSET
    input: Any = UNSET
    output: Any = UNSET
    target: Any = UNSET
    scores: dict[str, float | bool | str | Score | None] | UnsetType = UNSET
    error: str | UnsetType | None = UNSET
    tags: tuple[str, ...] | UnsetType | None = UNSET
    metadata: dict[str, Any] | UnsetType | None = UNSET
    trace_ids: list[str] | UnsetType | None = UNSET
    trace_id: str | UnsetType | None = UNSET
    duration_s: float | UnsetType | None = UNSET
    usage: Usage | UnsetType | None = UNSET
    cluster: str | int | UnsetType | None = UNSET


_decoder = msgspec.json.Decoder(_Line)
_plain = msgspec.json.Decoder()
_encode = msgspec.json.Encoder().encode
_FIELDS = len(_Line.__struct_fields__)
_WHOLE_BYTES = 8_000_000
"""Longest line that is written again: msgspec 0.22 ends the process, instead of raising, where it
gets no memory for what it writes."""
_LEVELS_ABOVE = 4
"""Levels of a line above the metadata of a score."""


def samples_of_block(block: bytes, number: int, depth_limit: int) -> list[Sample] | None:
    """The samples on whole lines, the first of which has *number*; None if one needs another way.

    Decoded at once and checked at once, they take two thirds of what they take line by line.
    """
    try:
        lines = _decoder.decode_lines(block)
        if len(lines) != count_byte(block, b"\n") + (block[-1:] != b"\n"):
            return None  # blank lines: which number a sample has is not known
        return _samples(lines, block, number, depth_limit - _LEVELS_ABOVE)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


def sample_of_line(content: bytes, number: int, depth_limit: int) -> Sample | None:
    """The sample on line *number*; None if the line needs the slow way."""
    if len(content) > _WHOLE_BYTES:
        return None
    try:
        lines = [_decoder.decode(content)]
        samples = _samples(lines, content, number, depth_limit - _LEVELS_ABOVE)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return samples[0] if samples else None


def _samples(lines: list[_Line], content: bytes, number: int, levels: int) -> list[Sample] | None:
    """The samples of *lines*, decoded from *content*; None if something was lost or is too deep."""
    samples, nested, strings = _taken(lines, number)
    written = _encode(nested)
    if strings + _strings_in(written) != _strings_in(content) and _has_lost_keys(content):
        return None
    brackets = count_byte(written, b"[") + count_byte(written, b"{")
    if brackets - len(nested) > levels and _is_deeper(nested, levels):
        return None
    return samples


def _strings_in(content: bytes) -> int:
    """Keys and texts in JSON. If as many were decoded, no key was lost to another of its name.

    Counting takes a twentieth of the time of collecting the keys. An escaped quote ends no string.
    """
    quotes = count_byte(content, b'"')
    if b"\\" in content:
        quotes -= content.replace(b"\\\\", b"").count(b'\\"')
    return quotes // 2


def _has_lost_keys(content: bytes) -> bool:
    """Whether an object on these lines has two keys of one name: written again, they are fewer.

    For lines that name a field of a score or of usage and say null or nothing, which is all the
    same in a `Sample`.
    """
    return _strings_in(_encode(_plain.decode_lines(content))) != _strings_in(content)


def _taken(lines: Sequence[_Line], number: int) -> tuple[list[Sample], list[Any], int]:
    """The samples of *lines*, what is nested in them, and how many keys and texts are not in that.

    Every step is counted in hundredths of microseconds: a file may have 10^6 lines. What is nested
    is written as JSON and counted there: msgspec writes it faster than a loop looks at it.
    """
    samples: list[Sample] = []
    nested: list[Any] = []
    strings = _FIELDS * len(lines)
    for at, line in enumerate(lines, number):
        fields, has_words = astuple(line), False
        (id, epoch, asked, output, target, scores, error, tags, metadata, trace_ids, trace_id,
         duration_s, usage, cluster) = fields  # fmt: skip
        strings -= fields.count(UNSET)
        for value in (id, asked, output, target, error, cluster):
            kind = value.__class__
            if kind is str:
                strings += 1
            elif kind is dict or kind is list:
                nested.append(value)
        if scores:
            strings += len(scores)
            for score in scores.values():
                kind = score.__class__
                if kind is float or kind is bool:
                    continue
                if kind is Score:
                    nested.append(score)
                    has_words = has_words or score.value in NON_FINITE
                elif kind is str:
                    strings += 1
                    has_words = has_words or score in NON_FINITE
        if metadata:
            nested.append(metadata)
        if usage:
            nested.append(usage)
        if tags:
            strings += len(tags)
        if trace_ids or trace_id:
            strings += len(trace_ids or ()) + bool(trace_id)
        samples.append(
            Sample(
                id if id.__class__ is str else str(id),
                1 if epoch is UNSET else epoch,
                None if asked is UNSET else asked,
                None if output is UNSET else output,
                None if target is UNSET else target,
                _with_numbers(scores) if has_words else scores or {},
                None if error is UNSET else error,
                tags or (),
                metadata or {},
                _trace_ids(trace_ids or (), trace_id) if trace_ids or trace_id else (),
                None if duration_s is UNSET else duration_s,
                usage or None,
                None if cluster is UNSET or cluster is None else str(cluster),
                at,
            )
        )
    return samples, nested, strings


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether something in *value* is nested beyond *levels*."""
    if isinstance(value, Score):
        value = value.metadata
    elif isinstance(value, Usage):
        return False
    for member in value.values() if isinstance(value, dict) else value:
        if isinstance(member, dict | list | Score) and (
            levels == 0 or _is_deeper(member, levels - 1)
        ):
            return True
    return False


def _with_numbers(scores: Mapping[str, Score | ScoreValue]) -> dict[str, Score | ScoreValue]:
    """The scores, a text such as `NaN` among them as a number."""
    return {name: _with_number(score) for name, score in scores.items()}


def _with_number(score: Score | ScoreValue) -> Score | ScoreValue:
    if isinstance(score, str):
        return NON_FINITE.get(score, score)
    if isinstance(score, Score) and isinstance(score.value, str):
        return msgspec.structs.replace(score, value=NON_FINITE.get(score.value, score.value))
    return score


def _trace_ids(ids: Sequence[str], id: str | UnsetType | None) -> tuple[str, ...]:
    if len(ids) == 1 and not id:
        text = ids[0].strip().lower()
        return (text,) if text else ()
    texts = (text.strip().lower() for text in (*ids, id or ""))
    return tuple(dict.fromkeys(text for text in texts if text))

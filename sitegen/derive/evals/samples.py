"""What pages show of single samples: rows of the table, payload for the drawer, lines of the CSV.

Floor 3. Texts in rows are previews; the whole sample is in its payload.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Literal

from sitegen.derive.csvtext import csv_line
from sitegen.model import Json, Sample, Score, ScoreValue, score_of
from sitegen.records import dataclass

PREVIEW_LENGTH = 200
_SPACES = re.compile(r"\s+")
_MOST_METADATA = 40
_MOST_TAGS = 20
_EXACT = 2**53
"""Beyond it a browser's numbers skip integers."""

CellState = Literal["value", "missing", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCell:
    """A score as a table shows it."""

    state: CellState
    """`missing` and `error` are shown as words."""
    value: float | bool | str | None
    """The value; labels cut to 200 characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRow:
    """A sample in the table of the page."""

    id: str
    """Id of the sample."""
    epoch: int
    """Its epoch."""
    ordinal: int
    """Place in the file from 0, lines that are no samples not counted."""
    chunk: int
    """Number of the data file that holds its payload."""
    place: int
    """Index in that data file."""
    input_text: str
    """Preview of the input."""
    output_text: str
    """Preview of the output."""
    target_text: str
    """Preview of the target."""
    error_text: str | None
    """Preview of the error; None when the sample did not error."""
    scores: dict[str, ScoreCell]
    """Cell by scorer; a scorer that says nothing of the sample is absent, which is missing."""
    tags: tuple[str, ...]
    """Labels, at most 20."""
    metadata: dict[str, int | float | bool | str | tuple[str, ...]]
    """The metadata flattened with dots, at most 40; a list of plain values as texts, of others as
    its JSON."""
    trace_ids: tuple[str, ...]
    """Traces recorded for it."""
    duration_s: float | None
    """Seconds taken."""
    tokens: int | None
    """Input and output tokens."""
    cost_usd: float | None
    """Recorded cost."""
    cluster: str | None
    """Its cluster."""


def sample_row(sample: Sample, *, ordinal: int, chunk: int, place: int) -> SampleRow:
    """The row of *sample*, whose payload is at *place* of *chunk*."""
    return SampleRow(
        id=sample.id,
        epoch=sample.epoch,
        ordinal=ordinal,
        chunk=chunk,
        place=place,
        input_text=preview(sample.input),
        output_text=preview(sample.output),
        target_text=preview(sample.target),
        error_text=None if sample.error is None else preview(sample.error),
        scores={
            scorer: score_cell(said, has_error=sample.error is not None)
            for scorer, said in sample.scores.items()
        },
        tags=sample.tags[:_MOST_TAGS],
        metadata=_flat_values(sample.metadata),
        trace_ids=sample.trace_ids,
        duration_s=sample.duration_s,
        tokens=tokens_of(sample),
        cost_usd=sample.usage.cost_usd if sample.usage else None,
        cluster=sample.cluster,
    )


def score_cell(said: Score | ScoreValue, *, has_error: bool) -> ScoreCell:
    """The cell of one score; of an errored sample it is `error` or `missing`, never a value."""
    value, error = (said.value, said.error) if isinstance(said, Score) else (said, None)
    if error is not None or (has_error and value is not None):
        return ScoreCell(state="error", value=None)
    if value is None:
        return ScoreCell(state="missing", value=None)
    return ScoreCell(
        state="value", value=value[:PREVIEW_LENGTH] if isinstance(value, str) else value
    )


def tokens_of(sample: Sample) -> int | None:
    """Input and output tokens, None if neither is recorded."""
    usage = sample.usage
    if usage is None or (usage.input_tokens is None and usage.output_tokens is None):
        return None
    return (usage.input_tokens or 0) + (usage.output_tokens or 0)


def preview(value: Json) -> str:
    """At most 200 characters on a line: text as it is, the last message of the user, else JSON."""
    text = _SPACES.sub(" ", _text_of(value)[: 10 * PREVIEW_LENGTH]).strip()
    return text if len(text) <= PREVIEW_LENGTH else f"{text[: PREVIEW_LENGTH - 1]}…"


def _text_of(value: Json) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case [{"role": _}, *_]:
            asked = [one for one in value if isinstance(one, dict) and one.get("role") == "user"]
            return _content_text((asked or value)[-1])
        case {"role": str(), "content": _}:
            return _content_text(value)
        case _:
            return json.dumps(value, ensure_ascii=False)


def _content_text(message: Json) -> str:
    content = message.get("content") if isinstance(message, dict) else message
    if isinstance(content, list):
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        return " ".join(text for text in texts if isinstance(text, str))
    if isinstance(content, str):
        return content
    return json.dumps(message if content is None else content, ensure_ascii=False)


def _flat_values(
    metadata: Mapping[str, Json],
) -> dict[str, int | float | bool | str | tuple[str, ...]]:
    flat: dict[str, int | float | bool | str | tuple[str, ...]] = {}
    waiting: list[tuple[str, Json]] = list(metadata.items())[::-1]
    while waiting and len(flat) < _MOST_METADATA:
        name, value = waiting.pop()
        match value:
            case dict():
                waiting.extend((f"{name}.{key}", part) for key, part in list(value.items())[::-1])
            case bool() | float():
                flat[name] = value
            case int():
                flat[name] = value if abs(value) < _EXACT else str(value)
            case str():
                flat[name] = value[:PREVIEW_LENGTH]
            case list() if value:
                flat[name] = _list_value(value)
    return flat


def _list_value(values: list[Json]) -> str | tuple[str, ...]:
    """Plain values as texts, so that a filter finds each of them; lists of others as JSON."""
    if len(values) > _MOST_TAGS or any(isinstance(value, dict | list) for value in values):
        return preview(json.dumps(values[:PREVIEW_LENGTH], ensure_ascii=False))
    texts = (value if isinstance(value, str) else json.dumps(value) for value in values)
    return tuple(text[:PREVIEW_LENGTH] for text in texts)


def payload_of(sample: Sample, digest: str, input_digest: str) -> tuple[dict[str, Json], int]:
    """What is set of the sample, for the drawer, and about how many bytes it takes."""
    fields: dict[str, Json] = {
        "id": sample.id,
        "epoch": sample.epoch,
        "line": sample.line,
        "digest": digest,
        "input_digest": input_digest,
        "input": sample.input,
        "output": sample.output,
        "target": sample.target,
        "scores": {name: _score_payload(score) for name, score in sample.scores.items()},
        "error": sample.error,
        "tags": sample.tags,
        "metadata": sample.metadata,
        "trace_ids": sample.trace_ids,
        "duration_s": sample.duration_s,
        "cluster": sample.cluster,
    }
    if sample.usage is not None:
        fields["usage"] = _set_only(
            input_tokens=sample.usage.input_tokens,
            output_tokens=sample.usage.output_tokens,
            cached_tokens=sample.usage.cached_tokens,
            cost_usd=sample.usage.cost_usd,
            model=sample.usage.model,
        )
    size = [0]
    payload = {
        name: browser_value(value, size)
        for name, value in fields.items()
        if value is not None and value not in ({}, ())
    }
    return payload, size[0]


def _score_payload(said: Score | ScoreValue) -> dict[str, Json]:
    score, fields = score_of(said), dict[str, Json]()
    if score.value is not None:
        fields["value"] = score.value
    if score.rationale is not None:
        fields["rationale"] = score.rationale
    if score.error is not None:
        fields["error"] = score.error
    if score.metadata:
        fields["metadata"] = score.metadata
    return fields


def _set_only(**fields: Json) -> dict[str, Json]:
    return {name: value for name, value in fields.items() if value is not None}


def browser_value(value: Json, size: list[int]) -> Json:
    """*value* with integers a browser would round as text; adds about its bytes to size[0]."""
    match value:
        case str():
            size[0] += len(value) + 3
            return value
        case dict():
            size[0] += sum(len(key) + 4 for key in value)
            return {key: browser_value(part, size) for key, part in value.items()}
        case list() | tuple():
            size[0] += 2
            return [browser_value(part, size) for part in value]
        case int() if not isinstance(value, bool) and abs(value) > _EXACT:
            return str(value)
        case _:
            size[0] += 8
            return value


CSV_BEFORE = ("id", "epoch", "input", "output", "target", "error")
CSV_AFTER = (
    "other_scores",
    "tags",
    "duration_s",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "cost_usd",
    "model",
    "cluster",
    "trace_ids",
    "metadata",
    "line",
)


def csv_header(scorers: Sequence[str]) -> str:
    """The first line of an eval's CSV; a column `scores.<scorer>` for each of *scorers*."""
    return csv_line((*CSV_BEFORE, *(f"scores.{scorer}" for scorer in scorers), *CSV_AFTER))


def csv_sample(sample: Sample, scorers: Sequence[str]) -> str:
    """The line of *sample*; scores by scorers without a column are JSON in `other_scores`."""
    usage = sample.usage
    others = {
        name: csv_score(score) for name, score in sample.scores.items() if name not in scorers
    }
    return csv_line(
        (
            sample.id,
            sample.epoch,
            sample.input,
            sample.output,
            sample.target,
            sample.error,
            *(csv_score(sample.scores.get(scorer)) for scorer in scorers),
            others or None,
            ", ".join(sample.tags) or None,
            sample.duration_s,
            *(
                (None,) * 5
                if usage is None
                else (
                    usage.input_tokens,
                    usage.output_tokens,
                    usage.cached_tokens,
                    usage.cost_usd,
                    usage.model,
                )
            ),
            sample.cluster,
            " ".join(sample.trace_ids) or None,
            dict(sample.metadata) or None,
            sample.line,
        )
    )


def csv_score(said: Score | ScoreValue) -> Json:
    """The value, or the error as text; None when missing."""
    if not isinstance(said, Score):
        return said
    return said.value if said.error is None else f"error: {said.error}"

"""The table of a run's traces as data: its columns, and what people said and which sample it was.

Floor 4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sitegen.derive.annotations import ResolvedAnnotations
from sitegen.derive.traces.part import TracesFacts
from sitegen.model import Json, SpanTarget
from sitegen.pages.grid import GridColumn, GridSchema

_MOST_NAMES = 50
"""Columns of feedback, and as many of expectations."""

Said = Mapping[str, Mapping[str, Json]]
"""Per trace id the values of `sample`, `sample_href`, `annotations`, `since_base`,
`feedback.<name>` and `expectation.<name>`."""


def said_of_traces(
    annotations: ResolvedAnnotations, sample_by_trace: Mapping[str, tuple[str, str]]
) -> Said:
    """What is known of traces beside what they record.

    Feedback is true or false where all agree, else `2 yes, 1 no`; the newest expectation counts.
    """
    said: dict[str, dict[str, Json]] = {}
    for trace_id, (label, href) in sample_by_trace.items():
        said[trace_id] = {"sample": label, "sample_href": href}
    feedback: dict[tuple[str, str], list[bool]] = {}
    for one in annotations.annotations:
        annotation = one.annotation
        if not isinstance(annotation.target, SpanTarget):
            continue
        trace_id = annotation.target.trace_id
        row = said.setdefault(trace_id, {})
        row["annotations"] = annotations.summary_by_target.get(f"trace:{trace_id}", "")
        if annotation.kind == "feedback":
            feedback.setdefault((trace_id, annotation.name), []).append(bool(annotation.value))
        else:
            row.setdefault(f"expectation.{annotation.name}", annotation.value)
    for key, text in annotations.since_by_target.items():
        kind, _, trace_id = key.partition(":")
        if kind == "trace":  # also one of which all annotations were removed
            row = said.setdefault(trace_id, {"annotations": annotations.summary_by_target[key]})
            row["since_base"] = text
    for (trace_id, name), values in feedback.items():
        said[trace_id][f"feedback.{name}"] = _agreed(values)
    return said


def _agreed(values: list[bool]) -> Json:
    if len(set(values)) == 1:
        return values[0]
    return f"{values.count(True)} yes, {values.count(False)} no"


def trace_grid(
    facts: TracesFacts, said: Said, slug: str, *, has_samples: bool = False
) -> GridSchema:
    """The columns, in the order in which the server writes those of its rows."""
    given = {name for values in said.values() for name in values}
    names = {*facts.list_names, *given, *(("sample",) if has_samples else ())}
    if names & {"cost_usd", "estimated_cost_usd"}:
        names.add("cost")
    return GridSchema(
        n=facts.count,
        prefix=f"{slug}/trace-list-",
        groups={"core": facts.list_starts},
        order="",
        baseline=None,
        columns=tuple(
            column
            for column in (*_recorded(), *_annotated(given))
            if column.name in names or column.is_fixed
        ),
    )


def _recorded() -> Iterator[GridColumn]:
    yield GridColumn(name="name", label="Trace", group="core", kind="trace-name", is_shown=True,
                     is_fixed=True, place="lead")  # fmt: skip
    yield GridColumn(name="sample", label="Sample", group="core", kind="trace-sample",
                     is_shown=True, place="sub")  # fmt: skip
    yield GridColumn(name="started_at", label="Start", group="core", kind="time", is_number=True,
                     is_shown=True, first="desc", place="sub")  # fmt: skip
    yield _number("duration_s", "Duration", "duration", place="value")
    yield _number("spans", "Spans", "count")
    yield _number("errors", "Errors", "trace-errors", place="sub")
    yield GridColumn(name="models", label="Models", group="core", kind="tags", is_shown=True)
    yield _number("tokens", "Tokens", "compact", place="sub")
    yield _number("cost", "Cost", "trace-cost")
    yield _number("input_tokens", "Input tokens", "compact", is_shown=False)
    yield _number("output_tokens", "Output tokens", "compact", is_shown=False)
    yield _number("cached_tokens", "Cached tokens", "compact", is_shown=False)
    yield _number("cost_usd", "Recorded cost", "money", is_shown=False)
    yield _number("estimated_cost_usd", "Estimated cost", "money", is_shown=False)
    for name, label in (("session", "Session"), ("user", "User"), ("id", "Trace id")):
        yield GridColumn(name=name, label=label, group="core", kind="code")
    yield GridColumn(name="annotations", label="Annotations", group="core", kind="text")
    yield GridColumn(name="since_base", label="Since the base", group="core", kind="text")


def _annotated(given: set[str]) -> Iterator[GridColumn]:
    for kind in ("feedback", "expectation"):
        names = sorted(name for name in given if name.startswith(f"{kind}."))
        for name in names[:_MOST_NAMES]:
            label = name.removeprefix(f"{kind}.")
            title = f"{kind} {label}"
            yield GridColumn(name=name, label=label, group="core", kind="trace-said", title=title,
                             is_shown=True)  # fmt: skip


def _number(
    name: str, label: str, kind: str, *, is_shown: bool = True, place: str | None = None
) -> GridColumn:
    return GridColumn(name=name, label=label, group="core", kind=kind, is_number=True,
                      is_shown=is_shown, place=place, first="desc")  # fmt: skip

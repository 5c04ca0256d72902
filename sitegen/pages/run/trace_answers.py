"""What takes the time, which tool is slow, which model costs: what traces are read for.

Floor 4. Each is one figure with its denominator; what nothing tells is left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from sitegen.derive.traces.totals import ModelTotals, NameTotals
from sitegen.pages.parts import Figure
from sitegen.units import duration_text, money_text, percent_text, plural, short_count_text

_LONGEST_NAME = 60
_MOST = 4
_LEAST_FOR_95 = 20


def trace_answers(names: Sequence[NameTotals], models: Sequence[ModelTotals]) -> tuple[Figure, ...]:
    """The figures, at most four."""
    found = (
        *_most_time(names),
        *_slowest(names),
        *_most_errors(names),
        *_most_cost(models),
        *_slowest_model(models),
    )
    return found[:_MOST]


def _most_time(names: Sequence[NameTotals]) -> Iterator[Figure]:
    whole = sum(one.self_ns for one in names)
    if len(names) > 1 and whole > 0:
        first = max(names, key=lambda one: one.self_ns)
        note = f"{_short(first.name)}: {duration_text(first.self_ns)} in which none below it ran"
        yield _figure("Most time", percent_text(first.self_ns / whole), note)


def _slowest(names: Sequence[NameTotals]) -> Iterator[Figure]:
    tools = [one for one in names if one.kind == "tool" and one.latency is not None]
    if tools:
        p95_ns, first = max(
            ((one.latency.p95_ns, one) for one in tools if one.latency), key=lambda pair: pair[0]
        )
        note = _calls(first.name, first.count)
        yield _figure("Slowest tool", duration_text(p95_ns), note)


def _slowest_model(models: Sequence[ModelTotals]) -> Iterator[Figure]:
    known = [(one.latency.p95_ns, one) for one in models if one.latency is not None]
    if len(known) > 1:
        p95_ns, first = max(known, key=lambda pair: pair[0])
        note = _calls(first.model, first.calls)
        yield _figure("Slowest model", duration_text(p95_ns), note)


def _most_errors(names: Sequence[NameTotals]) -> Iterator[Figure]:
    failed = [one for one in names if one.error_count > 0]
    if failed:
        first = max(failed, key=lambda one: one.error_count)
        rate = percent_text(first.error_count / first.count)
        note = f"{_short(first.name)}: {first.error_count:,} of {first.count:,} failed"
        yield _figure("Most errors", rate, note)


def _most_cost(models: Sequence[ModelTotals]) -> Iterator[Figure]:
    costs = [one.estimated_cost_usd if one.cost_usd is None else one.cost_usd for one in models]
    known = [cost or 0.0 for cost in costs]
    whole = math.fsum(known)
    if whole > 0 and all(cost is not None for cost in costs):
        most, first = max(zip(known, models, strict=True), key=lambda pair: pair[0])
        sign = "≈ " if first.cost_usd is None else ""
        tokens = short_count_text(first.input_tokens + first.output_tokens)
        note = f"{_short(first.model)}: {sign}{money_text(most)} for {tokens} tokens"
        yield _figure("Most cost", percent_text(most / whole), note)


def _calls(name: str, count: int) -> str:
    """Of few calls the one that 95 % are not longer than is the longest."""
    if count < _LEAST_FOR_95:
        return f"{_short(name)}: the longest of {plural(count, 'call')}"
    return f"{_short(name)}: 95 % of {plural(count, 'call')} take no longer"


def _short(name: str) -> str:
    name = name or "(no name)"
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"


def _figure(name: str, value: str, note: str) -> Figure:
    return Figure(name=name, goal=None, value=value, value_title=value, note=note, spark=None)

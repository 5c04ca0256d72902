"""Facts of several runs side by side: a row a fact, a column a run. Floor 4.

The twin of js/compare/compare-table.js, js/compare/compare-values.js and
js/compare/compare-markdown.js.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from sitegen import units
from sitegen.derive.compared_run import ComparedRun, Facts, MetricValues, Number, ScorerValues
from sitegen.records import dataclass

MOST_ROWS = 500
"""Most rows of one table."""
_MOST_TEXT = 200
_MOST_CODE = 80
_MARKS = re.compile(r"([\\`*_\[\]<>|~#!&@])")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonCell:
    """What one run says."""

    text: str | None
    """The text; None if the run does not say it."""
    title: str | None
    """The whole or the exact value, where the text is not."""
    change: str
    """`▲ +0.1`: the difference to the first run; empty without one."""
    tone: str
    """good, bad or muted: what the change says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRow:
    """One fact of all runs."""

    name: str
    """Its name."""
    goal: str | None
    """Which direction is better."""
    is_same: bool
    """Whether all runs say the same."""
    cells: tuple[ComparisonCell, ...]
    """One per run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonSection:
    """A table of the comparison."""

    title: str
    """What it is of."""
    label: str
    """Head of its first column."""
    note: str
    """`4 of 13 differ`."""
    is_number: bool
    """Whether its cells are values with differences."""
    missing: str
    """What a cell says that a run has nothing for."""
    rows: tuple[ComparisonRow, ...]
    """Facts in which runs differ; of values all."""
    same: tuple[ComparisonRow, ...]
    """Facts that are the same in all runs."""
    left_out: int
    """Rows beyond `MOST_ROWS`."""


def comparison_sections(runs: Sequence[ComparedRun]) -> tuple[ComparisonSection, ...]:
    """All tables that have a row."""
    facts: list[tuple[str, str, Callable[[ComparedRun], Mapping[str, str]]]] = [
        ("Source", "Fact", lambda run: _texts(run.source)),
        ("Data sets", "Data set", lambda run: _named(run.datasets)),
        ("Models", "Model", lambda run: _named(run.models)),
        ("Run", "Fact", _run_texts),
        ("Environment", "Fact", lambda run: _texts(run.environment)),
        ("Packages", "Package", lambda run: run.packages),
        ("Traces", "Count", lambda run: _texts(run.traces)),
        ("Attachments", "File", _attachments),
    ]
    found = [
        _text_section("Params", "Param", runs, lambda run: run.params),
        _value_section("Metrics", "Metric", _metric_rows(runs)),
        _value_section("Evals", "Scorer", _scorer_rows(runs)),
        *(_text_section(title, label, runs, read) for title, label, read in facts),
    ]
    return tuple(one for one in found if one.rows or one.same)


_LISTS = frozenset({"Data sets", "Models", "Packages", "Attachments"})
"""Sections whose rows are things that a run has or has not."""


def _text_section(
    title: str,
    label: str,
    runs: Sequence[ComparedRun],
    read: Callable[[ComparedRun], Mapping[str, str]],
) -> ComparisonSection:
    values = [read(run) for run in runs]
    rows = [
        _text_row(name, [one.get(name) for one in values])
        for name in dict.fromkeys(name for one in values for name in one)
    ]
    differing = [row for row in rows if not row.is_same]
    same = [row for row in rows if row.is_same]
    return ComparisonSection(
        title=title,
        label=label,
        note=f"{len(differing)} of {len(rows)} differ",
        is_number=False,
        missing="none" if title in _LISTS else "not set",
        rows=tuple(differing[:MOST_ROWS]),
        same=tuple(same[:MOST_ROWS]),
        left_out=max(0, len(differing) - MOST_ROWS) + max(0, len(same) - MOST_ROWS),
    )


def _text_row(name: str, texts: Sequence[str | None]) -> ComparisonRow:
    return ComparisonRow(
        name=name,
        goal=None,
        is_same=len(set(texts)) == 1,
        cells=tuple(_text_cell(text) for text in texts),
    )


def _text_cell(text: str | None) -> ComparisonCell:
    is_cut = text is not None and len(text) > _MOST_TEXT
    return ComparisonCell(
        text=f"{text[:_MOST_TEXT]}…" if text is not None and is_cut else text,
        title=text if is_cut else None,
        change="",
        tone="muted",
    )


def _value_section(title: str, label: str, rows: Sequence[ComparisonRow]) -> ComparisonSection:
    return ComparisonSection(
        title=title,
        label=label,
        note="the best by the goal, else the last; differences are to the first run"
        if title == "Metrics"
        else "means over the scored samples; differences are to the first run",
        is_number=True,
        missing="missing",
        rows=tuple(rows[:MOST_ROWS]),
        same=(),
        left_out=max(0, len(rows) - MOST_ROWS),
    )


def _metric_rows(runs: Sequence[ComparedRun]) -> list[ComparisonRow]:
    rows = []
    for name in sorted({name for run in runs for name in run.metrics}):
        metrics = [run.metrics.get(name) for run in runs]
        goal = next((one.goal for one in metrics if one and one.goal), None)
        values = [_final(one, goal) for one in metrics]
        rows.append(_value_row(name, goal, values, is_ratio=False))
    return rows


def _final(metric: MetricValues | None, goal: str | None) -> float | None:
    if metric is None:
        return None
    best = {"minimize": metric.min, "maximize": metric.max}.get(goal or "")
    return _number(best if metric.count and best is not None else metric.last)


def _scorer_rows(runs: Sequence[ComparedRun]) -> list[ComparisonRow]:
    rows = []
    for key in dict.fromkeys((one.eval, one.scorer) for run in runs for one in run.scorers):
        scores = [_score(run, key) for run in runs]
        kinds = {one.kind for one in scores if one}
        is_ratio = kinds == {"boolean"}
        goal = next((one.goal for one in scores if one and one.goal), None)
        rows.append(
            _value_row(
                " ".join(key),
                goal or ("maximize" if is_ratio else None),
                [_number(one.mean) if one else None for one in scores],
                is_ratio=is_ratio,
                is_estimate=True,
            )
        )
    return rows


def _score(run: ComparedRun, key: tuple[str, str]) -> ScorerValues | None:
    return next((one for one in run.scorers if (one.eval, one.scorer) == key), None)


def _number(value: Number) -> float | None:
    """The number of a data file, where NaN and ±Inf are texts."""
    return None if value is None else float(value)


def _value_row(
    name: str,
    goal: str | None,
    values: Sequence[float | None],
    *,
    is_ratio: bool,
    is_estimate: bool = False,
) -> ComparisonRow:
    """A row of values; a difference of estimates says nothing of chance: no colour, no sign."""
    finite = [value for value in values if value is not None and math.isfinite(value)]
    decimals = units.decimals_of(finite)

    def text(value: float) -> str:
        return units.percent_text(value) if is_ratio else units.column_text(value, decimals)

    cells = []
    for value in values:
        way = None if is_estimate else goal
        change, tone = _change(values[0], value, way, is_ratio=is_ratio)
        cells.append(
            ComparisonCell(
                text=None if value is None else text(value),
                title=None if value is None else units.exact_text(value),
                change=change,
                tone=tone,
            )
        )
    return ComparisonRow(
        name=name, goal=goal, is_same=len(set(map(str, values))) == 1, cells=tuple(cells)
    )


def _change(
    first: float | None, value: float | None, goal: str | None, *, is_ratio: bool
) -> tuple[str, str]:
    """The difference as read, and what it says."""
    if first is None or value is None or not math.isfinite(first) or not math.isfinite(value):
        return "", "muted"
    difference = value - first
    if not difference:
        return "", "muted"
    text = units.points_text(difference) if is_ratio else units.number_text(difference, 3)
    if difference > 0 and not is_ratio:
        text = f"+{text}"
    if goal is None:
        return text, "muted"
    is_better = (difference > 0) == (goal == "maximize")
    return f"{'▲' if is_better else '▼'} {text}", "good" if is_better else "bad"


def _texts(facts: Facts) -> dict[str, str]:
    return {name: _fact_text(value) for name, value in facts.items() if value not in (None, "")}


def _fact_text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return units.exact_text(value) if isinstance(value, float) else str(value)


def _run_texts(run: ComparedRun) -> dict[str, str]:
    return _texts({"experiment": run.experiment, "status": run.status, **run.facts})


def _named(facts: Iterable[Facts]) -> dict[str, str]:
    """Data sets or models by what they are called: version, digest, size and place."""
    found = {}
    for one in facts:
        name = " ".join(one[key] for key in ("name", "split", "context") if one.get(key))
        parts = [one.get("version"), one.get("stage"), one.get("digest") or "no digest"]
        if one.get("rows"):
            parts.append(f"{units.count_text(one['rows'])} rows")
        if one.get("size_bytes"):
            parts.append(units.bytes_text(one["size_bytes"]))
        parts.append(one.get("uri") or one.get("path"))
        found[name] = " · ".join(part for part in parts if part)
    return found


def _attachments(run: ComparedRun) -> dict[str, str]:
    return {
        one.path: f"{units.bytes_text(one.size_bytes)} · "
        + (units.short_digest(f"sha256:{one.sha256}") if one.sha256 else "cannot be read")
        for one in run.attachments
    }


def sectioned_markdown(runs: Sequence[ComparedRun], sections: Sequence[ComparisonSection]) -> str:
    """Params that differ, metrics and evals as one Markdown table."""
    heads = [
        _MARKS.sub(r"\\\1", " ".join(run.name.split())) + (" (baseline)" if at == 0 else "")
        for at, run in enumerate(runs)
    ]
    lines = [f"| | {' | '.join(heads)} |", f"| :-- | {' | '.join('--:' for _ in runs)} |"]
    for section in sections:
        if section.title in {"Params", "Metrics", "Evals"}:
            lines += [_markdown_row(row, section) for row in section.rows]
    note = "Metrics: the best by their goal, else the last. Differences are to the baseline."
    return "\n".join([*lines, "", note, ""])


def _markdown_row(row: ComparisonRow, section: ComparisonSection) -> str:
    goal = {"maximize": " ↑", "minimize": " ↓"}.get(row.goal or "", "")
    cells = []
    for cell in row.cells:
        if cell.text is None:
            cells.append(section.missing)
        elif section.is_number:
            cells.append(f"{cell.text} ({cell.change})" if cell.change else cell.text)
        else:
            cells.append(_code(cell.title or cell.text))
    return f"| {_code(row.name)}{goal} | {' | '.join(cells)} |"


def _code(text: str) -> str:
    """*text* as code in a cell: no bar ends the cell, no backtick the code."""
    cut = f"{text[:_MOST_CODE]}…" if len(text) > _MOST_CODE else text
    plain = " ".join(cut.split()).replace("|", "\\|")
    longest = max((len(run) for run in re.findall("`+", plain)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {plain} {fence}" if longest else f"`{plain}`"

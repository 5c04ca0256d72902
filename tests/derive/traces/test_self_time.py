"""Time that a span spent itself."""

from __future__ import annotations

from sitegen.derive.traces.self_time import self_times_ns
from sitegen.derive.traces.spans import span_tree
from tests.derive.traces.test_part import span

MS = 10**6


def test_overlapping_children_are_taken_off_once_and_only_inside_the_parent() -> None:
    tree = span_tree(
        [
            span(1, start=0, end=100),
            span(2, 1, start=10, end=40),
            span(3, 1, start=30, end=60),
            span(4, 1, start=90, end=150),
        ]
    )

    assert self_times_ns(tree) == [40 * MS, 30 * MS, 30 * MS, 60 * MS]


def test_spans_without_times_take_nothing() -> None:
    tree = span_tree([span(1, start=0, end=10), span(2, 1, start=None, end=None)])

    assert self_times_ns(tree) == [10 * MS, 0]

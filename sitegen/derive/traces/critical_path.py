"""Which spans made a trace take as long as it did.

Floor 3. The algorithm of Jaeger's trace view (CRISP, USENIX ATC 2022, section 3.2): from the end
of the longest root walk back through the child that finished last; what no such child covers is the
span's own time. Ours is iterative and uses the times as recorded, cut to those of the parent.
"""

from __future__ import annotations

from collections.abc import Sequence

from sitegen.derive.traces.spans import ROOT, SpanTree

Segment = tuple[int, int, int]
"""Index of the span, start and end in nanoseconds."""


def critical_path(tree: SpanTree) -> list[Segment]:
    """Segments in order of time, without overlap; empty if no root has times."""
    times = [_times(tree, index) for index in range(len(tree.spans))]
    children: list[list[int]] = [[] for _ in tree.spans]
    for index, parent in enumerate(tree.parents):
        if parent != ROOT and times[index] is not None:
            children[parent].append(index)
    root = _longest_root(tree, times)
    return [] if root is None else _walk(root, times, children)


def _times(tree: SpanTree, index: int) -> tuple[int, int] | None:
    span = tree.spans[index]
    if span.start_ns is None or span.end_ns is None or span.end_ns < span.start_ns:
        return None
    return span.start_ns, span.end_ns


def _longest_root(tree: SpanTree, times: Sequence[tuple[int, int] | None]) -> int | None:
    best, best_ns = None, -1
    for index, parent in enumerate(tree.parents):
        window = times[index]
        if parent == ROOT and window is not None and window[1] - window[0] > best_ns:
            best, best_ns = index, window[1] - window[0]
    return best


def _walk(
    root: int, times: Sequence[tuple[int, int] | None], children: Sequence[list[int]]
) -> list[Segment]:
    segments: list[Segment] = []
    windows = [(root, *_window(times[root]))]
    while windows:
        index, start, cursor = windows.pop()
        inner = []
        for child in sorted(children[index], key=lambda one: _window(times[one])[1], reverse=True):
            child_start, child_end = _window(times[child])
            child_start = max(child_start, start)
            child_end = min(child_end, _window(times[index])[1])
            if child_end > cursor or child_start >= child_end:
                continue
            if child_end < cursor:
                segments.append((index, child_end, cursor))
            inner.append((child, child_start, child_end))
            cursor = child_start
        if cursor > start:
            segments.append((index, start, cursor))
        windows.extend(inner)
    return sorted(segments, key=lambda segment: (segment[1], segment[2]))


def _window(times: tuple[int, int] | None) -> tuple[int, int]:
    assert times is not None
    return times

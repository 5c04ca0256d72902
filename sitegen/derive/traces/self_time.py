"""How long each span of a trace worked itself, without the spans below it.

Floor 3. Children may overlap and may stick out of their parent: what counts is the time of the
parent in which no child ran.
"""

from __future__ import annotations

from sitegen.derive.traces.spans import ROOT, SpanTree


def self_times_ns(tree: SpanTree) -> list[int]:
    """Per span its duration minus the time covered by children; 0 without a duration.

    Siblings stand by start in reading order, so one walk suffices.
    """
    covered = [0] * len(tree.spans)
    covered_until = [span.start_ns or 0 for span in tree.spans]
    for index, parent in enumerate(tree.parents):
        span = tree.spans[index]
        if parent == ROOT or span.start_ns is None or span.end_ns is None:
            continue
        start = max(span.start_ns, covered_until[parent])
        end = min(span.end_ns, tree.spans[parent].end_ns or span.end_ns)
        if end > start:
            covered[parent] += end - start
            covered_until[parent] = end
    return [
        0
        if span.start_ns is None or span.end_ns is None
        else max(0, span.end_ns - span.start_ns - covered[index])
        for index, span in enumerate(tree.spans)
    ]

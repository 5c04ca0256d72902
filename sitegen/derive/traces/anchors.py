"""What ties an annotation to a span: its digest, its path of names, its place among its equals.

Floor 3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from sitegen.derive.anchors import AnchorFacts, content_digest
from sitegen.derive.traces.spans import ROOT, SpanTree
from sitegen.model import Json, Span
from sitegen.units import short_digest

PATH_NAMES = 64
"""An anchor's path keeps so many names from the root: 20,000 spans in a chain would be 10^8."""


def with_anchors(
    trace_id: str, tree: SpanTree, anchors: dict[str, AnchorFacts]
) -> Iterator[tuple[Span, AnchorFacts]]:
    """Each span with its anchor, entered into *anchors* on the way."""
    paths: list[tuple[str, ...]] = []
    for index, parent in enumerate(tree.parents):
        above = paths[parent] if parent != ROOT else ()
        paths.append((*above, tree.spans[index].name) if len(above) < PATH_NAMES else above)
    ordinals, where = _ordinals(tree, paths), f"in trace {short_digest(trace_id)}"
    for index, span in enumerate(tree.spans):
        anchor = AnchorFacts(
            digest=span_digest(span),
            label=f"span {span.name[:80]} {where}",
            path=paths[index],
            ordinal=ordinals[index],
        )
        anchors.setdefault(f"span:{trace_id}/{span.span_id}", anchor)
        yield span, anchor


def _ordinals(tree: SpanTree, paths: Sequence[tuple[str, ...]]) -> list[int]:
    """For each span its index among the spans of its path, by (start, span id)."""
    ordinals = [0] * len(tree.spans)
    seen: Counter[tuple[str, ...]] = Counter()
    for index in sorted(
        range(len(tree.spans)),
        key=lambda one: (tree.spans[one].start_ns or 0, tree.spans[one].span_id),
    ):
        ordinals[index] = seen[paths[index]]
        seen[paths[index]] += 1
    return ordinals


def span_digest(span: Span) -> str:
    """Digest of what an annotation of the span judged: name, kind, attributes, status."""
    return content_digest(
        {
            "name": span.name,
            "kind": span.kind,
            "attributes": {
                key: value if type(value) is str else _with_decimal_integers(value)
                for key, value in span.attributes.items()
            },
            "status": {"code": span.status_code, "message": span.status_message},
        }
    )


def _with_decimal_integers(value: Json) -> Json:
    match value:
        case bool():
            return value
        case int():
            return str(value)
        case dict():
            return {key: _with_decimal_integers(member) for key, member in value.items()}
        case list():
            return [_with_decimal_integers(member) for member in value]
    return value

"""The fast way through canonical OTLP gives exactly what the lenient way gives, or steps aside."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.model import Span
from sitegen.read.otlp.envelope import SpanBatch, parts_of
from sitegen.read.otlp.fast import canonical_spans
from sitegen.read.otlp.json_form import decode
from sitegen.read.otlp.spans import Place, spans_of
from tests.factories import CHILD_ID, attribute, request_document, span_document

PLACE = Place(path="a", line=3)


def fast(document: Any) -> list[Span] | None:
    return canonical_spans(json.dumps(document).encode(), "a", 3)


def lenient(document: Any) -> list[Span]:
    faults: list[tuple[str, str, str]] = []
    parts = list(parts_of(decode(json.dumps(document).encode())))
    assert all(isinstance(part, SpanBatch) for part in parts)
    spans = [
        span
        for part in parts
        if isinstance(part, SpanBatch)
        for span in spans_of(part, PLACE, 0, lambda *fault: faults.append(fault))
    ]
    assert faults == []
    return spans


TEXT = st.text(max_size=8)
INT64 = st.integers(-(2**63), 2**63 - 1)
SCALAR = st.one_of(
    st.just({}),
    st.builds(lambda text: {"stringValue": text}, TEXT),
    st.builds(lambda number: {"intValue": number}, INT64 | INT64.map(str)),
    st.builds(lambda flag: {"boolValue": flag}, st.booleans()),
    st.builds(
        lambda number: {"doubleValue": number},
        st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(["Infinity", 1]),
    ),
    st.just({"bytesValue": "AQI="}),
    st.just({"stringValue": None}),
)
VALUE = st.recursive(
    SCALAR,
    lambda inner: st.one_of(
        st.builds(lambda values: {"arrayValue": {"values": values}}, st.lists(inner, max_size=3)),
        st.builds(
            lambda values: {"kvlistValue": {"values": values}},
            st.lists(st.fixed_dictionaries({"key": TEXT, "value": inner}), max_size=3),
        ),
        st.just({"arrayValue": {}}),
    ),
    max_leaves=8,
)
PAIRS = st.lists(
    st.fixed_dictionaries({"key": TEXT}, optional={"value": VALUE | st.none()}), max_size=4
)
TIME = st.integers(0, 2**64 - 1) | st.integers(0, 2**64 - 1).map(str)
HEX = st.sampled_from("0123456789abcdefABCDEF")
SPAN_ID = st.text(HEX, min_size=16, max_size=16).filter(lambda text: text.strip("0"))
TRACE_ID = st.text(HEX, min_size=32, max_size=32).filter(lambda text: text.strip("0"))
SPAN = st.fixed_dictionaries(
    {"traceId": TRACE_ID, "spanId": SPAN_ID},
    optional={
        "parentSpanId": SPAN_ID | st.just("") | st.just("0" * 16), "name": TEXT,
        "kind": st.integers(0, 5), "startTimeUnixNano": TIME, "endTimeUnixNano": TIME,
        "attributes": PAIRS, "flags": st.integers(0, 2**32 - 1), "traceState": TEXT,
        "droppedAttributesCount": st.integers(0, 2**32 - 1), "droppedEventsCount": st.just(2),
        "droppedLinksCount": st.just(1),
        "status": st.fixed_dictionaries(
            {}, optional={"code": st.integers(0, 2), "message": TEXT}
        ),
        "events": st.lists(st.fixed_dictionaries(
            {"name": TEXT}, optional={"timeUnixNano": TIME, "attributes": PAIRS,
                                      "droppedAttributesCount": st.just(1)}), max_size=2),
        "links": st.lists(st.fixed_dictionaries(
            {"traceId": TRACE_ID, "spanId": SPAN_ID},
            optional={"attributes": PAIRS, "traceState": TEXT, "flags": st.just(256)}),
            max_size=2),
    },
)  # fmt: skip
SCOPE = st.fixed_dictionaries({}, optional={"name": TEXT, "version": TEXT, "attributes": PAIRS})
DOCUMENT = st.fixed_dictionaries({"resourceSpans": st.lists(st.fixed_dictionaries(
    {"scopeSpans": st.lists(st.fixed_dictionaries(
        {"spans": st.lists(SPAN, max_size=2)},
        optional={"scope": SCOPE, "schemaUrl": TEXT}), max_size=2)},
    optional={"resource": st.fixed_dictionaries(
        {}, optional={"attributes": PAIRS, "entityRefs": st.just([{"type": "service"}])}),
        "schemaUrl": TEXT}), max_size=2)})  # fmt: skip


@given(DOCUMENT)
def test_both_ways_give_the_same_spans(document: Any) -> None:
    assert fast(document) == lenient(document)


@pytest.mark.parametrize(
    "fields",
    [
        {"traceId": "a" * 31}, {"traceId": "0" * 32}, {"traceId": None}, {"spanId": "0" * 16},
        {"spanId": "g" * 16}, {"parentSpanId": "abc"}, {"kind": "SPAN_KIND_CLIENT"}, {"kind": 9},
        {"status": {"code": "2"}}, {"status": {"code": 3}}, {"status": 2}, {"name": 7},
        {"startTimeUnixNano": "-1"}, {"startTimeUnixNano": 2**64}, {"startTimeUnixNano": "1e18"},
        {"startTimeUnixNano": " 1"}, {"endTimeUnixNano": {"low": 1, "high": 2}},
        {"attributes": {"a": 1}}, {"attributes": [{"key": "a", "value": "bare"}]},
        {"attributes": [{"key": "a", "value": {"intValue": "x"}}]},
        {"attributes": [{"key": "a", "value": {"intValue": 7.5}}]},
        {"attributes": [{"key": "a", "value": {"doubleValue": "soon"}}]},
        {"attributes": [{"key": None}]}, {"links": [{"traceId": "x", "spanId": CHILD_ID}]},
        {"links": [{"traceId": "0" * 32, "spanId": CHILD_ID}]}, {"droppedLinksCount": -1},
        {"events": None}, {"new_field": 1}, {"start_time_unix_nano": 1},
    ],
)  # fmt: skip
def test_what_is_not_canonical_is_left_to_the_lenient_way(fields: dict[str, Any]) -> None:
    assert fast(request_document([span_document(), span_document(**fields)])) is None


def test_values_nested_too_deeply_are_left_to_the_lenient_way() -> None:
    value: Any = {"stringValue": "x"}
    for _ in range(20):
        value = {"arrayValue": {"values": [value]}}

    assert (
        fast(request_document([span_document(attributes=[{"key": "k", "value": value}])])) is None
    )


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b'{"resourceSpans":null}', b'{"resourceLogs":[]}', b'{"a":NaN}',
     b'{"resourceSpans":[],"resourceLogs":[]}', b"[" * 10_000, b'{"resourceSpans":[{"a":"\xff"}]}'],
)  # fmt: skip
def test_other_documents_are_left_to_the_lenient_way(text: bytes) -> None:
    assert canonical_spans(text, "a", 1) is None


def test_of_equal_keys_the_last_holds_at_the_place_of_the_first() -> None:
    pairs = [attribute("a", 1), attribute("b", 2), attribute("a", 3)]
    (span,) = fast(request_document([span_document(attributes=pairs)])) or []

    assert list(span.attributes.items()) == [("a", 3), ("b", 2)]

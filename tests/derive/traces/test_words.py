"""Words of spans lead to the traces that hold them."""

from __future__ import annotations

import base64
import json
import re
import zlib

from hypothesis import given
from hypothesis import strategies as st

from sitegen.derive.codec import decode_column
from sitegen.derive.traces import words as module
from sitegen.derive.traces.words import WordIndex
from sitegen.model import Json, Span, SpanEvent
from tests.derive.traces.test_part import span
from tests.factories import MemorySink


def words_of(packed: Json) -> list[str]:
    """The words of a part, inflated if they are long."""
    if isinstance(packed, dict):
        packed = json.loads(zlib.decompress(base64.b64decode(packed["b"]), -zlib.MAX_WBITS))
    return list(packed)


def index_of(*traces: list[Span], rows: list[int] | None = None) -> dict[str, list[int]]:
    """Rows by word, read back from all parts."""
    index, sink = WordIndex(), MemorySink()
    for number, spans in enumerate(traces):
        index.add(number, spans)
    index.write(sink, rows or list(range(len(traces))))
    found: dict[str, list[int]] = {}
    for name, part in sink.payloads.items():
        if name != "trace-words":
            counts = decode_column(part["counts"]).tolist()
            places = decode_column(part["rows"]).tolist()
            for word, count in zip(words_of(part["words"]), counts, strict=True):
                found[word] = [int(places.pop(0)) for _ in range(int(count))]
    return found


def test_names_messages_attributes_and_events_are_words() -> None:
    event = SpanEvent(time_ns=None, name="exception", attributes={"exception.message": "Too slow"})
    one = span(
        1,
        name="chat m-1",
        events=(event,),
        status_code=2,
        status_message="No answer",
        attributes={"a": '{"text":"Refund\\nplease, Z\\u00fcrich"}', "b": ["Nested", {"c": 404}]},
    )

    words = index_of([one])

    assert {
        "chat",
        "exception",
        "too",
        "slow",
        "no",
        "answer",
        "refund",
        "please",
        "zürich",
        "nested",
        "404",
    } <= set(words)


def test_rows_are_those_of_the_list_and_ascend() -> None:
    spans = [span(1, name=name) for name in ("alpha beta", "beta", "beta gamma")]

    words = index_of(*([one] for one in spans), rows=[2, 0, 1])

    assert (words["beta"], words["alpha"], words["gamma"]) == ([0, 1, 2], [2], [1])


def test_many_words_are_cut_into_parts_that_name_their_first() -> None:
    sink, index = MemorySink(), WordIndex()
    for number in range(20):
        text = " ".join(f"w{number:02}x{word:04}" for word in range(1_000))
        index.add(number, [span(1, name="n", attributes={"text": text})])
    index.write(sink, list(range(20)))

    firsts = sink.payloads["trace-words"]["firsts"]
    assert len(firsts) == len(sink.payloads) - 1 > 1
    assert firsts == sorted(firsts)
    assert sink.payloads["trace-words"]["traces"] == 20


@given(st.text(max_size=60))
def test_words_are_runs_of_letters_and_digits_of_any_script(text: str) -> None:
    plain = text.replace("\\", " ")
    expected = {word for word in re.findall(r"[^\W_]+", plain.lower()) if 2 <= len(word) <= 32}

    assert sorted(expected) == sorted(module._words([span(1, name=plain)]))

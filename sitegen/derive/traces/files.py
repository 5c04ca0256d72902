"""The data files of traces: small trees that open at once, details of spans loaded when looked at.

Floor 3. `traces-<n>` holds the columns of trees and bars, `spans-<n>` attributes, events, links and
messages, `text-<n>` one long text. A file is about 200 kB of JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import msgspec

from sitegen.derive.anchors import AnchorFacts
from sitegen.derive.llm.attributes import Attributes
from sitegen.derive.llm.lists import documents_of, judgements_of, tools_of
from sitegen.derive.llm.messages import input_key, messages_of, output_key
from sitegen.derive.llm.operations import (
    KindClass,
    agent_of,
    first_token_ns,
    params_of,
    session_of,
    tool_of,
    user_of,
)
from sitegen.derive.llm.prices import Estimate
from sitegen.derive.llm.usage import SpanUsage
from sitegen.derive.sink import DataFile, Sink
from sitegen.derive.traces.encoding import encoded, exact
from sitegen.model import Json, Scope, Span, SpanEvent
from sitegen.records import dataclass

CHUNK_BYTES = 200_000
LONG_TEXT = 32_000
PREVIEW = 2_000
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanPlace:
    """A span in its trace."""

    trace_id: str
    """Trace id."""
    index: int
    """Index in reading order."""
    origin_ns: int
    """Start of the trace; times are sent as microseconds after it."""
    attributes: Attributes
    """Its attributes, to look up known keys in."""
    kind: KindClass
    """Class of the span."""
    model: str | None
    """The model that it asked."""
    provider: str | None
    """Who runs that model."""
    usage: SpanUsage
    """What it records."""
    estimate: Estimate | None
    """What it probably cost."""


class ChunkWriter:
    """Collects entries under keys until a file is full; the files are named `<stem>-<n>`."""

    def __init__(self, sink: Sink, stem: str, shared: Sequence[str] = ()) -> None:
        self.files: list[DataFile] = []
        self._sink = sink
        self._stem = stem
        self._entries: dict[str, msgspec.Raw] = {}
        self._shared: dict[str, dict[bytes, int]] = {key: {} for key in shared}
        self._indices: dict[tuple[str, int], tuple[object, int]] = {}  # by id of what is kept alive
        self._size = 0

    @property
    def name(self) -> str:
        """Name of the file that the next entry goes to."""
        return f"{self._stem}-{len(self.files)}"

    def share(self, table: str, value: Json) -> int:
        """Index of *value* in a table of this file, added if new."""
        content = encoded(value)
        known = self._shared[table]
        if content not in known:
            known[content] = len(known)
            self._size += len(content)
        return known[content]

    def share_once(self, table: str, source: object, made: Callable[[], Json]) -> int:
        """Index of what is *made* of *source*, which many spans have in common."""
        known = self._indices.get((table, id(source)))
        if known is None:
            known = self._indices[table, id(source)] = (source, self.share(table, made()))
        return known[1]

    def add(self, key: str, entry: Json) -> str:
        """Put *entry* under *key*; the name of the file it is in."""
        content = encoded(entry)
        self._entries[key] = msgspec.Raw(content)
        self._size += len(content)
        name = self.name
        if self._size >= CHUNK_BYTES:
            self.close()
        return name

    def close(self) -> None:
        """Write what is collected."""
        if not self._entries:
            return
        shared = {key: list(map(msgspec.Raw, known)) for key, known in self._shared.items()}
        content = encoded({"entries": self._entries, **shared})
        self.files.append(self._sink.encoded(self.name, content))
        self._entries = {}
        self._shared = {key: {} for key in self._shared}
        self._indices = {}
        self._size = 0


class LongTexts:
    """Texts too long for a payload, each once in a file of its own."""

    def __init__(self, sink: Sink, stem: str) -> None:
        self.files: list[DataFile] = []
        self._sink = sink
        self._stem = stem
        self._names: dict[str, str] = {}

    def shown(self, value: Json) -> Json:
        """*value* as the payload has it: exact integers, and previews of what is long.

        A preview is {"long": name of the file, "preview": its start, "size": characters, "json":
        whether the text is JSON of a list or an object}.
        """
        match value:
            case str():
                return value if len(value) <= LONG_TEXT else self._preview(value, is_json=False)
            case dict() | list():
                whole = exact(value)
                text = json.dumps(whole, ensure_ascii=False)
                return whole if len(text) <= LONG_TEXT else self._preview(text, is_json=True)
        return exact(value)

    def _preview(self, text: str, *, is_json: bool) -> Json:
        name = self._names.get(text)
        if name is None:
            name = self._names[text] = f"{self._stem}-{len(self._names)}"
            self.files.append(self._sink.data(name, {"text": text}))
        return {"long": name, "preview": text[:PREVIEW], "size": len(text), "json": is_json}


def offset_us(time_ns: int | None, origin_ns: int) -> float | None:
    """Microseconds after the start of the trace; whole ones as integers."""
    if time_ns is None:
        return None
    whole, rest = divmod(time_ns - origin_ns, 1000)
    return whole if rest == 0 else (time_ns - origin_ns) / 1000


def attribute_pairs(attributes: Mapping[str, Json], texts: LongTexts) -> list[Json]:
    """[key, value] sorted by key, numbers inside keys by their value."""
    shown = texts.shown
    keys = tuple(attributes)
    is_usual = len(keys) <= _USUAL_KEYS and len("".join(keys)) <= _USUAL_LENGTH
    ordered = _known_order(keys) if is_usual else sorted(sorted(keys), key=_natural)
    return [[key, shown(attributes[key])] for key in ordered]


_USUAL_KEYS, _USUAL_LENGTH = 64, 4_000


@lru_cache(maxsize=512)
def _known_order(keys: tuple[str, ...]) -> list[str]:
    """*keys* in their order; spans of one kind have the same."""
    return sorted(sorted(keys), key=_natural)


def _natural(key: str) -> str:
    """*key* with numbers of 18 digits, before any letter; a list of parts takes 500 bytes."""
    return _DIGITS.sub(_padded, key)


def _padded(number: re.Match[str]) -> str:
    return f"\0{int(number[0][:18]):018}"


def span_detail(
    span: Span,
    place: SpanPlace,
    *,
    anchor: AnchorFacts,
    writer: ChunkWriter,
    texts: LongTexts,
) -> dict[str, Json]:
    """Everything of a span that the tree does not show."""
    detail: dict[str, Json] = {
        "id": span.span_id,
        "parent": span.parent_span_id,
        "kind": span.kind,
        "start_ns": None if span.start_ns is None else str(span.start_ns),
        "end_ns": None if span.end_ns is None else str(span.end_ns),
        "status": [span.status_code, texts.shown(span.status_message)],
        "attributes": attribute_pairs(span.attributes, texts),
        "events": [_event(event, place.origin_ns, texts) for event in span.events],
        "links": [
            [link.trace_id, link.span_id, attribute_pairs(link.attributes, texts)]
            for link in span.links
        ],
        "resource": writer.share_once(
            "resources", span.resource, lambda: attribute_pairs(span.resource, texts)
        ),
        "scope": writer.share_once("scopes", span.scope, lambda: _scope(span.scope, texts)),
        "dropped": [span.dropped_attributes, span.dropped_events, span.dropped_links],
        "trace_state": span.trace_state,
        "digest": anchor.digest,
        "ordinal": anchor.ordinal,
        "place": f"{span.path}:{span.line}" if span.line else span.path,
        "llm": _llm(span, place, texts),
    }
    return detail


_NO_PAIRS: list[Json] = []


def _event(event: SpanEvent, origin_ns: int, texts: LongTexts) -> Json:
    pairs = attribute_pairs(event.attributes, texts) if event.attributes else _NO_PAIRS
    return [offset_us(event.time_ns, origin_ns), event.name, pairs]


def _scope(scope: Scope, texts: LongTexts) -> Json:
    return [scope.name, scope.version, attribute_pairs(scope.attributes, texts)]


def _llm(span: Span, place: SpanPlace, texts: LongTexts) -> dict[str, Json]:
    """The normalised fields; what is not recorded is left out."""
    attributes = place.attributes
    kind, usage, estimate = place.kind, place.usage, place.estimate
    first_token = first_token_ns(span, attributes)
    documents = documents_of(span, attributes, is_retriever=kind == "retriever")
    tools = tools_of(attributes)
    judgements = judgements_of(span, attributes)
    fields: dict[str, Json] = {
        "model": place.model,
        "provider": place.provider,
        "tool": tool_of(span, attributes) if kind == "tool" else None,
        "agent": agent_of(attributes),
        "session": session_of(attributes),
        "user": user_of(attributes),
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cached_tokens": usage.cached_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "cost_usd": usage.cost_usd,
        "estimated_cost_usd": None if estimate is None else estimate.cost_usd,
        "price_source": None if estimate is None else estimate.source,
        "first_token_us": None if first_token is None else first_token / 1000,
        "params": exact(params_of(attributes)) or None,
        "input_key": input_key(attributes),
        "output_key": output_key(attributes),
        "documents": texts.shown(documents) if documents else None,
        "tools": [[tool.get("name"), texts.shown(tool)] for tool in tools] or None,
        "judgements": texts.shown(judgements) if judgements else None,
        "messages": _messages(span, attributes, texts) or None,
    }
    return {key: value for key, value in fields.items() if value is not None}


def _messages(span: Span, attributes: Attributes, texts: LongTexts) -> list[Json]:
    messages = messages_of(span, attributes)
    for message in messages:
        for part in message["parts"]:
            part["text"] = texts.shown(part["text"])
    return messages


def tree_columns(names: Sequence[str], values: Mapping[str, Sequence[Json]]) -> dict[str, Json]:
    """Columns by name, the names of spans as indices into a list without repeats."""
    known = {name: index for index, name in enumerate(dict.fromkeys(names))}
    return {
        "names": list(known),
        "name": [known[name] for name in names],
        **{key: list(column) for key, column in values.items()},
    }

"""What people say of a run as data files: for its page, for annotations.html, for newer runs.

Floor 6. Records stand by target key in files of about 250 kB, so that a page loads what is said of
one sample with one of them, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sitegen.derive.anchors import AnchorFacts
from sitegen.derive.annotations import ResolvedAnnotation
from sitegen.derive.attachments.document import Documents, payload_of
from sitegen.derive.card import SaidFile
from sitegen.derive.sink import Sink
from sitegen.model import Json
from sitegen.units import rfc3339

NAME = "annotations"
"""The beginning of the files' names."""
_BYTES = 250_000
_MARKUP = frozenset("\n*_`#[]<>!|~&\\.:")
"""What a plain sentence has none of; a dot that ends one is none of Markdown's."""


def write_annotations(
    resolved: Sequence[ResolvedAnnotation],
    anchors: Mapping[str, AnchorFacts],
    documents: Documents,
    sink: Sink,
) -> tuple[SaidFile, ...]:
    """The data files with all of a run's annotations, by target key, the newest of each first."""
    ordered = sorted(resolved, key=lambda one: _as_scripts_sort(one.target_key))
    files: list[SaidFile] = []
    for records in _blocks(_record(one, anchors, documents) for one in ordered):
        made = sink.data(f"{NAME}-{len(files)}", {"annotations": records})
        files.append(SaidFile(first=records[0]["key"], name=made.name, file=made.file))
    return tuple(files)


def _as_scripts_sort(text: str) -> bytes:
    """UTF-16, by which texts stand in order in a browser."""
    return text.encode("utf-16-be", "surrogatepass")


def _blocks(records: Iterable[dict[str, Json]]) -> Iterator[list[dict[str, Json]]]:
    """*records* in order, those of one target never apart."""
    block: list[dict[str, Json]] = []
    size = 0
    for one in records:
        if size > _BYTES and one["key"] != block[-1]["key"]:
            yield block
            block, size = [], 0
        block.append(one)
        size += 300 + 2 * len(one.get("text") or "") + len(one.get("why") or "")
    if block:
        yield block


def _record(
    one: ResolvedAnnotation, anchors: Mapping[str, AnchorFacts], documents: Documents
) -> dict[str, Json]:
    """One annotation for scripts; keys without a value are left out."""
    said, anchor = one.annotation, anchors.get(one.target_key)
    times = (said.created_at_ns, said.updated_at_ns)
    created, updated = (None if time is None else rfc3339(time) for time in times)
    record: dict[str, Json] = {
        "id": said.id,
        "key": one.target_key,
        "label": one.target_label,
        "kind": said.kind,
        "name": said.name,
        "value": said.value,
        "user": said.user,
        "created": created,
        "updated": updated,
        "met": one.is_met,
        "state": None if one.state == "exact" else one.state,
        "digest": anchor.digest if anchor else None,
        "input": anchor.input if anchor else None,
        "why": said.rationale,
        "nodes": _nodes(said.rationale, said.id, documents),
        "text": said.text,
    }
    return {name: value for name, value in record.items() if value is not None}


def _nodes(rationale: str | None, identity: str, documents: Documents) -> list[Json] | None:
    """The elements of a rationale; None for one without Markdown, which is a paragraph."""
    if rationale is None or _is_plain(rationale):
        return None
    return payload_of(documents.of_markdown(rationale, f"user-content-{identity}-"))


def _is_plain(text: str) -> bool:
    """Whether *text* is words and signs that Markdown leaves alone wherever they stand."""
    return _MARKUP.isdisjoint(text.replace(". ", " ").removesuffix(".")) and text[:1].isalpha()

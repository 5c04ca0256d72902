"""Sidecars, `annotations/<ulid>.json`: read strictly, for a judgement must not be guessed.

Floor 2. A sidecar that is not exactly of the format is left out and told with the path in the JSON,
the line, what was found and what was expected: "yes" is not true, 1.0 is not 1. Example:

    {"format": 1, "id": "01KB3Q7ZM4V0A1B2C3D4E5F6G8", "kind": "feedback",
     "target": {"type": "sample", "eval": "gsm8k", "sample_id": "q-17"},
     "name": "helpful", "value": true, "rationale": "Names the refund.", "user": "maria.k",
     "created_at": "2026-11-20T14:02:00Z"}
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from sitegen.bundle import schema
from sitegen.bundle.limits import Limits
from sitegen.errors import Problem
from sitegen.model import (
    Anchor,
    Annotation,
    Json,
    MetricTarget,
    RunTarget,
    SampleTarget,
    SpanTarget,
    Target,
)
from sitegen.read.documents.json_text import JsonError, line_of_key, parse_json
from sitegen.read.files import FileError, Report, read_bytes
from sitegen.read.json_places import Path as JsonPath
from sitegen.read.json_places import line_of_path, parse_path, path_text
from sitegen.records import dataclass
from sitegen.units import parse_rfc3339_ns

SIDECAR_BYTES = 1_000_000
"""Largest sidecar; a rationale is a few paragraphs."""

_SHORT_BYTES = 16_384  # of a sidecar that the page can edit: it carries the text
_LEFT_OUT = "The annotation is left out."
_MESSAGE = re.compile(r"(?P<said>.*?)(?: - at `(?P<path>\$.*)`)?", re.DOTALL)
_EXPECTED = re.compile(r"Expected `(.+)`, got `(.+)`")
_LONG_NUMBER = re.compile(rb"[:\[,]\s*-?\d{17}")
_TYPES = {"str": "a string", "bool": "a boolean", "int": "an integer", "object": "an object"}
_TYPES |= {"float": "a number with a fraction", "array": "a list", "null": "null"}


_DECODER = msgspec.json.Decoder(schema.AnnotationFile)
_DOCUMENT_DECODER = msgspec.json.Decoder(dict[str, Any])
_ENCODER = msgspec.json.Encoder()
_TARGET_KEYS = {
    kind: frozenset({"type", *kind.__struct_fields__})
    for kind in (
        schema.SpanTargetEntry, schema.SampleTargetEntry, schema.RunTargetEntry,
        schema.MetricTargetEntry,
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SidecarFault:
    """One fault of a sidecar."""

    path: JsonPath
    """Where in the JSON."""
    message: str
    """What was found and what was expected."""
    hint: str | None = None
    """What to do about it."""


def read_annotations(
    root: Path, files: Sequence[str], limits: Limits, report: Report
) -> tuple[Annotation, ...]:
    """The annotations of the sidecars *files* that are right, in the order of the files."""
    if len(files) > limits.annotations:
        report(
            Problem(
                code="too-many-annotations",
                severity="error",
                path="annotations",
                message=f"holds {len(files):,} sidecars; {limits.annotations:,} are read",
                hint="Raise annotations under [limits] in sitegen.toml.",
            )
        )
    return tuple(
        annotation
        for path in files[: limits.annotations]
        for annotation in _read_sidecar(root, path, limits, report)
    )


def _read_sidecar(root: Path, path: str, limits: Limits, report: Report) -> Iterator[Annotation]:
    try:
        content = read_bytes(root, path, min(SIDECAR_BYTES, limits.json_bytes))
    except FileError as error:
        report(_problem(path, None, error.message, None))
        return
    if (plain := _plain_annotation(content, path)) is not None:
        yield plain
        return
    try:
        document, duplicates = parse_json(content, limits.json_depth)
    except JsonError as error:
        report(_problem(path, error.line, f"column {error.column}: {error.message}", error.hint))
        return
    text = content.decode("utf-8-sig")
    for key in duplicates:
        line = line_of_key(text, key, last=True)
        report(_problem(path, line, f"“{key}” is given twice", "Keep one of the two."))
    faults = list(sidecar_faults(document, Path(path).stem))
    for fault in faults:
        message = f"{path_text(fault.path)}: {fault.message}"
        report(_problem(path, line_of_path(text, fault.path), message, fault.hint))
    if not faults and not duplicates:
        is_short = len(content) <= _SHORT_BYTES
        yield replace(annotation_of(document, path), text=_exact(content) if is_short else None)


def _plain_annotation(content: bytes, path: str) -> Annotation | None:
    """The annotation of a sidecar that is right at first sight, 12 µs; None to look closely.

    What msgspec would let pass is not plain: a key given twice, of which a dict keeps one, so that
    its text is shorter; an unknown key of the target; integers of more than 64 bits.
    """
    text = _exact(content)
    if text is None or _LONG_NUMBER.search(content) is not None:
        return None
    try:
        entry = _DECODER.decode(content)
        document = _DOCUMENT_DECODER.decode(content)
        is_exact = _ENCODER.encode(document) == msgspec.json.format(content, indent=-1)
    except (msgspec.MsgspecError, RecursionError):
        return None
    if not is_exact or not document["target"].keys() <= _TARGET_KEYS[type(entry.target)]:
        return None
    said = _annotation(entry, path, text if len(content) <= _SHORT_BYTES else None)
    is_right = path.rpartition("/")[2] == f"{entry.id}.json"
    is_right &= entry.kind != "feedback" or isinstance(entry.value, bool)
    is_right &= (entry.created_at is None) == (said.created_at_ns is None)
    is_right &= (entry.updated_at is None) == (said.updated_at_ns is None)
    return said if is_right else None


def annotation_in(content: bytes, path: str, json_depth: int) -> Annotation | None:
    """The annotation of a sidecar's *content*, None if it is not right; faults are not told."""
    if (plain := _plain_annotation(content, path)) is not None:
        return plain
    try:
        document, duplicates = parse_json(content, json_depth)
    except JsonError:
        return None
    if duplicates or any(sidecar_faults(document, Path(path).stem)):
        return None
    return annotation_of(document, path)


def _exact(content: bytes) -> str | None:
    """The text of which the bytes are UTF-8, None if it would not give them back."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _problem(path: str, line: int | None, message: str, hint: str | None) -> Problem:
    return Problem(
        code="annotation-invalid",
        severity="error",
        path=path,
        line=line,
        message=message,
        hint=f"{hint} {_LEFT_OUT}" if hint else _LEFT_OUT,
    )


def sidecar_faults(document: Json, stem: str) -> Iterator[SidecarFault]:
    """Every fault of the document, each key checked by itself; *stem* is the name of its file."""
    if not isinstance(document, dict):
        yield SidecarFault((), f"expected an object, got {_kind(document)}")
        return
    fields = _fields_of(schema.AnnotationFile)
    for key in document:
        if key not in fields:
            yield _unknown((key,), list(fields))
    right = {}
    for name, field in fields.items():
        if name in document:
            try:
                right[name] = msgspec.convert(document[name], field.type)
            except msgspec.ValidationError as error:
                yield _explained(name, document, error)
        elif field.required:
            yield SidecarFault((), f"“{name}” is missing")
    yield from _meaning_faults(document, right, stem)


@cache
def _fields_of(kind: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    """Fields by name; msgspec evaluates all annotations again with each call, 0.25 ms."""
    return {field.name: field for field in msgspec.structs.fields(kind)}


def _meaning_faults(
    document: dict[str, Json], right: dict[str, Any], stem: str
) -> Iterator[SidecarFault]:
    """What types alone cannot say, of the fields whose types are right."""
    if right.get("id", stem) != stem:
        yield SidecarFault(("id",), f"expected “{stem}”, the name of the file, got “{right['id']}”")
    if right.get("kind") == "feedback" and not isinstance(right.get("value", True), bool):
        found = _kind(document["value"])
        yield SidecarFault(
            ("value",), f"expected true or false for feedback, got {found}", _yes(document)
        )
    for name in ("created_at", "updated_at"):
        if right.get(name) is not None and parse_rfc3339_ns(right[name]) is None:
            yield SidecarFault(
                (name,),
                f"expected an RFC 3339 time, got “{right[name][:80]}”",
                "Write it as 2026-11-20T14:02:00Z.",
            )
    yield from _long_numbers(document, ())
    target = right.get("target")
    if target is not None:
        kind: type[msgspec.Struct] = type(target)
        known = ["type", *_fields_of(kind)]
        for key in document["target"]:
            if key not in known:
                yield _unknown(("target", key), known)


def _long_numbers(value: Json, path: JsonPath) -> Iterator[SidecarFault]:
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        yield SidecarFault(path, f"expected an integer of 64 bits, got {_kind(value)}")
    if isinstance(value, (dict, list)):
        for step, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _long_numbers(member, (*path, step))


def _yes(document: dict[str, Json]) -> str | None:
    word = str(document["value"]).strip().lower()
    if word in {"yes", "true", "1", "good", "pass"}:
        return "Write true, without quotes."
    return "Write false, without quotes." if word in {"no", "false", "0", "bad", "fail"} else None


def _unknown(path: JsonPath, known: Sequence[str]) -> SidecarFault:
    import difflib

    near = difflib.get_close_matches(str(path[-1]), known, n=1, cutoff=0.6)
    hint = f"Did you mean {near[0]}?" if near else None
    return SidecarFault(
        path, "is not a key of the format; expected one of " + ", ".join(known), hint
    )


def _explained(
    name: str, document: dict[str, Json], error: msgspec.ValidationError
) -> SidecarFault:
    match = _MESSAGE.fullmatch(str(error))
    assert match is not None
    path: JsonPath = (name, *parse_path(match["path"] or "$"))
    said = match["said"]
    types = _EXPECTED.fullmatch(said)
    if types is None:
        return SidecarFault(
            path, _with_value(said[:1].lower() + said[1:], _value_at(document, path))
        )
    wanted = " or ".join(_TYPES.get(kind, kind) for kind in types[1].split(" | "))
    return SidecarFault(path, f"expected {wanted}, got {_kind(_value_at(document, path))}")


def _with_value(said: str, value: Json) -> str:
    if said.startswith("object missing required field"):
        return f"“{said.split('`')[1]}” is missing"
    said = said.replace("`", "").replace("str matching regex", "a string matching")
    said = said.replace("str of length", "a string of length").replace("int >=", "an integer >=")
    if said.startswith(("invalid enum value", "invalid value")):
        return f"got {_kind(value)}; expected one that the format names"
    return f"{said}, got {_kind(value)}"


def _value_at(document: Json, path: JsonPath) -> Json:
    for step in path:
        document = document.get(step) if isinstance(document, dict) else document[step]
    return document


def _kind(value: Json) -> str:
    """The value, so that a person recognises it: “yes”, 1.0, true, a list."""
    match value:
        case str():
            return f"“{value[:80]}”"
        case list():
            return "a list"
        case dict():
            return "an object"
        case bool() | None:
            return json.dumps(value)
    return str(value)[:80]


def annotation_of(document: Json, path: str) -> Annotation:
    """The annotation that *document*, of which `sidecar_faults` finds none, says."""
    return _annotation(msgspec.convert(document, schema.AnnotationFile), path)


def _annotation(entry: schema.AnnotationFile, path: str, text: str | None = None) -> Annotation:
    return Annotation(
        id=entry.id,
        kind=entry.kind,
        target=_target(entry.target),
        anchor=_anchor(entry.anchor),
        name=entry.name,
        value=entry.value,
        rationale=(entry.rationale or "").strip() or None,
        user=(entry.user or "").strip() or None,
        created_at_ns=parse_rfc3339_ns(entry.created_at) if entry.created_at else None,
        updated_at_ns=parse_rfc3339_ns(entry.updated_at) if entry.updated_at else None,
        path=path,
        text=text,
    )


def _anchor(entry: schema.AnchorEntry | None) -> Anchor | None:
    if entry is None:
        return None
    return Anchor(digest=entry.digest, path=tuple(entry.path), ordinal=entry.ordinal)


def _target(entry: msgspec.Struct) -> Target:
    match entry:
        case schema.SpanTargetEntry():
            return SpanTarget(trace_id=entry.trace_id.lower(), span_id=entry.span_id.lower())
        case schema.SampleTargetEntry():
            return SampleTarget(eval=entry.eval, sample_id=str(entry.sample_id), epoch=entry.epoch)
        case schema.MetricTargetEntry():
            return MetricTarget(name=entry.name, step=entry.step)
        case _:
            return RunTarget()

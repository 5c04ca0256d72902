"""Spans from the files of traces/: OTLP as JSON in the dialects of the wild, or as protobuf.

Floor 2. Yields values as they stand in the files, in file order; which spans form a trace is for
`derive/traces/part.py`. A file is told by its content: gzip and zstd are undone, then lengths,
protobuf or JSON. What cannot be read is a problem with file and line, and reading goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from sitegen.bundle.limits import Limits
from sitegen.errors import Problem
from sitegen.model import Json, Span
from sitegen.read.capped import CappedReport
from sitegen.read.files import FileError, Report, chunks, open_decoded, unreadable
from sitegen.read.lines import has_more_values
from sitegen.read.otlp.binary import binary_records, frames, is_binary, is_framed, undo_zstd
from sitegen.read.otlp.envelope import NotOtlp, SignalBatch, SpanBatch, parts_of
from sitegen.read.otlp.fast import canonical_spans
from sitegen.read.otlp.json_form import decode, iter_documents
from sitegen.read.otlp.spans import Fault, Place, signals_of, spans_of
from sitegen.read.otlp.values import LogEvent, OtherSignal

__all__ = ["LogEvent", "OtherSignal", "TraceRecord", "read_traces"]

TraceRecord = Span | LogEvent | OtherSignal
"""What a traces file holds for us."""
_LOOKED_AT_BYTES = 4096


def read_traces(
    root: Path, files: Sequence[str], limits: Limits, report: Report
) -> Iterator[TraceRecord]:
    """Spans, log records that belong to spans, and counts of other signals, in file order."""
    spans = 0
    for path in files:
        capped = CappedReport(report)
        for record in _read_file(root, path, limits, capped):
            spans += isinstance(record, Span)
            if spans > limits.spans:
                capped(_too_many(path, limits))
                capped.close()
                return
            yield record
        capped.close()


def _too_many(path: str, limits: Limits) -> Problem:
    return Problem(
        code="too-many-spans",
        severity="error",
        path=path,
        message=f"the run has more than {limits.spans:,} spans",
        hint="The rest is left out; raise spans under [limits] in sitegen.toml.",
    )


def _read_file(root: Path, path: str, limits: Limits, report: Report) -> Iterator[TraceRecord]:
    try:
        with open_decoded(root, path) as stream:
            start = next(chunks(stream, path, limits), b"")[:_LOOKED_AT_BYTES]
    except FileError as error:
        report(unreadable(path, error.message, hint="The file is left out."))
        return
    if is_binary(start) or (_is_named_binary(path) and not start.lstrip().startswith((b"{", b"["))):
        yield from _read_binary(root, path, limits, report, framed=is_framed(start))
        return
    found = 0
    shortcut = partial(_canonical, path)
    for line, document, spans in iter_documents(root, path, limits, report, shortcut):
        found += 1
        if spans is None:
            yield from _records(document, Place(path=path, line=line), report)
        else:
            yield from spans
    if not found and not start.strip():
        report(
            Problem(
                code="file-empty",
                severity="warning",
                path=path,
                message="the file is empty",
                hint="A trace appears for every OTLP document in it.",
            )
        )


def _canonical(path: str, document: bytes, line: int) -> list[Span] | None:
    return canonical_spans(document, path, line)


def _is_named_binary(path: str) -> bool:
    return path.removesuffix(".gz").removesuffix(".zst").endswith(".pb")


def _records(document: Json, place: Place, report: Report) -> Iterator[TraceRecord]:
    fault = _fault_at(place, report)
    spans = 0
    for part in parts_of(document):
        match part:
            case SpanBatch():
                yield from spans_of(part, place, spans, fault)
                spans += len(part.spans)
            case SignalBatch():
                yield from signals_of(part, place.path)
            case NotOtlp():
                fault("not-otlp", part.message, part.hint)


def _fault_at(place: Place, report: Report) -> Fault:
    def fault(code: str, message: str, hint: str) -> None:
        is_loss = code in {"not-otlp", "span-invalid", "otlp-invalid", "too-many-values"}
        report(
            Problem(
                code=code,
                severity="error" if is_loss else "warning",
                path=place.path,
                line=place.line,
                message=message,
                hint=hint,
            )
        )

    return fault


def _read_binary(
    root: Path, path: str, limits: Limits, report: Report, *, framed: bool
) -> Iterator[TraceRecord]:
    fault = _fault_at(Place(path=path, line=None), report)
    pieces = _pieces(root, path, limits, report)
    if framed:
        messages = frames(pieces, limits.json_bytes, fault)
    else:
        messages = iter((_bounded(pieces, path, limits, report),))
    for number, message in enumerate(messages, start=1):
        place = Place(path=path, line=number)
        plain = undo_zstd(message, limits)
        if plain is None:
            fault("otlp-invalid", f"message {number} does not decompress", "It is left out.")
        elif plain.lstrip().startswith((b"{", b"[")):
            yield from _framed_json(plain, place, limits, report, fault)
        else:
            yield from binary_records(plain, place, limits, fault)


def _framed_json(
    message: bytes, place: Place, limits: Limits, report: Report, fault: Fault
) -> Iterator[TraceRecord]:
    number, most_values = place.line or 0, limits.json_values
    if len(message) > 2 * most_values and has_more_values(message, most_values):
        what = f"message {number} holds more than the limit of {most_values:,} values"
        fault("too-many-values", what, "It is left out; raise json_values in sitegen.toml.")
        return
    spans = canonical_spans(message, place.path, number)
    if spans is not None:
        yield from spans
        return
    try:
        document = decode(message)
    except ValueError as error:
        fault("json-invalid", f"message {number} is no JSON document: {error}", "It is left out.")
        return
    yield from _records(document, place, report)


def _pieces(root: Path, path: str, limits: Limits, report: Report) -> Iterator[bytes]:
    """The decoded content of a binary file, piece by piece, up to where it breaks off."""
    try:
        with open_decoded(root, path) as stream:
            yield from chunks(stream, path, limits)
    except FileError as error:
        report(unreadable(path, error.message, hint="What came before was read."))


def _bounded(pieces: Iterator[bytes], path: str, limits: Limits, report: Report) -> bytes:
    """One message whole, at most `json_bytes` of it: protobuf cannot be read in parts."""
    kept: list[bytes] = []
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limits.json_bytes:
            report(
                Problem(
                    code="file-too-large",
                    severity="error",
                    path=path,
                    message=f"the file passes the limit of {limits.json_bytes:,} bytes",
                    hint="Write OTLP as JSON Lines or with lengths, which are streamed, or raise"
                    " json_bytes under [limits] in sitegen.toml.",
                )
            )
            break
        kept.append(piece)
    return b"".join(kept)

"""run.json and notes.md become a `Manifest`: every field is checked by itself.

Floor 2. The file as a whole is only lost if it is no JSON object; a wrong type costs its own
field and is told with its path in the document (`$.metrics.loss.goal`), what was expected and
the line.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

from sitegen.bundle import schema
from sitegen.bundle.limits import Limits
from sitegen.bundle.paths import sha10
from sitegen.errors import Problem
from sitegen.model import (
    Alert,
    Dataset,
    Environment,
    Json,
    Link,
    LoggedModel,
    Manifest,
    MetricSpec,
    RunError,
    Source,
    SweepTrial,
)
from sitegen.read.capped import MOST_OF_A_KIND, CappedReport
from sitegen.read.documents.json_text import JsonError, bounded, line_of_key, parse_json
from sitegen.read.expectations import Mismatch, found_text, mismatch
from sitegen.read.files import FileError, Report, read_bytes
from sitegen.read.json_places import Path as JsonPath
from sitegen.read.json_places import line_of_path, path_text
from sitegen.units import parse_rfc3339_ns

RUN_JSON = "run.json"
NOTES = "notes.md"
_MOST_GUESSED = 100
"""Unknown keys that are held against the known ones."""


def read_manifest(
    root: Path, *, default_id: str, experiment: str, limits: Limits, report: Report
) -> Manifest:
    """What run.json says; a run named by its place if the file says nothing readable."""
    capped = CappedReport(report)
    document, text = _document(root, limits, capped)
    fields = _Fields(document or {}, text, capped)
    cut = partial(_cut_name, limits=limits, report=capped)
    run_id = cut("id", fields.text("id")) or default_id
    first = partial(_first_entries, fields, limits, capped)
    summary = fields.get("summary")
    manifest = Manifest(
        id=run_id,
        name=cut("name", fields.text("name")) or run_id.rpartition("/")[2],
        experiment=cut("experiment", fields.text("experiment")) or experiment,
        project=cut("project", fields.text("project")),
        status=fields.get("status") or ("failed" if document is None else "running"),
        created_at_ns=fields.time("created_at"),
        started_at_ns=fields.time("started_at"),
        ended_at_ns=fields.time("ended_at"),
        user=cut("user", fields.text("user")),
        description=fields.text("description"),
        tags=tuple(cut("tags", tag) or tag for tag in fields.get("tags")[: limits.tags]),
        links=tuple(Link(title=link.title or link.url, url=link.url) for link in first("links")),
        params=bounded(fields.get("params")),
        metric_specs={
            name: MetricSpec(goal=entry.goal, unit=entry.unit, description=entry.description)
            for name, entry in fields.get("metrics").items()
        },
        summary={name: float(value) for name, value in summary.items()},
        source=Source(**_struct(fields.get("source"))),
        environment=_environment(fields.get("environment")),
        datasets=tuple(Dataset(**_versioned(entry)) for entry in first("datasets")),
        models=tuple(_model(entry) for entry in first("models")),
        parent=cut("parent", fields.text("parent")),
        sweep=_sweep(fields.get("sweep")),
        alerts=tuple(Alert(**_struct(entry)) for entry in first("alerts")),
        error=RunError(**_struct(error)) if (error := fields.get("error")) else None,
        other=bounded(fields.other()),
    )
    capped.close()
    return manifest


def read_run_id(root: Path, *, default_id: str, limits: Limits) -> str:
    """The id that `read_manifest` finds; nothing is reported."""
    document, text = _document(root, limits, _ignored)
    found = _Fields(document or {}, text, _ignored).text("id")
    return _cut_name("id", found, limits=limits, report=_ignored) or default_id


def _cut_name(key: str, name: str | None, *, limits: Limits, report: Report) -> str | None:
    """*name*, which stands in every page of the run, cut where it is a text."""
    most = limits.name_characters
    if name is None or len(name) <= most:
        return name
    report(
        Problem(
            code="name-too-long",
            severity="warning",
            path=RUN_JSON,
            message=f"$.{key}: “{name[:40]}…” has {len(name):,} characters, more than the limit of"
            f" {most:,}",
            hint="It is cut; raise name_characters under [limits] in sitegen.toml.",
        )
    )
    return f"{name[:most]}… {sha10(name)}"


def _ignored(problem: Problem) -> None:
    """It is reported when the whole file is read."""


def read_notes(root: Path, limits: Limits, report: Report, path: str = NOTES) -> str | None:
    """The Markdown source of a note, None if there is none that can be read."""
    if not (root / path).exists():
        return None
    try:
        content = read_bytes(root, path, limits.note_bytes)
    except FileError as error:
        report(
            Problem(code="note-unreadable", severity="warning", path=path, message=error.message)
        )
        return None
    return content.decode("utf-8-sig", "replace").replace("\r\n", "\n")


def _document(root: Path, limits: Limits, report: Report) -> tuple[dict[str, Json] | None, str]:
    """The object in run.json, None if there is none to be read, and its text."""
    try:
        content = read_bytes(root, RUN_JSON, limits.manifest_bytes)
        document, duplicates = parse_json(content, limits.json_depth, limits.json_values)
    except FileError as error:
        report(_unreadable(error.message, None, "Nothing of the run's facts is known."))
        return None, ""
    except JsonError as error:
        report(_unreadable(f"column {error.column}: {error.message}", error.line, error.hint))
        return None, ""
    text = content.decode("utf-8-sig")
    for at, key in enumerate(duplicates):
        line = line_of_key(text, key, last=True) if at < MOST_OF_A_KIND else None
        report(
            Problem(
                code="duplicate-key",
                severity="warning",
                path=RUN_JSON,
                line=line,
                message=f"“{key[:80]}” is given twice",
                hint="The last one is used.",
            )
        )
    if not isinstance(document, dict):
        report(_unreadable(f"expected an object, got {found_text(document)}", 1, None))
        return None, ""
    return document, text


def _unreadable(message: str, line: int | None, hint: str | None) -> Problem:
    return Problem(
        code="run-unreadable",
        severity="error",
        path=RUN_JSON,
        line=line,
        message=message,
        hint=hint or "The run is listed by its directory; its files were read.",
    )


def _first_entries(fields: _Fields, limits: Limits, report: Report, key: str) -> list[Any]:
    """The entries of the list *key* that are shown."""
    entries: list[Any] = fields.get(key)
    if len(entries) > limits.entries:
        report(
            Problem(
                code="too-many-entries",
                severity="error",
                path=RUN_JSON,
                message=f"$.{key} has {len(entries):,} entries, more than the limit of"
                f" {limits.entries:,}",
                hint="The rest is left out; raise entries under [limits] in sitegen.toml.",
            )
        )
    return entries[: limits.entries]


@cache
def _field_types() -> dict[str, Any]:
    """Types of the fields of run.json; working them out takes 2 ms."""
    return get_type_hints(schema.RunFile, include_extras=True)


def _whole(document: Mapping[str, Json]) -> schema.RunFile | None:
    """All fields at once, None if one of them is wrong."""
    try:
        return msgspec.convert(document, schema.RunFile, strict=True)
    except msgspec.ValidationError:
        return None


class _Fields:
    """Takes the fields of a document one by one; a fault costs the field and is reported."""

    def __init__(self, document: Mapping[str, Json], text: str, report: Report) -> None:
        self._document = document
        self._text = text
        self._report = report
        self._lines = MOST_OF_A_KIND
        self._types = _field_types()
        self._defaults = schema.RunFile()
        self._file = _whole(document)
        self.get("format")

    def get(self, key: str) -> Any:  # the struct's own type
        """The field *key* as `schema.RunFile` types it, its default if missing or wrong."""
        if self._file is not None:
            return getattr(self._file, key)
        default = getattr(self._defaults, key)
        value = self._document.get(key)
        if value is None:
            return default
        try:
            return msgspec.convert(value, self._types[key], strict=True)
        except msgspec.ValidationError as error:
            return self._salvage(key, value, error, default)

    def _salvage(self, key: str, value: Json, error: msgspec.ValidationError, default: Any) -> Any:
        """What of a list or an object is right; each wrong member is a problem of its own."""
        if isinstance(value, list) and isinstance(default, list):
            found = (self._converted(key, [one], at) for at, one in enumerate(value))
            return [member for members in found if members for member in members]
        if isinstance(value, dict) and isinstance(default, dict):
            kept: dict[str, Any] = {}
            for name, one in value.items():
                kept |= self._converted(key, {name: one}, name) or {}
            return kept
        self._wrong(key, mismatch(error, value, self._types[key]), ())
        return default

    def _converted(self, key: str, value: Json, step: str | int) -> Any:
        """The list or object of one member, None if the member is wrong; it stands at *step*."""
        try:
            return msgspec.convert(value, self._types[key], strict=True)
        except msgspec.ValidationError as error:
            self._wrong(key, mismatch(error, value, self._types[key]), (step,))
            return None

    def _line(self, path: JsonPath) -> int | None:
        """Line of the value at *path*; none after the first few, as it walks the text each time."""
        self._lines -= 1
        return line_of_path(self._text, path) if self._lines >= 0 else None

    def _wrong(self, key: str, fault: Mismatch, member: JsonPath) -> None:
        path: JsonPath = (key, *member, *fault.path[len(member) :])
        left_out = "The field is left out; the rest of the file was read."
        self._report(
            Problem(
                code="format-version" if key == "format" else "field-type",
                severity="error",
                path=RUN_JSON,
                line=self._line(path),
                message=f"{path_text(path)}: {fault.message}",
                hint=f"Did you mean {fault.nearest}? {left_out}" if fault.nearest else left_out,
            )
        )

    def text(self, key: str) -> str | None:
        """The text field *key*, None if it is blank."""
        value: str | None = self.get(key)
        return value.strip() or None if value else None

    def time(self, key: str) -> int | None:
        """The time field *key* in ns since the epoch."""
        value: str | None = self.get(key)
        if value is None:
            return None
        time_ns = parse_rfc3339_ns(value)
        if time_ns is None:
            self._report(
                Problem(
                    code="field-time",
                    severity="error",
                    path=RUN_JSON,
                    line=self._line((key,)),
                    message=f"$.{key}: expected an RFC 3339 time, got {found_text(value)}",
                    hint="Write it as 2026-11-20T14:02:00Z.",
                )
            )
        return time_ns

    def other(self) -> dict[str, Json]:
        """The keys that the format does not know; a near miss of a known one is a problem."""
        import difflib

        unknown = {key: value for key, value in self._document.items() if key not in self._types}
        for key in list(unknown)[:_MOST_GUESSED]:
            near = difflib.get_close_matches(key, self._types, n=1, cutoff=0.75)
            if near:
                self._report(
                    Problem(
                        code="unknown-key",
                        severity="warning",
                        path=RUN_JSON,
                        line=self._line((key,)),
                        message=f"“{key}” is not a key of run.json",
                        hint=f"Shown under Other. Did you mean {near[0]}?",
                    )
                )
        return unknown


def _struct(entry: msgspec.Struct | None) -> dict[str, Any]:
    return msgspec.structs.asdict(entry) if entry is not None else {}


def _versioned(entry: msgspec.Struct) -> dict[str, Any]:
    fields = _struct(entry)
    version = fields["version"]
    return fields | {"version": None if version is None else str(version)}


def _model(entry: schema.ModelEntry) -> LoggedModel:
    return LoggedModel(**(_versioned(entry) | {"tags": tuple(entry.tags)}))


def _environment(entry: schema.EnvironmentEntry | None) -> Environment:
    fields = _struct(entry or schema.EnvironmentEntry())
    return Environment(**{name: bounded(value) for name, value in fields.items()})


def _sweep(entry: schema.SweepEntry | None) -> SweepTrial | None:
    if entry is None:
        return None
    return SweepTrial(id=entry.id, trial=None if entry.trial is None else str(entry.trial))

"""The evals of a bundle: evals/<eval>.jsonl with its samples, evals/<eval>.meta.json beside it.

Floor 2. Samples are streamed, a file is never held. The name of an eval is its file's name without
suffixes; files deeper than evals/ are not read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from sitegen.bundle.limits import Limits
from sitegen.bundle.schema import EvalMetaFile, ScorerEntry
from sitegen.errors import Problem
from sitegen.model import EvalMeta, Json, Sample, ScorerSpec
from sitegen.read.capped import CappedReport
from sitegen.read.documents.json_text import JsonError, parse_json
from sitegen.read.files import FileError, Report, chunks, open_decoded
from sitegen.read.jsonline import JsonLineError, decode_json_line
from sitegen.read.lines import line_blocks, split_lines
from sitegen.read.sample_lines import sample_of_line, samples_of_block
from sitegen.read.samples import found_text, sample_of
from sitegen.records import dataclass

FOLDER = "evals/"
_SAMPLES = ".jsonl"
_META = ".meta.json"
_NO_META = EvalMeta(scorers={})


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalSource:
    """One eval as it is read: what is said of it, and its samples as they come."""

    name: str
    """Name of the eval."""
    path: str
    """Its file, relative to the bundle."""
    meta: EvalMeta
    """What meta.json says."""
    samples: Iterator[Sample]
    """Samples in file order; goes through once, before the next eval is asked for."""


def read_evals(
    root: Path, files: Sequence[str], limits: Limits, report: Report
) -> Iterator[EvalSource]:
    """Every eval among *files* (paths relative to *root*), in order of name."""
    path_by_name, meta_path_by_name = _paths_by_name(files, report)
    every = sorted(path_by_name.items())
    if len(every) > limits.evals:
        report(
            Problem(
                code="too-many-evals",
                severity="error",
                path=FOLDER.rstrip("/"),
                message=f"holds {len(every):,} evals; the limit is {limits.evals:,}",
                hint=f"The first {limits.evals:,} by name are read; raise evals under [limits].",
            )
        )
        for name, _ in every[limits.evals :]:
            meta_path_by_name.pop(name, None)
    for name, path in every[: limits.evals]:
        meta_path = meta_path_by_name.pop(name, None)
        meta = _read_meta(root, meta_path, limits, report) if meta_path else _NO_META
        yield EvalSource(
            name=name, path=path, meta=meta, samples=_read_samples(root, path, limits, report)
        )
    for _, path in sorted(meta_path_by_name.items()):
        report(
            Problem(
                code="eval-meta-alone",
                severity="warning",
                path=path,
                message="describes an eval that has no samples: expected a .jsonl of that name",
                hint="It is left out.",
            )
        )


def _paths_by_name(files: Sequence[str], report: Report) -> tuple[dict[str, str], dict[str, str]]:
    """Files of samples and of meta by eval; of two for one name the first by path."""
    path_by_name: dict[str, str] = {}
    meta_path_by_name: dict[str, str] = {}
    for path in sorted(files):
        name = path.removeprefix(FOLDER).removesuffix(".gz").removesuffix(".zst")
        is_meta = name.endswith(_META)
        name = name.removesuffix(_META if is_meta else _SAMPLES)
        if "/" in name:
            report(
                Problem(
                    code="eval-too-deep",
                    severity="error",
                    path=path,
                    message="lies in a folder below evals/; expected evals/<eval>.jsonl",
                    hint="It is left out. Move it up into evals/.",
                )
            )
            continue
        taken = meta_path_by_name if is_meta else path_by_name
        if taken.setdefault(name, path) != path:
            report(
                Problem(
                    code="duplicate-eval",
                    severity="error",
                    path=path,
                    message=f'the eval "{name}" is read from {taken[name]} already',
                    hint="This file is left out. Rename or remove one of the two.",
                )
            )
    return path_by_name, meta_path_by_name


def _read_samples(root: Path, path: str, limits: Limits, report: Report) -> Iterator[Sample]:
    capped = CappedReport(report)
    known: set[str] = set()
    count = 0
    for number, block in line_blocks(root, path, limits, capped):
        samples = None
        if len(block) <= limits.json_values:  # so many values cannot be in it
            samples = samples_of_block(block, number, limits.json_depth)
        if samples is None:
            samples = list(_samples_by_line(block, number, path, limits, capped))
        left = limits.samples - count
        for sample in samples[:left]:
            if known.issuperset(sample.scores):
                yield sample
            else:
                yield _with_known_scorers(sample, known, path, limits, capped)
        if len(samples) > left:
            capped(_too_many(path, samples[left].line, limits))
            break
        count += len(samples)
    capped.close()


def _with_known_scorers(
    sample: Sample, known: set[str], path: str, limits: Limits, report: Report
) -> Sample:
    """*sample* with the scores of the first scorers of the eval, *known* and as many new ones as
    there is room for.
    """
    room = limits.scorers - len(known)
    known.update([scorer for scorer in sample.scores if scorer not in known][:room])
    if sample.scores.keys() <= known:
        return sample
    report(
        Problem(
            code="scores-left-out",
            severity="error",
            path=path,
            line=sample.line,
            message=f"the eval has more than the limit of {limits.scorers:,} scorers",
            hint="The scores of the rest are left out; raise scorers under [limits] in"
            " sitegen.toml.",
        )
    )
    kept = {scorer: score for scorer, score in sample.scores.items() if scorer in known}
    return msgspec.structs.replace(sample, scores=kept)


def _samples_by_line(
    block: bytes, first: int, path: str, limits: Limits, report: Report
) -> Iterator[Sample]:
    for number, content in split_lines(block, first, path, limits, report):
        sample = sample_of_line(content, number, limits.json_depth)
        if sample is None:
            fields = _decode_fields(content, path, number, limits, report)
            if fields is None:
                continue
            sample = sample_of(fields, path=path, line=number, report=report)
        yield sample


def _too_many(path: str, line: int, limits: Limits) -> Problem:
    return Problem(
        code="too-many-samples",
        severity="error",
        path=path,
        line=line,
        message=f"the eval has more than the limit of {limits.samples:,} samples",
        hint="The rest is left out; raise samples under [limits] in sitegen.toml.",
    )


def _decode_fields(
    content: bytes, path: str, number: int, limits: Limits, report: Report
) -> Mapping[str, Json] | None:
    """The object on a line; None, with a problem, if there is none."""
    try:
        line = decode_json_line(content, limits.json_depth)
    except JsonLineError as error:
        report(_line_lost(path, number, f"the line is not read as JSON: {error}"))
        return None
    if not isinstance(line.value, dict):
        found = found_text(line.value)
        report(_line_lost(path, number, f"a sample must be a JSON object, found {found}"))
        return None
    if line.has_bad_bytes:
        report(
            Problem(
                code="invalid-utf8",
                severity="warning",
                path=path,
                line=number,
                message="holds bytes that are not UTF-8",
                hint="They are shown as \ufffd.",
            )
        )
    for key in line.duplicate_keys:
        report(
            Problem(
                code="duplicate-key",
                severity="warning",
                path=path,
                line=number,
                message=f'the key "{key}" stands twice in one object',
                hint="The last one counts.",
            )
        )
    return line.value


def _line_lost(path: str, number: int, message: str) -> Problem:
    return Problem(
        code="eval-line-invalid",
        severity="error",
        path=path,
        line=number,
        message=message,
        hint="The line is left out and counts in no figure.",
    )


def _read_meta(root: Path, path: str, limits: Limits, report: Report) -> EvalMeta:
    """What the meta file says; a field that does not fit is left out with a problem."""
    try:
        with open_decoded(root, path) as stream:
            bounded = replace(limits, decoded_bytes=limits.json_bytes)
            content = b"".join(chunks(stream, path, bounded))
        value, duplicates = parse_json(content, limits.json_depth, limits.json_values)
    except (FileError, JsonError) as error:
        fault = _meta_fault(path, f"the file {error.message}", "It is left out.")
        report(replace(fault, severity="error", line=error.line))
        return _NO_META
    if not isinstance(value, dict):
        message = f"expected a JSON object, found {found_text(value)}"
        report(_meta_fault(path, message, "The file is left out."))
        return _NO_META
    for key in duplicates:
        report(_meta_fault(path, f'the key "{key}" stands twice', "The last one counts."))
    return _meta_of(value, path, report, limits.scorers)


def _meta_of(fields: Mapping[str, Json], path: str, report: Report, most: int) -> EvalMeta:
    known = {field.name: field.type for field in msgspec.structs.fields(EvalMetaFile)}
    texts: dict[str, Any] = {}
    for name in ("dataset", "description"):
        texts[name] = _converted(fields.get(name), known[name], name, path, report)
    scorers = fields.get("scorers", {})
    if not isinstance(scorers, dict):
        message = f"scorers must be an object, found {found_text(scorers)}"
        report(_meta_fault(path, message, "It is left out."))
        scorers = {}
    for name in sorted(fields.keys() - known.keys()):
        report(_meta_fault(path, f'the key "{name}" is not known', "It is left out."))
    return EvalMeta(
        dataset=texts["dataset"],
        description=texts["description"],
        scorers={
            scorer: _scorer_spec(scorer, spec, path, report)
            for scorer, spec in islice(scorers.items(), most)
        },
    )


def _scorer_spec(scorer: str, spec: Json, path: str, report: Report) -> ScorerSpec:
    if not isinstance(spec, dict):
        message = f"scorers.{scorer} must be an object, found {found_text(spec)}"
        report(_meta_fault(path, message, "It is left out."))
        return ScorerSpec()
    found: dict[str, Any] = {
        field.name: _converted(
            spec.get(field.name), field.type, f"scorers.{scorer}.{field.name}", path, report
        )
        for field in msgspec.structs.fields(ScorerEntry)
    }
    limits = found["range"]
    if limits is not None and not (limits[0] < limits[1] and all(map(math.isfinite, limits))):
        message = f"scorers.{scorer}.range must be [low, high], found {found_text(spec['range'])}"
        report(_meta_fault(path, message, "It is left out."))
        found["range"] = None
    return ScorerSpec(**found)


def _converted(value: Json, kind: Any, name: str, path: str, report: Report) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        message = f"{name}: {error.args[0]}, found {found_text(value)}"
        report(_meta_fault(path, message, "It is left out."))
        return None


def _meta_fault(path: str, message: str, hint: str) -> Problem:
    return Problem(
        code="eval-meta-invalid", severity="warning", path=path, message=message, hint=hint
    )

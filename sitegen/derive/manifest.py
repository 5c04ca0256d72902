"""The facts of run.json and notes.md: params flattened, everything else as it was read.

Floor 3.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

from sitegen.bundle.limits import Limits
from sitegen.errors import Problem
from sitegen.model import Json, Manifest
from sitegen.read.capped import CappedReport
from sitegen.read.files import Report
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestFacts:
    """What the manifest part of a run comes to."""

    manifest: Manifest
    """run.json, checked."""
    params: dict[str, Json]
    """Leaves by dotted name, in the order of the file."""
    notes: str | None
    """Markdown source of notes.md."""


def derive_manifest(
    manifest: Manifest, notes: str | None, *, limits: Limits, report: Report
) -> ManifestFacts:
    """The facts of the manifest part; params beyond the limit are nowhere."""
    params = flat_params(manifest.params, limits, report)
    if len(params) >= limits.params:
        manifest = replace(manifest, params=params)
    return ManifestFacts(manifest=manifest, params=params, notes=notes)


def flat_params(params: Mapping[str, Json], limits: Limits, report: Report) -> dict[str, Json]:
    """Leaves by dotted name; lists and empty objects are leaves; a literal dotted key wins."""
    flat: dict[str, Json] = {}
    literals: set[str] = set()
    capped = CappedReport(report)
    for name, value, is_literal in _leaves("", params, limits.json_depth, is_literal=False):
        if name in flat:
            capped(_collision(name))
            if not is_literal or name in literals:
                continue
        elif len(flat) >= limits.params:
            capped(_too_many(limits))
            break
        flat[name] = value
        if is_literal:
            literals.add(name)
    capped.close()
    return flat


def _leaves(
    prefix: str, params: Mapping[str, Json], depth: int, *, is_literal: bool
) -> Iterator[tuple[str, Json, bool]]:
    for key, value in params.items():
        name, literal = f"{prefix}{key}", is_literal or "." in key
        if isinstance(value, dict) and value and depth > 0:
            yield from _leaves(f"{name}.", value, depth - 1, is_literal=literal)
        else:
            yield name, _finite(value), literal


def _finite(value: Json) -> Json:
    """Non-finite numbers as their texts, as everything that leaves this floor has them."""
    match value:
        case float() if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        case list():
            return [_finite(member) for member in value]
        case dict():
            return {key: _finite(member) for key, member in value.items()}
    return value


def _collision(name: str) -> Problem:
    return Problem(
        code="param-collision",
        severity="warning",
        path="run.json",
        message=f"param “{name}” is given both nested and as a dotted key",
        hint="The dotted key is shown.",
    )


def _too_many(limits: Limits) -> Problem:
    return Problem(
        code="too-many-params",
        severity="error",
        path="run.json",
        message=f"more than the limit of {limits.params:,} params",
        hint="The rest is left out; raise params under [limits] in sitegen.toml.",
    )

"""Keys: digests of exactly what a part, a run or a page depends on. Floor 6."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from sitegen.build.plan import RunPlan
from sitegen.build.store import versions
from sitegen.bundle.limits import Limits
from sitegen.read.bundle import Part

PART_VERSION = 1
"""Raised whenever the same input gives other facts or other data files."""


def digest_of(*values: Any) -> str:
    """SHA-256 of the values' canonical encoding; dataclasses by their fields, sets and dicts sorted."""
    return hashlib.sha256(
        msgspec.msgpack.encode(values, order="deterministic", enc_hook=str)
    ).hexdigest()


def base_key(limits: Limits) -> str:
    """What all facts depend on: versions and limits."""
    return digest_of(PART_VERSION, versions(), limits)


def part_key(
    base: str, part: Part, run_id: str, digest_by_path: Mapping[str, str], extra: Any
) -> str:
    """Key of one part of a run; *extra* is what else its facts depend on."""
    return digest_of(base, part, run_id, digest_by_path, extra)


def run_key(
    base: str, plan: RunPlan, digest_by_path: Mapping[str, str], *, is_shared: bool
) -> str:
    """Key of a run's card: all its files, sidecars included, and what is known of it before."""
    return digest_of(
        base, plan.run_id, plan.experiment, plan.duplicate_of, is_shared, plan.bundle.problems,
        digest_by_path,
    )

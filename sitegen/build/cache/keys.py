"""Keys: digests of exactly what a part, a run or a page depends on. Floor 6."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

import sitegen
from sitegen.build.output.versions import versions
from sitegen.build.plan import RunPlan
from sitegen.bundle.limits import Limits
from sitegen.derive.llm.prices import PriceTable
from sitegen.installed import own_code
from sitegen.pages.frame import Site
from sitegen.read.bundle import Part


def digest_of(*values: Any) -> str:
    """SHA-256 of the values' canonical encoding; dataclasses by their fields, sets and dicts
    sorted.
    """
    return hashlib.sha256(
        msgspec.msgpack.encode(values, order="deterministic", enc_hook=str)
    ).hexdigest()


def base_key(limits: Limits) -> str:
    """What all facts depend on: versions, the code that reads and derives, and limits."""
    return digest_of(versions(), code_digest("bundle", "read", "derive", "render", "build"), limits)


def known_key(base: str, prices: PriceTable) -> str:
    """What must be as it was for anything of the last build to be known again unseen."""
    return digest_of(base, prices)


def pages_key(site: Site, templates: str) -> str:
    """What all pages depend on: the site, the *templates*' digest, and the code that renders."""
    return digest_of(versions(), code_digest("pages", "render"), site, templates)


def code_key() -> str:
    """What the code of compiled templates depends on besides their text, short."""
    return digest_of(versions(), code_digest("render"))[:16]


@cache
def code_digest(*floors: str) -> str:
    """Digest of our own code on *floors* and below them, so that no version number can be
    forgotten.
    """
    package = Path(sitegen.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(package.glob("*.py")):
        digest.update(path.read_bytes())
    for floor in floors:
        for path in map(Path, own_code(floor)):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def part_key(
    base: str, part: Part, run_id: str, digest_by_path: Mapping[str, str], extra: Any
) -> str:
    """Key of one part of a run; *extra* is what else its facts depend on."""
    return digest_of(base, part, run_id, sorted(digest_by_path.items()), extra)


def run_key(
    base: str,
    plan: RunPlan,
    digest_by_path: Mapping[str, str],
    sidecars: Mapping[str, str],
    *,
    is_shared: bool,
    prices: PriceTable,
) -> str:
    """Key of a run's card: all its files, *sidecars* outside of it, and what is known before.

    *prices* count only where there are traces.
    """
    return digest_of(
        base,
        prices if "traces" in plan.bundle.files else None,
        plan.run_id,
        plan.experiment,
        plan.duplicate_of,
        is_shared,
        plan.bundle.problems,
        sorted(digest_by_path.items()),  # of 10^4 files, msgspec's sort may take a second
        sorted(sidecars.items()),
    )

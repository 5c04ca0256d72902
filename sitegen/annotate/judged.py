"""What annotations of samples judged, as the bundles on disk hold it. Floor 7."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.bundle.paths import PathError, resolve_inside
from sitegen.derive.anchors import content_digest
from sitegen.errors import Problem
from sitegen.model import Annotation, Json, SampleTarget
from sitegen.read.bundle import find_bundles
from sitegen.read.evals import read_evals
from sitegen.records import dataclass

_MOST = 600
"""Characters quoted of an input or an output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedText:
    """What an annotation is about."""

    input: str
    """What was asked, its beginning."""
    output: str
    """What the run produced, its beginning."""
    is_stale: bool
    """Whether it changed after it was judged."""


def judged_texts(
    root: Path, wanted: Mapping[str, tuple[str, Annotation | None]]
) -> dict[str, JudgedText]:
    """By the key of *wanted*: the sample that the annotation is about, in the bundle named.

    Bundles lie below *root*; what is not there has no text.
    """
    by_bundle: dict[str, dict[tuple[str, str, int], list[tuple[str, Annotation]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for key, (bundle, one) in wanted.items():
        if one is not None and isinstance(one.target, SampleTarget):
            place = (one.target.eval, one.target.sample_id, one.target.epoch)
            by_bundle[bundle][place].append((key, one))
    found: dict[str, JudgedText] = {}
    for bundle, places in by_bundle.items():
        found |= _in_bundle(root, bundle, places)
    return found


def _in_bundle(
    root: Path,
    relative: str,
    places: Mapping[tuple[str, str, int], list[tuple[str, Annotation]]],
) -> dict[str, JudgedText]:
    try:
        directory = root if relative == "." else resolve_inside(root, relative)
    except PathError:
        return {}
    if not (directory / "run.json").is_file():
        return {}
    (bundle,) = find_bundles([directory], ())
    files = [file.path for file in bundle.files.get("evals", ())]
    evals = {place[0] for place in places}
    found: dict[str, JudgedText] = {}
    for source in read_evals(bundle.root, files, DEFAULT_LIMITS, _nothing):
        if source.name not in evals:
            continue
        for sample in source.samples:
            for key, one in places.get((source.name, sample.id, sample.epoch), ()):
                digest = content_digest({"input": sample.input, "output": sample.output})
                found.setdefault(
                    key,
                    JudgedText(
                        input=_text(sample.input),
                        output=_text(sample.output),
                        is_stale=bool(one.anchor and one.anchor.digest not in {None, digest}),
                    ),
                )
    return found


def _text(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST else f"{text[:_MOST]} … ({len(text):,} characters)"


def _nothing(problem: Problem) -> None:
    """`sitegen check` tells the faults of a run."""

"""What a build knows of its inputs and its output before it lists anything. Floor 6."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from sitegen.build.cache.entries import Cache
from sitegen.build.cache.keys import digest_of
from sitegen.build.last_build.new_scan import seen_below
from sitegen.build.last_build.scan import Look, look_at
from sitegen.build.last_build.state import ExperimentState, LastBuild, RunState
from sitegen.build.last_build.unchanged import scan_name
from sitegen.build.output.site_files import LastFiles
from sitegen.build.output.store import read_manifest_text
from sitegen.build.parts import sidecar_digests
from sitegen.read.bundle import BundleFile
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is as the last build saw or left it."""

    last: LastBuild
    """The last build."""
    look: Look | None
    """The look at its scan, None if it tells nothing."""
    files: LastFiles | None
    """Files of the site; None if something may have been removed there."""
    experiments: Mapping[str, ExperimentState]
    """Experiments of which all files lie in the site, by name."""
    sidecars: Sequence[BundleFile]
    """What lies in the directory of further sidecars, as it was before any was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRuns:
    """Runs that may be kept."""

    same: Mapping[str, tuple[int, int]]
    """Where in the scan their bundles are, by real path."""
    runs: Mapping[str, RunState]
    """The runs, by real path."""


def know_again(
    cache: Path, output: Path, key: str, annotations_dir: Path | None, look: Look | None
) -> Known:
    """What is as it was; nothing, if versions, limits, prices (all in *key*) or the site changed.

    *look* may have been taken already.
    """
    last = LastBuild(Cache(cache), output)
    sidecars = seen_below(annotations_dir) if annotations_dir else []
    look = _look(cache, output, look) if last.state.base == key else None
    manifest = read_manifest_text(output) if look else None
    if look is None or manifest is None:
        return Known(last=last, look=None, files=None, experiments={}, sidecars=sidecars)
    return Known(
        last=last,
        look=look,
        files=LastFiles(manifest=manifest, size_bytes=last.state.size_bytes),
        experiments=last.state.experiments,
        sidecars=sidecars,
    )


def known_runs(known: Known, annotations_dir: Path | None) -> KnownRuns:
    """The runs whose bundles and further sidecars are as they were."""
    folders = {one.path.rpartition("/")[2] for one in known.sidecars if one.names is not None}
    same, runs = {}, {}
    for path, place in known.look.same_bundles().items() if known.look else ():
        run = known.last.run_by_path.get(path)
        if run is None:
            continue
        digest = sidecars_digest(annotations_dir, run.brief.id) if run.slug in folders else ""
        if run.sidecars == digest:
            same[path], runs[path] = place, run
    return KnownRuns(same=same, runs=runs)


def sidecars_digest(annotations_dir: Path | None, run_id: str) -> str:
    """Digest of the run's sidecars outside of its bundle, empty without any."""
    found = sidecar_digests(annotations_dir, run_id)
    return digest_of(found) if found else ""


def _look(cache: Path, output: Path, look: Look | None) -> Look | None:
    """A look at the scan of *output* that can be relied upon, None if there is none."""
    name = scan_name(os.fspath(output))
    if look is None or look.scan.name != name:
        look = look_at(f"{cache}/{name}")
    if look is None or not look.is_whole():
        return None
    look.again()
    return look if look.has_same_outputs() else None

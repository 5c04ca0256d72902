"""What changed on disk since the last build, told by size, mtime and inode; and why, in words.

Floor 6. A stat may only spare a second hashing: a file as young as the last scan is hashed
again, since it may have changed within the resolution of its time stamp (git calls such an entry
"racy").
"""

from __future__ import annotations

from collections.abc import Mapping

from sitegen.build.last_build.scan import RACY_NS
from sitegen.build.last_build.state import InputFile, LastBuild, RunRecord
from sitegen.read.bundle import MANIFEST, Bundle, BundleFile

_MOST_REASONS = 5


def known_inputs(bundle: Bundle, last: RunRecord | None, scanned_ns: int) -> dict[str, InputFile]:
    """Files of the bundle that are as they were in the last build, by path."""
    if last is None:
        return {}
    return {
        file.path: seen
        for files in bundle.files.values()
        for file in files
        if (seen := last.inputs.get(file.path)) and _is_same(file, seen, scanned_ns)
    }


def _is_same(file: BundleFile, seen: InputFile, scanned_ns: int) -> bool:
    return (file.size_bytes, file.mtime_ns, file.ctime_ns, file.inode) == (
        seen.size_bytes,
        seen.mtime_ns,
        seen.ctime_ns,
        seen.inode,
    ) and not is_racy(file, scanned_ns)


def is_racy(file: BundleFile, scanned_ns: int) -> bool:
    """Whether the file is so young that its stat may not tell the next change."""
    return max(file.mtime_ns, file.ctime_ns) >= scanned_ns - RACY_NS


def known_id(bundle: Bundle, build: LastBuild) -> str | None:
    """The id of a bundle whose run.json is unchanged; None if it must be read."""
    last = build.record(bundle.real_path)
    if last is None or MANIFEST not in last.inputs:
        return None
    files = bundle.files.get("manifest", ())
    manifest = next((file for file in files if file.path == MANIFEST), None)
    if manifest is None:
        return None
    is_same = _is_same(manifest, last.inputs[MANIFEST], build.scanned_ns)
    return last.wanted_id if is_same else None


def file_count(bundle: Bundle) -> int:
    """Files of the bundle."""
    return sum(len(files) for files in bundle.files.values())


def reasons(last: RunRecord | None, inputs: Mapping[str, InputFile]) -> str:
    """Why a run was derived again: `annotations/01J….json added, run.json changed`."""
    if last is None:
        return "new"
    changes = [f"{path} added" for path in sorted(set(inputs) - set(last.inputs))]
    changes += [
        f"{path} changed"
        for path in sorted(set(inputs) & set(last.inputs))
        if inputs[path].sha256 != last.inputs[path].sha256
    ]
    changes += [f"{path} removed" for path in sorted(set(last.inputs) - set(inputs))]
    if len(changes) > _MOST_REASONS:
        changes[_MOST_REASONS:] = [f"{len(changes) - _MOST_REASONS} more"]
    return (
        ", ".join(changes)
        or "its id, its experiment, a sidecar elsewhere, a limit or a version changed"
    )

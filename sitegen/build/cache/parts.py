"""Parts taken from the cache where nothing they depend on has changed, else derived and kept.

Floor 6. An entry holds the facts, the problems and the names, sizes and digests of the files
that the part put into the site; it counts only while those files lie in the output.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from sitegen.build.cache.entries import Cache
from sitegen.build.cache.keys import part_key
from sitegen.build.output.output_file import OutputFile
from sitegen.build.output.sink import StagedSink
from sitegen.build.output.store import size_of
from sitegen.build.parts import PartInput, derive_part, derive_traces_shares
from sitegen.derive.attachments.facts import AttachmentsFacts
from sitegen.derive.evals.part import EvalsFacts
from sitegen.derive.metrics.part import MetricsFacts
from sitegen.derive.sink import Sink
from sitegen.derive.traces.part import TracesFacts, joined_shares
from sitegen.derive.traces.shares import decoded_share, encoded_share
from sitegen.derive.traces.store import shares_of
from sitegen.errors import Problem
from sitegen.read.bundle import Bundle, BundleFile, Part
from sitegen.read.files import Report

KIND = "parts"
SHARES = "shares"
"""Kind of the entries that hold shares of a run's traces until they are joined."""
COMPARISONS = "comparisons"
"""Kind of the entries that hold runs held against a baseline."""
_FACTS: Mapping[Part, type[Any]] = {
    "metrics": MetricsFacts,
    "traces": TracesFacts,
    "evals": EvalsFacts,
    "attachments": AttachmentsFacts,
}


class _Entry(msgspec.Struct, frozen=True, array_like=True):
    """A part as it is kept."""

    facts: msgspec.Raw
    problems: tuple[Problem, ...]
    outputs: dict[str, OutputFile]
    made_for: str | None
    """The staged site of the only build that may use it: a file changed while it was read, so that
    the digests in its key need not be those of what was read."""


class _Share(msgspec.Struct, frozen=True, array_like=True):
    """A share of a run's traces, and the files that it put into the site."""

    share: msgspec.Raw
    outputs: dict[str, OutputFile]


class PartCache:
    """Takes the parts of one run, and remembers which entries and files it used."""

    def __init__(
        self,
        cache: Cache,
        base: str,
        digest_by_path: Mapping[str, str],
        *,
        places: tuple[Path, ...],
        present: Mapping[str, OutputFile],
        listed: Mapping[str, BundleFile],
    ) -> None:
        """*places* are where files of the site may lie, the staged site first, *present* what is
        known of those there, *listed* the files of the bundle as they were before they were hashed.
        """
        self._cache = cache
        self._present = present
        self._base = base
        self._digests = digest_by_path
        self._places = places
        self._listed = listed
        self.is_settled = True
        """Whether no file was seen to change while it was read."""
        self.used: set[str] = set()
        """Keys of the entries used."""
        self.outputs: dict[str, OutputFile] = {}
        """Files of the site that the parts stand for."""

    def take(self, part: Part, given: PartInput, sink: Sink, report: Report) -> Any:
        """The facts of *part*; a part without files and the manifest are always derived."""
        assert isinstance(sink, StagedSink)
        if part == "manifest" or not given.files:
            return derive_part(part, given, sink, report)
        key = self._key(part, given)
        self.used.add(key)
        entry = self._entry(key)
        if entry is None:
            return self._derive(key, part, given, sink, report)
        for problem in entry.problems:
            report(problem)
        self.is_settled &= entry.made_for is None
        self.outputs |= entry.outputs
        return msgspec.msgpack.decode(entry.facts, type=_FACTS[part])

    def keep_shares(self, given: PartInput, wanted: tuple[int, ...], sink: StagedSink) -> None:
        """Derive the shares *wanted* of the run's traces, for the process that joins them."""
        key = self._key("traces", given)
        if self._entry(key) is not None:
            return
        for number, share in zip(wanted, derive_traces_shares(given, wanted, sink), strict=True):
            outputs = {file.file: sink.outputs[file.file] for file in share.files}
            kept = _Share(msgspec.Raw(encoded_share(share)), outputs)
            self._cache.put(SHARES, f"{key}{number:02d}", msgspec.msgpack.encode(kept))
        self.outputs |= sink.outputs

    def _joined(self, key: str, given: PartInput, sink: StagedSink, report: Report) -> Any:
        """The facts of traces whose shares are all kept; None if one is not."""
        numbers = shares_of(given.size_bytes).wanted
        contents = [self._cache.get(SHARES, f"{key}{number:02d}") for number in numbers]
        if len(numbers) == 1 or None in contents:
            return None
        kept = [msgspec.msgpack.decode(one, type=_Share) for one in contents if one is not None]
        if not all(self._has_all(one.outputs) for one in kept):
            return None
        for one in kept:
            sink.outputs |= one.outputs
        facts = joined_shares([decoded_share(one.share) for one in kept], sink=sink, report=report)
        for number in numbers:
            self._cache.remove(SHARES, f"{key}{number:02d}")
        return facts

    def _key(self, part: Part, given: PartInput) -> str:
        digests = {path: self._digests[path] for path in given.files}
        return part_key(self._base, part, given.run_id, digests, _extra(part, given))

    @property
    def _staged(self) -> str:
        return str(self._places[0])

    def _entry(self, key: str) -> _Entry | None:
        content = self._cache.get(KIND, key)
        if content is None:
            return None
        try:
            entry = msgspec.msgpack.decode(content, type=_Entry)
        except msgspec.MsgspecError:
            return None
        if entry.made_for not in {None, self._staged} or not self._has_all(entry.outputs):
            return None
        self._cache.touch(KIND, key)
        return entry

    def _has_all(self, outputs: Mapping[str, OutputFile]) -> bool:
        """Whether the files are there. Data files and assets are named by their content; of a
        copy, whose name is that of the attachment, its content must be known.
        """
        return all(
            (path.startswith(("data/", "assets/")) or self._present.get(path) == file)
            and any(size_of(f"{place}/{path}") == file.size_bytes for place in self._places)
            for path, file in outputs.items()
        )

    def _derive(
        self, key: str, part: Part, given: PartInput, sink: StagedSink, report: Report
    ) -> Any:
        problems: list[Problem] = []
        before = set(sink.outputs)
        facts = self._joined(key, given, sink, problems.append) if part == "traces" else None
        if facts is None:
            facts = derive_part(part, given, sink, problems.append)
        outputs = {path: file for path, file in sink.outputs.items() if path not in before}
        for problem in problems:
            report(problem)
        self.outputs |= outputs
        is_settled = all(_is_as_listed(given.root, self._listed[path]) for path in given.files)
        self.is_settled &= is_settled
        entry = _Entry(
            msgspec.Raw(msgspec.msgpack.encode(facts)),
            tuple(problems),
            outputs,
            None if is_settled else self._staged,
        )
        self._cache.put(KIND, key, msgspec.msgpack.encode(entry))
        return facts


def files_by_path(bundle: Bundle) -> dict[str, BundleFile]:
    """The files of *bundle* as they were listed, by path."""
    return {file.path: file for files in bundle.files.values() for file in files}


def _is_as_listed(root: Path, file: BundleFile) -> bool:
    try:
        now = os.lstat(root / file.path)
    except OSError:
        return False
    return (now.st_size, now.st_mtime_ns, now.st_ctime_ns, now.st_ino) == (
        file.size_bytes,
        file.mtime_ns,
        file.ctime_ns,
        file.inode,
    )


def _extra(part: Part, given: PartInput) -> Literal[0] | tuple[Any, ...]:
    if part == "metrics":
        return given.alerts, given.summary, given.annotated_steps
    if part == "traces":
        return (given.prices,)
    return 0

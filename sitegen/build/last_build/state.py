"""What the last build of an output saw and wrote: the basis of the next one.

Floor 6. Typed msgpack in the cache, in two tiers: one file with what the index and the report need
of each experiment, in which the lines of runs are decoded experiment by experiment, and one an
experiment with what only a change of it asks for. It only saves work: without it, or if it cannot
be decoded or is of another version, everything is looked at again.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from functools import cached_property
from pathlib import Path

import msgspec

from sitegen.build.cache.entries import Cache, directory_key
from sitegen.build.cache.kept_annotations import KeptAnnotation
from sitegen.build.data_files.compared import ComparedPart
from sitegen.build.data_files.reports import ReportPart
from sitegen.build.output.output_file import OutputFile
from sitegen.derive.briefs import RunBrief
from sitegen.derive.card import Card
from sitegen.derive.reviews import JudgedPairs
from sitegen.errors import Problem
from sitegen.pages.site.index import IndexEntry

STATE_FORMAT = 6
RECORDS = "records"
"""Kind of the cache's entries that hold the records of an experiment."""


class InputFile(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A file of a bundle as it was last seen."""

    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    sha256: str


class RunState(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One run of the last build: what is asked for whether it changed or not."""

    real_path: str
    """Its bundle."""
    wanted_id: str
    """Id that run.json or the place gives."""
    wanted_slug: str
    """Slug of that id."""
    slug: str
    """Slug of its id in the site."""
    home: str
    """Experiment by its place."""
    duplicate_of: str | None
    """The directory that has the same id."""
    is_shared: bool
    """Whether another bundle has the same id."""
    run_key: str
    """Digest of everything the run's facts depend on."""
    sidecars: str
    """Digest of its sidecars outside of the bundle, empty if there are none."""
    brief: RunBrief
    """What pages of other runs say of it."""
    has_problems: bool
    """Whether it has any."""
    problems: msgspec.Raw
    """All its problems, which the terminal shows; asked for if there are any."""


class RunRecord(msgspec.Struct, frozen=True, array_like=True):
    """One run of the last build: what is asked for if its experiment changed."""

    wanted_id: str
    """Id that run.json or the place gives."""
    run_id: str
    """Id in the site."""
    run_key: str
    """Digest of everything the run's facts depend on."""
    page_key: str
    """Digest of everything its page depends on."""
    inputs: dict[str, InputFile]
    """Files of the bundle by path."""
    outputs: dict[str, OutputFile]
    """Data files and attachments by path in the site."""
    pages: dict[str, OutputFile]
    """Its page and its report by path in the site."""
    card: msgspec.Raw
    """Its `RunCard`."""


class ExperimentState(msgspec.Struct, frozen=True, array_like=True):
    """One experiment of the last build."""

    facts_key: str
    """Digest of everything that the index and the report say of it depends on."""
    pages_key: str
    """Digest of everything that its page and those of its runs depend on."""
    records: str
    """Key of the entry that holds the records of its runs."""
    pages: dict[str, tuple[str, OutputFile]]
    """Key and file of its own pages by path."""
    assets: dict[str, OutputFile]
    """Assets that pages of its runs load and others need not, by path."""
    activity_ns: int | None
    """Its last activity."""
    run_count: int
    """Its runs."""
    has_problems: bool
    """Whether any of them has problems."""
    runs: bytes
    """Its runs in their order in the site: an encoded list of `RunState`, which is not even parsed
    while nobody asks for it; so are the others."""
    index: bytes
    """Its `IndexEntry`."""
    report: bytes
    """Its `ReportPart`."""
    compared: bytes
    """Its `ComparedPart`."""

    def index_entry(self) -> IndexEntry:
        """What the index needs of it."""
        return msgspec.msgpack.decode(self.index, type=IndexEntry)

    def report_part(self) -> ReportPart:
        """What the report needs of it."""
        return msgspec.msgpack.decode(self.report, type=ReportPart)

    def compared_part(self) -> ComparedPart:
        """What compare.html needs of it."""
        return msgspec.msgpack.decode(self.compared, type=ComparedPart)


class BuildState(msgspec.Struct, frozen=True):
    """A whole build."""

    format: int
    number: int
    """How many builds this cache has seen of this output."""
    scanned_ns: int
    """When the inputs were scanned: a file as young as this may have changed since."""
    base: str
    """`known_key` of the build."""
    question: str
    """Digest of the arguments and settings that say where inputs lie."""
    experiments: dict[str, ExperimentState]
    """Its experiments by name, sorted."""
    homes: bytes
    """For each run in order the number of its experiment, of 32 bits."""
    experiment_files: tuple[tuple[str, str, str], ...]
    """Every experiment.toml: its path, the argument it lies below, the path below that."""
    theme_key: str
    """Digest of what all pages depend on."""
    lineage_key: str
    """Digest of the runs that name a data set, a model or a parent."""
    reviews_key: str
    """Digest of the runs that anybody said anything of."""
    latest_year: int | None
    """The latest year of the site."""
    parents: frozenset[str]
    """Ids that runs name as their parent."""
    pages: dict[str, tuple[str, OutputFile]]
    """Key and file of the index and the report by path."""
    assets: dict[str, OutputFile]
    """The theme's files by path."""
    size_bytes: int
    """Bytes of all files of the site."""


class RunCard(msgspec.Struct, frozen=True, array_like=True):
    """A run's card with all its problems, which the terminal shows."""

    card: Card
    problems: tuple[Problem, ...]
    used: tuple[str, ...]
    """Keys of the parts in the cache that it and its page are made from."""
    annotations: tuple[KeptAnnotation, ...] = ()
    """What people say of it, newest first."""
    judged: tuple[JudgedPairs, ...] = ()
    """What they say of its samples, against its scorers."""


class LastBuild:
    """The last build of an output, read as far as it is asked for."""

    def __init__(self, cache: Cache, output: Path) -> None:
        self._cache = cache
        self._output = output
        self._stamp = cache.stamp("state", directory_key(output))
        self._records: dict[str, dict[str, RunRecord]] = {}
        self._runs: dict[str, list[RunState]] = {}
        self._known: dict[str, RunState] = {}
        self.state = _read_state(cache, output)
        """Its state, an empty one if there is none that can be used."""

    def is_latest(self) -> bool:
        """Whether no other build of the output has ended since this was read."""
        return self._cache.stamp("state", directory_key(self._output)) == self._stamp

    @property
    def scanned_ns(self) -> int:
        """When the inputs were scanned."""
        return self.state.scanned_ns

    @cached_property
    def homes(self) -> array[int]:
        """For each run in order the number of its experiment among all, by name."""
        return array("I", self.state.homes)

    @cached_property
    def names(self) -> list[str]:
        """Names of all experiments, sorted."""
        return sorted(self.state.experiments)

    @cached_property
    def run_by_path(self) -> dict[str, RunState]:
        """All runs by the real path of the bundle."""
        return {run.real_path: run for name in self.names for run in self.runs_of(name)}

    def runs_of(self, experiment: str) -> list[RunState]:
        """The runs of *experiment* in their order in the site."""
        if experiment not in self._runs:
            found = self.state.experiments.get(experiment)
            runs = msgspec.msgpack.decode(found.runs, type=list[RunState]) if found else []
            self._runs[experiment] = runs
            self._known |= {run.real_path: run for run in runs}
        return self._runs[experiment]

    @cached_property
    def _orders(self) -> list[list[int]]:
        found: list[list[int]] = [[] for _ in self.names]
        for order, home in enumerate(self.homes):
            found[home].append(order)
        return found

    def orders_of(self, experiment: str) -> list[int]:
        """The places of these runs among all of the site."""
        return self._orders[self.names.index(experiment)]

    def run_at(self, order: int) -> RunState:
        """The run at the place *order* of the site."""
        home = self.homes[order]
        return self.runs_of(self.names[home])[bisect_left(self._orders[home], order)]

    def record(self, real_path: str) -> RunRecord | None:
        """What is known of the run in the bundle *real_path*, None if nothing is."""
        run = self._known.get(real_path) or self.run_by_path.get(real_path)
        return self.records_of(run.brief.experiment).get(real_path) if run else None

    def records_of(self, experiment: str) -> dict[str, RunRecord]:
        """What is known of the runs of *experiment* by the real paths of their bundles."""
        found = self.state.experiments.get(experiment)
        if found is None:
            return {}
        if found.records not in self._records:
            self._records[found.records] = _read_records(self._cache, found.records)
        return self._records[found.records]


def _read_records(cache: Cache, key: str) -> dict[str, RunRecord]:
    content = cache.get(RECORDS, key)
    if content is None:
        return {}
    try:
        return msgspec.msgpack.decode(content, type=dict[str, RunRecord])
    except msgspec.MsgspecError:
        return {}


def _read_state(cache: Cache, output: Path) -> BuildState:
    content = cache.get("state", directory_key(output))
    if content is not None:
        try:
            state = msgspec.msgpack.decode(content, type=BuildState)
        except msgspec.MsgspecError:
            state = None
        if state is not None and state.format == STATE_FORMAT:
            return state
    return BuildState(
        format=STATE_FORMAT,
        number=0,
        scanned_ns=0,
        base="",
        question="",
        experiments={},
        homes=b"",
        experiment_files=(),
        theme_key="",
        lineage_key="",
        reviews_key="",
        latest_year=None,
        parents=frozenset(),
        pages={},
        assets={},
        size_bytes=0,
    )


def write_state(cache: Cache, output: Path, state: BuildState) -> None:
    """Keep *state* for the next build."""
    cache.put("state", directory_key(output), msgspec.msgpack.encode(state))


def write_records(cache: Cache, key: str, records: dict[str, RunRecord]) -> None:
    """Keep the records of an experiment by the real paths of its bundles."""
    cache.put(RECORDS, key, msgspec.msgpack.encode(records))


def forget_state(cache: Cache, output: Path) -> None:
    """Forget the last build: from here on the output may be between it and the next."""
    cache.remove("state", directory_key(output))

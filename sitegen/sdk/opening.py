"""How a run begins: a new bundle, one that goes on, or one that another process began."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import field
from pathlib import Path

from sitegen.records import dataclass
from sitegen.sdk import places, recorded
from sitegen.sdk.alerts import Alerts
from sitegen.sdk.document import Document, RunDocument
from sitegen.sdk.faults import Faults, LogValueError
from sitegen.sdk.heartbeat import SYNC_S, Heartbeat
from sitegen.sdk.journal import Journal
from sitegen.sdk.logged import merge
from sitegen.sdk.options import RunOptions
from sitegen.sdk.ownership import Ownership
from sitegen.sdk.places import sync_path
from sitegen.sdk.system import system_sampler
from sitegen.sdk.tracing import Tracing
from sitegen.units import rfc3339


@dataclass(slots=True, kw_only=True)
class RunParts:
    """What a run consists of in one process."""

    directory: Path
    """The bundle."""
    id: str
    """Unique id."""
    name: str
    """Name, as given."""
    experiment: str
    """Name of the experiment."""
    faults: Faults
    """What could not be written."""
    document: RunDocument
    """Its run.json."""
    journal: Journal
    """Where this process logs points."""
    alerts: Alerts
    """Who is told of what."""
    ownership: Ownership
    """Whether this process ends it."""
    tracing: Tracing
    """Where this process writes spans."""
    heartbeat: Heartbeat | None = None
    """The thread that flushes; None in a forked child until it logs."""
    unsynced: set[Path] = field(default_factory=set)
    """Evals that have grown since they were flushed."""

    def sync(self) -> None:
        """What was logged is on the disk; what run.json could not take is tried again."""
        self.journal.sync()
        self.tracing.flush()
        self.document.sync()
        while self.unsynced:
            path = self.unsynced.pop()
            with self.faults.guard(path.name):
                sync_path(path)

    def start_heartbeat(self, system_metrics_s: float | None) -> None:
        """Flush every few seconds; log the system's metrics unless that is off."""
        beats: list[tuple[float, Callable[[], None]]] = [(SYNC_S, self.sync)]
        if system_metrics_s is not None:
            sample = system_sampler()
            beats.append((system_metrics_s, lambda: self.log_system(sample())))
        with suppress(RuntimeError):  # the interpreter is about to end
            self.heartbeat = Heartbeat(beats)

    def log_system(self, values: Mapping[str, float]) -> None:
        """Log what a sampler found."""
        self.journal.points(values, None, None)

    def after_fork(self) -> None:
        """In a child now: locks are free, the journal and the owner's lock the parent's."""
        self.journal.after_fork()
        self.document.after_fork()
        self.ownership.forget()
        self.unsynced.clear()
        self.heartbeat = None
        self.journal.on_open = lambda: self.start_heartbeat(None)


def open_run(options: RunOptions, created_ns: int) -> RunParts:
    """The parts of a run whose bundle is there and says that it is running.

    Raises:
        LogValueError: if a run of the id is there and was not expected, or the reverse.
    """
    experiment = places.experiment_directory(options.runs, options.experiment)
    faults = Faults(options.experiment)
    lock = experiment / ".lock"
    is_shared = options.id is not None
    if is_shared:
        with faults.guard("run"):
            experiment.mkdir(parents=True, exist_ok=True)
    with places.locked(lock) if is_shared and experiment.is_dir() else nullcontext():
        existing = _existing(options)
        if existing is None:
            parts = _created(experiment, options, faults)
        else:
            parts = _attached(existing, faults)
        _begin(parts, options, created_ns, is_new=existing is None)
        if is_shared:
            with faults.guard("run"):
                lock.unlink(missing_ok=True)
    if options.set_global_tracer:
        parts.tracing.make_global()
    parts.start_heartbeat(options.system_metrics_s if parts.ownership.is_held else None)
    return parts


def attached_run(directory: Path) -> RunParts:
    """The parts of a run that another process began, to log into it from this one."""
    parts = _attached(directory, Faults(directory.name))
    parts.start_heartbeat(None)
    return parts


def _existing(options: RunOptions) -> Path | None:
    if options.id is None:
        return None
    found = places.find_bundle(options.runs, options.id)
    if found is not None and not options.resume:
        raise LogValueError(
            f"a run with the id “{options.id}” is there already",
            hint="Pass resume=True to go on with it, or another id.",
        )
    if found is None and options.resume is True:
        raise LogValueError(
            f"there is no run with the id “{options.id}” below {options.runs.name}/",
            hint='Pass resume="allow" to begin one if there is none.',
        )
    return found


def _created(experiment: Path, options: RunOptions, faults: Faults) -> RunParts:
    name = options.name or options.id or places.new_name()
    try:
        directory = places.new_bundle(experiment, name)
    except OSError as error:
        faults.add("run", error, count=0)
        directory = experiment / places.bundle_stem(name)
    suffix = f"-{places.random_letters(6)}" if options.name else ""
    id = options.id or f"{directory.name}{suffix}"
    return _parts(directory, id, name, options.experiment, faults)


def _attached(directory: Path, faults: Faults) -> RunParts:
    document = RunDocument(directory, faults).read()
    return _parts(
        directory,
        str(document.get("id", directory.name)),
        str(document.get("name", directory.name)),
        str(document.get("experiment", directory.parent.name)),
        faults,
    )


def _parts(directory: Path, id: str, name: str, experiment: str, faults: Faults) -> RunParts:
    return RunParts(
        directory=directory,
        id=id,
        name=name,
        experiment=experiment,
        faults=faults,
        document=RunDocument(directory, faults),
        journal=Journal(directory, faults),
        alerts=Alerts(id),
        ownership=Ownership(directory),
        tracing=Tracing(
            directory / "traces",
            faults=faults,
            resource={"service.name": experiment, "sitegen.run.id": id},
            shorten=recorded.shortened,
        ),
    )


def _begin(parts: RunParts, options: RunOptions, created_ns: int, *, is_new: bool) -> None:
    """The bundle says that the run is running, unless another process has said so."""
    with parts.faults.guard("run"):
        parts.ownership.take()
    given = _given(parts, options)
    if parts.ownership.is_held or is_new:
        given |= _recorded(options)
        is_owner = True
    else:
        is_owner = False
    started = rfc3339(created_ns // 1_000_000 * 1_000_000)

    def begin(document: Document) -> None:
        document |= given
        document.setdefault("started_at", started)
        if options.params:
            merge(document.setdefault("params", {}), options.params)
        if is_owner:
            document.pop("ended_at", None)
            document.pop("error", None)

    parts.document.change(begin)


def _given(parts: RunParts, options: RunOptions) -> Document:
    facts: Document = {
        "format": 1,
        "id": parts.id,
        "name": parts.name,
        "experiment": parts.experiment,
        "project": options.project,
        "description": options.description,
        "user": options.user,
        "parent": options.parent,
    }
    if options.tags is not None:
        facts["tags"] = list(options.tags)
    if options.sweep is not None:
        facts["sweep"] = {"id": options.sweep[0], "trial": options.sweep[1]}
    return {key: value for key, value in facts.items() if value is not None}


def _recorded(options: RunOptions) -> Document:
    facts: Document = {
        "source": recorded.source_facts(git=options.git, entrypoint=options.entrypoint),
        "environment": recorded.environment_facts(
            packages=options.packages, hardware=options.hardware, host=options.host
        ),
    }
    return {"status": "running"} | {key: value for key, value in facts.items() if value}

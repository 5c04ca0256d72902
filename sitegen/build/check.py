"""Every problem of some runs, found as a build finds them, and nothing written.

Floor 6. A run's problems come from `derive_run`, the same that a build runs, into a sink that only
measures. What is read is what a build reads; the output directory is left out as in a build.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sitegen.build.output.measure import MeasuringSink
from sitegen.build.parts import GROUPS, bundle_bytes, derive_run
from sitegen.build.plan import RunPlan, plan_runs, shared_ids
from sitegen.build.problems import typed_problems
from sitegen.build.progress import Progress
from sitegen.build.workers.pool import Lost, TaskError, worker_pool
from sitegen.build.workers.workload import worker_count
from sitegen.bundle.limits import Limits
from sitegen.bundle.paths import slug
from sitegen.bundle.settings import Settings
from sitegen.derive.card import Card, derive_card
from sitegen.errors import Problem
from sitegen.read.bundle import Group, find_places
from sitegen.read.experiments import read_experiments
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedRun:
    """One run and its problems."""

    id: str
    """Its id, as in a site."""
    experiment: str
    """Name of its experiment."""
    shown_path: str
    """Its directory, as the user would type it."""
    problems: tuple[Problem, ...]
    """Its problems by (severity, file, line), at most `limits.problems`."""
    problem_count: int
    """How many there are in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedExperiment:
    """One experiment, with the problems that belong to none of its runs."""

    name: str
    """Name that runs refer to."""
    runs: tuple[CheckedRun, ...]
    """Its runs by path; none for an experiment.toml that no run belongs to."""
    problems: tuple[Problem, ...]
    """Problems of its experiment.toml; paths as the user would type them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What a check found."""

    experiments: tuple[CheckedExperiment, ...]
    """Experiments by name."""

    @property
    def runs(self) -> tuple[CheckedRun, ...]:
        """All runs by path."""
        runs = (run for experiment in self.experiments for run in experiment.runs)
        return tuple(sorted(runs, key=lambda run: (run.shown_path, run.id)))

    @property
    def site_problems(self) -> tuple[Problem, ...]:
        """Problems that belong to no run, by (severity, file, line)."""
        return _ordered(problem for one in self.experiments for problem in one.problems)

    def located(self) -> Iterator[tuple[CheckedRun | None, Problem]]:
        """Each problem and its run, by (run path, severity, file, line); those of no run first."""
        yield from ((None, problem) for problem in self.site_problems)
        for run in self.runs:
            yield from ((run, problem) for problem in run.problems)

    @property
    def errors(self) -> int:
        """Problems of severity error."""
        return sum(problem.severity == "error" for _, problem in self.located())

    @property
    def warnings(self) -> int:
        """Problems of severity warning."""
        return sum(problem.severity == "warning" for _, problem in self.located())

    @property
    def unlisted(self) -> int:
        """Problems beyond `limits.problems` of a run; they are counted, not kept."""
        return sum(run.problem_count - len(run.problems) for run in self.runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class _CheckTask:
    """One run to check."""

    plan: RunPlan
    """The run."""
    limits: Limits
    """Limits on input."""
    annotations_dir: Path | None
    """Where further sidecars lie."""
    is_shared: bool
    """Whether another bundle has the same id."""
    lost: Mapping[Group, str]
    """What became of the process that read a part, by part; these are not read again."""
    has_card: bool
    """Whether its card is asked for."""


_Checked = tuple[CheckedRun, Card | None]
"""A run and its card, if that is asked for."""


def check_runs(
    roots: Sequence[Path],
    excluded: Sequence[Path],
    settings: Settings,
    *,
    workers: int | None,
    progress: Progress,
) -> CheckResult:
    """The problems of all runs below *roots* and of their experiments; *excluded* is not entered.

    Raises:
        SitegenError: for arguments that cannot be used.
        NothingBuiltError: if there is no run.
    """
    progress.stage("Finding runs", 0)
    plans = plan_runs(roots, excluded, settings.limits, lambda: progress.step(""))
    specs = read_experiments(find_places(roots, excluded).experiments, settings.limits)
    names, select = set[str](), settings.select
    if select is not None:  # it imports what renders pages
        from sitegen.build.select import chosen_ids, light_card, needs_manifest_only
    tasks = [
        _CheckTask(
            plan=plan, limits=settings.limits, annotations_dir=settings.annotations_dir,
            is_shared=plan.run_id in shared, lost={}, has_card=select is not None,
        )
        for shared in [shared_ids(plans)]
        for plan in plans
    ]  # fmt: skip
    if select is not None and needs_manifest_only(select):
        cards = [light_card(plan, settings.limits) for plan in plans]
        names = {card.experiment for card in cards}
        chosen = chosen_ids(select, cards, specs)
        tasks = [task for task in tasks if task.plan.run_id in chosen]
    progress.stage("Reading runs", len(tasks))
    with worker_pool(settings.limits.worker_bytes) as pool:

        def checked(given: Sequence[_CheckTask]) -> list[_Checked | Lost]:
            return pool.run(
                _check, given, workers=worker_count(workers, [task.plan for task in given]),
                name_of=lambda task: task.plan.bundle.shown_path,
                size_of=_size, on_done=lambda task: progress.step(task.plan.run_id),
            )  # fmt: skip

        found = [
            _settled(task, run, checked) if isinstance(run, Lost) else run
            for task, run in zip(tasks, checked(tasks), strict=True)
        ]
    names |= {run.experiment for run, _ in found}
    if select is not None:
        chosen = chosen_ids(select, (card for _, card in found if card), specs)
        found = [one for one in found if one[0].id in chosen]
    return _result((run for run, _ in found), typed_problems(specs, names))


def _result(runs: Iterable[CheckedRun], problems: Mapping[str, tuple[Problem, ...]]) -> CheckResult:
    by_name: dict[str, list[CheckedRun]] = {}
    for run in sorted(runs, key=lambda run: (run.shown_path, run.id)):
        by_name.setdefault(run.experiment, []).append(run)
    return CheckResult(
        experiments=tuple(
            CheckedExperiment(
                name=name, runs=tuple(by_name.get(name, ())),
                problems=_ordered(problems.get(name, ())),
            )
            for name in sorted(by_name.keys() | problems.keys())
        )
    )  # fmt: skip


def _settled(
    task: _CheckTask, lost: Lost, checked: Callable[[Sequence[_CheckTask]], list[_Checked | Lost]]
) -> _Checked:
    """What is found of a run whose process died, without the parts that make it die."""
    everything = dict.fromkeys(GROUPS, lost.reason)
    each = [
        replace(task, lost={one: reason for one, reason in everything.items() if one != group})
        for group in GROUPS
    ]
    guilty = {
        group: run.reason
        for group, run in zip(GROUPS, checked(each), strict=True)
        if isinstance(run, Lost)
    }
    for given_up in (guilty, everything):
        [run] = checked([replace(task, lost=given_up)])
        if not isinstance(run, Lost):
            return run
    raise TaskError(f"the process that read {task.plan.bundle.shown_path} {lost.reason}, twice")


def _check(task: _CheckTask) -> _Checked:
    bundle = task.plan.bundle
    run = derive_run(
        task.plan, task.limits, MeasuringSink(slug(task.plan.run_id), bundle.root),
        annotations_dir=task.annotations_dir, is_shared=task.is_shared, lost=task.lost,
    )  # fmt: skip
    checked = CheckedRun(
        id=task.plan.run_id, experiment=run.facts.manifest.manifest.experiment,
        shown_path=bundle.shown_path, problems=_ordered(run.facts.problems),
        problem_count=run.facts.problem_count,
    )  # fmt: skip
    if not task.has_card:
        return checked, None
    card = derive_card(run.facts, run.annotations.counts, is_readable=run.is_readable)
    return checked, card


def _size(task: _CheckTask) -> int:
    return bundle_bytes(task.plan.bundle)


def _ordered(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """*problems* by (severity, file, line): errors first, what has no line last."""
    return tuple(sorted(problems, key=_rank))


def _rank(problem: Problem) -> tuple[bool, str, bool, int, str, str]:
    is_warning, line = problem.severity != "error", problem.line
    return is_warning, problem.path, line is None, line or 0, problem.code, problem.message

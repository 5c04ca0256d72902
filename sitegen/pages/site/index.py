"""The index: experiments by last activity, the latest runs, problems. Floor 4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sitegen import units
from sitegen.derive.experiment import Experiment, objective_value
from sitegen.errors import Problem
from sitegen.model import Goal, Json
from sitegen.pages.figures import best_so_far, status_bar, status_counts
from sitegen.pages.frame import PageFrame, Site, page_frame
from sitegen.pages.links import INDEX, experiment_page
from sitegen.pages.objective import best_value, objective_text
from sitegen.pages.parts import (
    Spark,
    StatusBar,
    StatusCount,
    Text,
    problem_counts,
)
from sitegen.pages.site.rail import (
    RAIL_PROBLEMS,
    LatestRun,
    RailProblem,
    RunEntry,
    latest_of,
    latest_runs,
    problems_of,
    rail_problems,
)
from sitegen.pages.site.site_facts import input_digest, site_facts
from sitegen.records import dataclass

MOST_ROWS = 500
"""A page with 10,000 rows takes 5 to 9 s to paint; 500 take 0.5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentRow:
    """One experiment in the table."""

    name: str
    """Its name."""
    title: str
    """What people call it."""
    url: str
    """Its page."""
    description: str | None
    """One sentence."""
    is_archived: bool
    """Whether it is hidden until asked for."""
    run_count: int
    """Runs in it."""
    bar: StatusBar
    """Runs by status."""
    counts: tuple[StatusCount, ...]
    """Runs by status but for completed ones."""
    objective: str | None
    """What is optimised."""
    goal: Goal | None
    """Which direction is better."""
    best: str
    """Best value of the objective as read."""
    best_exact: str
    """The same, exact; empty without one."""
    best_so_far: Spark | None
    """Best value over the runs in order of time."""
    tags: tuple[str, ...]
    """At most three tags."""
    more_tags: int
    """Tags beyond these."""
    activity: Text | None
    """Time of its last activity."""
    activity_key: str
    """The same, sortable."""
    fields: Mapping[str, Json]
    """What the filter looks at."""
    search: str
    """Text that the search looks at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPage:
    """The context of pages/index.html."""

    page: PageFrame
    """The frame."""
    summary: str
    """`9 experiments, 3 more archived · 226 runs · last activity …`."""
    description: str | None
    """What the site is."""
    rows: tuple[ExperimentRow, ...]
    """At most `MOST_ROWS` experiments, by last activity."""
    total: int
    """Experiments in all."""
    foot: str
    """What the table leaves out; empty if it leaves out nothing."""
    archived_count: int
    """Archived ones."""
    running_count: int
    """Experiments with a running run."""
    failing_count: int
    """Experiments with a failed run."""
    tags: tuple[str, ...]
    """All tags, for the menu."""
    latest: tuple[RunEntry, ...]
    """The latest runs."""
    run_count: int
    """Runs in all."""
    problems: tuple[RailProblem, ...]
    """The first problems, errors first."""
    problems_summary: str
    """`1 error, 3 warnings`."""
    problems_more: int
    """Problems beyond these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexEntry:
    """An experiment as the index sees it: computed once, kept while none of its runs changes."""

    row: ExperimentRow
    """Its row."""
    activity_ns: int | None
    """Its last activity."""
    latest_ns: int
    """The latest time that a run of it names, 0 if none does."""
    tags: tuple[str, ...]
    """All its tags."""
    digest: str
    """Digest of its runs."""
    errors: int
    """Problems of severity error."""
    warnings: int
    """Problems of severity warning."""
    latest: tuple[LatestRun, ...]
    """Its latest runs."""
    problems: tuple[RailProblem, ...]
    """The first problems of its runs, errors first."""
    is_running: bool
    """Whether a run of it is running."""
    is_failing: bool
    """Whether a run of it failed."""


def index_entry(experiment: Experiment) -> IndexEntry:
    """What the index needs of *experiment*."""
    cards, counts = experiment.cards, experiment.status_counts
    return IndexEntry(
        row=_row(experiment),
        activity_ns=experiment.activity_ns,
        latest_ns=max((card.activity_ns or 0 for card in cards), default=0),
        tags=experiment.tags,
        digest=input_digest(cards),
        errors=sum(card.problem_errors for card in cards),
        warnings=sum(card.problem_warnings for card in cards),
        latest=tuple(latest_of(experiment)),
        problems=problems_of(cards),
        is_running=bool(counts["running"]),
        is_failing=bool(counts["failed"]),
    )


def index_page(
    site: Site, experiments: Iterable[IndexEntry], site_problems: Sequence[Problem]
) -> IndexPage:
    """The index over all *experiments*."""
    entries = sorted(experiments, key=lambda one: (-(one.activity_ns or 0), one.row.name))
    latest_ns = max((one.latest_ns for one in entries), default=0)
    archived = sum(one.row.is_archived for one in entries)
    run_count = sum(one.row.run_count for one in entries)
    site_errors = sum(problem.severity == "error" for problem in site_problems)
    errors = sum(one.errors for one in entries) + site_errors
    warnings = sum(one.warnings for one in entries) + len(site_problems) - site_errors
    runs_text = units.plural(run_count, "run")
    facts = site_facts(entries, site_problems)
    return IndexPage(
        page=page_frame(
            site,
            kind="index",
            path=INDEX,
            title="Experiments",
            breadcrumb=(),
            digest=facts.digest,
            summary=facts.summary,
            problems_url="#problems",
            problems_count=facts.problems,
        ),
        summary=_summary(len(entries), archived, runs_text, latest_ns),
        description=site.description,
        rows=tuple(one.row for one in entries[:MOST_ROWS]),
        total=len(entries),
        foot=_foot(len(entries)),
        archived_count=archived,
        running_count=sum(one.is_running for one in entries),
        failing_count=sum(one.is_failing for one in entries),
        tags=tuple(sorted({tag for one in entries for tag in one.tags})),
        latest=tuple(
            latest_runs(((one.row.title, one.latest) for one in entries), units.year_of(latest_ns))
        ),
        run_count=run_count,
        problems=rail_problems(
            (problem for one in entries for problem in one.problems), site_problems
        ),
        problems_summary=problem_counts(errors, warnings),
        problems_more=max(0, errors + warnings - RAIL_PROBLEMS),
    )


def _foot(total: int) -> str:
    if total > MOST_ROWS:
        return f"Showing the latest {MOST_ROWS} of {units.plural(total, 'experiment')}."
    return ""


def _summary(total: int, archived: int, runs: str, latest_ns: int) -> str:
    text = units.plural(total - archived, "experiment")
    if archived:
        text += f", {archived} more archived"
    text += f" · {runs}"
    return f"{text} · last activity {units.time_text(latest_ns)}" if latest_ns else text


def _row(experiment: Experiment) -> ExperimentRow:
    objective, counts = experiment.objective, experiment.status_counts
    value = best_value(experiment)
    oldest_first = sorted(experiment.cards, key=lambda card: (card.activity_ns or 0, card.id))
    values = [objective_value(card, objective) for card in oldest_first] if objective else []
    tags = experiment.tags
    return ExperimentRow(
        name=experiment.name,
        title=experiment.title,
        url=experiment_page(experiment.name),
        description=first_line(experiment.spec.description),
        is_archived=experiment.spec.is_archived,
        run_count=len(experiment.cards),
        bar=status_bar(counts),
        counts=status_counts(counts, leave_out="completed"),
        objective=objective.name if objective else None,
        goal=objective.goal if objective else None,
        best=objective_text(experiment, value),
        best_exact="" if value is None else units.exact_text(value),
        best_so_far=best_so_far(
            [value for value in values if value is not None],
            objective.goal if objective else None,
        ),
        tags=tags[:3],
        more_tags=max(0, len(tags) - 3),
        activity=_activity(experiment.activity_ns),
        activity_key=f"{experiment.activity_ns or 0:020d}",
        fields={
            "name": experiment.name,
            "title": experiment.title,
            "status": experiment.status,
            "tags": list(tags),
            "runs": len(experiment.cards),
            "objective": objective.name if objective else None,
            "running": counts["running"],
            "failed": counts["failed"],
            "best": value,
        },
        search=" ".join(
            (
                experiment.title,
                experiment.name,
                experiment.spec.description or "",
                *tags,
                objective.name if objective else "",
            )
        ),
    )


def _activity(time_ns: int | None) -> Text | None:
    if time_ns is None:
        return None
    return Text(
        text=units.date_text(time_ns),
        datetime=units.rfc3339(time_ns),
        title=units.time_text(time_ns),
    )


def first_line(text: str | None) -> str | None:
    """The first line of a description."""
    return text.strip().partition("\n")[0] if text and text.strip() else None

"""A whole build: plan, derive what changed, render what changed, put the site in place.

Floor 6. Runs are derived in any order and by any number of workers; everything that is written
is computed from values in a fixed order, so that the bytes depend neither on that nor on what an
earlier build left in the cache.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from sitegen.build.cache.entries import Cache, CacheError, locked
from sitegen.build.cache.keys import base_key, code_key, pages_key
from sitegen.build.finding import Found, find_runs
from sitegen.build.last_build.all_problems import all_problems
from sitegen.build.last_build.front_runs import lineage_cards, reviewed_runs
from sitegen.build.last_build.members import Membership, make_members
from sitegen.build.last_build.new_scan import edited_scan, new_scan, seen_in_bundles
from sitegen.build.last_build.remember import experiment_states, remember, site_files
from sitegen.build.last_build.scan import Look, Scan
from sitegen.build.last_build.settled import question
from sitegen.build.last_build.state import LastBuild, forget_state
from sitegen.build.last_build.unchanged import forget, keep_scan, scan_name
from sitegen.build.output.disk import told_when_full
from sitegen.build.output.output_file import OutputFile
from sitegen.build.output.site_files import SiteFiles
from sitegen.build.output.store import (
    Written,
    check_output,
    has_files,
    publish,
    remove_others,
    staged_files,
    staging_directory,
    unchanged,
)
from sitegen.build.parts import GROUPS
from sitegen.build.plan import SitePlan
from sitegen.build.problems import experiment_problems, flat, typed_problems
from sitegen.build.progress import Progress
from sitegen.build.reviewing import Base, Reviewing, read_reviewing
from sitegen.build.select import everything, select_runs
from sitegen.build.steps.pages import asset_links, write_file
from sitegen.build.steps.render import (
    RunPages,
    render_front,
    render_lineage,
    render_others,
    render_reviews,
    render_runs,
)
from sitegen.build.workers.job import Job
from sitegen.build.workers.pool import Pool, TaskError, worker_pool
from sitegen.build.workers.workplace import Workplace
from sitegen.bundle.settings import Settings
from sitegen.derive.llm.prices import PriceTable, installed_prices
from sitegen.errors import Problem, SitegenError
from sitegen.pages.frame import Site, repository_of
from sitegen.pages.links import experiment_page
from sitegen.read.bundle import BundleFile, Group
from sitegen.read.experiments import ExperimentSpec, read_experiments
from sitegen.records import dataclass
from sitegen.render.env import Templates
from sitegen.render.theme import Theme, read_theme

CACHE = ".sitegen-cache"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildResult:
    """What a build made."""

    output: Path
    """The site."""
    run_counts: dict[str, int]
    """Number of runs of each experiment by its name."""
    site_problems: tuple[Problem, ...]
    """Problems that belong to no run."""
    left_out: int
    """Runs that do not meet the condition of `--select`."""
    shown_paths: dict[str, str]
    """Directory of each run in *problems* by id, as the user would type it."""
    problems: dict[str, tuple[Problem, ...]]
    """Problems by run id; a run that nobody looked at is absent if it has none."""
    problem_errors: int
    """Problems of severity error."""
    problem_warnings: int
    """Problems of severity warning."""
    has_lost: bool
    """Whether a part was given up since the process that read it died."""
    reasons: dict[str, str]
    """Why a run was derived again, by run id; runs that were not are absent."""
    rendered: tuple[str, ...]
    """Paths of the pages that were rendered."""
    written: Written
    """What changed on disk."""
    cache: Path
    """The cache that was used."""
    scan: tuple[str, bytes, int] | None
    """Name and id of the scan that was kept, and when the inputs were scanned; None without."""
    seconds: float
    """How long it took; for the terminal, never for a page."""

    @property
    def run_count(self) -> int:
        """Runs in the site."""
        return sum(self.run_counts.values())


def build_site(
    roots: Sequence[Path],
    output: Path,
    settings: Settings,
    *,
    workers: int | None,
    progress: Progress,
    cache_directory: Path | None = None,
    compiled: Path | None = None,
    look: Look | None = None,
    base_annotations: Base | None = None,
    attic: Path | None = None,
) -> BuildResult:
    """Build the site of all runs below *roots* into *output*.

    The templates' code is kept below *compiled*, where nobody but the user may write. *look* is
    what was looked at already to see whether anything changed. Annotations that differ from
    *base_annotations* are marked. Files that the site no longer has are moved below *attic*, if
    there is one.

    Raises:
        SitegenError: for arguments, settings, themes and outputs that cannot be used.
        NothingBuiltError: if there is no run.
    """
    started = time.perf_counter()
    check_output(output)
    theme = read_theme(settings.theme)
    directory = cache_directory or output.absolute().parent / CACHE
    typed, output = output, output.resolve() if output.is_symlink() else output
    progress.stage("Finding runs", 0)
    base, prices = base_key(settings.limits), installed_prices(settings.prices)
    found = find_runs(
        roots,
        output,
        directory,
        settings,
        base=base,
        prices=prices,
        workers=workers,
        look=look,
        has_base=base_annotations is not None,
        on_read=lambda: progress.step(""),
    )
    known, plan, outer = found.known, found.plan, list(found.outer)
    specs = read_experiments(found.experiments, settings.limits)
    reviewing = read_reviewing(roots, settings, base_annotations)
    with (
        told_when_full(str(typed)),
        locked(directory, output),
        staging_directory(output) as staging,
        worker_pool(settings.limits.worker_bytes) as pool,
    ):
        if not known.last.is_latest():  # read before the lock, so that usage errors leave no cache
            raise CacheError(
                f"another build has just written {typed}", path=str(directory), hint="Build again."
            )
        job = _job(
            settings,
            theme,
            base,
            prices,
            known.last,
            directory,
            staging,
            output,
            progress,
            workers,
            compiled,
            pool,
            reviewing,
        )
        chosen = everything(plan.fresh)
        if settings.select is not None:  # then no run is kept unseen
            in_bundles = seen_in_bundles(plan.fresh)
            chosen = select_runs(job, plan.fresh, specs, settings.select, found.scanned_ns)
            plan = plan.only({one.run_id for one in chosen.plans})
            taken = seen_in_bundles(chosen.plans)
            outer += [one for path, one in in_bundles.items() if path not in taken]
        made, pages = _made(job, plan, found, specs)
        names = made.names()
        all_names = {*names, *chosen.experiments}
        problems = (*flat(experiment_problems(specs, all_names)), *reviewing.problems)
        runs = made.built()
        others = render_others(job, runs, made.experiments)
        experiments = experiment_states(job, made, others)
        front = render_front(job, list(experiments.values()), problems)
        front |= render_lineage(job, made.lineage_key, lambda: lineage_cards(job, plan, made))
        front |= render_reviews(
            job, made.reviews_key, reviewing, lambda: reviewed_runs(job, plan, made, reviewing)
        )
        assets = _assets(job)
        front_files = assets | {path: file for path, (_, file) in front.items()}
        files = site_files(job, known, made, runs, pages, others, front_files)
        if chosen.left_out:
            remove_others(job.place.staging, files.after)
        written = _put_in_place(job, files, attic)
        remember(
            job,
            made,
            pages,
            experiments,
            front,
            assets,
            size_bytes=files.size_bytes,
            scanned_ns=found.scanned_ns,
            asked=_asked(roots, settings, base_annotations),
            experiment_files=found.experiments,
        )
        scan = _scan(job, found, made, outer, files)
        identity = keep_scan(str(directory), scan)
    by_run = all_problems(job, made, found.settled)
    every = [*problems, *(problem for one in by_run for problem in one.problems)]
    errors = sum(problem.severity == "error" for problem in every)
    return BuildResult(
        output=typed,
        run_counts=made.run_counts(),
        site_problems=(*flat(typed_problems(specs, all_names)), *reviewing.problems),
        left_out=chosen.left_out,
        shown_paths={one.run_id: one.shown_path for one in by_run},
        problems={one.run_id: one.problems for one in by_run},
        problem_errors=errors,
        problem_warnings=len(every) - errors,
        has_lost=any(one.built.lost for one in made.members if one.built),
        reasons=dict(made.reasons),
        rendered=tuple(job.rendered),
        written=written,
        cache=directory,
        scan=(scan.name, identity, found.scanned_ns) if identity else None,
        seconds=time.perf_counter() - started,
    )


def _made(
    job: Job, plan: SitePlan, found: Found, specs: Mapping[str, ExperimentSpec]
) -> tuple[Membership, RunPages]:
    """All runs, and the pages of those that changed.

    A run whose page cannot be rendered, since its process dies, is derived again without its
    parts; so is nothing else, but pages that show it change with it.
    """
    lost: dict[str, dict[Group, str]] = {}
    for _ in range(2):
        made = make_members(job, plan, specs, found.known.experiments, lost, found.settled)
        _check_names(made.names())
        pages, dead = render_runs(
            job, made.built(), made.experiments, made.relations, made.latest_year
        )
        if not dead:
            return made, pages
        lost = {run_id: dict.fromkeys(GROUPS, reason) for run_id, reason in dead.items()}
    raise TaskError(f"no page of {', '.join(sorted(lost))}: the process that rendered it died")


def _asked(roots: Sequence[Path], settings: Settings, base: Base | None) -> str:
    """What the next build may take as settled; nothing of a site of some runs, or against a base,
    which any page may speak of.
    """
    if settings.select is not None or base is not None:
        return ""
    return question(roots, settings.annotations_dir)


def _scan(
    job: Job, found: Found, made: Membership, outer: Sequence[BundleFile], files: SiteFiles
) -> Scan:
    """What the next build needs to tell that nothing changed."""
    if found.settled is not None:
        member_by_order = {one.order: one for one in made.members}
        return edited_scan(
            job.place.output,
            found.settled.look,
            {order: member_by_order[order] for order in found.settled.changed},
            files,
            found.scanned_ns,
        )
    return new_scan(
        job.place.output,
        job.place.cache,
        outer=outer,
        digests=found.digests,
        members=made.members,
        same=found.same,
        look=found.known.look,
        files=files,
        scanned_ns=found.scanned_ns,
    )


def _put_in_place(job: Job, files: SiteFiles, attic: Path | None) -> Written:
    """What was staged, put in place; nothing is touched if there is nothing to do."""
    staging, output, cache = job.place.staging, job.place.output, job.place.cache
    is_same = files.last is not None and not files.changed and not files.removed
    if is_same and not staged_files(staging):
        return unchanged(output, files)
    forget_state(Cache(cache), output)  # until it is true again
    forget(str(cache), scan_name(str(output)))
    return publish(staging, output, files, attic=attic)


def _check_names(names: Sequence[str]) -> None:
    """Nothing, if no two experiments share a page.

    Raises:
        SitegenError: if they do; 40 bits of SHA-256 do not agree by chance.
    """
    name_by_path: dict[str, str] = {}
    for name in names:
        path = experiment_page(name)
        other = name_by_path.setdefault(path, name)
        if other != name:
            raise SitegenError(
                f"the experiments “{other}” and “{name}” have names of one digest",
                path=path,
                hint="Give one of them another name.",
            )


def _job(
    settings: Settings,
    theme: Theme,
    base: str,
    prices: PriceTable,
    last: LastBuild,
    cache: Path,
    staging: Path,
    output: Path,
    progress: Progress,
    workers: int | None,
    compiled: Path | None,
    pool: Pool,
    reviewing: Reviewing,
) -> Job:
    site = Site(
        title=settings.title,
        description=settings.description,
        is_indexed=settings.is_indexed,
        assets=asset_links(theme),
        repository=repository_of(
            settings.repository,
            settings.repository_path,
            settings.branch,
            has_own_folders=settings.annotations_dir is not None,
        ),
    )
    return Job(
        place=Workplace(
            cache=cache,
            base=base,
            limits=settings.limits,
            prices=prices,
            staging=staging / "site",
            output=output,
            annotations_dir=settings.annotations_dir,
        ),
        site=site,
        theme=theme,
        templates=Templates(
            directories=theme.directories,
            compiled=compiled / code_key() if compiled else None,
        ),
        theme_key=pages_key(site, theme.templates_digest()),
        last=last,
        progress=progress,
        workers=workers,
        pool=pool,
        reviewing=reviewing,
    )


def _assets(job: Job) -> dict[str, OutputFile]:
    """The theme's files by path, staged where the output lacks them."""
    found = {}
    contents = [(asset.path, asset.content) for asset in job.theme.assets()]
    for path, content in (*contents, (".nojekyll", b"")):
        file = job.last.state.assets.get(path)
        is_there = file is not None and has_files(job.place.output, {path: file})
        found[path] = (
            file if is_there and file is not None else write_file(job.place.staging, path, content)
        )
    return found

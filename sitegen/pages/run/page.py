"""A run's page: its header, its tabs and what belongs to none of them. Floor 4."""

from __future__ import annotations

from collections.abc import Mapping

from sitegen import units
from sitegen.bundle.paths import sha10
from sitegen.derive.annotations import ResolvedAnnotations
from sitegen.derive.evals.comparison import EvalComparison
from sitegen.derive.run_facts import RunFacts, all_metrics
from sitegen.derive.since import marked
from sitegen.model import Goal, Manifest, MetricTarget
from sitegen.pages.frame import PageFrame, PageLink, Site, page_frame
from sitegen.pages.links import (
    INDEX,
    compare_url,
    experiment_page,
    root_of,
    run_page,
    run_report,
    state_hash,
)
from sitegen.pages.parts import (
    Fact,
    ProblemRow,
    Text,
    duration_part,
    problem_counts,
    problem_rows,
    time_part,
)
from sitegen.pages.run.annotations import AnnotationView, annotation_views, removed_views
from sitegen.pages.run.attachments_tab import AttachmentsTab, attachments_tab
from sitegen.pages.run.evals_tab import EvalsTab, evals_tab
from sitegen.pages.run.metrics_tab import MetricsTab, metric_alerts, metrics_tab
from sitegen.pages.run.overview import Overview, overview
from sitegen.pages.run.overview_facts import commit_parts
from sitegen.pages.run.said import (
    MOST_ANNOTATIONS,
    aggregate_lines,
    annotate_facts,
    annotations_foot,
    said_files,
    since_links,
)
from sitegen.pages.run.surroundings import RunLink, Surroundings
from sitegen.pages.run.traces_tab import TracesTab, traces_tab
from sitegen.pages.run.unread import told
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TabLink:
    """A tab of the page."""

    name: str
    """Its name in the URL."""
    label: str
    """Its title."""
    count: str | None
    """How many things it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """The context of pages/run.html."""

    page: PageFrame
    """The frame."""
    slug: str
    """Safe name of the run, first part of the keys of its data."""
    run_id: str
    """Id of the run."""
    status: str
    """How it ended."""
    tags: tuple[str, ...]
    """Labels."""
    facts: tuple[Fact, ...]
    """The line under the title."""
    is_best: bool
    """Whether it is the best of its experiment."""
    is_baseline: bool
    """Whether it is the baseline of its experiment."""
    compare: PageLink | None
    """Where it is held against the baseline."""
    previous: PageLink | None
    """The next older run."""
    next: PageLink | None
    """The next newer run."""
    tabs: tuple[TabLink, ...]
    """The five tabs, and Problems if there are any."""
    overview: Overview
    """Overview tab."""
    metrics_tab: MetricsTab
    """Metrics tab."""
    traces_tab: TracesTab
    """Traces tab."""
    evals_tab: EvalsTab
    """Evals tab."""
    attachments_tab: AttachmentsTab
    """Attachments tab."""
    annotations: tuple[AnnotationView, ...]
    """At most `MOST_ANNOTATIONS` of the run, newest first."""
    annotations_foot: PageLink | None
    """What is left out, and the page that has it; None if nothing is."""
    annotation_lines: tuple[str, ...]
    """Aggregates: `helpful: 3 yes, 1 no`."""
    annotations_since: tuple[PageLink, ...]
    """`2 new`, `1 removed since main`, those that are there as links; empty without a base."""
    annotations_removed: tuple[AnnotationView, ...]
    """At most `MOST_ANNOTATIONS` of those that only the base has, newest first."""
    problems: tuple[ProblemRow, ...]
    """Problems of the run."""
    problems_summary: str
    """`1 error, 3 warnings`."""
    problems_left_out: int
    """Problems beyond the limit."""


def run_context(
    site: Site,
    facts: RunFacts,
    surroundings: Surroundings,
    annotations: ResolvedAnnotations,
    *,
    slug: str,
    relative: str = "",
    comparison: tuple[EvalComparison, ...] = (),
) -> RunPage:
    """The page of the run that *facts* describe, among its *surroundings*.

    *comparison* holds its evals against those of the experiment's baseline; *relative* is
    the bundle below the RUNS argument.
    """
    manifest = facts.manifest.manifest
    annotations = marked(
        annotations,
        surroundings.since,
        facts.traces.anchors | facts.evals.anchors | facts.metrics.anchors,
    )
    path = run_page(manifest.id)
    root = root_of(path)
    sidecars = site.sidecar_folder(relative, manifest.id)
    errors = sum(problem.severity == "error" for problem in facts.problems)
    latest_ns = manifest.ended_at_ns or manifest.started_at_ns or manifest.created_at_ns
    summary = units.isolated(surroundings.experiment)
    if latest_ns:
        summary = f"{summary} · {units.date_text(latest_ns)}"
    return RunPage(
        page=page_frame(
            site,
            kind="run",
            path=path,
            title=manifest.name,
            breadcrumb=(
                PageLink(label=site.title, url=root + INDEX),
                PageLink(
                    label=surroundings.experiment,
                    url=root + experiment_page(surroundings.experiment),
                ),
                PageLink(label=manifest.name, url=None),
            ),
            digest=facts.input_digest,
            summary=summary,
            report=run_report(manifest.id),
            problems_url="#tab=problems" if facts.problems else "#tab=overview",
            problems_count=facts.problem_count,
            files={f"{slug}/{file.name}": file.file for file in facts.data_files()}
            | said_files(surroundings),
            has_charts=bool(facts.metrics.files) or facts.attachments.has_figures,
            annotate=annotate_facts(sidecars, surroundings, annotations, root),
        ),
        slug=slug,
        run_id=manifest.id,
        status=manifest.status,
        tags=manifest.tags,
        facts=_facts(manifest, facts, surroundings, root),
        is_best=surroundings.is_best,
        is_baseline=surroundings.is_baseline,
        compare=_compare_link(surroundings, slug, root),
        previous=_link(surroundings.previous, root),
        next=_link(surroundings.next, root),
        tabs=_tabs(facts),
        overview=overview(facts, surroundings, comparison, root=root),
        metrics_tab=told(
            _metrics(facts, surroundings, annotations, slug), "metrics", facts.problems
        ),
        traces_tab=told(
            traces_tab(
                facts.traces,
                slug=slug,
                annotations=annotations,
                sample_by_trace=sample_by_trace(facts),
                sample_traces=_sample_traces(facts),
                root=root,
            ),
            "traces",
            facts.problems,
        ),
        evals_tab=told(
            evals_tab(facts.evals, slug=slug, annotations=annotations, root=root),
            "evals",
            facts.problems,
        ),
        attachments_tab=told(
            attachments_tab(facts.attachments, slug=slug, root=root), "attachments", facts.problems
        ),
        annotations=annotation_views(annotations, sidecars, MOST_ANNOTATIONS),
        annotations_foot=annotations_foot(manifest.id, annotations, root),
        annotation_lines=tuple(aggregate_lines(annotations)),
        annotations_since=since_links(manifest.id, annotations, surroundings.since, root),
        annotations_removed=removed_views(annotations, MOST_ANNOTATIONS),
        problems=problem_rows(facts.problems),
        problems_summary=problem_counts(errors, len(facts.problems) - errors),
        problems_left_out=facts.problem_count - len(facts.problems),
    )


def _link(link: RunLink | None, root: str) -> PageLink | None:
    return PageLink(label=link.name, url=root + link.path) if link else None


def _tabs(facts: RunFacts) -> tuple[TabLink, ...]:
    tabs = [
        TabLink(name="overview", label="Overview", count=None),
        TabLink(name="metrics", label="Metrics", count=units.count_text(len(all_metrics(facts)))),
        TabLink(name="traces", label="Traces", count=units.count_text(facts.traces.count)),
        TabLink(name="evals", label="Evals", count=units.count_text(len(facts.evals.evals))),
        TabLink(
            name="attachments",
            label="Attachments",
            count=units.count_text(facts.attachments.count),
        ),
    ]
    if facts.problem_count:
        count = units.count_text(facts.problem_count)
        tabs.append(TabLink(name="problems", label="Problems", count=count))
    return tuple(tabs)


def _compare_link(surroundings: Surroundings, slug: str, root: str) -> PageLink | None:
    """Where the run is held against its experiment's baseline."""
    if surroundings.baseline is None:
        return None
    url = compare_url((sha10(surroundings.baseline.id), slug[-10:]))
    return PageLink(label="Compare with baseline", url=root + url)


def _facts(
    manifest: Manifest, facts: RunFacts, surroundings: Surroundings, root: str
) -> tuple[Fact, ...]:
    """Start, duration, user, commit, baseline; what is missing is left out."""
    found: list[Fact] = []
    started = time_part(manifest.started_at_ns or manifest.created_at_ns)
    if started:
        found.append(Fact(parts=(started,)))
    if manifest.started_at_ns is not None and manifest.ended_at_ns is not None:
        duration = duration_part(manifest.ended_at_ns - manifest.started_at_ns)
        found.append(Fact(parts=(duration,) if duration else ()))
    elif manifest.status == "running" and facts.metrics.last_time_us is not None:
        last = time_part(facts.metrics.last_time_us * 1000)
        found.append(Fact(label="last record", parts=(last,) if last else ()))
    if manifest.user:
        found.append(Fact(parts=(Text(text=manifest.user),)))
    if manifest.source.commit:
        found.append(Fact(parts=commit_parts(manifest, length=7)))
    if surroundings.baseline:
        baseline = surroundings.baseline
        found.append(
            Fact(label="baseline", parts=(Text(text=baseline.name, url=root + baseline.path),))
        )
    traces = facts.traces
    if traces.count:
        text = f"{units.plural(traces.count, 'trace')} · {units.plural(traces.span_count, 'span')}"
        if traces.error_count:
            text += f" · {units.plural(traces.error_count, 'error')}"
        found.append(Fact(parts=(Text(text=text),)))
    tokens = (traces.input_tokens or 0) + (traces.output_tokens or 0)
    if tokens:
        found.append(
            Fact(
                parts=(
                    Text(
                        text=f"{units.short_count_text(tokens)} tokens", title=f"{tokens:,} tokens"
                    ),
                )
            )
        )
    if traces.cost_usd is not None:
        found.append(Fact(parts=(Text(text=f"{units.money_text(traces.cost_usd)} recorded"),)))
    if traces.estimated_cost_usd is not None:
        money = units.money_text(traces.estimated_cost_usd)
        title = f"estimated with {traces.price_source}"
        found.append(Fact(parts=(Text(text=f"≈ {money} estimated", title=title),)))
    if manifest.error:
        message = manifest.error.type or "error"
        found.append(Fact(parts=(Text(text=message, tone="bad"),)))
    return tuple(found)


def _metrics(
    facts: RunFacts,
    surroundings: Surroundings,
    annotations: ResolvedAnnotations,
    slug: str,
) -> MetricsTab:
    manifest = facts.manifest.manifest
    goals: dict[str, Goal] = {}
    if surroundings.objective and surroundings.goal:
        goals[surroundings.objective] = surroundings.goal
    steps: dict[str, list[int]] = {}
    for one in annotations.annotations:
        target = one.annotation.target
        if isinstance(target, MetricTarget):
            steps.setdefault(target.name, []).append(target.step)
    return metrics_tab(
        all_metrics(facts),
        specs=manifest.metric_specs,
        goals=goals,
        alerts=metric_alerts(facts.metrics.alerts),
        annotated_steps=steps,
        run_slug=slug,
        started_at_ns=manifest.started_at_ns,
    )


def sample_by_trace(facts: RunFacts) -> Mapping[str, tuple[str, str]]:
    """Label and address of the sample that a trace was recorded for, by trace id."""
    found: dict[str, tuple[str, str]] = {}
    for one in facts.evals.evals:
        for row in one.rows:
            href = state_hash(tab="evals", eval=one.name, sample=row.id, epoch=row.epoch)
            for trace_id in row.trace_ids:
                found.setdefault(trace_id, (row.id, href))
    return found


def _sample_traces(facts: RunFacts) -> tuple[str, ...]:
    """Data files with samples of traces that the page does not hold."""
    return tuple(
        one.traces_file.name
        for one in facts.evals.evals
        if one.traces_file is not None and one.samples > len(one.rows)
    )

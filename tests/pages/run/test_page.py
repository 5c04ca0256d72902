from __future__ import annotations

from pathlib import Path
from typing import Any

from sitegen.build.parts import DerivedRun, derive_run
from sitegen.build.plan import plan_runs
from sitegen.bundle.limits import Limits
from sitegen.bundle.paths import slug
from sitegen.derive.card import derive_card
from sitegen.derive.experiment import derive_experiments
from sitegen.pages.run.page import RunPage, run_context
from sitegen.pages.run.surroundings import RunLink, SharedRuns, all_surroundings
from sitegen.read.experiments import ExperimentSpec
from tests.factories import (
    MemorySink,
    sample_document,
    span_document,
    write_eval,
    write_full_run,
    write_metrics,
    write_run,
    write_run_text,
    write_trace,
)
from tests.pages.site.test_index import SITE

LIMITS = Limits()


def pages_of(root: Path, **spec: Any) -> dict[str, RunPage]:
    """The page of every run below *root* by id; *spec* describes the experiment `runs`."""
    derived: list[DerivedRun] = [
        derive_run(plan, LIMITS, MemorySink(), annotations_dir=None, is_shared=False)
        for plan in plan_runs([root], [], LIMITS, lambda: None)
    ]
    cards = [
        derive_card(one.facts, one.annotations.counts, is_readable=one.is_readable)
        for one in derived
    ]
    specs = {"runs": ExperimentSpec(name="runs", **spec)}
    surroundings = all_surroundings(derive_experiments(cards, specs), 2026)
    return {
        card.id: run_context(
            SITE, one.facts, surroundings[card.id], one.annotations, slug=card.slug
        )
        for card, one in zip(cards, derived, strict=True)
    }


def page_of(root: Path, **spec: Any) -> RunPage:
    (page,) = pages_of(root, **spec).values()
    return page


def line(page: RunPage) -> list[str]:
    """The facts under the title as a person reads them."""
    return [
        " ".join([*([fact.label] if fact.label else []), *(part.text for part in fact.parts)])
        for fact in page.facts
    ]


def test_a_run_has_five_tabs_with_counts(tmp_path: Path) -> None:
    write_full_run(tmp_path / "runs" / "a")

    page = page_of(tmp_path / "runs")

    assert [(tab.name, tab.count) for tab in page.tabs] == [
        ("overview", None), ("metrics", "4"), ("traces", "1"), ("evals", "1"), ("attachments", "12")
    ]  # fmt: skip
    assert (page.page.title, page.status, page.tags) == ("a", "completed", ("candidate", "small"))
    assert page.page.breadcrumb[1].url is not None
    assert page.page.breadcrumb[1].url.startswith("../experiments/runs-")
    assert all(key.startswith(f"{page.slug}/") for key in page.page.files)
    assert page.problems == ()
    assert page.annotation_lines == ("answer: 1 expectation, not met", "helpful: 2 yes, 1 no")
    assert len(page.annotations) == 4


def test_problems_are_a_sixth_tab(tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a", status="done", started_at="then")

    page = page_of(tmp_path / "runs")

    assert (page.tabs[-1].name, page.tabs[-1].count) == ("problems", "2")
    assert page.problems_summary == "2 errors"
    assert page.page.footer.problems_url == "#tab=problems"
    assert page.problems_left_out == 0


def test_a_run_with_nothing_in_it_has_a_page(tmp_path: Path) -> None:
    write_run_text(tmp_path / "runs" / "a", "{}")

    page = page_of(tmp_path / "runs")

    assert [tab.count for tab in page.tabs] == [None, "0", "0", "0", "0"]
    assert page.facts == ()
    assert page.page.plotly_url is None
    assert page.page.footer.summary == "runs"


def test_the_line_under_the_title_tells_start_duration_user_and_commit(tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")

    facts = line(page_of(tmp_path / "runs"))

    assert facts[:3] == ["17 Nov 2026, 14:31 UTC", "36\u00a0min\u00a052\u00a0s", "maria"]
    assert any("e68d4dd" in fact for fact in facts)


def test_a_run_without_an_end_tells_its_last_record(tmp_path: Path) -> None:
    bundle = write_run(tmp_path / "runs" / "a", status="running", ended_at=None, user=None)
    write_metrics(bundle, loss=[1.0, 0.5])

    assert line(page_of(tmp_path / "runs"))[1] == "last record 17 Nov 2026, 14:31 UTC"


def test_a_duration_of_zero_is_a_duration(tmp_path: Path) -> None:
    time = "2026-11-17T14:31:04Z"
    write_run(tmp_path / "runs" / "a", started_at=time, ended_at=time)

    assert "0\u00a0s" in line(page_of(tmp_path / "runs"))


def test_traces_tell_their_errors_and_tokens(tmp_path: Path) -> None:
    bundle = write_run(tmp_path / "runs" / "a")
    write_trace(bundle)

    facts = line(page_of(tmp_path / "runs"))

    assert "1 trace · 2 spans · 1 error" in facts
    assert "256 tokens" in facts or "128 tokens" in facts


def test_a_failed_run_tells_the_class_of_its_error(tmp_path: Path) -> None:
    write_run(
        tmp_path / "runs" / "a", status="failed",
        error={"type": "ValueError", "message": "no", "traceback": "Traceback"},
    )  # fmt: skip

    assert "ValueError" in line(page_of(tmp_path / "runs"))


def test_a_run_that_cannot_be_read_has_a_page_with_the_error(tmp_path: Path) -> None:
    write_run_text(tmp_path / "runs" / "a", "{")

    page = page_of(tmp_path / "runs")

    assert (page.status, page.page.title) == ("failed", "a")
    assert page.problems[0].code == "run-unreadable"
    assert page.problems[0].where == "run.json:1"


def test_neighbours_are_the_older_and_the_newer_run(tmp_path: Path) -> None:
    for day in (1, 2, 3):
        write_run(tmp_path / "runs" / f"r{day}", ended_at=f"2026-11-0{day}T10:00:00Z",
                  started_at=f"2026-11-0{day}T09:00:00Z", created_at=None)  # fmt: skip

    pages = pages_of(tmp_path / "runs")

    middle = pages["r2"]
    assert middle.previous is not None
    assert middle.next is not None
    assert (middle.previous.label, middle.next.label) == ("r1", "r3")
    assert middle.previous.url == f"../runs/{slug('r1')}.html"
    assert pages["r1"].previous is None
    assert pages["r3"].next is None


def test_the_best_run_and_the_baseline_are_marked(tmp_path: Path) -> None:
    for name, low in [("a", 0.5), ("b", 0.1)]:
        bundle = write_run(tmp_path / "runs" / name, metrics={"loss": {"goal": "minimize"}})
        write_metrics(bundle, loss=[1.0, low])

    pages = pages_of(tmp_path / "runs", baseline="a")

    assert [(page.is_best, page.is_baseline) for page in pages.values()] == [
        (False, True), (True, False)
    ]  # fmt: skip
    assert "baseline a" in line(pages["b"])


def test_children_and_shared_data_are_found_across_experiments(tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a", parent=None)
    write_run(tmp_path / "other" / "b", parent="runs/a")
    plans = plan_runs([tmp_path], [], LIMITS, lambda: None)
    derived = [
        derive_run(plan, LIMITS, MemorySink(), annotations_dir=None, is_shared=False)
        for plan in plans
    ]
    cards = [derive_card(one.facts, one.annotations.counts, is_readable=True) for one in derived]

    found = all_surroundings(derive_experiments(cards, {}), 2026)

    link = RunLink(
        id="other/b", name="b", experiment="other", status="completed",
        path=f"runs/{slug('other/b')}.html",
    )  # fmt: skip
    assert found["runs/a"].children == (link,)
    shared = SharedRuns(count=1, first=(link,))
    assert found["runs/a"].shared_datasets == {"sha256:8099aae93d6d41ba": shared}
    assert found["runs/a"].shared_models == {"sha256:0011223344556677": shared}
    assert found["other/b"].parent is not None
    assert found["other/b"].parent.id == "runs/a"


def test_a_run_that_names_itself_as_parent_has_none(tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a", id="self", parent="self")
    (plan,) = plan_runs([tmp_path], [], LIMITS, lambda: None)
    run = derive_run(plan, LIMITS, MemorySink(), annotations_dir=None, is_shared=False)
    card = derive_card(run.facts, run.annotations.counts, is_readable=True)

    found = all_surroundings(derive_experiments([card], {}), 2026)["self"]

    assert (found.parent, found.children) == (None, ())


def test_a_trace_leads_to_its_sample(tmp_path: Path) -> None:
    from sitegen.pages.run.page import sample_by_trace

    bundle = write_run(tmp_path / "runs" / "a")
    write_trace(bundle, [span_document()])
    write_eval(bundle, [sample_document(id="q 1")])
    (plan,) = plan_runs([tmp_path / "runs"], [], LIMITS, lambda: None)
    run = derive_run(plan, LIMITS, MemorySink(), annotations_dir=None, is_shared=False)

    found = sample_by_trace(run.facts)

    assert list(found.values()) == [("q 1", "#tab=evals&eval=qa&sample=q%201&epoch=1")]

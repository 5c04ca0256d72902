"""Facts of several runs side by side, as the server writes them."""

from __future__ import annotations

from typing import Any

from sitegen.derive.compared_run import ComparedRun, MetricValues, ScorerValues
from sitegen.pages.compare.rows import (
    ComparisonSection,
    comparison_sections,
    sectioned_markdown,
)


def run(name: str, **fields: Any) -> ComparedRun:
    base: dict[str, Any] = {
        "id": name, "slug": name, "name": name, "experiment": "e", "status": "completed",
        "facts": {}, "params": {}, "metrics": {}, "scorers": (), "source": {}, "environment": {},
        "packages": {}, "datasets": (), "models": (), "traces": {}, "attachments": (), "evals": {},
        "files": {}, "left_out": {}, "traced": (), "trace_starts": (),
        "sample_traces": (),
    }  # fmt: skip
    return ComparedRun(**(base | fields))


def loss(last: float | str, low: float | None = None) -> dict[str, MetricValues]:
    values = MetricValues(
        last=last, min=low, max=None, best=low, step=1, goal="minimize", unit=None,
        count=2 if low is not None else 0, series=None,
    )  # fmt: skip
    return {"loss": values}


def section(title: str, *runs: ComparedRun) -> ComparisonSection:
    (found,) = (one for one in comparison_sections(runs) if one.title == title)
    return found


def test_params_that_differ_come_first_and_the_same_ones_apart() -> None:
    found = section(
        "Params", run("a", params={"lr": "0.1", "seed": "0"}), run("b", params={"seed": "0"})
    )

    assert found.note == "1 of 2 differ"
    assert [row.name for row in found.rows] == ["lr"]
    assert [cell.text for cell in found.rows[0].cells] == ["0.1", None]
    assert [row.name for row in found.same] == ["seed"]


def test_a_value_is_the_best_by_its_goal_with_its_difference_to_the_first_run() -> None:
    found = section("Metrics", run("a", metrics=loss(9.0, 0.5)), run("b", metrics=loss(9.0, 0.75)))

    (row,) = found.rows
    assert [cell.text for cell in row.cells] == ["0.50", "0.75"]
    assert (row.cells[1].change, row.cells[1].tone) == ("▼ +0.25", "bad")


def test_a_value_that_is_not_finite_has_no_difference() -> None:
    found = section("Metrics", run("a", metrics=loss("NaN")), run("b", metrics=loss(1.0)))

    assert [cell.text for cell in found.rows[0].cells] == ["NaN", "1"]
    assert [cell.change for cell in found.rows[0].cells] == ["", ""]


def test_means_of_shares_differ_by_points_and_claim_nothing() -> None:
    def scored(mean: float) -> tuple[ScorerValues, ...]:
        return (
            ScorerValues(
                eval="qa", scorer="ok", kind="boolean", n=10, total=10, mean=mean, ci_low=None,
                ci_high=None, goal=None,
            ),
        )  # fmt: skip

    found = section("Evals", run("a", scorers=scored(0.5)), run("b", scorers=scored(0.6)))

    assert found.rows[0].name == "qa ok"
    assert (found.rows[0].cells[1].change, found.rows[0].cells[1].tone) == (
        "+10.0\N{NO-BREAK SPACE}pts", "muted"
    )  # fmt: skip


def test_data_sets_of_one_name_differ_by_their_digest() -> None:
    runs = [
        run(name, datasets=({"name": "digits", "split": "train", "digest": digest, "rows": 1200},))
        for name, digest in (("a", "sha256:1"), ("b", "sha256:2"))
    ]

    found = section("Data sets", *runs)

    assert found.rows[0].name == "digits train"
    assert [cell.text for cell in found.rows[0].cells] == [
        "sha256:1 · 1,200 rows", "sha256:2 · 1,200 rows"
    ]  # fmt: skip


def test_no_text_ends_a_cell_of_the_markdown_table() -> None:
    runs = [
        run("a|<b>", params={"p": '"x|`y`"'}, metrics=loss(1.0)),
        run("c", params={"p": "2"}, metrics=loss(0.5)),
    ]

    text = sectioned_markdown(runs, comparison_sections(runs))

    assert text.splitlines()[:4] == [
        r"| | a\|\<b\> (baseline) | c |",
        "| :-- | --: | --: |",
        r'| `p` | `` "x\|`y`" `` | `2` |',
        "| `loss` ↓ | 1.0 | 0.5 (▲ −0.5) |",
    ]

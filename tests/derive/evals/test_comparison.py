"""Two runs by their evals: who is paired, and numbers equal to an independent computation."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.derive.evals.comparison import EvalComparison, compare_evals
from sitegen.derive.evals.part import EvalsFacts, derive_evals
from sitegen.read.evals import read_evals
from tests.factories import SAMPLE_RUNS, MemorySink

KEY = (1, 2)
Lines = list[Mapping[str, Any]]


def facts_of(root: Path, lines: Lines, meta: Mapping[str, Any] | None = None) -> EvalsFacts:
    folder = root / "evals"
    folder.mkdir(parents=True)
    (folder / "e.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    files = ["evals/e.jsonl"]
    if meta is not None:
        (folder / "e.meta.json").write_text(json.dumps(meta))
        files.append("evals/e.meta.json")
    return read_facts(root, files)


def read_facts(root: Path, files: list[str]) -> EvalsFacts:
    problems: list[Any] = []
    evals = read_evals(root, files, DEFAULT_LIMITS, problems.append)
    return derive_evals(evals, sink=MemorySink(), report=problems.append)


def compared(
    tmp_path: Path, a: Lines, b: Lines, meta: Mapping[str, Any] | None = None
) -> EvalComparison:
    (found,) = compare_evals(
        facts_of(tmp_path / "a", a, meta), facts_of(tmp_path / "b", b, meta), KEY
    )
    return found


def sample(id: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"id": id, "scores": {"s": value}, **more}


def test_samples_are_paired_by_id_whatever_their_order(tmp_path: Path) -> None:
    a = [sample("x", True), sample("y", True), sample("z", False), sample("only", True)]
    b = [sample("z", True), sample("new", True), sample("y", False), sample("x", True)]

    found = compared(tmp_path, a, b)

    assert (found.matched, found.only_a, found.only_b) == (3, 1, 1)
    (one,) = found.scorers
    assert (one.difference.n, one.better, one.worse) == (3, 1, 1)
    assert one.difference.difference == 0
    assert [change.id for change in one.worst] == ["y"]


def test_epochs_and_duplicates_are_averaged_within_the_sample(tmp_path: Path) -> None:
    a = [sample("x", 1), sample("x", 2, epoch=2), sample("y", 3)]
    b = [sample("x", 4), sample("x", 5), sample("y", 3)]

    (one,) = compared(tmp_path, a, b).scorers

    assert (one.difference.n, one.difference.difference) == (2, 1.5)
    assert (one.difference.mean_a, one.difference.mean_b) == (2.25, 3.75)


def test_errors_missing_and_non_finite_scores_leave_their_pair_out(tmp_path: Path) -> None:
    a = [sample(name, 1.0) for name in "abcdef"]
    b = [
        sample("a", 2.0),
        sample("b", 2.0, error="timeout"),
        sample("c", None),
        sample("d", "NaN"),
        {"id": "e", "scores": {}},
        sample("f", {"value": 2.0, "error": "judge failed"}),
    ]

    found = compared(tmp_path, a, b)

    assert found.matched == 6
    (one,) = found.scorers
    assert (one.difference.n, one.lost, one.gained, one.unscored) == (1, 5, 0, 0)
    assert one.failed_difference is None


def test_what_the_unscored_could_change_is_computed_for_booleans(tmp_path: Path) -> None:
    a = [sample("a", True), sample("b", True), sample("c", False), sample("d", True)]
    b = [sample("a", True), sample("b", None), sample("c", True), {"id": "d", "error": "late"}]

    (one,) = compared(tmp_path, a, b).scorers

    assert (one.difference.n, one.difference.difference) == (2, 0.5)
    assert (one.lost, one.gained, one.unscored, one.failed_difference) == (2, 0, 0, 2 / 4 - 3 / 4)


def test_a_goal_to_minimise_turns_better_and_worse(tmp_path: Path) -> None:
    a, b = [sample("x", 1.0), sample("y", 1.0)], [sample("x", 2.0), sample("y", 1.0)]

    (one,) = compared(tmp_path, a, b, {"scorers": {"s": {"goal": "minimize"}}}).scorers

    assert (one.better, one.worse) == (0, 1)
    assert [change.id for change in one.worst] == ["x"]


def test_without_a_goal_nothing_is_better_or_worse(tmp_path: Path) -> None:
    (one,) = compared(tmp_path, [sample("x", 1.0)], [sample("x", 2.0)]).scorers

    assert (one.goal, one.better, one.worse, one.worst) == (None, 0, 0, ())


def test_clusters_are_those_of_the_first_run_else_of_the_second(tmp_path: Path) -> None:
    a = [sample("v", True, cluster="p"), sample("w", True, cluster="p"), sample("x", True)]
    b = [sample("v", False), sample("w", False), sample("x", True, cluster="q")]
    a, b = [*a, sample("y", True)], [*b, sample("y", True, cluster="q")]

    (one,) = compared(tmp_path, a, b).scorers

    assert (one.difference.n, one.difference.clusters) == (4, 2)
    assert one.difference.test == "sign flip, exact, clustered"


def test_labels_and_mixed_values_are_not_compared(tmp_path: Path) -> None:
    found = compared(tmp_path, [sample("x", "A"), sample("y", 1)], [sample("x", 1), sample("y", 2)])

    assert found.scorers == ()


def test_runs_that_share_no_sample_are_compared_unpaired(tmp_path: Path) -> None:
    a = [sample(f"a{i}", float(i)) for i in range(8)]
    b = [sample(f"b{i}", float(i + 2)) for i in range(8)]

    found = compared(tmp_path, a, b)

    (one,) = found.scorers
    assert (found.matched, one.difference.n, one.difference.test) == (0, 0, "Welch t")
    assert one.difference.p == pytest.approx(
        stats.ttest_ind(range(2, 10), range(8), equal_var=False).pvalue
    )


@pytest.mark.parametrize("lines", [[], [sample("x", True)], [sample("x", None, error="boom")]])
def test_none_one_and_only_failed_samples_are_compared_without_a_claim(
    tmp_path: Path, lines: Lines
) -> None:
    found = compared(tmp_path, lines, lines)

    assert found.matched == len(lines)
    assert [one.difference.ci_low for one in found.scorers] == [None] * len(found.scorers)


def independent(a: Path, b: Path, scorer: str) -> dict[str, Any]:
    """The same numbers from the files with the standard library and scipy alone."""

    def means(path: Path) -> tuple[dict[str, float], dict[str, str]]:
        values, clusters = defaultdict(list), {}
        for line in path.read_text(encoding="utf-8").splitlines():
            one = json.loads(line)
            score = one["scores"].get(scorer)
            score = score.get("value") if isinstance(score, dict) else score
            if "cluster" in one:
                clusters.setdefault(str(one["id"]), str(one["cluster"]))
            if score is not None and not one.get("error"):
                values[str(one["id"])].append(float(score))
        return {id: math.fsum(v) / len(v) for id, v in values.items()}, clusters

    (of_a, clusters), (of_b, _) = means(a), means(b)
    ids = [id for id in of_a if id in of_b]
    changes = np.array([of_b[id] - of_a[id] for id in ids])
    groups: dict[str, float] = defaultdict(float)
    for id, change in zip(ids, changes, strict=True):
        groups[clusters.get(id, f"alone {id}")] += change - changes.mean()
    count = len(groups)
    se = math.sqrt(count / (count - 1) * math.fsum(s * s for s in groups.values())) / len(ids)
    low, high = stats.t.interval(0.95, count - 1, loc=changes.mean(), scale=se) if se else (0, 0)
    raised, lowered = int((changes > 1e-12).sum()), int((changes < -1e-12).sum())
    return {"n": len(ids), "difference": changes.mean(), "se": se, "low": low, "high": high,
            "raised": raised, "lowered": lowered}  # fmt: skip


def assert_equal_to_independent(a: Path, b: Path) -> int:
    (found,) = compare_evals(*(read_facts(one.parents[1], _files(one)) for one in (a, b)), KEY)
    for one in found.scorers:
        expected = independent(a, b, one.scorer)
        difference = one.difference
        assert difference.n == expected["n"]
        assert difference.difference == pytest.approx(expected["difference"], abs=1e-12)
        assert (difference.raised, difference.lowered) == (expected["raised"], expected["lowered"])
        if expected["se"]:
            assert difference.se == pytest.approx(expected["se"], rel=1e-9)
            assert difference.ci_low == pytest.approx(expected["low"], rel=1e-9)
            assert difference.ci_high == pytest.approx(expected["high"], rel=1e-9)
    return len(found.scorers)


def _files(path: Path) -> list[str]:
    return [f"evals/{one.name}" for one in sorted(path.parent.iterdir())]


def test_the_sample_runs_give_the_numbers_of_an_independent_computation() -> None:
    paths = [
        SAMPLE_RUNS / "support-agent" / version / "evals" / "support-eval.jsonl"
        for version in ("v1", "v2")
    ]

    assert assert_equal_to_independent(*paths) == 3


def test_the_inspect_runs_give_the_numbers_of_an_independent_computation(
    shared_data: Path,
) -> None:
    paths = sorted((shared_data / "bundles/popularity").glob("*/evals/popularity.jsonl"))

    assert assert_equal_to_independent(paths[1], paths[2]) == 1

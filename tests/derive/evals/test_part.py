"""Facts of evals: denominators, uncertainty, rows, payloads, CSV, anchors."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.derive.anchors import content_digest
from sitegen.derive.columns import decode_values
from sitegen.derive.evals.part import EvalsFacts, derive_evals, fair_shares
from sitegen.derive.evals.samples import preview
from sitegen.derive.evals.scores import histogram
from sitegen.derive.sink import DataFile, PublishedFile
from sitegen.errors import Problem
from sitegen.model import Json
from sitegen.read.evals import read_evals


class KeptFiles:
    """A sink that keeps what is published."""

    def __init__(self) -> None:
        self.payloads: dict[str, Mapping[str, Json]] = {}
        self.texts: dict[str, str] = {}

    def data(self, name: str, payload: Mapping[str, Json]) -> DataFile:
        self.payloads[name] = payload
        return DataFile(name=name, file=f"data/{name}.js", size_bytes=0)

    def text(self, name: str, extension: str, pieces: Iterable[str]) -> PublishedFile:
        self.texts[name] = "".join(pieces)
        return PublishedFile(file=f"files/{name}.{extension}", size_bytes=0)

    def library(self) -> PublishedFile:
        return PublishedFile(file="assets/plotly-large.js", size_bytes=1)

    def copy(self, path: str, extension: str) -> PublishedFile:
        raise NotImplementedError


class Derived:
    """Facts of a folder of evals, with what was published and told."""

    def __init__(self, root: Path, **lines_by_name: Sequence[Mapping[str, Any]]) -> None:
        for name, lines in lines_by_name.items():
            path = root / "evals" / f"{name}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        self.sink = KeptFiles()
        self.problems: list[Problem] = []
        paths = [file.relative_to(root).as_posix() for file in (root / "evals").iterdir()]
        evals = read_evals(root, paths, DEFAULT_LIMITS, self.problems.append)
        self.facts = derive_evals(evals, sink=self.sink, report=self.problems.append)

    @property
    def one(self) -> Any:
        (one,) = self.facts.evals
        return one

    def scorer(self, name: str) -> Any:
        return next(scorer for scorer in self.one.scorers if scorer.name == name)

    def csv(self, name: str = "evals-e") -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.sink.texts[name])))


def scored(values: Iterable[Any], **more: Any) -> list[dict[str, Any]]:
    return [{"id": index, "scores": {"x": value}, **more} for index, value in enumerate(values)]


def test_errored_and_missing_samples_count_in_the_total_and_not_in_n(tmp_path: Path) -> None:
    lines = scored([True] * 6 + [False] * 2 + [None])
    lines += [
        {"id": "no-scores"}, {"id": "errored", "error": "boom", "scores": {"x": True}},
        {"id": "scorer-errored", "scores": {"x": {"value": True, "error": "judge down"}}},
    ]  # fmt: skip

    scorer = Derived(tmp_path, e=lines).scorer("x")

    assert (scorer.kind, scorer.n, scorer.total) == ("boolean", 8, 12)
    assert (scorer.missing, scorer.errors, scorer.non_finite) == (2, 2, 0)
    assert scorer.mean == 0.75
    assert (scorer.bound_low, scorer.bound_high) == (6 / 12, 10 / 12)
    assert scorer.counts == {"true": 6, "false": 2}
    expected = stats.binomtest(6, 8).proportion_ci(method="wilson")
    assert (scorer.ci_low, scorer.ci_high) == pytest.approx((expected.low, expected.high))


def test_numbers_have_a_t_interval(tmp_path: Path) -> None:
    values = [0.5, 0.25, 1.0, 0.0, 0.75, 0.9]

    scorer = Derived(tmp_path, e=scored(values)).scorer("x")

    low, high = stats.t.interval(0.95, 5, loc=np.mean(values), scale=stats.sem(values))
    assert (scorer.kind, scorer.method, scorer.df) == ("number", "t", 5)
    assert (scorer.mean, scorer.se) == pytest.approx((np.mean(values), stats.sem(values)))
    assert (scorer.ci_low, scorer.ci_high) == pytest.approx((low, high))
    assert (scorer.min, scorer.max) == (0.0, 1.0)


def test_epochs_are_clustered_by_sample(tmp_path: Path) -> None:
    lines: list[dict[str, Any]] = [
        {"id": index, "epoch": epoch, "scores": {"x": index % 3 + epoch / 10}}
        for index in range(12)
        for epoch in (1, 2, 3)
    ]
    averages = [index % 3 + 0.2 for index in range(12)]

    derived = Derived(tmp_path, e=lines)

    scorer = derived.scorer("x")
    assert (derived.one.samples, derived.one.ids, derived.one.epochs) == (36, 12, 3)
    assert (scorer.n, scorer.clusters, scorer.method) == (36, 12, "t, clustered")
    assert scorer.se == pytest.approx(stats.sem(averages))


def test_the_cluster_of_a_line_is_the_group(tmp_path: Path) -> None:
    lines = [{**line, "cluster": index // 4} for index, line in enumerate(scored(range(12)))]

    derived = Derived(tmp_path, e=lines)

    assert (derived.scorer("x").clusters, derived.one.clusters) == (3, 3)


def test_a_value_that_is_not_finite_is_in_no_mean_and_is_told(tmp_path: Path) -> None:
    scorer = Derived(tmp_path, e=scored([1.0, "NaN", 3.0, "Infinity"])).scorer("x")

    assert (scorer.kind, scorer.n, scorer.non_finite, scorer.mean) == ("number", 2, 2, 2.0)


def test_labels_have_counts_and_no_mean(tmp_path: Path) -> None:
    scorer = Derived(tmp_path, e=scored(["b", "a", "b", "c"])).scorer("x")

    assert (scorer.kind, scorer.n, scorer.mean, scorer.ci_low) == ("label", 4, None, None)
    assert list(scorer.counts.items()) == [("b", 2), ("a", 1), ("c", 1)]


def test_values_of_several_kinds_have_no_mean(tmp_path: Path) -> None:
    scorer = Derived(tmp_path, e=scored([True, 0.5, "C", "NaN"])).scorer("x")

    assert (scorer.kind, scorer.n, scorer.non_finite, scorer.mean) == ("mixed", 3, 1, None)
    assert scorer.counts == {"C": 1, "a boolean": 1, "a number": 1}


def test_a_scorer_that_appears_late_misses_the_samples_before(tmp_path: Path) -> None:
    lines: list[dict[str, Any]] = [
        {"id": 1}, {"id": 2, "error": "boom"}, {"id": 3, "scores": {"late": 1}},
    ]  # fmt: skip

    scorer = Derived(tmp_path, e=lines).scorer("late")

    assert (scorer.n, scorer.missing, scorer.errors, scorer.total) == (1, 1, 1, 3)


def test_a_scorer_that_never_scores_is_unscored(tmp_path: Path) -> None:
    scorer = Derived(tmp_path, e=scored([None, None])).scorer("x")

    assert (scorer.kind, scorer.n, scorer.missing, scorer.mean) == ("unscored", 0, 2, None)


def test_an_eval_without_samples_is_there(tmp_path: Path) -> None:
    one = Derived(tmp_path, e=[]).one

    assert (one.samples, one.ids, one.epochs, one.rows, one.scorers) == (0, 0, 0, (), ())


def test_a_sample_that_stands_twice_counts_twice_and_is_told(tmp_path: Path) -> None:
    lines = [{"id": 1, "epoch": epoch, "scores": {"x": 1}} for epoch in (1, 2, 1, 70, 70)]

    derived = Derived(tmp_path, e=lines)

    assert (derived.one.samples, derived.one.duplicates, derived.one.epochs) == (5, 2, 3)
    assert [(one.code, one.line) for one in derived.problems] == [
        ("duplicate-sample", 3), ("duplicate-sample", 5),
    ]  # fmt: skip


def test_rows_are_errors_then_the_worst_by_the_goal_then_the_unscored(tmp_path: Path) -> None:
    (tmp_path / "evals").mkdir()
    (tmp_path / "evals/e.meta.json").write_text('{"scorers": {"loss": {"goal": "minimize"}}}')
    lines: list[dict[str, Any]] = [
        {"id": "none"}, *({"id": f"l{v}", "scores": {"a": 1, "loss": v}} for v in (1, 3, 2)),
        {"id": "err", "error": "boom"},
    ]  # fmt: skip

    one = Derived(tmp_path, e=lines).one

    assert [row.id for row in one.rows] == ["err", "l3", "l2", "l1", "none"]
    assert [scorer.name for scorer in one.scorers] == ["loss", "a"]


def test_500_rows_are_shared_fairly(tmp_path: Path) -> None:
    assert fair_shares([10, 1000, 400], 500) == [10, 245, 245]
    assert fair_shares([3], 500) == [3]
    assert fair_shares([], 500) == []

    derived = Derived(tmp_path, a=scored(range(30)), b=scored(range(600)))

    a, b = derived.facts.evals
    assert (len(a.rows), len(b.rows), b.samples) == (30, 470, 600)
    assert [row.id for row in b.rows[:2]] == ["0", "1"]


def test_every_sample_is_found_in_its_chunk(tmp_path: Path) -> None:
    lines = [{"id": f"s{i}", "epoch": 1 + i % 2, "output": "x" * 9_000} for i in range(60)]

    derived = Derived(tmp_path, e=lines)

    one, payloads = derived.one, derived.sink.payloads
    assert len(one.chunk_starts) > 2
    core = payloads["evals-0-core-0"]["columns"]
    assert decode_values(core["id"], 60) == {row: line["id"] for row, line in enumerate(lines)}
    epochs = decode_values(core["epoch"], 60)
    for row in one.rows:
        sample = payloads[f"evals-0-{row.chunk}"]["samples"][row.place]
        assert (sample["id"], sample["epoch"]) == (row.id, row.epoch)
        assert one.chunk_starts[row.chunk] + row.place == row.ordinal
        assert epochs[row.ordinal] == row.epoch
    assert {file.name for file in derived.facts.files} == set(payloads)


def test_every_sample_is_a_row_of_the_columns_with_what_it_says_and_no_more(
    tmp_path: Path,
) -> None:
    lines: list[dict[str, Any]] = [
        {"id": 1, "input": "one", "scores": {"ok": True, "x": 0.5}, "metadata": {"a": {"b": 1}}},
        {"id": 2, "error": "boom", "scores": {"ok": True, "x": {"error": "no"}}, "tags": ["t"]},
        {
            "id": 3,
            "output": {"k": 1},
            "scores": {"x": "Infinity", "label": "good"},
            "unknown": [1],
            "duration_s": 0,
            "usage": {"input_tokens": 2, "output_tokens": 3},
        },
    ]

    derived = Derived(tmp_path, e=lines)

    columns = {
        name: decode_values(column, payload["n"])
        for key, payload in derived.sink.payloads.items()
        if key not in ("evals-0-0", "evals-0-compare", "evals-0-outputs-0")
        for name, column in payload["columns"].items()
    }
    assert columns == {
        "id": {0: "1", 1: "2", 2: "3"}, "epoch": {0: 1, 1: 1, 2: 1},
        "errored": {0: False, 1: True, 2: False}, "error": {1: "boom"}, "tags": {1: ["t"]},
        "scores.ok": {0: True}, "error:scores.ok": {1: True}, "scores.x": {0: 0.5, 2: math.inf},
        "error:scores.x": {1: True}, "scores.label": {2: "good"}, "input": {0: "one"},
        "output": {2: '{"k": 1}'}, "tokens": {2: 5}, "duration_s": {2: 0.0}, "metadata.a.b": {0: 1},
        "metadata.unknown": {2: ["1"]},
    }  # fmt: skip
    assert derived.one.table.starts == {"core": (0,), "text": (0,), "metadata": (0,)}
    assert set(derived.one.table.names) == {
        name for name in columns if not name.startswith("error:")
    }


def test_names_of_metadata_beyond_200_are_told_and_have_no_column(tmp_path: Path) -> None:
    lines = [{"id": at, "metadata": {f"m{10 * at + i}": i for i in range(10)}} for at in range(25)]

    derived = Derived(tmp_path, e=lines)

    names = [name for name in derived.one.table.names if name.startswith("metadata.")]
    assert len(names) == 200
    assert [problem.code for problem in derived.problems] == ["too-many-columns"]


def test_a_payload_leaves_out_what_is_not_set_and_keeps_0_and_false(tmp_path: Path) -> None:
    line = {"id": 1, "input": 0, "output": False, "scores": {"x": 0}, "metadata": {"big": 2**60}}

    sample = Derived(tmp_path, e=[line]).sink.payloads["evals-0-0"]["samples"][0]

    digest = content_digest({"input": 0, "output": False})
    assert sample == {
        "id": "1", "epoch": 1, "line": 1, "digest": digest, "input": 0, "output": False,
        "input_digest": content_digest(0),
        "scores": {"x": {"value": 0.0}}, "metadata": {"big": str(2**60)},
    }  # fmt: skip


def test_anchors_hold_the_digest_of_input_and_output(tmp_path: Path) -> None:
    lines: list[dict[str, Any]] = [{"id": "a/b", "input": "q"}, {"id": 1, "epoch": 2}]

    anchors = Derived(tmp_path, e=lines).facts.anchors

    assert anchors["sample:e/a/b/1"].digest == content_digest({"input": "q", "output": None})
    assert anchors["sample:e/1/2"].label == "sample 1 of e, epoch 2"


def test_the_csv_holds_every_sample_and_every_score(tmp_path: Path) -> None:
    lines: list[dict[str, Any]] = [
        {"id": 1, "input": "=1+1", "scores": {"ok": True, "n": -0.5}, "tags": ["a", "b"]},
        {"id": 2, "output": {"a": [1]}, "scores": {"ok": {"error": "down"}}, "error": "boom"},
    ]

    first, second = Derived(tmp_path, e=lines).csv()

    assert (first["input"], first["scores.ok"], first["scores.n"]) == ("'=1+1", "true", "-0.5")
    assert first["tags"] == "a, b"
    assert (second["output"], second["error"]) == ('{"a":[1]}', "boom")
    assert second["scores.ok"] == "error: down"
    assert second["scores.n"] == ""


def test_a_scorer_first_seen_after_1000_samples_is_in_other_scores(tmp_path: Path) -> None:
    lines = [*scored([1] * 1000), {"id": "late", "scores": {"new": 2}}]

    rows = Derived(tmp_path, e=lines).csv()

    assert len(rows) == 1001
    assert json.loads(rows[-1]["other_scores"]) == {"new": 2.0}


def test_sums_are_of_what_is_recorded(tmp_path: Path) -> None:
    lines: list[dict[str, Any]] = [
        {"id": 1, "duration_s": 0.1, "usage": {"input_tokens": 5, "cost_usd": 0.1, "model": "m"}},
        {"id": 2, "duration_s": 0.2, "usage": {"output_tokens": 3, "cost_usd": 0.2}},
        {"id": 3},
    ]

    one = Derived(tmp_path, e=lines).one

    assert (one.duration_s, one.duration_samples) == (pytest.approx(0.3), 2)
    assert (one.cost_usd, one.cost_samples) == (pytest.approx(0.3), 2)
    assert (one.input_tokens, one.output_tokens, one.cached_tokens) == (5, 3, None)
    assert one.models == {"m": 1}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("two\n lines", "two lines"),
        ("x" * 300, "x" * 199 + "…"),
        ({"a": 0}, '{"a": 0}'),
        ([{"role": "system", "content": "s"}, {"role": "user", "content": "asks"},
          {"role": "assistant", "content": "says"}], "asks"),
        ([{"role": "user", "content": [{"text": "a"}, {"type": "image"}, {"text": "b"}]}], "a b"),
        ({"role": "assistant", "content": "says"}, "says"),
        ([{"role": "user"}], '{"role": "user"}'),
        (False, "false"),
    ],
)  # fmt: skip
def test_a_preview_is_one_short_line(value: Json, text: str) -> None:
    assert preview(value) == text


def test_whole_numbers_get_a_bin_each() -> None:
    bins = histogram(np.array([4.0, 5.0, 5.0, 2.0]), (1.0, 5.0))

    assert bins is not None
    assert (bins.is_whole, bins.counts) == (True, (0, 1, 0, 1, 2))
    assert bins.edges == (0.5, 1.5, 2.5, 3.5, 4.5, 5.5)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=80))
def test_a_histogram_counts_every_value_in_at_most_20_bins(values: list[float]) -> None:
    array = np.array(values)

    bins = histogram(array, None)

    if bins is None:
        assert float(np.abs(array).max()) > 1e300
    else:
        assert sum(bins.counts) == len(values)
        assert len(bins.counts) <= 20
        assert list(bins.edges) == sorted(bins.edges)


scores = st.none() | st.booleans() | st.floats() | st.sampled_from(["a", "b"])


@settings(max_examples=60, deadline=None)
@given(values=st.lists(st.tuples(scores, st.booleans(), st.integers(0, 9)), max_size=30))
def test_the_denominators_always_add_up(
    tmp_path_factory: pytest.TempPathFactory, values: list[tuple[Any, bool, int]]
) -> None:
    lines: list[dict[str, Any]] = [
        {"id": sample_id, "scores": {"x": value}, "error": "boom" if has_error else None}
        for value, has_error, sample_id in values
    ]

    derived = Derived(tmp_path_factory.mktemp("bundle"), e=lines)

    for scorer in derived.one.scorers:
        assert scorer.n + scorer.missing + scorer.errors + scorer.non_finite == scorer.total
        assert scorer.total == len(values)
    encoded = msgspec.msgpack.encode(derived.facts)
    assert repr(msgspec.msgpack.decode(encoded, type=EvalsFacts)) == repr(derived.facts)


BUNDLES = Path(__file__).parents[4] / "shared/data/bundles"


@pytest.mark.skipif(not BUNDLES.is_dir(), reason="the real bundles are not beside the project")
def test_the_figures_of_real_runs_equal_an_independent_count() -> None:
    seen = 0
    for path in sorted(BUNDLES.glob("*/*/evals/*.jsonl")):
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        sink = KeptFiles()
        root = path.parents[1]
        told: list[Problem] = []
        evals = read_evals(root, [path.relative_to(root).as_posix()], DEFAULT_LIMITS, told.append)
        (one,) = derive_evals(evals, sink=sink, report=told.append).evals
        assert (one.samples, told) == (len(lines), [])
        for scorer in one.scorers:
            found = [line["scores"][scorer.name] for line in lines if scorer.name in line["scores"]]
            values = [value["value"] if isinstance(value, dict) else value for value in found]
            assert scorer.n == len(values)
            assert scorer.mean == pytest.approx(np.mean(values))
            seen += 1
    assert seen >= 3

"""Comparisons come from what is kept of two runs' evals, and follow both."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sitegen.bundle.paths import slug
from tests.build.test_incremental import build, contents, recorded_opens
from tests.factories import write_experiment_file, write_run

NAMES = ("a", "b", "c")


def write_scores(run: Path, passed: int) -> None:
    (run / "evals").mkdir(exist_ok=True)
    lines = [{"id": i, "scores": {"ok": i < passed}} for i in range(60)]
    (run / "evals" / "qa.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three runs of one experiment with evals, built without a baseline."""
    monkeypatch.setattr("sitegen.build.last_build.inputs.RACY_NS", -(10**18))
    for number, name in enumerate(NAMES):
        run = tmp_path / "runs" / "e" / name
        write_run(run, id=f"e/{name}", experiment="e")
        write_scores(run, 20 + 10 * number)
    write_experiment_file(tmp_path / "runs" / "e", 'name = "e"\n')
    build(tmp_path)
    return tmp_path


def page(root: Path, name: str) -> str:
    return (root / "site" / "runs" / f"{slug(f'e/{name}')}.html").read_text("utf-8")


def test_a_new_baseline_opens_no_eval_file(root: Path) -> None:
    build(root)
    write_experiment_file(root / "runs" / "e", 'name = "e"\nbaseline = "e/a"\n')

    with recorded_opens(root / "runs") as found:
        build(root)

    assert [path for path in found if "/evals/" in path] == []
    assert "To baseline" not in page(root, "a")
    assert "To baseline" in page(root, "b")


def test_a_changed_baseline_renders_the_runs_held_against_it(root: Path) -> None:
    write_experiment_file(root / "runs" / "e", 'name = "e"\nbaseline = "e/a"\n')
    build(root)
    before = page(root, "b")
    write_scores(root / "runs" / "e" / "a", 55)

    with recorded_opens(root / "runs") as found:
        result = build(root)

    assert {path for path in found if "/evals/" in path} == {"e/a/evals/qa.jsonl"}
    assert {f"runs/{slug(f'e/{name}')}.html" for name in NAMES} <= set(result.rendered)
    assert page(root, "b") != before


def test_an_incremental_build_equals_a_clean_one(root: Path) -> None:
    write_experiment_file(root / "runs" / "e", 'name = "e"\nbaseline = "e/a"\n')
    build(root)
    write_scores(root / "runs" / "e" / "c", 10)
    build(root)

    build(root, "clean")

    assert contents(root / "site") == contents(root / "clean")


def test_a_comparison_that_is_spoilt_in_the_cache_is_made_again(root: Path) -> None:
    write_experiment_file(root / "runs" / "e", 'name = "e"\nbaseline = "e/a"\n')
    build(root)
    kept = [path for path in (root / "site-cache" / "comparisons").rglob("*") if path.is_file()]
    for path in kept:
        path.write_bytes(path.read_bytes()[:-1] + b"\0")
    before = page(root, "b")

    build(root, title="Another title")
    build(root)

    assert len(kept) == 2
    assert page(root, "b") == before

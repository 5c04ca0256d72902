"""The real runs beside the repository, built whole; the counts were taken by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from sitegen.build.site import BuildResult, build_site
from sitegen.bundle.settings import Settings
from sitegen.cli.terminal import QuietProgress

EXPERIMENTS = {
    "CartPole-v1": 3, "LunarLander-v2": 3, "MountainCar-v0": 3, "PongNoFrameskip-v4": 3,
    "otel-demo": 1, "inspect-popularity": 3, "inspect-security-guide": 1, "travel-agent": 4,
}  # fmt: skip


Built = tuple[BuildResult, dict[str, dict[str, Any]], Path]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Built:
    """The result, each run's report by id, and the site."""
    site = tmp_path_factory.mktemp("real") / "site"
    result = build_site(
        [shared_data / "bundles"], site, Settings(prices={}), workers=1, progress=QuietProgress()
    )
    report = json.loads((site / "report.json").read_text())
    runs = {
        run["id"]: json.loads((site / run["url"]).with_suffix(".json").read_text())
        for run in report["runs"]
    }
    return result, runs, site


RL = {
    "a2c-CartPole-v1": (5, 3198), "dqn-CartPole-v1": (14, 1010), "ppo-CartPole-v1": (12, 652),
    "a2c-LunarLander-v2": (8, 1734), "dqn-LunarLander-v2": (14, 512),
    "ppo-LunarLander-v2": (10, 5716), "a2c-MountainCar-v0": (6, 16316),
    "dqn-MountainCar-v0": (14, 1556), "ppo-MountainCar-v0": (10, 16498),
    "a2c-PongNoFrameskip-v4": (8, 13074), "dqn-PongNoFrameskip-v4": (14, 13754),
    "ppo-PongNoFrameskip-v4": (12, 13564),
}  # fmt: skip
"""Params and points of each training run, counted with pyarrow alone."""

TRACES = {
    "astronomy-shop": (141, 547), "pydantic-ai": (1, 4), "travel-genai": (1, 7),
    "travel-openinference": (1, 7), "travel-vercel": (1, 10),
}  # fmt: skip
"""Trace ids and spans of each, counted with json alone."""


def test_every_run_is_built_into_its_experiment(built: Built) -> None:
    result, runs, _ = built

    assert len(runs) == 21
    experiments: dict[str, int] = {}
    for run in runs.values():
        experiments[run["experiment"]] = experiments.get(run["experiment"], 0) + 1
    assert experiments == EXPERIMENTS
    assert result.problem_errors == 0
    assert {one.code for found in result.problems.values() for one in found} <= {
        "span-parent-missing"
    }


@pytest.mark.parametrize("run_id", RL)
def test_a_training_run_has_all_its_params_and_points(built: Built, run_id: str) -> None:
    run = built[1][run_id]
    params, points = RL[run_id]

    assert run["status"] == "completed"
    assert len(run["params"]) == params
    assert len(run["metrics"]) == 4
    assert sum(metric["count"] for metric in run["metrics"].values()) == points
    assert len(run["attachments"]) == 3
    assert run["problems"] == []


def test_the_numbers_of_one_training_run(built: Built) -> None:
    metrics = built[1]["ppo-LunarLander-v2"]["metrics"]

    assert metrics["rollout/episode_reward"] == {
        "count": 2757, "first_step": 61, "last_step": 1007220, "last": 162.848588,
        "min": -572.527479, "max": 286.242388, "best": 286.242388, "non_finite": 0,
    }  # fmt: skip
    assert metrics["eval/mean_reward"]["count"] == 101
    assert metrics["eval/mean_reward"]["last"] == 249.8141354
    assert built[1]["dqn-PongNoFrameskip-v4"]["metrics"]["rollout/episode_length"]["max"] == 18687


@pytest.mark.parametrize("run_id", TRACES)
def test_a_traced_run_has_all_its_traces_and_spans(built: Built, run_id: str) -> None:
    traces = built[1][run_id]["traces"]

    assert (traces["count"], traces["spans"]) == TRACES[run_id]


def test_errors_and_tokens_of_traces(built: Built) -> None:
    runs = built[1]

    assert runs["astronomy-shop"]["traces"]["errors"] == 107
    for name in ("travel-genai", "travel-openinference", "travel-vercel"):
        tokens = runs[name]["traces"]
        assert (tokens["input_tokens"], tokens["output_tokens"]) == (3500, 470)


@pytest.mark.parametrize(
    ("run_id", "name", "samples", "scorer", "right", "n"),
    [
        ("popularity-gpt-4o-mini-2025-02-11T15-18-04", "popularity", 10, "match", 8, 10),
        ("popularity-gpt-4o-mini-2025-05-12T20-28-13", "popularity", 3, "match", 2, 3),
        ("security-guide-gpt-4o-mini-2025-05-12T20-28-26", "security-guide", 3,
         "model_graded_fact", 3, 3),
    ],
)  # fmt: skip
def test_an_evaluation_has_all_its_samples_and_its_mean(
    built: Built, run_id: str, name: str, samples: int, scorer: str, right: int, n: int
) -> None:
    found = built[1][run_id]["evals"][name]

    assert found["samples"] == samples
    score = found["scores"][scorer]
    assert (score["n"], score["N"], score["kind"]) == (n, samples, "boolean")
    assert score["counts"] == {"true": right, "false": n - right}
    assert score["mean"] == float(f"{right / n:.12g}")


def test_an_evaluation_without_scores_has_its_samples(built: Built) -> None:
    found = built[1]["popularity-gpt-4o-mini-2025-02-11T15-17-00"]["evals"]["popularity"]

    assert (found["samples"], found["scores"]) == (10, {})


def test_the_status_is_the_one_that_was_logged(built: Built) -> None:
    statuses = {
        name: run["status"] for name, run in built[1].items() if run["status"] != "completed"
    }

    assert statuses == {
        "popularity-gpt-4o-mini-2025-05-12T20-28-13": "killed", "pydantic-ai": "failed"
    }  # fmt: skip


def test_every_link_between_pages_leads_to_a_file(built: Built) -> None:
    _, _, site = built
    missing = set()
    for page in sorted(site.rglob("*.html")):
        for address in re.findall(r'\s(?:href|src)="([^"#?]+)', page.read_text(encoding="utf-8")):
            if (
                not re.match(r"[a-z]+:", address)
                and not (page.parent / address).resolve().is_file()
            ):
                missing.add((page.name, address))

    assert missing == set()


def test_every_data_file_that_a_page_names_is_there(built: Built) -> None:
    _, _, site = built
    for page in sorted(site.rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        (listed,) = re.findall(r'id="sg-files">(.*?)</script>', text)
        for file in json.loads(listed).values():
            assert (site / file).is_file(), (page.name, file)

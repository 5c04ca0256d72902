"""The real runs beside the repository: what `issue 2` asks to be shown. Counts were taken by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sitegen.build.site import BuildResult, build_site
from sitegen.bundle.settings import Settings
from sitegen.cli.terminal import QuietProgress

EXPERIMENTS = {
    "CartPole-v1": 3, "LunarLander-v2": 3, "MountainCar-v0": 3, "PongNoFrameskip-v4": 3,
    "otel-demo": 1, "popularity": 3, "security-guide": 1, "travel-agent": 4,
}  # fmt: skip


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory, shared_data: Path
) -> tuple[BuildResult, dict[str, dict[str, Any]], Path]:
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

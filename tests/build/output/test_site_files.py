"""Which files a site has is told from what changed, and comes to the same as from nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sitegen.build.site import BuildResult, build_site
from sitegen.bundle.settings import Settings
from sitegen.cli.terminal import QuietProgress
from tests.conftest import contents
from tests.factories import write_file, write_run

PIE = json.dumps({"data": [{"type": "pie", "values": [1, 2]}], "layout": {}})


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two experiments of one run, each with a figure that needs the whole of Plotly, built."""
    monkeypatch.setattr("sitegen.build.last_build.inputs.RACY_NS", -(10**18))
    for name in ("one", "two"):
        run = tmp_path / "runs" / name / "run"
        write_run(run, id=name, experiment=name)
        write_file(run, "attachments/figure.json", PIE)
    build(tmp_path)
    return tmp_path


def build(root: Path, site: str = "site") -> BuildResult:
    return build_site(
        [root / "runs"],
        root / site,
        Settings(prices={}),
        workers=1,
        progress=QuietProgress(),
        cache_directory=root / f"{site}-cache",
    )


def test_an_asset_stays_while_a_run_of_another_experiment_needs_it(root: Path) -> None:
    assert list((root / "site").glob("assets/plotly-large-*.js"))
    (root / "runs" / "one" / "run" / "attachments" / "figure.json").unlink()
    build(root)

    assert list((root / "site").glob("assets/plotly-large-*.js"))
    build(root, "clean")
    assert contents(root / "clean") == contents(root / "site")

    (root / "runs" / "two" / "run" / "attachments" / "figure.json").unlink()
    build(root)

    assert not list((root / "site").glob("assets/plotly-large-*.js"))


def test_stale_files_of_a_run_go_though_its_record_is_lost(root: Path) -> None:
    shutil.rmtree(root / "site-cache" / "records")
    run = root / "runs" / "one" / "run"
    write_run(run, id="one", experiment="one", params={"other": 1})
    (run / "attachments" / "figure.json").unlink()

    result = build(root)
    build(root, "clean")

    assert result.written.removed > 0
    assert contents(root / "clean") == contents(root / "site")
    assert result.written.files == len(contents(root / "site"))
    assert result.written.size_bytes == sum(map(len, contents(root / "site").values()))

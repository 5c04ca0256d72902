"""What is published: an sdist that builds the wheel, and a wheel that needs no checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from sitegen import __version__
from sitegen.render.theme import default_theme_directory, read_theme
from tests.factories import REPOSITORY, SAMPLE_RUNS

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("packaging")]
THEME = REPOSITORY / "themes" / "default"


class Distributions(NamedTuple):
    """What `python -m build` makes: the wheel is built from the sdist."""

    sdist: Path
    wheel: Path


def run(*arguments: str | Path, cwd: Path, path: Path | None = None) -> str:
    """Output of this Python with *arguments*, modules of *path* before all others."""
    environment = {**os.environ, "PYTHONSAFEPATH": "1", "PYTHONPATH": str(path or "")}
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=cwd, env=environment, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    folder = tmp_path_factory.mktemp("dist")
    run("-m", "build", "--no-isolation", "--outdir", folder, REPOSITORY, cwd=folder)
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return Distributions(sdist, wheel)


@pytest.fixture(scope="module")
def wheel_names(distributions: Distributions) -> list[str]:
    with zipfile.ZipFile(distributions.wheel) as archive:
        return archive.namelist()


@pytest.fixture(scope="module")
def sdist_names(distributions: Distributions) -> list[str]:
    with tarfile.open(distributions.sdist) as archive:
        return [name.partition("/")[2] for name in archive.getnames()]


def theme_files() -> list[str]:
    files = (path for path in THEME.rglob("*") if path.is_file())
    return sorted(path.relative_to(THEME).as_posix() for path in files)


def test_the_wheel_holds_every_file_of_the_theme(wheel_names: list[str]) -> None:
    prefix = "sitegen/themes/default/"
    packed = [name.removeprefix(prefix) for name in wheel_names if name.startswith(prefix)]

    assert sorted(packed) == theme_files()


def test_the_wheel_holds_nothing_but_the_package_and_its_metadata(wheel_names: list[str]) -> None:
    tops = {name.partition("/")[0] for name in wheel_names}

    assert tops == {"sitegen", f"sitegen_reports-{__version__}.dist-info"}
    assert [name for name in wheel_names if "__pycache__" in name] == []


def test_the_wheel_holds_our_licence_and_those_of_what_is_vendored(wheel_names: list[str]) -> None:
    vendored = [path.name for path in (THEME / "vendor").iterdir() if path.is_dir()]
    folder = f"sitegen_reports-{__version__}.dist-info/licenses"

    assert f"{folder}/LICENSE" in wheel_names
    for name in vendored:
        assert f"{folder}/themes/default/vendor/{name}/LICENSE" in wheel_names


def test_the_sdist_holds_sources_tests_and_samples(sdist_names: list[str]) -> None:
    expected = {
        "README.md", "CHANGELOG.md", "LICENSE", "Makefile", "pyproject.toml",
        "sitegen/__init__.py", "themes/default/theme.toml", "tests/test_packaging.py",
        "sample_runs/make_sample_runs.py",
    }  # fmt: skip

    assert expected - set(sdist_names) == set()
    assert [name for name in sdist_names if name.startswith((".venv", "site/", ".git/"))] == []


def test_an_installed_wheel_builds_a_site_away_from_the_checkout(
    distributions: Distributions, tmp_path: Path
) -> None:
    installed = tmp_path / "installed"
    run(
        "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", installed,
        distributions.wheel, cwd=tmp_path,
    )  # fmt: skip

    theme = run(
        "-c", "from sitegen.render.theme import *; print(default_theme_directory())",
        cwd=tmp_path, path=installed,
    )  # fmt: skip
    run(
        installed / "bin" / "sitegen", "build", SAMPLE_RUNS / "digits-softmax", "-o", "site",
        cwd=tmp_path, path=installed,
    )  # fmt: skip

    assert Path(theme.strip()) == installed / "sitegen" / "themes" / "default"
    assert (tmp_path / "site" / "index.html").is_file()


def test_a_checkout_reads_the_theme_beside_the_package() -> None:
    """What `pip install -e .` gives."""
    directory = default_theme_directory()

    assert directory == THEME
    assert read_theme(None).directories == (THEME,)

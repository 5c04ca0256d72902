"""Versions by the names of directories are those of the libraries' metadata."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import distribution, version
from pathlib import Path

import pytest

from sitegen.installed import installed_directory, installed_version


@pytest.mark.parametrize("library", ["jinja2", "numpy", "pyarrow", "Pygments", "markdown-it-py"])
def test_the_version_is_that_of_the_metadata(library: str) -> None:
    place = installed_directory(library)

    assert installed_version(library) == version(library)
    assert place is not None
    assert Path(place).samefile(str(distribution(library).locate_file(".")))


def test_what_is_not_installed_has_no_version() -> None:
    assert installed_version("no-such-library") is None
    assert installed_directory("no-such-library") is None


def test_what_is_installed_otherwise_is_asked_for_by_its_metadata(tmp_path: Path) -> None:
    """An egg, as old tools leave it."""
    (tmp_path / "egged.py").write_text("")
    egg = tmp_path / "egged.egg-info"
    egg.mkdir()
    (egg / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: egged\nVersion: 1.5\n")
    code = "from sitegen.installed import installed_version as v; print(v('egged'))"

    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1],
    )  # fmt: skip

    assert done.stdout.strip() == "1.5"


def test_a_build_does_not_load_what_parses_metadata() -> None:
    code = "import sys, sitegen.cli.build; print(*sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1],
    )  # fmt: skip

    loaded = set(done.stdout.split())
    unwanted = {"numpy", "pyarrow", "importlib.metadata", "email", "multiprocessing", "difflib"}
    assert loaded & unwanted == set()

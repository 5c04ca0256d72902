"""What all tests share: where real and hostile data lies, and how a site is built in a test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, settings

from sitegen.build.site import BuildResult, build_site
from sitegen.bundle.settings import Settings
from sitegen.cli.main import main
from sitegen.cli.terminal import QuietProgress
from tests.factories import REPOSITORY, SHARED_DATA

settings.register_profile(
    "sitegen",
    deadline=None,  # the first example pays for imports
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("sitegen")


class Outcome(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real and hostile data beside the repository."""
    if not SHARED_DATA.is_dir():
        pytest.skip("real data is absent: the folder ../shared/data, beside the repository")
    return SHARED_DATA


@pytest.fixture(scope="session")
def hostile_data(shared_data: Path) -> Path:
    """The hostile corpora."""
    return shared_data / "hostile"


@pytest.fixture
def sitegen(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Outcome]:
    """Runs the command line in this process, in tmp_path, and returns its code and texts."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path) -> Outcome:
        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Outcome(int(stop.value.code or 0), printed.out, printed.err)

    return run


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., BuildResult]:
    """Builds the site of *runs* in one process into tmp_path/site and returns the result."""

    def run(runs: Path, output: Path | None = None, **settings: object) -> BuildResult:
        return build_site(
            [runs], output or tmp_path / "site", Settings(**({"prices": {}} | settings)),
            workers=1, progress=QuietProgress(),
        )  # fmt: skip

    return run


def run_command(
    *arguments: str | Path, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """`sitegen …` in a process of its own."""
    path = os.pathsep.join(filter(None, (str(REPOSITORY), os.environ.get("PYTHONPATH"))))
    return subprocess.run(
        [sys.executable, "-m", "sitegen", *map(str, arguments)],
        cwd=cwd, env={**os.environ, "PYTHONPATH": path, **(env or {})}, capture_output=True,
        text=True, check=False, timeout=120,
    )  # fmt: skip


def contents(root: Path) -> dict[str, bytes]:
    """Every file below *root* by its path."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }

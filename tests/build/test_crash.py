"""Kill -9 and full disks: all pages stay whole, and the next build gives what a clean one gives."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sitegen.build.output.store import MANIFEST, staging_directory
from tests.conftest import contents, run_command
from tests.crash import build_all, faults, kill_at_a_moment, took_s
from tests.factories import write_file, write_full_run, write_metrics, write_run


def edit(root: Path, number: int) -> None:
    """Changes, adds and removes runs, so that pages, data files and the index change."""
    for name in "ab":
        bundle = root / "runs" / "sweep" / name
        document = json.loads((bundle / "run.json").read_text())
        (bundle / "run.json").write_text(json.dumps(document | {"tags": [f"t{number}"]}))
        write_metrics(bundle, val__loss=[1.0 / (number + 1), 0.5, number])
        write_file(bundle, "attachments/table.csv", f"a,b\n{number},2\n")
    shutil.rmtree(root / "runs" / "sweep" / f"x{number - 1}", ignore_errors=True)
    write_run(root / "runs" / "sweep" / f"x{number}", experiment="sweep")


def clean(root: Path) -> dict[str, bytes]:
    shutil.rmtree(root / "clean", ignore_errors=True)
    shutil.rmtree(root / "clean-cache", ignore_errors=True)
    build_all(str(root), "clean")
    return contents(root / "clean")


def killed_again_and_again(root: Path, moments: int, seed: int) -> None:
    for name in "ab":
        write_full_run(root / "runs" / "sweep" / name, id=None, experiment="sweep")
    chance = random.Random(seed)
    took_s(root)  # the fork server loads all modules
    shutil.rmtree(root / "site")
    shutil.rmtree(root / "site-cache")
    most_s = took_s(root)
    for moment in range(moments):
        if moment % 5 == 0:
            shutil.rmtree(root / "site", ignore_errors=True)
            shutil.rmtree(root / "site-cache", ignore_errors=True)
        else:
            edit(root, moment)

        kill_at_a_moment(root, chance, most_s)

        assert faults(root / "site") == []
        build_all(str(root), "site")
        assert faults(root / "site") == []
        if moment % 5 == 4 or moment + 1 == moments:
            assert contents(root / "site") == clean(root)
    left = {path.name for path in root.iterdir()}
    assert left == {"runs", "site", "site-cache", "clean", "clean-cache"}


def test_a_build_killed_at_some_moments_leaves_whole_pages(tmp_path: Path) -> None:
    killed_again_and_again(tmp_path, moments=6, seed=1)


@pytest.mark.slow
def test_a_build_killed_at_fifty_moments_leaves_whole_pages(tmp_path: Path) -> None:
    killed_again_and_again(tmp_path, moments=50, seed=2)


def test_a_page_that_is_cut_or_whose_data_is_gone_would_be_found(tmp_path: Path) -> None:
    write_full_run(tmp_path / "runs" / "a")
    build_all(str(tmp_path), "site")
    assert faults(tmp_path / "site") == []
    data = next((tmp_path / "site" / "data").rglob("*.js"))
    page = tmp_path / "site" / "index.html"

    data.unlink()
    page.write_bytes(page.read_bytes()[:-20])

    said = "\n".join(faults(tmp_path / "site"))
    assert "index.html is cut" in said
    assert data.name in said


def test_what_a_killed_build_left_is_removed_by_the_next(tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")
    build_all(str(tmp_path), "site")
    other = tmp_path / ".site2.building-abcdefgh"
    other.mkdir()
    with staging_directory(tmp_path / "site") as staging:
        prefix = staging.name.rpartition("-")[0]
    (tmp_path / f"{prefix}-killed" / "site").mkdir(parents=True)
    write_file(tmp_path / "runs" / "a", "notes.md", "new")
    build_all(str(tmp_path), "site")

    assert not (tmp_path / f"{prefix}-killed").exists()
    assert other.exists()


def test_an_output_with_the_longest_of_names_is_built_or_refused(tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")

    longest = run_command("build", "runs", "-o", "s" * 255, cwd=tmp_path)
    too_long = run_command("build", "runs", "-o", "s" * 256, cwd=tmp_path)

    assert longest.returncode == 0, longest.stderr
    assert too_long.returncode == 2
    assert "Traceback" not in too_long.stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_full_disk_leaves_the_old_site_and_no_wrong_cache(
    small_disk: Path, tmp_path: Path, workers: str
) -> None:
    for name in "ab":
        write_full_run(tmp_path / "runs" / name)
    options = ("--workers", workers, "-o", str(small_disk / "site"))
    first = run_command("build", "runs", *options, cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    before = contents(small_disk / "site")
    write_file(tmp_path / "runs" / "a", "attachments/large.bin", os.urandom(6_000_000))
    write_file(tmp_path / "runs" / "b", "notes.md", "changed")

    full = run_command("build", "runs", *options, cwd=tmp_path)

    assert full.returncode == 2
    assert "error: " in full.stderr
    assert "site: the site cannot be written: No space left on device" in full.stderr
    assert "hint: " in full.stderr
    assert "Traceback" not in full.stderr
    assert contents(small_disk / "site") == before
    assert faults(small_disk / "site") == []
    assert {path.name for path in small_disk.iterdir()} == {"site", ".sitegen-cache"}

    (tmp_path / "runs" / "a" / "attachments" / "large.bin").unlink()
    mended = run_command("build", "runs", *options, cwd=tmp_path)
    assert mended.returncode == 0, mended.stderr
    alone = run_command("build", "runs", "-o", "clean", cwd=tmp_path)
    assert alone.returncode == 0
    assert contents(small_disk / "site") == contents(tmp_path / "clean")


def test_a_disk_that_is_full_from_the_start_is_an_error_and_leaves_nothing(
    small_disk: Path, tmp_path: Path
) -> None:
    write_full_run(tmp_path / "runs" / "a")
    (small_disk / "ballast").write_bytes(bytes(3_500_000))

    full = run_command("build", "runs", "-o", str(small_disk / "site"), cwd=tmp_path)

    assert full.returncode == 2
    assert "No space left on device" in full.stderr
    assert "Traceback" not in full.stderr
    assert not (small_disk / "site" / MANIFEST).exists()
    assert {path.name for path in small_disk.iterdir()} <= {"ballast", ".sitegen-cache"}

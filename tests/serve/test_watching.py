"""Which changes count, and whether a run without an end is still written."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
from pathlib import Path

import pytest
import watchfiles

from sitegen.serve import watching
from sitegen.serve.project import Project, project_of
from sitegen.serve.status import Status
from sitegen.serve.watching import is_input, settings_folders, watch_project, watched_trees
from sitegen.serve.writers import writers_of


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("a/run.json", True),
        ("a/metrics/w.jsonl", True),
        ("a", True),
        ("a/.run.json.123", False),
        (".git/index", False),
        ("a/.ipynb_checkpoints/x.ipynb", False),
        ("cache/serve/site/index.html", False),
        ("cachet/run.json", True),
        ("../other/run.json", False),
    ],
)
def test_dot_names_and_what_we_write_do_not_count(tmp_path: Path, path: str, counts: bool) -> None:
    trees = [tmp_path / "runs"]
    found = is_input(trees, without=tmp_path / "runs" / "cache")

    assert found("modified", os.path.normpath(tmp_path / "runs" / path)) is counts


def test_every_directory_that_counts_is_watched_once(tmp_path: Path) -> None:
    for name in ("runs/inner", "said", "theme"):
        (tmp_path / name).mkdir(parents=True)
    config = tmp_path / "sitegen.toml"
    config.write_text('[site]\nannotations_dir = "said"\ntheme = "theme"\n')
    roots = (tmp_path / "runs", tmp_path / "runs" / "inner")
    project = project_of(roots, config=config, theme=None, cache=tmp_path / "c", workers=None)

    now = project.settled()

    assert watched_trees(now) == (tmp_path / "runs", tmp_path / "said", tmp_path / "theme")
    assert settings_folders(now) == (tmp_path,)


def test_a_writer_lives_as_long_as_it_holds_its_journal(tmp_path: Path) -> None:
    journal = tmp_path / "metrics" / "w.jsonl"
    journal.parent.mkdir()
    journal.write_text('{"values": {}}\n')
    os.utime(journal, (1000, 1000))
    with journal.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        living = writers_of(tmp_path)
    ended = writers_of(tmp_path)
    nobody = writers_of(tmp_path / "none")

    assert (living.last_ms, living.are_alive) == (1_000_000, True)
    assert (ended.last_ms, ended.are_alive) == (1_000_000, False)
    assert (nobody.last_ms, nobody.are_alive) == (None, None)


def project_in(root: Path) -> Project:
    (root / "runs").mkdir()
    config = root / "sitegen.toml"
    config.write_text("")
    return project_of(
        (root / "runs",), config=config, theme=None, cache=root / "cache", workers=None
    )


async def told(project: Project, status: Status, *changes: Path) -> list[int]:
    """How often a build was wanted by the time that each of *changes* was seen."""
    wanted, counts = 0, list[int]()

    def want() -> None:
        nonlocal wanted
        wanted += 1

    task = asyncio.create_task(watch_project(project, want, status))
    await asyncio.sleep(1)
    for path in changes:
        before = wanted
        path.write_text("title = 1")
        for _ in range(300):
            await asyncio.sleep(0.1)
            if wanted > before and status.now.watching:
                break
        counts.append(wanted)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return counts


def test_a_file_of_a_run_and_the_settings_are_seen_to_change(tmp_path: Path) -> None:
    project, status = project_in(tmp_path), Status()
    paths = (tmp_path / "runs" / "run.json", tmp_path / "sitegen.toml", tmp_path / "runs" / "b")

    counts = asyncio.run(told(project, status, *paths))

    assert counts == sorted(set(counts))
    assert counts[0] > 0
    assert status.now.watching == "Watches runs."


def test_without_watches_of_the_system_it_is_looked_every_other_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scarce(*paths: Path, **options: object) -> object:
        if not options["force_polling"]:
            raise OSError(errno.ENOSPC, "OS file watch limit reached")
        return watchfiles.awatch(*paths, **options)

    monkeypatch.setattr(watching, "awatch", scarce)
    project, status = project_in(tmp_path), Status()

    counts = asyncio.run(told(project, status, tmp_path / "runs" / "a"))

    assert counts[0] > 0
    assert "every 2 s" in status.now.watching

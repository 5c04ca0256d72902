"""Which changes count, and whether a run without an end is still written."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from sitegen.serve.project import project_of
from sitegen.serve.watching import is_input, settings_folders, watched_trees
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

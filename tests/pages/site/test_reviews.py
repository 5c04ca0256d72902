"""The page of all annotations, as a build of full runs writes it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sitegen.pages.frame import repository_of
from tests.factories import ulid, write_run, write_sidecar


def test_every_annotation_is_in_the_page_and_in_the_csv(
    tmp_path: Path, build: Callable[..., Any]
) -> None:
    write_run(tmp_path / "runs" / "a")
    for number in range(1, 4):
        write_sidecar(
            tmp_path / "runs" / "a", number, user="=cmd", rationale="**why** <b>", value=number > 1
        )
    build(tmp_path / "runs")

    page = (tmp_path / "site" / "annotations.html").read_text()
    rows = list(csv.DictReader(io.StringIO((tmp_path / "site" / "annotations.csv").read_text())))

    assert [f'id="annotation-{ulid(number)}"' in page for number in range(1, 4)] == [True] * 3
    assert [row["id"] for row in rows] == [ulid(number) for number in range(1, 4)]
    assert {row["user"] for row in rows} == {"'=cmd"}
    assert "<strong>why</strong> &lt;b&gt;" in page


def test_a_site_without_annotations_says_how_to_write_one(
    tmp_path: Path, build: Callable[..., Any]
) -> None:
    write_run(tmp_path / "runs" / "a")
    build(tmp_path / "runs")

    assert "sitegen annotate add" in (tmp_path / "site" / "annotations.html").read_text()


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://github.com/o/r", "github"),
        ("git@github.com:o/r.git", "github"),
        ("https://gitlab.example.org/o/r", "gitlab"),
        ("https://codeberg.org/o/r", "gitea"),
        ("https://git.example.org/github/r", ""),
        ("javascript:alert(1)//github.com", ""),
        (None, ""),
    ],
)
def test_the_host_is_known_by_its_name(address: str | None, host: str) -> None:
    found = repository_of(address, "/runs/", None, has_own_folders=False)

    assert (found.host, found.branch, found.folder) == (host, "main", "runs")
    assert not found.url.startswith("javascript")

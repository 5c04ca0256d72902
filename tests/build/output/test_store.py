"""The output: refused if it is not ours, whole at every moment, rid of what is stale."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from sitegen.build.output import store
from sitegen.build.output.output_file import OutputFile
from sitegen.build.output.site_files import LastFiles, SiteFiles, whole
from sitegen.build.output.store import (
    MANIFEST,
    OutputError,
    check_output,
    publish,
    read_manifest_text,
    staging_directory,
)
from sitegen.build.site import BuildResult, build_site
from sitegen.bundle.settings import Settings
from sitegen.cli.terminal import QuietProgress
from tests.conftest import contents
from tests.factories import write_full_run, write_run

Build = Callable[..., BuildResult]


def staged(root: Path, **files: str) -> Path:
    """A staged site with *files*; `a__b` is the path a/b, `_` a dot."""
    site = root / "staged" / "site"
    for name, text in files.items():
        path = site / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return site


def test_a_missing_an_empty_and_an_own_output_may_be_written(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / MANIFEST).write_text("{}")
    (tmp_path / "ours" / "index.html").write_text("")

    for name in ("missing", "missing/deeper", "empty", "ours"):
        check_output(tmp_path / name)


def test_an_output_that_is_not_ours_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "file").touch()

    with pytest.raises(OutputError, match="not a site of sitegen"):
        build_site(
            [tmp_path / "no such runs"], tmp_path / "site", Settings(prices={}), workers=1,
            progress=QuietProgress(),
        )  # fmt: skip

    assert contents(tmp_path) == {"site/file": b""}


def test_a_manifest_that_is_a_directory_does_not_make_it_ours(tmp_path: Path) -> None:
    (tmp_path / "site" / MANIFEST).mkdir(parents=True)

    with pytest.raises(OutputError):
        check_output(tmp_path / "site")


def test_a_broken_symbolic_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "site").symlink_to(tmp_path / "nowhere")

    with pytest.raises(OutputError, match="broken symbolic link"):
        check_output(tmp_path / "site")


def test_the_manifest_lists_every_file_with_its_digest(build: Build, tmp_path: Path) -> None:
    write_full_run(tmp_path / "runs" / "a")

    build(tmp_path / "runs")

    files = contents(tmp_path / "site")
    manifest = json.loads(files.pop(MANIFEST))
    assert manifest["format"] == 1
    assert set(manifest["generator"]) == {
        "sitegen", "python", "zlib", "jinja2", "numpy", "pyarrow", "pygments", "mammoth", "nh3",
        "plotly",
    }  # fmt: skip
    assert manifest["files"] == {
        path: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for path, content in files.items()
    }


def test_a_first_build_is_renamed_into_place(tmp_path: Path) -> None:
    site = staged(tmp_path, index_html="new")
    inode = site.stat().st_ino

    written = publish(site, tmp_path / "out")

    assert (tmp_path / "out").stat().st_ino == inode
    assert (written.files, written.changed, written.removed) == (2, 2, 0)


@pytest.mark.parametrize("is_first", [True, False])
def test_what_a_killed_process_left_among_the_staged_files_is_not_published(
    tmp_path: Path, is_first: bool
) -> None:
    if not is_first:
        publish(staged(tmp_path, index_html="old"), tmp_path / "out")
    site = staged(tmp_path, index_html="new", files__a_partial="half")
    file = OutputFile(3, hashlib.sha256(b"new").hexdigest())

    publish(site, tmp_path / "out", whole({"index.html": file}))

    assert set(contents(tmp_path / "out")) == {"index.html", MANIFEST}


def test_what_is_stale_is_put_away_if_there_is_a_place_for_it(tmp_path: Path) -> None:
    publish(staged(tmp_path, index_html="old", data__a_js="data"), tmp_path / "out")
    attic = tmp_path / "attic"

    publish(staged(tmp_path, index_html="new"), tmp_path / "out", attic=attic)

    assert set(contents(tmp_path / "out")) == {"index.html", MANIFEST}
    assert contents(attic) == {"data/a.js": b"data"}


def test_an_empty_directory_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()

    publish(staged(tmp_path, index_html="new"), tmp_path / "out")

    assert (tmp_path / "out" / "index.html").read_text() == "new"


def test_everybody_may_read_the_site(build: Build, tmp_path: Path) -> None:
    """GitHub Pages serves only what others may read."""
    old = os.umask(0o022)
    try:
        write_full_run(tmp_path / "runs" / "a")
        build(tmp_path / "runs")
    finally:
        os.umask(old)

    for path in [tmp_path / "site", *(tmp_path / "site").rglob("*")]:
        wanted = 0o755 if path.is_dir() else 0o644
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


def test_stale_files_go_and_foreign_files_stay(tmp_path: Path) -> None:
    publish(staged(tmp_path, index_html="1", runs__a_html="a", data__old_js="x"), tmp_path / "out")
    (tmp_path / "out" / "CNAME").write_text("example.org")
    (tmp_path / "out" / "runs" / "mine.txt").write_text("kept")

    written = publish(staged(tmp_path, index_html="2", runs__b_html="b"), tmp_path / "out")

    assert set(contents(tmp_path / "out")) == {
        "CNAME", "index.html", "runs/b.html", "runs/mine.txt", MANIFEST
    }  # fmt: skip
    assert not (tmp_path / "out" / "data").exists()
    assert (tmp_path / "out" / "index.html").read_text() == "2"
    assert written.removed == 2


def test_files_that_are_the_same_are_not_written_again(tmp_path: Path) -> None:
    publish(staged(tmp_path, index_html="1", runs__a_html="a"), tmp_path / "out")
    page = tmp_path / "out" / "runs" / "a.html"
    inode = page.stat().st_ino

    written = publish(staged(tmp_path, index_html="2", runs__a_html="a"), tmp_path / "out")

    assert page.stat().st_ino == inode
    assert written.changed == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"files": 3}',
        '{"files": [1, null]}',
        '{"files": {"a": 1}}',
        "\udcff",
        '{"files": {"\\ud800": {}}}',
    ],
)
def test_a_broken_manifest_removes_nothing_and_is_replaced(tmp_path: Path, text: str) -> None:
    publish(staged(tmp_path, index_html="1", old_html="old"), tmp_path / "out")
    (tmp_path / "out" / MANIFEST).write_bytes(text.encode("utf-8", "surrogateescape"))

    publish(staged(tmp_path, index_html="2"), tmp_path / "out")

    assert (tmp_path / "out" / "old.html").exists()
    assert (tmp_path / "out" / "index.html").read_text() == "2"
    assert "index.html" in json.loads((tmp_path / "out" / MANIFEST).read_text())["files"]


def test_a_manifest_cannot_name_files_outside_to_be_removed(tmp_path: Path) -> None:
    publish(staged(tmp_path, index_html="1"), tmp_path / "out")
    (tmp_path / "precious").write_text("kept")
    names = ["../precious", str(tmp_path / "precious"), "runs/../../precious", "a/b"]
    (tmp_path / "out" / "a").symlink_to(tmp_path)
    (tmp_path / "b").write_text("kept")
    (tmp_path / "out" / MANIFEST).write_text(json.dumps({"files": dict.fromkeys(names, 1)}))

    publish(staged(tmp_path, index_html="2"), tmp_path / "out")

    assert (tmp_path / "precious").read_text() == "kept"
    assert (tmp_path / "b").read_text() == "kept"


def test_a_cache_cannot_name_files_outside_to_be_removed(tmp_path: Path) -> None:
    publish(staged(tmp_path, index_html="1"), tmp_path / "out")
    (tmp_path / "precious").write_text("kept")
    manifest = read_manifest_text(tmp_path / "out")
    assert manifest is not None
    file = OutputFile(4, hashlib.sha256(b"kept").hexdigest())
    names = ["../precious", str(tmp_path / "precious"), "runs/../../precious"]
    files = SiteFiles(
        last=LastFiles(manifest=manifest, size_bytes=1),
        before=dict.fromkeys(names, file),
        after={"index.html": file},
    )

    publish(staged(tmp_path, index_html="kept"), tmp_path / "out", files)

    assert (tmp_path / "precious").read_text() == "kept"


def test_a_symbolic_link_in_the_output_is_replaced_never_written_through(tmp_path: Path) -> None:
    publish(staged(tmp_path, index_html="1", runs__a_html="a"), tmp_path / "out")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.html").write_text("untouched")
    (tmp_path / "out" / "runs" / "a.html").unlink()
    (tmp_path / "out" / "runs").rmdir()
    (tmp_path / "out" / "runs").symlink_to(outside)
    (tmp_path / "out" / "index.html").unlink()
    (tmp_path / "out" / "index.html").symlink_to(outside / "index.html")

    publish(staged(tmp_path, index_html="2", runs__a_html="b"), tmp_path / "out")

    assert contents(outside) == {"a.html": b"untouched"}
    assert (tmp_path / "out" / "runs" / "a.html").read_text() == "b"
    assert (tmp_path / "out" / "index.html").read_text() == "2"
    assert not (tmp_path / "out" / "runs").is_symlink()


def test_a_build_that_fails_leaves_the_output_and_no_rest(build: Build, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")
    build(tmp_path / "runs")
    before = contents(tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())

    with pytest.raises(ZeroDivisionError), staging_directory(tmp_path / "site") as staging:  # noqa: PT012 - the second half is the crash
        (staging / "site" / "index.html").write_text("half")
        raise ZeroDivisionError

    assert contents(tmp_path) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == names


@pytest.mark.parametrize("moment", range(9))
def test_after_a_crash_at_any_moment_every_page_has_its_data_and_the_next_build_completes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    """Each page names its data file; the crash comes before the replacement number *moment*."""
    publish(
        staged(tmp_path, index_html="1", runs__a_html="data/1.js", data__1_js="1"), tmp_path / "out"
    )
    site = staged(tmp_path, index_html="2", runs__a_html="data/2.js", data__2_js="2")
    calls = []

    def crash(name: str) -> Callable[..., None]:
        original = getattr(os, name)

        def counted(*arguments: object, **more: object) -> None:
            calls.append(name)
            if len(calls) > moment:
                raise KeyboardInterrupt
            original(*arguments, **more)

        return counted

    with monkeypatch.context() as patched:
        for name in ("replace", "unlink", "rmdir"):
            patched.setattr(store.os, name, crash(name))
        with suppress(KeyboardInterrupt):
            publish(site, tmp_path / "out")

    page = (tmp_path / "out" / "runs" / "a.html").read_text()
    assert (tmp_path / "out" / page).is_file()
    publish(
        staged(tmp_path, index_html="2", runs__a_html="data/2.js", data__2_js="2"), tmp_path / "out"
    )
    assert set(contents(tmp_path / "out")) == {
        "index.html", "runs/a.html", "data/2.js", MANIFEST
    }  # fmt: skip


def test_a_disk_that_refuses_is_an_error_of_the_output(tmp_path: Path) -> None:
    publish(staged(tmp_path, index_html="1"), tmp_path / "out")
    (tmp_path / "out" / "runs").write_text("a file where a folder must be")

    with pytest.raises(OutputError, match="cannot be written"):
        publish(staged(tmp_path, index_html="2", runs__a_html="a"), tmp_path / "out")

"""Where bundles are found, and which part each file belongs to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sitegen.errors import SitegenError
from sitegen.read.bundle import Bundle, find_bundles, find_places
from tests.factories import write_experiment_file, write_file, write_run


def ids(*roots: Path, excluded: tuple[Path, ...] = ()) -> list[str]:
    return [bundle.default_id for bundle in find_bundles(roots, excluded)]


def only(root: Path) -> Bundle:
    (bundle,) = find_bundles([root], [])
    return bundle


def codes(bundle: Bundle) -> dict[str, str]:
    return {problem.path: problem.code for problem in bundle.problems}


def test_every_directory_with_a_run_json_is_a_bundle_in_order_of_paths(tmp_path: Path) -> None:
    for name in ("b", "a/z", "a-", "a", "c/d/e/f"):
        if name != "a":
            write_run(tmp_path / name)

    assert ids(tmp_path) == ["a/z", "a-", "b", "c/d/e/f"]


def test_discovery_does_not_enter_bundles(tmp_path: Path) -> None:
    write_run(tmp_path / "a")
    write_run(tmp_path / "a" / "attachments" / "inner")

    assert ids(tmp_path) == ["a"]
    assert [file.path for file in only(tmp_path).files["attachments"]] == [
        "attachments/inner/run.json"
    ]


def test_dot_directories_symlinks_and_the_output_are_not_entered(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    write_run(outside / "x")
    runs = tmp_path / "runs"
    write_run(runs / "a")
    write_run(runs / ".git" / "b")
    write_run(runs / "site" / "c")
    (runs / "link").symlink_to(outside)
    (runs / "bundle-link").symlink_to(outside / "x")

    assert ids(runs, excluded=(runs / "site",)) == ["a"]


def test_a_run_json_that_is_a_symlink_or_a_directory_makes_a_bundle_that_cannot_be_read(
    tmp_path: Path,
) -> None:
    (tmp_path / "target.json").write_text("{}")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "run.json").symlink_to(tmp_path / "target.json")
    (tmp_path / "b" / "run.json").mkdir(parents=True)

    found = find_bundles([tmp_path], [])

    assert [bundle.default_id for bundle in found] == ["a", "b"]
    assert all("manifest" not in bundle.files for bundle in found)
    assert [problem.code for problem in found[0].problems] == ["symlink"]


def test_an_argument_that_is_a_bundle_has_its_own_name(tmp_path: Path) -> None:
    bundle = write_run(tmp_path / "runs" / "a")

    found = only(bundle)

    assert found.default_id == "a"
    assert found.parent_root is None


def test_an_argument_may_be_a_symlink_and_is_named_by_its_target(tmp_path: Path) -> None:
    write_run(tmp_path / "real" / "a")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "direct").symlink_to(tmp_path / "real" / "a")

    assert ids(tmp_path / "link") == ["a"]
    assert ids(tmp_path / "direct") == ["a"]


def test_a_relative_dot_is_named_by_the_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write_run(tmp_path / "here"))

    assert ids(Path()) == ["here"]


def test_a_bundle_below_two_arguments_counts_once(tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")

    assert ids(tmp_path / "runs" / "a", tmp_path / "runs") == ["a"]


def test_odd_names_are_kept_as_text(tmp_path: Path) -> None:
    names = ["a b", "é", "\u202eb", "-x", "%41", "'\"", "\\"]
    for name in names:
        write_run(tmp_path / name)

    assert sorted(ids(tmp_path)) == sorted(names)


def test_names_that_are_no_utf8_are_shown_with_a_mark(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    for name in (b"run.json", b"attachments/\xff.txt"):
        write_file(folder, os.fsdecode(name), "{}")

    bundle = only(tmp_path)

    assert bundle.default_id == "caf\ufffd"
    assert "attachments" not in bundle.files
    assert codes(bundle) == {"attachments/\ufffd.txt": "file-skipped"}


def test_each_file_belongs_to_its_part(tmp_path: Path) -> None:
    bundle = write_run(tmp_path / "a")
    expected = {
        "manifest": ["notes.md", "run.json"],
        "metrics": ["metrics.parquet", "metrics/a.jsonl", "metrics/b.parquet"],
        "traces": ["traces/a.json", "traces/b/c.jsonl.gz", "traces/d.pb.zst", "traces/e.ndjson"],
        "evals": ["evals/deep/q.jsonl", "evals/qa.jsonl", "evals/qa.meta.json", "evals/z.jsonl.gz"],
        "attachments": ["attachments/notes.md", "attachments/x", "attachments/y/run.json"],
        "annotations": ["annotations/01M7Q3W5S8YG2YFYC2XGBMHXTM.json"],
    }
    for paths in expected.values():
        for path in paths:
            if path != "run.json":
                write_file(bundle, path, "x")

    found = only(tmp_path)

    assert {part: [file.path for file in files] for part, files in found.files.items()} == expected
    assert found.problems == ()
    assert found.files["attachments"][1].size_bytes == 1


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("metrics/a.csv", "expected a name ending in .parquet or .jsonl"),
        ("traces/a.txt", "expected a name ending in .json, .jsonl, .ndjson or .pb"),
        ("evals/a.json", "expected a name ending in .jsonl or .meta.json"),
        ("annotations/deep/a.json", "expected a name ending in <ulid>.json"),
        ("model.bin", "belongs to no part of a bundle"),
        ("other/x.json", "belongs to no part of a bundle"),
    ],
)
def test_a_file_that_belongs_nowhere_is_told(tmp_path: Path, path: str, expected: str) -> None:
    bundle = write_run(tmp_path / "a")
    write_file(bundle, path, "x")

    (problem,) = only(tmp_path).problems

    assert (problem.code, problem.severity, problem.path) == ("unknown-file", "warning", path)
    assert expected in problem.message
    assert "attachments/" in (problem.hint or "")


def test_hidden_files_of_a_bundle_are_passed_over_in_silence(tmp_path: Path) -> None:
    bundle = write_run(tmp_path / "a")
    for path in (".DS_Store", "attachments/.gitkeep", ".git/config"):
        write_file(bundle, path, "x")

    found = only(tmp_path)

    assert found.problems == ()
    assert set(found.files) == {"manifest"}


def test_symlinks_and_pipes_in_a_bundle_are_told_and_never_listed(tmp_path: Path) -> None:
    bundle = write_run(tmp_path / "a")
    write_file(tmp_path, "secret/x.txt", "secret")
    (bundle / "attachments").mkdir()
    (bundle / "attachments" / "file").symlink_to(tmp_path / "secret" / "x.txt")
    (bundle / "traces").symlink_to(tmp_path / "secret")
    (bundle / "notes.md").symlink_to("broken")
    os.mkfifo(bundle / "attachments" / "pipe")

    found = only(tmp_path)

    assert set(found.files) == {"manifest"}
    assert codes(found) == {
        "attachments/file": "symlink", "traces": "symlink", "notes.md": "symlink",
        "attachments/pipe": "file-skipped",
    }  # fmt: skip


def test_a_missing_root_and_a_file_are_errors(tmp_path: Path) -> None:
    write_file(tmp_path, "file", "")

    with pytest.raises(SitegenError, match="no such directory"):
        find_bundles([tmp_path / "missing"], [])
    with pytest.raises(SitegenError, match="is a file; expected a directory of run bundles"):
        find_bundles([tmp_path / "file"], [])


def test_very_deep_directories_end_the_search_without_a_crash(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d"] * 60)
    write_run(deep)
    write_run(tmp_path / "a")
    write_file(tmp_path / "a", "/".join(["attachments", *["d"] * 60, "x"]), "x")

    assert ids(tmp_path) == ["a"]


def test_experiment_files_are_found_outside_of_bundles_only(tmp_path: Path) -> None:
    write_run(tmp_path / "one" / "a")
    for folder in ("", "one", "one/a", "two", ".hidden"):
        write_experiment_file(tmp_path / folder, "")

    found = find_places([tmp_path, tmp_path / "two"], []).experiments

    assert [one.path.relative_to(tmp_path).as_posix() for one in found] == [
        "experiment.toml", "one/experiment.toml", "two/experiment.toml"
    ]  # fmt: skip

"""A manifest with a few entries changed is the one that would be written anew."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.build.output.manifest_edit import with_entries, with_names
from sitegen.build.output.output_file import OutputFile

GENERATOR = {"sitegen": "0.1.0", "python": "3.11.7"}
NAMES = st.text("abz019-/.~", min_size=1, max_size=6)
FILES = st.builds(OutputFile, st.integers(0, 10**9), st.sampled_from(["0" * 64, "ab" * 32]))


def written(files: dict[str, OutputFile]) -> bytes:
    """The manifest of *files* as it is written from nothing."""
    manifest = {
        "files": {
            path: {"bytes": files[path].size_bytes, "sha256": files[path].sha256}
            for path in sorted(files)
        },
        "format": 1,
        "generator": dict(sorted(GENERATOR.items())),
    }
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def edited(old: dict[str, OutputFile], new: dict[str, OutputFile]) -> bytes | None:
    """The manifest of *old* files with what makes it that of *new* ones."""
    changed = {path: file for path, file in new.items() if old.get(path) != file}
    return with_entries(written(old), GENERATOR, len(old), changed, old.keys() - new.keys())


@given(st.dictionaries(NAMES, FILES, min_size=1), st.dictionaries(NAMES, FILES), st.data())
def test_an_edited_manifest_is_the_one_written_anew(
    old: dict[str, OutputFile], added: dict[str, OutputFile], data: st.DataObject
) -> None:
    gone = data.draw(st.sets(st.sampled_from(sorted(old)), max_size=len(old) - 1))
    new = {path: file for path, file in (old | added).items() if path not in gone}

    assert edited(old, new) == written(new)


A_FILE = OutputFile(1, "0" * 64)
OLD = {"a.html": A_FILE, "b.html": A_FILE}


@pytest.mark.parametrize(
    ("manifest", "generator", "known"),
    [
        (b"", GENERATOR, 2),
        (json.dumps(json.loads(written(OLD))).encode(), GENERATOR, 2),
        (written(OLD), {"sitegen": "0.2.0"}, 2),
        (written(OLD), GENERATOR, 3),
        (written({}), GENERATOR, 0),
    ],
)
def test_what_was_not_written_so_is_not_edited(
    manifest: bytes, generator: dict[str, str], known: int
) -> None:
    assert with_entries(manifest, generator, known, {"c.html": A_FILE}, ()) is None


def test_nothing_is_removed_that_is_not_there() -> None:
    assert with_entries(written(OLD), GENERATOR, 2, {}, {"c.html"}) is None


def test_names_are_added_to_a_manifest() -> None:
    found = with_names(written(OLD), ["0.js", "c.js"])

    assert found is not None
    files = json.loads(found)["files"]
    assert sorted(files) == ["0.js", "a.html", "b.html", "c.js"]
    assert files["c.js"] == {}
    assert with_names(b"{}", ["c.js"]) is None
    assert with_names(written({}), ["c.js"]) is None

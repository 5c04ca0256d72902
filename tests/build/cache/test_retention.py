"""The cache: what nobody used for 30 builds goes, what is too much goes, damage is seen."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from sitegen.build.cache import retention
from sitegen.build.cache.entries import Cache
from sitegen.build.cache.parts import KIND
from sitegen.build.cache.retention import KEPT_BUILDS, LOOK_EVERY, drop_unused, is_due
from sitegen.build.site import BuildResult, build_site
from sitegen.bundle.settings import Settings
from sitegen.cli.terminal import QuietProgress
from tests.audit import audited
from tests.conftest import contents
from tests.factories import write_file, write_full_run

LONG_AGO_NS = 10**18
LOOKS = KEPT_BUILDS // LOOK_EVERY


def built(root: Path, output: str = "site", title: str = "T") -> BuildResult:
    return build_site(
        [root / "runs"], root / output, Settings(prices={}, title=title), workers=1,
        progress=QuietProgress(), cache_directory=root / "cache",
    )  # fmt: skip


def entry(root: Path, key: str) -> Path:
    return root / "cache" / KIND / key[:2] / key


def write_entry(root: Path, key: str, used_ns: int, size_bytes: int = 10) -> Path:
    path = entry(root, key)
    Cache(root / "cache").put(KIND, key, bytes(size_bytes))
    os.utime(path, ns=(used_ns, used_ns))
    return path


def test_an_entry_that_no_build_used_goes_after_thirty_builds(tmp_path: Path) -> None:
    cache, output = Cache(tmp_path / "cache"), tmp_path / "site"
    for key in ("aa1", "bb2"):
        write_entry(tmp_path, key, LONG_AGO_NS)

    for look in range(LOOKS + 1):
        assert entry(tmp_path, "bb2").exists(), look
        drop_unused(cache, output, ["aa1"])

    assert entry(tmp_path, "aa1").exists()
    assert not entry(tmp_path, "bb2").exists()


def test_outputs_that_share_a_cache_do_not_drop_what_the_other_uses(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    for key in ("aa1", "bb2"):
        write_entry(tmp_path, key, LONG_AGO_NS)

    for _ in range(3 * LOOKS):
        drop_unused(cache, tmp_path / "one", ["aa1"])
        drop_unused(cache, tmp_path / "two", ["bb2"])

    assert entry(tmp_path, "aa1").exists()
    assert entry(tmp_path, "bb2").exists()


def test_what_was_used_least_recently_goes_beyond_the_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "KEPT_BYTES", 2_500)
    for number in range(4):
        write_entry(tmp_path, f"a{number}", LONG_AGO_NS + number, 1_000)

    drop_unused(Cache(tmp_path / "cache"), tmp_path / "site", ["a0"])

    left = {path.name for path in (tmp_path / "cache" / KIND).glob("*/*")}
    assert left == {"a0", "a3"}


def test_the_parts_of_a_site_outlive_builds_that_need_not_open_them(tmp_path: Path) -> None:
    """A theme or a title after many builds opens no data file: its parts are still there."""
    write_full_run(tmp_path / "runs" / "a")
    write_full_run(tmp_path / "runs" / "b")
    built(tmp_path)
    parts = sorted((tmp_path / "cache" / KIND).rglob("*"))
    for path in parts:
        os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS))
    unused = write_entry(tmp_path, "cc3", LONG_AGO_NS)

    for number in range(KEPT_BUILDS + LOOK_EVERY):
        write_file(tmp_path / "runs" / "b", "notes.md", f"note {number}")
        built(tmp_path)
    with audited() as audit:
        built(tmp_path, title="Another")

    assert not unused.exists()
    assert {path.name for path in audit.read} & {"metrics.parquet", "qa.jsonl"} == set()
    assert {path for path in parts if path.is_file()} <= set(parts[0].parents[1].rglob("*"))


def test_most_builds_do_not_look_through_the_cache() -> None:
    assert [number for number in range(1, 31) if is_due(number)] == [10, 20, 30]


def test_an_entry_that_goes_while_it_is_looked_at_is_no_fault(tmp_path: Path) -> None:
    write_entry(tmp_path, "aa1", LONG_AGO_NS)
    cache = Cache(tmp_path / "cache")
    found = list(cache.entries(KIND))
    entry(tmp_path, "aa1").unlink()

    cache.touch(KIND, "aa1")

    assert [Path(path).name for _, _, path in found] == ["aa1"]
    assert list(cache.entries(KIND)) == []
    assert not entry(tmp_path, "aa1").exists()


def flipped(content: bytes, chance: random.Random) -> bytes:
    if not content:
        return b"x"
    at = chance.randrange(len(content))
    return content[:at] + bytes([content[at] ^ (1 << chance.randrange(8))]) + content[at + 1 :]


SPOILS = {
    "cut": lambda content, chance: content[: chance.randrange(max(1, len(content)))],
    "flipped": flipped,
    "empty": lambda content, chance: b"",
    "foreign": lambda content, chance: chance.randbytes(200),
    "longer": lambda content, chance: content + b"x",
}


@pytest.mark.parametrize("spoil", [*SPOILS, "another's"])
def test_every_file_of_the_cache_may_be_damaged(tmp_path: Path, spoil: str) -> None:
    """One file after the other; the next build gives what a clean one gives."""
    write_full_run(tmp_path / "runs" / "a")
    write_full_run(tmp_path / "runs" / "b")
    built(tmp_path)
    write_file(tmp_path / "runs" / "b", "notes.md", "# As it will be")
    kept = tmp_path / "kept"
    shutil.copytree(tmp_path / "cache", kept)
    site = tmp_path / "kept-site"
    shutil.copytree(tmp_path / "site", site, copy_function=shutil.copy2)
    build_site([tmp_path / "runs"], tmp_path / "clean", Settings(prices={}, title="T"), workers=1,
               progress=QuietProgress(), cache_directory=tmp_path / "clean-cache")  # fmt: skip
    expected = contents(tmp_path / "clean")
    files = sorted(path.relative_to(kept) for path in kept.rglob("*") if path.is_file())
    chance = random.Random(spoil)

    for path in files:
        if path.name.startswith((".git", "lock-")):
            continue
        damaged = tmp_path / "cache" / path
        content = damaged.read_bytes() if damaged.exists() else (kept / path).read_bytes()
        if spoil == "another's":
            content = (kept / files[chance.randrange(len(files))]).read_bytes()
        else:
            content = SPOILS[spoil](content, chance)
        damaged.parent.mkdir(parents=True, exist_ok=True)
        damaged.write_bytes(content)
        write_file(tmp_path / "runs" / "b", "notes.md", f"# {path}")
        built(tmp_path)
        write_file(tmp_path / "runs" / "b", "notes.md", "# As it will be")

        built(tmp_path)

        assert contents(tmp_path / "site") == expected, path

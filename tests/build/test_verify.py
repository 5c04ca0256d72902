"""A site held against its manifest and against its bundles; the manifest may say anything."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.build.output.manifest import ManifestError, read_site_manifest
from sitegen.build.output.store import MANIFEST
from sitegen.build.site import BuildResult
from sitegen.build.verify import FileFacts, Verification, verify_rebuild, verify_site
from sitegen.bundle.settings import Settings
from sitegen.cli.terminal import QuietProgress
from sitegen.errors import NothingBuiltError
from tests.audit import audited, snapshot
from tests.factories import write_full_run, write_metrics, write_run

Build = Callable[..., BuildResult]
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    write_full_run(tmp_path / "runs" / "a")
    write_run(tmp_path / "runs" / "b")
    return tmp_path / "runs"


@pytest.fixture
def site(runs: Path, build: Build) -> Path:
    return build(runs).output


def write_site(directory: Path, manifest: Any) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    text = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    (directory / MANIFEST).write_bytes(text)
    return directory


def manifest_of(**files: Any) -> dict[str, Any]:
    return {"format": 1, "generator": {}, "files": files}


def entry(content: bytes = b"") -> dict[str, Any]:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def edit_manifest(site: Path, change: Callable[[dict[str, Any]], None]) -> None:
    document = json.loads((site / MANIFEST).read_text())
    change(document)
    (site / MANIFEST).write_text(json.dumps(document))


def rebuild(site: Path, *roots: Path, **settings: Any) -> Verification:
    return verify_rebuild(
        site, roots, Settings(**({"prices": {}} | settings)), workers=1, progress=QuietProgress()
    )


def told(verification: Verification) -> dict[str, str]:
    return {finding.path: finding.kind for finding in verification.findings}


def test_a_site_as_it_was_built_has_no_findings(site: Path) -> None:
    verification = verify_site(site)

    assert verification.findings == ()
    on_disk = [path for path in site.rglob("*") if path.is_file() and path.name != MANIFEST]
    assert verification.files == len(on_disk)
    assert verification.size_bytes == sum(path.stat().st_size for path in on_disk)


def test_missing_changed_and_extra_files_are_told_with_what_was_expected(site: Path) -> None:
    expected = json.loads((site / MANIFEST).read_text())["files"]
    (site / "report.json").unlink()
    longer = (site / "index.html").read_bytes() + b"!"
    (site / "index.html").write_bytes(longer)
    (site / "files" / "new").mkdir()
    (site / "files" / "new" / "evil.js").write_bytes(b"abc")

    by_path = {finding.path: finding for finding in verify_site(site).findings}

    assert {path: finding.kind for path, finding in by_path.items()} == {
        "files/new/evil.js": "extra", "index.html": "changed", "report.json": "missing",
    }  # fmt: skip
    missing = expected["report.json"]
    assert by_path["report.json"].expected == FileFacts(
        size_bytes=missing["bytes"], sha256=missing["sha256"]
    )
    told_sizes = f"holds {len(longer):,} bytes, expected {len(longer) - 1:,}"
    assert by_path["index.html"].message == told_sizes


def test_a_change_that_keeps_the_size_is_found_by_the_digest(site: Path) -> None:
    content = bytearray((site / "index.html").read_bytes())
    content[-2] ^= 1
    (site / "index.html").write_bytes(content)

    (finding,) = verify_site(site).findings

    assert (finding.kind, finding.path) == ("changed", "index.html")
    assert finding.found
    assert finding.found.sha256 == hashlib.sha256(content).hexdigest()


def test_findings_are_in_order_of_path(tmp_path: Path) -> None:
    site = write_site(tmp_path / "site", manifest_of(m=entry(), c=entry(), **{"z/y": entry()}))
    (site / "d").touch()
    (site / "y").symlink_to("d")

    assert [finding.path for finding in verify_site(site).findings] == ["c", "d", "m", "y", "z/y"]


@pytest.mark.parametrize(
    "path",
    [
        "../secret", "a/../../secret", "/etc/passwd", "a//b", "", ".", "..", "a\\..\\..\\secret",
        "C:/secret", "C:secret", "//host/share", "a/./b", "nul\0", "a\nb", "trailing ", "dot./a",
    ],
)  # fmt: skip
def test_a_path_that_is_not_inside_the_site_is_told_and_not_opened(
    tmp_path: Path, path: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"")
    site = write_site(tmp_path / "site", manifest_of(**{path: entry()}))

    with audited() as audit:
        verification = verify_site(site)

    assert told(verification) == {path: "unsafe"}
    assert audit.read <= {site, site / MANIFEST, Path(os.path.realpath(site)) / MANIFEST}


def test_symbolic_links_are_never_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "page.html").write_bytes(b"")
    names = ("link.html", "folder/page.html")
    site = write_site(tmp_path / "site", manifest_of(**{name: entry() for name in names}))
    (site / "link.html").symlink_to(outside / "page.html")
    (site / "folder").symlink_to(outside)

    with audited() as audit:
        verification = verify_site(site)

    assert told(verification) == {
        "link.html": "changed", "folder": "extra", "folder/page.html": "missing",
    }  # fmt: skip
    assert "is a symbolic link; expected a file of 0 bytes" in verification.findings[2].message
    assert not [path for path in audit.read if path.is_relative_to(outside)]


def test_a_pipe_in_place_of_a_file_is_told_and_not_waited_for(tmp_path: Path) -> None:
    site = write_site(tmp_path / "site", manifest_of(page=entry()))
    os.mkfifo(site / "page")
    os.mkfifo(site / "other")

    assert told(verify_site(site)) == {"page": "changed", "other": "extra"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_and_directories_without_permission_are_told(tmp_path: Path) -> None:
    site = write_site(tmp_path / "site", manifest_of(page=entry()))
    (site / "page").touch(mode=0o000)
    (site / "folder").mkdir(mode=0o000)

    assert told(verify_site(site)) == {"page": "unreadable", "folder": "extra"}


def test_a_directory_in_place_of_a_file_is_a_missing_file(tmp_path: Path) -> None:
    site = write_site(tmp_path / "site", manifest_of(**{"index.html": entry()}))
    (site / "index.html").mkdir()

    assert told(verify_site(site)) == {"index.html": "missing"}


def test_git_at_the_top_is_version_controls_and_nowhere_else(tmp_path: Path) -> None:
    site = write_site(tmp_path / "site", manifest_of())
    (site / ".git").mkdir()
    (site / ".git" / "HEAD").touch()
    (site / "runs" / ".git").mkdir(parents=True)
    (site / "runs" / ".git" / "HEAD").touch()

    assert told(verify_site(site)) == {"runs/.git/HEAD": "extra"}


def test_a_name_that_is_no_utf8_is_an_extra_file(tmp_path: Path) -> None:
    site = write_site(tmp_path / "site", manifest_of())
    (site / os.fsdecode(b"caf\xe9")).touch()

    assert [finding.kind for finding in verify_site(site).findings] == ["extra"]


def test_a_build_that_was_interrupted_is_named_as_the_cause(tmp_path: Path) -> None:
    site = write_site(tmp_path / "site", manifest_of(a={}, b={}))
    (site / "a").touch()

    verification = verify_site(site)

    assert told(verification) == {MANIFEST: "unfinished", "b": "missing"}
    assert "build again" in verification.findings[1].message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "is no manifest of format 1: "),
        (b"{", "is no manifest of format 1: "),
        (b"[]", "expected object, got array"),
        (b'{"format": 2, "generator": {}, "files": {}}', "invalid enum value 2"),
        (b'{"format": 1, "generator": {}}', "missing required field files"),
        (b'{"format": 1, "generator": {}, "files": {"a": 1}}', "expected object, got int"),
        (json.dumps(manifest_of(a={"bytes": -1, "sha256": EMPTY_SHA256})).encode(), ">= 0"),
        (json.dumps(manifest_of(a={"bytes": 0, "sha256": "abc"})).encode(), "matching regex"),
        (b"[" * 200_000, "is no manifest of format 1: "),
        (b"\xff\xfe", "is no manifest of format 1: "),
    ],
)
def test_a_manifest_that_cannot_be_read_is_an_error_with_a_hint(
    tmp_path: Path, text: bytes, message: str
) -> None:
    site = write_site(tmp_path / "site", text)

    with pytest.raises(ManifestError) as caught:
        verify_site(site)

    assert message in str(caught.value)
    assert str(caught.value.path).endswith(MANIFEST)
    assert caught.value.hint


def test_what_a_later_version_adds_to_the_manifest_is_passed_over(tmp_path: Path) -> None:
    document = {**manifest_of(a={**entry(), "kind": "page"}), "theme": {"name": "default"}}
    site = write_site(tmp_path / "site", document)
    (site / "a").touch()

    assert verify_site(site).findings == ()


def test_a_manifest_that_is_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    real = write_site(tmp_path / "real", manifest_of())
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / MANIFEST).symlink_to(real / MANIFEST)

    with pytest.raises(ManifestError, match="symbolic link"):
        verify_site(tmp_path / "site")


@given(text=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_a_manifest_or_a_manifest_error(
    tmp_path_factory: pytest.TempPathFactory, text: bytes
) -> None:
    site = write_site(tmp_path_factory.mktemp("site"), text)

    try:
        manifest = read_site_manifest(site)
    except ManifestError:
        return

    assert manifest.format == 1


@given(paths=st.lists(st.text(max_size=12) | st.sampled_from(["a/b", "../x", "run.html"])))
def test_any_path_in_a_manifest_is_told_and_nothing_outside_is_opened(
    tmp_path_factory: pytest.TempPathFactory, paths: list[str]
) -> None:
    site = write_site(tmp_path_factory.mktemp("site"), manifest_of(**dict.fromkeys(paths, entry())))

    with audited() as audit:
        verification = verify_site(site)

    assert set(told(verification)) == set(paths)
    assert all(path.is_relative_to(site) for path in audit.read)


def test_a_rebuild_of_the_same_runs_has_no_findings_and_writes_nowhere_near(
    runs: Path, site: Path, tmp_path: Path
) -> None:
    before = snapshot(tmp_path)

    with audited() as audit:
        verification = rebuild(site, runs)

    assert verification.findings == ()
    assert verification.versions == ()
    assert verification.is_rebuilt
    assert snapshot(tmp_path) == before
    assert not [path for path in audit.changed if path.is_relative_to(tmp_path)]


def test_the_temporary_directory_of_a_rebuild_is_removed(
    runs: Path, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    empty = tmp_path / "empty"
    empty.mkdir()

    rebuild(site, runs)
    with pytest.raises(NothingBuiltError):
        rebuild(site, empty)

    assert list(temporary.iterdir()) == []


def test_a_bundle_that_changed_since_the_build_differs_from_a_rebuild(
    runs: Path, site: Path
) -> None:
    write_metrics(runs / "b", accuracy=[0.1, 0.9])
    write_run(runs / "c")

    verification = rebuild(site, runs)

    kinds = told(verification)
    assert kinds["index.html"] == "differs"
    assert kinds["report.json"] == "differs"
    assert set(kinds.values()) == {"differs", "only-rebuilt", "not-rebuilt"}
    gone = [path for path, kind in kinds.items() if kind == "not-rebuilt"]
    assert gone  # columns, the registry and what b says in comparisons, named by their content
    named = ("data/columns/", "data/b-", "assets/runs-")
    assert all(path.startswith(named) for path in gone)
    assert [path for path in kinds if path.startswith(("data/a-", "files/a-"))] == []
    assert [path for path, kind in kinds.items() if kind == "only-rebuilt" and "/c-" in path]


def test_a_page_and_its_digest_changed_together_are_found_by_a_rebuild(
    runs: Path, site: Path
) -> None:
    content = (site / "index.html").read_bytes().replace(b"</body>", b"<p>ours</p></body>")
    (site / "index.html").write_bytes(content)
    (site / "extra.html").write_bytes(b"more")
    edit_manifest(
        site,
        lambda document: document["files"].update(
            {"index.html": entry(content), "extra.html": entry(b"more")}
        ),
    )

    assert verify_site(site).findings == ()
    assert told(rebuild(site, runs)) == {"index.html": "differs", "extra.html": "not-rebuilt"}


def test_a_changed_file_is_told_once(runs: Path, site: Path) -> None:
    (site / "index.html").write_bytes(b"")

    assert told(rebuild(site, runs)) == {"index.html": "changed"}


def test_other_recorded_versions_are_named_and_are_no_finding(runs: Path, site: Path) -> None:
    edit_manifest(site, lambda document: document["generator"].update(numpy="0.9", python="2.7"))

    verification = rebuild(site, runs)

    assert verification.findings == ()
    assert [(one.name, one.site) for one in verification.versions] == [
        ("numpy", "0.9"), ("python", "2.7"),
    ]  # fmt: skip


def test_a_manifest_written_otherwise_is_found_when_nothing_else_is(runs: Path, site: Path) -> None:
    edit_manifest(site, lambda document: None)

    assert told(rebuild(site, runs)) == {MANIFEST: "differs"}


def test_settings_of_the_rebuild_are_those_given(runs: Path, site: Path) -> None:
    assert told(rebuild(site, runs, title="Another title"))["index.html"] == "differs"

"""What `sitegen verify` says and which code it exits with: 0 fine, 1 findings, 2 no site."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.audit import snapshot
from tests.conftest import Outcome
from tests.factories import write_experiment_file, write_full_run, write_run

Run = Callable[..., Outcome]
MANIFEST = "sitegen-manifest.json"


@pytest.fixture
def site(sitegen: Run, tmp_path: Path) -> Path:
    write_full_run(tmp_path / "runs" / "a")
    assert sitegen("build", "runs", "-o", "site", "--quiet").code == 0
    return tmp_path / "site"


def test_a_site_as_built_is_fine(sitegen: Run, site: Path) -> None:
    before = snapshot(site)

    code, out, err = sitegen("verify", "site")

    assert (code, err) == (0, "")
    assert re.fullmatch(r"site: \d+ files, [\d.]+ MB, all as in the manifest\n", out)
    assert snapshot(site) == before


def test_findings_are_listed_with_what_was_expected(sitegen: Run, site: Path) -> None:
    size_bytes = (site / "index.html").stat().st_size
    sha256 = json.loads((site / MANIFEST).read_text())["files"]["report.json"]["sha256"]
    (site / "index.html").write_bytes(b"short")
    (site / "report.json").unlink()
    (site / "thesis.tex").write_text("ours")
    before = snapshot(site)

    code, out, err = sitegen("verify", "site")

    assert (code, err) == (1, "")
    changed, missing, extra, summary = out.splitlines()
    assert changed == f"site/index.html: holds 5 bytes, expected {size_bytes:,} [changed]"
    assert re.fullmatch(
        rf"site/report\.json: is missing; expected a file of [\d,]+ bytes, SHA-256 {sha256[:12]}…"
        r" \[missing\]",
        missing,
    )
    assert extra == (
        "site/thesis.tex: is not in the manifest; expected no file, found 4 bytes [extra]"
    )
    assert summary.startswith("site: 3 findings (1 changed, 1 extra, 1 missing) in ")
    assert snapshot(site) == before


def test_json_prints_one_object_with_whole_digests(sitegen: Run, site: Path) -> None:
    expected = json.loads((site / MANIFEST).read_text())["files"]
    (site / "report.json").unlink()

    code, out, err = sitegen("verify", "site", "--json")

    assert (code, err) == (1, "")
    document = json.loads(out)
    (finding,) = document["findings"]
    assert finding.pop("message").startswith("is missing")
    assert finding == {
        "kind": "missing", "path": "report.json", "found": None,
        "expected": expected["report.json"],
    }  # fmt: skip
    assert document["files"] == len(expected)
    assert document["bytes"] == sum(entry["bytes"] for entry in expected.values())
    assert (document["site"], document["rebuilt"], document["versions"]) == ("site", False, [])


@pytest.mark.parametrize(
    ("site", "told"),
    [
        ("nowhere", "error: nowhere: no such directory"),
        ("runs", f"error: runs: is no site that can be verified: {MANIFEST} cannot be opened"),
        ("runs/a/run.json", "is a file; expected the directory of a site"),
        ("broken", f"error: broken/{MANIFEST}: is no manifest of format 1: "),
    ],
)
def test_what_is_no_site_is_an_error_with_a_hint(
    sitegen: Run, tmp_path: Path, site: str, told: str
) -> None:
    write_run(tmp_path / "runs" / "a")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / MANIFEST).write_text('{"format": 1')

    code, out, err = sitegen("verify", site)

    assert (code, out) == (2, "")
    assert told in err
    assert "  hint: " in err


def test_a_rebuild_of_the_same_runs_is_fine_and_changes_nothing(
    sitegen: Run, site: Path, tmp_path: Path
) -> None:
    before = snapshot(tmp_path)

    code, out, err = sitegen("verify", "site", "--rebuild", "runs")

    assert code == 0
    assert out.endswith("all as in the manifest and the rebuild\n")
    assert err.splitlines() == ["Finding runs", "Reading runs (1)", "Rendering pages (1)"]
    assert snapshot(tmp_path) == before


def test_a_rebuild_finds_what_the_bundles_do_not_give(
    sitegen: Run, site: Path, tmp_path: Path
) -> None:
    write_experiment_file(tmp_path / "runs", 'title = "Another"\n')

    code, out, _ = sitegen("verify", "site", "--rebuild", "runs")

    assert code == 1
    assert "site/index.html: differs from a rebuild: " in out
    assert "  hint: Rebuild with the RUNS, settings, theme and --select of the build.\n" in out


def test_other_versions_are_named_before_a_file_is_blamed(
    sitegen: Run, site: Path, tmp_path: Path
) -> None:
    document = json.loads((site / MANIFEST).read_text())
    document["generator"] |= {"numpy": "0.9\x1b[2J"}
    del document["generator"]["zlib"]
    (site / MANIFEST).write_text(json.dumps(document))
    write_run(tmp_path / "runs" / "a", description="edited")

    code, out, _ = sitegen("verify", "site", "--rebuild", "runs")

    assert code == 1
    lines = out.splitlines()
    assert lines[0].startswith("numpy: the site was built with 0.9\\x1b[2J, the rebuild with ")
    assert lines[0].endswith("; bytes may differ for that reason alone")
    assert lines[1].startswith("zlib: the site was built with none, the rebuild with ")
    assert [line for line in lines[2:] if "[differs]" in line]


def test_other_versions_alone_are_no_finding(sitegen: Run, site: Path) -> None:
    document = json.loads((site / MANIFEST).read_text())
    document["generator"]["numpy"] = "0.9"
    (site / MANIFEST).write_text(json.dumps(document))

    code, out, err = sitegen("verify", "site", "--rebuild", "runs", "--json")

    assert (code, err) == (0, "")
    result = json.loads(out)
    assert [(one["name"], one["site"]) for one in result["versions"]] == [("numpy", "0.9")]
    assert result["rebuilt"] is True


def test_a_rebuild_takes_runs_and_title_from_the_settings(sitegen: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")
    (tmp_path / "ours.toml").write_text(
        '[site]\ntitle = "Ours"\nruns = ["runs"]\noutput = "site"\n'
    )
    sitegen("build", "--config", "ours.toml", "--quiet")

    assert sitegen("verify", "site", "--rebuild", "--config", "ours.toml").code == 0
    assert sitegen("verify", "site", "--rebuild", "runs").code == 1


def test_a_rebuild_takes_the_theme(sitegen: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")
    (tmp_path / "ours" / "css").mkdir(parents=True)
    (tmp_path / "ours" / "css" / "tokens.css").write_text(":root { --sg-page: #fff }\n")
    assert sitegen("build", "runs", "-o", "site", "--theme", "ours", "--quiet").code == 0

    assert sitegen("verify", "site", "--rebuild", "runs", "--theme", "ours").code == 0
    assert sitegen("verify", "site", "--rebuild", "runs").code == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("verify",), "Missing argument 'SITE'"),
        (("verify", "site", "runs"), "RUNS, --config, --theme and --select are for --rebuild."),
        (("verify", "site", "--config", "a.toml"), "are for --rebuild."),
        (("verify", "site", "--rebuild"), "error: no directory of runs was named for the rebuild"),
        (("verify", "site", "--rebuild", "nowhere"), "error: nowhere: no such directory"),
        (("verify", "site", "--nonsense"), "No such option"),
        (("verfy", "site"), "Did you mean verify?"),
    ],
)
def test_wrong_usage_exits_with_two(
    sitegen: Run, site: Path, arguments: tuple[str, ...], told: str
) -> None:
    code, out, err = sitegen(*arguments)

    assert (code, out) == (2, "")
    assert told in err


def test_control_characters_of_a_manifest_never_reach_the_terminal(
    sitegen: Run, tmp_path: Path
) -> None:
    control = "\x1b]0;owned\x07\r::error::\u202e\u2028\x9b31m"
    (tmp_path / "site").mkdir()
    manifest = {"format": 1, "generator": {}, "files": {control: {}, f"::error::{control}": {}}}
    (tmp_path / "site" / MANIFEST).write_text(json.dumps(manifest))
    (tmp_path / "site" / "\x1b[2J\n::error::x").touch()

    code, out, err = sitegen("verify", "site")
    as_json = sitegen("verify", "site", "--json").out

    assert code == 1
    for text in (out + err, as_json):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", text)
        assert not any(line.lstrip().startswith("::") for line in text.splitlines())


def test_help_names_every_option_and_gives_examples(sitegen: Run) -> None:
    code, out, _ = sitegen("verify", "--help")

    assert code == 0
    assert "sitegen verify site/ --rebuild runs/ --json" in out
    for option in ("--rebuild", "--config", "--theme", "--json"):
        assert option in out

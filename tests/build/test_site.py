"""One fault costs what it touches: the rest of the site is built, and nothing else is touched."""

from __future__ import annotations

import gzip
import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen.build.site import BuildResult, build_site
from sitegen.bundle.limits import Limits
from sitegen.bundle.settings import Settings
from sitegen.cli.terminal import QuietProgress
from tests.conftest import contents
from tests.factories import (
    PNG,
    span_document,
    ulid,
    write_experiment_file,
    write_file,
    write_full_run,
    write_metrics,
    write_run,
    write_run_text,
    write_sidecar,
    write_trace,
)

Build = Callable[..., BuildResult]


def codes(result: BuildResult, run_id: str = "bad") -> set[str]:
    return {problem.code for problem in result.problems[run_id]}


def report_of(root: Path, run_id: str) -> dict:
    """runs/<slug>.json of the run."""
    site = json.loads((root / "site" / "report.json").read_text())
    url = next(run["url"] for run in site["runs"] if run["id"] == run_id)
    return json.loads((root / "site" / url).with_suffix(".json").read_text())


def seen(root: Path, leave_out: tuple[str, ...] = ()) -> dict[str, tuple[int, bytes]]:
    """Modification time and content of everything below *root*, but of its members *leave_out*."""
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in root.rglob("*")
        if path.relative_to(root).parts[0] not in leave_out
    }


def half(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


CORRUPTIONS: dict[str, tuple[Callable[[Path], object], str]] = {
    "run.json": (lambda b: write_run_text(b, '{"name": '), "run-unreadable"),
    "run.json of zeros": (lambda b: write_run_text(b, bytes(100)), "run-unreadable"),
    "run.json a list": (lambda b: write_run_text(b, "[1, 2]"), "run-unreadable"),
    "metrics": (lambda b: half(write_metrics(b, loss=[1.0] * 100)), "parquet-truncated"),
    "metrics of text": (lambda b: write_file(b, "metrics.parquet", "a,b"), "parquet-unreadable"),
    "journal": (lambda b: write_file(b, "metrics/a.jsonl", "{\nx\n{}"), "journal-line"),
    "trace": (lambda b: write_file(b, "traces/a.jsonl", '{"resourceSpans": [}\n{}'), ""),
    "trace binary": (lambda b: write_file(b, "traces/b.pb", bytes(range(200))), ""),
    "trace cut gzip": (lambda b: half(write_trace(b, path="traces/c.jsonl.gz")), ""),
    "eval": (lambda b: write_file(b, "evals/qa.jsonl", '{"id": 1}\n{"id": \n'), ""),
    "eval meta": (lambda b: write_file(b, "evals/qa.meta.json", "{"), ""),
    "sidecar": (lambda b: write_file(b, f"annotations/{ulid(9)}.json", "{"), ""),
    "picture": (lambda b: write_file(b, "attachments/a.png", PNG[:20] + bytes(9)), None),
    "svg": (lambda b: write_file(b, "attachments/a.svg", "<svg"), ""),
    "attached parquet": (lambda b: write_file(b, "attachments/a.parquet", "PAR1"), ""),
    "attached csv": (lambda b: write_file(b, "attachments/a.csv", b"\xff\xfe\x00a,\0"), None),
    "note": (lambda b: write_file(b, "notes.md", b"\xff\xfe# x"), None),
    "symlink": (lambda b: (b / "traces" / "z.jsonl").symlink_to("/etc/passwd"), "symlink"),
    "pipe": (lambda b: os.mkfifo(b / "attachments" / "pipe"), "file-skipped"),
    "unreadable": (lambda b: write_file(b, "strange.bin", b"x"), "unknown-file"),
}  # fmt: skip


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_one_corrupt_file_leaves_the_rest_of_the_site_built(
    build: Build, tmp_path: Path, kind: str
) -> None:
    corrupt, code = CORRUPTIONS[kind]
    write_full_run(tmp_path / "runs" / "good")
    bundle = write_full_run(tmp_path / "runs" / "bad")

    corrupt(bundle)
    result = build(tmp_path / "runs")

    assert result.run_count == 2
    assert result.problems["good"] == ()
    if code:
        assert code in codes(result)
    elif code == "":
        assert result.problems["bad"] != ()
    good = report_of(tmp_path, "good")
    assert good["metrics"]["val/loss"]["count"] == 40
    bad = report_of(tmp_path, "bad")
    kept = {
        "metrics": bad["metrics"].get("val/loss", {}).get("count") == 40,
        "traces": bad["traces"]["spans"] >= 2,
        "evals": bad["evals"].get("qa", {}).get("samples") == 3,
        "attachments": len(bad["attachments"]) >= 12,
    }
    touched = {
        "metrics": "metrics", "metrics of text": "metrics", "eval": "evals", "trace": "traces"
    }  # fmt: skip
    expected = {part for part in kept if touched.get(kind) != part}
    assert {part for part, is_kept in kept.items() if is_kept} >= expected


def test_every_kind_of_corruption_at_once_is_survived(build: Build, tmp_path: Path) -> None:
    bundle = write_full_run(tmp_path / "runs" / "bad")
    for corrupt, _ in CORRUPTIONS.values():
        corrupt(bundle)

    result = build(tmp_path / "runs")

    assert result.run_count == 1
    assert {"run-unreadable", "symlink", "file-skipped", "parquet-unreadable"} <= codes(result)


@pytest.mark.parametrize("seed", range(12))
def test_flipped_bytes_anywhere_are_survived(build: Build, tmp_path: Path, seed: int) -> None:
    bundle = write_full_run(tmp_path / "runs" / "bad")
    chance = random.Random(seed)
    for path in sorted(path for path in bundle.rglob("*") if path.is_file()):
        content = bytearray(path.read_bytes())
        for _ in range(chance.randrange(1, 4)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        path.write_bytes(content)

    result = build(tmp_path / "runs")

    assert result.run_count == 1
    json.loads((tmp_path / "site" / "report.json").read_text())


def test_a_symbolic_link_is_never_published(build: Build, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("8f3a-secret")
    bundle = write_full_run(tmp_path / "runs" / "bad")
    (bundle / "attachments" / "link.txt").symlink_to(secret)
    (bundle / "attachments" / "folder").symlink_to(tmp_path)
    (bundle / "traces" / "folder").symlink_to(tmp_path)
    (bundle / "notes.md").unlink()
    (bundle / "notes.md").symlink_to(secret)
    (tmp_path / "runs" / "notes.md").symlink_to(secret)
    (tmp_path / "runs" / "other").symlink_to(tmp_path)

    result = build(tmp_path / "runs")

    assert sum(problem.code == "symlink" for problem in result.problems["bad"]) == 4
    assert all(b"8f3a-secret" not in content for content in contents(tmp_path / "site").values())


def test_a_settings_file_inside_the_runs_is_not_read(build: Build, tmp_path: Path) -> None:
    """It would be attacker-controlled: only --config or the working directory name settings."""
    write_run(tmp_path / "runs" / "a")
    (tmp_path / "runs" / "sitegen.toml").write_text('[site]\ntitle = "taken over"\n')

    build(tmp_path / "runs")

    assert "taken over" not in (tmp_path / "site" / "index.html").read_text()


def test_nothing_outside_the_output_is_touched(build: Build, tmp_path: Path) -> None:
    bundle = write_full_run(tmp_path / "runs" / "a")
    write_sidecar(bundle, 5, target={"type": "sample", "eval": "../../x", "sample_id": "../y"})
    write_file(tmp_path, "beside.txt", "kept")
    before = seen(tmp_path)

    build(tmp_path / "runs")

    after = seen(tmp_path, leave_out=("site", ".sitegen-cache"))
    assert after == before


def test_paths_in_models_and_ids_lead_nowhere(build: Build, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("8f3a-secret")
    climb = "../../secret.txt"
    write_run(
        tmp_path / "runs" / "a", id=climb, name=climb, experiment=climb, parent=climb,
        models=[{"name": "m", "path": climb}], source={"diff": climb, "entrypoint": str(secret)},
        datasets=[{"name": "d", "uri": secret.as_uri()}],
    )  # fmt: skip
    write_experiment_file(tmp_path / "runs", f'name = "{climb}"\ntitle = "x"\nbaseline = "{climb}"')

    build(tmp_path / "runs")

    site = contents(tmp_path / "site")
    assert all(b"8f3a-secret" not in content for content in site.values())
    assert all(".." not in path for path in site)
    pages = b"".join(content for path, content in site.items() if path.endswith(".html"))
    assert b'href="file:' not in pages


def test_annotations_of_a_shared_id_go_to_neither_run(build: Build, tmp_path: Path) -> None:
    write_full_run(tmp_path / "runs" / "a", id="same")
    write_full_run(tmp_path / "runs" / "b", id="same")

    build(tmp_path / "runs")

    for run_id in ("same", "same~2"):
        assert report_of(tmp_path, run_id)["annotations"]["feedback"] == 0


def test_a_run_with_nothing_but_an_empty_object_has_a_page(build: Build, tmp_path: Path) -> None:
    write_run_text(tmp_path / "runs" / "bare", "{}")

    result = build(tmp_path / "runs")

    assert result.problems["bare"] == ()
    assert report_of(tmp_path, "bare")["metrics"] == {}


def test_numbers_beyond_64_bits_are_shown_not_lost(build: Build, tmp_path: Path) -> None:
    big = 10**30
    write_run(
        tmp_path / "runs" / "a", params={"seed": big, "deep": {"list": [big, -big]}},
        environment={"hardware": {"flops": big}, "packages": {}}, other_key={"n": big},
        summary={"score": big}, models=[{"name": "m", "size_bytes": big}],
    )  # fmt: skip

    build(tmp_path / "runs")

    page = next((tmp_path / "site" / "runs").glob("*.html")).read_text()
    assert str(big) in page
    assert report_of(tmp_path, "a")["params"]["seed"] == str(big)


def test_odd_names_of_directories_and_files_are_survived(build: Build, tmp_path: Path) -> None:
    names = [b"caf\xe9", "é".encode(), "e\u0301".encode(), b"CON", b"nul.txt", b"a b", b"\n", b"-o",
             "\u202egnp".encode(), b"%2e%2e", b"~", b"A", b"a"]  # fmt: skip
    for name in names:
        text = os.fsdecode(name)
        folder = tmp_path / "runs" / os.fsdecode(b"exp\xff") / text
        for path in ("run.json", f"attachments/{text}/{text}"):
            write_file(folder, path, "{}")

    result = build(tmp_path / "runs")

    assert result.run_count == len(names)
    paths = list(contents(tmp_path / "site"))
    assert len({path.lower() for path in paths}) == len(paths)


def test_the_limits_of_the_settings_are_kept(build: Build, tmp_path: Path) -> None:
    bundle = write_full_run(tmp_path / "runs" / "a", params={f"p{at}": at for at in range(30)})
    write_trace(bundle, [span_document(spanId=f"{at:016x}") for at in range(1, 20)])

    result = build(tmp_path / "runs", limits=Limits(params=10, metrics=2, json_bytes=100_000))

    report = report_of(tmp_path, "a")
    assert len(report["params"]) == 10
    assert len([one for one in report["metrics"].values() if one["count"]]) == 2
    assert {"too-many-params", "too-many-metrics"} <= codes(result, "a")


def test_a_run_json_beyond_its_limit_is_listed_with_the_limit(build: Build, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a", description="x" * 5000)

    result = build(tmp_path / "runs", limits=Limits(manifest_bytes=1000))

    assert codes(result, "a") == {"run-unreadable"}
    assert "larger than the limit of 1,000 bytes" in result.problems["a"][0].message


def test_several_arguments_make_one_site_and_a_bundle_counts_once(tmp_path: Path) -> None:
    write_run(tmp_path / "one" / "a")
    write_run(tmp_path / "two" / "b")

    result = build_site(
        [tmp_path / "one", tmp_path / "two", tmp_path / "one" / "a", tmp_path],
        tmp_path / "site", Settings(prices={}), workers=1, progress=QuietProgress(),
    )  # fmt: skip

    assert result.run_count == 2


def test_processes_give_the_same_result_as_one(tmp_path: Path) -> None:
    for number in range(5):
        write_full_run(tmp_path / "runs" / f"r{number}")
    write_run(tmp_path / "runs" / "odd", params={"seed": 10**30}, status="x")
    sites = []
    for workers in (1, 2):
        output = tmp_path / f"site-{workers}"
        build_site(
            [tmp_path / "runs"], output, Settings(prices={}), workers=workers,
            progress=QuietProgress(),
        )  # fmt: skip
        sites.append(contents(output))

    assert sites[0] == sites[1]


def test_sidecars_may_lie_outside_the_bundles(build: Build, tmp_path: Path) -> None:
    from sitegen.bundle.paths import slug

    write_run(tmp_path / "runs" / "a")
    folder = tmp_path / "notes-of-people" / slug("a")
    write_sidecar(folder, 1)
    (folder / "annotations" / f"{ulid(1)}.json").rename(folder / f"{ulid(1)}.json")

    build(tmp_path / "runs", annotations_dir=tmp_path / "notes-of-people")

    assert report_of(tmp_path, "a")["annotations"]["feedback"] == 1


def test_a_bundle_of_compressed_bombs_stays_within_the_limit(build: Build, tmp_path: Path) -> None:
    bundle = write_run(tmp_path / "runs" / "a")
    write_file(bundle, "traces/a.jsonl.gz", gzip.compress(b"x" * 20_000_000, mtime=0))
    write_file(bundle, "evals/qa.jsonl.gz", gzip.compress(b'{"id": 1}\n' * 500_000, mtime=0))

    result = build(tmp_path / "runs", limits=Limits(decoded_bytes=1_000_000, samples=1000))

    assert result.problem_errors >= 2

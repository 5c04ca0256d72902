"""Pages a second of a first build by two workers, beside Hugo's trivial pages."""

from __future__ import annotations

from pathlib import Path

from benchmarks import hugo
from benchmarks.bundles import write_runs
from benchmarks.commands import Job, remove, seconds_of, sitegen_build
from benchmarks.profiles import profile_of
from benchmarks.report import Goal, Result, megabytes_text, seconds_text
from benchmarks.rounds import Action, interleaved

RUNS = 10_000
LEAST_PAGES_S = 800
_PROFILED_RUNS = 1_000


def measure(job: Job) -> Result:
    """Seconds of a first build of bundles that hold only run.json."""
    runs_count = job.count(RUNS)
    runs, site = job.directory("runs"), job.scratch / "site"
    write_runs(runs, runs_count)
    build = sitegen_build(runs, site, "--workers", "2")
    actions: dict[str, Action] = {
        "sitegen, two workers": _anew(build, job.scratch, site, job.scratch / ".sitegen-cache")
    }
    if hugo.is_installed():
        root = job.directory("hugo")
        hugo.write_hugo(root, runs_count)
        actions["Hugo, trivial pages"] = _anew(
            hugo.hugo_build(root), job.scratch, root / "public", root / "resources"
        )
    found = interleaved(job.rounds_or(5), actions)
    outputs = {"sitegen, two workers": site, "Hugo, trivial pages": job.scratch / "hugo" / "public"}
    rate = runs_count / found["sitegen, two workers"].median
    is_met = rate >= LEAST_PAGES_S
    return Result(
        what=f"First builds of {runs_count:,} bundles that hold only run.json: a page a bundle, its"
        " report, experiments, index and report.json.",
        head=("program", "median", "min", "max", "pages/s", "files", "bytes", "load"),
        rows=tuple(
            (
                name,
                *(seconds_text(getattr(one, what)) for what in ("median", "min", "max")),
                f"{runs_count / one.median:,.0f}",
                *_files_text(outputs[name]),
                found.load_text,
            )
            for name, one in found.by_name.items()
        ),
        goals=(
            Goal(
                text=f"runs' pages a second ≥ {LEAST_PAGES_S}",
                measured=f"{rate:,.0f}",
                is_met=is_met,
            ),
        ),
        notes=(
            f"Medians of {len(found.loads)} rounds; only runs' pages are counted.",
            *(() if hugo.is_installed() else (hugo.MISSING,)),
        ),
        profile=None if is_met else _profile(job),
    )


def _anew(command: list[str], scratch: Path, *outputs: Path) -> Action:
    """An action that removes the outputs, which is not timed, and builds."""

    def act() -> float:
        remove(*outputs)
        return seconds_of(command, scratch)

    return act


def _files_text(directory: Path) -> tuple[str, str]:
    sizes = [path.stat().st_size for path in directory.rglob("*") if path.is_file()]
    return f"{len(sizes):,}", megabytes_text(sum(sizes))


def _profile(job: Job) -> str:
    """Of fewer bundles and one worker, whose functions a profile sees."""
    runs = job.directory("profiled")
    write_runs(runs, min(_PROFILED_RUNS, job.count(RUNS)))
    return profile_of(
        sitegen_build(runs, job.scratch / "profiled-site", "--workers", "1")[1:], job.scratch
    )

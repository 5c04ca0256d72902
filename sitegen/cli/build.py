"""`sitegen build`: arguments and settings in, a site and a summary out."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import click

from sitegen import units
from sitegen.build.progress import Progress
from sitegen.build.site import BuildResult, build_site
from sitegen.bundle.settings import Settings
from sitegen.cli.terminal import (
    BarProgress,
    LineProgress,
    QuietProgress,
    is_terminal,
    plain_text,
    problem_lines,
)
from sitegen.errors import SitegenError
from sitegen.read.settings import find_settings, read_settings

_MOST_LINES = 60


@click.command("build")
@click.argument("runs", nargs=-1, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Directory to write. [site]")
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False),
              help="Settings file. [nearest sitegen.toml upward]")
@click.option("--theme", type=click.Path(path_type=Path), help="Theme directory over the default.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes. [one for each core]")
@click.option("--cache", type=click.Path(path_type=Path, file_okay=False),
              help="Where derived parts are kept. [.sitegen-cache beside the output]")
@click.option("--explain", is_flag=True, help="Say why each run was derived again.")
@click.option("--strict", is_flag=True, help="Exit with 1 if there are problems.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("--quiet", is_flag=True, help="Print errors only.")
def command(
    runs: tuple[Path, ...],
    *,
    output: Path | None,
    config: Path | None,
    theme: Path | None,
    workers: int | None,
    cache: Path | None,
    explain: bool,
    strict: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Build the site of all runs below RUNS.

    A run is a directory with a run.json. The site opens from the folder, from a web server or from a
    CI artifact. An output directory that is not a site of sitegen is never written into.

    \b
    sitegen build runs/ -o site
    sitegen build runs/bert runs/gpt --strict --json
    sitegen build runs/ --explain
    """
    settings = read_settings(config or find_settings(Path.cwd()))
    if theme is not None:
        settings = replace(settings, theme=theme)
    target = output or settings.output or Path("site")
    with ExitStack() as stack:
        progress: Progress = QuietProgress()
        if not quiet and not as_json:
            progress = stack.enter_context(BarProgress()) if is_terminal() else LineProgress()
        result = build_site(
            _roots(runs, settings), target, settings, workers=workers, progress=progress,
            cache_directory=cache,
        )
    if explain and not as_json:
        _print_reasons(result)
    if as_json:
        click.echo(json.dumps(_result(result), indent=2, sort_keys=True))
    elif not quiet:
        _print_problems(result)
        _print_summary(result)
    if strict and (result.problem_errors or result.problem_warnings):
        raise click.exceptions.Exit(1)


def _roots(runs: tuple[Path, ...], settings: Settings) -> tuple[Path, ...]:
    roots = runs or settings.runs
    if not roots:
        raise SitegenError(
            "no directory of runs was named",
            hint="sitegen build RUNS, or runs = [\"runs\"] under [site] in sitegen.toml.",
        )
    return roots


def _print_problems(result: BuildResult) -> None:
    lines = problem_lines("", result.site_problems, len(result.site_problems))
    for run_id, problems in result.problems.items():
        if problems:
            lines += problem_lines(result.shown_paths[run_id], problems, len(problems))
    for line in lines[:_MOST_LINES]:
        click.echo(line, err=True)
    if len(lines) > _MOST_LINES:
        click.echo(f"{len(lines) - _MOST_LINES:,} more lines; see the site's report.json", err=True)


def _print_reasons(result: BuildResult) -> None:
    for run_id, reason in result.reasons.items():
        click.echo(plain_text(f"{result.shown_paths[run_id]}: {reason}"))
    count, pages = len(result.reasons), len(result.rendered)
    runs = f"{units.plural(count, 'run')} derived, {result.run_count - count:,} kept"
    click.echo(f"{runs}; {units.plural(pages, 'page')} rendered")


def _print_summary(result: BuildResult) -> None:
    written = result.written
    problems = ", ".join(
        units.plural(count, word)
        for count, word in (
            (result.problem_errors, "error"), (result.problem_warnings, "warning"),
        )
        if count
    )
    change = "all new" if written.changed == written.files else f"{written.changed:,} changed"
    if written.removed:
        change += f", {written.removed:,} removed"
    text = (
        f"{units.plural(result.run_count, 'run')} in"
        f" {units.plural(len(result.experiments), 'experiment')}, {problems or 'no problems'}"
        f" · {units.plural(written.files, 'file')}, {units.bytes_text(written.size_bytes)} ({change})"
        f" in {result.seconds:.1f} s"
    )
    click.echo(plain_text(text.replace(units.SPACE, " ")))
    click.echo(plain_text(f"open {result.output / 'index.html'}"))


def _result(result: BuildResult) -> dict[str, object]:
    return {
        "output": str(result.output),
        "runs": result.run_count,
        "experiments": len(result.experiments),
        "problems": {"error": result.problem_errors, "warning": result.problem_warnings},
        "files": result.written.files,
        "bytes": result.written.size_bytes,
        "changed": result.written.changed,
        "removed": result.written.removed,
        "seconds": round(result.seconds, 3),
        "derived": result.reasons,
        "rendered": list(result.rendered),
    }

"""`sitegen build`: arguments and settings in, a site and a summary out."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import click

from sitegen import units
from sitegen.build.last_build.unchanged import keep_saying, tree_paths
from sitegen.build.output.versions import library_directories
from sitegen.build.progress import Progress
from sitegen.build.reviewing import Base
from sitegen.build.site import BuildResult, build_site
from sitegen.bundle.conditions import Condition
from sitegen.bundle.settings import Settings
from sitegen.cli.group import Call
from sitegen.cli.select import SELECT
from sitegen.cli.terminal import (
    BarProgress,
    LineProgress,
    QuietProgress,
    is_terminal,
    plain_text,
    printed_json,
    problem_lines,
)
from sitegen.errors import SitegenError
from sitegen.installed import own_code
from sitegen.read.settings import find_settings, read_settings, settings_candidates
from sitegen.render.theme import theme_directories

_MOST_LINES = 60


@click.command("build")
@click.argument("runs", nargs=-1, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Directory to write. [site]")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings file. [nearest sitegen.toml upward]",
)
@click.option("--theme", type=click.Path(path_type=Path), help="Theme directory over the default.")
@SELECT
@click.option("--workers", type=click.IntRange(1, 256), help="Processes. [one for each core]")
@click.option(
    "--cache",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where derived parts are kept. [.sitegen-cache beside the output]",
)
@click.option(
    "--base",
    metavar="BASE",
    help="Mark annotations that are new, changed or removed against a directory or git revision.",
)
@click.option("--explain", is_flag=True, help="Say why each run was derived again.")
@click.option("--strict", is_flag=True, help="Exit with 1 if there are problems.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("--quiet", is_flag=True, help="Print errors only.")
@click.pass_obj
def command(
    call: Call,
    runs: tuple[Path, ...],
    *,
    output: Path | None,
    config: Path | None,
    theme: Path | None,
    select: Condition | None,
    workers: int | None,
    cache: Path | None,
    base: str | None,
    explain: bool,
    strict: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Build the site of all runs below RUNS.

    A run is a directory with a run.json. The site opens from the folder, from a web server or
    from a CI artifact. An output directory that is not a site of sitegen is never written into.

    \b
    sitegen build runs/ -o site
    sitegen build runs/bert runs/gpt --strict --json
    sitegen build runs/ --explain
    sitegen build runs/ --base main
    sitegen build runs/ --select 'tags contains "release" and metrics.val/loss < 0.3'
    """
    found = config or find_settings(Path.cwd())
    settings = replace(read_settings(found), select=select)
    if theme is not None:
        settings = replace(settings, theme=theme)
    target = output or settings.output or Path("site")
    roots = _roots(runs, settings)
    gc.freeze()  # a build makes much and drops little: looking through it all takes a fifth
    with ExitStack() as stack:
        progress: Progress = QuietProgress()
        if not quiet and not as_json:
            progress = stack.enter_context(BarProgress()) if is_terminal() else LineProgress()
        result = build_site(
            roots,
            target,
            settings,
            workers=workers,
            progress=progress,
            cache_directory=cache,
            compiled=_user_cache() / "templates",
            look=call.look,
            base_annotations=_base(base, roots, settings) if base else None,
        )
    if explain and not as_json:
        _print_reasons(result)
    code = 1 if strict and (result.problem_errors or result.problem_warnings) else 0
    problems = "" if quiet or as_json else "".join(f"{line}\n" for line in problem_text(result))
    click.echo(problems, err=True, nl=False)
    click.echo(result_text(result, as_json=as_json, quiet=quiet), nl=False)
    asks_git = settings.has_git_authors or base is not None  # which may say else of the same files
    if not explain and not asks_git and not result.has_lost and result.scan is not None:
        unchanged = replace(
            result,
            reasons={},
            rendered=(),
            seconds=0.0,
            written=replace(result.written, changed=0, removed=0),
        )
        said = (result_text(unchanged, as_json=as_json, quiet=quiet), problems, code)
        project = _project(result, roots, found, settings)
        keep_saying(str(result.cache), call.arguments, said, project=project, scan=result.scan)
    raise click.exceptions.Exit(code)


def _base(named: str, roots: tuple[Path, ...], settings: Settings) -> Base:
    from sitegen.annotate.base import base_annotations  # and with it all that writes annotations

    return base_annotations(named, roots, settings)


def _project(
    result: BuildResult, roots: tuple[Path, ...], config: Path | None, settings: Settings
) -> Iterator[str]:
    """What a build depends on besides its inputs: links to these, settings and where they might
    appear, the theme, and our own code and the libraries that it runs.
    """
    yield from (str(path) for path in (*roots, result.output) if path.is_symlink())
    yield from (str(path) for path in settings_candidates(Path.cwd()))
    if config is not None:
        yield str(config)
    for directory in theme_directories(settings.theme):
        yield from tree_paths(str(directory))
    yield from own_code()
    yield from library_directories()


def _user_cache() -> Path:
    """Where programs keep what only this user may write (XDG base directories)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sitegen"


def _roots(runs: tuple[Path, ...], settings: Settings) -> tuple[Path, ...]:
    roots = runs or settings.runs
    if not roots:
        raise SitegenError(
            "no directory of runs was named",
            hint='sitegen build RUNS, or runs = ["runs"] under [site] in sitegen.toml.',
        )
    return roots


def problem_text(result: BuildResult) -> list[str]:
    """Lines on the problems for the terminal, the last one on those left out."""
    lines = problem_lines("", result.site_problems, len(result.site_problems))
    for run_id, problems in result.problems.items():
        if problems:
            lines += problem_lines(result.shown_paths[run_id], problems, len(problems))
    if len(lines) > _MOST_LINES:
        more = f"{len(lines) - _MOST_LINES:,} more lines; see the site's report.json"
        lines[_MOST_LINES:] = [more]
    return lines


def _print_reasons(result: BuildResult) -> None:
    for run_id, reason in result.reasons.items():
        click.echo(plain_text(f"{result.shown_paths[run_id]}: {reason}"))
    count, pages = len(result.reasons), len(result.rendered)
    runs = f"{units.plural(count, 'run')} derived, {result.run_count - count:,} kept"
    click.echo(f"{runs}; {units.plural(pages, 'page')} rendered")


def result_text(result: BuildResult, *, as_json: bool, quiet: bool) -> str:
    """What goes to stdout: the summary of two lines, or the result as JSON."""
    if as_json:
        return printed_json(_result(result)) + "\n"
    return "" if quiet else _summary(result)


def _summary(result: BuildResult) -> str:
    written = result.written
    problems = ", ".join(
        units.plural(count, word)
        for count, word in (
            (result.problem_errors, "error"),
            (result.problem_warnings, "warning"),
        )
        if count
    )
    change = f"{written.changed:,} changed" if written.changed else "nothing changed"
    if written.changed == written.files:
        change = "all new"
    if written.removed:
        change += f", {written.removed:,} removed"
    runs = units.plural(result.run_count, "run")
    if result.left_out:
        runs += f" of {result.run_count + result.left_out:,}"
    text = (
        f"{runs} in"
        f" {units.plural(len(result.run_counts), 'experiment')}, {problems or 'no problems'}"
        f" · {units.plural(written.files, 'file')}, {units.bytes_text(written.size_bytes)}"
        f" ({change})"
    )
    if result.seconds:
        text += f" in {result.seconds:.1f} s"
    opened = plain_text(f"open {result.output / 'index.html'}")
    return f"{plain_text(text.replace(units.SPACE, ' '))}\n{opened}\n"


def _result(result: BuildResult) -> dict[str, object]:
    return {
        "output": str(result.output),
        "runs": result.run_count,
        "left_out": result.left_out,
        "experiments": len(result.run_counts),
        "problems": {"error": result.problem_errors, "warning": result.problem_warnings},
        "files": result.written.files,
        "bytes": result.written.size_bytes,
        "changed": result.written.changed,
        "removed": result.written.removed,
        "seconds": round(result.seconds, 3),
        "derived": result.reasons,
        "rendered": list(result.rendered),
    }

"""`sitegen check`: arguments and settings in, the problems of all runs out; nothing is written."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Literal

import click

from sitegen.build.check import CheckResult, check_runs
from sitegen.build.progress import Progress
from sitegen.bundle.conditions import Condition
from sitegen.cli.check_formats import github_lines, json_text, junit_text, summary, text_lines
from sitegen.cli.select import SELECT
from sitegen.cli.terminal import BarProgress, LineProgress, QuietProgress, is_terminal
from sitegen.errors import SitegenError
from sitegen.read.settings import find_settings, read_settings

Format = Literal["text", "json", "github", "junit"]


@click.command("check")
@click.argument("runs", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings file. [nearest sitegen.toml upward]",
)
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings, too.")
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "github", "junit"]),
    help="How to print. [text]",
)
@SELECT
@click.option("--workers", type=click.IntRange(1, 256), help="Processes. [one for each core]")
def command(
    runs: tuple[Path, ...],
    *,
    config: Path | None,
    strict: bool,
    as_json: bool,
    format_: Format | None,
    select: Condition | None,
    workers: int | None,
) -> None:
    """Read all runs below RUNS and print their problems; write nothing.

    What is read, and every problem of it, is what sitegen build would read and tell. Exits with 1
    if there are errors, with 3 if there is no run.

    \b
    sitegen check runs/
    sitegen check runs/ --strict --format github
    sitegen check runs/ --format junit > sitegen.xml
    sitegen check runs/ --select 'status != "running"'
    """
    if as_json and format_ not in {None, "json"}:
        raise click.UsageError(f"--json and --format {format_} exclude each other.")
    chosen = "json" if as_json else format_ or "text"
    settings = replace(read_settings(config or find_settings(Path.cwd())), select=select)
    roots = runs or settings.runs
    if not roots:
        raise SitegenError(
            "no directory of runs was named",
            hint='sitegen check RUNS, or runs = ["runs"] under [site] in sitegen.toml.',
        )
    with ExitStack() as stack:
        progress: Progress = QuietProgress()
        if chosen == "text":
            progress = stack.enter_context(BarProgress()) if is_terminal() else LineProgress()
        result = check_runs(
            roots, (settings.output or Path("site"),), settings, workers=workers, progress=progress
        )
    click.echo(_text(result, chosen))
    if result.errors or (strict and (result.warnings or result.unlisted)):
        raise click.exceptions.Exit(1)


def _text(result: CheckResult, format_: Format) -> str:
    match format_:
        case "json":
            return json_text(result)
        case "junit":
            return junit_text(result)
        case "github":
            return "\n".join([*github_lines(result, Path.cwd()), summary(result)])
        case "text":
            return "\n".join([*text_lines(result), summary(result)])

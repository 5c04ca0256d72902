"""`sitegen compact`: runs that never ended, put in order."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from sitegen.cli.terminal import plain_text
from sitegen.errors import NothingBuiltError, SitegenError
from sitegen.read.bundle import find_bundles
from sitegen.sdk.settle import Settled, settle_bundle
from sitegen.units import plural

_WORDS = {
    "interrupted": "marked interrupted",
    "compacted": "compacted",
    "living": "still running, left alone",
}


@click.command("compact")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--quiet", is_flag=True, help="Print errors only.")
def command(runs: tuple[Path, ...], *, quiet: bool) -> None:
    """Mark runs that never ended as interrupted and turn their journals into Parquet.

    A run whose process still lives is left alone, as is one that has ended and has no journals.
    Exits with 1 if a bundle cannot be put in order, with 3 if there is no run.

    \b
    sitegen compact runs/
    sitegen compact runs/bert-sentiment/lr-3e-4
    """
    bundles = find_bundles(runs, ())
    if not bundles:
        raise NothingBuiltError("no run below the directories named")
    counts: Counter[str] = Counter()
    for bundle in bundles:
        try:
            settled = settle_bundle(bundle.root)
        except (SitegenError, OSError) as error:
            counts["failed"] += 1
            click.echo(plain_text(f"{bundle.shown_path}: error: {error}"), err=True)
            continue
        counts[settled.outcome] += 1
        if settled.outcome != "unchanged" and not quiet:
            click.echo(plain_text(f"{bundle.shown_path}: {_line(settled)}"))
    if not quiet:
        click.echo(_summary(len(bundles), counts))
    if counts["failed"]:
        raise click.exceptions.Exit(1)


def _line(settled: Settled) -> str:
    line = _WORDS[settled.outcome]
    if settled.points:
        line += f", {plural(settled.points, 'point')} in Parquet"
    return f"{line}: {settled.reason}" if settled.reason else line


def _summary(total: int, counts: Counter[str]) -> str:
    parts = [f"{counts[outcome]:,} {words}" for outcome, words in _WORDS.items() if counts[outcome]]
    return f"{plural(total, 'run')}: {', '.join(parts) or 'nothing to do'}"

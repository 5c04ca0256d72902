"""`sitegen verify`: a site held against its manifest, and against a new build of its runs."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import click
import msgspec
from msgspec import Struct

from sitegen import units
from sitegen.build.progress import Progress
from sitegen.build.verify import (
    FileFacts,
    Kind,
    Verification,
    verify_rebuild,
    verify_site,
)
from sitegen.bundle.conditions import Condition
from sitegen.cli.select import SELECT
from sitegen.cli.terminal import (
    BarProgress,
    LineProgress,
    QuietProgress,
    is_terminal,
    plain_text,
    printed_json,
)
from sitegen.errors import SitegenError
from sitegen.read.settings import find_settings, read_settings
from sitegen.render.payload import plain

_REBUILD_KINDS: frozenset[Kind] = frozenset({"differs", "not-rebuilt", "only-rebuilt"})


class FileFactsReport(Struct, frozen=True, kw_only=True):
    """Size and digest of a file; the digest is null where the size tells the difference."""

    bytes: int
    sha256: str | None


class FindingReport(Struct, frozen=True, kw_only=True):
    """One file that is not as expected."""

    kind: Kind
    path: str
    expected: FileFactsReport | None
    found: FileFactsReport | None
    message: str


class VersionReport(Struct, frozen=True, kw_only=True):
    """A program that is of another version here than the manifest records."""

    name: str
    site: str | None
    here: str | None


class VerificationReport(Struct, frozen=True, kw_only=True):
    """What `sitegen verify --json` prints."""

    site: str
    files: int
    bytes: int
    rebuilt: bool
    versions: list[VersionReport]
    findings: list[FindingReport]


@click.command("verify")
@click.argument("site", type=click.Path(path_type=Path))
@click.argument("runs", nargs=-1, type=click.Path(path_type=Path), metavar="[--rebuild RUNS...]")
@click.option("--rebuild", is_flag=True, help="Also compare with a new build of RUNS.")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings file of the rebuild. [nearest sitegen.toml upward]",
)
@click.option("--theme", type=click.Path(path_type=Path), help="Theme directory of the rebuild.")
@SELECT
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    site: Path,
    runs: tuple[Path, ...],
    *,
    rebuild: bool,
    config: Path | None,
    theme: Path | None,
    select: Condition | None,
    as_json: bool,
) -> None:
    """Check that SITE holds what its manifest says: nothing missing, changed or extra.

    With --rebuild the site is also compared, byte for byte, with a new build of RUNS in a temporary
    directory. SITE is only read. Exits with 1 if there are findings, with 2 if SITE cannot be
    verified.

    \b
    sitegen verify site/
    sitegen verify site/ --rebuild runs/ --json
    sitegen verify site/ --rebuild runs/ --select 'experiment = "sentiment"'
    """
    if not rebuild and (runs or config or theme or select):
        raise click.UsageError("RUNS, --config, --theme and --select are for --rebuild.")
    if rebuild:
        result = _rebuilt(site, runs, config, theme, select, is_silent=as_json)
    else:
        result = verify_site(site)
    if as_json:
        report = plain(msgspec.to_builtins(_report(result)))
        click.echo(printed_json(report))
    else:
        _print(result)
    if result.findings:
        raise click.exceptions.Exit(1)


def _rebuilt(
    site: Path,
    runs: tuple[Path, ...],
    config: Path | None,
    theme: Path | None,
    select: Condition | None,
    *,
    is_silent: bool,
) -> Verification:
    settings = replace(read_settings(config or find_settings(Path.cwd())), select=select)
    if theme is not None:
        settings = replace(settings, theme=theme)
    roots = runs or settings.runs
    if not roots:
        raise SitegenError(
            "no directory of runs was named for the rebuild",
            hint='sitegen verify SITE --rebuild RUNS, or runs = ["runs"] under [site] in'
            " sitegen.toml.",
        )
    with ExitStack() as stack:
        progress: Progress = QuietProgress()
        if not is_silent:
            progress = stack.enter_context(BarProgress()) if is_terminal() else LineProgress()
        return verify_rebuild(site, roots, settings, workers=None, progress=progress)


def _print(result: Verification) -> None:
    """Findings one a line; what differs in versions comes before any file is blamed."""
    for one in result.versions:
        click.echo(
            plain_text(
                f"{one.name}: the site was built with {one.site or 'none'}, the rebuild with"
                f" {one.here or 'none'}; bytes may differ for that reason alone"
            )
        )
    for finding in result.findings:
        click.echo(plain_text(f"{result.site}/{finding.path}: {finding.message} [{finding.kind}]"))
    if any(finding.kind in _REBUILD_KINDS for finding in result.findings):
        click.echo("  hint: Rebuild with the RUNS, settings, theme and --select of the build.")
    click.echo(plain_text(_summary(result).replace(units.SPACE, " ")))


def _summary(result: Verification) -> str:
    whole = f"{units.plural(result.files, 'file')}, {units.bytes_text(result.size_bytes)}"
    if not result.findings:
        against = "the manifest and the rebuild" if result.is_rebuilt else "the manifest"
        return f"{result.site}: {whole}, all as in {against}"
    counts = Counter(finding.kind for finding in result.findings)
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(counts.items()))
    return f"{result.site}: {units.plural(len(result.findings), 'finding')} ({kinds}) in {whole}"


def _report(result: Verification) -> VerificationReport:
    return VerificationReport(
        site=str(result.site),
        files=result.files,
        bytes=result.size_bytes,
        rebuilt=result.is_rebuilt,
        versions=[
            VersionReport(name=one.name, site=one.site, here=one.here) for one in result.versions
        ],
        findings=[
            FindingReport(
                kind=one.kind, path=one.path, expected=_facts(one.expected),
                found=_facts(one.found), message=one.message,
            )
            for one in result.findings
        ],
    )  # fmt: skip


def _facts(facts: FileFacts | None) -> FileFactsReport | None:
    return FileFactsReport(bytes=facts.size_bytes, sha256=facts.sha256) if facts else None

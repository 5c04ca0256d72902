"""`sitegen annotate`: what people say of runs, samples, spans and steps, as files."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from sitegen.annotate import (
    add_annotations,
    carry_annotations,
    diff_annotations,
    edit_annotation,
    format_annotations,
    list_annotations,
    remove_annotation,
)
from sitegen.annotate.diff import split_range
from sitegen.bundle.settings import Settings
from sitegen.cli.annotate_diff import diff_json, diff_markdown
from sitegen.cli.annotate_text import listed_json, listed_line
from sitegen.cli.terminal import plain_text, problem_lines
from sitegen.errors import Problem, SitegenError
from sitegen.read.settings import find_settings, read_settings
from sitegen.sdk.annotations import target_of
from sitegen.units import plural

_MOST_INPUT = 64_000_000
_MOST_DIGITS = 4_000  # of which Python makes an integer at all; the format has 64 bits

CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings file. [nearest sitegen.toml upward]",
)
RUNS = click.argument("runs", nargs=-1, type=click.Path(path_type=Path))


@click.group("annotate")
def command() -> None:
    """Add, list, edit, remove, format, carry and compare annotations: one file each.

    \b
    sitegen annotate add runs/v2 helpful yes --eval support --sample q-17 --user maria
    sitegen annotate add runs/v2 --json - < judgements.jsonl
    sitegen annotate list runs/ --state stale
    sitegen annotate edit 01KB3Q7Z --value no --rationale "Names the wrong day."
    sitegen annotate fmt runs/ --check
    sitegen annotate diff main..HEAD
    """


def settings_of(config: Path | None) -> Settings:
    """The settings in *config*, else in the nearest sitegen.toml."""
    return read_settings(config or find_settings(Path.cwd()))


def _value(text: str, kind: str | None) -> bool | int | str:
    """What VALUE says: yes, no, true and false are booleans, digits an integer, else a text."""
    word = text.strip().lower()
    if word in {"yes", "true", "no", "false"} and kind != "text":
        return word in {"yes", "true"}
    digits = word.removeprefix("-")
    if kind != "text" and digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS:
        return int(word)
    return text


@command.command("add")
@click.argument("bundle", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.argument("name", required=False)
@click.argument("value", required=False)
@click.option("--eval", "eval_", help="Eval of the sample that it is about.")
@click.option("--sample", help="Id of the sample that it is about.")
@click.option("--epoch", type=int, default=1, help="Epoch of the sample. [1]")
@click.option("--trace", help="Id of the trace of the span that it is about.")
@click.option("--span", help="Id of the span that it is about.")
@click.option("--metric", help="Metric of the step that it is about.")
@click.option("--step", type=int, help="Step that it is about.")
@click.option("--expectation", is_flag=True, help="yes and no say what should have been.")
@click.option("--text", is_flag=True, help="VALUE is a text, whatever it looks like.")
@click.option("--rationale", help="Why, as Markdown.")
@click.option("--user", help="Who says so.")
@click.option(
    "--json",
    "source",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="Take annotations from a file of JSON or JSON Lines, - for standard input.",
)
@CONFIG
def add(
    bundle: Path,
    name: str | None,
    value: str | None,
    *,
    eval_: str | None,
    sample: str | None,
    epoch: int,
    trace: str | None,
    span: str | None,
    metric: str | None,
    step: int | None,
    expectation: bool,
    text: bool,
    rationale: str | None,
    user: str | None,
    source: Path | None,
    config: Path | None,
) -> None:
    """Say NAME is VALUE of the run in BUNDLE, or of its sample, span or step; print the new file.

    yes and no are feedback, everything else says what should have been. A document of --json has
    the keys of a sidecar; name and value will do.

    \b
    sitegen annotate add runs/v2 helpful no --eval support --sample q-17 --rationale "Wrong day."
    sitegen annotate add runs/v2 answer 18 --trace 9c1e… --span 1a2b…
    sitegen annotate add runs/v2 spike_is_data yes --metric train/loss --step 600
    """
    settings = settings_of(config)
    if source is not None:
        if name is not None:
            raise click.UsageError("NAME and --json exclude each other.")
        documents = _documents(source)
    elif name is None or value is None:
        raise click.UsageError("NAME and VALUE are needed, or --json.")
    else:
        target = target_of(
            eval=eval_, sample_id=sample, epoch=epoch, trace_id=trace, span_id=span,
            metric=metric, step=step,
        )  # fmt: skip
        said = _value(value, "text" if text else None)
        kind = "expectation" if expectation or not isinstance(said, bool) else "feedback"
        documents = [
            {"kind": kind, "target": target, "name": name, "value": said, "rationale": rationale,
             "user": user}
        ]  # fmt: skip
    whole = [{"user": user} | dict(document) for document in documents]
    for path in add_annotations(bundle, whole, settings=settings):
        click.echo(plain_text(str(path)))


def _documents(source: Path) -> list[Mapping[str, Any]]:
    """The documents in *source*: one, a list, or one a line."""
    shown = str(source)
    is_stdin = shown == "-"
    try:
        text = sys.stdin.read(_MOST_INPUT) if is_stdin else source.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SitegenError(f"cannot be read: {error.strerror}", path=shown) from error
    except UnicodeDecodeError as error:
        raise SitegenError("is no UTF-8", path=shown) from error
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):  # which `_line` tells
        found = [_line(shown, number, line) for number, line in enumerate(text.split("\n"), 1)]
        found = [one for one in found if one is not None]
    documents = found if isinstance(found, list) else [found]
    for one in documents:
        if not isinstance(one, dict):
            raise SitegenError("holds something that is no object", path=shown)
    return documents


def _line(shown: str, number: int, line: str) -> Any:
    try:
        return json.loads(line) if line.strip() else None
    except (ValueError, RecursionError) as error:
        raise SitegenError(f"is no JSON: {error}", path=shown, line=number) from error


@command.command("list")
@RUNS
@click.option("--user", help="Only what this person said.")
@click.option("--name", help="Only what goes by this name.")
@click.option("--kind", type=click.Choice(["feedback", "expectation"]), help="Only these.")
@click.option(
    "--state",
    type=click.Choice(["any", "exact", "stale", "orphaned"]),
    help="Read the runs, too, and list those whose target is so; any lists all.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines.")
@CONFIG
def list_(
    runs: tuple[Path, ...],
    *,
    user: str | None,
    name: str | None,
    kind: str | None,
    state: str | None,
    as_json: bool,
    config: Path | None,
) -> None:
    """List the annotations below RUNS, one a line: id, name, value, target, user, file.

    Exits with 1 if a sidecar is not of the format.

    \b
    sitegen annotate list runs/ --user maria --name helpful
    sitegen annotate list runs/ --state any --json | jq .state
    """
    has_states = state is not None
    found, problems = list_annotations(runs, settings=settings_of(config), has_states=has_states)
    chosen = [
        one
        for one in found
        if user in {None, one.annotation.user}
        and name in {None, one.annotation.name}
        and kind in {None, one.annotation.kind}
        and state in {None, "any", one.state}
    ]
    for one in chosen:
        click.echo(listed_json(one) if as_json else listed_line(one))
    if not as_json:
        click.echo(f"{plural(len(chosen), 'annotation')} of {len(found):,}")
    _tell(problems)


@command.command("edit")
@click.argument("id_", metavar="ID")
@RUNS
@click.option("--name", help="New name.")
@click.option("--value", help="New value.")
@click.option("--text", is_flag=True, help="VALUE is a text, whatever it looks like.")
@click.option("--rationale", help="New rationale; empty takes it out.")
@click.option("--user", help="New user; empty takes it out.")
@CONFIG
def edit(
    id_: str,
    runs: tuple[Path, ...],
    *,
    name: str | None,
    value: str | None,
    text: bool,
    rationale: str | None,
    user: str | None,
    config: Path | None,
) -> None:
    """Change the annotation ID (its beginning suffices) below RUNS; print its file.

    \b
    sitegen annotate edit 01KB3Q7Z runs/ --value no --rationale "Names the wrong day."
    """
    changes: dict[str, Any] = {"name": name, "rationale": rationale, "user": user}
    changes = {key: one or None for key, one in changes.items() if one is not None}
    if value is not None:
        changes["value"] = _value(value, "text" if text else None)
    if not changes:
        raise click.UsageError("Nothing to change: give --name, --value, --rationale or --user.")
    click.echo(plain_text(str(edit_annotation(id_, changes, runs, settings=settings_of(config)))))


@command.command("rm")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.option(
    "--runs", multiple=True, type=click.Path(path_type=Path), help="Where to look. [\\[site] runs]"
)
@CONFIG
def rm(ids: tuple[str, ...], *, runs: tuple[Path, ...], config: Path | None) -> None:
    """Delete annotations by their ids, of which the beginning suffices.

    \b
    sitegen annotate rm 01KB3Q7ZM4V0A1B2C3D4E5F6G8 --runs runs/
    """
    for one in ids:
        path = remove_annotation(one, runs, settings=settings_of(config))
        click.echo(plain_text(f"removed {path}"))


@command.command("fmt")
@RUNS
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if something would.")
@CONFIG
def fmt(runs: tuple[Path, ...], *, check: bool, config: Path | None) -> None:
    """Write every sidecar below RUNS in the canonical text.

    One that is not of the format is told and left as it is; then the exit code is 1.

    \b
    sitegen annotate fmt runs/
    sitegen annotate fmt runs/ --check
    """
    done = format_annotations(runs, settings=settings_of(config), is_dry=check)
    for path in done.changed:
        click.echo(plain_text(f"{'would change' if check else 'changed'} {path}"))
    click.echo(f"{plural(len(done.changed), 'sidecar')} changed, {done.right:,} as they should be")
    _tell(list(done.problems), fails=check and bool(done.changed))


@command.command("carry")
@click.argument("source", metavar="FROM", type=click.Path(path_type=Path, exists=True))
@click.argument("to", metavar="TO", type=click.Path(path_type=Path, exists=True))
@click.option("--dry-run", is_flag=True, help="Write nothing.")
@CONFIG
def carry(source: Path, to: Path, *, dry_run: bool, config: Path | None) -> None:
    """Write the annotations of the run FROM that hold for the run TO as well into TO.

    An expectation holds for the sample of the same id and input, feedback if the output is
    the same, too; both hold for the one span of the same names and content. What TO has is not
    repeated.

    \b
    sitegen annotate carry runs/v1 runs/v2 --dry-run
    """
    done = carry_annotations(source, to, settings=settings_of(config), is_dry=dry_run)
    for path in done.files:
        click.echo(plain_text(f"{'would carry' if dry_run else 'wrote'} {path}"))
    for one, reason in done.left:
        click.echo(plain_text(f"left {one.id} {one.name}: {reason}"))
    click.echo(f"{len(done.files):,} carried, {len(done.left):,} left")


@command.command("diff")
@click.argument("base", metavar="BASE..HEAD")
@click.argument("head", required=False, metavar="[HEAD]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def diff(base: str, head: str | None, *, as_json: bool) -> None:
    """Print which annotations are new, changed or removed, as Markdown for a review.

    BASE..HEAD are git revisions, BASE HEAD two directories. The samples that are judged are quoted
    from the bundles on disk. Exits with 1 if a sidecar of HEAD is not of the format.

    \b
    sitegen annotate diff main..HEAD > review.md
    sitegen annotate diff before/runs after/runs --json
    """
    pair = (base, head) if head is not None else split_range(base)
    found = diff_annotations(*pair)
    click.echo(diff_json(found) if as_json else diff_markdown(found), nl=as_json)
    if found.problems:
        raise click.exceptions.Exit(1)


def _tell(problems: list[tuple[str, Problem]], *, fails: bool = False) -> None:
    """Print *problems*; exit with 1 if there are any, or if *fails*."""
    for place, problem in problems:
        for line in problem_lines(place, (problem,), 1):
            click.echo(line, err=True)
    if problems or fails:
        raise click.exceptions.Exit(1)

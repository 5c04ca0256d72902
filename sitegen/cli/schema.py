"""`sitegen schema NAME`: the JSON Schema of a file of the format."""

from __future__ import annotations

import difflib
import json

import click
import msgspec

from sitegen.bundle import schema
from sitegen.errors import SitegenError
from sitegen.pages.site.reports import RunReport, SiteReport

SCHEMAS: dict[str, tuple[type[msgspec.Struct], str]] = {
    "run": (schema.RunFile, "run.json of a bundle"),
    "sample": (schema.SampleLine, "a line of evals/<eval>.jsonl"),
    "eval-meta": (schema.EvalMetaFile, "evals/<eval>.meta.json"),
    "annotation": (schema.AnnotationFile, "annotations/<ulid>.json"),
    "experiment": (schema.ExperimentFile, "experiment.toml"),
    "settings": (schema.SettingsFile, "sitegen.toml"),
    "report": (SiteReport, "report.json of a site"),
    "run-report": (RunReport, "runs/<slug>.json of a site"),
}


@click.command("schema")
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """Print the JSON Schema of a file of the format; without NAME list them.

    \b
    sitegen schema run > run.schema.json
    """
    if name is None:
        width = max(len(known) for known in SCHEMAS)
        for known, (_, what) in SCHEMAS.items():
            click.echo(f"{known:{width}}  {what}")
        return
    if name not in SCHEMAS:
        near = difflib.get_close_matches(name, SCHEMAS, n=1)
        raise SitegenError(
            f"no schema “{name}”",
            hint=f"Did you mean {near[0]}?" if near else f"Known are {', '.join(SCHEMAS)}.",
        )
    struct, what = SCHEMAS[name]
    document = msgspec.json.schema(struct)
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": what,
        **document,
    }
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))

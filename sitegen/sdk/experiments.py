"""experiment.toml, written for people: once made it is theirs, and only one line of it is ever
changed.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sitegen.sdk import values as checked
from sitegen.sdk.faults import LogValueError
from sitegen.sdk.places import EXPERIMENT, experiment_directory, runs_directory, write_atomically

_ARCHIVED = re.compile(r"^[ \t]*archived[ \t]*=.*$", re.MULTILINE)
_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def create_experiment(
    name: str,
    description: str | None = None,
    tags: Iterable[str] = (),
    project: str | None = None,
    *,
    directory: str | os.PathLike[str] | None = None,
) -> Path:
    """The directory of the experiment, whose experiment.toml says what it is about.

    One that is there already is left as it is: the file is for people to edit.

    Args:
        name: name, which runs give as `experiment`.
        description: what is to be found out.
        tags: labels.
        project: project that it belongs to.
        directory: where experiments lie; else SITEGEN_DIR, else `runs`.
    """
    shown = checked.name_of("an experiment", name)
    facts: dict[str, Any] = {"name": shown}
    if project is not None:
        facts["project"] = checked.text("project", project)
    if description is not None:
        facts["description"] = checked.text("description", description)
    labels = list(checked.tags(tags))
    if labels:
        facts["tags"] = labels
    folder = experiment_directory(runs_directory(directory), shown)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / EXPERIMENT).exists():
        lines = [f"{key} = {toml_value(value)}\n" for key, value in facts.items()]
        write_atomically(folder / EXPERIMENT, "".join(lines).encode())
    return folder


def archive_experiment(name: str, *, directory: str | os.PathLike[str] | None = None) -> None:
    """The experiment is shown as archived; its runs stay as they are."""
    _set_archived(name, directory, is_archived=True)


def restore_experiment(name: str, *, directory: str | os.PathLike[str] | None = None) -> None:
    """The experiment is no longer archived."""
    _set_archived(name, directory, is_archived=False)


def _set_archived(
    name: str, directory: str | os.PathLike[str] | None, *, is_archived: bool
) -> None:
    folder = experiment_directory(runs_directory(directory), name)
    if not folder.is_dir():
        raise LogValueError(f"there is no experiment “{name}” in {folder.parent.name}/")
    create_experiment(name, directory=directory)
    path = folder / EXPERIMENT
    text = with_archived(path.read_text(encoding="utf-8"), is_archived=is_archived)
    if tomllib.loads(text).get("archived", False) is not is_archived:
        raise LogValueError(
            "has no line `archived = …` that could be changed", path=f"{folder.name}/{EXPERIMENT}"
        )
    write_atomically(path, text.encode())


def with_archived(text: str, *, is_archived: bool) -> str:
    """The text of an experiment.toml with that line changed, or added above the first table."""
    line = f"archived = {json.dumps(is_archived)}"
    table = _TABLE.search(text)
    head, rest = (text[: table.start()], text[table.start() :]) if table else (text, "")
    if _ARCHIVED.search(head):
        return _ARCHIVED.sub(line, head, count=1) + rest
    gap = "" if not head or head.endswith("\n") else "\n"
    if rest and head.endswith("\n\n"):
        return f"{head[:-1]}{line}\n\n{rest}"
    return f"{head}{gap}{line}\n{rest}"


def toml_value(value: str | list[str]) -> str:
    """A string or a list of strings as TOML writes them."""
    if isinstance(value, list):
        return f"[{', '.join(toml_value(one) for one in value)}]"
    text = value.replace("\\", "\\\\").replace('"', '\\"')
    escaped = _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return f'"{escaped}"'

"""sitegen.toml becomes `Settings`; unknown keys are an error with the nearest known one.

Floor 2. Found by `--config`, else nearest upward from the working directory to the git root. Its
paths are relative to it. Trusted input: a fault stops the command.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import msgspec

from sitegen.bundle import schema
from sitegen.bundle.limits import Limits
from sitegen.bundle.settings import Settings
from sitegen.errors import SitegenError
from sitegen.read.expectations import mismatch
from sitegen.read.json_places import path_text

SETTINGS_FILE = "sitegen.toml"


class SettingsError(SitegenError):
    """A sitegen.toml that cannot be used."""


def find_settings(start: Path) -> Path | None:
    """The nearest sitegen.toml at *start* or above, not beyond the root of the git checkout."""
    return next((path for path in settings_candidates(start) if path.is_file()), None)


def settings_candidates(start: Path) -> Iterator[Path]:
    """Where a sitegen.toml is looked for: *start*, then upward to the root of the git checkout."""
    for directory in (start, *start.parents):
        yield directory / SETTINGS_FILE
        if (directory / ".git").exists():
            return


def read_settings(path: Path | None) -> Settings:
    """The settings of *path*; the defaults if there is none.

    Raises:
        SettingsError: if the file is missing, no TOML, or holds a key or type it must not.
    """
    if path is None:
        return Settings(prices={})
    document = read_toml(path)
    try:
        file = msgspec.convert(document, schema.SettingsFile, strict=True)
    except msgspec.ValidationError as error:
        raise explain_toml_error(error, document, path, schema.SettingsFile) from error
    return _settings(file, path)


def read_toml(path: Path) -> dict[str, Any]:
    """The document in *path*.

    Raises:
        SettingsError: if it cannot be read or is no TOML.
    """
    try:
        return parse_toml(path.read_bytes(), path)
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror}", path=str(path)) from error


def parse_toml(content: bytes, path: Path) -> dict[str, Any]:
    """The document that *content*, read from *path*, holds.

    Raises:
        SettingsError: if it is no TOML, with the line of the fault.
    """
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        message = str(error)
        raise SettingsError(
            f"is no TOML: {message[:1].lower()}{message[1:]}",
            path=str(path),
            line=_line_of(message, content),
        ) from error


def _line_of(message: str, content: bytes) -> int | None:
    if "(at end of document)" in message:
        return content.count(b"\n") + 1
    line = re.search(r"at line (\d+)", message)
    return int(line[1]) if line else None


def explain_toml_error(
    error: msgspec.ValidationError,
    document: dict[str, Any],
    path: Path,
    struct: type[msgspec.Struct],
) -> SettingsError:
    """The error with its place in the file, and the nearest known key for an unknown one."""
    import difflib

    message = str(error)
    if unknown := re.search(r"unknown field `([^`]+)`", message):
        match = re.search(r"at `\$(.*)`$", message)
        place = match[1].lstrip(".") if match else ""
        known = [key for one in _structs(struct) for key in one.__struct_fields__]
        near = difflib.get_close_matches(unknown[1], known, n=1)
        hint: str | None = "See docs/settings.md."
        if near:
            hint = f"Did you mean {near[0]}?"
        text = f"unknown key “{unknown[1]}”"
    else:
        fault = mismatch(error, document, struct)
        place = path_text(fault.path).removeprefix("$").lstrip(".")
        hint = f"Did you mean {fault.nearest}?" if fault.nearest else None
        text = fault.message
    prefix = f"{place}: " if place else ""
    return SettingsError(f"{prefix}{text}", path=str(path), hint=hint)


def _structs(struct: type[msgspec.Struct]) -> list[type[msgspec.Struct]]:
    found = [struct]
    if struct is schema.SettingsFile:
        found += [schema.SiteTable, schema.SearchTable, schema.PriceEntry]
    if struct is schema.ExperimentFile:
        found += [schema.ObjectiveEntry, schema.ComparisonEntry]
    return found


def _settings(file: schema.SettingsFile, path: Path) -> Settings:
    base, site = path.parent, file.site
    return Settings(
        title=site.title or Settings(prices={}).title,
        description=site.description,
        url=site.url,
        repository=site.repository,
        repository_path=site.repository_path,
        branch=site.branch,
        runs=tuple(base / run for run in site.runs),
        output=base / site.output if site.output else None,
        theme=base / site.theme if site.theme else None,
        annotations_dir=base / site.annotations_dir if site.annotations_dir else None,
        has_git_authors=site.git_authors,
        is_indexed=site.index,
        limits=_limits(file.limits, path),
        prices={model: msgspec.structs.asdict(price) for model, price in file.prices.items()},
    )


def _limits(values: dict[str, int], path: Path) -> Limits:
    import difflib

    known = [field.name for field in fields(Limits)]
    for name in values:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise SettingsError(
                f"limits: unknown key “{name}”",
                path=str(path),
                hint=f"Did you mean {near[0]}?" if near else f"Known are {', '.join(known)}.",
            )
    return replace(Limits(), **values)

"""sitegen.toml becomes `Settings`; unknown keys are an error with the nearest known one.

Floor 2. Found by `--config`, else nearest upward from the working directory to the git root. Its paths
are relative to it. Trusted input: a fault stops the command.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import msgspec

from sitegen.bundle import schema
from sitegen.bundle.limits import Limits
from sitegen.bundle.settings import Settings
from sitegen.errors import SitegenError

SETTINGS_FILE = "sitegen.toml"


class SettingsError(SitegenError):
    """A sitegen.toml that cannot be used."""


def find_settings(start: Path) -> Path | None:
    """The nearest sitegen.toml at *start* or above, not beyond the root of the git checkout."""
    for directory in (start, *start.parents):
        if (directory / SETTINGS_FILE).is_file():
            return directory / SETTINGS_FILE
        if (directory / ".git").exists():
            return None
    return None


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
        raise explain_toml_error(error, path, schema.SettingsFile) from error
    return _settings(file, path)


def read_toml(path: Path) -> dict[str, Any]:
    """The document in *path*.

    Raises:
        SettingsError: if it cannot be read or is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror}", path=str(path)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        message = str(error)
        line = re.search(r"at line (\d+)", message)
        raise SettingsError(
            f"is no TOML: {message[:1].lower()}{message[1:]}",
            path=str(path),
            line=int(line[1]) if line else None,
        ) from error


def explain_toml_error(error: Exception, path: Path, struct: type[msgspec.Struct]) -> SettingsError:
    """The error with its place in the file, and the nearest known key for an unknown one."""
    message = str(error)
    place = match[1].lstrip(".") if (match := re.search(r"at `\$(.*)`$", message)) else ""
    text = message.partition(" - at")[0]
    hint = None
    if unknown := re.search(r"unknown field `(.+)`", text):
        known = [key for one in _structs(struct) for key in one.__struct_fields__]
        near = difflib.get_close_matches(unknown[1], known, n=1)
        hint = f"Did you mean {near[0]}?" if near else "See the settings in the README."
        text = f"unknown key “{unknown[1]}”"
    else:
        text = text.replace("`", "").replace(" | ", " or ")
        text = f"{text[:1].lower()}{text[1:]}"
    prefix = f"{place}: " if place else ""
    return SettingsError(f"{prefix}{text}", path=str(path), hint=hint)


def _structs(struct: type[msgspec.Struct]) -> list[type[msgspec.Struct]]:
    found = [struct]
    for one in (schema.SiteTable, schema.SearchTable, schema.PriceEntry):
        if struct is schema.SettingsFile:
            found.append(one)
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
        is_indexed=site.index,
        limits=_limits(file.limits, path),
        prices={model: msgspec.structs.asdict(price) for model, price in file.prices.items()},
    )


def _limits(values: dict[str, int], path: Path) -> Limits:
    known = [field.name for field in fields(Limits)]
    for name in values:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise SettingsError(
                f"limits: unknown key “{name}”", path=str(path),
                hint=f"Did you mean {near[0]}?" if near else f"Known are {', '.join(known)}.",
            )
    return replace(Limits(), **values)

"""The data files of an experiment's columns: names and contents. Floor 6."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sitegen.model import Json
from sitegen.pages.links import columns_of
from sitegen.render.payload import content_hash, data_script

SCHEMA = "schema"
"""Name of the file that says which columns there are."""
_PACKED_BYTES = 65_536
"""Columns of a few runs share a file: a site has few files, and a page few scripts to wait for."""


def column_files(
    experiment: str, payloads: Mapping[str, Mapping[str, Json]]
) -> Iterator[tuple[list[str], str, bytes]]:
    """Keys, path and content of each file with the *payloads* by key of *experiment*."""
    for keys, content in _packed(payloads):
        path = f"data/{columns_of(experiment)}/{_file_name(keys)}-{content_hash(content)}.js"
        yield keys, path, content


def schema_script(
    experiment: str, schema: Mapping[str, Json], file_by_key: Mapping[str, str]
) -> tuple[str, bytes]:
    """Path and content of the file that tells other pages where the columns are."""
    payload: dict[str, Json] = {"schema": schema, "files": file_by_key}
    content = data_script(f"{columns_of(experiment)}/{SCHEMA}", payload)
    return f"{_schema_path(experiment)}{content_hash(content)}.js", content


def schema_file(experiment: str, paths: Iterable[str]) -> str:
    """Which of *paths* is that file."""
    return next(path for path in paths if path.startswith(_schema_path(experiment)))


def _schema_path(experiment: str) -> str:
    return f"data/{columns_of(experiment)}/{SCHEMA}-"


def _packed(payloads: Mapping[str, Mapping[str, Json]]) -> Iterator[tuple[list[str], bytes]]:
    """Small ones that follow each other share a file."""
    keys: list[str] = []
    content = b""
    for key, payload in payloads.items():
        script = data_script(key, payload)
        if keys and len(content) + len(script) > _PACKED_BYTES:
            yield keys, content
            keys, content = [], b""
        keys, content = [*keys, key], content + script
    if keys:
        yield keys, content


def _file_name(keys: Sequence[str]) -> str:
    """`params` or `core-to-facts`."""
    names = [key.rpartition("/")[2].removesuffix("-0") for key in keys]
    return names[0] if len(names) == 1 else f"{names[0]}-to-{names[-1]}"

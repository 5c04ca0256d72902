"""The data files of compared runs, and the registry that leads compare.html to them. Floor 6."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from sitegen.derive.card import Card
from sitegen.derive.compared_run import NAME, ComparedRun
from sitegen.derive.experiment import Experiment
from sitegen.pages.compare.page import DeclaredLink, declared_links, registry_entry
from sitegen.render.payload import json_text, plain

REGISTRY = "assets/runs-"
"""The beginning of the registry's path."""


class ComparedPart(msgspec.Struct, frozen=True, array_like=True):
    """An experiment in the registry, and its declared comparisons."""

    registry: str
    """The experiment and its runs, encoded."""
    declared: tuple[DeclaredLink, ...]
    """Its declared comparisons."""


def compared_part(experiment: Experiment, schema_file: str) -> ComparedPart:
    """The part of *experiment*, whose columns are told in *schema_file*."""
    return ComparedPart(
        registry=json_text(registry_entry(experiment, schema_file)),
        declared=declared_links(experiment),
    )


def registry_script(parts: Sequence[ComparedPart]) -> bytes:
    """The data file that says where each run's file is, by experiment."""
    entries = ",".join(one.registry for one in parts)
    return f'sitegen.data("runs",[{entries}]);\n'.encode()


def compared_script(run: ComparedRun) -> bytes:
    """The data file of *run*, which pages load as `compare/<key>`."""
    return f"{_head(run.slug)}{json_text(plain(run))});\n".encode()


def read_compared(places: Iterable[Path], card: Card) -> ComparedRun:
    """The run of *card* from its data file, which lies in one of *places*."""
    path = next(file for place in places if (file := place / card.compared_file).is_file())
    content = path.read_bytes()[len(_head(card.slug).encode()) : -len(b");\n")]
    return msgspec.json.decode(content, type=ComparedRun)


def _head(slug: str) -> str:
    return f"sitegen.data({json_text(f'{NAME}/{slug[-10:]}')},"

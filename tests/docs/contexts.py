"""What a template may see: the page contexts and the dataclasses that they are made of."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import typing
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any

from tests.docs.schemas import field_words

PAGES = {
    "index.html": "sitegen.pages.site.index.IndexPage",
    "experiment.html": "sitegen.pages.experiment.page.ExperimentPage",
    "run.html": "sitegen.pages.run.page.RunPage",
    "compare.html": "sitegen.pages.compare.page.ComparePage",
    "comparison.html": "sitegen.pages.compare.comparison.ComparisonPage",
    "annotations.html": "sitegen.pages.site.reviews.ReviewsPage",
    "models.html": "sitegen.pages.site.models.ModelsPage",
    "datasets.html": "sitegen.pages.site.datasets.DatasetsPage",
}
"""The context of each template in templates/pages/."""


def contexts(_: str) -> str:
    """A table for each page, then for each dataclass that one of them holds, by name."""
    pages = {template: _named(path) for template, path in PAGES.items()}
    parts = [
        f"### pages/{template}: {page.__name__}\n\n{_about(page)}\n\n{_table(page)}"
        for template, page in pages.items()
    ]
    inner = sorted(_reached(list(pages.values())), key=lambda one: one.__name__)
    parts += [f"#### {one.__name__}\n\n{_about(one)}\n\n{_table(one)}" for one in inner]
    return "\n\n".join(parts)


def _named(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def _about(cls: type) -> str:
    """Its first paragraph, unless dataclasses wrote it."""
    text = inspect.getdoc(cls) or ""
    return " ".join(text.partition("\n\n")[0].split())


def _table(cls: type) -> str:
    words = field_words(inspect.getmodule(cls)).get(cls.__name__, {})  # type: ignore[arg-type]
    rows = [
        f"| `{one.name}` | {_type_text(cls, one.name)} | {words.get(one.name, '')} |"
        for one in fields(cls)
    ]
    rows += [f"| `{name}` | | {said} |" for name, said in _properties(cls)]
    return "| Name | Type | |\n|---|---|---|\n" + "\n".join(
        row.replace(" | None", "") for row in rows
    )


def _type_text(cls: type, name: str) -> str:
    """Its annotation as written, with links to the dataclasses in it."""
    text = cls.__annotations__[name]
    text = text if isinstance(text, str) else inspect.formatannotation(text)
    is_optional = text.endswith(" | None")
    text = text.removesuffix(" | None")
    known = {one.__name__ for one in _dataclasses_in(typing.get_type_hints(cls)[name])}
    linked = re.sub(
        r"\w+", lambda one: f"[{one[0]}](#{one[0].lower()})" if one[0] in known else one[0], text
    )
    linked = linked.replace("|", "\\|")
    return f"{linked} or none" if is_optional else linked


def _properties(cls: type) -> list[tuple[str, str]]:
    tree = ast.parse(inspect.getsource(cls))
    (node,) = tree.body
    assert isinstance(node, ast.ClassDef)
    return [
        (one.name, " ".join((ast.get_docstring(one) or "").split()))
        for one in node.body
        if isinstance(one, ast.FunctionDef)
        and any(ast.unparse(decorator) == "property" for decorator in one.decorator_list)
        and not one.name.startswith("_")
    ]


def _dataclasses_in(hint: Any) -> list[type]:
    if inspect.isclass(hint) and is_dataclass(hint):
        return [hint]
    if isinstance(hint, UnionType) or typing.get_origin(hint) is not None:
        return [one for inner in typing.get_args(hint) for one in _dataclasses_in(inner)]
    return []


def _reached(pages: list[type]) -> list[type]:
    """Every dataclass below the pages, once."""
    found: list[type] = []
    waiting = list(pages)
    while waiting:
        cls = waiting.pop()
        for hint in typing.get_type_hints(cls).values():
            for one in _dataclasses_in(hint):
                if one not in found and one not in pages:
                    found.append(one)
                    waiting.append(one)
    return found

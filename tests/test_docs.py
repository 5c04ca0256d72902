"""Everything public says what it is: every field of every dataclass, every function and module."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.factories import REPOSITORY

PACKAGE = REPOSITORY / "sitegen"
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
NOT_USED = ("artifact", "helper", "util", "utils", "manager")
"""Words that the glossary leaves out; as parts of names of modules, classes and functions."""


def tree_of(module: str) -> ast.Module:
    return ast.parse((PACKAGE / module).read_text(encoding="utf-8"))


def is_dataclass(node: ast.ClassDef) -> bool:
    return any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list)


def undocumented_fields(module: str) -> Iterator[str]:
    for node in ast.walk(tree_of(module)):
        if not isinstance(node, ast.ClassDef) or not is_dataclass(node):
            continue
        for at, statement in enumerate(node.body):
            if isinstance(statement, ast.AnnAssign):
                follower = node.body[at + 1] if at + 1 < len(node.body) else None
                if not (
                    isinstance(follower, ast.Expr)
                    and isinstance(follower.value, ast.Constant)
                    and isinstance(follower.value.value, str)
                    and follower.value.value.strip()
                ):
                    yield f"{module}:{statement.lineno} {node.name}.{ast.unparse(statement.target)}"


@pytest.mark.parametrize("module", MODULES)
def test_every_field_of_a_dataclass_is_followed_by_what_it_is(module: str) -> None:
    assert list(undocumented_fields(module)) == []


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_why_it_exists(module: str) -> None:
    tree = tree_of(module)

    assert ast.get_docstring(tree), module


def public(body: list[ast.stmt], prefix: str = "") -> Iterator[ast.FunctionDef | ast.ClassDef]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{prefix}{node.name}.")


@pytest.mark.parametrize("module", MODULES)
def test_every_public_function_and_class_says_what_is_true_of_it(module: str) -> None:
    silent = [
        f"{module}:{node.lineno} {node.name}"
        for node in public(tree_of(module).body)
        if not ast.get_docstring(node) and not _overrides_click(module)
    ]

    assert silent == []


def _overrides_click(module: str) -> bool:
    """Methods of click's classes keep click's own documentation."""
    return module == "cli/main.py"


@pytest.mark.parametrize("module", MODULES)
def test_names_keep_to_the_glossary(module: str) -> None:
    names = [module.removesuffix(".py"), *(node.name for node in public(tree_of(module).body))]

    for name in names:
        if name in {"log_artifact", "log_artifacts"}:  # the field's verb
            continue
        words = name.replace("/", "_").lower().split("_")
        assert not set(words) & set(NOT_USED), f"{module}: {name}"


def test_no_file_of_the_project_names_the_machine_it_was_made_on() -> None:
    roots = ("sitegen", "themes", "sample_runs", "tests")
    suffixes = {".py", ".html", ".css", ".js", ".toml", ".json", ".jsonl", ".md", ".txt"}
    places = ["/" + "work/", "/" + "root/", "/home/" + "runner"]
    found = [
        f"{path.relative_to(REPOSITORY)}: {place}"
        for root in roots
        for path in sorted((REPOSITORY / root).rglob("*"))
        if path.suffix in suffixes and path.is_file() and "plotly.min" not in path.name
        for place in places
        if place in path.read_text(encoding="utf-8", errors="replace")
    ]

    assert found == []

"""The README and the pages written by hand are true: what they name is what the code has."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest

from sitegen import __version__
from sitegen.bundle import schema
from sitegen.bundle.conditions import parse_condition
from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.cli.group import cli
from sitegen.cli.schema import SCHEMAS
from sitegen.read.settings import read_settings
from tests.factories import REPOSITORY

PAGES = (
    "bundle",
    "commands",
    "limits",
    "logging",
    "security",
    "settings",
    "site",
    "tour",
    "theming",
)
"""Pages of docs/ that are written by hand, for the most part."""
README = "\n".join(
    (REPOSITORY / path).read_text(encoding="utf-8")
    for path in ("README.md", *(f"docs/{page}.md" for page in PAGES))
)
"""The README, then these pages."""
CODE = re.compile(r"`([^`\n]+)`")
KEBAB = re.compile(r"[a-z]+(-[a-z0-9]+)+")
COMMANDS: dict[str, click.Command] = {
    name: command
    for name in cli.list_commands(click.Context(cli))
    if (command := cli.get_command(click.Context(cli), name)) is not None
}


def without_examples(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def section(title: str) -> str:
    """The text below the heading *title*, its subsections included."""
    found = re.search(rf"^(#+) {re.escape(title)}\n(.*)", README, re.DOTALL | re.MULTILINE)
    assert found, f"no page has a section “{title}”"
    level = len(found[1])
    return re.split(rf"^#{{1,{level}}} ", found[2], maxsplit=1, flags=re.MULTILINE)[0]


def table_rows(text: str) -> list[list[str]]:
    """Cells of every row of the tables in *text*, without heads and rules."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rules = [index for index, line in enumerate(lines) if set(line) <= set("|- ")]
    heads = {index - 1 for index in rules} | set(rules)
    rows = [line for index, line in enumerate(lines) if index not in heads]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def first_codes(text: str) -> list[str]:
    """Everything in backticks in the first column of the tables in *text*."""
    return [code for row in table_rows(text) for code in CODE.findall(row[0])]


def examples(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def field_names(struct: type[msgspec.Struct]) -> list[str]:
    return [field.name for field in msgspec.structs.fields(struct)]


def test_every_command_has_a_section_and_the_reverse() -> None:
    documented = re.findall(r"^## sitegen (.+)$", README, re.MULTILINE)

    assert documented == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_options_of_a_command_are_those_of_its_section(name: str) -> None:
    one = COMMANDS[name]
    parts = [one, *one.commands.values()] if isinstance(one, click.Group) else [one]
    options = {
        option
        for part in parts
        for parameter in part.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
    }
    cells = " ".join(first_codes(section(f"sitegen {name}")))

    assert set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", cells)) == options


def test_the_options_of_the_group_are_documented() -> None:
    text = section("Command line").partition("### ")[0]
    options = [option for one in cli.params for option in one.opts]

    assert [option for option in [*options, "--help", "-h"] if option not in text] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_has_an_example(name: str, sitegen: Callable[..., Any]) -> None:
    outcome = sitegen(name, "--help")

    assert outcome.code == 0
    assert re.search(rf"^  sitegen {name}\b", outcome.out, re.MULTILINE)


def test_every_extra_that_is_not_for_developers_is_named() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = set(project["optional-dependencies"]) - {"lint", "samples", "test"}
    text = section("Install")

    assert [name for name in sorted(extras) if f"`{name}`" not in text] == []


def test_every_schema_is_named() -> None:
    text = section("sitegen schema")

    assert [name for name in SCHEMAS if f"`{name}`" not in text] == []


def test_the_limits_and_their_defaults_are_those_of_the_code() -> None:
    documented = {
        CODE.findall(row[0])[0]: int(row[1].replace(",", ""))
        for row in table_rows(section("Limits"))
    }

    assert documented == {
        field.name: getattr(DEFAULT_LIMITS, field.name) for field in fields(DEFAULT_LIMITS)
    }


@pytest.mark.parametrize(
    ("title", "struct"),
    [("run.json", schema.RunFile), ("Evals", schema.SampleLine)],
    ids=["run.json", "sample"],
)
def test_the_keys_of_a_file_are_those_of_the_format(
    title: str, struct: type[msgspec.Struct]
) -> None:
    assert sorted(first_codes(section(title))) == sorted(field_names(struct))


@pytest.mark.parametrize(
    "struct", [schema.ExperimentFile, schema.AnnotationFile, schema.EvalMetaFile, schema.SiteTable,
               schema.SettingsFile]
)  # fmt: skip
def test_every_key_that_people_write_is_named(struct: type[msgspec.Struct]) -> None:
    assert [name for name in field_names(struct) if not re.search(rf"\b{name}\b", README)] == []


def problem_calls() -> Iterator[tuple[str, str | None]]:
    """(code, severity if it is a constant) of every problem that the code can report."""
    for path in sorted((REPOSITORY / "sitegen").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if re.search(r"\b(Problem|Fault)\b", text):
            yield from _codes_in(ast.parse(text))


def _codes_in(tree: ast.AST) -> Iterator[tuple[str, str | None]]:
    """Codes stand as `code=…`, as `code = … if … else …`, or first among three texts of a fault."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            yield from ((code, None) for code in _texts(node.args[0]) if _is_fault(node))
        if isinstance(node, ast.Call):
            by_name = {keyword.arg: keyword.value for keyword in node.keywords}
            severity = next(iter(_texts(by_name.get("severity"))), None)
            yield from ((code, severity) for code in _texts(by_name.get("code")))
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "code":
            yield from ((code, None) for code in _texts(node.value))
        if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
            yield from ((code, None) for code in _texts(node.value.elts[0]))


def _is_fault(call: ast.Call) -> bool:
    return getattr(call.func, "id", "") in {"fault", "_warning"}


def _texts(node: ast.expr | None) -> list[str]:
    """The kebab-case texts that *node* may be."""
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    if is_text and (KEBAB.fullmatch(node.value) or node.value in {"symlink", "error", "warning"}):
        return [node.value]
    return []


def test_every_problem_is_documented_once_and_the_reverse() -> None:
    documented = first_codes(section("Problems"))

    assert documented == sorted({code for code, _ in problem_calls()})


def test_a_problem_is_called_a_loss_if_it_is_an_error() -> None:
    text_by_code = {CODE.findall(row[0])[0]: row[1] for row in table_rows(section("Problems"))}
    wrong = {
        code
        for code, severity in problem_calls()
        if severity is not None and (severity == "error") != ("Lost: " in text_by_code[code])
    }

    assert wrong == set()


def test_the_tour_names_what_exists() -> None:
    names = [
        name for name in CODE.findall(section("Tour of the code")) if re.search(r"/|\.py$", name)
    ]
    bases = (REPOSITORY, REPOSITORY / "sitegen", REPOSITORY / "themes" / "default")
    missing = [
        name
        for name in names
        if not name.startswith("file:") and not any((base / name).exists() for base in bases)
    ]

    assert missing == []


def test_the_tour_names_every_floor() -> None:
    tour = section("Tour of the code")
    packages = [path.parent.name for path in (REPOSITORY / "sitegen").glob("*/__init__.py")]

    assert sorted(name for name in packages if f"`sitegen/{name}/`" not in tour) == []


def test_pip_installs_the_name_that_is_ours() -> None:
    assert "pip install sitegen-reports" in README
    assert re.findall(r"pip install sitegen(?!-reports).*", README) == []


def test_the_changelog_speaks_of_this_version() -> None:
    assert __version__ in (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_quick_start_writes_a_bundle_without_problems(
    tmp_path: Path, sitegen: Callable[..., Any]
) -> None:
    for script in examples(section("Quick start"), "python"):
        subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True)

    outcome = sitegen("build", "runs", "-o", "site", "--json", "--strict")

    assert outcome.code == 0
    assert json.loads(outcome.out)["runs"] == 2


def test_the_examples_of_the_format_make_a_bundle_without_problems(
    tmp_path: Path, sitegen: Callable[..., Any]
) -> None:
    text = section("The bundle")
    run, journal, sample, sidecar = examples(text, "json")
    (experiment,) = examples(text, "toml")
    bundle = tmp_path / "runs" / "bert-sentiment" / "lr-3e-4"
    files = {
        "run.json": run,
        "metrics/trainer.jsonl": f"{json.dumps(json.loads(journal))}\n",
        "evals/support.jsonl": f"{json.dumps(json.loads(sample))}\n",
        f"annotations/{json.loads(sidecar)['id']}.json": sidecar,
        "../experiment.toml": experiment,
    }
    for name, content in files.items():
        (bundle / name).parent.mkdir(parents=True, exist_ok=True)
        (bundle / name).write_text(content, encoding="utf-8")

    outcome = sitegen("build", "runs", "-o", "site", "--strict")

    assert outcome.code == 0
    assert "no problems" in outcome.out


def test_the_settings_example_is_read(tmp_path: Path) -> None:
    (example,) = examples(section("sitegen.toml"), "toml")
    (tmp_path / "sitegen.toml").write_text(example, encoding="utf-8")

    assert read_settings(tmp_path / "sitegen.toml").title == "Review experiments"


def test_the_conditions_in_examples_follow_the_grammar() -> None:
    shown = examples(section("Conditions"), "")[0].splitlines()[0]
    (experiment,) = examples(section("The bundle"), "toml")
    declared = tomllib.loads(experiment)["comparison"][0]["filter"]

    assert parse_condition(shown) != parse_condition(declared)

"""docs/ is true: generated blocks are those of the code, examples run, links lead somewhere."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest

from sitegen.bundle.settings import Settings
from sitegen.cli.group import cli
from sitegen.cli.schema import SCHEMAS
from sitegen.read.settings import read_settings
from sitegen.render.theme import default_theme_directory
from tests.docs import BLOCK, COMMAND, pages, regenerated
from tests.docs.api import api
from tests.docs.contexts import PAGES
from tests.docs.schemas import words_of
from tests.docs.words import WORDS
from tests.factories import REPOSITORY

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
HOW = REPOSITORY / "docs" / "how-do-i.md"
FOREIGN = REPOSITORY / "tests" / "docs" / "foreign"
"""Stand-ins for the tools that a recipe exports from."""


def named(page: Path) -> str:
    return page.name


def blocks(text: str, *languages: str) -> list[tuple[str, str]]:
    return [(kind, code) for kind, code in FENCE.findall(text) if kind in languages]


def anchors(page: Path) -> set[str]:
    """Ids of the headings, as the hosts of repositories make them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    found: set[str] = set()
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        name = re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")
        count = 0
        while (one := f"{name}-{count}" if count else name) in found:
            count += 1
        found.add(one)
    return found


def recipes() -> Iterator[tuple[str, str]]:
    """Title and text of every recipe."""
    for part in re.split(r"^## ", HOW.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        title, _, text = part.partition("\n")
        yield title, text


@pytest.mark.parametrize("page", pages(), ids=named)
def test_generated_blocks_are_those_of_the_code(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert text == regenerated(text), f"If that is meant: {COMMAND}"


def test_every_kind_of_block_is_used() -> None:
    used = {
        found["name"]
        for page in pages()
        for found in BLOCK.finditer(page.read_text(encoding="utf-8"))
    }

    assert used == {"api", "commands", "contexts", "files", "limits"}


@pytest.mark.parametrize("page", [REPOSITORY / "README.md", *pages()], ids=named)
def test_links_lead_to_files_and_headings_that_exist(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        if not target.is_file() or (anchor and anchor not in anchors(target)):
            broken.append(link)

    assert broken == []


def test_every_page_is_named_in_the_readme() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")

    assert [page.name for page in pages() if f"](docs/{page.name})" not in readme] == []


def test_every_schema_and_command_has_a_section() -> None:
    form = (REPOSITORY / "docs" / "format.md").read_text(encoding="utf-8")
    line = (REPOSITORY / "docs" / "cli.md").read_text(encoding="utf-8")

    assert [name for name in SCHEMAS if f"`sitegen schema {name}`" not in form] == []
    commands = cli.list_commands(click.Context(cli))
    assert re.findall(r"^## sitegen (.+)$", line, re.MULTILINE) == commands


def structs() -> dict[str, dict[str, Any]]:
    """Every component of every schema, by name."""
    found: dict[str, dict[str, Any]] = {}
    for struct, _ in SCHEMAS.values():
        found |= msgspec.json.schema(struct)["$defs"]
    return found


def test_every_key_of_the_format_has_a_sentence() -> None:
    silent = {
        f"{name}.{key}"
        for name, component in structs().items()
        for key, value in component.get("properties", {}).items()
        if not words_of(name).get(key) and not value.get("description")
    }

    assert silent == set()


def test_no_sentence_is_about_a_key_that_is_gone() -> None:
    gone = {
        f"{name}.{key}"
        for name, words in WORDS.items()
        for key in words
        if key not in structs().get(name, {}).get("properties", {})
    }

    assert gone == set()


def test_every_page_of_the_theme_has_its_context() -> None:
    templates = {path.name for path in (default_theme_directory() / "templates/pages").iterdir()}

    assert set(PAGES) == templates


def test_an_api_section_has_signature_docstring_and_methods() -> None:
    made = api("sitegen")

    assert "sitegen.start_run(\n    experiment: str" in made
    assert "#### Run.log_metric\n" in made
    assert "Args:" not in made


@pytest.mark.parametrize(("title", "text"), list(recipes()), ids=[title for title, _ in recipes()])
def test_a_recipe_runs(title: str, text: str, tmp_path: Path, sitegen: Callable[..., Any]) -> None:
    """Its files are written, its programs run, its commands succeed, in order."""
    _first_recipe(tmp_path, sitegen)
    (tmp_path / "our-theme").mkdir()
    (tmp_path / "logs" / "train").mkdir(parents=True)
    (tmp_path / "logs" / "train" / "events.out.tfevents.1").touch()
    for kind, code in blocks(text, "python", "sh", "toml"):
        match kind:
            case "python":
                if code.startswith("# bundle.py"):
                    (tmp_path / "bundle.py").write_text(code, encoding="utf-8")
                _run(code, tmp_path)
            case "toml":
                name = code.partition("\n")[0].removeprefix("# ")
                (tmp_path / name).write_text(code, encoding="utf-8")
            case "sh":
                for line in code.splitlines():
                    program, *arguments = shlex.split(line)
                    if program == "sitegen":
                        outcome = sitegen(*arguments)
                        assert outcome.code == 0, outcome.err
    assert sitegen("check", "runs", "--strict").code == 0


def _first_recipe(work: Path, sitegen: Callable[..., Any]) -> None:
    """What every other recipe builds upon."""
    (_, text), *_ = recipes()
    ((_, code),) = blocks(text, "python")
    _run(code, work)
    assert sitegen("build", "runs", "-o", "site").code == 0


def _run(code: str, work: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=work, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": f"{REPOSITORY}:{FOREIGN}", "PATH": "/usr/bin:/bin", "HOME": str(work)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_exported_runs_hold_what_their_tools_had(
    tmp_path: Path, sitegen: Callable[..., Any]
) -> None:
    (text,) = (text for title, text in recipes() if title.startswith("Bring runs"))
    test_a_recipe_runs("", text, tmp_path, sitegen)
    sitegen("build", "runs", "-o", "site")

    runs = [json.loads(path.read_text("utf-8")) for path in (tmp_path / "site/runs").glob("*.json")]
    found = {run["id"]: run for run in runs}
    points = {
        name: (run["name"], run["status"], [one["count"] for one in run["metrics"].values()],
               [one["path"] for one in run["attachments"]])
        for name, run in found.items()
    }  # fmt: skip
    assert points["Default/8ecb2d65"] == ("capable-cod-1", "completed", [3], ["notes/out.txt"])
    assert points["reviews/1a2b3c4d"] == ("fine-river-7", "interrupted", [2], ["output.log"])
    assert points["tensorboard/logs-train"] == ("logs-train", "completed", [3], [])


def test_commands_in_workflows_and_sessions_are_ours() -> None:
    for page in pages():
        for _, code in blocks(page.read_text(encoding="utf-8"), "yaml", "console"):
            for line in re.findall(r"(?:run: |\$ )(sitegen .+)$", code, re.MULTILINE):
                _, name, *arguments = shlex.split(line)
                command = cli.get_command(click.Context(cli), name)
                assert command is not None, line
                command.make_context(name, arguments, resilient_parsing=False)


def test_settings_in_recipes_are_read(tmp_path: Path) -> None:
    for _, text in recipes():
        for _, code in blocks(text, "toml"):
            tomllib.loads(code)
            if code.startswith("# sitegen.toml"):
                (tmp_path / "sitegen.toml").write_text(code, encoding="utf-8")
                assert isinstance(read_settings(tmp_path / "sitegen.toml"), Settings)

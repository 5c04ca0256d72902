"""Pages where nothing is: what they tell to log works as it stands there."""

from __future__ import annotations

import html
import json
import re
import shlex
from pathlib import Path

import pytest

import sitegen
from tests.conftest import run_command
from tests.factories import write_run

SNIPPET = re.compile(
    r'(?s)<div class="sg-empty">(?:(?!</div>).)*?<pre class="sg-code[^"]*"><code>(.*?)</code>'
)
METHODS = {"log_metrics", "trace", "log_sample", "log_artifact", "log_dataset", "log_model"}


@pytest.fixture(scope="module")
def snippets(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Code in the empty states of the site of a run that logged nothing."""
    root = tmp_path_factory.mktemp("empty")
    bare = root / "runs" / "experiment" / "bare"
    bare.mkdir(parents=True)
    (bare / "run.json").write_text('{"format": 1}', encoding="utf-8")
    run_command("build", root / "runs", "-o", root / "site", cwd=root)
    pages = [path.read_text(encoding="utf-8") for path in sorted(root.glob("site/**/*.html"))]
    return sorted({html.unescape(code) for text in pages for code in SNIPPET.findall(text)})


def test_every_kind_of_thing_that_can_be_logged_has_an_example(snippets: list[str]) -> None:
    methods = {name for code in snippets for name in re.findall(r"\brun\.(\w+)\(", code)}

    assert methods == METHODS


def test_examples_of_python_log_what_the_page_lacks(
    snippets: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("predictions.csv", "figures/loss.png", "data/sst2.parquet", "model.safetensors"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"content")

    with sitegen.start_run("tried", "examples", directory=tmp_path, system_metrics=False) as run:
        for code in snippets:
            if "run." in code:
                exec(code, {"run": run})

    written = {path.relative_to(run.directory).parts[0] for path in run.directory.rglob("*")}
    facts = json.loads((run.directory / "run.json").read_text(encoding="utf-8"))
    assert {"metrics.parquet", "traces", "evals", "attachments"} <= written
    assert (len(facts["models"]), len(facts["datasets"])) == (1, 1)


def test_the_example_of_an_annotation_is_a_command(snippets: list[str], tmp_path: Path) -> None:
    (command,) = [code for code in snippets if code.startswith("sitegen ")]
    run = write_run(tmp_path / "runs" / "v2")
    (run / "evals").mkdir()
    (run / "evals" / "support.jsonl").write_text('{"id": "q-17", "scores": {}}\n', encoding="utf-8")

    done = run_command(*shlex.split(command)[1:], cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert len(list((run / "annotations").iterdir())) == 1

"""Two small sites kept as text: the facts in model.txt, the pages and reports below site/.

A change of either shows in a diff which half moved. What says nothing about us is left out: hashes
of assets, versions, the manifest. To accept what is built now: `python -m tests.golden accept`.
"""

from __future__ import annotations

import dataclasses
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sitegen.build.parts import derive_run
from sitegen.build.plan import plan_runs, shared_ids
from sitegen.build.site import build_site
from sitegen.bundle.limits import Limits
from sitegen.bundle.settings import Settings
from sitegen.cli.terminal import QuietProgress
from tests import factories
from tests.factories import MemorySink

FOLDER = Path(__file__).parent
COMMAND = "python -m tests.golden accept"


def write_training(runs: Path) -> None:
    """Two training runs with a NaN, an alert, a baseline and notes."""
    for number, low in enumerate((0.5, 0.25)):
        bundle = factories.write_run(
            runs / "rates" / f"lr-{number}",
            params={"lr": 0.1 / (number + 1), "layers": 2, "warm": bool(number), "steps": 0},
            tags=["small"] if number else ["baseline", "small"],
            ended_at=f"2026-11-17T15:0{number}:56.5Z",
        )
        losses = zip([2.5, "NaN", 1.0, low], [1.0, 0.5, low, low], strict=True)
        records = [
            factories.record(step, step, val__loss=val, train__loss=train)
            for step, (val, train) in enumerate(losses)
        ]
        factories.write_journal(bundle, records)  # its bytes are ours, those of Parquet are Arrow's
    factories.write_file(
        bundle, "notes.md", "# Seen\n\nIt **works**; see [the plan](https://example.org).\n"
    )
    factories.write_experiment_file(
        runs / "rates",
        'title = "Learning rates"\ndescription = "Which rate."\ntags = ["nlp"]\n'
        'baseline = "rates/lr-0"\nkey_metrics = ["val/loss", "test/accuracy"]\n'
        '[objective]\nmetric = "val/loss"\ngoal = "minimize"\n',
    )


def write_agent(runs: Path) -> None:
    """An agent's run with a trace, an eval, annotations and files, beside one that is broken."""
    error = {"type": "TimeoutError", "message": "no answer in 30 s", "traceback": "Traceback:\n  …"}
    bundle = factories.write_run(
        runs / "agent" / "v1", metrics={}, summary={}, alerts=[], status="failed", error=error
    )
    factories.write_trace(bundle)
    factories.write_eval(
        bundle,
        [
            factories.sample_document(),
            factories.sample_document(id=2, output="41", scores={"correct": False}, trace_ids=[]),
            factories.sample_document(
                id="s-3", output=None, scores={}, error="timeout", trace_ids=[]
            ),
        ],
        meta=factories.eval_meta(),
    )
    factories.write_sidecar(bundle, 1)
    span = {"type": "span", "trace_id": factories.TRACE_ID, "span_id": factories.CHILD_ID}
    factories.write_sidecar(bundle, 2, target=span, value=False)
    gone = {"type": "sample", "eval": "qa", "sample_id": "gone", "epoch": 1}
    factories.write_sidecar(bundle, 3, target=gone, kind="expectation", name="answer", value="42")
    factories.write_file(bundle, "attachments/table.csv", "name,score\nana,0.9\nben,=1+1\n")
    factories.write_file(bundle, "attachments/page.html", "<h1>hello</h1>\n")
    broken = factories.write_run(
        runs / "agent" / "v2", status="done", tags=["a", 1], parmas={"x": 1}
    )
    factories.write_file(broken, "metrics.parquet", b"PAR1" + bytes(96))
    factories.write_file(broken, "stray.bin", "x")


CASES: Mapping[str, Callable[[Path], None]] = {"training": write_training, "agent": write_agent}


def golden_texts(case: str, work: Path) -> dict[str, str]:
    """The texts of *case* by path below its folder, built in the empty directory *work*."""
    runs = work / "runs"
    CASES[case](runs)
    build_site(
        [runs], work / "site", Settings(title="Golden", prices={}), workers=1,
        progress=QuietProgress(),
    )  # fmt: skip
    texts = {"model.txt": model_text(runs)}
    for path in sorted((work / "site").rglob("*")):
        name = path.relative_to(work / "site").as_posix()
        if path.suffix in {".html", ".json"} and name != "sitegen-manifest.json":
            texts[f"site/{name}"] = plain(path.read_text(encoding="utf-8"))
    return texts


def kept_texts(case: str) -> dict[str, str]:
    """The accepted texts of *case*."""
    folder = FOLDER / case
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def accept(case: str, texts: Mapping[str, str]) -> None:
    """Keep *texts* as what *case* gives."""
    shutil.rmtree(FOLDER / case, ignore_errors=True)
    for name, text in texts.items():
        path = FOLDER / case / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def plain(text: str) -> str:
    """*text* without the hashes of assets and data and without versions."""
    text = re.sub(r"(assets/[a-z-]+)-[0-9a-f]{12}\.", r"\1-HASH.", text)
    text = re.sub(r"(data/[a-z0-9-]+/[a-z0-9-]+)-[0-9a-f]{12}\.js", r"\1-HASH.js", text)
    return re.sub(r"Built by sitegen [^<]+", "Built by sitegen VERSION", text)


def model_text(runs: Path) -> str:
    """The facts of all runs, a value a line."""
    limits = Limits()
    plans = plan_runs([runs], [], limits, lambda: None)
    shared = shared_ids(plans)
    lines: list[str] = []
    for plan in plans:
        run = derive_run(
            plan, limits, MemorySink(), annotations_dir=None, is_shared=plan.run_id in shared
        )
        lines.append(f"run {plan.run_id}")
        lines += _lines(run.facts, 1)
        lines.append("  annotations")
        lines += _lines(run.annotations, 2)
    return "\n".join(lines).replace(str(runs), "RUNS") + "\n"


def _lines(value: Any, depth: int) -> Iterator[str]:
    """One line a leaf; what is empty, None or zero by default is left out."""
    pairs = _pairs(value)
    indent = "  " * depth
    for name, member in pairs:
        if member is None or member in ((), {}):
            continue
        if _is_leaf(member):
            yield f"{indent}{name}: {member!r}"
        else:
            yield f"{indent}{name}"
            yield from _lines(member, depth + 1)


def _pairs(value: Any) -> list[tuple[str, Any]]:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [(field.name, getattr(value, field.name)) for field in dataclasses.fields(value)]
    if isinstance(value, Mapping):
        return [(repr(key), member) for key, member in value.items()]
    return [(f"{at}", member) for at, member in enumerate(value)]


def _is_leaf(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return all(_is_leaf(member) and not isinstance(member, tuple | list) for member in value)
    return not dataclasses.is_dataclass(value) and not isinstance(value, Mapping)

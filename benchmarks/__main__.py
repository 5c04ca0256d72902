"""`python -m benchmarks NAME…` measures, `--list` says what there is; see benchmarks/README.md."""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from importlib import import_module
from pathlib import Path

from benchmarks.commands import Job
from benchmarks.report import replaced, section

FIGURES = {
    "noop": "nothing changed in 10,000 bundles, ÷ git status",
    "one_changed": "one run of 10,000 changed, beside Hugo",
    "pages": "first build of 10,000 bundles of run.json only, pages/s",
    "metrics": "1e7 points ÷ reading them and writing as many bytes",
    "zoom": "1e7 points of noise in the browser: first chart, two zooms, bytes",
    "charts": "200 metrics of a run and 1,000 runs × 1 metric in the browser",
    "tensorboard": "100 metrics × 10,000 steps from files to a painted chart, beside TensorBoard",
    "memory": "peak memory with large Parquet files",
    "scale": "1,000 and 10,000 runs × 20 metrics × 1,000 steps",
    "logging": "1e6 scalars logged, beside tensorboardX and MLflow",
    "crash": "builds killed at 50 random moments, and on a full disk",
    "traces": "reading OTLP, all attributes, one process, MB/s",
    "spans": "sites of 128 MB of traces and of a trace of 50,000 spans: built, opened, searched",
    "evals": "1e5 samples × 8 scores: reading, filter, sort, opening one, comparing two runs",
    "annotations": "10,000 annotations: checked, their page usable, one opened by a link",
    "table": "1,000 runs × 20 params × 20 metrics: build, page, filter; bytes at 100 to 10,000",
    "compare": "50 runs × 40 metrics compared, parallel coordinates of 1,000 runs",
    "sample": "the sample runs: time, memory, bytes, load times of pages",
}
README = Path(__file__).with_name("README.md")


def main(arguments: list[str] | None = None) -> None:
    """Measure what was named, print it, and keep it where that was asked for."""
    given = _parser().parse_args(arguments)
    if given.list or not given.names:
        for name, text in FIGURES.items():
            print(f"{name:<12} {text}")
        return
    for name in FIGURES if "all" in given.names else given.names:
        print(f"## {name}", flush=True)
        text = _measured(name, given)
        print(text, flush=True)
        if given.out:
            given.out.mkdir(parents=True, exist_ok=True)
            (given.out / f"{name}.md").write_text(text, encoding="utf-8")
        if given.readme:
            before = README.read_text(encoding="utf-8")
            README.write_text(replaced(before, name, text), encoding="utf-8")


def _measured(name: str, given: argparse.Namespace) -> str:
    """One figure as Markdown; its scratch directory is gone afterwards."""
    figure = import_module(f"benchmarks.figures.{name}")
    started = time.perf_counter()
    scratch = Path(tempfile.mkdtemp(prefix=f"benchmark-{name}-", dir=given.scratch))
    try:
        job = Job(scratch=scratch, size=given.size, rounds=given.rounds)
        text = section(figure.measure(job), given.date, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    print(f"({time.perf_counter() - started:.0f} s)\n", flush=True)
    return text


def _parser() -> argparse.ArgumentParser:
    memory = Path("/dev/shm")
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        choices=[*FIGURES, "all", []],
        metavar="NAME",
        help=f"{', '.join(FIGURES)} or all",
    )
    parser.add_argument("--list", action="store_true", help="say what there is")
    parser.add_argument("--out", type=Path, help="directory to write NAME.md into")
    parser.add_argument(
        "--readme", action="store_true", help="put the results into benchmarks/README.md"
    )
    parser.add_argument("--date", help="date to put beside the results")
    parser.add_argument("--rounds", type=int, help="rounds instead of each figure's own number")
    parser.add_argument(
        "--size",
        type=float,
        default=1.0,
        help="factor on runs and points; 0.01 tries everything in a minute",
    )
    parser.add_argument(
        "--scratch",
        type=Path,
        default=memory if memory.is_dir() else None,
        help="where inputs and sites are written [/dev/shm where there is one]",
    )
    return parser


if __name__ == "__main__":
    main()

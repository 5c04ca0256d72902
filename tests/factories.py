"""Good bundles, written field by field, and the sink that keeps what a part publishes.

Every factory makes something valid; a test changes only the field it is about. Nothing here reads
the code under test but its entities, so that a fault of a reader cannot hide in the writer.
"""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sitegen.derive.sink import DataFile, PublishedFile
from sitegen.errors import Problem
from sitegen.model import BLOCK_POINTS, NO_TIME, Manifest, Series, SeriesBlocks, Source
from sitegen.model import Environment as ModelEnvironment

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED_DATA = REPOSITORY.parent / "shared" / "data"
SAMPLE_RUNS = REPOSITORY / "sample_runs"
TRACE_ID = "9c1ee04bd9a04f8f8a9d1c2b3e4f5a6b"
SPAN_ID = "1a2b3c4d5e6f7081"
CHILD_ID = "2b3c4d5e6f708192"
START_NS = 1_794_925_864_000_000_000
"""17 November 2026, 14:31:04 UTC."""
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def run_document(**fields: Any) -> dict[str, Any]:
    """A run.json with every field of the format; *fields* replace, `None` leaves out."""
    document: dict[str, Any] = {
        "format": 1,
        "id": "sentiment/lr-3e-4",
        "name": "lr-3e-4",
        "experiment": "sentiment",
        "project": "reviews",
        "status": "completed",
        "created_at": "2026-11-17T14:30:00Z",
        "started_at": "2026-11-17T14:31:04Z",
        "ended_at": "2026-11-17T15:07:56.5Z",
        "user": "maria",
        "description": "A small model on short reviews.",
        "tags": ["candidate", "small"],
        "links": [{"title": "Discussion", "url": "https://example.org/42"}],
        "params": {
            "lr": 0.0003,
            "optimizer": {"name": "adamw", "betas": [0.9, 0.999]},
            "layers": 0,
        },
        "metrics": {
            "val/loss": {"goal": "minimize", "unit": "nats", "description": "On held-out reviews."}
        },
        "summary": {"test/accuracy": 0.91},
        "source": {
            "entrypoint": "train.py",
            "repository": "https://github.com/example-org/sentiment",
            "commit": "e68d4ddcd08a8919367d1c2188a9fadb5ab1cfe6",
            "branch": "main",
            "dirty": False,
            "diff": "attachments/changes.txt",
        },
        "environment": {
            "python": "3.11.9",
            "platform": "Linux x86_64",
            "packages": {"numpy": "2.1.0"},
            "hardware": {"gpu_count": 0},
        },
        "datasets": [
            {
                "name": "short-reviews",
                "version": "3",
                "uri": "https://example.org/reviews.csv",
                "digest": "sha256:8099aae93d6d41ba",
                "description": "Reviews of one sentence.",
                "rows": 1200,
                "split": "train",
                "context": "training",
            }
        ],
        "models": [
            {
                "name": "sentiment",
                "version": 2,
                "path": "attachments/model.bin",
                "uri": "https://example.org/model",
                "digest": "sha256:0011223344556677",
                "flavor": "numpy",
                "size_bytes": 4096,
                "stage": "staging",
                "tags": ["best"],
                "description": "Weights of the last epoch.",
            }
        ],
        "parent": "sentiment/base",
        "sweep": {"id": "lr", "trial": 3},
        "alerts": [{"condition": "`val/loss` > 2.0", "message": "Diverged.", "level": "error"}],
        "error": None,
    }
    document |= fields
    return {key: value for key, value in document.items() if value is not None}


def write_run(directory: Path, **fields: Any) -> Path:
    """A bundle with a small run.json (its id by its place) and *fields*; nothing else."""
    plain = {"id": None, "name": None, "experiment": None, "parent": None, "sweep": None}
    return write_run_text(
        directory, json.dumps(run_document(**(plain | fields)), indent=2, ensure_ascii=False)
    )


def write_run_text(directory: Path, text: str | bytes) -> Path:
    """A bundle whose run.json is *text* as it is."""
    directory.mkdir(parents=True, exist_ok=True)
    content = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    (directory / "run.json").write_bytes(content)
    return directory


def write_file(bundle: Path, path: str, content: str | bytes) -> Path:
    """The file *path* of a bundle."""
    target = bundle / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content if isinstance(content, bytes) else content.encode())
    return target


def points(
    name: str, values: Sequence[float | None], *, start: int = 0
) -> list[tuple[str, int, int, float | None]]:
    """Rows (name, step, time in µs, value) of one metric, one step and one second apart."""
    begin_us = START_NS // 1000
    return [(name, start + at, begin_us + at * 1_000_000, value) for at, value in enumerate(values)]


def long_table(
    rows: Iterable[tuple[str | None, int | float | None, int | None, float | None]],
    *,
    step_type: pa.DataType | None = None,
    time_type: pa.DataType | None = None,
    value_type: pa.DataType | None = None,
    is_dictionary: bool = False,
) -> pa.Table:
    """A long metrics table of (name, step, time in µs, value)."""
    names, steps, times, values = zip(*rows, strict=True) if rows else ((), (), (), ())
    name_column = pa.array(names, pa.string())
    return pa.table(
        {
            "name": name_column.dictionary_encode() if is_dictionary else name_column,
            "step": pa.array(steps, step_type or pa.int64()),
            "time": pa.array(times, pa.timestamp("us", tz="UTC")).cast(
                time_type or pa.timestamp("us", tz="UTC"), safe=False
            ),
            "value": pa.array(values, pa.float64()).cast(value_type or pa.float64()),
        }
    )


def write_table(bundle: Path, table: pa.Table, path: str = "metrics.parquet") -> Path:
    """*table* as a Parquet file of the bundle."""
    target = bundle / path
    target.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, target)
    return target


def write_metrics(
    bundle: Path, path: str = "metrics.parquet", **values: Sequence[float | None]
) -> Path:
    """A long metrics file; `val__loss=[…]` names the metric `val/loss`."""
    rows = [
        row for name, series in values.items() for row in points(name.replace("__", "/"), series)
    ]
    return write_table(bundle, long_table(rows), path)


def write_journal(bundle: Path, lines: Iterable[Any], writer: str = "rank-0") -> Path:
    """metrics/<writer>.jsonl; a string is written as it is, anything else as JSON."""
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    return write_file(bundle, f"metrics/{writer}.jsonl", "\n".join(texts))


def record(seq: int, step: int | None, **values: Any) -> dict[str, Any]:
    """A record of a journal."""
    return {
        "seq": seq, "time": START_NS // 1000 + seq, "step": step,
        "values": {name.replace("__", "/"): value for name, value in values.items()},
    }  # fmt: skip


def attribute(key: str, value: Any) -> dict[str, Any]:
    """An OTLP attribute."""
    match value:
        case bool():
            return {"key": key, "value": {"boolValue": value}}
        case int():
            return {"key": key, "value": {"intValue": str(value)}}
        case float():
            return {"key": key, "value": {"doubleValue": value}}
    return {"key": key, "value": {"stringValue": value}}


def span_document(**fields: Any) -> dict[str, Any]:
    """A span as OTLP JSON writes it, with an event and a link."""
    return {
        "traceId": TRACE_ID,
        "spanId": SPAN_ID,
        "parentSpanId": "",
        "name": "answer",
        "kind": 1,
        "traceState": "a=b",
        "startTimeUnixNano": str(START_NS),
        "endTimeUnixNano": str(START_NS + 1_500_000_000),
        "attributes": [
            attribute("gen_ai.request.model", "small-1"),
            attribute("gen_ai.usage.input_tokens", 120),
            attribute("gen_ai.usage.output_tokens", 8),
        ],
        "events": [
            {
                "timeUnixNano": str(START_NS + 1_000_000),
                "name": "first token",
                "attributes": [attribute("index", 0)],
            }
        ],
        "links": [{"traceId": TRACE_ID, "spanId": CHILD_ID, "attributes": []}],
        "status": {"code": 1, "message": ""},
    } | fields


def request_document(
    spans: Sequence[Mapping[str, Any]], *, service: str = "agent", scope: str = "example"
) -> dict[str, Any]:
    """An OTLP export request over *spans*."""
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": [attribute("service.name", service)]},
                "scopeSpans": [{"scope": {"name": scope, "version": "1.0"}, "spans": list(spans)}],
            }
        ]
    }


def write_trace(
    bundle: Path, spans: Sequence[Mapping[str, Any]] | None = None, path: str = "traces/a.jsonl"
) -> Path:
    """One line of OTLP JSON: a root span with a failed child, or *spans*."""
    if spans is None:
        child = span_document(
            spanId=CHILD_ID, parentSpanId=SPAN_ID, name="search", events=[], links=[],
            status={"code": 2, "message": "timeout"},
        )  # fmt: skip
        spans = [child, span_document()]
    text = json.dumps(request_document(spans)) + "\n"
    content = gzip.compress(text.encode(), mtime=0) if path.endswith(".gz") else text
    return write_file(bundle, path, content)


def sample_document(**fields: Any) -> dict[str, Any]:
    """A line of an eval with every field."""
    return {
        "id": "s-1",
        "epoch": 1,
        "input": "What is 6 x 7?",
        "output": "42",
        "target": "42",
        "scores": {
            "correct": True,
            "similarity": 0.8,
            "tone": {
                "value": "calm", "rationale": "Short.", "error": None, "metadata": {"judge": "j-1"}
            },
        },
        "error": None,
        "tags": ["arithmetic"],
        "metadata": {"source": "book"},
        "trace_ids": [TRACE_ID],
        "duration_s": 1.5,
        "usage": {
            "input_tokens": 120, "output_tokens": 8, "cached_tokens": 0, "cost_usd": 0.0001,
            "model": "small-1",
        },
        "cluster": "c-1",
    } | fields  # fmt: skip


def write_eval(
    bundle: Path, samples: Sequence[Any] | None = None, name: str = "qa", meta: Any = None
) -> Path:
    """evals/<name>.jsonl of *samples* (a string is a line as it is), and its meta.json."""
    samples = [sample_document()] if samples is None else samples
    texts = [one if isinstance(one, str) else json.dumps(one) for one in samples]
    if meta is not None:
        write_file(bundle, f"evals/{name}.meta.json", json.dumps(meta, indent=2))
    return write_file(bundle, f"evals/{name}.jsonl", "\n".join(texts) + "\n")


def eval_meta() -> dict[str, Any]:
    """A meta.json with every field."""
    return {
        "dataset": "arithmetic",
        "description": "Sums that a child can do.",
        "scorers": {
            "correct": {"goal": "maximize", "description": "The same number."},
            "similarity": {"goal": "maximize", "unit": "points", "range": [0, 1]},
        },
    }


def sidecar_document(ulid: str, **fields: Any) -> dict[str, Any]:
    """An annotation of a run, its keys in the format's order."""
    return {
        "format": 1,
        "id": ulid,
        "kind": "feedback",
        "target": {"type": "run"},
        "name": "helpful",
        "value": True,
        "rationale": "It answers the question.",
        "user": "mara",
        "created_at": "2026-11-18T10:40:09Z",
        "updated_at": "2026-11-18T10:41:09Z",
    } | fields


def ulid(number: int) -> str:
    """A ULID for each small *number*."""
    digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    tail = "".join(digits[number // 32**place % 32] for place in range(5, -1, -1))
    return f"01M7Q3W5S8YG2YFYC2XG{tail}"


def write_sidecar(bundle: Path, number: int = 1, **fields: Any) -> Path:
    """annotations/<ulid>.json."""
    document = sidecar_document(ulid(number), **fields)
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return write_file(bundle, f"annotations/{ulid(number)}.json", text)


def write_experiment_file(directory: Path, text: str) -> Path:
    """*directory*/experiment.toml."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "experiment.toml"
    path.write_text(text, encoding="utf-8")
    return path


def write_full_run(directory: Path, **fields: Any) -> Path:
    """A bundle with something in every part: series, traces, an eval, sidecars, files, notes."""
    bundle = write_run(directory, **fields)
    losses = [2.5 - at / 20 for at in range(40)]
    write_metrics(bundle, val__loss=losses, train__loss=[*losses[:20], float("nan"), *losses[21:]])
    write_journal(bundle, [record(at, at, lr=0.1 / (at + 1)) for at in range(5)])
    write_trace(bundle)
    scores = {"correct": False, "similarity": 0.2, "tone": "curt"}
    write_eval(
        bundle,
        [
            sample_document(),
            sample_document(id=2, output="41", scores=scores, trace_ids=[], cluster="c-2"),
            sample_document(id="s-3", output=None, scores={}, error="timeout", trace_ids=[]),
        ],
        meta=eval_meta(),
    )
    write_sidecar(bundle, 1)
    write_sidecar(
        bundle, 2, target={"type": "span", "trace_id": TRACE_ID, "span_id": CHILD_ID}, value=False
    )
    write_sidecar(
        bundle, 3, kind="expectation", name="answer", value="42",
        target={"type": "sample", "eval": "qa", "sample_id": "2", "epoch": 1},
    )  # fmt: skip
    write_sidecar(bundle, 4, target={"type": "metric", "name": "val/loss", "step": 3})
    for path, content in ATTACHMENTS.items():
        write_file(bundle, f"attachments/{path}", content)
    write_file(
        bundle, "notes.md", "# What we saw\n\nIt **works**, see [the paper](https://example.org).\n"
    )
    return bundle


ATTACHMENTS: Mapping[str, str | bytes] = {
    "table.csv": "name,score\nana,0.9\nben,0.4\n",
    "log.txt": "\x1b[31mred\x1b[0m and plain\n",
    "data.json": '{"a": [1, 2, {"b": null}]}\n',
    "rows.jsonl": '{"a": 1}\n{"a": 2}\n',
    "train.py": "def main() -> None:\n    print('hi')\n",
    "page.html": "<h1>hello</h1><script>alert(1)</script>\n",
    "drawing.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><path d="M0 0h4"/>'
    "</svg>\n",
    "dot.png": PNG,
    "notes.md": "# Inside\n\ntext\n",
    "deep/er/model.bin": bytes(range(256)),
    "media/sample/0.png": PNG,
    "media/sample/10.png": PNG,
}
"""An attachment of each family, by path below attachments/."""


class MemorySink:
    """Keeps what a part publishes: payloads by name, texts by name, copied paths."""

    def __init__(self) -> None:
        self.payloads: dict[str, Mapping[str, Any]] = {}
        self.texts: dict[str, str] = {}
        self.copies: list[str] = []

    def data(self, name: str, payload: Mapping[str, Any]) -> DataFile:
        assert name not in self.payloads, f"the data file {name} is published twice"
        self.payloads[name] = payload
        return DataFile(name=name, file=f"data/run/{name}.js", size_bytes=len(str(payload)))

    def encoded(self, name: str, content: bytes) -> DataFile:
        return self.data(name, msgspec.json.decode(content))

    def text(self, name: str, extension: str, pieces: Iterable[str]) -> PublishedFile:
        self.texts[f"{name}.{extension}"] = text = "".join(pieces)
        digits = zlib.crc32(text.encode("utf-8", "replace"))
        return PublishedFile(
            file=f"files/run/{name}-{digits:08x}.{extension}", size_bytes=len(text)
        )

    def scratch(self) -> BinaryIO:
        return cast("BinaryIO", TemporaryFile())

    def library(self) -> PublishedFile:
        return PublishedFile(file="assets/plotly-large.js", size_bytes=1)

    def copy(self, path: str, extension: str) -> PublishedFile:
        self.copies.append(path)
        return PublishedFile(file=f"files/run/{len(self.copies)}.{extension}", size_bytes=0)


class Reports(list[Problem]):
    """The problems reported, in order; the instance is the `Report` function."""

    def __call__(self, problem: Problem) -> None:
        self.append(problem)

    @property
    def codes(self) -> list[str]:
        return [problem.code for problem in self]


def series(
    name: str,
    values: Sequence[float],
    *,
    steps: Sequence[int] | None = None,
    times_us: Sequence[int | None] | None = None,
) -> Series:
    """A series as read; steps count up unless given."""
    times = None
    if times_us is not None:
        times = np.array([NO_TIME if one is None else one for one in times_us], dtype=np.int64)
    return Series(
        name=name,
        steps=np.array(range(len(values)) if steps is None else steps, dtype=np.int64),
        times_us=times,
        values=np.array(values, dtype=np.float64),
    )


def in_blocks(one: Series, *, out_of_order: int = 0) -> SeriesBlocks:
    """A series as the store of points gives it."""

    def blocks() -> Iterator[Series]:
        for start in range(0, len(one.values), BLOCK_POINTS):
            part = slice(start, start + BLOCK_POINTS)
            times = one.times_us
            yield Series(
                name=one.name, steps=one.steps[part], values=one.values[part],
                times_us=None if times is None else times[part],
            )  # fmt: skip

    return SeriesBlocks(
        name=one.name, count=len(one.values), out_of_order=out_of_order, blocks=blocks
    )


def whole(given: SeriesBlocks) -> Series:
    """All blocks of a series as one."""
    blocks = list(given.blocks())
    sizes = [len(block.values) for block in blocks]
    assert sum(sizes) == given.count
    assert set(sizes[:-1]) <= {BLOCK_POINTS}
    times = [block.times_us for block in blocks if block.times_us is not None]
    return Series(
        name=given.name,
        steps=np.concatenate([block.steps for block in blocks]),
        times_us=np.concatenate(times) if times else None,
        values=np.concatenate([block.values for block in blocks]),
    )


def manifest(**fields: Any) -> Manifest:
    """A manifest as read, with little in it."""
    base: dict[str, Any] = {
        "id": "e/a", "name": "a", "experiment": "e", "status": "completed", "params": {},
        "metric_specs": {}, "summary": {}, "source": Source(),
        "environment": ModelEnvironment(packages={}, hardware={}), "other": {},
    }  # fmt: skip
    return Manifest(**(base | fields))

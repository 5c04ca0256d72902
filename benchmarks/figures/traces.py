"""Reading OTLP: every attribute of every span, one process, as JSON Lines and as protobuf."""

from __future__ import annotations

import json
import os
import struct
import sys
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from benchmarks.commands import Job, output_of
from benchmarks.report import Goal, Result, megabytes_text, seconds_text
from benchmarks.rounds import Measured
from benchmarks.spans import write_traces

SIZE_BYTES = 128_000_000
GOAL_MB_S = 60
MOST_BYTES = 300_000_000
PROTOBUF_TRACES = 2_000
"""Protobuf's own JSON parser, which makes them, reads 5 MB/s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One file and what reading it took."""

    name: str
    """What it is."""
    size_bytes: int
    """Size."""
    spans: int
    """Spans in it."""
    seconds: Measured
    """CPU time of the process that reads it, without its start."""
    peak_bytes: int
    """Its peak of memory."""
    load: float
    """Load average before."""

    @property
    def speed(self) -> float:
        """MB/s of the median round."""
        return self.size_bytes / 1e6 / self.seconds.median


def measure(job: Job) -> Result:
    """A row a form of such spans."""
    folder = job.directory("traces")
    lines = folder / "agents.jsonl"
    traces, spans = write_traces(lines, job.count(SIZE_BYTES))
    cases = [
        _measure(job, "JSON Lines", lines),
        _measure(job, "protobuf", _as_frames(lines, job.count(PROTOBUF_TRACES))),
    ]
    return Result(
        what=f"Reading {traces:,} traces of an agent, {spans:,} spans, all attributes, in one"
        " process: seconds of CPU, which another process on the machine does not lengthen much.",
        head=("form", "file", "CPU, median", "CPU, max", "MB/s", "peak", "rounds", "load"),
        rows=tuple(
            (
                case.name,
                megabytes_text(case.size_bytes),
                seconds_text(case.seconds.median),
                seconds_text(case.seconds.max),
                f"{case.speed:.0f}",
                megabytes_text(case.peak_bytes),
                str(len(case.seconds.values)),
                f"{case.load:.1f}",
            )
            for case in cases
        ),
        goals=(
            Goal(
                text=f"JSON Lines, all attributes, one process ≥ {GOAL_MB_S} MB/s",
                measured=f"{cases[0].speed:.0f} MB/s",
                is_met=cases[0].speed >= GOAL_MB_S,
            ),
            Goal(
                text=f"peak ≤ {megabytes_text(MOST_BYTES)}",
                measured=megabytes_text(max(case.peak_bytes for case in cases)),
                is_met=all(case.peak_bytes <= MOST_BYTES for case in cases),
            ),
        ),
    )


def _measure(job: Job, name: str, file: Path) -> _Case:
    command = [sys.executable, "-m", "benchmarks.reading", str(file)]
    load = os.getloadavg()[0]
    found = [json.loads(output_of(command, job.scratch)) for _ in range(job.rounds_or(5))]
    return _Case(
        name=name,
        size_bytes=file.stat().st_size,
        spans=found[0]["spans"],
        seconds=Measured(values=tuple(one["seconds"] for one in found)),
        peak_bytes=max(one["peak_bytes"] for one in found),
        load=load,
    )


def _as_frames(lines: Path, most: int) -> Path:
    """The first *most* requests as the collector's file exporter writes them, `format: proto`."""
    from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

    target = lines.with_suffix(".pb")
    with lines.open("rb") as source, target.open("wb") as stream:
        for line in islice(source, most):
            data = TracesData()
            _fill(data, json.loads(line))
            message = data.SerializeToString()
            stream.write(struct.pack(">I", len(message)) + message)
    return target


def _fill(data: object, document: dict[str, object]) -> None:
    import base64

    from google.protobuf.json_format import ParseDict

    ids = {"traceId", "spanId", "parentSpanId"}

    def with_base64(value: object) -> object:
        match value:
            case list():
                return [with_base64(member) for member in value]
            case dict():
                return {
                    key: base64.b64encode(bytes.fromhex(one)).decode()
                    if key in ids
                    else with_base64(one)
                    for key, one in value.items()
                }
        return value

    ParseDict(with_base64(document), data)

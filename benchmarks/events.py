"""Points as an event file: `python benchmarks/events.py POINTS.npz FOLDER`, TensorBoard's Python.

As training loops write them, one record a scalar, by TensorBoard's own protocol buffers and record
writer. Nothing of sitegen or benchmarks is imported.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

START_S = 1_780_000_000


def main() -> None:
    """Write the records in the order of the points: {codes, steps, values}, as `metric/<code>`."""
    points, folder = np.load(sys.argv[1]), Path(sys.argv[2])
    columns = (points[name].tolist() for name in ("codes", "steps", "values"))
    folder.mkdir(parents=True)
    with (folder / f"events.out.tfevents.{START_S}.benchmark").open("wb") as file:
        writer = RecordWriter(file)
        writer.write(Event(wall_time=START_S, file_version="brain.Event:2").SerializeToString())
        for code, step, value in zip(*columns, strict=True):
            scalar = Summary.Value(tag=f"metric/{code}", simple_value=value)
            event = Event(wall_time=START_S + step, step=step, summary=Summary(value=[scalar]))
            writer.write(event.SerializeToString())


if __name__ == "__main__":
    main()

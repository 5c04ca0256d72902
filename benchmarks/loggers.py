"""One process that logs scalars by one library: `python benchmarks/loggers.py NAME COUNT FOLDER`.

Prints seconds of CPU and of wall time that the calls took, without start and end of the process.
Nothing of sitegen or benchmarks is imported for the other libraries, which live in an environment
of their own.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

BATCH = 100
VALUES = [1 / (1 + step / 7) for step in range(1_000)]
Calls = Callable[[int], None]


@contextmanager
def sitegen_each(directory: Path) -> Iterator[Calls]:
    """`log_metric` for each scalar."""
    import sitegen

    with sitegen.start_run("benchmark", "run", directory=directory) as run:

        def calls(count: int) -> None:
            for step in range(count):
                run.log_metric("train/loss", VALUES[step % 1_000], step)

        yield calls


@contextmanager
def sitegen_batches(directory: Path) -> Iterator[Calls]:
    """`log_metrics` of 100 scalars."""
    import sitegen

    with sitegen.start_run("benchmark", "run", directory=directory) as run:

        def calls(count: int) -> None:
            for step in range(count // BATCH):
                value = VALUES[step % 1_000]
                run.log_metrics(dict.fromkeys(NAMES, value), step)

        yield calls


NAMES = [f"layer{number}/norm" for number in range(BATCH)]


@contextmanager
def tensorboardx(directory: Path) -> Iterator[Calls]:
    """`add_scalar` for each scalar."""
    from tensorboardX import SummaryWriter

    writer = SummaryWriter(str(directory))

    def calls(count: int) -> None:
        for step in range(count):
            writer.add_scalar("train/loss", VALUES[step % 1_000], step)

    yield calls
    writer.close()


@contextmanager
def mlflow_each(directory: Path) -> Iterator[Calls]:
    """`log_metric` for each scalar, into SQLite."""
    mlflow = _mlflow(directory)
    with mlflow.start_run():

        def calls(count: int) -> None:
            for step in range(count):
                mlflow.log_metric("train/loss", VALUES[step % 1_000], step)

        yield calls


@contextmanager
def mlflow_batches(directory: Path) -> Iterator[Calls]:
    """`log_metrics` of 100 scalars, into SQLite."""
    mlflow = _mlflow(directory)
    with mlflow.start_run():

        def calls(count: int) -> None:
            for step in range(count // BATCH):
                value = VALUES[step % 1_000]
                mlflow.log_metrics(dict.fromkeys(NAMES, value), step)

        yield calls


def _mlflow(directory: Path):  # noqa: ANN202 (a module of another environment)
    import mlflow

    directory.mkdir(parents=True, exist_ok=True)
    mlflow.set_tracking_uri(f"sqlite:///{directory}/mlflow.db")
    return mlflow


LOGGERS = {
    "sitegen": sitegen_each,
    "sitegen-batches": sitegen_batches,
    "tensorboardX": tensorboardx,
    "mlflow": mlflow_each,
    "mlflow-batches": mlflow_batches,
}


def main() -> None:
    """Log and print the seconds."""
    name, count, directory = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    with LOGGERS[name](directory) as calls:
        calls(BATCH)  # opens files, makes tables
        cpu, wall = time.process_time(), time.perf_counter()
        calls(count)
        print(time.process_time() - cpu, time.perf_counter() - wall)


if __name__ == "__main__":
    main()

"""The least that a build of metrics must do: read the columns by one thread, write as many bytes.

`python -m benchmarks.floor PARQUET SIZES DIRECTORY` prints its seconds without start and imports.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pyarrow.parquet as pq

COLUMNS = ("name", "step", "value", "time")


def read_and_write(parquet: Path, sizes: list[int], target: Path) -> int:
    """Rows read; row group by row group, then a file of each of *sizes* is written."""
    rows = 0
    file = pq.ParquetFile(parquet, read_dictionary=["name"])
    names = [name for name in COLUMNS if name in file.schema_arrow.names]
    for number in range(file.num_row_groups):
        # read_table(use_threads=False) would still decode by two threads
        rows += file.read_row_group(number, columns=names, use_threads=False).num_rows
    target.mkdir()
    zeros = bytes(max(sizes, default=0))
    for number, size in enumerate(sizes):
        (target / str(number)).write_bytes(memoryview(zeros)[:size])
    return rows


def main() -> None:
    """Run it once."""
    parquet, sizes, target = (Path(argument) for argument in sys.argv[1:4])
    numbers = [int(line) for line in sizes.read_text().split()]
    started = time.perf_counter()
    read_and_write(parquet, numbers, target)
    print(f"{time.perf_counter() - started:.4f}")


if __name__ == "__main__":
    main()

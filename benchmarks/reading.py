"""Reads OTLP files in this process and prints what that took; run as a process of its own.

python -m benchmarks.reading FILE…
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from benchmarks.peak import own_peak_bytes
from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.model import Span
from sitegen.read.traces import read_traces


def read_all(files: list[Path]) -> dict[str, float]:
    """Spans, attributes, seconds of CPU and the peak of memory; nothing is kept."""
    spans = attributes = 0
    started = time.process_time()
    for file in files:
        for record in read_traces(file.parent, [file.name], DEFAULT_LIMITS, print):
            if isinstance(record, Span):
                spans += 1
                attributes += len(record.attributes)
    seconds = time.process_time() - started
    return {
        "spans": spans,
        "attributes": attributes,
        "seconds": seconds,
        "peak_bytes": own_peak_bytes(),
    }


if __name__ == "__main__":
    print(json.dumps(read_all([Path(name) for name in sys.argv[1:]])))

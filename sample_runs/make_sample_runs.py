"""Writes the sample runs beside this file; twice the same bytes.

    python sample_runs/make_sample_runs.py [DIRECTORY]

Needs numpy, scikit-learn, pyarrow, opentelemetry-sdk and
opentelemetry-exporter-otlp-proto-common. The bundles are written by the format itself, without
sitegen, so that they test what sitegen reads.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from make.annotations import write_annotations
from make.digits_bundles import write_digits
from make.digits_plans import MLP, SOFTMAX
from make.online import EXPERIMENT as ONLINE
from make.online import write_online
from make.support_bundles import EXPERIMENT, write_support

HERE = Path(__file__).resolve().parent


def main(root: Path) -> None:
    """Replaces the four experiments under the root."""
    for experiment in (MLP, SOFTMAX, ONLINE, EXPERIMENT):
        shutil.rmtree(root / experiment, ignore_errors=True)
    outcomes = write_digits(root)
    write_online(root)
    agent_runs = write_support(root)
    write_annotations(root, agent_runs, outcomes)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)

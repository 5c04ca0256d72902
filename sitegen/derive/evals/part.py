"""Facts of a run's evals: figures over all samples, the worst 500 as rows, payloads of every one.

Floor 3. Samples stream through once, see `eval_pass.py`; nothing of an input is held.
"""

from __future__ import annotations

from collections.abc import Iterable

from sitegen.derive.anchors import AnchorFacts
from sitegen.derive.evals.one_pass import MOST_ROWS, EvalFacts, EvalPass, EvalSamples, Report
from sitegen.derive.sink import DataFile, Sink
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalsFacts:
    """All evals of a run."""

    evals: tuple[EvalFacts, ...]
    """In order of name."""
    files: tuple[DataFile, ...]
    """Data files with payloads and ids."""
    anchors: dict[str, AnchorFacts]
    """Digest and address of every sample by `sample:<eval>/<id>/<epoch>`."""


def derive_evals(evals: Iterable[EvalSamples], *, sink: Sink, report: Report) -> EvalsFacts:
    """The facts of *evals*, which are read to their ends in order."""
    anchors: dict[str, AnchorFacts] = {}
    passes = []
    for number, source in enumerate(evals):
        one = EvalPass(source=source, number=number, sink=sink, anchors=anchors)
        csv = sink.text(f"evals-{source.name}", "csv", one.csv_lines())
        one.close(report)
        passes.append((one, csv))
    shares = fair_shares([one.count for one, _ in passes], MOST_ROWS)
    found = tuple(one.facts(csv, share) for (one, csv), share in zip(passes, shares, strict=True))
    return EvalsFacts(
        evals=found,
        files=tuple(file for one, _ in passes for file in one.files),
        anchors=anchors,
    )


def fair_shares(counts: list[int], limit: int) -> list[int]:
    """How many of each count may be taken so that the sum is at most *limit*, small ones whole."""
    shares = [0] * len(counts)
    rest = limit
    order = sorted(range(len(counts)), key=lambda index: counts[index])
    for position, index in enumerate(order):
        shares[index] = min(counts[index], rest // (len(order) - position))
        rest -= shares[index]
    return shares

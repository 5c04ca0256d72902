"""One pass over the samples of an eval, which makes its figures, rows, data files and CSV at once.

Floor 3. What stays in memory are two numbers a score, the ids and epochs, and the rows of the page.
"""

from __future__ import annotations

import bisect
import math
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Protocol

from sitegen.derive.anchors import AnchorFacts, answer_digest, content_digest
from sitegen.derive.evals.repeats import Repeats, repeats_of
from sitegen.derive.evals.sample_columns import SampleColumns, SampleGroups
from sitegen.derive.evals.sample_files import SampleFiles
from sitegen.derive.evals.sample_traces import TracesPass
from sitegen.derive.evals.samples import SampleRow, csv_header, csv_sample, sample_row
from sitegen.derive.evals.score_columns import Blocks, ColumnsPass, EvalColumns, write_index
from sitegen.derive.evals.scores import ScoreColumn, ScorerFacts, scorer_facts
from sitegen.derive.sink import DataFile, PublishedFile, Sink
from sitegen.derive.sums import RecordedSum, most_frequent
from sitegen.errors import Problem
from sitegen.model import EvalMeta, Sample, ScorerSpec, score_of
from sitegen.records import dataclass

MOST_ROWS = 500
"""Rows of all tables of samples in a run's page; 10,000 take 5 to 9 s to paint."""
_SEEN_BEFORE_CSV = 1_000
_BYTES_BEFORE_CSV = 16_000_000
_MOST_SCORERS = 100
_TOLD_DUPLICATES = 20

Report = Callable[[Problem], None]
"""Takes each problem as it is found."""


class EvalSamples(Protocol):
    """An eval as read; samples go through once."""

    @property
    def name(self) -> str:
        """Name of the eval."""
        ...

    @property
    def path(self) -> str:
        """Its file in the bundle."""
        ...

    @property
    def meta(self) -> EvalMeta:
        """What is said of it."""
        ...

    @property
    def samples(self) -> Iterator[Sample]:
        """Its samples, once."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalFacts:
    """One eval of a run."""

    name: str
    """Name of the eval."""
    path: str
    """Its file in the bundle."""
    number: int
    """Place among the evals of the run by name, from 0; its data files are `evals-<number>-…`."""
    dataset: str | None
    """Name of the data set."""
    description: str | None
    """What the eval asks."""
    samples: int
    """Samples, each epoch counted; N of every scorer."""
    ids: int
    """Distinct sample ids."""
    epochs: int
    """Largest number of samples of one id, duplicates of an (id, epoch) not counted."""
    duplicates: int
    """Samples whose (id, epoch) stood before."""
    errors: int
    """Samples that errored."""
    clusters: int
    """Distinct clusters named."""
    cost_usd: float | None
    """Sum of recorded costs."""
    cost_samples: int
    """Samples with a recorded cost."""
    input_tokens: int | None
    """Sum of recorded input tokens."""
    output_tokens: int | None
    """Sum of recorded output tokens."""
    cached_tokens: int | None
    """Sum of recorded cached tokens."""
    duration_s: float | None
    """Sum of recorded durations."""
    duration_samples: int
    """Samples with a recorded duration."""
    tags: dict[str, int]
    """Samples by tag, the most frequent 50."""
    models: dict[str, int]
    """Samples by model, the most frequent 50."""
    scorers: tuple[ScorerFacts, ...]
    """Scorers in the order of meta.json, then as first seen."""
    rows: tuple[SampleRow, ...]
    """Errored samples, then by worst first score; of all evals together at most 500."""
    chunk_starts: tuple[int, ...]
    """Ordinal of the first sample of each data file `evals-<number>-<chunk>`."""
    table: SampleGroups
    """The samples as columns, in the data files `evals-<number>-<group>-<block>`."""
    csv: PublishedFile
    """All samples as CSV."""
    columns: EvalColumns
    """Scores by column, for comparisons."""
    columns_file: DataFile
    """Where a page that compares runs finds the columns and samples."""
    traces_file: DataFile | None
    """Which traces belong to which sample; None if no sample names one."""


def target_key(eval_name: str, sample_id: str, epoch: int) -> str:
    """The key by which annotations find a sample."""
    return f"sample:{eval_name}/{sample_id}/{epoch}"


class _Worst:
    """The rows with the smallest keys, at most MOST_ROWS, in order."""

    def __init__(self) -> None:
        self._rows: list[tuple[tuple[int, float, int], SampleRow]] = []

    def wants(self, key: tuple[int, float, int]) -> bool:
        return len(self._rows) < MOST_ROWS or key < self._rows[-1][0]

    def add(self, key: tuple[int, float, int], row: SampleRow) -> None:
        bisect.insort(self._rows, (key, row), key=lambda pair: pair[0])
        del self._rows[MOST_ROWS:]

    def first(self, count: int) -> tuple[SampleRow, ...]:
        return tuple(row for _, row in self._rows[:count])


class EvalPass:
    """One eval while its samples stream by (it holds the sums, the ids and the rows)."""

    def __init__(
        self, *, source: EvalSamples, number: int, sink: Sink, anchors: dict[str, AnchorFacts]
    ) -> None:
        self.source = source
        self.number = number
        self.count = 0
        self._sink = sink
        self._files = SampleFiles(number, sink)
        self._scores = ColumnsPass()
        self._traces = TracesPass()
        self._table = SampleColumns(number, sink)
        self._groups: SampleGroups | None = None
        self._anchors = anchors
        self._columns = {name: ScoreColumn() for name in source.meta.scorers}
        self._errored_before: dict[str, int] = {}
        self._left_out_scorers: set[str] = set()
        self._errors = 0
        self._ids: dict[str, int] = {}
        self._epochs: list[int] = []
        self._far_epochs: set[tuple[int, int]] = set()
        self._duplicates: list[Sample] = []
        self._duplicate_count = 0
        self._clusters: dict[str, int] = {}
        self._cost, self._duration = RecordedSum(), RecordedSum()
        self._input, self._output, self._cached = RecordedSum(), RecordedSum(), RecordedSum()
        self._tags: Counter[str] = Counter()
        self._models: Counter[str] = Counter()
        self._worst = _Worst()

    @property
    def files(self) -> list[DataFile]:
        """Data files written."""
        return [*self._files.files, *self._table.files]

    def csv_lines(self) -> Iterator[str]:
        """The lines of the CSV; each sample is taken in as its line is made.

        Columns are the scorers of meta.json and of the first 1,000 samples (or 16 MB); one that
        appears later stands in `other_scores`, so that nothing waits for the end of the file.
        """
        samples = self._taken_in()
        first = []
        for sample in samples:
            first.append(sample)
            if len(first) >= _SEEN_BEFORE_CSV or self._files.bytes_seen > _BYTES_BEFORE_CSV:
                break
        scorers = tuple(self._columns)
        yield csv_header(scorers)
        for sample in chain(first, samples):
            yield csv_sample(sample, scorers)

    def _taken_in(self) -> Iterator[Sample]:
        for sample in self.source.samples:
            self._take_in(sample)
            yield sample

    def _take_in(self, sample: Sample) -> None:
        group = self._group_of(sample)
        self._count_scores(sample, group)
        self._errors += sample.error is not None
        self._duration.add(sample.duration_s)
        if sample.usage is not None:
            self._cost.add(sample.usage.cost_usd)
            self._input.add(sample.usage.input_tokens)
            self._output.add(sample.usage.output_tokens)
            self._cached.add(sample.usage.cached_tokens)
            if sample.usage.model is not None:
                self._models[sample.usage.model] += 1
        self._tags.update(set(sample.tags))
        self._scores.add(sample)
        self._traces.add(sample)
        chunk, place = self._publish(sample)
        row = sample_row(sample, ordinal=self.count, chunk=chunk, place=place)
        self._table.add(row, sample.output)
        key = self._badness(sample)
        if self._worst.wants(key):
            self._worst.add(key, row)
        self.count += 1

    def _group_of(self, sample: Sample) -> int:
        """The number of the independent group: of its cluster, else of its id."""
        index = self._ids.setdefault(sample.id, len(self._ids))
        if index == len(self._epochs):
            self._epochs.append(0)
        if self._is_repeated(index, sample.epoch):
            self._duplicate_count += 1
            if len(self._duplicates) < _TOLD_DUPLICATES:
                self._duplicates.append(sample)
        if sample.cluster is None:
            return 2 * index
        return 2 * self._clusters.setdefault(sample.cluster, len(self._clusters)) + 1

    def _is_repeated(self, index: int, epoch: int) -> bool:
        """Whether (id, epoch) stood before; a bit for each of the first 62 epochs, else a set."""
        if epoch > 62:
            place = (index, epoch)
            is_repeated = place in self._far_epochs
            self._far_epochs.add(place)
            return is_repeated
        bit = 1 << epoch
        is_repeated = bool(self._epochs[index] & bit)
        self._epochs[index] |= bit
        return is_repeated

    def _count_scores(self, sample: Sample, group: int) -> None:
        for name in sample.scores:
            if name in self._columns:
                continue
            if len(self._columns) >= _MOST_SCORERS:
                self._left_out_scorers.add(name)
                continue
            self._columns[name] = ScoreColumn()
            self._errored_before[name] = self._errors
        for name, column in self._columns.items():
            column.add(sample.scores.get(name), group, has_error=sample.error is not None)

    def _badness(self, sample: Sample) -> tuple[int, float, int]:
        """Sorts errors first, then the first scorer's values from the worst, then missing ones."""
        name = next(iter(self._columns), None)
        score = score_of(None if name is None else sample.scores.get(name))
        if sample.error is not None or score.error is not None:
            return 0, 0.0, self.count
        if name is None or score.value is None:
            return 2, 0.0, self.count
        value = score.value
        if isinstance(value, str):
            return 1, 0.0, self.count
        if math.isnan(value):
            return 1, -math.inf, self.count
        spec = self.source.meta.scorers.get(name, ScorerSpec())
        return 1, -value if spec.goal == "minimize" else float(value), self.count

    def _publish(self, sample: Sample) -> tuple[int, int]:
        """Chunk and place of the payload; the anchor of its (id, epoch) is that of the first."""
        name = self.source.name
        digest = content_digest({"input": sample.input, "output": sample.output})
        input_digest = content_digest(sample.input)
        self._anchors.setdefault(
            target_key(name, sample.id, sample.epoch),
            AnchorFacts(
                digest=digest,
                label=f"sample {sample.id} of {name}"
                + (f", epoch {sample.epoch}" if sample.epoch != 1 else ""),
                input=input_digest,
                answer=answer_digest(sample.output),
            ),
        )
        return self._files.add(sample, digest, input_digest)

    def close(self, report: Report) -> None:
        """Write what is still open and tell of duplicates."""
        self._files.close()
        self._groups = self._table.close()
        path = self.source.path
        for sample in self._duplicates:
            report(_duplicate(path, sample))
        if self._duplicate_count > len(self._duplicates):
            rest = self._duplicate_count - len(self._duplicates)
            report(_warning("duplicate-sample", path, f"and {rest:,} more like it"))
        if self._left_out_scorers:
            count = len(self._left_out_scorers)
            message = f"more than {_MOST_SCORERS} scorers: {count:,} have no figures of their own"
            report(_warning("too-many-scorers", path, message))
        if self._groups.metadata_left_out:
            message = "more than 200 names of metadata: the rest has no columns in the table"
            report(_warning("too-many-columns", path, message))

    def _repeats(self, columns: EvalColumns, name: str, column: ScoreColumn) -> Repeats | None:
        if self.count == len(self._ids) or name not in columns.scores:
            return None
        is_boolean = column.kind == "boolean"
        return repeats_of(columns.ids, columns.values(name), is_boolean=is_boolean)

    def facts(self, csv: PublishedFile, rows: int) -> EvalFacts:
        """What is known after the last sample; at most *rows* rows."""
        assert self._groups is not None, "closed before its facts are asked for"
        meta = self.source.meta
        epochs_by_index = Counter({i: bits.bit_count() for i, bits in enumerate(self._epochs)})
        epochs_by_index.update(index for index, _ in self._far_epochs)
        columns = self._scores.columns()
        scorers = tuple(
            scorer_facts(
                name,
                column,
                meta.scorers.get(name, ScorerSpec()),
                total=self.count,
                errored=self._errored_before.get(name, 0),
                repeats=self._repeats(columns, name, column),
            )
            for name, column in self._columns.items()
        )
        columns_file = write_index(
            [one for one in scorers if one.name in columns.scores],
            number=self.number,
            count=self.count,
            blocks=self._table.compared,
            samples=Blocks(
                starts=tuple(self._files.chunk_starts), files=tuple(self._files.chunk_files)
            ),
            sink=self._sink,
        )
        traces_file = self._traces.write(self.source.name, self.number, self._sink)
        self._files.files.extend(one for one in (columns_file, traces_file) if one is not None)
        return EvalFacts(
            name=self.source.name,
            path=self.source.path,
            number=self.number,
            dataset=meta.dataset,
            description=meta.description,
            samples=self.count,
            ids=len(self._ids),
            epochs=max(epochs_by_index.values(), default=0),
            duplicates=self._duplicate_count,
            errors=self._errors,
            clusters=len(self._clusters),
            cost_usd=self._cost.value,
            cost_samples=self._cost.count,
            input_tokens=self._input.whole,
            output_tokens=self._output.whole,
            cached_tokens=self._cached.whole,
            duration_s=self._duration.value,
            duration_samples=self._duration.count,
            tags=most_frequent(self._tags),
            models=most_frequent(self._models),
            scorers=scorers,
            rows=self._worst.first(rows),
            chunk_starts=tuple(self._files.chunk_starts),
            table=self._groups,
            csv=csv,
            columns=columns,
            columns_file=columns_file,
            traces_file=traces_file,
        )


def _duplicate(path: str, sample: Sample) -> Problem:
    return Problem(
        code="duplicate-sample",
        severity="warning",
        path=path,
        line=sample.line,
        message=f"sample {sample.id} of epoch {sample.epoch} stands here again",
        hint="All of them stay and count; give each repeat its own epoch.",
    )


def _warning(code: str, path: str, message: str) -> Problem:
    return Problem(code=code, severity="warning", path=path, message=message)

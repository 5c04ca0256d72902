"""All annotations of a site as columns of data, for a table of any length. Floor 4.

Group `core` in blocks `core-<n>`, a row per annotation, newest first; `text` holds the rationales
and is loaded as rows come into view, or when somebody searches. The whole of an annotation is in
the data file of its run, which `file` names.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from sitegen.derive.annotations import ResolvedAnnotation, value_text
from sitegen.derive.columns import ColumnBlocks
from sitegen.derive.reviews import ReviewedRun
from sitegen.derive.sink import Sink
from sitegen.model import Json
from sitegen.pages.frame import Site
from sitegen.pages.grid import GridColumn, GridSchema
from sitegen.pages.links import run_page, target_hash
from sitegen.pages.site.review_rows import committed_text, review_fields
from sitegen.records import dataclass

NAME = "annotations"
"""The beginning of the keys of the data files: no run's slug, which ends with ten digits."""
_ROWS = 65_536
_TEXT_ROWS = 4_096
_BYTES = 32_000_000
_LONGEST = 400
"""Characters of a value or a rationale in the table; the search sees no more of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewTable:
    """The table as its page tells scripts of it."""

    schema: GridSchema
    """Columns and blocks."""
    files: Mapping[str, str]
    """Data files by key: those of the table, and those of runs that rows name."""


def write_review_table(
    site: Site, said: Sequence[tuple[ReviewedRun, ResolvedAnnotation]], sink: Sink
) -> ReviewTable:
    """The columns of *said*, newest first, written into *sink*."""
    core = ColumnBlocks("core", sink, most_rows=_ROWS, most_bytes=_BYTES)
    text = ColumnBlocks("text", sink, most_rows=_TEXT_ROWS, most_bytes=_BYTES)
    names: dict[str, None] = {}
    firsts = {run.card.id: [_sorted(one.first) for one in run.card.said_files] for run, _ in said}
    for run, one in said:
        values = _values(site, run, one, firsts[run.card.id])
        names.update(dict.fromkeys(values))
        core.add(values, 400)
        why = one.annotation.rationale
        text.add({"why": why[:_LONGEST]} if why else {}, _LONGEST)
    core.close()
    text.close()
    own = {f"{NAME}/{file.name}": file.file for file in (*core.files, *text.files)}
    runs = {
        f"{run.card.slug}/{one.name}": one.file for run, _ in said for one in run.card.said_files
    }
    return ReviewTable(
        schema=GridSchema(
            n=len(said),
            prefix=f"{NAME}/",
            groups={"core": tuple(core.starts), "text": tuple(text.starts)},
            order="created:desc",
            baseline=None,
            columns=tuple(one for one in _columns() if one.name in names or one.is_fixed),
        ),
        files=own | runs,
    )


def _sorted(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def _values(
    site: Site, run: ReviewedRun, one: ResolvedAnnotation, firsts: Sequence[bytes]
) -> dict[str, Json]:
    said, page = one.annotation, run_page(run.card.id)
    committed = run.committed.get(said.id)
    fields = review_fields(run, one)
    number = max(0, bisect_right(firsts, _sorted(one.target_key)) - 1)
    values = fields | {
        "key": said.id,
        "value": said.value[:_LONGEST] if isinstance(said.value, str) else said.value,
        "created": _ms(said.created_at_ns),
        "committed": _ms(committed.added.time_ns) if committed else None,
        "committed_title": committed_text(site, committed).title if committed else None,
        "what": one.target_label,
        "why": "",
        "url": page + target_hash(said.target),
        "run_url": page,
        "slug": run.card.slug,
        "file": f"{run.card.slug}/{run.card.said_files[number].name}",
        "folder": site.sidecar_folder(run.relative, run.card.id),
        "expected": value_text(said.value)[:_LONGEST] if said.kind == "expectation" else None,
    }
    return {name: value for name, value in values.items() if value is not None}


def _ms(time_ns: int | None) -> float | None:
    return None if time_ns is None else time_ns / 10**6


def _columns() -> Iterator[GridColumn]:
    yield _column("name", "Name", "said-name", is_shown=True, is_fixed=True, place="lead")
    yield _column("value", "Value", "said-value", is_shown=True, place="value")
    yield _column("run", "Run", "said-run", is_shown=True, place="sub")
    yield _column("what", "Target", "said-what", is_shown=True, place="all")
    yield GridColumn(name="why", label="Rationale", group="text", kind="said-why", is_shown=True,
                     place="all")  # fmt: skip
    yield _column("user", "User", "text", is_shown=True, place="sub")
    yield GridColumn(name="created", label="Created", group="core", kind="time", is_number=True,
                     is_shown=True, first="desc", place="aside")  # fmt: skip
    yield _column("committed_by", "Committed", "said-commit", is_shown=True, place="sub")
    yield GridColumn(name="committed", label="Committed at", group="core", kind="time",
                     is_number=True, first="desc")  # fmt: skip
    yield _column("changed_by", "Changed by", "text")
    yield _column("experiment", "Experiment", "text")
    yield _column("state", "State", "said-state")
    yield _column("met", "Met", "text")
    yield _column("change", "Since the base", "said-state")
    yield _column("kind", "Kind", "text")
    yield _column("target", "Target is a", "text")
    yield _column("id", "Id", "code")
    yield _column("run_id", "Run id", "code")


def _column(
    name: str,
    label: str,
    kind: str,
    *,
    is_shown: bool = False,
    is_fixed: bool = False,
    place: str | None = None,
) -> GridColumn:
    return GridColumn(name=name, label=label, group="core", kind=kind, is_shown=is_shown,
                      is_fixed=is_fixed, place=place)  # fmt: skip

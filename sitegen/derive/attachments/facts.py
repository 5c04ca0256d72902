"""What is derived of a run's attachments: the list, its previews, its series. Floor 3."""

from __future__ import annotations

from sitegen.derive.attachments.series import (
    SeriesStep,
)
from sitegen.derive.attachments.views import View
from sitegen.derive.sink import DataFile, PublishedFile
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFile:
    """One attachment in the shortest form, for lists of all."""

    path: str
    """Path below attachments/, '/'-joined."""
    size_bytes: int
    """Size."""
    sha256: str | None
    """SHA-256 in hex, None if it cannot be read."""
    published: PublishedFile | None
    """Its copy in the site, None if it is only listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentFacts:
    """One attachment as the list shows it."""

    path: str
    """Path below attachments/, '/'-joined."""
    size_bytes: int
    """Size."""
    sha256: str | None
    """SHA-256 in hex, None if it cannot be read."""
    detail: str
    """`1,319 rows`; may be empty."""
    facts: str
    """`1,319 rows × 6 columns`; may be empty."""
    published: PublishedFile | None
    """Its copy in the site, None if it is only listed."""
    unpublished_reason: str | None
    """Why there is no copy."""
    preview_reason: str
    """Why there is no preview; empty if there is one."""
    data: str | None
    """Name of the data file that holds its preview."""
    excerpt: View | None
    """Its first view, or how that begins, for pages without script."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesFacts:
    """A series of pictures, sound or video as the list shows it."""

    path: str
    """Folder below attachments/."""
    detail: str
    """`24 steps, 0 to 2,300`."""
    size_bytes: int
    """Size of all its files."""
    data: str
    """Name of the data file that holds its steps."""
    steps: tuple[SeriesStep, ...]
    """Its first steps, for pages without script."""
    count: int
    """All its steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentsFacts:
    """All attachments of a run."""

    count: int
    """Number of files."""
    size_bytes: int
    """Their size in all."""
    rows: tuple[AttachmentFacts, ...]
    """The first 500 by path of those that belong to no series."""
    series: tuple[SeriesFacts, ...]
    """Series over steps, by folder."""
    has_figures: bool
    """Whether a preview draws a chart."""
    files_listed: tuple[ListedFile, ...]
    """All of them, by path."""
    unpublished_count: int
    """Files that are listed, not copied."""
    unpublished_bytes: int
    """Their size in all."""
    publish_limit_bytes: int
    """Largest file that is copied."""
    listing: PublishedFile | None
    """All of them as CSV, where there are more than the rows."""
    more: str | None
    """Name of the data file with the rows beyond the first 500."""
    files: tuple[DataFile, ...]
    """Data files."""

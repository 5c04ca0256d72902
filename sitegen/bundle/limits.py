"""Named limits on untrusted input; each can be set under `[limits]` of sitegen.toml.

Floor 1. The numbers come from the bombs measured in the threat model (docs/limits.md): an
824-byte Parquet file that decodes to 1 TB, a 436 kB one that decodes to 50 million rows, gzip
and zstd at 300:1.
"""

from __future__ import annotations

from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of one input is read; beyond it the rest is a problem, never a crash."""

    manifest_bytes: int = 4_000_000
    """Largest run.json: all of it stands in the run's page."""
    json_bytes: int = 64_000_000
    """Largest other JSON document (sidecars, meta files)."""
    json_depth: int = 64
    """Deepest nesting of a JSON document."""
    line_bytes: int = 64_000_000
    """Longest line of a JSON Lines file."""
    decoded_bytes: int = 4_000_000_000
    """Most bytes a compressed file may decode to."""
    decoded_ratio: int = 200
    """Most bytes that a compressed file may decode to for each of its own, beyond 64 MB."""
    json_values: int = 2_000_000
    """Most values of a JSON document or line, fields of a protobuf message."""
    note_bytes: int = 256_000
    """Largest Markdown note that is rendered."""
    markdown_bytes: int = 1_000_000
    """Most Markdown of a run's attachments, or of its annotations, that is rendered."""
    params: int = 10_000
    """Most params of one run."""
    tags: int = 100
    """Most tags of one run."""
    entries: int = 1_000
    """Most links, data sets, models or alerts of one run."""
    name_characters: int = 1_000
    """Longest name of a metric, a run, an experiment; longer ones are cut."""
    metrics: int = 10_000
    """Most metrics of one run."""
    metric_rows: int = 2_000_000_000
    """Most rows of one metrics file."""
    exact_points: int = 50_000_000
    """Most points of a run that are all published; of more, long series are in buckets only."""
    page_bytes: int = 64_000_000
    """Most bytes that one page of a Parquet file may decode to; writers make them of 1 MB."""
    footer_bytes: int = 8_000_000
    """Most bytes of a Parquet file's footer, which lists each column of each row group; read, it
    takes nine times as many (100,000 row groups of one row: 43 MB, 390 MB)."""
    parquet_columns: int = 2_000
    """Most columns of one Parquet file."""
    traces: int = 200_000
    """Most traces of one run."""
    spans: int = 2_000_000
    """Most spans of one run."""
    evals: int = 500
    """Most evals of one run."""
    samples: int = 2_000_000
    """Most samples of one eval."""
    scorers: int = 500
    """Most scorers of one eval: each has a panel, and columns in every list."""
    annotations: int = 50_000
    """Most sidecars of one run."""
    attachments: int = 20_000
    """Most attachments of one run."""
    publish_bytes: int = 25_000_000
    """Largest attachment that is copied into the site."""
    preview_bytes: int = 400_000
    """Most bytes of an attachment that its preview reads as text."""
    preview_rows: int = 200
    """Most rows of a table's preview."""
    statistics_cells: int = 500_000
    """Most cells of a table that the statistics of its columns are taken over."""
    document_bytes: int = 10_000_000
    """Largest Word document, notebook, HTML page or Plotly figure with a preview of its own."""
    docx_decoded_bytes: int = 20_000_000
    """Most bytes that a Word document may unpack to."""
    docx_paragraphs: int = 10_000
    """Most paragraphs of a Word document; 200,000 in 21 kB took a converter 77 s."""
    docx_depth: int = 100
    """Deepest nesting of a Word document's XML: some twelve tables in one another."""
    docx_seconds: int = 10
    """Most seconds that converting one Word document may take, in a process of its own."""
    pdf_decoded_bytes: int = 100_000_000
    """Most bytes that the streams of a PDF are unpacked to, to look for scripts."""
    notebook_cells: int = 500
    """Most cells of a notebook's preview."""
    notebook_image_bytes: int = 5_000_000
    """Most bytes of pictures in a notebook's preview."""
    figure_values: int = 200_000
    """Most values in the traces of a Plotly figure that is drawn."""
    archive_entries: int = 1_000
    """Most members of an archive, or arrays of a file, that are listed."""
    archive_bytes: int = 200_000_000
    """Most bytes of a compressed archive that are unpacked to list it."""
    worker_bytes: int = 2_000_000_000
    """Most memory that a process may hold for itself while it reads; else it is ended."""
    problems: int = 200
    """Most problems shown of one run; the rest is counted."""


DEFAULT_LIMITS = Limits()

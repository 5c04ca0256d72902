"""Filters of the templates: numbers and times as people read them. Floor 5.

Each is a thin name over `units.py`; templates use nothing else to format a value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sitegen import units

FILTERS: Mapping[str, Callable[..., Any]] = {
    "number": units.number_text,
    "exact": units.exact_text,
    "percent": units.percent_text,
    "duration": units.duration_text,
    "bytes": units.bytes_text,
    "count": units.count_text,
    "short_count": units.short_count_text,
    "date": units.date_text,
    "time": units.time_text,
    "rfc3339": units.rfc3339,
    "money": units.money_text,
    "digest": units.short_digest,
    "plural": units.plural,
}

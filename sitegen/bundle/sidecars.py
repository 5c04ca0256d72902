"""The canonical text of a sidecar: what everything that writes one writes, byte for byte.

Floor 1. Keys in the order of the format, 2-space indent, LF, final newline; so that formatting
never makes a diff, and the line of a key is where a review expects it. The order stands here and
not in `schema`, which training code need not load; a test holds the two together.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

FOLDER = "annotations"
"""Folder of a bundle that holds its sidecars."""

KEYS = (
    "format", "id", "kind", "target", "anchor", "name", "value", "rationale", "user", "created_at",
    "updated_at",
)  # fmt: skip
"""Keys of a sidecar in order."""
TARGET_KEYS = (
    "type", "trace_id", "span_id", "eval", "sample_id", "epoch", "name", "step",
)  # fmt: skip
"""Keys of all kinds of targets in order."""
ANCHOR_KEYS = ("digest", "path", "ordinal")
"""Keys of an anchor in order."""


def sidecar_text(document: Mapping[str, Any]) -> str:
    """The text of the sidecar that *document* is; keys that are null are left out."""
    ordered = _ordered(document, KEYS)
    for name, keys in (("target", TARGET_KEYS), ("anchor", ANCHOR_KEYS)):
        if isinstance(ordered.get(name), Mapping):
            ordered[name] = _ordered(ordered[name], keys)
    text = json.dumps(ordered, indent=2, ensure_ascii=False, allow_nan=False)
    # a lone surrogate has no UTF-8: it stays the escape that JSON has for it
    return text.encode("utf-8", "backslashreplace").decode() + "\n"


def _ordered(document: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    known = [name for name in names if name in document]
    others = sorted(name for name in document if name not in names)
    return {name: document[name] for name in (*known, *others) if document[name] is not None}

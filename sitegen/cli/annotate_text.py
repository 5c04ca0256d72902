"""Annotations as lines for the terminal and as JSON Lines."""

from __future__ import annotations

import json

from sitegen.annotate import ListedAnnotation
from sitegen.cli.terminal import plain_json, plain_text
from sitegen.derive.annotations import target_key, value_text
from sitegen.model import Annotation
from sitegen.units import rfc3339


def listed_line(listed: ListedAnnotation) -> str:
    """`01KB… helpful: yes  sample:support/q-17/1  maria  runs/v2/annotations/01KB….json`."""
    one = listed.annotation
    parts = [one.id, f"{one.name}: {said(one)}", target_key(one.target), one.user or "someone"]
    if listed.state is not None:
        parts.append(listed.state)
    return plain_text("  ".join([*parts, str(listed.file)]))


def said(annotation: Annotation) -> str:
    """`yes`, `no`, or `expected 18`."""
    if annotation.kind == "feedback":
        return "yes" if annotation.value else "no"
    return f"expected {value_text(annotation.value)}"


def listed_json(listed: ListedAnnotation) -> str:
    """The same as a line of JSON."""
    one = listed.annotation
    document = {
        "id": one.id,
        "run": listed.run,
        "file": str(listed.file),
        "kind": one.kind,
        "target": target_key(one.target),
        "name": one.name,
        "value": one.value,
        "rationale": one.rationale,
        "user": one.user,
        "created_at": None if one.created_at_ns is None else rfc3339(one.created_at_ns),
        "state": listed.state,
    }
    given = {key: value for key, value in document.items() if value is not None}
    return plain_json(json.dumps(given))

"""Words that several values use. Floor 1."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

Json: TypeAlias = Any
"""A JSON value as decoded: None, bool, int, float, str, list or dict with string keys."""

Status = Literal["running", "completed", "failed", "killed", "interrupted"]
STATUSES: tuple[Status, ...] = ("completed", "running", "failed", "killed", "interrupted")
Goal = Literal["minimize", "maximize"]
GOALS: tuple[Goal, ...] = ("minimize", "maximize")

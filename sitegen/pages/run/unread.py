"""What a tab says when its part is there but nothing of it could be read. Floor 4."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from sitegen.errors import Problem
from sitegen.pages.parts import Empty
from sitegen.pages.run.attachments_tab import AttachmentsTab
from sitegen.pages.run.evals_tab import EvalsTab
from sitegen.pages.run.metrics_tab import MetricsTab
from sitegen.pages.run.traces_tab import TracesTab

Tab = TypeVar("Tab", MetricsTab, TracesTab, EvalsTab, AttachmentsTab)


def told(tab: Tab, part: str, problems: Iterable[Problem]) -> Tab:
    """*tab*, not saying that there is nothing where files of *part* could not be read."""
    if tab.empty is None or not any(_is_loss(problem, part) for problem in problems):
        return tab
    unread = Empty(
        title=f"The {part} of this run could not be read.",
        text="Their files are in the bundle; the problems say what is wrong with them.",
        code=None,
        more_url="#tab=problems",
        more_label="Problems",
    )
    return replace(tab, empty=unread)


def _is_loss(problem: Problem, part: str) -> bool:
    path = problem.path
    is_of_part = path in {part, f"{part}.parquet"} or path.startswith(f"{part}/")
    return problem.severity == "error" and is_of_part

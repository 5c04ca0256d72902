"""The option `--select`: a condition, or an error that points at its place."""

from __future__ import annotations

import click

from sitegen.bundle.conditions import Condition, ConditionError, condition_names, parse_condition
from sitegen.cli.terminal import plain_text
from sitegen.pages.experiment.run_fields import is_field, nearest_field


class _ConditionType(click.ParamType[Condition]):
    """A condition on runs."""

    name = "condition"

    def convert(
        self, value: str | Condition, param: click.Parameter | None, ctx: click.Context | None
    ) -> Condition:
        """The condition that *value* says."""
        if not isinstance(value, str):
            return value
        try:
            condition = parse_condition(value)
        except ConditionError as error:
            said = f"{plain_text(error.found)}; expected {error.expected}"
            self.fail(_pointing(value, error.column, error.length, said, error.hint), param, ctx)
        for name, column in condition_names(condition):
            if not is_field(name):
                said = f"{plain_text(name)} is not a field of a run"
                hint = f"did you mean {plain_text(nearest_field(name))}?"
                self.fail(_pointing(value, column, len(name), said, hint), param, ctx)
        return condition


def _pointing(text: str, column: int, length: int, said: str, hint: str | None) -> str:
    """The fault, the condition, and marks below the place; all on lines of their own."""
    shown = "".join(char if char.isprintable() else " " for char in text)  # a column is a column
    start = max(0, column - 41)
    part = shown[start : start + 78]
    marks = " " * (column - 1 - start) + "^" * max(1, min(length, 78 - (column - 1 - start)))
    lines = [f"column {column}: {said}", f"  {part}", f"  {marks}"]
    return "\n".join([*lines, *([f"hint: {hint}"] if hint else [])])


SELECT = click.option(
    "--select",
    type=_ConditionType(),
    metavar="CONDITION",
    help='Only runs that meet it: status = "completed" and metrics.loss < 0.3.',
)

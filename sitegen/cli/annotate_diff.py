"""A difference of annotations as Markdown for a review, and as JSON.

What people and models wrote is untrusted: it stands in code, fenced by more backticks than it
holds, so that it is neither markup nor a mention where the text is posted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sitegen.annotate.diff import AnnotationDiff, Change, changes_of
from sitegen.cli.annotate_text import said
from sitegen.cli.terminal import plain_text, printed_json
from sitegen.derive.agreement import Agreement
from sitegen.derive.annotations import target_key
from sitegen.model import Annotation
from sitegen.units import number_text

_KINDS = ("added", "changed", "removed")


def diff_markdown(diff: AnnotationDiff) -> str:
    """The changes with what they judge, and the agreement before and after."""
    counts = {kind: len(list(changes_of(diff, kind))) for kind in _KINDS}
    told = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    lines = [f"## Annotations: {told or 'no change'}", ""]
    if diff.problems:
        lines += ["### Not of the format", ""]
        lines += [f"- {_code(one.place)}: {_code(one.message)}" for one in diff.problems]
        lines.append("")
    if diff.agreement:
        lines += ["| Name | Agreement before | after |", "|---|---|---|"]
        lines += [
            f"| {_code(name).replace('|', chr(92) + '|')} | {_agreed(old)} | {_agreed(new)} |"
            for name, (old, new) in diff.agreement.items()
        ]
        lines.append("")
    for kind in _KINDS:
        changes = list(changes_of(diff, kind))
        if changes:
            lines += [f"### {kind.title()} {len(changes)}", ""]
            for one in changes:
                lines += _change(one)
    return "\n".join(lines).rstrip() + "\n"


def _change(change: Change) -> Iterator[str]:
    one = change.said
    who = f", {_code(one.user)}" if one.user else ""
    yield f"**{_code(one.name)}: {_code(said(one))}** of {_code(target_key(one.target))} in"
    yield f"{_code(change.bundle)}{who}"
    yield ""
    if change.before and change.after:
        yield f"Was {_code(said(change.before))}{_who_was(change.before, change.after)}."
        yield ""
    if one.rationale:
        yield from _block(one.rationale)
    if change.judged:
        stale = " The output changed after it was judged." if change.judged.is_stale else ""
        yield f"<details><summary>Input and output.{stale}</summary>"
        yield ""
        yield from _block(change.judged.input)
        yield from _block(change.judged.output)
        yield "</details>"
        yield ""


def _who_was(before: Annotation, after: Annotation) -> str:
    return "" if before.user == after.user else f", by {_code(before.user or 'someone')}"


def _code(text: str) -> str:
    """*text* on one line as code, whatever it holds."""
    shown = plain_text(text)
    fence = "`" * (_longest(shown) + 1)
    pad = " " if fence != "`" or shown != shown.strip() else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _block(text: str) -> Iterator[str]:
    fence = "`" * max(3, _longest(text) + 1)
    yield f"{fence}text"
    yield from (plain_text(line) for line in text.split("\n"))
    yield fence
    yield ""


def _longest(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _agreed(found: Agreement) -> str:
    if not found.n:
        return "nobody twice"
    kappa = "" if found.kappa is None else f"κ {number_text(found.kappa, 2)}, "
    return f"{kappa}{found.agreed:,} of {found.n:,}"


def diff_json(diff: AnnotationDiff) -> str:
    """The same for machines."""
    document = {
        **{kind: [_document(one) for one in changes_of(diff, kind)] for kind in _KINDS},
        "agreement": {
            name: {"before": _figures(old), "after": _figures(new)}
            for name, (old, new) in diff.agreement.items()
        },
        "problems": [
            {"path": one.path, "line": one.line, "message": one.message} for one in diff.problems
        ],
    }
    return printed_json(document)


def _document(change: Change) -> dict[str, Any]:
    judged = change.judged
    return {
        "file": change.file,
        "bundle": change.bundle,
        "target": target_key(change.said.target),
        "name": change.said.name,
        "before": change.before and _said(change.before),
        "after": change.after and _said(change.after),
        "judged": judged
        and {"input": judged.input, "output": judged.output, "stale": judged.is_stale},
    }


def _said(one: Annotation) -> dict[str, Any]:
    return {"kind": one.kind, "value": one.value, "rationale": one.rationale, "user": one.user}


def _figures(found: Agreement) -> dict[str, Any]:
    return {"n": found.n, "agreed": found.agreed, "kappa": found.kappa}

"""What is said of a difference between two runs, in plain words.

Floor 4. A difference is claimed only where the interval leaves out 0 and the p value, adjusted for
the number of scorers, is at most 5 %. The twin is `js/evals/difference-text.js`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from sitegen import units
from sitegen.derive.evals.comparison import EvalComparison, ScorerComparison
from sitegen.records import dataclass

ALPHA = 0.05
Verdict = Literal["better", "worse", "differs", "open"]
"""better and worse by the goal; differs without a goal; open when nothing is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceText:
    """A comparison of two runs by one scorer."""

    verdict: Verdict
    """What may be claimed."""
    sentence: str
    """`B − A = +3.4 pts on gsm8k correct, 95 % CI 0.5 to 6.3, p = .025 (Holm .05), 1,319 pairs`."""
    rest: str
    """How many samples changed, and what could have been seen."""


def difference_text(
    one: ScorerComparison, *, only_a: int, only_b: int, names: tuple[str, str] = ("A", "B")
) -> DifferenceText:
    """The sentences about *one*, of two runs called *names*."""
    verdict = verdict_of(one)
    return DifferenceText(
        verdict=verdict,
        sentence=_sentence(one, names, has_result=verdict != "open"),
        rest=" ".join(_rest(one, verdict, names, only_a, only_b)),
    )


def verdict_of(one: ScorerComparison) -> Verdict:
    """What may be claimed of the difference."""
    found = one.difference
    p = found.p if one.holm is None else one.holm
    if found.ci_low is None or found.ci_high is None or found.difference is None or p is None:
        return "open"
    if found.ci_low <= 0 <= found.ci_high or p > ALPHA:
        return "open"
    if one.goal is None:
        return "differs"
    return "better" if (found.difference > 0) == (one.goal == "maximize") else "worse"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeText:
    """A difference to the baseline as a table shows it."""

    text: str
    """`+3.4 pts, p .025`; empty without one."""
    title: str
    """The same in sentences."""
    tone: str
    """good, bad, strong or muted: whether the difference is one."""


NO_CHANGE = ChangeText(text="", title="", tone="muted")
_TONES: Mapping[Verdict, str] = {
    "better": "good",
    "worse": "bad",
    "differs": "strong",
    "open": "muted",
}

Compared = tuple[EvalComparison, ScorerComparison]
"""A scorer and the eval that it belongs to."""


def compared_scorers(comparison: Sequence[EvalComparison]) -> dict[tuple[str, str], Compared]:
    """What was compared, by eval and scorer."""
    return {
        (one.eval, scorer.scorer): (one, scorer) for one in comparison for scorer in one.scorers
    }


def change_of(compared: Compared | None) -> ChangeText:
    """The difference to the baseline, if there is one."""
    if compared is None or compared[1].difference.difference is None:
        return NO_CHANGE
    whole, one = compared
    found = one.difference
    p = one.holm if one.holm is not None else found.p
    size = change_text(found.difference or 0.0, is_ratio=one.kind == "boolean")
    names = ("baseline", "this run")
    said = difference_text(one, only_a=whole.only_a, only_b=whole.only_b, names=names)
    return ChangeText(
        text=size if p is None else f"{size}, p{units.SPACE}{p_text(p)}",
        title=f"{said.sentence}. {said.rest}",
        tone=_TONES[said.verdict],
    )


def change_text(value: float, *, is_ratio: bool) -> str:
    """`+3.4 pts` of a difference of shares, `+0.03` of others."""
    text = units.points_text(value) if is_ratio else units.number_text(value, 3)
    return f"+{text}" if value > 0 and not is_ratio else text


def p_text(p: float) -> str:
    """`.025`, `.40`, `< .001`, `1`: two digits at least, no leading zero."""
    if p < 0.001:
        return "< .001"
    text = f"{p:.2f}" if p >= 0.0995 else f"{p:.3f}".removesuffix("0")
    return "1" if text == "1.00" else text.removeprefix("0")


def _sentence(one: ScorerComparison, names: tuple[str, str], *, has_result: bool) -> str:
    found, is_ratio = one.difference, one.kind == "boolean"
    subject = f"{one.eval} {one.scorer}"
    if found.difference is None:
        return f"{names[1]} and {names[0]} cannot be compared on {subject}"
    parts = [
        f"{names[1]} − {names[0]} = {change_text(found.difference, is_ratio=is_ratio)} on {subject}"
    ]
    if found.ci_low is not None and found.ci_high is not None:
        parts.append(f"95 % CI {interval_text(found.ci_low, found.ci_high, is_ratio=is_ratio)}")
    if found.p is not None:
        p = p_text(found.p)
        text = f"p {p}" if p.startswith("<") else f"p = {p}"
        if one.holm is not None and p_text(one.holm) != p:
            text += f" (Holm {p_text(one.holm)})"
        parts.append(text)
    parts.append(units.plural(found.n, "pair") if found.n else "no sample in both")
    return ("" if has_result else "No difference shown: ") + ", ".join(parts)


def interval_text(low: float, high: float, *, is_ratio: bool) -> str:
    """`0.5 to 6.3`, in points for shares."""
    if is_ratio:
        return " to ".join(
            units.points_text(end).removesuffix(f"{units.SPACE}pts").removeprefix("+")
            for end in (low, high)
        )
    return f"{units.number_text(low, 3)} to {units.number_text(high, 3)}"


def _rest(
    one: ScorerComparison, verdict: Verdict, names: tuple[str, str], only_a: int, only_b: int
) -> list[str]:
    found, count = one.difference, units.count_text
    said = []
    if verdict in {"better", "worse"}:
        said.append(f"{names[1][0].upper()}{names[1][1:]} is {verdict}.")
    if found.n:
        kept = count(found.n - found.raised - found.lowered)
        if one.goal:
            said.append(
                f"{_samples(one.better)} got better and {count(one.worse)} got worse;"
                f" {kept} kept their score."
            )
        else:
            said.append(
                f"{_samples(found.raised)} went up and {count(found.lowered)} went down;"
                f" {kept} kept their score."
            )
    said += _left_out(one, names)
    if verdict == "open" and found.ci_low is not None and (found.ci_high or 0) * found.ci_low > 0:
        said.append("The interval leaves out 0, but the p value is above .05.")
    if verdict == "open" and found.detectable is not None:
        size = change_text(found.detectable, is_ratio=one.kind == "boolean").removeprefix("+")
        pairs = f"With {units.plural(found.n, 'pair')}" if found.n else "With these samples"
        said.append(f"{pairs} a difference of {size} or more would be found in 80 % of repeats.")
    if found.test is not None:
        clusters = (
            f" over {units.plural(found.clusters, 'cluster')}"
            if (found.n and found.clusters < found.n)
            else ""
        )
        said.append(f"{found.test[0].upper()}{found.test[1:]}{clusters}.")
    if one.bh is not None and one.family > 1:
        over = units.plural(one.family, "scorer")
        said.append(f"p by Benjamini–Hochberg over {over}: {p_text(one.bh)}.")
    said.append(f"{_samples(only_a)} only in {names[0]}, {count(only_b)} only in {names[1]}.")
    return said


def _left_out(one: ScorerComparison, names: tuple[str, str]) -> list[str]:
    """Samples in both runs that are no pair, and what they could change."""
    rest, count = one.lost + one.gained + one.unscored, units.count_text
    if not rest:
        return []
    parts = (
        (one.lost, f"only in {names[0]}"),
        (one.gained, f"only in {names[1]}"),
        (one.unscored, "in neither"),
    )
    told = ", ".join(f"{count(number)} {where}" for number, where in parts if number)
    matched = _samples(one.difference.n + rest)
    said = [f"Left out of {matched} in both, by where they have a score: {told}."]
    if one.failed_difference is not None:
        size = change_text(one.failed_difference, is_ratio=True)
        said.append(f"If they had failed: {names[1]} − {names[0]} = {size}.")
    return said


def _samples(count: int) -> str:
    return units.plural(count, "sample")

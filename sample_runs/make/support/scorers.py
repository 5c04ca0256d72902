"""Three scorers: a check, a similarity, and a judge that gives reasons."""

from __future__ import annotations

from collections import Counter
from typing import Any

from .shop import WORD, Ticket

SORRY = ("sorry", "apolog")
THANKS = ("thank", "glad")


def resolved(ticket: Ticket, answer: str) -> bool:
    """Whether every required fact is in the answer."""
    return all(fact.lower() in answer.lower() for fact in ticket.must)


def answer_similarity(ticket: Ticket, answer: str) -> float:
    """F1 of the words shared with the target (as SQuAD scores answers), to four places."""
    wanted = Counter(WORD.findall(ticket.target.lower()))
    given = Counter(WORD.findall(answer.lower()))
    shared = sum((wanted & given).values())
    if not shared:
        return 0.0
    precision, recall = shared / sum(given.values()), shared / sum(wanted.values())
    return round(2 * precision * recall / (precision + recall), 4)


def tone(ticket: Ticket, answer: str) -> dict[str, Any]:
    """1 to 5 by a judge that follows the desk's style guide, with its reasons."""
    lower = answer.lower()
    said = ticket.messages[-1]["content"]
    is_upset = "!" in said or "still" in said or "lost" in said or "broke" in said
    value, reasons = 3, []
    if any(word in lower for word in SORRY):
        value += 2 if is_upset else 0
        reasons.append(
            "Acknowledges the trouble before answering."
            if is_upset
            else "Says sorry although nothing went wrong, which reads as a formula."
        )
    elif is_upset:
        value -= 2
        reasons.append("The customer is upset and the answer does not notice.")
    if any(word in lower for word in THANKS):
        value += 1
        reasons.append("Opens with thanks.")
    if len(answer.split()) < 13:
        value -= 1
        reasons.append("Curt: one short sentence and no offer to help further.")
    if "cannot" in lower and "order the new" not in lower:
        value -= 1
        reasons.append("Refuses without naming a way out.")
    if not reasons:
        reasons.append("Correct and neutral; neither warm nor cold.")
    return {"value": max(1, min(5, value)), "rationale": " ".join(reasons)}

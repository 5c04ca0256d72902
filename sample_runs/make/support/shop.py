"""The shop behind the agent: help articles with a search, and an order service that is slow."""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ORDER_ID = re.compile(r"AP-\d{5}")
WORD = re.compile(r"[a-z0-9]+")
STOP_WORDS = frozenset(
    (
        "a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "does", "for", "from",
        "have", "how", "i", "if", "in", "is", "it", "me", "my", "not", "of", "on", "or", "our",
        "that", "the", "their", "this", "to", "we", "what", "when", "where", "will", "with",
        "you", "your",
    )
)  # fmt: skip
SYNONYMS: Mapping[str, str] = {
    "money": "refund", "return": "send back", "ship": "deliver", "bill": "invoice",
    "log": "sign password", "broke": "fault warranty", "light": "fault warranty",
    "worn": "wear unworn", "tax": "customs duties", "import": "customs", "gift": "voucher",
    "package": "parcel arrived", "missing": "lost search", "small": "size", "postage": "label",
    "company": "name", "seams": "seam", "rain": "waterproof", "covered": "warranty",
    "find": "search", "present": "order",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One page of the help center."""

    id: str
    """Short name."""
    title: str
    """Heading."""
    text: str
    """Two or three sentences."""

    @property
    def sentences(self) -> list[str]:
        """The text, cut after full stops."""
        return re.split(r"(?<=\.) (?=[A-Z])", self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One message of a customer, and what a good answer holds."""

    id: str
    """Number of the ticket."""
    customer: str
    """Who wrote; tickets of one customer are not independent."""
    topic: str
    """Id of the article that helps."""
    input: str | list[dict[str, str]]
    """The message, or the conversation so far."""
    target: str
    """What the desk would have answered."""
    must: list[str]
    """Words without which the ticket is not resolved."""

    @property
    def messages(self) -> list[dict[str, str]]:
        """The conversation, in every case."""
        if isinstance(self.input, str):
            return [{"role": "user", "content": self.input}]
        return self.input


def load_articles() -> list[Article]:
    """The help center."""
    return [Article(**row) for row in _toml("articles.toml")["article"]]


def load_tickets() -> list[Ticket]:
    """The evaluation set."""
    return [Ticket(**row) for row in _toml("tickets.toml")["ticket"]]


def words(text: str) -> list[str]:
    """Lower-case words without the most common ones, plural s dropped."""
    return [
        word[:-1] if len(word) > 3 and word.endswith("s") else word
        for word in WORD.findall(text.lower())
        if word not in STOP_WORDS
    ]


def expanded(text: str) -> str:
    """The text, followed by what its words are called in the help center."""
    extra = [SYNONYMS[word] for word in WORD.findall(text.lower()) if word in SYNONYMS]
    return " ".join([text, *extra])


def search_articles(
    articles: Sequence[Article], query: str, *, top_k: int, by_rarity: bool
) -> list[tuple[Article, float]]:
    """The best articles with their cosine; `by_rarity` weighs words by inverse frequency."""
    counts_by_id = {a.id: Counter(words(f"{a.title} {a.text}")) for a in articles}
    frequency = Counter(word for counts in counts_by_id.values() for word in counts)

    def vector(counts: Counter[str]) -> dict[str, float]:
        if not by_rarity:
            return {word: float(count) for word, count in counts.items()}
        rarity = {word: math.log(1 + len(articles) / (1 + frequency[word])) for word in counts}
        return {word: count * rarity[word] for word, count in counts.items()}

    wanted = vector(Counter(words(query)))
    scored = [(a, round(cosine(wanted, vector(counts_by_id[a.id])), 4)) for a in articles]
    return sorted(scored, key=lambda pair: (-pair[1], pair[0].id))[:top_k]


def cosine(left: Mapping[str, float], right: Mapping[str, float]) -> float:
    """0 when nothing is shared."""
    dot = sum(value * right.get(word, 0.0) for word, value in left.items())
    norm = math.sqrt(sum(v * v for v in left.values()) * sum(v * v for v in right.values()))
    return dot / norm if norm else 0.0


class OrderService:
    """Looks orders up; some of them only after a few timeouts."""

    def __init__(self) -> None:
        self._orders: dict[str, dict[str, Any]] = {
            row["id"]: row for row in _toml("orders.toml")["order"]
        }
        self._timeouts = {name: row.get("timeouts", 0) for name, row in self._orders.items()}

    def look_up(self, order_id: str) -> dict[str, Any]:
        """The order, without what only this service knows."""
        if self._timeouts[order_id] > 0:
            self._timeouts[order_id] -= 1
            raise TimeoutError(f"order service gave no answer for {order_id} within 2.0 s")
        return {k: v for k, v in self._orders[order_id].items() if k != "timeouts"}


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))

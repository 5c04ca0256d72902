"""A language model small enough to read: it plans by rules and answers from what it was given."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .shop import ORDER_ID, Article, cosine, expanded, words

SYSTEM_BY_VERSION = {
    1: ("You answer customers of the outdoor shop Alder & Pine. Use the help center. Be brief."),
    2: (
        "You answer customers of the outdoor shop Alder & Pine. Use the help center and, when an "
        "order number is known, the order. Without a number, ask for it. If the customer is "
        "upset, say that you are sorry first. Quote only the sentences that answer the question."
    ),
}
UPSET = ("!", "ridiculous", "lost", "still not", "still is not", "broke", "cannot")
SECOND_ARTICLE_BELOW, CURT_BELOW = 9, 24
"""Shares, in percent, of sampled answers that quote the wrong article or only one sentence."""
ORDER_WORDS = ("package", "parcel", "where is my", "cancel it", "my order")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A tool the model wants called."""

    id: str
    """Id that the response refers to."""
    name: str
    """search_help or lookup_order."""
    arguments: Mapping[str, str]
    """Arguments by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer of the model: tool calls or text."""

    text: str
    """Empty when tools are called."""
    tool_calls: tuple[ToolCall, ...] = ()
    """In the order they are to be called."""

    @property
    def finish_reason(self) -> str:
        """Why the model stopped."""
        return "tool_calls" if self.tool_calls else "stop"


def count_tokens(text: str) -> int:
    """About four characters each."""
    return (len(text) + 3) // 4


def plan_reply(version: int, messages: Sequence[Mapping[str, str]], ticket_id: str) -> Reply:
    """What to look up before answering."""
    said = " ".join(message["content"] for message in messages if message["role"] == "user")
    last = messages[-1]["content"]
    query = expanded(said) if version == 2 else last
    calls = [ToolCall(id=f"{ticket_id}-1", name="search_help", arguments={"query": query})]
    found = ORDER_ID.findall(said)
    if found:
        arguments = {"order_id": found[-1]}
        calls.append(ToolCall(id=f"{ticket_id}-2", name="lookup_order", arguments=arguments))
    return Reply(text="", tool_calls=tuple(calls))


def answer_reply(
    version: int,
    messages: Sequence[Mapping[str, str]],
    found: Sequence[tuple[Article, float]],
    order: Mapping[str, Any] | None,
    *,
    draw: int = 99,
) -> Reply:
    """The answer, from the articles found and the order looked up.

    *draw* from 0 to 99 is the luck of a sampled answer: a low one quotes the second article, the
    next ones are curt. A greedy answer is never unlucky.
    """
    if draw < SECOND_ARTICLE_BELOW and len(found) > 1 and found[1][1] > 0:
        found = found[1:]
    question = messages[-1]["content"]
    if version == 1:
        parts = [_order_sentence(order)] if order else []
        count = 1 if draw < CURT_BELOW else 2
        return Reply(text=" ".join([*parts, *found[0][0].sentences[:count]]))
    parts = ["Thank you for writing to us."]
    if any(word in question.lower() for word in UPSET):
        parts = ["I am sorry about the trouble."]
    is_about_order = any(word in question.lower() for word in ORDER_WORDS)
    if order is None and is_about_order:
        ask = "Which order is it? Send us the order number, AP and five digits."
        return Reply(text=" ".join([*parts, ask]))
    if order:
        parts.append(_order_sentence(order))
    parts += _best_sentences(expanded(question), found[0][0])[: 1 if draw < CURT_BELOW else 2]
    return Reply(text=" ".join(parts))


def _order_sentence(order: Mapping[str, Any]) -> str:
    eta = f" and should arrive on {order['eta']}" if "eta" in order else ""
    return f"Order {order['id']} {order['status']}{eta}."


def _best_sentences(question: str, article: Article) -> list[str]:
    """Up to two sentences, those nearest to the question, in their own order."""
    wanted = Counter(words(question))
    scores = [cosine(wanted, Counter(words(sentence))) for sentence in article.sentences]
    best = sorted(range(len(scores)), key=lambda index: (-scores[index], index))[:2]
    return [article.sentences[i] for i in sorted(best) if scores[i] > 0 or i == best[0]]


def as_json(value: Any) -> str:
    """As it stands in attributes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

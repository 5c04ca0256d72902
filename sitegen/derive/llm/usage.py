"""Tokens and cost that a span records, over all conventions; senseless numbers are not counted.

Floor 3. Cached tokens are a part of the input tokens, as the GenAI conventions have it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from sitegen.derive.llm.attributes import Attributes
from sitegen.derive.llm.values import lenient_json, number
from sitegen.model import Json
from sitegen.records import dataclass

_MOST_TOKENS = 10**15


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanUsage:
    """What one span took, as recorded on it."""

    input_tokens: int | None
    """Tokens read, None if not recorded."""
    output_tokens: int | None
    """Tokens written."""
    cached_tokens: int | None
    """Tokens read from a cache."""
    cache_write_tokens: int | None
    """Tokens written to a cache."""
    reasoning_tokens: int | None
    """Tokens written as reasoning."""
    cost_usd: float | None
    """Recorded cost in US dollars."""

    @property
    def has_tokens(self) -> bool:
        """Whether input or output tokens are recorded."""
        return self.input_tokens is not None or self.output_tokens is not None


_INPUT_KEYS = (
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.prompt_tokens",
    "llm.token_count.prompt",
    "ai.usage.inputTokens",
    "ai.usage.promptTokens",
    "ai.usage.tokens",
)
_OUTPUT_KEYS = (
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.token_count.completion",
    "ai.usage.outputTokens",
    "ai.usage.completionTokens",
)
_CACHED_KEYS = (
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "llm.token_count.prompt_details.cache_read",
    "llm.token_count.prompt_details.cache_input",
    "ai.usage.cachedInputTokens",
    "gen_ai.usage.details.cache_read_tokens",
)
_CACHE_WRITE_KEYS = (
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "llm.token_count.prompt_details.cache_write",
    "gen_ai.usage.details.cache_write_tokens",
)
_TOTAL_KEYS = ("gen_ai.usage.total_tokens", "llm.token_count.total", "llm.usage.total_tokens")
_REASONING_KEYS = (
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.reasoning_tokens",
    "llm.token_count.completion_details.reasoning",
    "ai.usage.reasoningTokens",
    "gen_ai.usage.details.reasoning_tokens",
)
_COST_KEYS = ("llm.cost.total", "operation.cost", "gen_ai.usage.cost", "gen_ai.cost.total")


def usage_of(attributes: Attributes) -> SpanUsage:
    """Tokens and cost recorded on a span; not the sums in `aggregated_usage`."""
    if not attributes.among(_ALL_KEYS):
        return _NO_USAGE
    details = _langfuse_or_mlflow(attributes)
    given = _tokens(attributes, _INPUT_KEYS, details, ("input", "input_tokens"))
    written = _tokens(attributes, _OUTPUT_KEYS, details, ("output", "output_tokens"))
    if given is None and written is None:  # embeddings are written with a total alone
        given = _tokens(attributes, _TOTAL_KEYS, details, ("total", "total_tokens"))
    return SpanUsage(
        input_tokens=given,
        output_tokens=written,
        cached_tokens=_tokens(
            attributes,
            _CACHED_KEYS,
            details,
            ("input_cache_read", "input_cached_tokens", "cache_read_input_tokens"),
        ),
        cache_write_tokens=_tokens(
            attributes,
            _CACHE_WRITE_KEYS,
            details,
            ("input_cache_creation", "cache_creation_input_tokens"),
        ),
        reasoning_tokens=_tokens(
            attributes, _REASONING_KEYS, details, ("output_reasoning_tokens",)
        ),
        cost_usd=_cost(attributes),
    )


def _langfuse_or_mlflow(attributes: Attributes) -> Mapping[str, Json]:
    for key in attributes.among(_DETAIL_KEYS):
        details = lenient_json(attributes.values[key])
        if isinstance(details, dict):
            return details
    return {}


def _tokens(
    attributes: Attributes,
    keys: tuple[str, ...],
    details: Mapping[str, Json],
    detail_keys: tuple[str, ...],
) -> int | None:
    for name in attributes.among(keys):
        tokens = number(attributes.values[name])
        if tokens is not None and 0 <= tokens <= _MOST_TOKENS:
            return int(tokens)
    for name in detail_keys if details else ():
        tokens = number(details.get(name))
        if tokens is not None and 0 <= tokens <= _MOST_TOKENS:
            return int(tokens)
    return None


def _cost(attributes: Attributes) -> float | None:
    values = attributes.values
    for key in attributes.among(_COST_KEYS):
        cost = number(values[key])
        if cost is not None and cost >= 0:
            return cost
    parts = [number(values[key]) for key in attributes.among(_COST_PART_KEYS)]
    known = [part for part in parts if part is not None and part >= 0]
    if known:
        return math.fsum(known)
    for key in attributes.among(_COST_DETAIL_KEYS):
        details = lenient_json(values[key])
        if not isinstance(details, dict):
            continue
        cost = number(details.get(_COST_TOTALS[key]))
        if cost is not None and cost >= 0:
            return cost
        parts = [number(details.get(part)) for part in _COST_PARTS]
        known = [part for part in parts if part is not None and part >= 0]
        if known:
            return math.fsum(known)
    return None


_COST_TOTALS = {"langfuse.observation.cost_details": "total", "mlflow.llm.cost": "total_cost"}
_COST_DETAIL_KEYS = tuple(_COST_TOTALS)
_COST_PART_KEYS = ("llm.cost.prompt", "llm.cost.completion")
_DETAIL_KEYS = ("langfuse.observation.usage_details", "mlflow.chat.tokenUsage")
_ALL_KEYS = (
    *_INPUT_KEYS,
    *_OUTPUT_KEYS,
    *_CACHED_KEYS,
    *_CACHE_WRITE_KEYS,
    *_TOTAL_KEYS,
    *_REASONING_KEYS,
    *_COST_KEYS,
    *_COST_DETAIL_KEYS,
    *_COST_PART_KEYS,
    *_DETAIL_KEYS,
)
_NO_USAGE = SpanUsage(
    input_tokens=None,
    output_tokens=None,
    cached_tokens=None,
    cache_write_tokens=None,
    reasoning_tokens=None,
    cost_usd=None,
)
_COST_PARTS = ("input", "output", "input_cost", "output_cost")

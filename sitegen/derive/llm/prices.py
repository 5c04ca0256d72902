"""What calls of models probably cost, where nothing was recorded: own prices, else genai-prices.

Floor 3. An estimate is never added to a recorded cost, and says where its prices come from. The
list of genai-prices (an extra) is part of the package: nothing is fetched. Its prices may change
over time, so the day of the call counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sitegen.derive.llm.usage import SpanUsage
from sitegen.installed import installed_version
from sitegen.records import dataclass

_PACKAGE = "genai-prices"
_NS_PER_DAY = 86_400 * 10**9
_PER_MILLION = 1e-6
_DATED = re.compile(r"[-@:]?[\d-]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTable:
    """Where prices come from."""

    own: Mapping[str, Mapping[str, float | None]]
    """`input`, `output`, `cached` in US dollars per million tokens, by model; these win."""
    list_version: str | None
    """Version of genai-prices; None if it is not to be used."""


NO_PRICES = PriceTable(own={}, list_version=None)


def installed_prices(own: Mapping[str, Mapping[str, float | None]]) -> PriceTable:
    """*own* prices, and genai-prices if it is installed."""
    return PriceTable(own=own, list_version=installed_version(_PACKAGE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a call probably cost."""

    cost_usd: float
    """US dollars."""
    source: str
    """`genai-prices 0.2.3` or `sitegen.toml`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _UnitPrice:
    """US dollars per million tokens."""

    input: float
    """Tokens read."""
    output: float
    """Tokens written."""
    cached: float
    """Tokens read from a cache."""
    cache_write: float
    """Tokens written to a cache."""


class Prices:
    """Estimates; what a model costs a day is looked up once."""

    def __init__(self, table: PriceTable) -> None:
        self._table = table
        self._known: dict[tuple[str, str | None, int], _UnitPrice | Any | None] = {}

    def estimate(
        self, usage: SpanUsage, *, model: str | None, provider: str | None, start_ns: int | None
    ) -> Estimate | None:
        """The cost of one call; None if it records no tokens or the model has no price."""
        if model is None or not usage.has_tokens:
            return None
        own = _own_price(self._table.own, model)
        if own is not None:
            return Estimate(cost_usd=_cost(own, usage), source="sitegen.toml")
        if self._table.list_version is None:
            return None
        listed = self._listed(model, provider, start_ns)
        cost = _cost(listed, usage) if isinstance(listed, _UnitPrice) else listed
        if cost is _TIERED:
            cost = _tiered_cost(usage, model, provider, start_ns)
        if cost is None:
            return None
        return Estimate(cost_usd=cost, source=f"{_PACKAGE} {self._table.list_version}")

    def _listed(self, model: str, provider: str | None, start_ns: int | None) -> Any:
        key = (model, provider, (start_ns or 0) // _NS_PER_DAY)
        if key not in self._known:
            self._known[key] = _unit_price(model, provider, start_ns)
        return self._known[key]


_TIERED = object()
"""A price that depends on how long the request is: asked for each call."""


def _own_price(own: Mapping[str, Mapping[str, float | None]], model: str) -> _UnitPrice | None:
    """By the model's name, also without the provider before it and the date behind it."""
    bare = model.rpartition("/")[2]
    fitting = [
        name
        for name in own
        if name == model or (bare.startswith(name) and _DATED.match(bare[len(name) :]))
    ]
    if not fitting:
        return None
    price = own[max(fitting, key=len)]
    given = price.get("input") or 0.0
    cached = price.get("cached")
    return _UnitPrice(
        input=given,
        output=price.get("output") or 0.0,
        cached=given if cached is None else cached,
        cache_write=given,
    )


def _cost(price: _UnitPrice, usage: SpanUsage) -> float:
    given, cached, written = _input_parts(usage)
    return _PER_MILLION * (
        given * price.input
        + cached * price.cached
        + written * price.cache_write
        + (usage.output_tokens or 0) * price.output
    )


def _input_parts(usage: SpanUsage) -> tuple[int, int, int]:
    """Tokens read anew, from a cache, and written to one; some count caches beside the input."""
    cached, written = usage.cached_tokens or 0, usage.cache_write_tokens or 0
    given = usage.input_tokens or 0
    return (given - cached - written if given >= cached + written else given), cached, written


def _unit_price(model: str, provider: str | None, start_ns: int | None) -> Any:
    found = _calculation(SpanUsage(input_tokens=1, output_tokens=1, cached_tokens=None,
                                   cache_write_tokens=None, reasoning_tokens=None, cost_usd=None),
                         model, provider, start_ns)  # fmt: skip
    if found is None:
        return None
    price = found.model_price
    names = ("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok")
    values = [getattr(price, name, None) for name in names]
    try:
        given, written, cached, cache_write = (
            None if value is None else float(value) for value in values
        )
    except TypeError:
        return _TIERED
    return _UnitPrice(
        input=given or 0.0,
        output=written or 0.0,
        cached=(given or 0.0) if cached is None else cached,
        cache_write=(given or 0.0) if cache_write is None else cache_write,
    )


def _tiered_cost(
    usage: SpanUsage, model: str, provider: str | None, start_ns: int | None
) -> float | None:
    found = _calculation(usage, model, provider, start_ns)
    return None if found is None else float(found.total_price)


def _calculation(
    usage: SpanUsage, model: str, provider: str | None, start_ns: int | None
) -> Any | None:
    """The price calculation of genai-prices; None if it does not know the model."""
    from genai_prices import Usage, calc_price  # heavy: pydantic and a list of 2,330 models

    given, cached, written = _input_parts(usage)
    counts = Usage(
        input_tokens=given + cached + written,
        output_tokens=usage.output_tokens or 0,
        cache_read_tokens=cached,
        cache_write_tokens=written,
    )
    moment = datetime.fromtimestamp((start_ns or 0) / 10**9, UTC) if start_ns else None
    try:  # without a provider it is guessed from the model; one that is not known has no prices
        return calc_price(
            counts, model_ref=model, provider_id=provider, genai_request_timestamp=moment
        )
    except (LookupError, ValueError):
        return None

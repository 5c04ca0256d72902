"""Estimated costs: own prices win, recorded costs win over both, nothing is mixed silently."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from typing import Any

import pytest

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.derive.llm.prices import NO_PRICES, Prices, PriceTable, installed_prices
from sitegen.derive.llm.usage import SpanUsage
from sitegen.derive.traces.part import TracesFacts, derive_traces
from tests.derive.traces.test_part import detail_of, llm, span, tree_of
from tests.factories import START_NS, MemorySink, Reports

OWN = {"local-7b": {"input": 2.0, "output": 10.0, "cached": 0.5}, "local": {"input": 1.0}}
MILLION = SpanUsage(
    input_tokens=1_000_000, output_tokens=100_000, cached_tokens=None, cache_write_tokens=None,
    reasoning_tokens=None, cost_usd=None,
)  # fmt: skip
GENAI = "genai-prices"


def estimate(prices: Prices, usage: SpanUsage = MILLION, **given: Any) -> float | None:
    asked = {"model": "local-7b", "provider": None, "start_ns": START_NS} | given
    found = prices.estimate(usage, **asked)
    return None if found is None else round(found.cost_usd, 9)


@pytest.mark.parametrize(
    ("model", "cost"),
    [
        ("local-7b", 3.0), ("local-7b-2026-01-05", 3.0), ("ours/local-7b", 3.0),
        ("local-7b@20260105", 3.0), ("local-7b-mini", None), ("other", None), (None, None),
        ("local-2026", 1.0),
    ],
)  # fmt: skip
def test_own_prices_are_found_by_the_name_of_the_model(
    model: str | None, cost: float | None
) -> None:
    assert estimate(Prices(PriceTable(own=OWN, list_version=None)), model=model) == cost


def test_cached_tokens_are_a_part_of_the_input_unless_they_are_more() -> None:
    prices = Prices(PriceTable(own=OWN, list_version=None))

    assert estimate(prices, replace(MILLION, cached_tokens=400_000)) == 2.4
    assert estimate(prices, replace(MILLION, input_tokens=10, cached_tokens=1_000_000)) == 1.50002
    assert estimate(prices, replace(MILLION, input_tokens=None, output_tokens=None)) is None


def listed() -> Prices:
    pytest.importorskip("genai_prices", reason="genai-prices is not installed: the extra prices")
    return Prices(PriceTable(own={}, list_version=version(GENAI)))


def test_a_listed_price_is_that_of_genai_prices() -> None:
    from genai_prices import Usage, calc_price

    prices = listed()
    usage = replace(MILLION, input_tokens=1_000, output_tokens=100, cached_tokens=400)
    for model, provider in (("gpt-4o-mini-2024-07-18", "openai"), ("gemini-2.5-pro", None),
                            ("claude-3-5-sonnet-20241022", "anthropic")):  # fmt: skip
        expected = calc_price(
            Usage(input_tokens=1_000, output_tokens=100, cache_read_tokens=400),
            model_ref=model, provider_id=provider,
        ).total_price  # fmt: skip
        assert estimate(prices, usage, model=model, provider=provider) == float(expected)


@pytest.mark.parametrize(("model", "provider"), [("nope", "openai"), ("llama3", "ollama")])
def test_what_genai_prices_does_not_know_has_no_estimate(model: str, provider: str) -> None:
    assert estimate(listed(), model=model, provider=provider) is None


def test_the_source_of_a_price_is_named() -> None:
    prices = Prices(PriceTable(own=OWN, list_version="9"))
    found = prices.estimate(MILLION, model="local-7b", provider=None, start_ns=None)

    assert found is not None
    assert found.source == "sitegen.toml"
    assert installed_prices({}).list_version == version(GENAI)


def derive(*records: Any) -> tuple[TracesFacts, MemorySink]:
    sink = MemorySink()
    table = PriceTable(own=OWN, list_version=None)
    facts = derive_traces(records, sink=sink, limits=DEFAULT_LIMITS, report=Reports(), prices=table)
    return facts, sink


LOCAL = {"gen_ai.request.model": "local-7b"}


def test_only_calls_whose_tokens_count_are_estimated() -> None:
    agent = llm(1, tokens=2_000_000, **LOCAL)
    facts, sink = derive(agent, llm(2, 1, tokens=1_000_000, **LOCAL), span(3, 1))

    assert facts.estimated_cost_usd == pytest.approx(2.00001)
    assert (facts.cost_usd, facts.price_source) == (None, "sitegen.toml")
    assert facts.rows[0].estimated_cost_usd == facts.models[0].estimated_cost_usd
    assert tree_of(sink)["price_source"] == "sitegen.toml"
    assert detail_of(sink, 1)["llm"]["price_source"] == "sitegen.toml"
    assert "estimated_cost_usd" not in detail_of(sink, 0)["llm"]


def test_a_trace_that_records_any_cost_is_not_estimated() -> None:
    facts, _ = derive(
        llm(1, tokens=1_000_000, **LOCAL), llm(2, tokens=5, **LOCAL, **{"operation.cost": 0.25})
    )

    assert (facts.cost_usd, facts.estimated_cost_usd, facts.price_source) == (0.25, None, None)


def test_without_prices_nothing_is_estimated() -> None:
    assert estimate(Prices(NO_PRICES), model="gpt-4o-mini", provider="openai") is None

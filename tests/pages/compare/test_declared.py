"""Which runs a declared comparison is of."""

from __future__ import annotations

import pytest

from sitegen.pages.compare import declared as module
from sitegen.pages.compare.declared import Declared, declared_comparisons
from sitegen.read.experiments import ComparisonSpec
from tests.derive.test_experiment import card, only


def declared(*specs: ComparisonSpec, baseline: str | None = None) -> tuple[Declared, ...]:
    cards = [card("a", params={"lr": 1}), card("b", params={"lr": 2}), card("c", params={"lr": 3})]
    return declared_comparisons(only(*cards, comparisons=specs, baseline=baseline))


def spec(*runs: str, filter: str | None = None, name: str = "x") -> ComparisonSpec:
    return ComparisonSpec(name=name, runs=runs, filter=filter)


def names(one: Declared) -> list[str]:
    return [card.name for card in one.cards]


def test_runs_are_named_by_id_and_the_unknown_ones_told() -> None:
    (one,) = declared(spec("e/c", "e/a", "e/gone", "e/c"))

    assert names(one) == ["c", "a"]
    assert one.missing == ("e/gone",)


def test_runs_are_chosen_by_a_condition() -> None:
    (one,) = declared(spec("e/c", filter="params.lr < 3"))

    assert names(one) == ["c", "a", "b"]
    assert one.fault is None


def test_the_baseline_comes_first() -> None:
    (one,) = declared(spec(filter="params.lr > 0"), baseline="e/b")

    assert names(one) == ["b", "a", "c"]


def test_a_wrong_condition_is_a_fault_of_the_comparison_alone() -> None:
    (one,) = declared(spec("e/a", filter="params.lr <"))

    assert names(one) == ["a"]
    assert one.fault


def test_two_of_one_name_have_pages_of_their_own() -> None:
    first, second = declared(spec("e/a"), spec("e/b"))

    assert (first.name, second.name) == ("x", "x~2")
    assert first.path != second.path


def test_only_so_many_runs_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_RUNS", 2)

    (one,) = declared(spec(filter="params.lr > 0"))

    assert (len(one.cards), one.left_out) == (2, 1)

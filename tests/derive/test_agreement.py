"""Cohen's kappa by hand and by its definition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.derive.agreement import agreement

labels = st.sampled_from(["yes", "no", "3", "10"])


def test_the_example_of_a_textbook() -> None:
    # 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: seen .7, by chance .5
    pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15

    found = agreement(pairs)

    assert (found.n, found.agreed, found.ratio) == (50, 35, 0.7)
    assert found.kappa == pytest.approx(0.4)
    assert found.labels == ("yes", "no")
    assert found.counts == ((20, 5), (10, 15))
    assert (found.ci_low, found.ci_high) == pytest.approx((0.5625, 0.8090), abs=1e-4)


@given(st.lists(st.tuples(labels, labels), min_size=1))
def test_kappa_follows_its_definition(pairs: list[tuple[str, str]]) -> None:
    n = len(pairs)
    seen = sum(one == other for one, other in pairs) / n
    names = {name for pair in pairs for name in pair}
    chance = sum(
        sum(one == name for one, _ in pairs) * sum(other == name for _, other in pairs) / n**2
        for name in names
    )

    kappa = agreement(pairs).kappa

    if kappa is None:
        assert chance == pytest.approx(1)
    else:
        assert kappa == pytest.approx((seen - chance) / (1 - chance), abs=1e-9)


def test_one_label_throughout_has_no_kappa() -> None:
    assert agreement([("yes", "yes")] * 3).kappa is None


def test_nothing_in_common_says_nothing() -> None:
    found = agreement([])

    assert (found.n, found.ratio, found.kappa, found.labels) == (0, None, None, ())


def test_labels_stand_in_the_order_of_numbers_then_words() -> None:
    assert agreement([("10", "9"), ("no", "yes")]).labels == ("9", "10", "yes", "no")


def test_a_table_of_many_labels_is_cut_to_the_most_used() -> None:
    pairs = [(str(index), str(index)) for index in range(40)] + [("39", "39")]

    found = agreement(pairs)

    assert (found.n, found.agreed, len(found.labels)) == (41, 41, 12)
    assert "39" in found.labels

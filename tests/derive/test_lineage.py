from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sitegen.derive.lineage import dataset_records, model_records
from sitegen.model import Dataset, LoggedModel
from tests.derive.test_experiment import DAY_NS, card


def model(**fields: object) -> LoggedModel:
    return LoggedModel(**({"name": "reader", "version": "1", "digest": "sha256:aa"} | fields))


def dataset(**fields: object) -> Dataset:
    return Dataset(**({"name": "digits", "digest": "sha256:dd", "split": "train"} | fields))


def test_a_model_comes_from_its_oldest_run_and_is_used_by_the_others() -> None:
    first = card("first", started_at_ns=1 * DAY_NS, models=(model(),))
    second = card("second", started_at_ns=2 * DAY_NS, models=(model(stage="production"),))
    fine_tuned = card("tuned", started_at_ns=3 * DAY_NS, parent=first.id)

    (found,) = model_records([fine_tuned, second, first])

    assert found.card is first
    assert found.model.stage is None
    assert [one.name for one in found.used_by] == ["second", "tuned"]
    assert found.digest_count == 1


def test_a_run_that_reads_a_model_as_data_used_it() -> None:
    maker = card("maker", started_at_ns=DAY_NS, models=(model(),))
    judge = card("judge", started_at_ns=2 * DAY_NS, datasets=(dataset(digest="sha256:aa"),))

    (found,) = model_records([maker, judge])

    assert [one.name for one in found.used_by] == ["judge"]


def test_models_without_a_digest_are_never_taken_for_the_same() -> None:
    cards = [card(name, models=(model(digest=None),)) for name in ("a", "b")]

    found = model_records(cards)

    assert [(one.card.name, one.used_by, one.digest_count) for one in found] == [
        ("b", (), 1),
        ("a", (), 1),
    ]


def test_one_version_with_two_digests_is_marked_and_a_name_without_version_is_not() -> None:
    one, other = model(digest="sha256:aa"), model(digest="sha256:bb")
    cards = [card("a", models=(one,)), card("b", models=(other,))]
    assert [found.digest_count for found in model_records(cards)] == [2, 2]

    cards = [
        card("a", models=(model(version=None),)),
        card("b", models=(model(version=None, digest="sha256:bb"),)),
    ]
    assert [found.digest_count for found in model_records(cards)] == [1, 1]


def test_a_dataset_whose_digest_changed_is_marked_but_another_split_is_not() -> None:
    before = card("before", started_at_ns=DAY_NS, ended_at_ns=DAY_NS, datasets=(dataset(),))
    after = card(
        "after",
        started_at_ns=2 * DAY_NS,
        ended_at_ns=2 * DAY_NS,
        datasets=(dataset(digest="sha256:ee"), dataset(digest="sha256:ff", split="test")),
        models=(model(), model(name="other")),
    )

    found = dataset_records([before, after])

    assert {(one.dataset.digest, one.digest_count, one.model_count) for one in found} == {
        ("sha256:dd", 2, 0),
        ("sha256:ee", 2, 2),
        ("sha256:ff", 1, 2),
    }


def test_a_dataset_has_all_its_runs_once_and_all_its_roles() -> None:
    cards = [
        card(
            name,
            started_at_ns=day * DAY_NS,
            datasets=(dataset(context="training"), dataset(split=None, context="training")),
        )
        for day, name in enumerate(("a", "b"), start=1)
    ]

    (found,) = dataset_records(reversed(cards))

    assert [one.name for one in found.cards] == ["a", "b"]
    assert found.roles == ("train, training", "training")


def test_what_the_first_run_left_out_of_a_dataset_comes_from_the_next_that_says_it() -> None:
    cards = [
        card("a", started_at_ns=DAY_NS, datasets=(dataset(),)),
        card("b", started_at_ns=2 * DAY_NS, datasets=(dataset(uri="https://example.org/d"),)),
        card("c", started_at_ns=3 * DAY_NS, datasets=(dataset(description="Digits", rows=9),)),
    ]

    (found,) = dataset_records(cards)

    assert found.dataset == dataset(uri="https://example.org/d", description="Digits", rows=9)


digests = st.none() | st.sampled_from(["sha256:aa", "sha256:bb"])
models = st.builds(
    model, name=st.sampled_from("xy"), version=st.none() | st.just("1"), digest=digests
)


@given(st.lists(st.lists(models, max_size=3), max_size=5), st.randoms())
def test_records_do_not_depend_on_the_order_of_runs(logged, random) -> None:  # type: ignore[no-untyped-def]
    cards = [card(str(n), models=tuple(some)) for n, some in enumerate(logged)]
    expected = model_records(cards)
    random.shuffle(cards)

    assert model_records(cards) == expected
    assert {one.model.digest for one in expected} == {m.digest for some in logged for m in some}

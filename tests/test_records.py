"""What `dataclass` makes is a dataclass to the standard library, to msgspec and to pickle."""

from __future__ import annotations

import pickle
from dataclasses import MISSING, asdict, field, fields, is_dataclass, replace

import msgspec
import pytest

from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A point."""

    step: int
    """Its step."""
    value: float | None = None
    """Its value."""
    tags: tuple[str, ...] = field(default_factory=tuple)
    """Its tags."""

    @property
    def next_step(self) -> int:
        """The step after it."""
        return self.step + 1


@dataclass(slots=True)
class Sums:
    """Sums that grow."""

    count: int = 0
    """How many."""
    names: list[str] = field(default_factory=list)
    """Of what."""


POINT = Point(step=3, value=0.5, tags=("a",))


def test_the_standard_library_takes_it_for_a_dataclass() -> None:
    assert is_dataclass(Point)
    assert is_dataclass(POINT)
    assert [one.name for one in fields(Point)] == ["step", "value", "tags"]
    assert [one.default for one in fields(Point)] == [MISSING, None, MISSING]
    assert asdict(POINT) == {"step": 3, "value": 0.5, "tags": ("a",)}
    assert replace(POINT, step=4) == Point(step=4, value=0.5, tags=("a",))


def test_objects_are_equal_and_hashed_by_their_fields() -> None:
    assert Point(step=3, value=0.5, tags=("a",)) == POINT
    assert Point(step=4) != POINT
    assert len({POINT, Point(step=3, value=0.5, tags=("a",)), Point(step=4)}) == 2
    assert repr(POINT) == "Point(step=3, value=0.5, tags=('a',))"


def test_nothing_can_be_set_on_a_frozen_object() -> None:
    with pytest.raises(AttributeError):
        POINT.step = 4  # type: ignore[misc]
    with pytest.raises(AttributeError):
        POINT.other = 4  # type: ignore[attr-defined]


def test_fields_are_given_by_name_and_all_that_have_no_default() -> None:
    with pytest.raises(TypeError):
        Point(3)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Point()  # type: ignore[call-arg]
    assert Sums(2).count == 2


def test_each_object_has_a_default_of_its_own() -> None:
    first, second = Sums(), Sums()

    first.names.append("a")
    first.count += 1

    assert (first, second) == (Sums(1, ["a"]), Sums(0, []))
    with pytest.raises(TypeError):
        hash(first)


def test_methods_documents_and_names_stay() -> None:
    assert POINT.next_step == 4
    assert (Point.__name__, Point.__qualname__, Point.__module__) == ("Point", "Point", __name__)
    assert Point.__doc__ == "A point."


def test_it_survives_pickle_and_msgspec() -> None:
    assert pickle.loads(pickle.dumps(POINT)) == POINT
    assert msgspec.json.encode(POINT) == b'{"step":3,"value":0.5,"tags":["a"]}'
    assert msgspec.json.decode(b'{"step":3,"other":1}', type=Point) == Point(step=3)
    assert msgspec.to_builtins(POINT) == {"step": 3, "value": 0.5, "tags": ("a",)}


def test_match_takes_its_fields() -> None:
    match POINT:
        case Point(step=step, value=None):
            found = (step, "none")
        case Point(step=step, value=value):
            found = (step, str(value))

    assert found == (3, "0.5")

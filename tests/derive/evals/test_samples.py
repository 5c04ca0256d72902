"""Metadata of samples as values of a table: flat, readable whatever their form, bounded."""

from __future__ import annotations

from typing import Any

import pytest

from sitegen.derive.evals.samples import sample_row
from sitegen.model import Sample


def flat(metadata: dict[str, Any]) -> dict[str, Any]:
    sample = Sample(
        id="x", epoch=1, input=None, output=None, target=None, scores={}, error=None, tags=(),
        metadata=metadata, trace_ids=(), duration_s=None, usage=None, cluster=None, line=1,
    )  # fmt: skip
    return sample_row(sample, ordinal=0, chunk=0, place=0).metadata


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"a": {"b": {"c": 1}}, "d": None}, {"a.b.c": 1}),
        ({"tags": ["x", 2, True, None]}, {"tags": ("x", "2", "true", "null")}),
        ({"none": [], "empty": {}}, {}),
        ({"turns": [{"role": "a"}, {"role": "b"}]}, {"turns": '[{"role": "a"}, {"role": "b"}]'}),
        ({"nested": [[1, 2], [3]]}, {"nested": "[[1, 2], [3]]"}),
        ({"id": 2**60}, {"id": str(2**60)}),
    ],
)
def test_metadata_is_flat_and_lists_stay_readable(
    metadata: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert expected == flat(metadata)


def test_long_lists_and_texts_are_cut() -> None:
    found = flat({"many": list(range(1_000)), "long": ["x" * 1_000]})

    assert len(found["many"]) == 200
    assert found["many"].startswith("[0, 1, 2,")
    assert found["long"] == ("x" * 200,)

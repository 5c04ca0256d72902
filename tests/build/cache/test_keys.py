"""Keys change with what they stand for."""

from __future__ import annotations

from pathlib import Path

import pytest

import sitegen
from sitegen.build.cache import keys


@pytest.mark.parametrize("path", ["units.py", "derive/card.py", "derive/metrics/part.py"])
def test_code_in_any_folder_of_a_floor_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(sitegen, "__file__", str(tmp_path / "__init__.py"))
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text("a = 1")
    before = keys.code_digest("derive")
    keys.code_digest.cache_clear()

    (tmp_path / path).write_text("a = 2")

    assert keys.code_digest("derive") != before
    keys.code_digest.cache_clear()


def test_the_order_of_files_does_not_count() -> None:
    names = [f"attachments/{number:05}" for number in range(60_000)]
    digests = dict.fromkeys([*names, "a"], "0")

    first = keys.part_key("", "attachments", "run", digests, None)

    assert first == keys.part_key("", "attachments", "run", dict(sorted(digests.items())), None)

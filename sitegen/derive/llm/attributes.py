"""Attributes of a span, asked for the many keys that conventions know.

Floor 3. A field of a model's call is looked for under some ten keys, a span under two hundred, of
which it has ten. The spans of one instrumentation have the same keys: which of the known ones they
have is found out once for all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from sitegen.model import Json

Wanted = tuple[str, ...] | str
"""Keys in their order, or the beginning of keys."""
_USUAL_KEYS, _USUAL_LENGTH = 64, 4_000


class _KnownKeys(dict[Wanted, tuple[str, ...]]):
    """Keys, and which of them fit what was asked for."""

    __slots__ = ("_keys",)

    def __init__(self, keys: tuple[str, ...]) -> None:
        super().__init__()
        self._keys = dict.fromkeys(keys)

    def __missing__(self, wanted: Wanted) -> tuple[str, ...]:
        if isinstance(wanted, str):
            found = tuple(key for key in self._keys if key.startswith(wanted))
        else:
            found = tuple(key for key in wanted if key in self._keys)
        self[wanted] = found
        return found


_known = lru_cache(maxsize=256)(_KnownKeys)


class Attributes:
    """Value by key, of which many spans have the same."""

    __slots__ = ("_found", "values")

    def __init__(self, values: Mapping[str, Json]) -> None:
        self.values = values
        keys = tuple(values)
        is_usual = len(keys) <= _USUAL_KEYS and len("".join(keys)) <= _USUAL_LENGTH
        self._found = _known(keys) if is_usual else _KnownKeys(keys)

    def among(self, wanted: Wanted) -> tuple[str, ...]:
        """The keys that are among *wanted*, in its order, or begin so, in theirs."""
        return self._found[wanted]

    def text(self, wanted: tuple[str, ...]) -> str | None:
        """The first non-empty text under *wanted*, without the quotes that MLflow writes."""
        for key in self._found[wanted]:
            value = self.values[key]
            if isinstance(value, str):
                bare = value.strip('"')
                if bare:
                    return bare
        return None

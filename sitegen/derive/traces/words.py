"""Which traces hold a word, in names, messages and attributes: an index that is loaded in parts.

Floor 3. `trace-words` holds the first word of each part, `trace-words-<n>` a range of the sorted
words with the rows of the trace list that hold them, so that a search loads what its words need and
nothing else, however much text there is. A word is a run of letters and digits in lower case.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sitegen.derive.codec import encode_ints
from sitegen.derive.columns import packed_words
from sitegen.derive.sink import DataFile, Sink
from sitegen.model import Json, Span

_WORD = re.compile(r"[^\W_]+")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_SHORTEST, _LONGEST = 2, 32
_AT_ONCE = 1_000_000
_MOST_WORDS_A_TRACE = 20_000
_MOST_PLACES = 8_000_000
"""Places in memory at four bytes each; traces beyond are found by name, id, model and session."""
_MOST_WORDS = 300_000
_PART_SIZE = 60_000


class WordIndex:
    """The words of all traces while these are derived (it holds all places)."""

    def __init__(self) -> None:
        self._numbers_by_word: dict[str, array[int]] = {}
        self._places = 0
        self._traces = 0
        self._is_full = False

    def add(self, number: int, spans: Iterable[Span]) -> None:
        """The words of the trace *number*."""
        if self._is_full:
            return
        words = _words(spans)
        for word in words:
            numbers = self._numbers_by_word.get(word)
            if numbers is None:
                numbers = self._numbers_by_word[word] = array("I")
            numbers.append(number)
        self._traces += 1
        self._places += len(words)
        self._is_full = self._places > _MOST_PLACES or len(self._numbers_by_word) > _MOST_WORDS

    @property
    def numbers_by_word(self) -> dict[str, array[int]]:
        """The traces that hold each word."""
        return self._numbers_by_word

    @property
    def traces(self) -> int:
        """Traces whose words are here."""
        return self._traces

    def merge(self, numbers_by_word: Mapping[str, array[int]], traces: int, first: int) -> None:
        """The words of *traces* traces, whose numbers begin at *first*."""
        if self._is_full:
            return
        for word, numbers in numbers_by_word.items():
            known = self._numbers_by_word.setdefault(word, array("I"))
            known.extend(array("I", [first + number for number in numbers]))
            self._places += len(numbers)
        self._traces += traces
        self._is_full = self._places > _MOST_PLACES or len(self._numbers_by_word) > _MOST_WORDS

    def write(self, sink: Sink, row_by_number: Sequence[int]) -> list[DataFile]:
        """Publish the index; *row_by_number* says where each trace stands in the list."""
        if not self._numbers_by_word:
            return []
        import numpy as np

        rows = np.asarray(row_by_number, dtype=np.int64)
        files: list[DataFile] = []
        firsts: list[Json] = []
        for words in _parts(self._numbers_by_word):
            places = [np.sort(rows[np.asarray(self._numbers_by_word[word])]) for word in words]
            payload: dict[str, Json] = {
                "words": packed_words(list(words)),
                "counts": encode_ints(np.array([len(one) for one in places], dtype=np.int64)),
                "rows": encode_ints(np.concatenate(places)),
            }
            files.append(sink.data(f"trace-words-{len(files)}", payload))
            firsts.append(words[0])
        if files:
            files.append(sink.data("trace-words", {"firsts": firsts, "traces": self._traces}))
        return files


def _parts(numbers_by_word: Mapping[str, array[int]]) -> Iterator[list[str]]:
    words: list[str] = []
    size = 0
    for word in sorted(numbers_by_word):
        words.append(word)
        size += len(word) + len(numbers_by_word[word])
        if size >= _PART_SIZE:
            yield words
            words, size = [], 0
    if words:
        yield words


def _words(spans: Iterable[Span]) -> list[str]:
    found: set[bytes] = set()
    texts: list[str] = []
    size = 0
    for span in spans:
        known = len(texts)
        texts.extend(_texts(span))
        size += sum(map(len, texts[known:]))
        if size >= _AT_ONCE:
            found |= _runs("\n".join(texts))
            texts, size = [], 0
            if len(found) > _MOST_WORDS_A_TRACE:
                break
    found |= _runs("\n".join(texts))
    runs = b" ".join(found).decode("utf-8", "replace").split(" ")
    words = set(filter(str.isascii, runs))
    for run in runs if len(words) < len(runs) else ():
        if not run.isascii():
            words.update(_WORD.findall(run.lower()))
    usual = [word for word in words if _SHORTEST <= len(word) <= _LONGEST]
    return usual if len(usual) <= _MOST_WORDS_A_TRACE else sorted(usual)[:_MOST_WORDS_A_TRACE]


_SEPARATED = bytes(
    byte if byte >= 128 else ord(chr(byte).lower()) if chr(byte).isalnum() else ord(" ")
    for byte in range(256)
)
"""ASCII in lower case, what stands between words a space; other bytes as they are."""


def _runs(text: str) -> set[bytes]:
    """Runs of letters, digits and whatever is beyond ASCII: five times as fast as a pattern."""
    return set(_plain(text).encode("utf-8", "replace").translate(_SEPARATED).split())


def _plain(text: str) -> str:
    """*text* with its escapes of JSON undone, which would stick to words."""
    if "\\" in text:
        for escape in ("\\n", "\\t", "\\r"):
            text = text.replace(escape, " ")
        if "\\u" in text:
            text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return text


def _texts(span: Span) -> Iterator[str]:
    yield span.name
    if span.status_message:
        yield span.status_message
    for value in span.attributes.values():
        if type(value) is str:
            yield value
        elif not isinstance(value, float):
            yield from _texts_in(value)
    for event in span.events:
        yield event.name
        yield from _texts_in(dict(event.attributes))


def _texts_in(value: Json) -> Iterator[str]:
    match value:
        case str():
            yield value
        case bool() | None:
            return
        case int():
            yield str(value)
        case dict():
            for member in value.values():
                yield from _texts_in(member)
        case list():
            for member in value:
                yield from _texts_in(member)

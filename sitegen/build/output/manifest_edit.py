"""The manifest of a site with a few entries changed, without encoding all the others anew.

Floor 6. Of 40,000 files of which ten changed, sorting and encoding takes 45 ms and this 5. What
comes out is what `msgspec` would have written: an entry is four lines, entries are sorted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping

import msgspec

from sitegen.build.output.output_file import OutputFile

_HEAD = b'{\n  "files": {\n    '
_END = b"\n    }"
_BETWEEN = _END + b",\n    "
_AFTER_PATH = b": {\n      "


def with_entries(
    manifest: bytes,
    generator: Mapping[str, str],
    known: int,
    changed: Mapping[str, OutputFile],
    removed: Collection[str],
) -> bytes | None:
    """*manifest* with the entries of *changed* paths, new ones too, and without the *removed*.

    None if it is not what a build of *generator* wrote of as many files as are *known*.
    """
    tail = _tail(generator)
    if not manifest.startswith(_HEAD) or not manifest.endswith(tail):
        return None
    entries = manifest[len(_HEAD) : -len(tail)].split(_BETWEEN)
    if len(entries) != known or len(entries) <= len(removed):
        return None
    for path in sorted({*changed, *removed}):
        name = msgspec.json.encode(path)
        at = bisect_left(entries, name[:-1], key=_name)
        is_there = at < len(entries) and entries[at].startswith(name + _AFTER_PATH)
        if path in removed:
            if not is_there:
                return None
            del entries[at]
        else:
            entries[at : at + is_there] = [_entry(name, changed[path])]
    return _HEAD + _BETWEEN.join(entries) + tail


def with_names(manifest: bytes, paths: Iterable[str]) -> bytes | None:
    """*manifest* that names *paths* too, of which it names none; None if it is none of ours."""
    if not manifest.startswith(_HEAD + b'"'):
        return None
    names = b"".join(msgspec.json.encode(path) + b": {},\n    " for path in paths)
    return _HEAD + names + manifest[len(_HEAD) :]


def _name(entry: bytes) -> bytes:
    """The entry's path as it is written, without the quote at its end."""
    return entry[: entry.index(_AFTER_PATH) - 1]


def _entry(name: bytes, file: OutputFile) -> bytes:
    facts = f'"bytes": {file.size_bytes},\n      "sha256": "{file.sha256}"'
    return name + _AFTER_PATH + facts.encode()


def _tail(generator: Mapping[str, str]) -> bytes:
    """What stands behind the last entry but for its end."""
    rest = {"format": 1, "generator": dict(sorted(generator.items()))}
    text = msgspec.json.format(msgspec.json.encode(rest), indent=2)
    return _END + b"\n  }," + text[1:] + b"\n"

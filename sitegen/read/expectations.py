"""What a document should have held where a value has a wrong type, in words a person can act on.

Floor 2. msgspec says `Expected `str | null`, got `int` - at `$.name``; from the same types this
makes “expected a string, got 3” and, for a word that is nearly one of those allowed, the nearest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect as types

from sitegen.model import Json
from sitegen.read.json_places import Path, parse_path
from sitegen.records import dataclass

_SHOWN = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A value that is not what its place in the format asks for."""

    path: Path
    """Steps from the converted value to the wrong one."""
    message: str
    """What was expected and what was found."""
    nearest: str | None
    """The allowed word that is nearest to the one found."""


def mismatch(error: msgspec.ValidationError, value: Json, kind: Any) -> Mismatch:
    """The fault that kept *value* from being converted to the type *kind*."""
    import difflib

    text = str(error).partition(" - at ")[0]
    path = _path(error, value, kind)
    if missing := re.search(r"missing required field `(.+)`", text):
        return Mismatch(path=path, message=f"“{missing[1]}” is missing", nearest=None)
    found, wanted = _at(value, path), types.type_info(kind)
    for step in path:
        wanted = _member(wanted, step)
    words = [str(word) for one in _plain(wanted) if isinstance(one, types.LiteralType)
             for word in one.values]  # fmt: skip
    near = difflib.get_close_matches(found, words, n=1) if isinstance(found, str) else []
    return Mismatch(
        path=path,
        message=f"expected {_expected(wanted)}, got {found_text(found)}",
        nearest=near[0] if near else None,
    )


def found_text(value: Json) -> str:
    """`“done”`, `3`, `true`, `a list`: a value as a message names it."""
    match value:
        case str():
            return f"“{value[:_SHOWN]}{'…' if len(value) > _SHOWN else ''}”"
        case list():
            return "a list"
        case dict():
            return "an object"
    text = json.dumps(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _path(error: msgspec.ValidationError, value: Json, kind: Any) -> Path:
    """The path of a message; a member of an object, `[...]` to msgspec, by its name."""
    place = str(error).partition(" - at ")[2].strip("`")
    path: Path = ()
    for part in place.replace("[...]", "\0[...]\0").split("\0"):
        path += (_culprit(error, value, kind, path),) if part == "[...]" else parse_path(part)
    return path


def _culprit(error: msgspec.ValidationError, value: Json, kind: Any, path: Path) -> str:
    """The name of the member of the object at *path* that alone gives the same *error*."""
    names = list(_at(value, path))
    for name in names[:-1]:
        try:
            msgspec.convert(_only_member(value, path, name), kind, strict=True)
        except msgspec.ValidationError as other:
            if str(other) == str(error):
                return str(name)
    return str(names[-1])


def _only_member(value: Json, path: Path, name: str) -> Json:
    """*value* with only the member *name* in the object at *path*."""
    if not path:
        return {name: value[name]}
    if isinstance(value, dict):
        return value | {path[0]: _only_member(value[path[0]], path[1:], name)}
    members = list(value)
    members[int(path[0])] = _only_member(members[int(path[0])], path[1:], name)
    return members


def _at(value: Json, path: Path) -> Json:
    for step in path:
        value = value[step]
    return value


def _plain(kind: types.Type) -> Iterator[types.Type]:
    """The alternatives of a type, null left out."""
    match kind:
        case types.Metadata():
            yield from _plain(kind.type)
        case types.UnionType():
            for one in kind.types:
                yield from _plain(one)
        case types.NoneType():
            return
        case _:
            yield kind


def _member(kind: types.Type, step: str | int) -> types.Type:
    for one in _plain(kind):
        match one:
            case types.StructType():
                for field in one.fields:
                    if field.encode_name == step:
                        return field.type
            case types.DictType():
                return one.value_type
            case types.ListType():
                return one.item_type
    return types.AnyType()


def _expected(kind: types.Type) -> str:
    alternatives = list(_plain(kind))
    words = [word for one in alternatives if isinstance(one, types.LiteralType)
             for word in one.values]  # fmt: skip
    others = [_word(one) for one in alternatives if not isinstance(one, types.LiteralType)]
    if words:
        listed = ", ".join(map(str, words))
        others.append(f"one of {listed}" if len(words) > 1 else listed)
    return " or ".join(dict.fromkeys(others))


def _word(kind: types.Type) -> str:
    match kind:
        case types.StrType():
            return "a string"
        case types.BoolType():
            return "true or false"
        case types.IntType():
            return "an integer" if kind.ge is None else f"an integer from {kind.ge}"
        case types.FloatType():
            return "a number"
        case types.ListType():
            return "a list"
        case types.DictType() | types.StructType():
            return "an object"
    return "another value"

"""The public names of a module (its `__all__`), with signatures and docstrings."""

from __future__ import annotations

import importlib
import inspect
import json
import re
from collections.abc import Iterator
from typing import Any


def api(module: str) -> str:
    """A section for each public name of *module*: functions first, then classes, then faults."""
    loaded = importlib.import_module(module)
    members = [(name, getattr(loaded, name)) for name in loaded.__all__]
    return "\n\n".join(
        "\n\n".join(_section(module, name, member))
        for name, member in sorted(members, key=lambda pair: (_rank(pair[1]), pair[0]))
    )


def _rank(member: Any) -> int:
    if inspect.isclass(member):
        return 2 if issubclass(member, BaseException) else 1
    return 0


def _section(module: str, name: str, member: Any) -> Iterator[str]:
    is_fault = inspect.isclass(member) and issubclass(member, BaseException)
    yield f"### {name}"
    if not is_fault:
        yield f"```text\n{module}.{name}{_signature(member)}\n```"
    yield _text(member)
    if inspect.isclass(member) and not is_fault:
        for method, one in _methods(member):
            yield f"#### {name}.{method}"
            if not isinstance(one, property):
                yield f"```text\n{name.lower()}.{method}{_signature(one)}\n```"
            yield _text(one)


def _methods(cls: type) -> Iterator[tuple[str, Any]]:
    """Public methods and properties, in the order of the source, those of its own bases too."""
    seen = set()
    for base in cls.__mro__:
        if not base.__module__.startswith("sitegen."):
            continue
        for name, member in vars(base).items():
            is_shown = inspect.isfunction(member) or isinstance(member, property)
            if is_shown and not name.startswith("_") and name not in seen:
                seen.add(name)
                yield name, member


def _signature(member: Any) -> str:
    """The signature without `self`, a parameter a line where it is long."""
    signature = inspect.signature(member)
    parameters = [one for one in signature.parameters.values() if one.name != "self"]
    texts = list(_parameters(parameters))
    returned = f" -> {_annotation(signature.return_annotation)}".removesuffix(" -> ")
    line = f"({', '.join(texts)}){returned}"
    if len(line) <= 80:
        return line
    return "(\n" + "".join(f"    {one},\n" for one in texts) + f"){returned}"


def _parameters(parameters: list[inspect.Parameter]) -> Iterator[str]:
    """Each parameter as it is written, `*` before those that need their name."""
    has_star = False
    for one in parameters:
        has_star |= one.kind == one.VAR_POSITIONAL
        if one.kind == one.KEYWORD_ONLY and not has_star:
            yield "*"
            has_star = True
        stars = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
        kind = _annotation(one.annotation)
        default = "" if one.default is one.empty else f" = {json.dumps(one.default, default=repr)}"
        default = {" = null": " = None", " = true": " = True", " = false": " = False"}.get(
            default, default
        )
        yield f"{stars}{one.name}{f': {kind}' if kind else ''}{default}"


def _annotation(annotation: Any) -> str:
    if annotation is inspect.Signature.empty:
        return ""
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def _text(member: Any) -> str:
    """The docstring as Markdown: arguments and faults as lists, examples after `::` as code."""
    text = (inspect.getdoc(member) or "").replace("::\n\n", ":\n\n")
    for title, said in (("Args", "Arguments"), ("Raises", "Raises")):
        text = re.sub(
            rf"^{title}:\n((?:    .*\n?)+)", lambda one, said=said: _entries(said, one[1]), text,
            flags=re.MULTILINE,
        )  # fmt: skip
    return text.strip()


def _entries(said: str, block: str) -> str:
    lines = inspect.cleandoc(block).split("\n")
    entries = re.sub(r"\n +", " ", "\n".join(lines)).split("\n")
    marked = [re.sub(r"^([\w*, ]+): ", r"- `\1`: ", entry) for entry in entries]
    return f"{said}:\n\n" + "\n".join(marked) + "\n"

"""The files of the format as tables of keys, from the structs that decode them."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import fields as dataclass_fields
from types import ModuleType
from typing import Any

import msgspec

from sitegen.bundle import limits as limits_module
from sitegen.bundle import settings
from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.cli.schema import SCHEMAS
from sitegen.model import annotations, runs, samples
from tests.docs.words import WORDS

SAME = {
    "RunFile": "Manifest", "LinkEntry": "Link", "MetricEntry": "MetricSpec",
    "SourceEntry": "Source",
    "EnvironmentEntry": "Environment", "DatasetEntry": "Dataset", "ModelEntry": "LoggedModel",
    "SweepEntry": "SweepTrial", "AlertEntry": "Alert", "ErrorEntry": "RunError",
    "SampleLine": "Sample", "SiteTable": "Settings", "AnnotationFile": "Annotation",
    "AnchorEntry": "Anchor", "UsageEntry": "Usage", "ScoreEntry": "Score",
    "SpanTargetEntry": "SpanTarget", "SampleTargetEntry": "SampleTarget",
    "MetricTargetEntry": "MetricTarget",
}  # fmt: skip
"""What is on disk, and the entity whose fields it becomes and whose words are said of it."""


def field_words(module: ModuleType) -> dict[str, dict[str, str]]:
    """The sentence after each field, by class and field."""
    words: dict[str, dict[str, str]] = {}
    for node in ast.parse(inspect.getsource(module)).body:
        if not isinstance(node, ast.ClassDef):
            continue
        found = words.setdefault(node.name, {})
        for field, follower in zip(node.body, node.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(follower, ast.Expr):
                text = ast.literal_eval(follower.value)
                found[ast.unparse(field.target)] = " ".join(str(text).split())
    return words


def words_of(struct: str) -> dict[str, str]:
    """The sentence on each key of *struct*: its own, else that of the entity it becomes."""
    entity: dict[str, str] = {}
    for module in (settings, runs, samples, annotations):
        entity |= field_words(module).get(SAME.get(struct, ""), {})
    said = {re.sub(r"_(ns|specs)$", "", name): text for name, text in entity.items()}
    said |= {"metrics": entity["metric_specs"]} if "metric_specs" in entity else {}
    return said | WORDS.get(struct, {})


def files(argument: str) -> str:
    """A section for each of the named schemas (`run,sample`)."""
    told: set[str] = set()
    return "\n\n".join(_file(name, told) for name in argument.split(","))


def _file(name: str, told: set[str]) -> str:
    struct, what = SCHEMAS[name]
    document = msgspec.json.schema(struct)
    components = document["$defs"]
    reached = [one for one in _reached(struct.__name__, components) if one not in told]
    told.update(reached)
    parts = [f"### {_headline(what)}\n\n`sitegen schema {name}` prints its JSON Schema."]
    parts += [_section(one, components[one], is_first=one == struct.__name__) for one in reached]
    return "\n\n".join(parts)


def _headline(what: str) -> str:
    coded = re.sub(r"(?:\S*[<>./]\S*)+", lambda one: f"`{one[0]}`", what)
    return coded[:1].upper() + coded[1:]


def _reached(name: str, components: dict[str, Any]) -> list[str]:
    """The component and those that it refers to, in the order of first mention."""
    found, waiting = [], [name]
    while waiting:
        one = waiting.pop(0)
        if one not in found:
            found.append(one)
            waiting += re.findall(r"#/\$defs/(\w+)", str(components[one]))
    return found


def _section(name: str, component: dict[str, Any], *, is_first: bool) -> str:
    words = words_of(name)
    needed = set(component.get("required", ()))
    rows = [
        f"| `{key}` | {_type(value)} | {'yes' if key in needed else ''}"
        f" | {_said(words, key, value)} |"
        for key, value in component.get("properties", {}).items()
    ]
    about = " ".join(str(component.get("description", "")).split())
    extra = "" if component.get("additionalProperties", True) else " Unknown keys are an error."
    head = "" if is_first else f"#### {name}\n\n"
    table = "| Key | Type | Required | |\n|---|---|---|---|\n" + "\n".join(rows) if rows else ""
    return f"{head}{about}{extra}\n\n{table}".strip()


def _said(words: dict[str, str], key: str, value: dict[str, Any]) -> str:
    said = words.get(key) or str(value.get("description", ""))
    default = value.get("default")
    if default not in (None, [], {}, "", False):
        said = f"{said} Default `{default}`.".strip()
    return said.replace("|", "\\|")


def _type(value: dict[str, Any]) -> str:
    """`string`, `list of integers`, `"a" or "b"`, a link to another table."""
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in value:
        kinds = [_type(one) for one in value["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "enum" in value:
        return " or ".join(f"`{one}`" for one in value["enum"])
    if "const" in value:
        return f"`{value['const']}`"
    match value.get("type"):
        case "array":
            inner = value.get("items")
            return f"list of {_type(inner)}" if isinstance(inner, dict) and inner else "list"
        case "object":
            inner = value.get("additionalProperties")
            return f"object of {_type(inner)}" if isinstance(inner, dict) and inner else "object"
        case str() as kind:
            return kind
    return "any JSON"


def limits(_: str) -> str:
    """Every named limit with its default and its sentence."""
    words = field_words(limits_module)["Limits"]
    rows = [
        f"| `{one.name}` | {getattr(DEFAULT_LIMITS, one.name):,} | {words[one.name]} |"
        for one in dataclass_fields(DEFAULT_LIMITS)
    ]
    return "| Name | Default | |\n|---|---|---|\n" + "\n".join(rows)

"""A site's worth of bundles in which every text is an attack, found by walking the format's schema.

`filled` knows no field by name: a field added to the format is attacked from that day on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from sitegen.bundle import schema
from tests.factories import (
    SPAN_ID,
    START_NS,
    TRACE_ID,
    attribute,
    long_table,
    points,
    sidecar_document,
    ulid,
    write_file,
    write_table,
)

MARKER = "zqx<>\"'&{{7*7}}"
"""Breaks out of text, of both kinds of quotes and of templates; `49` would tell of the last."""

Texts = Callable[[], str]


def payloads(hostile: Path) -> list[str]:
    """The naughty strings and the lines of the XSS lists, each once."""
    found = json.loads((hostile / "blns" / "blns.json").read_text(encoding="utf-8"))
    for path in sorted((hostile / "xss").glob("*.txt")):
        found += path.read_text(encoding="utf-8", errors="replace").splitlines()
    return list(dict.fromkeys(text for text in found if text.strip()))


def always(text: str) -> Texts:
    """The same text for every field."""
    return lambda: text


def in_turn(texts: list[str], first: int) -> Texts:
    """One text after the other, from *first* on, round and round."""
    places = count(first)
    return lambda: texts[next(places) % len(texts)]


def filled(kind: type, text: Texts) -> Any:
    """A JSON value of the struct *kind* with *text* as every string and every free key."""
    return _value(msgspec.inspect.type_info(kind), text)


def _value(kind: msgspec.inspect.Type, text: Texts) -> Any:
    types = msgspec.inspect
    match kind:
        case types.Metadata():
            return _value(kind.type, text)
        case types.StructType():
            tag = {kind.tag_field: kind.tag} if kind.tag_field else {}
            return tag | {one.encode_name: _value(one.type, text) for one in kind.fields}
        case types.StrType():
            return f"sha256:{'0' * 32}" if kind.pattern else text()
        case types.LiteralType():
            return kind.values[0]
        case types.UnionType():
            return _value(_preferred(kind.types), text)
        case types.DictType():
            return {text(): _value(kind.value_type, text) for _ in range(2)}
        case types.ListType():
            return [_value(kind.item_type, text) for _ in range(2)]
        case types.AnyType():
            return {text(): [text(), {text(): text()}], f"{text()}.x": text()}
        case types.TupleType():
            return [_value(one, text) for one in kind.item_types]
        case types.BoolType():
            return True
        case types.FloatType():
            return 0.5
    return 1


def _preferred(kinds: Iterable[msgspec.inspect.Type]) -> msgspec.inspect.Type:
    """The widest of a union: a struct before a string before the rest."""
    types = msgspec.inspect
    order = (types.StructType, types.ListType, types.StrType, types.AnyType)
    plain = [one.type if isinstance(one, types.Metadata) else one for one in kinds]
    for wanted in order:
        for one in plain:
            if isinstance(one, wanted) and not getattr(one, "pattern", None):
                return one
    return plain[0]


def write_hostile_run(bundle: Path, text: Texts, *, number: int) -> None:
    """A bundle whose every text, name and key comes from *text*."""
    document = filled(schema.RunFile, text) | {
        "id": f"{text()} {number}", "experiment": None, "status": "failed",
        "started_at": "2026-11-17T14:31:04Z", "ended_at": "2026-11-17T15:31:04Z",
        text(): text(), "zz": {text(): [text()]},
    }  # fmt: skip
    document["alerts"][0]["condition"] = "`loss` > 0"
    write_file(bundle, "run.json", _json(document))
    _write_series(bundle, text)
    _write_evals(bundle, text)
    write_file(bundle, "traces/a.jsonl", "\n".join(_json(one) for one in _requests(text)))
    _write_sidecars(bundle, text)
    write_file(bundle, "notes.md", "\n\n".join(text() for _ in range(12)))
    _write_attachments(bundle, text)


def write_wrong_run(bundle: Path, text: Texts) -> None:
    """A bundle whose every field has a wrong type that carries *text*: problems quote it."""
    document: dict[str, Any] = {
        one.encode_name: {text(): text()} if isinstance(value, list | str) else text()
        for one, value in zip(
            msgspec.inspect.type_info(schema.RunFile).fields,
            filled(schema.RunFile, text).values(),
            strict=True,
        )
    }
    times = {"created_at": text(), "tags": [text(), {text(): 1}], "status": text(), "id": None}
    write_file(bundle, "run.json", _json(document | times))
    wrong = {"seq": text(), "values": {text(): text()}}
    write_file(bundle, "metrics/x.jsonl", "\n".join([_json(wrong), text(), _json(wrong)]))
    lines = [{"id": "1", "scores": {text(): {"value": [text()]}}}, {text(): text()}, text()]
    write_file(bundle, f"evals/{_name(text())}.jsonl", "\n".join(map(_json, lines)))
    write_file(
        bundle, "traces/a.jsonl", "\n".join([_json({text(): text()}), text(), _json(text())])
    )
    wrong_sidecar = sidecar_document(ulid(1)) | {"kind": text(), text(): text()}
    write_file(bundle, f"annotations/{_name(text())}.json", _json(wrong_sidecar))
    write_file(bundle, f"{_name(text())}", "unplaced")


def write_hostile_experiment(directory: Path, text: Texts) -> None:
    """experiment.toml with every string field, and notes."""
    document = filled(schema.ExperimentFile, text) | {"created_at": "2026-01-01T00:00:00Z"}
    document["objective"] = {"metric": "loss", "goal": "minimize"}
    write_file(directory, "experiment.toml", toml_text(document))
    write_file(directory, "notes.md", "\n\n".join(text() for _ in range(8)))


def toml_text(document: dict[str, Any]) -> str:
    """The document as TOML; JSON's strings, lists and numbers are TOML's, tables come last."""
    plain = {key: value for key, value in document.items() if not _is_table(value)}
    lines = [f"{_toml(key)} = {_toml(value)}" for key, value in plain.items()]
    for key, value in document.items():
        if isinstance(value, dict):
            lines += [f"[{_toml(key)}]", toml_text(value)]
        elif _is_table(value):
            for one in value:
                lines += [f"[[{_toml(key)}]]", toml_text(one)]
    return "\n".join(lines)


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and bool(value) and isinstance(value[0], dict)
    )


def _toml(value: Any) -> str:
    # JSON escapes astral characters as surrogate pairs, which TOML forbids; U+007F must be escaped
    text = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return "".join("\ufffd" if "\ud800" <= one <= "\udfff" else one for one in text)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True)


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _name(text: str) -> str:
    """*text* as a file name: no slash, no NUL, at most 200 bytes, not hidden."""
    plain = _clean(text).replace("/", "\u2215").replace("\0", "")
    return f"n{plain.encode()[:200].decode(errors='ignore')}"


def _write_series(bundle: Path, text: Texts) -> None:
    names = ["loss", *(_clean(text()) for _ in range(3))]
    rows = [row for name in dict.fromkeys(names) for row in points(name, [1.0, float("nan"), 0.5])]
    write_table(bundle, long_table(rows))
    wide = {"step": pa.array([0, 1]), _clean(f"w{text()}"): pa.array([0.1, 0.2])}
    write_table(bundle, pa.table(wide), f"metrics/{_name(text())}.parquet")
    line = {"seq": 1, "time": START_NS // 1000, "step": 1, "values": {text(): 0.5}}
    write_file(bundle, f"metrics/{_name(text())}.jsonl", _json(line))


def _write_evals(bundle: Path, text: Texts) -> None:
    name = _name(text())
    lines = []
    for at in range(4):
        line = filled(schema.SampleLine, text) | {"epoch": 1, "trace_ids": [TRACE_ID, text()]}
        line["scores"] |= {"flag": at % 2 == 0, "label": text(), "number": at / 4}
        line["input"] = [{"role": text(), "content": text()}, {"role": "user", "content": text()}]
        lines.append(_json(line | ({"error": None, "output": text()} if at else {})))
    write_file(bundle, f"evals/{name}.jsonl", "\n".join(lines))
    meta = filled(schema.EvalMetaFile, text)
    meta["scorers"] |= {"flag": {"goal": "maximize", "unit": text(), "description": text()}}
    write_file(bundle, f"evals/{name}.meta.json", _json(meta))


def _requests(text: Texts) -> Iterator[dict[str, Any]]:
    for at in range(4):
        yield {
            "resourceSpans": [
                {
                    "resource": {
                        "attributes": [attribute("service.name", text()), attribute(text(), text())]
                    },
                    "schemaUrl": text(),
                    "scopeSpans": [
                        {
                            "scope": {
                                "name": text(),
                                "version": text(),
                                "attributes": _attributes(text),
                            },
                            "schemaUrl": text(),
                            "spans": list(_spans(text, at)),
                        }
                    ],
                }
            ]
        }


_MESSAGES = (
    "gen_ai.input.messages", "gen_ai.output.messages", "input.value", "output.value",
    "ai.prompt.messages", "ai.response.text", "mlflow.spanInputs", "langfuse.observation.input",
    "llm.input_messages.0.message.content", "llm.input_messages.0.message.role",
    "gen_ai.prompt.0.content", "gen_ai.completion.0.content", "traceloop.entity.input",
    "gen_ai.tool.name", "gen_ai.request.model", "gen_ai.operation.name", "gen_ai.provider.name",
    "llm.tools.0.tool.json_schema", "tool.name", "gen_ai.tool.call.arguments",
)  # fmt: skip


def _spans(text: Texts, at: int) -> Iterator[dict[str, Any]]:
    kinds = ("LLM", "TOOL", "CHAIN", text())
    message = _json([{"role": text(), "parts": [{"type": "text", "content": text()}]}])
    for child in range(2):
        yield {
            "traceId": TRACE_ID if at == 0 else f"{at:032x}",
            "spanId": SPAN_ID if child == 0 else f"{at + 1:016x}",
            "parentSpanId": SPAN_ID if child else "",
            "name": text(),
            "kind": text() if child else 1,
            "traceState": text(),
            "startTimeUnixNano": str(START_NS),
            "endTimeUnixNano": str(START_NS + 1_000_000 * (at + 1)),
            "attributes": [
                *_attributes(text),
                attribute("openinference.span.kind", kinds[at % 4]),
                *(attribute(key, message if child else text()) for key in _MESSAGES),
            ],
            "events": [
                {"timeUnixNano": str(START_NS), "name": text(), "attributes": _attributes(text)},
                {
                    "timeUnixNano": str(START_NS),
                    "name": "exception",
                    "attributes": [
                        attribute(f"exception.{key}", text())
                        for key in ("type", "message", "stacktrace")
                    ],
                },
            ],
            "links": [{"traceId": text(), "spanId": text(), "attributes": _attributes(text)}],
            "status": {"code": 2, "message": text()},
        }


def _attributes(text: Texts) -> list[dict[str, Any]]:
    nested = {"kvlistValue": {"values": [attribute(text(), text())]}}
    listed = {"arrayValue": {"values": [{"stringValue": text()}, nested]}}
    return [attribute(text(), text()), {"key": text(), "value": listed}]


def _write_sidecars(bundle: Path, text: Texts) -> None:
    targets: list[dict[str, Any]] = [
        {"type": "run"},
        {"type": "span", "trace_id": TRACE_ID, "span_id": SPAN_ID},
        {"type": "span", "trace_id": text(), "span_id": text()},
        {"type": "sample", "eval": text(), "sample_id": text(), "epoch": 1},
        {"type": "metric", "name": text(), "step": 1},
        {"type": "metric", "name": "loss", "step": 1},
    ]
    for number, target in enumerate(targets, start=1):
        document = sidecar_document(
            ulid(number), target=target, name=text()[:200] or "x", rationale=text(), user=text(),
            kind="expectation", value=text(),
            anchor={"digest": f"sha256:{'0' * 32}", "path": [text()], "ordinal": 0},
        )  # fmt: skip
        write_file(bundle, f"annotations/{ulid(number)}.json", _json(document))


_EXTENSIONS = (
    "csv", "tsv", "json", "jsonl", "txt", "md", "html", "svg", "xml", "js", "py", "log", "toml",
    "yaml", "png", "bin", "",
)  # fmt: skip


def _write_attachments(bundle: Path, text: Texts) -> None:
    folder = f"attachments/{_name(text())}"
    for extension in _EXTENSIONS:
        name = _name(text())
        content = "\n".join(_clean(text()) for _ in range(3))
        write_file(bundle, f"{folder}/{name}.{extension}".rstrip("."), content)
    cells = {_clean(f"c{text()}"): pa.array([_clean(text())])}
    write_table(bundle, pa.table(cells), f"{folder}/{_name(text())}.parquet")

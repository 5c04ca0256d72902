"""Lists that a span records: documents it retrieved, tools it offered, judgements of its answer.

Floor 3. Documents are {id, content, score, metadata}, tools {name, description, parameters},
judgements {name, score, label, explanation}; what is not recorded is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sitegen.derive.llm.attributes import Attributes
from sitegen.derive.llm.flattened import MOST_MEMBERS, unflattened
from sitegen.derive.llm.values import lenient_json
from sitegen.model import Json, Span, SpanEvent


def documents_of(
    span: Span, attributes: Attributes, *, is_retriever: bool
) -> list[dict[str, Json]]:
    """The documents that were found, in their order; of a reranker those it put in order.

    The output of a retriever counts where it is a list of objects (MLflow, Langfuse).
    """
    found: list[Json] = []
    for prefix in _DOCUMENT_PREFIXES:
        found = found or unflattened(attributes, prefix)
    found = found or _list(attributes.values.get("gen_ai.retrieval.documents"))
    found = found or [_query_result(event) for event in span.events if event.name in _RESULTS]
    for key in _RETRIEVER_OUTPUTS if is_retriever else ():
        found = found or _list(attributes.values.get(key))
    return list(filter(None, map(_document, found[:MOST_MEMBERS])))


_DOCUMENT_PREFIXES = (
    "retrieval.documents.",
    "reranker.output_documents.",
    "reranker.input_documents.",
)
_RESULTS = {"db.query.result", "db.search.result"}
_RETRIEVER_OUTPUTS = ("mlflow.spanOutputs", "langfuse.observation.output", "output.value")
_CONTENT_KEYS = ("content", "page_content", "text", "document")


def _query_result(event: SpanEvent) -> dict[str, Json]:
    prefix = f"{event.name}."
    return {
        key.removeprefix(prefix): value
        for key, value in event.attributes.items()
        if key.startswith(prefix)
    }


def _document(raw: Json) -> dict[str, Json]:
    if not isinstance(raw, dict):
        return {}
    inner = raw.get("document")
    raw = inner if isinstance(inner, dict) else raw
    metadata = lenient_json(raw.get("metadata"))
    content = next((raw[key] for key in _CONTENT_KEYS if raw.get(key) is not None), None)
    score = raw.get("score", raw.get("distance"))
    return _present(id=raw.get("id"), content=content, score=score, metadata=metadata)


def tools_of(attributes: Attributes) -> list[dict[str, Json]]:
    """The tools that a model was offered."""
    for key in attributes.among(_TOOL_LISTS):
        tools = _list(attributes.values[key])
        if tools:
            return _tools(tools)
    tools = unflattened(attributes, "llm.tools.") or unflattened(
        attributes, "llm.request.functions."
    )
    if tools:
        return _tools(tools)
    for key in attributes.among(_TOOL_OBJECT_KEYS):
        whole, inner = lenient_json(attributes.values[key]), _TOOL_OBJECTS[key]
        if isinstance(whole, dict) and isinstance(whole.get(inner), list):
            return _tools(whole[inner])
    return []


_TOOL_LISTS = ("gen_ai.tool.definitions", "mlflow.chat.tools", "ai.prompt.tools")
_TOOL_OBJECTS = {
    "model_request_parameters": "function_tools",
    "llm.invocation_parameters": "tools",
    "langfuse.observation.input": "tools",
}
_TOOL_OBJECT_KEYS = tuple(_TOOL_OBJECTS)


def _tools(raw: Iterable[Json]) -> list[dict[str, Json]]:
    return list(filter(None, map(_tool, list(raw)[:MOST_MEMBERS])))


def _tool(raw: Json) -> dict[str, Json]:
    raw = lenient_json(raw)
    for key in ("tool", "json_schema", "function"):  # as OpenInference and OpenAI nest it
        inner = lenient_json(raw.get(key)) if isinstance(raw, dict) else None
        raw = inner if isinstance(inner, dict) else raw
    if not isinstance(raw, dict):
        return {}
    parameters = next((raw[key] for key in _SCHEMA_KEYS if raw.get(key) is not None), None)
    return _present(
        name=raw.get("name"),
        description=raw.get("description"),
        parameters=lenient_json(parameters),
    )


_SCHEMA_KEYS = (
    "parameters",
    "input_schema",
    "inputSchema",
    "parameters_json_schema",
)


def judgements_of(span: Span, attributes: Attributes) -> list[dict[str, Json]]:
    """What evaluators said of the span: `gen_ai.evaluation.result` and OpenInference's lists."""
    found = [
        _judgement(_without_prefix(_merged(event), "gen_ai.evaluation."))
        for event in span.events
        if event.name == "gen_ai.evaluation.result"
    ]
    for prefix in ("evaluations.", "annotations.", "trace.evaluations."):
        for member in unflattened(attributes, prefix):
            if isinstance(member, dict):
                inner = member.get("evaluation", member.get("annotation"))
                found.append(_judgement(inner if isinstance(inner, dict) else member))
    return [one for one in found if one][:MOST_MEMBERS]


def _merged(event: SpanEvent) -> Mapping[str, Json]:
    body = event.attributes.get("body")
    return {**body, **event.attributes} if isinstance(body, dict) else event.attributes


def _without_prefix(attributes: Mapping[str, Json], prefix: str) -> dict[str, Json]:
    return {
        key.removeprefix(prefix): value
        for key, value in attributes.items()
        if key.startswith(prefix)
    }


def _judgement(raw: Mapping[str, Json]) -> dict[str, Json]:
    return _present(
        name=raw.get("name"),
        score=raw.get("score.value", raw.get("score")),
        label=raw.get("score.label", raw.get("label")),
        explanation=raw.get("explanation"),
    )


def _list(value: Json) -> list[Json]:
    value = lenient_json(value)
    return value if isinstance(value, list) else []


def _present(**fields: Json) -> dict[str, Json]:
    return {key: value for key, value in fields.items() if value not in (None, "", {}, [])}

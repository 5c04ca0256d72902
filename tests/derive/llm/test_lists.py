"""Documents, tools and judgements of every convention have one form."""

# ruff: noqa: E501  # one case a line: keys and JSON of the conventions are long

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.derive.llm.attributes import Attributes
from sitegen.derive.llm.lists import documents_of, judgements_of, tools_of
from sitegen.derive.llm.messages import messages_of
from sitegen.derive.llm.operations import agent_of, first_token_ns, kind_of, params_of
from sitegen.derive.llm.usage import usage_of
from sitegen.model import SpanEvent
from tests.derive.llm.test_operations import span

DOCUMENT = {"id": "d1", "content": "Paris", "score": 0.5, "metadata": {"page": 3}}


@pytest.mark.parametrize(
    "attributes",
    [
        {"retrieval.documents.0.document.id": "d1", "retrieval.documents.0.document.content": "Paris",
         "retrieval.documents.0.document.score": 0.5, "retrieval.documents.0.document.metadata": '{"page": 3}'},
        {"reranker.output_documents.0.document.id": "d1", "reranker.output_documents.0.document.content": "Paris",
         "reranker.output_documents.0.document.score": 0.5, "reranker.output_documents.0.document.metadata": '{"page": 3}'},
        {"gen_ai.retrieval.documents": '[{"id":"d1","content":"Paris","score":0.5,"metadata":{"page":3}}]'},
        {"mlflow.spanOutputs": '[{"page_content":"Paris","id":"d1","score":0.5,"metadata":{"page":3}}]'},
        {"langfuse.observation.output": '[{"text":"Paris","id":"d1","score":0.5,"metadata":{"page":3}}]'},
    ],
    ids=["openinference", "reranker", "genai", "mlflow", "langfuse"],
)  # fmt: skip
def test_documents(attributes: dict[str, Any]) -> None:
    assert documents_of(span(attributes), Attributes(attributes), is_retriever=True) == [DOCUMENT]


def test_documents_of_traceloop_are_events() -> None:
    event = SpanEvent(time_ns=1, name="db.query.result", attributes={
        "db.query.result.id": "d1", "db.query.result.document": "Paris",
        "db.query.result.distance": 0.25})  # fmt: skip

    assert documents_of(span({}, event), Attributes({}), is_retriever=False) == [
        {"id": "d1", "content": "Paris", "score": 0.25}
    ]


def test_the_output_of_others_is_no_list_of_documents() -> None:
    output = {"mlflow.spanOutputs": '[{"page_content":"Paris"}]'}

    assert documents_of(span(output), Attributes(output), is_retriever=False) == []


TOOL = {"name": "find", "description": "Finds.", "parameters": {"type": "object"}}
OPENAI = '{"type":"function","function":{"name":"find","description":"Finds.","parameters":{"type":"object"}}}'
PLAIN = '{"name":"find","description":"Finds.","parameters":{"type":"object"}}'


@pytest.mark.parametrize(
    "attributes",
    [
        {"gen_ai.tool.definitions": f"[{PLAIN}]"}, {"gen_ai.tool.definitions": [TOOL]},
        {"llm.tools.0.tool.json_schema": OPENAI}, {"mlflow.chat.tools": f"[{OPENAI}]"},
        {"llm.request.functions.0.name": "find", "llm.request.functions.0.description": "Finds.",
         "llm.request.functions.0.parameters": '{"type":"object"}'},
        {"ai.prompt.tools": ['{"type":"function","name":"find","description":"Finds.","inputSchema":{"type":"object"}}']},
        {"model_request_parameters": '{"function_tools":[{"name":"find","description":"Finds.","parameters_json_schema":{"type":"object"}}]}'},
        {"llm.invocation_parameters": f'{{"tools":[{OPENAI}]}}'},
    ],
    ids=["genai", "genai structured", "openinference", "mlflow", "traceloop", "vercel", "pydantic-ai", "raw"],
)  # fmt: skip
def test_tools(attributes: dict[str, Any]) -> None:
    assert tools_of(Attributes(attributes)) == [TOOL]


def test_judgements() -> None:
    event = SpanEvent(time_ns=1, name="gen_ai.evaluation.result", attributes={
        "gen_ai.evaluation.name": "relevance", "gen_ai.evaluation.score.value": 0.9,
        "gen_ai.evaluation.score.label": "good", "gen_ai.evaluation.explanation": "Fits."})  # fmt: skip
    flat = {"evaluations.0.evaluation.name": "relevance", "evaluations.0.evaluation.score": 0.9,
            "evaluations.0.evaluation.label": "good", "evaluations.0.evaluation.explanation": "Fits."}  # fmt: skip
    expected = [{"name": "relevance", "score": 0.9, "label": "good", "explanation": "Fits."}]

    assert judgements_of(span({}, event), Attributes({})) == expected
    assert judgements_of(span(flat), Attributes(flat)) == expected


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from(["[]", "{}", '[{"role": 1}]', '{"a": [1]}', "[[{}]]", '{"contents": [3]}']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["role", "content", "parts", "type", "text", "message", "function", "tool",
                         "name", "document", "metadata", "items", "config", "inline_data"]),
        inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
KEYS = st.sampled_from([
    "gen_ai.input.messages", "gen_ai.output.messages", "llm.input_messages.0.message.content",
    "llm.tools.0.tool.json_schema", "retrieval.documents.1.document", "mlflow.spanOutputs",
    "gen_ai.tool.definitions", "llm.invocation_parameters", "ai.response.toolCalls", "ai.prompt",
    "langfuse.observation.usage_details", "langfuse.observation.cost_details", "events",
    "gcp.vertex.agent.llm_request", "lk.chat_ctx", "evaluations.0.evaluation", "input.value",
    "gen_ai.usage.input_tokens", "openinference.span.kind", "operation.name", "request_data",
    "langfuse.observation.completion_start_time", "gen_ai.request.temperature", "agent_name",
])  # fmt: skip


@given(st.dictionaries(KEYS, ODD, max_size=4))
def test_odd_values_under_known_keys_are_no_crash(attributes: dict[str, Any]) -> None:
    one = span(attributes, SpanEvent(time_ns=1, name="gen_ai.choice", attributes=attributes))

    assert isinstance(messages_of(one, Attributes(one.attributes)), list)
    assert isinstance(documents_of(one, Attributes(one.attributes), is_retriever=True), list)
    assert isinstance(tools_of(Attributes(attributes)), list)
    assert isinstance(judgements_of(one, Attributes(one.attributes)), list)
    assert isinstance(params_of(Attributes(attributes)), dict)
    assert kind_of(Attributes(attributes))
    assert agent_of(Attributes(attributes)) is None or isinstance(
        agent_of(Attributes(attributes)), str
    )
    assert first_token_ns(one, Attributes(one.attributes)) is None or isinstance(
        first_token_ns(one, Attributes(one.attributes)), int
    )
    usage_of(Attributes(attributes))

"""Real instrumentations, given the provider of a run, write what the Traces tab shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sitegen.derive.llm import kind_of, model_of, usage_of
from sitegen.derive.llm_messages import messages_of
from sitegen.model import Span
from sitegen.sdk.tracing import Tracing
from tests.sdk.openai_stub import QUESTION, openai_stub
from tests.sdk.test_tracing import spans_in

openai = pytest.importorskip("openai", reason="openai is not installed; it is in the extra test")


# Traceloop's package uses a form that pydantic deprecates
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def client() -> Iterator[Any]:
    with openai_stub() as url, openai.OpenAI(base_url=url, api_key="none") as made:
        yield made


def instrumentor_of(name: str) -> Any:
    match name:
        case "openinference":
            from openinference.instrumentation.openai import OpenAIInstrumentor

            return OpenAIInstrumentor()
        case _:
            from opentelemetry.instrumentation.openai import OpenAIInstrumentor as Traceloop

            return Traceloop()


def ask(client: Any) -> None:
    client.chat.completions.create(
        model="gpt-4o-mini", temperature=0.2,
        messages=[{"role": "system", "content": "Be short."},
                  {"role": "user", "content": QUESTION}],
        tools=[{"type": "function", "function": {"name": "weather", "parameters": {}}}],
    )  # fmt: skip


@pytest.mark.parametrize("name", ["openinference", "traceloop"])
def test_a_real_instrumentation_works_by_passing_the_provider(
    tmp_path: Path, client: Any, name: str
) -> None:
    tracing = Tracing(tmp_path / "traces", resource={"service.name": "agent"})
    instrumentor = instrumentor_of(name)
    instrumentor.instrument(tracer_provider=tracing.provider)
    try:
        with tracing.trace("answer", kind="agent") as agent:
            ask(client)
    finally:
        instrumentor.uninstrument()
        tracing.close()

    llm = next(span for span in spans_in(tmp_path) if span.name != "answer")
    assert llm.parent_span_id == agent.span_id
    assert facts_of(llm) == ("llm", "gpt-4o-mini-2024-07-18", 120, 18, 64)
    said = [(one["role"], [part["text"] for part in one["parts"]]) for one in messages_of(llm)]
    assert said[:2] == [("system", ["Be short."]), ("user", [QUESTION])]
    assert said[2] == ("assistant", ["I will look.", said[2][1][1]])
    call = messages_of(llm)[2]["parts"][1]
    assert (call["type"], call["name"]) == ("tool_call", "weather")
    assert "Zürich" in call["text"]


def facts_of(span: Span) -> tuple[Any, ...]:
    usage = usage_of(span.attributes)
    return (
        kind_of(span.attributes), model_of(span.attributes),
        usage.input_tokens, usage.output_tokens, usage.cached_tokens,
    )  # fmt: skip

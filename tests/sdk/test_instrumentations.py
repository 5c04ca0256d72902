"""Real instrumentations, given the provider of a run, write what the Traces tab shows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sitegen.derive.llm.attributes import Attributes
from sitegen.derive.llm.messages import messages_of
from sitegen.derive.llm.operations import kind_of, model_of
from sitegen.derive.llm.usage import usage_of
from sitegen.model import Span
from tests.factories import REPOSITORY
from tests.sdk.openai_stub import QUESTION
from tests.sdk.test_tracing import spans_in

pytest.importorskip("openai", reason="openai is not installed; it is in the extra test")


def run_instrumented(name: str, runs: Path) -> Path:
    """The bundle that the program wrote below *runs*."""
    subprocess.run(
        [sys.executable, "-m", "tests.sdk.instrumented", name, runs], cwd=REPOSITORY, check=True
    )
    return runs / "agents" / "today"


@pytest.mark.parametrize("name", ["openinference", "traceloop"])
def test_a_real_instrumentation_works_by_passing_the_provider(tmp_path: Path, name: str) -> None:
    bundle = run_instrumented(name, tmp_path)

    llm, agent = spans_in(bundle)
    assert (agent.name, llm.parent_span_id) == ("answer a question", agent.span_id)
    assert facts_of(llm) == ("llm", "gpt-4o-mini-2024-07-18", 120, 18, 64)
    said = [
        (one["role"], [part["text"] for part in one["parts"]])
        for one in messages_of(llm, Attributes(llm.attributes))
    ]
    assert said[:2] == [("system", ["Be short."]), ("user", [QUESTION])]
    assert said[2] == ("assistant", ["I will look.", said[2][1][1]])
    call = messages_of(llm, Attributes(llm.attributes))[2]["parts"][1]
    assert (call["type"], call["name"]) == ("tool_call", "weather")
    assert "Zürich" in call["text"]


def facts_of(span: Span) -> tuple[Any, ...]:
    usage = usage_of(Attributes(span.attributes))
    return (
        kind_of(Attributes(span.attributes)), model_of(Attributes(span.attributes)),
        usage.input_tokens, usage.output_tokens, usage.cached_tokens,
    )  # fmt: skip

"""A program that is instrumented: `python -m tests.sdk.instrumented NAME RUNS`.

A process of its own, as instrumentations leave wrappers behind when they are taken off again.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import sitegen
from tests.sdk.openai_stub import QUESTION, openai_stub


def instrumentor_of(name: str) -> Any:
    if name == "openinference":
        from openinference.instrumentation.openai import OpenAIInstrumentor

        return OpenAIInstrumentor()
    from opentelemetry.instrumentation.openai import OpenAIInstrumentor as Traceloop

    return Traceloop()


def ask(url: str) -> None:
    import openai

    with openai.OpenAI(base_url=url, api_key="none") as client:
        client.chat.completions.create(
            model="gpt-4o-mini", temperature=0.2,
            messages=[{"role": "system", "content": "Be short."},
                      {"role": "user", "content": QUESTION}],
            tools=[{"type": "function", "function": {"name": "weather", "parameters": {}}}],
        )  # fmt: skip


def main(name: str, runs: Path) -> None:
    with sitegen.start_run("agents", "today", directory=runs, git=False, packages=False) as run:
        instrumentor_of(name).instrument(tracer_provider=run.tracer_provider)
        with openai_stub() as url, run.trace("answer a question", kind="agent"):
            ask(url)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

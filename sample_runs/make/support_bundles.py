"""Runs both versions of the agent over the tickets and writes them as bundles."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import pyarrow as pa

from . import support_attachments as attachments
from .files import (
    fake_commit,
    json_lines,
    moment,
    rfc3339,
    rounded,
    sha256_hex,
    write_bytes,
    write_json,
    write_parquet,
    write_text,
)
from .support import scorers
from .support.agent import MODEL, TEMPERATURE_BY_EPOCH, Agent, Answer
from .support.recorder import spans_of
from .support.shop import HERE, Ticket, load_tickets

EXPERIMENT, EVAL = "support-agent", "support-eval"
REPOSITORY = "https://github.com/example-org/support-agent"
STARTED_BY_VERSION = {1: "2026-11-12 09:04:18", 2: "2026-11-17 14:31:02"}
PRICE_PER_TOKEN = {"input": 0.15e-6, "output": 0.60e-6}
JUDGE_LIMIT_WORDS = 46
UNJUDGED = {(1, "T-1022"), (2, "T-1028")}
"""Samples whose judge was never asked: the score is simply absent."""

META = {
    "dataset": "support-tickets",
    "description": "64 past tickets of 40 customers, each with the reply of the desk as target. "
    "Epoch 1 is greedy, epoch 2 sampled at temperature 0.7.",
    "scorers": {
        "resolved": {
            "goal": "maximize",
            "description": "Every fact that the desk's reply needs is in the answer.",
        },
        "answer_similarity": {
            "goal": "maximize",
            "description": "F1 of the words shared with the target.",
            "range": [0, 1],
        },
        "tone": {
            "goal": "maximize",
            "unit": "points",
            "description": "A judge that follows the style guide of the desk.",
            "range": [1, 5],
        },
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRun:
    """One version's samples and spans."""

    version: int
    """1 or 2."""
    samples: list[dict[str, Any]]
    """As written to the eval file."""
    spans: list[dict[str, Any]]
    """As written to the trace files."""
    ended: str
    """When the last answer came."""

    @property
    def run_id(self) -> str:
        """Experiment and version."""
        return f"{EXPERIMENT}/v{self.version}"

    def sample(self, sample_id: str, epoch: int = 1) -> dict[str, Any]:
        """The sample with this id in this epoch."""
        return next(s for s in self.samples if (s["id"], s["epoch"]) == (sample_id, epoch))

    def scores(self, scorer: str) -> list[float]:
        """The values that there are."""
        given = [s["scores"][scorer] for s in self.samples if scorer in s["scores"]]
        values = [score["value"] if isinstance(score, dict) else score for score in given]
        return [float(value) for value in values if value is not None]

    @property
    def cost_usd(self) -> float:
        """Of all samples."""
        return rounded(sum(s["usage"]["cost_usd"] for s in self.samples))


def write_support(root: Path) -> dict[str, AgentRun]:
    """Both versions under the root; the runs by id, for the annotations."""
    tickets = load_tickets()
    runs = {}
    for version in (1, 2):
        run = _run_version(root, version, tickets)
        runs[run.run_id] = run
        bundle = root / run.run_id
        write_text(bundle / "evals" / f"{EVAL}.jsonl", json_lines(run.samples))
        write_json(bundle / "evals" / f"{EVAL}.meta.json", META)
        write_json(bundle / "run.json", _run_json(run))
        _write_metrics(bundle / "metrics.parquet", run)
    attachments.write_texts(root, runs)
    return runs


def _run_version(root: Path, version: int, tickets: Sequence[Ticket]) -> AgentRun:
    agent = Agent(version, moment(STARTED_BY_VERSION[version]))
    samples = [
        _sample(version, ticket, epoch, agent.answer(ticket, epoch))
        for epoch in TEMPERATURE_BY_EPOCH
        for ticket in tickets
    ]
    spans = _write_traces(root / EXPERIMENT / f"v{version}" / "traces", agent)
    last_ns = max(int(span["endTimeUnixNano"]) for span in spans)
    first_s = moment(STARTED_BY_VERSION[version]).timestamp()
    ended = rfc3339(moment(STARTED_BY_VERSION[version], plus_s=last_ns / 1e9 - first_s + 0.6))
    return AgentRun(version=version, samples=samples, spans=spans, ended=ended)


def _write_traces(folder: Path, agent: Agent) -> list[dict[str, Any]]:
    """Version 1 leaves one plain file, version 2 a gzipped one and one of the order service."""
    requests = list(agent.recorder.requests())
    text = json_lines(requests)
    if agent.orders_recorder is None:
        write_text(folder / "agent.jsonl", text)
    else:
        write_bytes(folder / "agent.jsonl.gz", gzip.compress(text.encode(), mtime=0))
        of_orders = list(agent.orders_recorder.requests())
        write_text(folder / "order-service.jsonl", json_lines(of_orders))
        requests += of_orders
    return [span for request in requests for span in spans_of(request)]


def _sample(version: int, ticket: Ticket, epoch: int, answer: Answer) -> dict[str, Any]:
    cost = (
        answer.input_tokens * PRICE_PER_TOKEN["input"]
        + answer.output_tokens * PRICE_PER_TOKEN["output"]
    )
    tags = ["multi-turn"] if len(ticket.messages) > 1 else []
    return {
        "id": ticket.id,
        "epoch": epoch,
        "input": ticket.input,
        "output": answer.text,
        "target": ticket.target,
        "scores": _scores(version, ticket, answer.text),
        "error": answer.error,
        "tags": tags + (["retried"] if answer.retries else []),
        "metadata": {"topic": ticket.topic, "must": ticket.must, "retries": answer.retries},
        "trace_ids": [answer.trace_id],
        "duration_s": answer.duration_s,
        "usage": {
            "input_tokens": answer.input_tokens,
            "output_tokens": answer.output_tokens,
            "cost_usd": rounded(cost),
            "model": MODEL,
        },
        "cluster": ticket.customer,
    }


def _scores(version: int, ticket: Ticket, text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    scores: dict[str, Any] = {
        "resolved": scorers.resolved(ticket, text),
        "answer_similarity": scorers.answer_similarity(ticket, text),
    }
    if (version, ticket.id) not in UNJUDGED:
        scores["tone"] = scorers.tone(ticket, text)
        if len(text.split()) > JUDGE_LIMIT_WORDS:
            scores["tone"] = {"value": None, "error": "the judge's reply held no number"}
    return scores


def _write_metrics(path: Path, run: AgentRun) -> None:
    """Wide form: one row a ticket."""
    usages = [sample["usage"] for sample in run.samples]
    columns = {
        "step": pa.array(range(1, len(usages) + 1), pa.int64()),
        "latency_s": pa.array([sample["duration_s"] for sample in run.samples]),
    }
    for kind in ("input", "output"):
        columns[f"tokens/{kind}"] = pa.array([usage[f"{kind}_tokens"] for usage in usages])
    write_parquet(path, columns)


def _run_json(run: AgentRun) -> dict[str, Any]:
    version, started = run.version, moment(STARTED_BY_VERSION[run.version])
    latencies = sorted(sample["duration_s"] for sample in run.samples)
    means = {name: rounded(fmean(run.scores(name)), 4) for name in META["scorers"]}
    return {
        "format": 1,
        "id": run.run_id,
        "name": f"support agent, version {version}",
        "experiment": EXPERIMENT,
        "project": "help-desk",
        "status": "completed",
        "created_at": rfc3339(started),
        "started_at": rfc3339(started),
        "ended_at": run.ended,
        "user": "ines",
        "description": attachments.DESCRIPTION_BY_VERSION[version],
        "tags": ["baseline"] if version == 1 else ["candidate", "retry"],
        "links": [{"title": "Style guide of the desk", "url": f"{REPOSITORY}/wiki/Style"}],
        "params": {
            "agent": {"version": version, "stream": False},
            "model": {
                "name": MODEL,
                "temperature": list(TEMPERATURE_BY_EPOCH.values()),
                "max_tokens": 400,
            },
            "epochs": len(TEMPERATURE_BY_EPOCH),
            "retriever": {"top_k": 3, "synonyms": version > 1},
            "tools": ["search_help", "lookup_order"],
            "retry": {"max_attempts": version, "backoff_s": 0.4 if version > 1 else 0},
        },
        "metrics": {
            "eval/resolved": {"goal": "maximize", "description": "Share of scored tickets."},
            "eval/answer_similarity": {"goal": "maximize"},
            "eval/tone": {"goal": "maximize", "unit": "points"},
            "latency_s": {"goal": "minimize", "unit": "s", "description": "One step a ticket."},
            "latency_p95_s": {"goal": "minimize", "unit": "s"},
            "cost_usd": {"goal": "minimize", "unit": "USD"},
        },
        "summary": {
            **{f"eval/{name}": mean for name, mean in means.items()},
            "latency_p95_s": latencies[int(0.95 * len(latencies))],
            "cost_usd": run.cost_usd,
        },
        "source": {
            "entrypoint": "support/agent.py",
            "repository": REPOSITORY,
            "commit": fake_commit(f"support-agent {version}"),
            "branch": "main" if version == 1 else "kinder-answers",
            "dirty": False,
        },
        "environment": {
            "python": "3.11.9",
            "platform": "Linux 6.1 x86_64",
            "packages": {"opentelemetry-sdk": attachments.SDK_VERSION},
            "hardware": {"cpu_count": 2, "gpu_count": 0},
        },
        "datasets": [
            {
                "name": "support-tickets",
                "version": "2026-11-10",
                "uri": f"{REPOSITORY}/blob/main/support/tickets.toml",
                "digest": f"sha256:{sha256_hex((HERE / 'tickets.toml').read_bytes())}",
                "description": META["description"],
                "rows": len({sample["id"] for sample in run.samples}),
                "context": "evaluation",
            }
        ],
        "alerts": [
            {
                "condition": "latency_s > 4.0",
                "message": "A customer waited for a timeout.",
                "level": "warning",
            },
            {
                "condition": "`eval/resolved` < 0.8",
                "message": "Below what the pilot needs.",
                "level": "error",
            },
        ],
        "ci": {"workflow": "evals", "job": 4127 + 64 * version},
    }

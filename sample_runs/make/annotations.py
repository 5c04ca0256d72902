"""Sidecars: what three people said about spans, samples, a run and a step of a metric."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .digits_notes import BEST
from .digits_runs import Outcome
from .files import moment, payload_digest, rfc3339, rounded, ulid, write_json
from .support.recorder import span_payload
from .support_bundles import EVAL, AgentRun

MARA, INES, NOOR = "mara", "ines", "noor"
V1, V2 = "support-agent/v1", "support-agent/v2"
OUTPUT_OF_16_NOVEMBER = (
    "Order AP-20402 is packed and should arrive on 16 November. "
    "After that, refuse the parcel at the door or send it back."
)
"""What version 2 said about T-1007 before it was run again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What one person said, without its id."""

    run: str
    """Run id; its bundle holds the sidecar."""
    target: Mapping[str, Any]
    """What it is about, as in the sidecar."""
    anchor: Mapping[str, Any] | None
    """Digest of what the person saw; None is never stale."""
    name: str
    """What the value answers."""
    value: bool | int | str
    """Feedback is a boolean; an expectation may be any of these."""
    rationale: str
    """Why, in Markdown."""
    user: str
    """Who."""
    created: str
    """When, UTC."""
    updated: str = ""
    """When it was last changed; empty is never."""
    kind: str = "feedback"
    """feedback or expectation."""


def write_annotations(
    root: Path, agent_runs: Mapping[str, AgentRun], outcomes: Mapping[str, Outcome]
) -> None:
    """All sidecars, each beside what it is about."""
    notes = [
        *_about_samples(agent_runs),
        *_about_lost_samples(agent_runs),
        *_about_spans(agent_runs),
        *_about_runs(outcomes),
    ]
    for note in notes:
        created = moment(note.created)
        identity = ulid(created, f"{note.run} {note.user} {note.name} {note.target}")
        sidecar: dict[str, Any] = {
            "format": 1,
            "id": identity,
            "kind": note.kind,
            "target": note.target,
        }
        if note.anchor is not None:
            sidecar["anchor"] = note.anchor
        sidecar |= {
            "name": note.name,
            "value": note.value,
            "rationale": note.rationale,
            "user": note.user,
            "created_at": rfc3339(created),
            "updated_at": rfc3339(moment(note.updated or note.created)),
        }
        write_json(root / note.run / "annotations" / f"{identity}.json", sidecar)


def _sample_target(sample_id: str) -> dict[str, Any]:
    return {"type": "sample", "eval": EVAL, "sample_id": sample_id, "epoch": 1}


def _sample_anchor(sample: Mapping[str, Any]) -> dict[str, Any]:
    return {"digest": payload_digest({"input": sample["input"], "output": sample["output"]})}


def _about_samples(runs: Mapping[str, AgentRun]) -> list[Note]:
    def note(run: str, sample_id: str, **rest: Any) -> Note:
        anchor = _sample_anchor(runs[run].sample(sample_id))
        return Note(run=run, target=_sample_target(sample_id), anchor=anchor, **rest)

    return [
        note(
            V1, "T-1014", name="helpful", value=False, user=NOOR, created="2026-11-13 08:47:10",
            updated="2026-11-13 09:02:55",
            rationale="Every fact is right, and **not one word of regret** for a lost bag. "
            "I would not send this.",
        ),
        note(
            V1, "T-1017", kind="expectation", name="tone", value=4, user=NOOR,
            created="2026-11-13 08:52:31",
            rationale="The judge says 1 because of *still good*. Nobody is upset here.",
        ),
        note(
            V2, "T-1018", name="helpful", value=False, user=NOOR, created="2026-11-18 09:15:02",
            rationale="*Tax return* is not a parcel. Version 1 had this right.",
        ),
        note(
            V2, "T-1024", name="helpful", value=True, user=NOOR, created="2026-11-18 09:21:44",
            rationale="Sorry first, then the number. This is what we do at the desk.",
        ),
        note(
            V2, "T-1024", name="helpful", value=False, user=MARA, created="2026-11-18 10:40:09",
            rationale="The customer is signed in and has one open order. We should not ask.",
        ),
        note(
            V2, "T-1026", name="helpful", value=True, user=INES, created="2026-11-18 11:05:37",
            rationale="Names the rule. A plain *no* would be shorter, but also colder.",
        ),
        note(
            V2, "T-1026", kind="expectation", name="answer", user=NOOR,
            value="Shoes must be unworn and in their box, so we cannot take these back.",
            created="2026-11-18 13:30:20", rationale="Say what follows from the rule.",
        ),
    ]  # fmt: skip


def _about_lost_samples(runs: Mapping[str, AgentRun]) -> list[Note]:
    """One whose target has changed since (stale), one whose target is gone (orphaned)."""
    seen = {"input": runs[V2].sample("T-1007")["input"], "output": OUTPUT_OF_16_NOVEMBER}
    removed = {
        "input": "Hi, where is my order AP-20391?",
        "output": "Order AP-20391 is on its way with NordPost.",
    }
    return [
        Note(
            run=V2, target=_sample_target("T-1007"), anchor=_sample_anchor(seen), name="helpful",
            value=True, user=MARA, created="2026-11-16 16:12:48",
            rationale="Good: tells what to do now that it is too late to cancel.",
        ),
        Note(
            run=V2, target=_sample_target("T-1033"), anchor=_sample_anchor(removed), name="helpful",
            value=False, user=NOOR, created="2026-11-16 16:25:13",
            rationale="Same question as T-1001, without the trip. Can one of the two go?",
        ),
    ]  # fmt: skip


def _about_spans(runs: Mapping[str, AgentRun]) -> list[Note]:
    def note(run: str, sample_id: str, name_in_trace: str, place: int = 0, **rest: Any) -> Note:
        spans = _trace_spans(runs[run], sample_id)
        span = [span for span in spans if span["name"] == name_in_trace][place]
        target = {"type": "span", "trace_id": span["traceId"], "span_id": span["spanId"]}
        return Note(run=run, target=target, anchor=_span_anchor(spans, span), **rest)

    return [
        note(
            V1, "T-1013", "retrieval help-center", kind="expectation", name="top_document",
            value="abroad", user=INES, created="2026-11-13 10:11:26",
            rationale="*Import tax* shares no word with *customs duties*. Needs synonyms.",
        ),
        note(
            V2, "T-1018", "retrieval help-center", kind="expectation", name="top_document",
            value="invoices", user=INES, created="2026-11-18 09:58:50",
            rationale="The synonym of *return* outweighs the word *invoice* itself.",
        ),
        note(
            V2, "T-1008", "execute_tool lookup_order", 1, name="retry_was_right", value=True,
            user=INES, created="2026-11-18 10:03:12",
            rationale="400 ms later a connection was free.",
        ),
        note(
            V2, "T-1025", "invoke_agent support-agent", name="error_is_acceptable", value=False,
            user=NOOR, created="2026-11-18 09:30:41",
            rationale="Five seconds and then nothing. At least say that we will write back.",
        ),
        note(
            V2, "T-1025", "GET /orders/{order_id}", 0, kind="expectation", name="retry_safe",
            value=True, user=MARA, created="2026-11-18 15:20:33",
            rationale="A read: the pool may be asked as often as it can bear.",
        ),
    ]  # fmt: skip


def _trace_spans(run: AgentRun, sample_id: str) -> list[dict[str, Any]]:
    """The spans of a sample's trace, by start and id."""
    (trace_id,) = run.sample(sample_id)["trace_ids"]
    spans = [span for span in run.spans if span["traceId"] == trace_id]
    return sorted(spans, key=lambda span: (int(span["startTimeUnixNano"]), span["spanId"]))


def _span_anchor(spans: list[dict[str, Any]], span: dict[str, Any]) -> dict[str, Any]:
    """Digest, path of names from the root, and place among the spans of that path."""
    by_id = {other["spanId"]: other for other in spans}

    def path_of(other: dict[str, Any]) -> list[str]:
        parent = by_id.get(other.get("parentSpanId", ""))
        return [*(path_of(parent) if parent else []), other["name"]]

    path = path_of(span)
    alike = [other["spanId"] for other in spans if path_of(other) == path]
    return {
        "digest": payload_digest(span_payload(span)),
        "path": path,
        "ordinal": alike.index(span["spanId"]),
    }


def _about_runs(outcomes: Mapping[str, Outcome]) -> list[Note]:
    points = [point for point in outcomes[BEST].points if point.name == "train/grad_norm"]
    spike = max(points, key=lambda point: point.value)
    return [
        Note(
            run=V2, target={"type": "run"}, anchor=None, name="ready_for_pilot", value=True,
            user=MARA, created="2026-11-18 15:44:00",
            rationale="With the desk reading along. T-1018 must be fixed first.",
        ),
        Note(
            run=BEST, target={"type": "metric", "name": spike.name, "step": spike.step},
            anchor={"digest": payload_digest([rounded(spike.value)])}, name="spike_matters",
            value=False, user=MARA, created="2026-11-11 08:20:16",
            rationale="End of the first epoch, before the momentum has settled. The loss does not "
            "notice.",
        ),
        Note(
            run=BEST, target={"type": "run"}, anchor=None, kind="expectation",
            name="pilot_corrections_per_1000", value=2, user=INES, created="2026-11-12 09:12:45",
            rationale="What the regression needs today is 5.",
        ),
    ]  # fmt: skip

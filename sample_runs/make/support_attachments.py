"""Notes and attachments of the agent's runs."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

import opentelemetry.version

from .digits_notes import text
from .files import json_lines, rounded, write_json, write_text
from .support.shop import HERE, load_articles
from .support.toy_model import SYSTEM_BY_VERSION

if TYPE_CHECKING:
    from .support_bundles import AgentRun

DESCRIPTION_BY_VERSION = {
    1: (
        "First version: plain search, a two-line prompt, no retries. What the help center alone "
        "can answer, before anything clever."
    ),
    2: (
        "Synonyms in the search, one retry of the order service, only the sentences that fit, and "
        "a prompt that says sorry. The candidate for the pilot with the desk in December."
    ),
}
SDK_VERSION = opentelemetry.version.__version__
RESET, RED, GREEN, BOLD = "\x1b[0m", "\x1b[31m", "\x1b[32m", "\x1b[1m"


def write_texts(root: Path, runs: Mapping[str, AgentRun]) -> None:
    """experiment.toml, the notes, and the attachments of both versions."""
    facts = _facts(runs)
    experiment = root / "support-agent"
    write_text(experiment / "experiment.toml", text("support-agent.toml"))
    write_text(experiment / "notes.md", text("support-agent.md").format_map(facts))
    for run in runs.values():
        bundle = experiment / f"v{run.version}"
        write_text(bundle / "notes.md", text(f"support-v{run.version}.md").format_map(facts))
        _write_attachments(bundle / "attachments", run)
    first, second = runs.values()
    write_text(experiment / "v2" / "attachments" / "flips.csv", _flips_csv(first, second))


def _facts(runs: Mapping[str, AgentRun]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for run in runs.values():
        resolved = run.scores("resolved")
        facts |= {
            f"resolved_v{run.version}": f"{int(sum(resolved))} of {len(resolved)}",
            f"similarity_v{run.version}": f"{fmean(run.scores('answer_similarity')):.2f}",
            f"tone_v{run.version}": f"{fmean(run.scores('tone')):.1f}",
            f"errors_v{run.version}": sum(s["error"] is not None for s in run.samples),
            f"cost_v{run.version}": f"{run.cost_usd:.4f}",
        }
    first, second = runs.values()
    lost = [
        s["id"]
        for s in first.samples
        if s["epoch"] == 1 and _is_resolved(s) and not _is_resolved(second.sample(s["id"]))
    ]
    unscored = [s for s in second.samples if s["output"] and not _tone(s)]
    return facts | {"regressions": _joined(lost), "unscored": len(unscored)}


def _is_resolved(sample: Mapping[str, Any]) -> bool:
    return sample["scores"].get("resolved") is True


def _tone(sample: Mapping[str, Any]) -> int | None:
    value: int | None = sample["scores"].get("tone", {}).get("value")
    return value


def _joined(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _write_attachments(folder: Path, run: AgentRun) -> None:
    version = run.version
    for name, content in _sources(version).items():
        write_text(folder / name, content)
    write_text(folder / "stdout.log", _log(run))
    if version == 1:
        return
    articles = [{"id": a.id, "title": a.title, "text": a.text} for a in load_articles()]
    write_text(folder / "help-center.jsonl", json_lines(articles))
    write_text(folder / "orders.toml", (HERE / "orders.toml").read_text(encoding="utf-8"))
    write_text(folder / "scorers.py", (HERE / "scorers.py").read_text(encoding="utf-8"))
    write_text(folder / "judge-guide.txt", JUDGE_GUIDE)
    write_json(folder / "by-topic.json", _by_topic(run))
    write_text(folder / "by-topic.html", _by_topic_html(run))
    write_text(folder / "from-version-1.patch", _patch())


def _sources(version: int) -> dict[str, str]:
    """The files in which the two versions differ."""
    return {
        "agent.yaml": _agent_yaml(version),
        "prompts/system.md": f"# System prompt\n\n{SYSTEM_BY_VERSION[version]}",
    }


def _patch() -> str:
    old, new = _sources(1), _sources(2)
    lines: list[str] = []
    for name in old:
        lines.append(f"diff --git a/{name} b/{name}")
        before, after = old[name].splitlines(), new[name].splitlines()
        lines += difflib.unified_diff(before, after, f"a/{name}", f"b/{name}", lineterm="")
    return "\n".join(lines)


def _by_topic_html(run: AgentRun) -> str:
    """The page that was mailed to the desk."""
    rows = "".join(
        f"<tr><td>{topic}</td><td>{facts['samples']}</td><td>{facts['resolved']}</td></tr>\n"
        for topic, facts in _by_topic(run).items()
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head><title>Tickets by topic</title></head>\n'
        "<body>\n<h1>Tickets by topic</h1>\n"
        f"<p>Version {run.version} of the support agent, two answers to each of 64 tickets.</p>\n"
        "<table>\n<tr><th>Topic</th><th>Answers</th><th>Resolved</th></tr>\n"
        f"{rows}</table>\n</body>\n</html>"
    )


def _by_topic(run: AgentRun) -> dict[str, Any]:
    topics: dict[str, list[dict[str, Any]]] = {}
    for sample in run.samples:
        topics.setdefault(sample["metadata"]["topic"], []).append(sample)
    return {
        topic: {
            "samples": len(samples),
            "resolved": sum(map(_is_resolved, samples)),
            "mean_duration_s": rounded(fmean(s["duration_s"] for s in samples), 4),
        }
        for topic, samples in sorted(topics.items())
    }


def _flips_csv(first: AgentRun, second: AgentRun) -> str:
    lines = ["sample,epoch,topic,v1_resolved,v2_resolved,v1_similarity,v2_similarity"]
    for sample in first.samples:
        other = second.sample(sample["id"], sample["epoch"])
        if _is_resolved(sample) != _is_resolved(other):
            cells = [sample["id"], str(sample["epoch"]), sample["metadata"]["topic"]]
            cells += [_cell(s["scores"].get("resolved")) for s in (sample, other)]
            cells += [_cell(s["scores"].get("answer_similarity")) for s in (sample, other)]
            lines.append(",".join(cells))
    return "\n".join(lines)


def _cell(value: Any) -> str:
    return "" if value is None else json.dumps(value)


def _agent_yaml(version: int) -> str:
    return "\n".join(
        [
            f"# support agent, version {version}",
            f"version: {version}",
            "model:",
            "  name: toy-support-small",
            "  temperature: [0.0, 0.7]  # one an epoch",
            "retriever:",
            "  top_k: 3",
            f"  synonyms: {str(version > 1).lower()}",
            "tools: [search_help, lookup_order]",
            "retry:",
            f"  max_attempts: {version}",
        ]
    )


def _log(run: AgentRun) -> str:
    lines = [f"{BOLD}support-eval{RESET} with version {run.version}, 64 tickets, 2 epochs"]
    for sample in run.samples:
        if sample["error"]:
            verdict = f"{RED}{sample['error']}{RESET}"
        elif _is_resolved(sample):
            verdict = f"{GREEN}resolved{RESET}"
        else:
            verdict = "not resolved"
        lines.append(f"{sample['id']}/{sample['epoch']} {sample['duration_s']:6.3f} s  {verdict}")
    resolved = run.scores("resolved")
    lines.append(f"{BOLD}{int(sum(resolved))} of {len(resolved)} resolved{RESET}")
    return "\n".join(lines)


JUDGE_GUIDE = """\
How the judge gives points for tone

  5  warm: notices how the customer feels, answers, leaves a door open
  4  friendly: thanks or greets, answers
  3  correct and neutral
  2  curt, or refuses without a way out
  1  an upset customer gets no word of regret

The judge reads the last message of the customer and the answer. It does not read the help center
and does not know whether the answer is right.
"""

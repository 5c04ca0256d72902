"""What the Overview tab says of the run itself, its code and its machine. Floor 4."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sitegen import units
from sitegen.derive.run_facts import RunFacts
from sitegen.model import Json, Manifest
from sitegen.pages.links import commit_url, repository_name, repository_url
from sitegen.pages.parts import Pair, Text, duration_part

_STATUS_TONES = {"failed": "bad", "killed": "warn", "interrupted": "odd"}


def fact_pairs(manifest: Manifest, facts: RunFacts) -> list[Pair]:
    """Id, status, times, user, tags, links."""
    pairs = [
        ("id", Text(text=manifest.id, is_code=True)),
        ("status", Text(text=manifest.status, tone=_STATUS_TONES.get(manifest.status))),
    ]
    if manifest.project:
        pairs.append(("project", Text(text=manifest.project)))
    for label, time_ns in (
        ("created", manifest.created_at_ns),
        ("started", manifest.started_at_ns),
        ("ended", manifest.ended_at_ns),
    ):
        if time_ns is not None:
            pairs.append(
                (label, Text(text=units.time_text(time_ns), datetime=units.rfc3339(time_ns)))
            )
    if manifest.started_at_ns is not None and manifest.ended_at_ns is not None:
        duration = duration_part(manifest.ended_at_ns - manifest.started_at_ns)
        pairs += [("duration", duration)] if duration else []
    if manifest.user:
        pairs.append(("user", Text(text=manifest.user)))
    if manifest.tags:
        pairs.append(("tags", Text(text=", ".join(manifest.tags))))
    if manifest.sweep:
        trial = f", trial {manifest.sweep.trial}" if manifest.sweep.trial else ""
        pairs.append(("sweep", Text(text=f"{manifest.sweep.id}{trial}")))
    pairs += [
        ("link", Text(text=link.title, url=link.url, is_external=True)) for link in manifest.links
    ]
    size = Text(text=units.bytes_text(facts.input_bytes), title=f"{facts.input_bytes:,} bytes")
    pairs.append(("bundle", size))
    return [Pair(name=name, parts=(text,)) for name, text in pairs]


def source_pairs(manifest: Manifest) -> list[Pair]:
    """Code and machine."""
    source, environment = manifest.source, manifest.environment
    pairs: list[Pair] = []
    if source.entrypoint:
        pairs.append(Pair(name="entrypoint", parts=(Text(text=source.entrypoint, is_code=True),)))
    if source.repository:
        pairs.append(
            Pair(
                name="repository",
                parts=(
                    Text(
                        text=repository_name(source.repository),
                        url=repository_url(source.repository),
                        is_external=True,
                    ),
                ),
            )
        )
    if source.commit:
        pairs.append(Pair(name="commit", parts=commit_parts(manifest, length=11)))
    python = " · ".join(part for part in (environment.python, environment.platform) if part)
    if python:
        pairs.append(Pair(name="python", parts=(Text(text=python),)))
    pairs += [
        Pair(name=name, parts=(Text(text=_hardware_text(value)),))
        for name, value in environment.hardware.items()
    ]
    return pairs


def commit_parts(manifest: Manifest, *, length: int) -> tuple[Text, ...]:
    """The commit as a link, its branch, and whether it was dirty."""
    source = manifest.source
    commit = source.commit or ""
    parts = [
        Text(
            text=commit[:length],
            url=commit_url(source.repository, commit),
            is_code=True,
            is_external=True,
            title=commit,
        )
    ]
    if length > 7 and source.branch:
        parts.append(Text(text=f"on {source.branch}"))
    if source.dirty:
        parts.append(
            Text(text="dirty: uncommitted changes" if length > 7 else "dirty", tone="warn")
        )
    return tuple(parts)


def _hardware_text(value: Json) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_hardware_text(member)}" for key, member in value.items())
    return json.dumps(value, ensure_ascii=False)

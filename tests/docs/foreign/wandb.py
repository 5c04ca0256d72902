"""One run, as `wandb.Api` hands it out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


class _File:
    def download(self, root: str, replace: bool) -> None:
        assert replace
        Path(root).mkdir(parents=True, exist_ok=True)
        Path(root, "output.log").write_text("epoch 1\n", encoding="utf-8")


class _Run:
    id, name, state = "1a2b3c4d", "fine-river-7", "crashed"
    created_at, url = "2026-11-20T14:00:00Z", "https://wandb.ai/our-team/reviews/runs/1a2b3c4d"
    tags, config = ("baseline",), {"lr": 0.1, "optimizer": {"name": "adamw"}}

    def scan_history(self) -> Iterator[dict[str, object]]:
        yield {"_step": 0, "_timestamp": 1795264996.4, "_runtime": 1, "loss": 1.0, "done": False}
        yield {"_step": 1, "_timestamp": 1795264997.4, "_runtime": 2, "loss": "NaN", "note": None}

    def files(self) -> list[_File]:
        return [_File()]


class Api:
    def runs(self, path: str) -> list[_Run]:
        assert path == "our-team/reviews"
        return [_Run()]

"""The bundle that `sitegen collect` fills: one that is there, or a new one of traces alone.

Floor 2.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sitegen.errors import SitegenError

_MANIFEST = "run.json"


class CollectedRun:
    """A bundle to collect into; its run.json is ours only if we wrote it."""

    def __init__(self, bundle: Path) -> None:
        """Make the bundle where there is none.

        Raises:
            SitegenError: if the directory holds something else, or cannot be written.
        """
        self._manifest: dict[str, Any] | None = None
        self._path = bundle / _MANIFEST
        try:
            if self._path.is_file():
                return
            if bundle.exists() and any(path.name != "traces" for path in bundle.iterdir()):
                raise SitegenError(
                    "holds files but no run.json, so it is no bundle",
                    path=str(bundle),
                    hint="Name a directory that is a bundle, or one that is to become it:"
                    " runs/my-agent/today",
                )
            bundle.mkdir(parents=True, exist_ok=True)
            self._write({"format": 1, "name": bundle.resolve().name, "status": "running",
                         "started_at": _now()})  # fmt: skip
        except OSError as error:
            raise SitegenError(
                f"cannot be written: {error.strerror}", path=error.filename or str(bundle)
            ) from error

    def end(self) -> bool:
        """Say in our own run.json that the run has ended; False if it cannot be written."""
        if self._manifest is None:
            return True
        try:
            self._write({**self._manifest, "status": "completed", "ended_at": _now()})
        except OSError:
            return False
        return True

    def _write(self, manifest: dict[str, Any]) -> None:
        draft = self._path.with_name(f".{_MANIFEST}.{os.getpid()}")
        try:
            with draft.open("w", encoding="utf-8") as stream:
                stream.write(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(draft, self._path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        self._manifest = manifest


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

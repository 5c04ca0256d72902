"""The daemon thread of a run: every few seconds what was logged goes to the disk.

It also logs the system's metrics and tries again what run.json could not take. It dies with the
process and is not there in a forked child.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

SYNC_S = 5.0
"""A power cut costs at most these seconds; a killed process costs nothing."""


class Heartbeat:
    """A thread that calls functions, each in its own interval."""

    def __init__(self, beats: list[tuple[float, Callable[[], None]]]) -> None:
        self._beats = beats
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sitegen-heartbeat", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """No function is called any more."""
        self._stopped.set()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=2.0)

    def _run(self) -> None:
        due = [time.monotonic() + interval_s for interval_s, _ in self._beats]
        while not self._stopped.wait(max(0.0, min(due) - time.monotonic())):
            now = time.monotonic()
            for index, (interval_s, beat) in enumerate(self._beats):
                if due[index] <= now:
                    beat()
                    due[index] = now + interval_s

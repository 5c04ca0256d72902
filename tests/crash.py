"""Builds that are killed at any moment, and whether what they leave is a whole site."""

from __future__ import annotations

import multiprocessing
import os
import random
import re
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

from sitegen.build.output.store import MANIFEST
from sitegen.build.site import build_site
from sitegen.bundle.settings import Settings
from sitegen.cli.terminal import QuietProgress
from tests.conftest import contents

_LINK = re.compile(
    r"(?:\.\./)?\b(?:(?:data|files|assets|runs|experiments)/[\w./~-]+\.\w+|index\.html|report\.json)"
)


def build_all(root: str, output: str) -> None:
    """Build root/runs into root/output, in the calling process."""
    build_site(
        [Path(root, "runs")], Path(root, output), Settings(prices={}), workers=1,
        progress=QuietProgress(), cache_directory=Path(root, f"{output}-cache"),
    )  # fmt: skip


def started(root: Path) -> BaseProcess:
    """A build into root/site in a process of its own, which has all modules loaded."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.crash"])
    process = context.Process(target=build_all, args=(str(root), "site"))
    process.start()
    return process


def kill_at_a_moment(root: Path, chance: random.Random, most_s: float) -> None:
    """Start a build and kill it: at any moment, or (every other time) while it puts files in place.

    That begins when the manifest is replaced.
    """
    manifest = root / "site" / MANIFEST
    before = manifest.stat().st_mtime_ns if manifest.exists() else None
    process = started(root)
    if before is not None and chance.random() < 0.5:
        while process.is_alive() and manifest.stat().st_mtime_ns == before:
            time.sleep(0.0005)
        time.sleep(chance.random() * 0.01)
    else:
        time.sleep(chance.random() * most_s)
    process.kill()
    process.join()


def faults(site: Path) -> list[str]:
    """Pages that are cut, and what pages that can be reached from the index name in vain."""
    if not site.exists():
        return []  # before the first build is done there is nothing, not half of something
    ends = {".html": ("</html>\n", "</html>"), ".json": ("}\n",)}
    found = [
        f"{path} is cut"
        for path, content in contents(site).items()
        if not content.decode("utf-8", "replace").endswith(ends.get(Path(path).suffix, ""))
    ]
    waiting, seen = ["index.html"], {"index.html"}
    while waiting:
        path = waiting.pop()
        for link in sorted(set(_LINK.findall((site / path).read_text()))):
            target = link if (site / link).is_file() else os.path.normpath(Path(path).parent / link)
            if not (site / target).is_file():
                found.append(f"{path} names {link}")
            elif target.endswith((".html", ".json")) and target not in seen:
                seen.add(target)
                waiting.append(target)
    return found


def took_s(root: Path) -> float:
    """How long a build of nothing new in another process takes at least; and it is done."""
    begin_s = time.monotonic()
    process = started(root)
    process.join()
    assert process.exitcode == 0
    return time.monotonic() - begin_s

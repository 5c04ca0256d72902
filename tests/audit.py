"""What this process does to the file system while a test acts, by Python's audit events."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_CHANGES = {
    "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate",
    "os.chmod", "os.utime", "tempfile.mkstemp", "tempfile.mkdtemp",
}  # fmt: skip
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


@dataclass(slots=True)
class Audit:
    """Paths read and paths changed."""

    read: set[Path] = field(default_factory=set)
    changed: set[Path] = field(default_factory=set)


_open: list[Audit] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _open:
        return
    if event == "open" and isinstance(arguments[0], (str, bytes, os.PathLike)):
        flags = arguments[2] if isinstance(arguments[2], int) else 0
        mode = str(arguments[1] or "")
        kept = _open[-1].changed if flags & _WRITING or set(mode) & set("wax+") else _open[-1].read
        kept.add(Path(os.fsdecode(arguments[0])).absolute())
    elif event in _CHANGES:
        _open[-1].changed.update(
            Path(os.fsdecode(one)).absolute()
            for one in arguments
            if isinstance(one, (str, bytes, os.PathLike))
        )


sys.addaudithook(_hook)


@contextmanager
def audited() -> Iterator[Audit]:
    """Records what is opened and changed inside; an audit hook cannot be taken off, so it idles."""
    _open.append(Audit())
    try:
        yield _open[-1]
    finally:
        _open.pop()


def snapshot(root: Path) -> dict[str, tuple[int, int, int, bytes]]:
    """Mode, inode, time of change and content of everything below *root*, links not followed."""
    found = {}
    for path in sorted((root, *root.rglob("*"))):
        stat = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        found[str(path.relative_to(root))] = (stat.st_mode, stat.st_ino, stat.st_mtime_ns, content)
    return found

"""What a run records by itself: code, command, packages, hardware. Each can be switched off.

No absolute path, host or user name is recorded: paths are relative to the repository, else the
file's name alone.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

_GIT_S = 5.0
_MOST_PACKAGES = 2_000
_MOST_FRAMES = 50
_DIST_INFO = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)\.(?:dist|egg)-info")


def repository_root(start: Path) -> Path | None:
    """The nearest directory upwards that holds `.git`."""
    return next((one for one in (start, *start.parents) if (one / ".git").exists()), None)


def source_facts(*, git: bool, entrypoint: bool) -> dict[str, Any]:
    """`source` of run.json."""
    script = _script()
    start = script.parent if script is not None else Path.cwd()
    facts: dict[str, Any] = {}
    if entrypoint and script is not None:
        facts["entrypoint"] = shown_path(script)
    root = repository_root(start) or repository_root(Path.cwd())
    if git and root is not None:
        facts |= _git_facts(root)
    return facts


def _script() -> Path | None:
    """The file that Python was started with; None in a notebook or with `-c`."""
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    return Path(file).absolute() if isinstance(file, str) else None


def shown_path(path: Path) -> str:
    """*path* relative to its repository, else to the working directory, else its name."""
    absolute = path.absolute()
    for root in (repository_root(absolute.parent), Path.cwd()):
        if root is not None and absolute.is_relative_to(root):
            return absolute.relative_to(root).as_posix()
    return absolute.name


def _git_facts(root: Path) -> dict[str, Any]:
    """Commit, branch, whether tracked files differ, and the remote without credentials."""
    facts: dict[str, Any] = {}
    status = _git(root, "status", "--porcelain=v2", "--branch", "--untracked-files=no")
    if status is None:
        return facts
    lines = status.splitlines()
    for line in lines:
        if line.startswith("# branch.oid ") and not line.endswith("(initial)"):
            facts["commit"] = line.rpartition(" ")[2]
        if line.startswith("# branch.head ") and not line.endswith("(detached)"):
            facts["branch"] = line.removeprefix("# branch.head ")
    facts["dirty"] = any(not line.startswith("#") for line in lines)
    remote = (_git(root, "config", "--get", "remote.origin.url") or "").strip()
    shown = _public_remote(remote)
    return facts | ({"repository": shown} if shown else {})


def _git(root: Path, *arguments: str) -> str | None:
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(  # noqa: S603
            ["git", *arguments],  # noqa: S607
            cwd=root, env=environment, capture_output=True, text=True, timeout=_GIT_S,
            errors="replace", check=False,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout if done.returncode == 0 else None


def _public_remote(remote: str) -> str | None:
    """The address of a remote without user and password; None for a path of this machine."""
    if "://" not in remote:
        scp = re.fullmatch(r"(?:[^@/]+@)?([\w.-]+):(?!/)(.+)", remote)
        return f"https://{scp[1]}/{scp[2].removesuffix('.git')}" if scp else None
    parts = urlsplit(remote)
    if parts.scheme == "file" or not parts.hostname:
        return None
    host = parts.hostname if parts.port is None else f"{parts.hostname}:{parts.port}"
    scheme = "https" if parts.scheme in {"ssh", "git"} else parts.scheme
    if parts.scheme in {"ssh", "git"}:
        host = parts.hostname
    return urlunsplit((scheme, host, parts.path.removesuffix(".git"), "", ""))


def environment_facts(*, packages: bool, hardware: bool, host: bool) -> dict[str, Any]:
    """`environment` of run.json."""
    facts: dict[str, Any] = {}
    if packages:
        facts["python"] = platform.python_version()
        facts["packages"] = installed_packages()
    if hardware:
        facts["platform"] = f"{platform.system()} {platform.machine()}"
        facts["hardware"] = dict(_hardware())
    if host:
        facts.setdefault("hardware", {})["host"] = platform.node()
    return facts


def installed_packages() -> dict[str, str]:
    """Version by name of what is installed, told by the names of directories: 1 ms, not 200."""
    found: dict[str, str] = {}
    for folder in reversed(sys.path):
        try:
            names = os.listdir(folder or ".")  # noqa: PTH208
        except OSError:
            continue
        matches = filter(None, map(_DIST_INFO.fullmatch, names))
        found |= {match["name"].replace("_", "-"): match["version"] for match in matches}
    return dict(sorted(found.items(), key=lambda one: one[0].lower())[:_MOST_PACKAGES])


def _hardware() -> Iterator[tuple[str, Any]]:
    cores = os.cpu_count()
    if cores:
        yield "cpu_count", cores
    model = _first_match("/proc/cpuinfo", r"^model name\s*:\s*(.+)$")
    if model:
        yield "cpu", model
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        pass
    else:
        yield "memory_gb", round(memory / 1e9, 1)
    gpus = list(_gpus())
    yield "gpu_count", len(gpus)
    if gpus:
        yield "gpu", ", ".join(sorted(set(gpus)))


def _gpus() -> Iterator[str]:
    """Models of the NVIDIA cards, as the driver's files name them; no library is needed."""
    for path in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information")):
        yield _first_match(str(path), r"^Model:\s*(.+)$") or "NVIDIA"


def _first_match(path: str, pattern: str) -> str | None:
    try:
        content = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    match = re.search(pattern, content, re.MULTILINE)
    return match[1].strip() if match else None


def error_facts(error: BaseException) -> dict[str, str]:
    """`error` of run.json; the traceback has paths relative to the repository."""
    frames = traceback.TracebackException.from_exception(error, limit=-_MOST_FRAMES)
    for stack in _stacks(frames, set()):
        for frame in stack:
            frame.filename = _shown_source(frame.filename)
    return {
        "type": type(error).__qualname__,
        "message": shortened(str(error)),
        "traceback": shortened("".join(frames.format())),
    }


def _stacks(
    frames: traceback.TracebackException, seen: set[int]
) -> Iterator[traceback.StackSummary]:
    """The stacks of an exception, of its causes and of the members of its group."""
    if id(frames) in seen:
        return
    seen.add(id(frames))
    yield frames.stack
    others = [frames.__cause__, frames.__context__, *(getattr(frames, "exceptions", None) or [])]
    for other in others:
        if other is not None:
            yield from _stacks(other, seen)


def _shown_source(filename: str) -> str:
    """`train.py`, `torch/nn/modules/module.py`: from the repository or from `sys.path`."""
    if filename.startswith("<"):
        return filename
    path = Path(filename).absolute()
    folders = [Path(folder) for folder in sys.path if folder and Path(folder).is_absolute()]
    inside = [one for one in folders if path.is_relative_to(one)]
    if "site-packages" in path.parts or "dist-packages" in path.parts:
        names = {"site-packages", "dist-packages"}
        last = max(index for index, part in enumerate(path.parts) if part in names)
        return "/".join(path.parts[last + 1 :])
    if repository_root(path.parent) is None and inside:
        return path.relative_to(max(inside, key=lambda one: len(one.parts))).as_posix()
    return shown_path(path)


def shortened(text: str) -> str:
    """*text* without the paths of this machine that lead to the repository or home directory."""
    root = repository_root(Path.cwd()) or Path.cwd()
    for folder, short in ((str(root), "."), (str(Path.home()), "~")):
        if len(folder) > 1:
            text = text.replace(f"{folder}{os.sep}", f"{short}{os.sep}" if short != "." else "")
    return text

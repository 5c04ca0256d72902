"""Where bundles lie and what their files may be called.

Default: `runs/<experiment>/<name>` below the working directory, or below SITEGEN_DIR. Names that
are safe on every disk are kept as written; of others the readable part is taken. A directory is
made by one `mkdir`, so that two processes never share one by accident.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sitegen.bundle.paths import check_relative, sha10, slug, slug_words
from sitegen.sdk.faults import LogValueError

MANIFEST = "run.json"
EXPERIMENT = "experiment.toml"
_SAFE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,78}[A-Za-z0-9_])?")
_UNSAFE_PART = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|\ud800-\udfff]')
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_PART_BYTES = 200


def runs_directory(given: str | os.PathLike[str] | None = None) -> Path:
    """The directory of experiments: *given*, else SITEGEN_DIR, else `runs`."""
    return Path(given or os.environ.get("SITEGEN_DIR") or "runs").absolute()


def experiment_directory(runs: Path, experiment: str) -> Path:
    """The directory of the experiment of that name."""
    return runs / (experiment if _SAFE.fullmatch(experiment) else slug(experiment))


def new_bundle(experiment: Path, name: str) -> Path:
    """A new directory for a run called *name*: `lr-3e-4`, `lr-3e-4-2` if that is there."""
    stem = bundle_stem(name)
    experiment.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        directory = experiment / (stem if number == 1 else f"{stem}-{number}")
        try:
            directory.mkdir()
        except FileExistsError:
            number += 1
        else:
            return directory


def bundle_stem(name: str) -> str:
    """What the directory of a run called *name* is called if no other is."""
    return name if _SAFE.fullmatch(name) else slug_words(name) or f"run-{sha10(name)}"


def new_name() -> str:
    """`20261121-140200-k3f9`, for a run that was given no name."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{random_letters(4)}"


def random_letters(count: int) -> str:
    """Letters and digits that no other process will choose; Crockford's base 32."""
    return "".join(secrets.choice(_LETTERS) for _ in range(count))


def find_bundle(runs: Path, id: str) -> Path | None:
    """The bundle of the run *id* below *runs*; where its name suggests it, else anywhere."""
    for stem in (bundle_stem(id), id.rpartition("-")[0]):
        for candidate in runs.glob(f"*/{_literal(stem)}") if stem else ():
            if id_in(candidate) == id:
                return candidate
    for manifest in sorted(runs.glob(f"*/*/{MANIFEST}")):
        if id_in(manifest.parent) == id:
            return manifest.parent
    return None


def _literal(name: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", re.sub(r"[/\x00]", "_", name))


def id_in(directory: Path) -> str | None:
    """The id that the run.json in *directory* gives, None if there is none."""
    try:
        document = json.loads((directory / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return None
    found = document.get("id") if isinstance(document, dict) else None
    return found if isinstance(found, str) else None


def safe_path(*parts: str | None) -> str:
    """'/'-joined *parts* as a path that every disk and reader takes; odd characters become `_`.

    Raises:
        LogValueError: for a path that leads upwards or names nothing.
    """
    names = [name for part in parts if part for name in part.replace(os.sep, "/").split("/")]
    if ".." in names:
        raise LogValueError(f"{'/'.join(names)!r} leads out of the run; expected a path downwards")
    path = "/".join(safe_name(name) for name in names if name not in {"", "."})
    if not path:
        raise LogValueError("the name of an attachment is empty")
    check_relative(path)
    return path


def safe_name(name: str) -> str:
    """One part of a path; a leading dot would hide the file, a trailing one is lost on Windows."""
    cleaned = _UNSAFE_PART.sub("_", name).rstrip(". ")
    cleaned = f"_{cleaned[1:]}" if cleaned.startswith(".") else cleaned or "_"
    encoded = cleaned.encode()
    if len(encoded) <= _PART_BYTES:
        return cleaned
    suffix = Path(cleaned).suffix[:20]
    kept = encoded[: _PART_BYTES - 40].decode(errors="ignore")
    return f"{kept}-{sha10(name)}{suffix}"


def write_atomically(path: Path, content: bytes, *, sync: bool = False) -> None:
    """*path* holds *content*, whole or not at all."""
    with replacing(path, sync=sync) as temporary:
        temporary.write_bytes(content)


@contextmanager
def replacing(path: Path, *, sync: bool = False) -> Iterator[Path]:
    """A temporary file beside *path* that takes its place when the block ends without an error."""
    temporary = path.with_name(f".{path.name[:80]}.{os.getpid()}-{random_letters(4)}")
    try:
        yield temporary
        if sync:
            sync_path(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    if sync:
        sync_path(path.parent)


def sync_path(path: Path) -> None:
    """The file or directory is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def try_lock(descriptor: int) -> bool:
    """Whether this process holds the lock of the open file, or its disk has no locks."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Alone with the file *path* among all processes that ask this way."""
    descriptor = _open_locked(path)
    try:
        yield
    finally:
        os.close(descriptor)


def _open_locked(path: Path) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        _wait(lambda opened=descriptor: fcntl.flock(opened, fcntl.LOCK_EX))  # type: ignore[misc]
        try:
            if os.stat(path).st_ino == os.fstat(descriptor).st_ino:  # noqa: PTH116
                return descriptor
        except FileNotFoundError:  # whoever held it before removed it
            pass
        os.close(descriptor)


def _wait(lock: Callable[[], None]) -> None:
    try:
        lock()
    except OSError:  # a network disk without locks
        return

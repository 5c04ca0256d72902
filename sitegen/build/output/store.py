"""The output directory: staged beside it, then put in place file by file, never half a page.

Floor 6. A first build is renamed into place. A later one puts data and assets first (their names
are of their content, so nothing that a page still needs is replaced), then new pages, then the
others, then the index, and removes what is stale last: after a crash at any moment every page is
whole, and all that can be reached from the index finds its data and its links. Meanwhile the
manifest names old and new files, so that the next build can remove what is left.
"""

from __future__ import annotations

import errno
import glob
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from sitegen.build.output.manifest_edit import ManifestText
from sitegen.build.output.output_file import OutputFile
from sitegen.build.output.site_files import SiteFiles, whole
from sitegen.build.output.versions import versions
from sitegen.errors import SitegenError
from sitegen.records import dataclass

MANIFEST = "sitegen-manifest.json"
_LAST = ("index.html", "report.json", MANIFEST)
_MOST_PREFIX = 40  # of the output's name in that of its staging directory; names end at 255 bytes


class OutputError(SitegenError):
    """An output directory that must not or cannot be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a build changed."""

    files: int
    """Files in the site."""
    size_bytes: int
    """Their bytes."""
    changed: int
    """Files that are new or differ from before."""
    removed: int
    """Files of an earlier build that are gone."""


def check_output(output: Path) -> None:
    """Nothing, if *output* may be written: it is missing, empty, or holds our manifest.

    Raises:
        OutputError: otherwise, before anything was read or written.
    """
    try:
        exists = output.exists()
    except OSError as error:  # a name too long
        raise OutputError(f"cannot be made: {error.strerror}", path=str(output)) from error
    if output.is_symlink() and not exists:
        raise OutputError("is a broken symbolic link", path=str(output))
    if not exists:
        _check_parent(output)
        return
    if not output.is_dir():
        raise OutputError("is a file; expected a directory for the site", path=str(output))
    if any(output.iterdir()) and not (output / MANIFEST).is_file():
        raise OutputError(
            "holds files that are not a site of sitegen; nothing was written",
            path=str(output),
            hint=f"Choose another directory with -o. A site of ours holds {MANIFEST}.",
        )


def _check_parent(output: Path) -> None:
    parent = output.absolute().parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir():
        raise OutputError(f"cannot be made: {parent} is a file", path=str(output))
    if not os.access(parent, os.W_OK):
        raise OutputError(f"cannot be made: no write permission in {parent}", path=str(output))


@contextmanager
def staging_directory(output: Path) -> Iterator[Path]:
    """A directory on the output's file system, gone afterwards whatever happens.

    What a killed build left there is removed first: *output* is locked, so nobody works in it.

    Raises:
        OutputError: if no directory can be made there.
    """
    parent = output.absolute().parent
    prefix = f".{output.name[:_MOST_PREFIX]}.{_place_key(output)}.building-"
    try:
        parent.mkdir(parents=True, exist_ok=True)
        for rest in parent.glob(f"{glob.escape(prefix)}*"):
            if not rest.is_symlink():
                shutil.rmtree(rest, ignore_errors=True)
        staging = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    except OSError as error:
        raise OutputError(f"cannot be made: {error.strerror}", path=str(output)) from error
    try:
        (staging / "site").mkdir()
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _place_key(output: Path) -> str:
    """A few digits of the name: two outputs whose names begin alike do not share a rest."""
    return hashlib.sha256(os.fsencode(output.name)).hexdigest()[:8]


def publish(
    site: Path, output: Path, files: SiteFiles | None = None, *, attic: Path | None = None
) -> Written:
    """Put the staged *site* in place of *output*.

    *files* are all files that it then holds: what is not staged stays as it is, and what else is
    staged (by a process that was killed as it wrote) is dropped. Without, they are the staged
    ones. What is stale is moved below *attic*, if there is one: an open page may still ask for it.

    Raises:
        OutputError: if the disk refuses; the output is then whole, old or new page by page.
    """
    staged = [path for path in staged_files(site) if path != MANIFEST]
    new = whole(_hashed(site, staged)) if files is None else files
    try:
        for path in staged:
            if path not in new.after:
                (site / path).unlink()
        staged = [path for path in staged if path in new.after]
        manifest_bytes = (site / MANIFEST).write_bytes(_new_manifest(new))
        is_new = not output.exists() or not any(output.iterdir())
        if is_new and _renamed(site, output):
            changed, removed = new.count + 1, 0
        else:
            changed, removed = _replace_files(site, output, staged, new, attic)
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", path=str(output)) from error
    return Written(
        files=new.count + 1,
        size_bytes=new.size_bytes + manifest_bytes,
        changed=changed,
        removed=removed,
    )


def _hashed(site: Path, paths: Sequence[str]) -> dict[str, OutputFile]:
    found = {}
    for path in paths:
        content = (site / path).read_bytes()
        found[path] = OutputFile(len(content), hashlib.sha256(content).hexdigest())
    return found


def _renamed(site: Path, output: Path) -> bool:
    """Whether the whole site took the place of *output*; an empty mount point keeps its own."""
    try:
        if output.is_dir():
            output.rmdir()
        site.rename(output)
    except OSError as error:
        if error.errno in {errno.EBUSY, errno.EXDEV, errno.EPERM, errno.EACCES} and output.is_dir():
            return False
        raise
    return True


def unchanged(output: Path, files: SiteFiles) -> Written:
    """What a build says that had nothing to put in place."""
    manifest_bytes = (output / MANIFEST).stat().st_size
    return Written(
        files=files.count + 1, size_bytes=files.size_bytes + manifest_bytes, changed=0, removed=0
    )


def has_files(output: Path, files: Mapping[str, OutputFile]) -> bool:
    """Whether all *files* lie in *output* with the size they were written with."""
    root = os.fspath(output)
    return all(size_of(f"{root}/{path}") == file.size_bytes for path, file in files.items())


def size_of(path: str) -> int | None:
    """Size of the file itself, None if there is none; a link is not followed."""
    try:
        return os.lstat(path).st_size
    except OSError:
        return None


def _new_manifest(files: SiteFiles) -> bytes:
    """The manifest of *files*: that of the last ones with what changed, if it is known."""
    if files.last is not None:
        found = files.last.manifest.edited(files.changed, files.removed, files.before)
        if found is not None:
            return found
    return _manifest_text(
        {
            path: {"bytes": file.size_bytes, "sha256": file.sha256}
            for path, file in files.every().items()
        }
    )


def _manifest_text(files: Mapping[str, object]) -> bytes:
    """The manifest of *files*, sorted here: what msgspec does takes 0.3 s for 30,000 paths that are
    sorted but for a few. The paths are ours, so that nothing in it needs mending.
    """
    manifest = {
        "files": {path: files[path] for path in sorted(files)},
        "format": 1,
        "generator": dict(sorted(versions().items())),
    }
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def read_manifest_text(output: Path) -> ManifestText | None:
    """The manifest in *output*, None if it cannot be read or is not what this version writes."""
    try:
        return ManifestText((output / MANIFEST).read_bytes(), versions())
    except (OSError, ValueError):
        return None


def staged_files(root: Path) -> list[str]:
    """Paths of all files below *root*, sorted."""
    found = []
    for folder, _, names in os.walk(root):
        relative = Path(folder).relative_to(root)
        found += [(relative / name).as_posix() for name in names]
    return sorted(found)


def remove_others(root: Path, files: Collection[str]) -> None:
    """Remove from the staged site what is not among *files*."""
    for path in staged_files(root):
        if path not in files:
            (root / path).unlink()


def _replace_files(
    site: Path, output: Path, staged: Sequence[str], files: SiteFiles, attic: Path | None
) -> tuple[int, int]:
    """How many files changed, and how many were removed."""
    known = set(files.before if files.last else _old_files(output))
    stale = sorted(path for path in known - files.after.keys() if _is_inside(path))
    changed = [
        path
        for path in sorted(
            staged, key=lambda path: _publishing_order(path, is_new=path not in known)
        )
        if not _is_same(site / path, _own_path(output, path))
    ]
    if stale or set(changed) - known:
        _announce(site, output, files, known)
    for path in changed:
        _replace(site, output, path)
    for path in stale:
        _put_away(_own_path(output, path), attic / path if attic else None)
    _remove_empty_folders(output, stale)
    if changed or stale or not _is_same(site / MANIFEST, _own_path(output, MANIFEST)):
        _replace(site, output, MANIFEST)
        return len(changed) + 1, len(stale)
    return 0, 0


def _announce(site: Path, output: Path, files: SiteFiles, known: set[str]) -> None:
    """Put a manifest of all paths, those *known* and new ones, in place; the true one comes last.

    After a crash in between, the next build removes those that are stale by then.
    """
    transition = site.parent / MANIFEST
    if files.last is not None:
        content = files.last.manifest.naming(sorted(files.after.keys() - known))
    else:
        content = _manifest_text({path: {} for path in (*known, *files.after)})
    transition.write_bytes(content)
    os.replace(transition, output / MANIFEST)


def _replace(site: Path, output: Path, path: str) -> None:
    target = _own_path(output, path)
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(site / path, target)


def _put_away(path: Path, place: Path | None) -> None:
    """Move the stale file *path* to *place*, or remove it."""
    if place is None:
        path.unlink(missing_ok=True)
    elif path.is_file():
        place.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, place)


def _own_path(output: Path, path: str) -> Path:
    """The file *path* of the output; a symbolic link on the way there is removed, not followed."""
    folder = output
    for part in path.split("/")[:-1]:
        folder /= part
        if folder.is_symlink():
            folder.unlink()
    return output / path


def _publishing_order(path: str, *, is_new: bool) -> tuple[int, str]:
    """Data, then new pages, which nothing names yet, then pages that name them, the index last."""
    if path in _LAST:
        return 3 + _LAST.index(path), path
    is_page = path.endswith((".html", ".json"))
    return (0 if not is_page else 1 if is_new else 2), path


def _old_files(output: Path) -> list[str]:
    """Files that the last build wrote; only these may be removed."""
    try:
        manifest = json.loads((output / MANIFEST).read_text(encoding="utf-8"))
        names = [name for name in manifest["files"] if isinstance(name, str)]
        "".join(names).encode()  # ours hold no lone surrogates
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [name for name in names if _is_inside(name)]


def _is_inside(path: str) -> bool:
    """Whether *path* leads into the output: a manifest or a cache may come from anybody."""
    return ".." not in path.split("/") and not path.startswith("/")


def _is_same(new: Path, old: Path) -> bool:
    if old.is_symlink() or not old.is_file() or old.stat().st_size != new.stat().st_size:
        return False
    return new.read_bytes() == old.read_bytes()


def _remove_empty_folders(output: Path, paths: list[str]) -> None:
    folders = {parent for path in paths for parent in (output / path).parents}
    for folder in sorted(folders, key=lambda one: len(one.parts), reverse=True):
        if output in folder.parents:
            with suppress(OSError):  # it holds something, which is not listed to be seen
                folder.rmdir()

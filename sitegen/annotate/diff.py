"""What changed between two sets of annotations: two git revisions or two directories. Floor 7."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from sitegen.annotate.judged import JudgedText, judged_texts
from sitegen.annotate.revisions import in_commit, in_directory, repository_root
from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.bundle.sidecars import FOLDER
from sitegen.derive.agreement import Agreement, agreement
from sitegen.derive.annotations import target_key
from sitegen.derive.reviews import label_of, pairs_of_people
from sitegen.errors import Problem, SitegenError
from sitegen.model import Annotation
from sitegen.read.annotations import annotation_of, sidecar_faults
from sitegen.read.documents.json_text import JsonError, parse_json
from sitegen.read.json_places import line_of_path, path_text
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One annotation that is not as it was."""

    file: str
    """The sidecar, '/'-joined from the root of the repository or directory."""
    bundle: str
    """The bundle's directory, or the folder of the run in annotations_dir."""
    before: Annotation | None
    """As it was; None if it is new."""
    after: Annotation | None
    """As it is; None if it is removed."""
    judged: JudgedText | None
    """What it is about, as the run holds it; None where that is not at hand."""

    @property
    def said(self) -> Annotation:
        """As it is, or as it was."""
        found = self.after or self.before
        assert found is not None
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationDiff:
    """What changed between two sets of annotations."""

    changes: tuple[Change, ...]
    """Added, changed and removed ones, in order of file."""
    agreement: Mapping[str, tuple[Agreement, Agreement]]
    """People with each other before and after, by the names that changes have."""
    problems: tuple[Problem, ...]
    """Sidecars of the new set that are not of the format."""


def diff_annotations(base: str, head: str, *, directory: Path | None = None) -> AnnotationDiff:
    """The changes from *base* to *head*, each a directory or a git revision of *directory*.

    Raises:
        SitegenError: if either is neither.
    """
    here = directory or Path.cwd()
    if (here / base).is_dir() and (here / head).is_dir():
        root = here / head
        old, new = in_directory(here / base), in_directory(root)
    else:
        root = repository_root(here)
        old, new = in_commit(root, base), in_commit(root, head)
    return _diff(root, old, new)


def _diff(root: Path, old: Mapping[str, bytes], new: Mapping[str, bytes]) -> AnnotationDiff:
    problems: list[Problem] = []
    before = _annotations(old, [])
    after = _annotations(new, problems)
    pairs = {
        path: (before.get(path), after.get(path))
        for path in sorted(before.keys() | after.keys())
        if old.get(path) != new.get(path)
    }
    judged = judged_texts(
        root, {path: (_bundle(path), one or other) for path, (other, one) in pairs.items()}
    )
    changes = [
        Change(
            file=path, bundle=_bundle(path), before=was, after=now, judged=judged.get(path)
        )
        for path, (was, now) in pairs.items()
    ]  # fmt: skip
    names = sorted({one.name for pair in pairs.values() for one in pair if one})
    return AnnotationDiff(
        changes=tuple(changes),
        agreement={name: (_people(name, before), _people(name, after)) for name in names},
        problems=tuple(problems),
    )


def _bundle(path: str) -> str:
    parts = PurePosixPath(path).parent
    return (parts.parent if parts.name == FOLDER else parts).as_posix()


def _annotations(
    content_by_path: Mapping[str, bytes], problems: list[Problem]
) -> dict[str, Annotation]:
    found = {}
    for path, content in sorted(content_by_path.items()):
        try:
            document, duplicates = parse_json(content, DEFAULT_LIMITS.json_depth)
        except JsonError as error:
            problems.append(_problem(path, error.line, error.message))
            continue
        text = content.decode("utf-8-sig", "replace")
        faults = list(sidecar_faults(document, PurePosixPath(path).stem))
        problems.extend(
            _problem(path, line_of_path(text, one.path), f"{path_text(one.path)}: {one.message}")
            for one in faults
        )
        problems.extend(_problem(path, None, f"“{key}” is given twice") for key in duplicates)
        if not faults and not duplicates:
            found[path] = annotation_of(document, path)
    return found


def _problem(path: str, line: int | None, message: str) -> Problem:
    return Problem(
        code="annotation-invalid", severity="error", path=path, line=line, message=message
    )


def _people(name: str, annotations: Mapping[str, Annotation]) -> Agreement:
    labels: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)
    for path, one in sorted(annotations.items(), key=lambda pair: pair[1].created_at_ns or 0):
        if one.name == name and one.user:
            labels[_bundle(path), target_key(one.target), one.kind][one.user] = label_of(one)
    return agreement(pairs_of_people(labels.values()))


def split_range(text: str) -> tuple[str, str]:
    """BASE and HEAD of `BASE..HEAD`; HEAD may be left out.

    Raises:
        SitegenError: if there are no two dots.
    """
    base, dots, head = text.partition("..")
    if not dots or not base:
        raise SitegenError(
            f"“{text}” is no range", hint="Write BASE..HEAD, or name two directories."
        )
    return base, head.removeprefix(".") or "HEAD"


def changes_of(diff: AnnotationDiff, kind: str) -> Iterable[Change]:
    """The changes that are `added`, `changed` or `removed`."""
    for one in diff.changes:
        found = "added" if one.before is None else "removed" if one.after is None else "changed"
        if found == kind:
            yield one

"""Who committed a sidecar, asked of real git, whose settings nobody trusts."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from sitegen.read.git_authors import IN_BUNDLES, read_commits
from tests.factories import ulid, write_run, write_sidecar

HOSTILE = "Mara <b> \u202e\x1b[31m = commit 0123"


def git(root: Path, *arguments: str, author: str = "mara", day: int = 1) -> None:
    when = f"2026-11-{day:02d}T12:00:00+0000"
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when, "GIT_AUTHOR_NAME": author,
        "GIT_AUTHOR_EMAIL": "secret@example.org", "GIT_COMMITTER_NAME": "ci",
        "GIT_COMMITTER_EMAIL": "ci@example.org",
    }  # fmt: skip
    subprocess.run(["git", *arguments], cwd=root, env=environment, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a run that mara annotated; jonas changed the first of the two."""
    root = tmp_path / "repository"
    bundle = write_run(root / "our [runs]" / "a")
    first = write_sidecar(bundle, 1)
    write_sidecar(bundle, 2)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first", day=1)
    first.write_text(first.read_text() + "\n")
    git(root, "commit", "-qam", "second", author="jonas", day=2)
    return root


def path_of(repository: Path, number: int) -> str:
    return str(repository / "our [runs]" / "a" / "annotations" / f"{ulid(number)}.json")


def test_the_first_and_the_last_commit_of_each_sidecar_are_told(repository: Path) -> None:
    found, problems = read_commits(repository / "our [runs]", IN_BUNDLES)

    assert problems == ()
    assert sorted(found) == [path_of(repository, 1), path_of(repository, 2)]
    one, other = found[path_of(repository, 1)], found[path_of(repository, 2)]
    assert (one.added.author, one.changed.author if one.changed else None) == ("mara", "jonas")
    assert one.added.time_ns == 1_793_534_400 * 10**9
    assert (other.added.id, other.changed) == (one.added.id, None)


def test_a_file_that_a_merge_alone_brings_has_its_commit(repository: Path) -> None:
    git(repository, "checkout", "-qb", "other", "HEAD~1")
    write_sidecar(repository / "our [runs]" / "a", 3)
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "third", author=HOSTILE, day=3)
    git(repository, "checkout", "-q", "main")
    git(repository, "merge", "-q", "--no-commit", "other")
    write_sidecar(repository / "our [runs]" / "a", 4)
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "merged", author="jonas", day=4)

    found, _ = read_commits(repository, IN_BUNDLES)

    assert found[path_of(repository, 4)].added.author == "jonas"
    assert "commit 0123" in found[path_of(repository, 3)].added.author
    assert "secret@example.org" not in str(found)


def test_programs_that_the_repository_names_are_not_run(repository: Path) -> None:
    trap = repository.parent / "trap"
    program = repository.parent / "program"
    program.write_text(f"#!/bin/sh\ntouch '{trap}'\ncat\n")
    program.chmod(0o755)
    for name in (
        "core.fsmonitor", "diff.external", "diff.x.textconv", "gpg.program", "core.pager",
        "core.sshCommand", "alias.rev-list", "core.askPass",
    ):  # fmt: skip
        git(repository, "config", name, str(program))
    git(repository, "config", "log.showSignature", "true")
    git(repository, "config", "core.hooksPath", str(repository.parent))
    (repository / ".gitattributes").write_text("*.json diff=x filter=x\n")

    found, problems = read_commits(repository, IN_BUNDLES)

    assert (len(found), problems) == (2, ())
    assert not trap.exists()


def test_a_shallow_clone_is_refused(repository: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth", "1", repository.as_uri(), str(clone))

    found, (problem,) = read_commits(clone, IN_BUNDLES)

    assert found == {}
    assert problem.code == "git-authors"
    assert "shallow clone" in problem.message
    assert "fetch-depth: 0" in (problem.hint or "")


def test_what_is_no_repository_is_told_without_its_path(tmp_path: Path) -> None:
    found, (problem,) = read_commits(tmp_path, IN_BUNDLES)

    assert found == {}
    assert "is not in a git work tree" in problem.message
    assert str(tmp_path) not in f"{problem.message} {problem.hint} {problem.path}"


def test_a_repository_without_a_commit_says_so(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")

    found, (problem,) = read_commits(tmp_path, IN_BUNDLES)

    assert found == {}
    assert "no commit yet" in problem.message


def test_a_bare_repository_among_the_input_is_none(repository: Path) -> None:
    git(repository, "clone", "-q", "--bare", str(repository), str(repository / "bare"))

    found, (problem,) = read_commits(repository / "bare", IN_BUNDLES)

    assert found == {}
    assert problem.code == "git-authors"

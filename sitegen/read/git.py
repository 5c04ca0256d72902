"""git, asked without trusting the repository: no shell, no hook, no filter, no network. Floor 2.

Only commands run that read objects: `rev-parse`, `rev-list`, `ls-tree`, `diff-tree`, `cat-file`.
They show no work tree and no diff, so that no program that the repository's settings name
(core.fsmonitor, core.hooksPath, diff.external, textconv, gpg.program) has a part in them; the ones
that could are set aside all the same. `safe.directory` is git's own matter and holds; a bare
repository that lies among the input is none (safe.bareRepository).
"""

from __future__ import annotations

import os
from pathlib import Path

from sitegen.errors import SitegenError

_SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "diff.external=",
    "protocol.allow=never",
    "safe.bareRepository=explicit",
)
_SECONDS = 120


def run_git(
    directory: Path,
    *arguments: str,
    given: bytes = b"",
    hint: str | None = None,
    seconds: int = _SECONDS,
) -> bytes:
    """What git says in *directory*; names that *arguments* hold must be of commits and trees.

    Raises:
        SitegenError: if git is not installed, fails, or takes longer than *seconds*.
    """
    settings = [word for one in _SETTINGS for word in ("-c", one)]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "LC_ALL": "C",
    }
    import subprocess  # most builds ask git nothing

    try:
        done = subprocess.run(  # noqa: S603
            ["git", "--no-pager", *settings, *arguments],  # noqa: S607
            cwd=directory, env=environment, input=given, capture_output=True, check=True,
            timeout=seconds,
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        why = f": {said}" if said else ""
        raise SitegenError(f"git {arguments[0]} failed{why}", hint=hint) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SitegenError(f"git cannot be run: {error}", hint=hint) from error
    return done.stdout


def work_tree(directory: Path, hint: str | None = None) -> Path:
    """The root of the work tree that holds *directory*.

    Raises:
        SitegenError: if there is none, git does not trust it, or git is not installed.
    """
    said = run_git(directory, "rev-parse", "--show-toplevel", hint=hint)
    return Path(os.fsdecode(said.removesuffix(b"\n")))

"""Every address in the site. Floor 4; no template and no script makes one.

Files are flat and named `slug-sha10` of the id they are about; data and assets by their content.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from sitegen.bundle.paths import slug
from sitegen.model import MetricTarget, RunTarget, SampleTarget, SpanTarget, Target

INDEX = "index.html"
REPORT = "report.json"
COMPARE = "compare.html"
MODELS = "models.html"
MODELS_CSV = "models.csv"
DATASETS = "datasets.html"
DATASETS_CSV = "datasets.csv"
ANNOTATIONS = "annotations.html"
ANNOTATIONS_CSV = "annotations.csv"
MANIFEST = "sitegen-manifest.json"


def run_page(run_id: str) -> str:
    """Path of a run's page from the site's root."""
    return f"runs/{slug(run_id)}.html"


def run_report(run_id: str) -> str:
    """Path of a run's facts for machines."""
    return f"runs/{slug(run_id)}.json"


def run_prefixes(run_slug: str) -> tuple[str, ...]:
    """How the paths of all files of a run begin."""
    return f"data/{run_slug}/", f"files/{run_slug}/", f"runs/{run_slug}."


def experiment_page(name: str) -> str:
    """Path of an experiment's page."""
    return f"experiments/{slug(name)}.html"


def comparison_page(experiment: str, name: str) -> str:
    """Path of the page of a comparison that an experiment declares."""
    return f"comparisons/{slug(f'{experiment}/{name}')}.html"


def compare_url(keys: Iterable[str]) -> str:
    """The page that compares the runs with these keys, the first of them the baseline."""
    return f"{COMPARE}#runs={','.join(keys)}"


def columns_of(name: str) -> str:
    """The beginning of the keys of an experiment's columns, and their folder below `data/`."""
    return f"columns/{slug(name)}"


def root_of(path: str) -> str:
    """The relative way from the page at *path* to the site's root: `../` or the empty string."""
    return "../" * path.count("/")


def state_hash(**state: str | int | None) -> str:
    """`#tab=traces&trace=9c1e`: the view as a link, keys in the given order, None left out."""
    pairs = [
        f"{key}={quote(str(value), safe='')}" for key, value in state.items() if value is not None
    ]
    return "#" + "&".join(pairs)


def target_hash(target: Target) -> str:
    """The hash of the run page that shows what an annotation is about."""
    match target:
        case SpanTarget():
            return state_hash(tab="traces", trace=target.trace_id, span=target.span_id)
        case SampleTarget():
            return state_hash(
                tab="evals", eval=target.eval, sample=target.sample_id, epoch=target.epoch
            )
        case MetricTarget():
            return state_hash(tab="metrics", metric=target.name)
        case RunTarget():
            return state_hash(tab="overview")


def commit_url(repository: str | None, commit: str | None) -> str | None:
    """The page of *commit* on the hosts whose scheme is known (GitHub, GitLab, Gitea, Codeberg)."""
    base = repository_url(repository)
    if base is None or not commit or not commit.isalnum():
        return None
    middle = "/-/commit/" if "gitlab" in base.split("/")[2] else "/commit/"
    return f"{base}{middle}{commit}"


def commit_range_url(repository: str | None, first: str, last: str) -> str | None:
    """The page of what changed from one commit to another, on the hosts of `commit_url`."""
    base = repository_url(repository)
    if base is None or not first.isalnum() or not last.isalnum():
        return None
    middle = "/-/compare/" if "gitlab" in base.split("/")[2] else "/compare/"
    return f"{base}{middle}{first}...{last}"


def repository_url(repository: str | None) -> str | None:
    """The web address of a repository written as https or as `git@host:owner/name.git`.

    A name and password before the host, which CI services put there, are left out.
    """
    if not repository:
        return None
    text = repository.strip()
    if text.startswith("git@") and ":" in text:
        host, _, path = text.removeprefix("git@").partition(":")
        text = f"https://{host}/{path}"
    text = _without_user(text).removesuffix("/").removesuffix(".git")
    return text if re.match(r"https?://[^/?#\s]", text) else None


def repository_name(repository: str) -> str:
    """`owner/name` of a repository's address, or the text as it is without a password."""
    url = repository_url(repository)
    return "/".join(url.split("/")[3:]) or url if url else _without_user(repository)


def _without_user(address: str) -> str:
    return re.sub(r"^(\s*[\w+.-]+://)[^/?#]*@", r"\1", address)

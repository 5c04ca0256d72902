from __future__ import annotations

import re
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.model import MetricTarget, RunTarget, SampleTarget, SpanTarget, Target
from sitegen.pages.links import (
    commit_url,
    experiment_page,
    repository_name,
    repository_url,
    root_of,
    run_page,
    run_report,
    state_hash,
    target_hash,
)


@given(st.text())
def test_pages_are_flat_files_whatever_the_id(identity: str) -> None:
    assert re.fullmatch(r"runs/[a-z0-9-]+\.html", run_page(identity))
    assert re.fullmatch(r"experiments/[a-z0-9-]+\.html", experiment_page(identity))
    assert run_report(identity) == run_page(identity).removesuffix("html") + "json"


@pytest.mark.parametrize(("path", "root"), [("index.html", ""), ("runs/a.html", "../")])
def test_the_way_to_the_root(path: str, root: str) -> None:
    assert root_of(path) == root


def test_a_view_is_a_hash_in_the_given_order_without_what_is_none() -> None:
    assert state_hash(tab="evals", eval="a b&c=d", sample=None, epoch=1) == (
        "#tab=evals&eval=a%20b%26c%3Dd&epoch=1"
    )


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1), st.integers())
def test_a_view_reads_back(sample: str, epoch: int) -> None:
    text = state_hash(tab="evals", sample=sample, epoch=epoch)

    assert dict(parse_qsl(text.removeprefix("#"), keep_blank_values=True)) == {
        "tab": "evals", "sample": sample, "epoch": str(epoch)
    }  # fmt: skip
    assert text.isascii()


@pytest.mark.parametrize(
    ("target", "text"),
    [
        (SpanTarget(trace_id="a" * 32, span_id="b" * 16),
         f"#tab=traces&trace={'a' * 32}&span={'b' * 16}"),
        (SampleTarget(eval="q/a", sample_id="1", epoch=2),
         "#tab=evals&eval=q%2Fa&sample=1&epoch=2"),
        (MetricTarget(name="val/loss", step=3), "#tab=metrics&metric=val%2Floss"),
        (RunTarget(), "#tab=overview"),
    ],
)  # fmt: skip
def test_a_target_has_an_address(target: Target, text: str) -> None:
    assert target_hash(target) == text


REPOSITORIES = [
    ("https://github.com/a/b", "https://github.com/a/b", "a/b"),
    ("https://github.com/a/b.git", "https://github.com/a/b", "a/b"),
    ("git@github.com:a/b.git", "https://github.com/a/b", "a/b"),
    ("https://gitlab.com/g/sub/b/", "https://gitlab.com/g/sub/b", "g/sub/b"),
    ("javascript:alert(1)", None, "javascript:alert(1)"),
    ("/home/me/b", None, "/home/me/b"),
    ("", None, ""),
    ("https://example.org", "https://example.org", "https://example.org"),
    ("http://", None, "http://"),
    ("ssh://me:secret@host/a/b", None, "ssh://host/a/b"),
]


@pytest.mark.parametrize(("text", "url", "name"), REPOSITORIES)
def test_repositories(text: str, url: str | None, name: str) -> None:
    assert repository_url(text) == url
    assert repository_name(text) == name


def test_an_address_with_a_password_is_shown_without_it() -> None:
    """CI writes remotes as https://x-access-token:…@github.com/…: the token must not be shown."""
    text = "https://x-access-token:ghs_secret@github.com/a/b.git"

    assert repository_url(text) == "https://github.com/a/b"
    assert repository_name(text) == "a/b"
    assert commit_url(text, "abc123") == "https://github.com/a/b/commit/abc123"


@pytest.mark.parametrize(
    ("repository", "commit", "url"),
    [
        ("https://github.com/a/b", "abc123", "https://github.com/a/b/commit/abc123"),
        ("https://gitlab.com/a/b", "abc123", "https://gitlab.com/a/b/-/commit/abc123"),
        ("git@codeberg.org:a/b", "abc123", "https://codeberg.org/a/b/commit/abc123"),
        ("https://github.com/a/b", "../../x", None),
        ("https://github.com/a/b", "", None),
        (None, "abc123", None),
        ("https://github.com/a/b", None, None),
    ],
)
def test_commits(repository: str | None, commit: str | None, url: str | None) -> None:
    assert commit_url(repository, commit) == url


@given(st.text(), st.text())
def test_any_repository_and_commit_give_an_https_address_or_none(text: str, commit: str) -> None:
    for prefix in ("", "https://", "git@", "http://"):
        url = commit_url(prefix + text, f"c{commit}")
        commit_url(prefix + text, "abc")
        repository_name(prefix + text)
        assert url is None or url.startswith(("http://", "https://"))

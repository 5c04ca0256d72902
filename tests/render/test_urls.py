from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.render.urls import is_external, safe_url


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a?b=c#d",
        "HTTP://example.org",
        "mailto:maria@example.org",
        "#tab=metrics&metric=train/loss",
        "runs/a.html",
        "../index.html#x:y",
        "./a:b",
        "?q=a:b",
        "a/b:c",
        "/compare.html",
    ],
)
def test_an_ordinary_address_stays_as_it_is(url: str) -> None:
    assert safe_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        " \t",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        "\u00a0javascript:alert(1)",
        "\u200bjavascript:alert(1)",
        "javascript\x00:alert(1)",
        "vbscript:x",
        "data:text/html,<script>",
        "data:image/png;base64,AAAA",
        "file:///etc/passwd",
        "blob:https://example.org/x",
        "view-source:https://example.org",
        "//example.org/x",
        "/\\example.org",
        "\\\\example.org",
        "https:\\\\example.org",
        "http:example.org",
        "https:///example.org",
        "javascript&colon;:alert(1)",
        "c:/windows",
        ":",
    ],
)
def test_a_dangerous_or_foreign_address_is_refused(url: str) -> None:
    assert safe_url(url) is None


def test_blanks_around_an_address_are_dropped() -> None:
    assert safe_url("  https://example.org/a\n") == "https://example.org/a"


def test_only_addresses_with_a_scheme_leave_the_site() -> None:
    assert is_external("https://example.org")
    assert not is_external("#a:b")
    assert not is_external("a/b:c")


@given(st.text())
def test_whatever_is_allowed_has_an_allowed_scheme_or_none(url: str) -> None:
    safe = safe_url(url)

    if safe is not None:
        head = safe.split("/")[0].split("?")[0].split("#")[0]
        assert ":" not in head or head.split(":")[0].lower() in {"http", "https", "mailto"}
        assert not safe.startswith(("//", "/\\"))

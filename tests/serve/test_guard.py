"""Which requests are answered: other names, other sites' pages, forms and large bodies are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.serve.guard import MOST_BODY, Guard, host_names

TOKEN = b"t0ken"
GUARD = Guard(hosts=host_names(8765), token=TOKEN)
HOST = {"host": "127.0.0.1:8765"}
WRITING = HOST | {
    "x-sitegen-token": "t0ken",
    "origin": "http://127.0.0.1:8765",
    "content-type": "application/json",
    "content-length": "2",
}


def status_of(method: str, path: str, headers: dict[str, str]) -> int | None:
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    refusal = GUARD.refusal(method, path, pairs)
    return refusal.status if refusal else None


def test_what_our_own_page_asks_is_answered() -> None:
    assert status_of("GET", "/", HOST) is None
    assert status_of("HEAD", "/index.html", {"host": "localhost:8765"}) is None
    assert status_of("GET", "/-/state", HOST | {"x-sitegen-token": "t0ken"}) is None
    assert status_of("POST", "/-/annotations", WRITING) is None


@pytest.mark.parametrize(
    "host",
    ["attacker.example", "attacker.example:8765", "127.0.0.1", "127.0.0.1:80", "localhost",
     "127.0.0.1:8765.attacker.example", "localhost.:8765", "127.0.0.1:8765@attacker.example", "",
     "[::1]:8765", "0.0.0.0:8765", "2130706433:8765", "attacker.example/127.0.0.1:8765"],
)  # fmt: skip
def test_a_foreign_name_that_leads_here_is_refused(host: str) -> None:
    """DNS rebinding: the browser believes to talk to the attacker, whose name is 127.0.0.1 now."""
    assert status_of("GET", "/", {"host": host}) == 421
    assert status_of("POST", "/-/annotations", WRITING | {"host": host}) == 421


def test_two_hosts_and_none_are_refused() -> None:
    twice = [(b"host", b"127.0.0.1:8765"), (b"host", b"attacker.example")]
    refusal = GUARD.refusal("GET", "/", twice)

    assert refusal is not None
    assert refusal.status == 421
    assert status_of("GET", "/", {}) == 421


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything"])
@pytest.mark.parametrize("path", ["/data/a/b-0123.js", "/", "/report.json", "/-/state"])
def test_the_page_of_another_site_loads_nothing_from_here(site: str, path: str) -> None:
    """Data files are scripts: loaded elsewhere they would hand over what they hold."""
    asked = HOST | {"sec-fetch-site": site, "x-sitegen-token": "t0ken"}

    assert status_of("GET", path, asked | {"sec-fetch-mode": "no-cors"}) == 403
    assert status_of("GET", path, asked | {"sec-fetch-mode": "cors"}) == 403
    framed = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}
    assert status_of("GET", path, asked | framed) == 403


def test_a_link_on_another_site_may_be_followed() -> None:
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}

    assert status_of("GET", "/", HOST | link | {"sec-fetch-dest": "document"}) is None


@pytest.mark.parametrize("token", [None, "", "t0ke", "t0ken ", "t0kenn", "T0KEN", "\xff"])
def test_without_the_token_of_this_start_nothing_is_told_or_written(token: str | None) -> None:
    headers = {name: value for name, value in WRITING.items() if name != "x-sitegen-token"}
    if token is not None:
        headers["x-sitegen-token"] = token
    expected = None if token == "t0ken " else 403  # white space at the end is not the value's

    assert status_of("GET", "/-/state", headers) == expected
    assert status_of("POST", "/-/annotations", headers) == expected


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"origin": None}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://attacker.example"}, 403),
        ({"origin": "https://127.0.0.1:8765"}, 403),
        ({"origin": "http://127.0.0.1:8766"}, 403),
        ({"origin": "http://localhost:8765"}, 403),  # the page of one name, the server of the other
        ({"content-type": None}, 415),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({"content-type": "multipart/form-data; boundary=x"}, 415),
        ({"content-type": "text/plain; application/json"}, 415),
        ({"content-type": "application/json-patch"}, 415),
        ({"content-length": None}, 411),
        ({"content-length": "-1"}, 411),
        ({"content-length": "1e3"}, 411),
        ({"content-length": str(MOST_BODY + 1)}, 413),
        ({"content-length": "9" * 40}, 413),
        ({"content-type": "application/json; charset=utf-8"}, None),
        ({"content-type": "APPLICATION/JSON"}, None),
        ({"content-length": str(MOST_BODY)}, None),
    ],
)
def test_what_a_form_or_another_origin_can_send_writes_nothing(
    changes: dict[str, str | None], status: int | None
) -> None:
    headers = {name: value for name, value in (WRITING | changes).items() if value is not None}

    assert status_of("POST", "/-/annotations", headers) == status


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "get"])
def test_the_site_is_only_read(method: str) -> None:
    assert status_of(method, "/index.html", WRITING) == 405
    assert method == "POST" or status_of(method, "/-/annotations", WRITING) == 405


@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "OPTIONS"]),
    path=st.text(max_size=20).map(lambda text: f"/{text}"),
    headers=st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=30)), max_size=6),
)
def test_whatever_comes_is_answered_or_refused(
    method: str, path: str, headers: list[tuple[bytes, bytes]]
) -> None:
    refusal = GUARD.refusal(method, path, [(b"host", b"localhost:8765"), *headers])

    assert refusal is None or 400 <= refusal.status < 500
    if path.startswith("/-/") and not path.startswith("/-/assets/"):
        given = {name.lower(): value.strip() for name, value in headers}
        assert refusal is not None or given.get(b"x-sitegen-token") == TOKEN

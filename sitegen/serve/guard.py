"""Who may ask what of the server: decided from a request's head, before anything looks at it.

Floor 7. The server listens on 127.0.0.1 and has no password, so every page that the user's browser
has open could talk to it. What keeps them out, each for itself:

- the name in `Host`: a foreign name that was made to resolve to 127.0.0.1 (DNS rebinding) is
  refused;
- `Sec-Fetch-Site`: what another site's page loads from here (our data files are scripts) is
  refused; a link that is followed is not, nor is a browser that does not say;
- the token, made at each start and written into each page: a page of another origin cannot read
  it, and a header of its own needs a permission (CORS) that is never given;
- `Origin` and `Content-Type` of what writes: a form can send neither ours nor JSON.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from sitegen.records import dataclass

OWN = "/-/"
"""Beginning of the paths that are no part of the site."""
TOKEN_HEADER = b"x-sitegen-token"
MOST_BODY = 256_000
"""Bytes of a request; the longest rationale that a page carries back is 16 kB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a request is not answered."""

    status: int
    """Of HTTP."""
    message: str
    """The same in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What a request has to show."""

    hosts: frozenset[bytes]
    """Names of the server as browsers write them."""
    token: bytes
    """The secret of this start."""

    def refusal(
        self, method: str, path: str, headers: Iterable[tuple[bytes, bytes]]
    ) -> Refusal | None:
        """Why the request with this head is refused; None if it is answered.

        *path* is percent-decoded, names of *headers* are lower-case.
        """
        given = [(name.lower(), value.strip()) for name, value in headers]
        hosts = [value.lower() for name, value in given if name == b"host"]
        if len(hosts) != 1 or hosts[0] not in self.hosts:
            return Refusal(status=421, message="this server answers to 127.0.0.1 and localhost")
        one = dict(given)
        if not _is_from_here(one):
            return Refusal(status=403, message="the page of another site asked for this")
        if not path.startswith(OWN):
            return None if method in {"GET", "HEAD"} else _NO_METHOD
        if path.startswith(f"{OWN}assets/"):
            return None if method == "GET" else _NO_METHOD
        if not hmac.compare_digest(one.get(TOKEN_HEADER, b""), self.token):
            return Refusal(status=403, message="the token is missing or of another start")
        if method == "GET":
            return None
        return self._writing_refusal(method, hosts[0], given)

    def _writing_refusal(
        self, method: str, host: bytes, given: list[tuple[bytes, bytes]]
    ) -> Refusal | None:
        if method != "POST":
            return _NO_METHOD
        origins = [value.lower() for name, value in given if name == b"origin"]
        if origins != [b"http://" + host]:
            return Refusal(status=403, message="Origin is not this server's")
        types = [value.lower() for name, value in given if name == b"content-type"]
        if len(types) != 1 or types[0].partition(b";")[0].strip() != b"application/json":
            return Refusal(status=415, message="Content-Type is not application/json")
        sizes = [value for name, value in given if name == b"content-length"]
        if len(sizes) != 1 or not sizes[0].isdigit():
            return Refusal(status=411, message="Content-Length is missing")
        if len(sizes[0]) > 9 or int(sizes[0]) > MOST_BODY:
            return Refusal(status=413, message=f"more than {MOST_BODY:,} bytes")
        return None


_NO_METHOD = Refusal(status=405, message="not a method of this path")


def _is_from_here(one: dict[bytes, bytes]) -> bool:
    """Whether the page that asks is ours, or a person followed a link or typed the address."""
    if one.get(b"sec-fetch-site", b"none") in {b"none", b"same-origin"}:
        return True
    return one.get(b"sec-fetch-mode") == b"navigate" and one.get(b"sec-fetch-dest") == b"document"


def host_names(port: int) -> frozenset[bytes]:
    """What `Host` may say of a server at *port*; browsers leave out 80."""
    names = ("127.0.0.1", "localhost")
    found = {f"{name}:{port}" for name in names}
    if port == 80:
        found |= set(names)
    return frozenset(name.encode() for name in found)

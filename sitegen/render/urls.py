"""Which addresses found in input may become an `href`: the one check, used for every link.

Floor 5. Autoescaping does not stop `javascript:`; this does. An address that is refused is shown as
text, never mended.
"""

from __future__ import annotations

import re

ID_PREFIX = "user-content-"
"""Before every id made from input, so that none can shadow a name of our scripts."""

_SCHEMES = frozenset({"http", "https", "mailto"})
# Browsers drop C0 controls and spaces around an address, and tab, LF and CR inside it, before they
# look for a scheme (WHATWG URL, "basic URL parser"); so `java\tscript:` is `javascript:`.
_DROPPED = re.compile(
    r"[\x00-\x20\x7f-\xa0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff]"
)
_SCHEME = re.compile(r"([^/?#:]*):")


def safe_url(url: str) -> str | None:
    """The address without surrounding blanks, or None if it may not become a link.

    Allowed are http, https and mailto, and addresses relative to the page; refused are every other
    scheme, addresses of another host without a scheme (`//host`), and anything with a backslash
    before its query, which browsers read as a slash.
    """
    bare = _DROPPED.sub("", url) if url else ""  # of a page's fifteen texts most have none
    if not bare or ("\\" in bare and "\\" in re.split(r"[?#]", bare, maxsplit=1)[0]):
        return None
    if bare.startswith("//"):
        return None
    scheme = _SCHEME.match(bare)
    if scheme is None:
        return bare
    name = scheme.group(1).lower()
    if name not in _SCHEMES:
        return None
    if name != "mailto" and not re.match(r"https?://[^/?#]", bare, re.IGNORECASE):
        return None
    return bare


def is_external(url: str) -> bool:
    """Whether a safe address leaves the site."""
    return _SCHEME.match(url) is not None

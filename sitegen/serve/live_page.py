"""A built page as it is served: the page itself, a policy that lets it ask us, and our script.

Floor 7. The site in the cache is that of `sitegen build`, byte for byte. What is served differs in
these two places only, which a test takes out again and compares.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Iterable, Sequence
from pathlib import Path

from sitegen.errors import SitegenError
from sitegen.pages.frame import CSP
from sitegen.records import dataclass
from sitegen.render.theme import read_theme, theme_directories
from sitegen.serve.guard import OWN

_SCRIPTS = ("serve.js", "view.js", "renew.js", "saving.js")
_STYLE = "serve.css"
WAITING = "waiting.html"
"""Shown while there is no site yet."""
_POLICY = html.escape(CSP).replace("&#x27;", "&#39;").encode()
_LIVE_POLICY = _POLICY + b"; connect-src &#39;self&#39;"
_END_OF_HEAD = b"</head>"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAssets:
    """What only served pages load, and the page that stands in for a site."""

    token: str
    """The secret of this start."""
    own: dict[str, bytes]
    """Our styles and scripts by their paths, in order."""
    theme: dict[str, bytes]
    """Those of the theme that the page without a site loads."""
    waiting: bytes
    """The page while there is no site."""

    def page(self, built: bytes, path: str) -> bytes:
        """The page that was *built* for *path*, as it is served."""
        live = built.replace(_POLICY, _LIVE_POLICY, 1)
        return _into_head(live, _loading(self.own) + self._meta(built, path))

    def waiting_page(self, path: str) -> bytes:
        """What is served for *path* while there is no site."""
        policy = b'<meta http-equiv="Content-Security-Policy" content="' + _LIVE_POLICY + b'">\n'
        page = self.waiting.replace(b"<head>\n", b"<head>\n" + policy, 1)
        tags = _loading(self.theme | self.own) + self._meta(self.waiting, path)
        return _into_head(page, tags)

    def file(self, path: str) -> bytes | None:
        """The style or script *path*, None if there is none."""
        return self.own.get(path, self.theme.get(path))

    def _meta(self, built: bytes, path: str) -> bytes:
        said = {"token": self.token, "page": path, "digest": page_digest(built)}
        data = "".join(f' data-{key}="{html.escape(value)}"' for key, value in said.items())
        return f'<meta name="sitegen-serve" content="1"{data}>\n'.encode()


def _into_head(page: bytes, tags: bytes) -> bytes:
    before, end, after = page.partition(_END_OF_HEAD)
    return b"".join((before, tags, end, after))


def _loading(paths: Iterable[str]) -> bytes:
    lines = [
        f'<link rel="stylesheet" href="{path}">\n'
        if path.endswith(".css")
        else f'<script src="{path}" defer></script>\n'
        for path in paths
    ]
    return "".join(lines).encode()


def page_digest(built: bytes) -> str:
    """What tells one state of a page from another."""
    return hashlib.sha256(built).hexdigest()


def live_assets(directory: Path | None, token: str) -> LiveAssets:
    """The scripts and styles in serve/ of the theme in *directory* over the default one.

    Raises:
        SitegenError: if the theme's directory or a file is missing.
    """
    directories, theme = theme_directories(directory), read_theme(directory)
    own = {}
    for name in (_STYLE, *_SCRIPTS):
        content = _read(directories, name)
        stem, _, suffix = name.rpartition(".")
        own[f"{OWN}assets/{stem}-{page_digest(content)[:10]}.{suffix}"] = content
    shared = (theme.style, *theme.scripts["listing"])
    return LiveAssets(
        token=token,
        own=own,
        theme={f"{OWN}{one.path}": one.content for one in shared},
        waiting=_read(directories, WAITING),
    )


def _read(directories: Sequence[Path], name: str) -> bytes:
    for directory in directories:
        path = directory / "serve" / name
        if path.is_file():
            return path.read_bytes()
    raise SitegenError(f"theme file serve/{name} is missing", path=str(directories[-1]))

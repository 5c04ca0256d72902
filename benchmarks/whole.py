"""Whether every page of a site is whole, and every file that it names is there."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

_LINK = re.compile(r'(?:href|src)="([^"#?]+)')
_DATA = re.compile(r'"((?:data|files)/[^"]+\.[a-z0-9]+)"')
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def faults_of(site: Path) -> Iterator[str]:
    """Pages that are cut and links that lead nowhere; none where there is no site yet."""
    found: dict[Path, bool] = {}
    for page in sorted(site.rglob("*.html")):
        text = page.read_text(encoding="utf-8", errors="replace")
        shown = page.relative_to(site).as_posix()
        if not text.rstrip().endswith("</html>"):
            yield f"{shown} is cut after {len(text)} characters"
        targets = [page.parent / one for one in _links(text)]
        targets += [site / html.unescape(one) for one in _DATA.findall(text)]
        for target in targets:
            if target not in found:
                found[target] = target.is_file()
            if not found[target]:
                yield f"{shown} names {target.name}, which is not there"


def _links(text: str) -> Iterator[str]:
    """Relative links, as paths."""
    for link in _LINK.findall(text):
        path = unquote(html.unescape(link))
        if not _ELSEWHERE.match(path) and not path.startswith("//"):
            yield path

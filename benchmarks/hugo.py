"""Sites of trivial pages for Hugo, the reference for pages a second; it need not be installed."""

from __future__ import annotations

import shutil
from pathlib import Path

MISSING = "Hugo is not installed: `apt-get install hugo`."
_SETTINGS = """\
baseURL = "https://example.org/"
title = "Runs"
disableKinds = ["taxonomy", "term", "RSS", "sitemap", "404", "section", "home"]
"""
_LAYOUT = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ .Title }}</title></head>
<body><h1>{{ .Title }}</h1>{{ .Content }}</body></html>
"""
_PAGE = """\
---
title: "run {number}"
---
A run of a *benchmark*, edited {edit} times. Nothing here was trained.
"""


def is_installed() -> bool:
    """Whether there is a Hugo to compare with."""
    return shutil.which("hugo") is not None


def write_hugo(root: Path, count: int) -> None:
    """A site of *count* pages, a title and a sentence each."""
    for folder in ("content/runs", "layouts/_default"):
        (root / folder).mkdir(parents=True)
    (root / "config.toml").write_text(_SETTINGS, encoding="utf-8")
    (root / "layouts/_default/single.html").write_text(_LAYOUT, encoding="utf-8")
    for number in range(count):
        write_page(root, number, edit=0)


def write_page(root: Path, number: int, *, edit: int) -> None:
    """Write one page's source."""
    path = root / "content" / "runs" / f"run-{number:05}.md"
    path.write_text(_PAGE.format(number=number, edit=edit), encoding="utf-8")


def hugo_build(root: Path) -> list[str]:
    """The command that builds all pages."""
    return ["hugo", "--quiet", "--source", str(root), "--destination", str(root / "public")]

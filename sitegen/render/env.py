"""The template environment and the one function that turns a page context into text. Floor 5."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import (
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
)
from markupsafe import Markup

from sitegen.errors import SitegenError
from sitegen.records import dataclass
from sitegen.render.fast_templates import FastEnvironment
from sitegen.render.filters import FILTERS
from sitegen.render.payload import clean_text, json_text, page_json
from sitegen.render.urls import safe_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """Where templates come from."""

    directories: tuple[Path, ...]
    """Directories of the theme, in order."""
    compiled: Path | None
    """Where their code is kept, None if nowhere. It is run: nobody but the user may write there."""


def template_environment(
    directories: tuple[Path, ...], compiled: Path | None = None
) -> Environment:
    """An environment over the templates of a theme's *directories*: autoescape always on,
    undefined names an error.

    Compiling the templates takes 0.2 s, so their code is kept in *compiled*, where Jinja holds it
    against the digest of the template.

    `select_autoescape` is not used: it is off for names such as `page.html.j2`.
    """
    kept = _kept_code(compiled) if compiled else None
    environment = FastEnvironment(
        bytecode_cache=kept,
        loader=FileSystemLoader([directory / "templates" for directory in directories]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(FILTERS)
    environment.filters["markdown"] = _markdown
    environment.filters["safe_url"] = safe_url
    environment.filters["page_json"] = page_json
    environment.filters["json"] = json_text
    return environment


def _kept_code(directory: Path) -> FileSystemBytecodeCache | None:
    """Jinja's own cache in *directory*; none if it cannot be made or others may write there."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = directory.lstat()
    except OSError:
        return None
    is_own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    if not is_own or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return None
    return FileSystemBytecodeCache(str(directory), "%s.code")


def _markdown(text: str, **options: Any) -> Markup:
    """See `render_markdown`; few pages hold a note, and its parser takes long to import."""
    from sitegen.render.markdown import render_markdown

    return render_markdown(text, **options)


def render_page(environment: Environment, template: str, context: Mapping[str, Any]) -> str:
    """The page's text; lone surrogates of the input become U+FFFD.

    Raises:
        SitegenError: if the theme's template is missing or uses a name that its context lacks.
    """
    try:
        text = environment.get_template(f"pages/{template}.html").render(context)
    except TemplateError as error:
        raise SitegenError(
            f"template {template}: {error}",
            path=getattr(error, "filename", None),
            line=getattr(error, "lineno", None),
            hint="The contexts of templates are documented in sitegen/pages/.",
        ) from error
    return clean_text(text)

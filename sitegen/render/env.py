"""The template environment and the one function that turns a page context into text. Floor 5."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from sitegen.errors import SitegenError
from sitegen.render.filters import FILTERS
from sitegen.render.markdown import render_markdown
from sitegen.render.payload import clean_text, json_text, page_json
from sitegen.render.urls import safe_url


def template_environment(directories: tuple[Path, ...]) -> Environment:
    """An environment over the templates of a theme's *directories*: autoescape always on,
    undefined names an error.

    `select_autoescape` is not used: it is off for names such as `page.html.j2`.
    """
    environment = Environment(
        loader=FileSystemLoader([directory / "templates" for directory in directories]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters.update(FILTERS)
    environment.filters["markdown"] = render_markdown
    environment.filters["safe_url"] = safe_url
    environment.filters["page_json"] = page_json
    environment.filters["json"] = json_text
    return environment


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

"""A theme: templates, styles and scripts by file name, the user's before the default's.

Floor 5. Themes are trusted. theme.toml of the default theme says which styles and scripts a kind
of page loads, in order; a theme directory overrides any file by having one of the same path,
theme.toml too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

import msgspec
from msgspec import Struct

from sitegen.errors import SitegenError
from sitegen.read.settings import explain_toml_error, parse_toml
from sitegen.records import dataclass
from sitegen.render.payload import content_hash

ASSETS = "assets"
_MAP_STYLES = re.compile(rb'if\(!document\.getElementById\("[0-9a-f]{64}"\)\)')
THEME_FILE = "theme.toml"


class _ScriptsTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[scripts]` of theme.toml: paths of files in js/."""

    head: list[str]
    all: list[str]
    index: list[str]
    experiment: list[str]
    run: list[str]
    listing: list[str]
    annotations: list[str]
    compare: list[str]
    comparison: list[str]


class _ThemeFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """theme.toml."""

    name: str | None = None
    styles: list[str]
    scripts: _ScriptsTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file that pages load, the same for all pages."""

    path: str
    """Path in the site, named by its content."""
    content: bytes
    """Its bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """A theme, read and ready."""

    directories: tuple[Path, ...]
    """Where files are looked for, in order."""
    style: Asset
    """All styles as one file."""
    head_scripts: tuple[Asset, ...]
    """Scripts that run before the page is painted."""
    scripts: Mapping[str, tuple[Asset, ...]]
    """Deferred scripts by kind of page, in order: one file for all kinds, one for its own."""
    plotly: Asset
    """The chart library, loaded when the first chart comes into view."""
    plotly_style: Asset
    """Its stylesheet, which the content security policy forbids it to insert."""

    def templates_digest(self) -> str:
        """Digest over the text of all templates, the user's and the default's."""
        digest = hashlib.sha256()
        for directory in self.directories:
            root = directory / "templates"
            for path in sorted(root.rglob("*.html")):
                content = path.read_bytes()
                digest.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode())
                digest.update(content)
        return digest.hexdigest()

    def assets(self) -> tuple[Asset, ...]:
        """Every file once, by path."""
        scripts = [asset for group in self.scripts.values() for asset in group]
        found = [self.style, *self.head_scripts, *scripts, self.plotly, self.plotly_style]
        return tuple(
            {asset.path: asset for asset in sorted(found, key=lambda one: one.path)}.values()
        )


def default_theme_directory() -> Path:
    """themes/default: inside the installed package, or beside it in a checkout."""
    package = Path(str(files("sitegen")))
    for directory in (package / "themes" / "default", package.parent / "themes" / "default"):
        if (directory / "theme.toml").is_file():
            return directory
    raise SitegenError(
        "the default theme is missing from this installation",
        path=str(package),
        hint="Install again: pip install --force-reinstall sitegen-reports",
    )


def theme_directories(directory: Path | None) -> tuple[Path, ...]:
    """Where files of a theme are looked for, in order."""
    default = default_theme_directory()
    return (default,) if directory is None else (directory, default)


def read_theme(directory: Path | None) -> Theme:
    """The theme in *directory* over the default one.

    Raises:
        SitegenError: if the directory is missing, theme.toml is wrong, or a file that it names is
            in neither.
    """
    if directory is not None and not directory.is_dir():
        raise SitegenError("no such theme directory", path=str(directory))
    directories = theme_directories(directory)
    spec = _theme_file(directories)
    scripts = spec.scripts
    kinds = {
        "annotations": scripts.annotations,
        "compare": scripts.compare, "comparison": scripts.comparison,
        "experiment": scripts.experiment, "index": scripts.index, "listing": scripts.listing,
        "run": scripts.run,
    }  # fmt: skip
    styles = [_read(directories, f"css/{name}") for name in spec.styles]
    everywhere = _joined(directories, "sitegen.js", scripts.all)
    return Theme(
        directories=directories,
        style=_asset("sitegen.css", b"\n".join(styles)),
        head_scripts=_scripts(directories, scripts.head),
        scripts={
            kind: everywhere + _joined(directories, f"{kind}.js", names)
            for kind, names in kinds.items()
        },
        plotly=_asset("plotly.js", _read(directories, "vendor/plotly/plotly.min.js")),
        plotly_style=_asset("plotly.css", _read(directories, "vendor/plotly/plotly.css")),
    )


@cache
def large_plotly() -> Asset:
    """The whole plotly.js of the plotly package, without the styles of its map library.

    It writes them into a `<style>` as it loads, which the policy of the page refuses with an error
    on the console; no map is drawn here. Its own styles js/attachments/attachments-figure.js turns
    off.

    Raises:
        SitegenError: if the package lacks the file.
    """
    found = find_spec("plotly")
    path = Path(found.origin or "").parent / "package_data" / "plotly.min.js" if found else None
    if path is None or not path.is_file():
        raise SitegenError(
            "the chart library is missing from the plotly package", path=str(path or "plotly"),
            hint="Install again: pip install --force-reinstall plotly",
        )  # fmt: skip
    content = _MAP_STYLES.sub(b"if(false)", path.read_bytes())
    return _asset("plotly-large.js", content)


def _theme_file(directories: tuple[Path, ...]) -> _ThemeFile:
    path = next(one for one in directories if (one / THEME_FILE).is_file()) / THEME_FILE
    document = parse_toml(path.read_bytes(), path)
    try:
        return msgspec.convert(document, _ThemeFile, strict=True)
    except msgspec.ValidationError as error:
        raise explain_toml_error(error, document, path, _ThemeFile) from error


def _scripts(directories: tuple[Path, ...], names: list[str]) -> tuple[Asset, ...]:
    return tuple(_asset(name, _read(directories, f"js/{name}")) for name in names)


def _joined(directories: tuple[Path, ...], file: str, names: Sequence[str]) -> tuple[Asset, ...]:
    """The scripts *names* as one file: ninety requests and elements of a page become two."""
    if not names:
        return ()
    return (_asset(file, b"\n".join(_read(directories, f"js/{name}") for name in names)),)


def _asset(name: str, content: bytes) -> Asset:
    stem, _, suffix = PurePosixPath(name).name.rpartition(".")
    return Asset(path=f"{ASSETS}/{stem}-{content_hash(content)}.{suffix}", content=content)


def _read(directories: tuple[Path, ...], name: str) -> bytes:
    for directory in directories:
        path = directory / name
        if path.is_file():
            return path.read_bytes()
    raise SitegenError(f"theme file {name} is missing", path=str(directories[0]))

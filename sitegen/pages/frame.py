"""The frame around every page: head, header, breadcrumb, footer. Floor 4."""

from __future__ import annotations

from collections.abc import Mapping

from sitegen import __version__
from sitegen.bundle.paths import sha10, slug
from sitegen.bundle.sidecars import FOLDER
from sitegen.model import Json
from sitegen.pages.links import (
    ANNOTATIONS,
    COMPARE,
    DATASETS,
    INDEX,
    MODELS,
    REPORT,
    repository_name,
    repository_url,
    root_of,
)
from sitegen.records import dataclass
from sitegen.units import short_digest

CSP = (
    "default-src 'none'; script-src 'self'; style-src-elem 'self'; style-src-attr 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self'; font-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; object-src 'none'"
)
"""Nothing inline, nothing remote, no eval; measured on file:// and http in Chromium and Firefox."""


_SECTIONS = (
    ("Experiments", INDEX),
    ("Compare", COMPARE),
    ("Annotations", ANNOTATIONS),
    ("Models", MODELS),
    ("Datasets", DATASETS),
)
"""Parts of the site that every page links to."""
_HOSTS = {
    "gitlab": ("gitlab",), "gitea": ("gitea", "forgejo", "codeberg"), "github": ("github",)
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetLinks:
    """Paths of the theme's files from the site's root."""

    style: str
    """Stylesheet."""
    head_scripts: tuple[str, ...]
    """Scripts that run before the page is painted."""
    scripts: Mapping[str, tuple[str, ...]]
    """Deferred scripts by kind of page."""
    plotly: str
    """The chart library."""
    plotly_style: str
    """Its stylesheet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """Where annotations are proposed."""

    host: str
    """github, gitea, gitlab, or empty where the host's pages are not known."""
    url: str
    """Its web address; empty without one."""
    name: str
    """`owner/name`."""
    branch: str
    """Branch that they are proposed on."""
    folder: str
    """Folder of the bundles in it, or of the runs' own folders."""
    has_own_folders: bool
    """Whether sidecars lie in a folder for each run, apart from the bundles."""

    @property
    def where(self) -> str:
        """What files are named from; empty for the top of the repository."""
        if self.folder:
            return ""
        return f"the folder of {'annotations_dir' if self.has_own_folders else 'the runs'}"


def repository_of(
    address: str | None, folder: str | None, branch: str | None, *, has_own_folders: bool
) -> Repository:
    """The repository at *address*; without one annotations can still be taken as a patch."""
    url = repository_url(address) or ""
    return Repository(
        host=_host(url),
        url=url,
        name=repository_name(address) if address else "",
        branch=branch or "main",
        folder=(folder or "").strip("/"),
        has_own_folders=has_own_folders,
    )


def _host(url: str) -> str:
    """Whose pages the host has, by its name."""
    name = url.split("/")[2] if url else ""
    for host, words in _HOSTS.items():
        if any(word in name for word in words):
            return host
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What all pages share; a change of it renders every page anew."""

    title: str
    """Name of the site."""
    description: str | None
    """One sentence on it."""
    is_indexed: bool
    """Whether search engines may index it."""
    assets: AssetLinks
    """The theme's files."""
    repository: Repository | None = None
    """Where annotations are proposed."""

    def sidecar_folder(self, relative: str, run_id: str) -> str:
        """Where the sidecars of a run lie in the repository, `/` at the end.

        *relative* is its bundle below the RUNS argument.
        """
        if self.repository and self.repository.has_own_folders:
            parts = [self.repository.folder, slug(run_id)]
        else:
            parts = [self.repository.folder if self.repository else "", relative, FOLDER]
        return "/".join(part for part in parts if part) + "/"

    @property
    def id(self) -> str:
        """Prefix of this site's keys in the browser's storage."""
        return f"sitegen-{sha10(self.title)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLink:
    """A link of the site."""

    label: str
    """Its text."""
    url: str | None
    """Its address relative to the page; None for the page itself."""
    is_current: bool = False
    """Whether it leads to this page's part of the site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """What stands at the end of a page."""

    version: str
    """Version of sitegen."""
    digest: str
    """Digest of the page's input."""
    digest_short: str
    """The same, short."""
    summary: str
    """`226 runs · 20 Nov 2026`: the latest date of the input, never the build's clock."""
    report_url: str
    """The same facts for machines."""
    problems_url: str
    """Where the problems stand."""
    problems_count: int
    """Problems of the page's input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFrame:
    """The context `page` of base.html."""

    title: str
    """Title of the page and its first heading."""
    head_title: str
    """Title of the browser's tab."""
    site_title: str
    """Name of the site."""
    root: str
    """Relative way to the site's root: `../` or empty."""
    site_id: str
    """Prefix of keys in the browser's storage."""
    csp: str
    """Content security policy."""
    is_indexed: bool
    """Whether search engines may index the page."""
    stylesheets: tuple[str, ...]
    """Stylesheets, relative to the page."""
    head_scripts: tuple[str, ...]
    """Scripts that run before the page is painted."""
    scripts: tuple[str, ...]
    """Deferred scripts, in order."""
    plotly_url: str | None
    """The chart library, from the site's root; None on pages without charts."""
    plotly_css_url: str | None
    """Its stylesheet."""
    nav: tuple[PageLink, ...]
    """Parts of the site."""
    breadcrumb: tuple[PageLink, ...]
    """The way here; empty on the index."""
    footer: Footer
    """End of the page."""
    files: Mapping[str, str]
    """Data files by key, from the site's root."""
    annotate: Mapping[str, Json]
    """Where annotations are proposed; of a run's page the folder of its sidecars, and the data
    files with what is said of it and of an older run."""


def page_frame(
    site: Site,
    *,
    kind: str,
    path: str,
    title: str,
    breadcrumb: tuple[PageLink, ...],
    digest: str,
    summary: str,
    report: str = REPORT,
    problems_url: str,
    problems_count: int,
    files: Mapping[str, str] | None = None,
    has_charts: bool = False,
    section: str = "Experiments",
    annotate: Mapping[str, Json] | None = None,
) -> PageFrame:
    """The frame of the page at *path*; *kind* chooses the scripts, *section* the current part.

    *annotate* is what scripts must know of the page's annotations beside where they are proposed.
    """
    root, assets = root_of(path), site.assets
    return PageFrame(
        title=title,
        head_title=site.title if path == INDEX else f"{title} · {site.title}",
        site_title=site.title,
        root=root,
        site_id=site.id,
        csp=CSP,
        is_indexed=site.is_indexed,
        stylesheets=(root + assets.style,),
        head_scripts=tuple(root + script for script in assets.head_scripts),
        scripts=tuple(root + script for script in assets.scripts[kind]),
        plotly_url=assets.plotly if has_charts else None,
        plotly_css_url=root + assets.plotly_style if has_charts else None,
        nav=tuple(
            PageLink(label=label, url=root + url, is_current=label == section)
            for label, url in _SECTIONS
        ),
        breadcrumb=breadcrumb,
        footer=Footer(
            version=__version__,
            digest=digest,
            digest_short=short_digest(digest),
            summary=summary,
            report_url=root + report,
            problems_url=problems_url,
            problems_count=problems_count,
        ),
        files=files or {},
        annotate=_repository(site.repository) | dict(annotate or {"folder": None}),
    )


def _repository(repository: Repository | None) -> dict[str, Json]:
    if repository is None:
        return {}
    return {
        "host": repository.host,
        "url": repository.url,
        "name": repository.name,
        "branch": repository.branch,
        "where": repository.where,
    }

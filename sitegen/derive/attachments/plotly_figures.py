"""A Plotly figure from a file, held against lists of ours: what is not on them is left out.

Floor 3. A figure can load pictures, link away, and merge keys into prototypes; and Plotly reads a
small HTML in every text. So: trace types, layout keys and value types by allow-list, no key with
`src`, `url` or `__`, texts with all tags escaped but bold, italics, line breaks and the like.
Types that need WebGL or map tiles are refused by name: the page's policy allows neither code from
text, which Plotly's WebGL needs, nor any request.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sitegen.bundle.limits import Limits
from sitegen.model import Json
from sitegen.records import dataclass
from sitegen.units import count_text, plural

SMALL_TYPES = frozenset({"scatter", "bar", "box", "heatmap", "histogram"})
"""What the site's own chart library draws; the same list stands in js/charts/figure.js."""
LARGE_TYPES = SMALL_TYPES | frozenset({
    "barpolar", "candlestick", "carpet", "contour", "contourcarpet", "funnel", "funnelarea",
    "histogram2d", "histogram2dcontour", "icicle", "indicator", "ohlc", "parcats", "pie", "sankey",
    "scattercarpet", "scatterpolar", "scattersmith", "scatterternary", "sunburst", "table",
    "treemap", "violin", "waterfall",
})  # fmt: skip
"""What the library of the plotly package draws under the page's policy."""
_AS_SCATTER = {"scattergl": "scatter", "scatterpolargl": "scatterpolar"}
_WEBGL = frozenset({"cone", "isosurface", "mesh3d", "parcoords", "scatter3d", "splom",
                    "streamtube", "surface", "volume"})  # fmt: skip
LAYOUT_KEYS = frozenset({
    "annotations", "autosize", "bargap", "bargroupgap", "barmode", "barnorm", "boxgap",
    "boxgroupgap", "boxmode", "coloraxis", "colorscale", "colorway", "extendpiecolors",
    "extendsunburstcolors", "extendtreemapcolors", "font", "funnelgap", "funnelmode", "grid",
    "height", "hiddenlabels", "hovermode", "legend", "margin", "paper_bgcolor", "piecolorway",
    "plot_bgcolor", "polar", "scattermode", "separators", "shapes", "showlegend", "smith",
    "sunburstcolorway", "ternary", "title", "treemapcolorway", "uniformtext", "violingap",
    "violingroupgap", "violinmode", "waterfallgap", "waterfallmode", "width",
})  # fmt: skip
"""Keys of a layout that are drawn; besides them axes, legends and colour axes by number."""
_NUMBERED = re.compile(r"(?:[xy]axis|coloraxis|legend|polar|ternary|smith)\d{0,3}")
_KEY_REFUSED = re.compile(
    r"__|proto|constructor|src$|url|href|source|images|template|^on", re.IGNORECASE
)
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,60}")
_TAG = re.compile(r"&lt;(/?(?:b|i|em|sub|sup|s|u)|br ?/?|/?extra)&gt;", re.IGNORECASE)
_BINARY = {"i1": 1, "u1": 1, "i2": 2, "u2": 2, "i4": 4, "u4": 4, "f4": 4, "f8": 8}
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_LONGEST_TEXT = 2_000
_DEEPEST = 12
_MOST_TRACES = 200
_HEIGHT = 450


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFigure:
    """A figure that may be drawn."""

    data: list[Json]
    """Its traces."""
    layout: dict[str, Json]
    """Its layout."""
    types: tuple[str, ...]
    """Types of its traces."""
    needs_library: bool
    """Whether a type is beyond the site's own chart library."""
    height: int
    """Height in px."""
    notes: tuple[str, ...]
    """What was left out, in sentences."""


class FigureRefusedError(Exception):
    """A figure that is not drawn; its text says why."""


class _Checker:
    """Copies what is allowed, and counts what is not."""

    def __init__(self, most_values: int) -> None:
        self.left_out = 0
        self.values = 0
        self._most_values = most_values

    def copied(self, value: Json, depth: int = 0) -> Json:
        """The value without what is refused.

        Raises:
            FigureRefusedError: beyond the limit of values.
        """
        self.values += 1
        if self.values > self._most_values:
            raise FigureRefusedError(f"it has more than {count_text(self._most_values)} values")
        match value:
            case None | bool() | int() | float():
                return value
            case str():
                return safe_text(value)
            case list() if depth < _DEEPEST:
                return [self.copied(member, depth + 1) for member in value]
            case dict() if "bdata" in value:
                return self._binary(value)
            case dict() if depth < _DEEPEST:
                return self.members(value, depth + 1)
            case _:
                self.left_out += 1
                return None

    def members(self, value: Mapping[str, Json], depth: int) -> dict[str, Json]:
        """The members whose keys are plain names of nothing that loads or links."""
        kept = {}
        for key, member in value.items():
            if _KEY.fullmatch(key) and not _KEY_REFUSED.search(key):
                kept[key] = self.copied(member, depth)
            elif not key.endswith("src"):  # columns of a chart studio, of no use here
                self.left_out += 1
        return kept

    def _binary(self, value: Mapping[str, Json]) -> Json:
        """An array as plotly.py writes it: {dtype, bdata, shape}."""
        kind, text, shape = value.get("dtype"), value.get("bdata"), value.get("shape")
        width = _BINARY.get(kind) if isinstance(kind, str) else None
        if width is None or not isinstance(text, str) or not _BASE64.fullmatch(text):
            self.left_out += 1
            return None
        self.values += len(text) * 3 // 4 // width
        if self.values > self._most_values:
            raise FigureRefusedError(f"it has more than {count_text(self._most_values)} values")
        found: dict[str, Json] = {"dtype": kind, "bdata": text}
        if isinstance(shape, str) and re.fullmatch(r"\d+(?:, ?\d+){0,2}", shape):
            found["shape"] = shape
        return found


def safe_text(text: str) -> str:
    """*text* with every tag escaped but those without attributes that only change letters."""
    cut = text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"
    return _TAG.sub(r"<\1>", cut.replace("<", "&lt;").replace(">", "&gt;"))


def check_figure(figure: Mapping[str, Json], limits: Limits) -> CheckedFigure:
    """What of *figure* may be drawn.

    Raises:
        FigureRefusedError: if that is nothing.
    """
    given = figure.get("data")
    traces = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    if not traces:
        raise FigureRefusedError("it has no traces")
    if len(traces) > _MOST_TRACES:
        raise FigureRefusedError(f"it has {plural(len(traces), 'trace')}, over {_MOST_TRACES}")
    types = tuple(_type(trace) for trace in traces)
    checker = _Checker(limits.figure_values)
    data = [
        checker.members(trace, 1) | {"type": kind}
        for trace, kind in zip(traces, types, strict=True)
    ]
    layout = _layout(figure.get("layout"), checker)
    notes = []
    if any(trace.get("type") in _AS_SCATTER for trace in traces):
        notes.append("WebGL traces are drawn as plain ones.")
    if figure.get("frames"):
        notes.append("The first frame of its animation is drawn.")
    if checker.left_out:
        notes.append(f"{plural(checker.left_out, 'property', 'properties')} left out.")
    return CheckedFigure(
        data=data, layout=layout, types=tuple(sorted(set(types))),
        needs_library=not SMALL_TYPES.issuperset(types) or not _has_plain_axes(layout),
        height=_height(layout), notes=tuple(notes),
    )  # fmt: skip


def _type(trace: Mapping[str, Json]) -> str:
    """The type that is drawn.

    Raises:
        FigureRefusedError: for a type that is not.
    """
    kind = trace.get("type", "scatter")
    name = _AS_SCATTER.get(kind, kind) if isinstance(kind, str) else ""
    if name in LARGE_TYPES:
        return name
    shown = str(kind)[:40]
    if name in _WEBGL:
        raise FigureRefusedError(
            f"traces of type {shown} need WebGL with code made from text, which the policy of the"
            " page forbids"
        )
    if re.search(r"geo|map|choropleth|density", shown):
        raise FigureRefusedError(f"traces of type {shown} need maps from the network")
    raise FigureRefusedError(f"it has a trace of type {shown}, which is not drawn here")


def _layout(layout: Json, checker: _Checker) -> dict[str, Json]:
    if not isinstance(layout, dict):
        return {}
    kept: dict[str, Any] = {}
    for key, value in layout.items():
        if key in LAYOUT_KEYS or _NUMBERED.fullmatch(key):
            kept[key] = checker.copied(value, 1)
        elif key not in {"template", "sliders", "updatemenus", "dragmode", "clickmode", "meta",
                         "uirevision", "hoverdistance", "spikedistance", "modebar"}:  # fmt: skip
            checker.left_out += 1
    return kept


def _has_plain_axes(layout: Mapping[str, Json]) -> bool:
    return not any(re.match(r"polar|ternary|smith", key) for key in layout)


def _height(layout: dict[str, Json]) -> int:
    height = layout.pop("height", None)
    layout.pop("width", None)
    if not isinstance(height, int | float) or isinstance(height, bool) or height != height:  # noqa: PLR0124  # NaN
        return _HEIGHT
    return int(min(2000, max(120, height)))

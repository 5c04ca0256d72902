"""The vendored Plotly bundle is the one its README describes."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

THEME = Path(__file__).parents[2] / "themes" / "default"
BUNDLE = THEME / "vendor" / "plotly"


@pytest.mark.parametrize("name", ["plotly.min.js", "plotly.css"])
def test_the_readme_names_the_hash_of_each_file(name):
    digest = hashlib.sha256((BUNDLE / name).read_bytes()).hexdigest()

    assert f"| `{name}` | `{digest}` |" in (BUNDLE / "README.md").read_text()


def test_versions_are_pinned_exactly_and_no_host_is_named():
    package = json.loads((BUNDLE / "package.json").read_text())
    lock = json.loads((BUNDLE / "package-lock.json").read_text())

    assert all(re.fullmatch(r"[\d.]+", version) for version in package["devDependencies"].values())
    assert [name for name, entry in lock["packages"].items() if "resolved" in entry] == []
    assert [n for n, entry in lock["packages"].items() if n and "integrity" not in entry] == []


def test_the_script_and_the_readme_speak_of_the_version_that_is_built():
    version = json.loads((BUNDLE / "package.json").read_text())["devDependencies"]["plotly.js"]

    assert (BUNDLE / "plotly.min.js").read_text().startswith(f"/* plotly.js {version} (")
    assert f"plotly.js {version} (MIT" in (BUNDLE / "README.md").read_text()


def test_figure_js_allows_the_trace_types_that_the_bundle_holds():
    built = re.search(r"const TRACES = (\[.*\]);", (BUNDLE / "build.mjs").read_text())
    allowed = re.search(
        r"const TYPES = (\[.*\]);", (THEME / "js" / "charts" / "figure.js").read_text()
    )

    assert json.loads(allowed[1]) == ["scatter", *json.loads(built[1])]

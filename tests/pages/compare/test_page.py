"""The page that compares any runs, and what leads it to them."""

from __future__ import annotations

from sitegen.bundle.paths import slug
from sitegen.pages.compare.page import compare_page, declared_links, registry_entry
from sitegen.pages.links import run_page
from sitegen.pages.site.index import index_entry
from sitegen.read.experiments import ComparisonSpec
from tests.derive.test_experiment import card, metric, only
from tests.pages.site.test_index import SITE


def test_the_registry_leads_from_a_key_to_the_run_and_its_data() -> None:
    losses = (metric("loss", goal="minimize", low=0.5),)
    cards = [card("a", metrics=losses, compared_file="data/a.js"), card("b", status="failed")]

    entry = registry_entry(only(*cards, baseline="e/b"), "data/columns/schema.js")

    assert entry["runs"] == [
        [slug("e/a")[-10:], "a", "completed", run_page("e/a"), "data/a.js"],
        [slug("e/b")[-10:], "b", "failed", run_page("e/b"), ""],
    ]
    assert entry["baseline"] == slug("e/b")[-10:]
    assert (entry["objective"], entry["goal"]) == ("loss", "minimize")
    assert entry["file"] == "data/columns/schema.js"


def test_the_page_names_the_registry_and_the_declared_comparisons() -> None:
    spec = ComparisonSpec(name="both", runs=("e/a", "e/b"), filter=None)
    experiment = only(card("a"), card("b"), comparisons=(spec,))

    page = compare_page(
        SITE, [index_entry(experiment)], declared_links(experiment), registry="assets/r.js",
        problems=(),
    )  # fmt: skip

    assert page.page.files == {"runs": "assets/r.js"}
    assert [(one.name, one.note) for one in page.declared] == [("both", "2 runs")]
    assert page.page.footer.summary == "2 runs"
    assert [link.label for link in page.page.nav if link.is_current] == ["Compare"]

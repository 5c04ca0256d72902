"""The Evals tab's context: words for every number, links, filter fields; and its template."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.derive.annotations import resolve_annotations
from sitegen.derive.evals.part import derive_evals
from sitegen.derive.sink import DataFile, PublishedFile
from sitegen.model import Annotation, Json, SampleTarget
from sitegen.pages.run.evals_tab import EvalsTab, evals_tab
from sitegen.read.evals import read_evals
from sitegen.render.env import template_environment

THEME = Path(__file__).parents[3] / "themes" / "default"
HOSTILE = "</script><img src=x onerror=alert(1)>\"'`{{7*7}}"


class NoFiles:
    """A sink that keeps nothing."""

    def data(self, name: str, payload: Mapping[str, Json]) -> DataFile:
        return DataFile(name=name, file=f"data/{name}.js", size_bytes=0)

    def text(self, name: str, extension: str, pieces: Iterable[str]) -> PublishedFile:
        for _ in pieces:
            pass
        return PublishedFile(file="files/run/e.csv", size_bytes=0)

    def library(self) -> PublishedFile:
        return PublishedFile(file="assets/plotly-large.js", size_bytes=1)

    def copy(self, path: str, extension: str) -> PublishedFile:
        raise NotImplementedError


def tab_of(
    root: Path,
    *lines: dict[str, Any],
    meta: dict[str, Any] | None = None,
    annotations: Iterable[Annotation] = (),
    evals: int = 1,
) -> EvalsTab:
    (root / "evals").mkdir(exist_ok=True)
    for number in range(evals):
        name = f"e{number or ''}"
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (root / f"evals/{name}.jsonl").write_text(text)
        (root / f"evals/{name}.meta.json").write_text(json.dumps(meta or {}))
    paths = [path.relative_to(root).as_posix() for path in (root / "evals").iterdir()]
    told: list[object] = []
    sources = read_evals(root, paths, DEFAULT_LIMITS, told.append)
    facts = derive_evals(sources, sink=NoFiles(), report=told.append)
    resolved = resolve_annotations(annotations, facts.anchors)
    return evals_tab(facts, slug="run", annotations=resolved, root="../")


def panel_of(root: Path, values: list[Any], meta: dict[str, Any] | None = None) -> Any:
    lines = [{"id": i, "scores": {"x": value}} for i, value in enumerate(values)]
    return tab_of(root, *lines, meta=meta).evals[0].panels[0]


def html_of(tab: EvalsTab) -> str:
    environment = template_environment((THEME,))
    return environment.get_template("tabs/evals.html").render(tab=tab)


class Elements(HTMLParser):
    """Tags and attributes of a text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))


def test_a_share_has_its_interval_denominator_and_bounds(tmp_path: Path) -> None:
    panel = panel_of(tmp_path, [True] * 6 + [False] * 2 + [None] * 2)

    assert panel.figure == "75.0\u202f%"
    assert panel.interval_text == "95\u202f% CI 40.9 to 92.9 (Wilson)"
    assert panel.scored_text == "8 of 10 scored; 2 missing"
    assert panel.bounds_text == "60.0\u202f% if the rest failed, 80.0\u202f% if it passed"
    assert panel.drawing.notes == ("6 yes", "2 no", "2 missing")


def test_0_of_n_is_shown_as_such(tmp_path: Path) -> None:
    panel = panel_of(tmp_path, [False] * 4)

    assert (panel.figure, panel.figure_exact) == ("0.0\u202f%", "0")
    assert panel.drawing.notes == ("4 no",)


def test_a_mean_of_0_is_shown_as_such(tmp_path: Path) -> None:
    panel = panel_of(tmp_path, [0, 0, 0])

    assert (panel.figure, panel.interval_text) == ("0", "no spread, no interval")


def test_one_number_has_no_interval(tmp_path: Path) -> None:
    panel = panel_of(tmp_path, [0.5])

    assert (panel.figure, panel.interval_text) == ("0.5", "one sample, no interval")
    assert panel.whisker is None


def test_equal_numbers_have_no_spread_and_no_interval(tmp_path: Path) -> None:
    panel = panel_of(tmp_path, [1] * 10)

    assert (panel.figure, panel.interval_text) == ("1", "no spread, no interval")
    assert panel.whisker is None


def test_an_eval_without_samples_says_so(tmp_path: Path) -> None:
    (eval_,) = tab_of(tmp_path, meta={"scorers": {"ok": {}}}).evals

    assert eval_.none_text == "evals/e.jsonl holds no sample: nothing was scored."
    assert [fact.text for fact in eval_.facts] == ["0 samples"]


def test_clusters_are_named_in_the_interval(tmp_path: Path) -> None:
    lines = [
        {"id": i, "epoch": epoch, "scores": {"x": float(i + epoch)}}
        for i in range(5)
        for epoch in (1, 2)
    ]

    (one,) = tab_of(tmp_path, *lines).evals

    assert one.panels[0].interval_text is not None
    assert one.panels[0].interval_text.endswith("(t, 5 clusters)")
    assert one.facts[0].text == "10 samples of 5 ids, 2 epochs"
    assert one.has_epochs


def test_a_declared_range_is_the_scale(tmp_path: Path) -> None:
    meta = {"scorers": {"x": {"goal": "maximize", "range": [1, 5], "unit": "points"}}}

    panel = panel_of(tmp_path, [4, 5, 5], meta)

    assert panel.kind_text == "number, points, 1 to 5"
    assert [tick.text for tick in panel.drawing.ticks] == ["1", "2", "3", "4", "5"]
    assert panel.goal == "maximize"


def test_labels_are_counted_and_the_rest_is_told(tmp_path: Path) -> None:
    panel = panel_of(tmp_path, list("aaabbcdefg"))

    assert panel.figure == "7 labels"
    assert [(one.label, one.count_text) for one in panel.labels][:2] == [("a", "3"), ("b", "2")]
    assert panel.labels_more == "2 with other labels"


def test_more_than_six_scorers_are_a_table(tmp_path: Path) -> None:
    (one,) = tab_of(tmp_path, {"id": 1, "scores": {f"s{i}": 1 for i in range(9)}}).evals

    assert (len(one.panels), len(one.rows_of_scorers)) == (0, 9)
    assert [column.is_off for column in one.columns] == [False] * 8 + [True]


def test_cells_say_missing_error_no_and_nan(tmp_path: Path) -> None:
    lines = [
        {"id": 1, "scores": {"b": False, "n": 0}},
        {"id": 2, "scores": {"n": "NaN", "b": {"error": "down"}}},
        {"id": 3, "scores": {"n": 0.25}},
    ]

    (one,) = tab_of(tmp_path, *lines).evals

    cells = {
        row.id: [(cell.kind, cell.text, cell.sort_value) for cell in row.cells] for row in one.rows
    }
    assert cells == {
        "1": [("boolean", "no", "0"), ("number", "0.00", "0")],
        "2": [("error", "error", ""), ("number", "NaN", "NaN")],
        "3": [("missing", "missing", ""), ("number", "0.25", "0.25")],
    }


def test_rows_link_to_their_sample_and_trace(tmp_path: Path) -> None:
    line = {"id": "a/b &c", "epoch": 2, "trace_id": "ABCD"}

    row = tab_of(tmp_path, line).evals[0].rows[0]

    assert row.href == "#tab=evals&eval=e&sample=a%2Fb%20%26c&epoch=2"
    assert row.trace_href == "#tab=traces&trace=abcd"
    assert row.key == "sample:e/a/b &c/2"


def test_annotations_are_summed_up_in_the_row(tmp_path: Path) -> None:
    annotation = Annotation(
        id="01HZX3J9Q4M8T5V6W7Y8Z9A0BC", kind="feedback", anchor=None, name="helpful", value=True,
        target=SampleTarget(eval="e", sample_id="1"), rationale=None, user=None,
        created_at_ns=None, updated_at_ns=None, path="annotations/x.json",
    )  # fmt: skip

    (one,) = tab_of(tmp_path, {"id": 1}, annotations=[annotation]).evals

    assert one.has_annotations
    assert one.rows[0].annotation_text.startswith("helpful: 1 yes")


def test_a_run_without_evals_says_how_to_log_one(tmp_path: Path) -> None:
    tab = tab_of(tmp_path, evals=0)

    assert tab.empty is not None
    assert "evals/&lt;eval&gt;.jsonl" in html_of(tab)
    assert "run.log_sample" in html_of(tab)


@pytest.mark.parametrize("evals", [1, 2, 8])
def test_the_choice_of_eval_is_there_when_there_is_one(tmp_path: Path, evals: int) -> None:
    elements = Elements(html_of(tab_of(tmp_path, {"id": 1}, evals=evals))).found

    sections = [attributes for tag, attributes in elements if "data-eval" in attributes]
    links = [tag for tag, attributes in elements if "data-eval-name" in attributes]
    assert len(sections) == evals
    assert len(links) == (0 if evals == 1 else evals), "once for all: 500 evals were 28 MB of links"


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    line = {
        "id": HOSTILE, "input": HOSTILE, "output": HOSTILE, "target": HOSTILE, "error": HOSTILE,
        "tags": [HOSTILE], "metadata": {HOSTILE: HOSTILE}, "cluster": HOSTILE, "trace_id": HOSTILE,
        "scores": {HOSTILE: HOSTILE}, "usage": {"model": HOSTILE, "input_tokens": 1},
    }  # fmt: skip
    meta = {"dataset": HOSTILE, "description": HOSTILE,
            "scorers": {HOSTILE: {"unit": HOSTILE, "description": HOSTILE}}}  # fmt: skip

    elements = Elements(html_of(tab_of(tmp_path, line, {**line, "error": None}, meta=meta))).found

    assert "img" not in {tag for tag, _ in elements}
    assert {dict(attributes).get("type") for tag, attributes in elements if tag == "script"} == {
        "application/json"
    }
    for _, attributes in elements:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]


def test_ids_in_the_page_are_unique_and_each_row_is_an_anchor(tmp_path: Path) -> None:
    elements = Elements(html_of(tab_of(tmp_path, {"id": 1}, {"id": 2}, evals=2))).found

    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert "tab=evals&eval=e1&sample=2&epoch=1" in ids

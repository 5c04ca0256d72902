"""The pages of declared comparisons: there, whole without a script, and following their runs."""

from __future__ import annotations

from pathlib import Path

from sitegen.pages.links import comparison_page
from tests.build.test_incremental import build, contents
from tests.factories import write_experiment_file, write_file, write_metrics, write_run
from tests.read.documents.test_media import png

DECLARED = """name = "e"
[[comparison]]
name = "rates"
runs = ["e/b", "e/gone"]
filter = "params.lr < 0.5"
"""


def write_site(root: Path, text: str = DECLARED) -> None:
    for name, rate in (("a", 0.1), ("b", 1.0), ("c", 2.0)):
        run = root / "runs" / "e" / name
        write_run(run, id=f"e/{name}", experiment="e", params={"lr": rate})
        write_metrics(run, loss=[1.0, rate])
    write_experiment_file(root / "runs" / "e", text)


def page(root: Path, site: str = "site") -> str:
    return (root / site / comparison_page("e", "rates")).read_text("utf-8")


def test_a_declared_comparison_is_a_page(tmp_path: Path) -> None:
    write_site(tmp_path)

    build(tmp_path)

    text = page(tmp_path)
    assert '<span class="sg-differs">0.1</span>' in text
    assert '<span class="sg-differs">1.0</span>' in text
    assert "2.0" not in text
    assert "No run of this experiment: e/gone" in text
    experiment = next((tmp_path / "site" / "experiments").iterdir()).read_text("utf-8")
    assert f'href="../{comparison_page("e", "rates")}"' in experiment


def test_a_changed_run_changes_its_comparison_as_a_clean_build_would(tmp_path: Path) -> None:
    write_site(tmp_path)
    build(tmp_path)
    write_run(tmp_path / "runs" / "e" / "b", id="e/b", experiment="e", params={"lr": 0.25})

    build(tmp_path)

    assert "0.25" in page(tmp_path)
    built = contents(tmp_path / "site")
    for path in sorted((tmp_path / "site").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    build(tmp_path)
    assert built == contents(tmp_path / "site")


def test_a_comparison_that_is_no_longer_declared_is_gone(tmp_path: Path) -> None:
    write_site(tmp_path)
    build(tmp_path)
    write_site(tmp_path, 'name = "e"\n')

    build(tmp_path)

    assert not (tmp_path / "site" / comparison_page("e", "rates")).exists()


def test_pictures_of_one_path_that_differ_stand_beside_each_other(tmp_path: Path) -> None:
    write_site(tmp_path)
    for name, width in (("a", 3), ("b", 4)):
        write_file(tmp_path / "runs" / "e" / name, "attachments/plot.png", png(width, 3))
        write_file(tmp_path / "runs" / "e" / name, "attachments/same.png", png(3, 3))
    build(tmp_path)

    text = page(tmp_path)
    assert 'alt="plot.png of A b"' in text
    assert 'alt="plot.png of B a"' in text
    assert 'alt="same.png' not in text


def test_curves_of_the_runs_are_drawn_over_each_other(tmp_path: Path) -> None:
    write_site(tmp_path)
    build(tmp_path)

    text = page(tmp_path)
    assert 'aria-label="loss of 2 runs, steps 0 to 1: between 0.1 and 1"' in text
    assert text.count('<path class="sg-line sg-line--series s') == 2
    assert ">B</text>" in text

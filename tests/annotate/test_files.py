"""Where sidecars are put, whatever others do to the folder meanwhile, and several at once."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from sitegen.annotate import add_annotation, add_annotations, carry_annotations, remove_annotation
from sitegen.annotate.files import create_file, remove_file, replace_file
from sitegen.errors import SitegenError
from tests.audit import audited
from tests.conftest import Outcome
from tests.factories import sample_document, write_eval, write_run

Command = Callable[..., Outcome]
_HERE, _EXCHANGE = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
TARGET = {"type": "sample", "eval": "e", "sample_id": "q-1"}


@contextmanager
def swapped_all_the_time(folder: Path, elsewhere: Path) -> Iterator[None]:
    """*folder* is a folder and a link to *elsewhere* in turn."""
    is_done = threading.Event()
    link = folder.with_name("link")
    link.symlink_to(elsewhere)
    names = [os.fsencode(path) for path in (folder, link)]
    exchange = ctypes.CDLL(None).renameat2

    def swap() -> None:
        while not is_done.is_set():
            exchange(_HERE, names[0], _HERE, names[1], _EXCHANGE)

    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        yield
    finally:
        is_done.set()
        swapping.join()
        if folder.is_symlink():
            exchange(_HERE, names[0], _HERE, names[1], _EXCHANGE)


def test_a_link_put_in_place_of_the_folder_leads_nothing_elsewhere(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "annotations", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    (elsewhere / "0.json").write_text("of others")

    with swapped_all_the_time(folder, elsewhere):
        for number in range(300):
            with suppress(SitegenError, FileNotFoundError, FileExistsError):
                create_file(folder / f"{number}.json", "{}\n")
            with suppress(SitegenError, FileNotFoundError):
                replace_file(folder / "0.json", "changed\n")
            with suppress(SitegenError, FileNotFoundError):
                remove_file(folder / "0.json")

    assert [path.name for path in elsewhere.iterdir()] == ["0.json"]
    assert (elsewhere / "0.json").read_text() == "of others"
    assert [path for path in folder.iterdir() if path.suffix != ".json"] == []


def with_sample(bundle: Path) -> Path:
    write_run(bundle)
    write_eval(bundle, [sample_document(id="q-1")], name="e")
    return bundle


def test_of_several_one_that_is_wrong_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    bundle = with_sample(tmp_path / "a")
    said: list[dict[str, Any]] = [{"name": "n", "value": True, "target": TARGET} for _ in range(3)]
    said[1]["value"] = 1.5

    with pytest.raises(SitegenError, match=r"annotation 2: \$\.value: expected") as raised:
        add_annotations(bundle, said)

    assert not (bundle / "annotations").exists(), raised.value


def test_a_missing_target_of_one_leaves_all_unwritten(tmp_path: Path) -> None:
    bundle = with_sample(tmp_path / "a")
    other = {**TARGET, "sample_id": "q-2"}

    with pytest.raises(SitegenError, match="the run has no sample"):
        add_annotations(
            bundle, [{"name": "n", "value": True, "target": one} for one in (TARGET, other)]
        )

    assert not (bundle / "annotations").exists()


def test_the_run_is_read_once_for_all(tmp_path: Path) -> None:
    bundle = with_sample(tmp_path / "a")
    opened: list[str] = []

    with audited() as audit:
        paths = add_annotations(bundle, [{"name": "n", "value": True, "target": TARGET}] * 50)
        opened = [path.name for path in audit.read if path.name == "e.jsonl"]

    assert opened == ["e.jsonl"]
    assert len(set(paths)) == 50


def test_what_would_be_carried_is_named_by_its_file(tmp_path: Path) -> None:
    old, new = with_sample(tmp_path / "old"), with_sample(tmp_path / "new")
    path = add_annotation(old, {"name": "n", "value": True, "target": TARGET})

    assert carry_annotations(old, new, is_dry=True).files == (path,)


@pytest.mark.parametrize("beginning", ["", "0", "01K"])
def test_the_beginning_of_an_id_is_not_that_of_all(tmp_path: Path, beginning: str) -> None:
    bundle = write_run(tmp_path / "a")
    path = add_annotation(bundle, {"name": "n", "value": True})

    with pytest.raises(SitegenError, match="too short"):
        remove_annotation(beginning, (bundle,))

    assert path.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 100_000, "is no JSON"),
        ('{"value": ' + "9" * 5_000, "is no JSON"),
    ],
)
def test_json_that_python_cannot_take_is_told(
    tmp_path: Path, sitegen: Command, text: str, said: str
) -> None:
    bundle = write_run(tmp_path / "a")
    (tmp_path / "said.json").write_text(text)

    done = sitegen("annotate", "add", bundle, "--json", tmp_path / "said.json")

    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err


def test_a_number_of_thousands_of_digits_is_a_text(tmp_path: Path, sitegen: Command) -> None:
    bundle = write_run(tmp_path / "a")

    assert sitegen("annotate", "add", bundle, "answer", "9" * 5_000).code == 0
    assert sitegen("annotate", "add", bundle, "answer", "9" * 30).code == 2


def test_what_is_nested_too_deeply_is_told(tmp_path: Path) -> None:
    nested: list[Any] = []
    for _ in range(5_000):
        nested = [nested]

    with pytest.raises(SitegenError, match="nested too deeply"):
        add_annotation(
            write_run(tmp_path / "a"),
            {"name": "n", "value": True, "target": {"type": "run", "more": nested}},
        )

"""Annotations written through the server: into the right file, whole, and never over another's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sitegen.bundle.sidecars import sidecar_text
from sitegen.serve.project import project_of
from sitegen.serve.runs import ServedRun, ServedRuns
from sitegen.serve.sidecars import Answer, write_change
from tests.conftest import contents
from tests.factories import (
    sample_document,
    sidecar_document,
    ulid,
    write_eval,
    write_run,
    write_sidecar,
)

PAGE = "runs/a-0123456789.html"
SAID = {"kind": "feedback", "target": {"type": "run"}, "name": "helpful", "value": True}


class Writes:
    """A project of one run, and requests to write into it."""

    def __init__(self, root: Path, *, is_shared: bool = False, settings: str = "") -> None:
        self.root = root
        self.bundle = write_run(root / "runs" / "a", id="a")
        self.config = root / "sitegen.toml"
        self.config.write_text(settings)
        self.project = project_of(
            (root / "runs",), config=self.config, theme=None, cache=root / "cache", workers=1
        )
        self.runs = ServedRuns(self.project)
        self.runs._by_page[PAGE] = ServedRun(
            bundle=self.bundle, slug="a-0123456789", is_shared=is_shared, status="completed"
        )

    @property
    def folder(self) -> Path:
        return self.bundle / "annotations"

    def send(self, document: Any) -> Answer:
        content = document if isinstance(document, bytes) else json.dumps(document).encode()
        return write_change(self.project, self.runs, content)

    def add(self, **said: Any) -> Answer:
        return self.send({"op": "add", "page": PAGE, "said": SAID | said})

    def edit(self, id: str, old: str, **said: Any) -> Answer:
        return self.send({"op": "edit", "page": PAGE, "id": id, "old": old, "said": SAID | said})

    def remove(self, id: str, old: str) -> Answer:
        return self.send({"op": "remove", "page": PAGE, "id": id, "old": old, "said": None})


@pytest.fixture
def writes(tmp_path: Path) -> Writes:
    return Writes(tmp_path)


def test_what_is_said_becomes_a_canonical_sidecar_of_its_own(writes: Writes) -> None:
    answer = writes.add(rationale="Täglich.", user="maria")

    (path,) = writes.folder.iterdir()
    document = json.loads(path.read_text())
    assert answer == Answer(
        status=200, message="Saved", file=f"a/annotations/{path.name}", id=path.stem,
        now=path.read_text(),
    )  # fmt: skip
    assert document["id"] == path.stem
    assert document["rationale"] == "Täglich."
    assert path.read_text() == sidecar_text(document)
    assert {key: document[key] for key in SAID} == SAID


def test_an_edit_keeps_what_it_does_not_say_and_takes_out_what_is_emptied(writes: Writes) -> None:
    path = write_sidecar(writes.bundle, 1, rationale="Old.", target={"type": "run"})
    before = json.loads(path.read_text())

    answer = writes.edit(ulid(1), path.read_text(), value=before["value"], name="kept", user="eva")

    after = json.loads(path.read_text())
    assert answer.status == 200
    assert "rationale" not in after
    assert (after["name"], after["user"]) == ("kept", "eva")
    assert after["created_at"] == before["created_at"]
    assert after["updated_at"] > before["created_at"]


def test_a_new_value_is_a_judgement_of_what_the_target_is_now(writes: Writes) -> None:
    write_eval(writes.bundle, [sample_document(id="q-1")], name="e")
    target = {"type": "sample", "eval": "e", "sample_id": "q-1"}
    anchor = {"digest": "sha256:" + "0" * 32}
    path = write_sidecar(writes.bundle, 1, target=target, anchor=anchor, value=True)
    said = {"target": target, "anchor": anchor}

    assert writes.edit(ulid(1), path.read_text(), **said, rationale="Same.").status == 200
    assert json.loads(path.read_text())["anchor"] == anchor
    assert writes.edit(ulid(1), path.read_text(), **said, value=False).status == 200
    assert json.loads(path.read_text())["anchor"] != anchor


def test_a_removal_deletes_the_file(writes: Writes) -> None:
    path = write_sidecar(writes.bundle, 1, target={"type": "run"})

    assert writes.remove(ulid(1), path.read_text()).message == "Removed"
    assert not path.exists()


def test_an_edit_of_a_file_that_changed_is_refused_with_its_text(writes: Writes) -> None:
    path = write_sidecar(writes.bundle, 1, target={"type": "run"})
    seen = path.read_text()
    path.write_text(theirs := seen.replace("helpful", "theirs"))

    edit, removal = writes.edit(ulid(1), seen, name="mine"), writes.remove(ulid(1), seen)

    assert (edit.status, edit.now) == (409, theirs)
    assert (removal.status, removal.now) == (409, theirs)
    assert path.read_text() == theirs


def test_an_edit_of_a_file_that_is_gone_is_refused(writes: Writes) -> None:
    answer = writes.edit(ulid(1), "{}")

    assert (answer.status, answer.now) == (409, "")
    assert not writes.folder.exists()


def test_of_many_who_edit_at_once_one_wins_and_all_others_are_told(writes: Writes) -> None:
    path = write_sidecar(writes.bundle, 1, target={"type": "run"})
    seen, answers = path.read_text(), dict[str, Answer]()
    start = threading.Barrier(8)

    def edit(name: str) -> None:
        start.wait()
        answers[name] = writes.edit(ulid(1), seen, name=name)

    threads = [threading.Thread(target=edit, args=(f"by-{n}",)) for n in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    (winner,) = [name for name, answer in answers.items() if answer.status == 200]
    text = path.read_text()
    assert json.loads(text)["name"] == winner
    assert {answer.now for answer in answers.values()} == {text}
    assert [one.name for one in writes.folder.iterdir()] == [path.name]


def test_two_processes_that_edit_at_once_do_not_lose_one_anothers_text(writes: Writes) -> None:
    """Each edits until it wrote 10 times, from what it was told; every success builds on the
    file as the other left it.
    """
    path = write_sidecar(writes.bundle, 1, target={"type": "run"}, rationale="")
    code = """if True:
        import json, sys
        from pathlib import Path
        from tests.serve.test_saving import Writes, ulid
        one = Writes(Path(sys.argv[1]))
        done, path = 0, one.folder / f"{ulid(1)}.json"
        while done < 10:
            seen = path.read_text()
            rationale = json.loads(seen).get("rationale", "") + sys.argv[2]
            done += one.edit(ulid(1), seen, rationale=rationale).status == 200
    """
    start = ["-c", code, str(writes.root)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(_paths())}
    both = [subprocess.Popen([sys.executable, *start, letter], env=environment) for letter in "xy"]

    assert [one.wait(120) for one in both] == [0, 0]
    rationale = json.loads(path.read_text())["rationale"]
    assert sorted(rationale) == ["x"] * 10 + ["y"] * 10


def _paths() -> list[str]:
    return [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]


@pytest.mark.parametrize(
    "document",
    [
        b"", b"{", b"[]", b"null", b"\xff", b'{"op": "add"}', {"op": "drop", "page": PAGE},
        {"op": "add", "page": PAGE}, {"op": "add", "page": PAGE, "said": SAID, "file": "/etc/x"},
        {"op": "add", "page": PAGE, "said": SAID | {"id": ulid(9)}},
        {"op": "add", "page": PAGE, "said": SAID | {"value": "yes"}},
        {"op": "add", "page": PAGE, "said": SAID | {"value": 1}},
        {"op": "add", "page": PAGE, "said": SAID | {"value": 0.5}},
        {"op": "add", "page": PAGE, "said": SAID | {"kind": "praise"}},
        {"op": "add", "page": PAGE, "said": SAID | {"name": ""}},
        {"op": "add", "page": PAGE, "said": SAID | {"target": {"type": "file", "path": "/etc"}}},
        {"op": "edit", "page": PAGE, "said": SAID, "id": "../../run", "old": "{}"},
        {"op": "edit", "page": PAGE, "said": SAID, "id": f"{ulid(1)}/../x", "old": "{}"},
        {"op": "edit", "page": PAGE, "said": SAID, "id": ulid(1)},
        {"op": "remove", "page": PAGE, "id": "run", "old": "{}"},
        {"op": "remove", "page": PAGE, "id": ulid(1).lower(), "old": "{}"},
    ],
)  # fmt: skip
def test_what_is_not_of_the_format_writes_nothing(writes: Writes, document: Any) -> None:
    before = contents(writes.root)

    answer = writes.send(document)

    assert answer.status == 400
    assert answer.message
    assert contents(writes.root) == before


@pytest.mark.parametrize("depth", [100, 400, 900, 5_000, 50_000])
def test_what_is_nested_deeply_is_refused(writes: Writes, depth: int) -> None:
    """Whatever gives up first: the decoder, or what looks at each value."""
    nested = '{"x":' * depth + "1" + "}" * depth
    request = {"op": "add", "page": PAGE, "said": SAID | {"target": {"type": "run", "y": 0}}}
    content = json.dumps(request).replace('"y": 0', f'"y": {nested}').encode()

    assert writes.send(content).status == 400


@pytest.mark.parametrize(
    "page", ["", "index.html", "../a", "/etc/passwd", "runs/../runs/a.html", "runs/b-1.html"]
)
def test_a_page_that_is_no_runs_names_no_place(writes: Writes, page: str) -> None:
    assert writes.send({"op": "add", "page": page, "said": SAID}).status == 404


def test_a_bundle_that_became_a_link_is_not_followed(writes: Writes, tmp_path: Path) -> None:
    elsewhere = write_run(tmp_path / "elsewhere")
    writes.bundle.rename(tmp_path / "moved")
    writes.bundle.symlink_to(elsewhere)

    assert writes.add().status == 404
    assert not (elsewhere / "annotations").exists()


def test_a_folder_of_annotations_that_is_a_link_is_not_followed(
    writes: Writes, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / f"{ulid(1)}.json").write_text("{}")
    writes.folder.symlink_to(elsewhere)

    answers = [writes.add(), writes.edit(ulid(1), "{}"), writes.remove(ulid(1), "{}")]

    assert [one.status for one in answers] == [400, 400, 400]
    assert "symbolic link" in answers[0].message
    assert contents(elsewhere) == {f"{ulid(1)}.json": b"{}"}


def test_an_id_that_two_bundles_have_takes_none(tmp_path: Path) -> None:
    assert Writes(tmp_path, is_shared=True).add().status == 409


def test_with_a_directory_of_annotations_the_file_goes_there(tmp_path: Path) -> None:
    writes = Writes(tmp_path, settings='[site]\nannotations_dir = "said"\n')

    answer = writes.add()

    (path,) = (tmp_path / "said" / "a-0123456789").iterdir()
    assert answer.file == f"a-0123456789/{path.name}"
    assert not writes.folder.exists()
    assert writes.remove(path.stem, path.read_text()).status == 200
    in_bundle = write_sidecar(writes.bundle, 1, target={"type": "run"})
    assert writes.remove(ulid(1), in_bundle.read_text()).status == 200


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB that is full."""
    if os.geteuid() != 0:
        pytest.skip("a small tmpfs is mounted by root only")
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)], check=False,
        capture_output=True,
    )  # fmt: skip
    if mounted.returncode != 0:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_told_and_the_old_file_stays(full_disk: Path) -> None:
    writes = Writes(full_disk)
    path = write_sidecar(writes.bundle, 1, target={"type": "run"})
    before = path.read_text()
    with (full_disk / "filler").open("wb", buffering=0) as filler:
        while True:
            try:
                filler.write(b"x" * 4096)
            except OSError:
                break

    added = writes.add(rationale="long " * 2000)
    edited = writes.edit(ulid(1), before, rationale="long " * 2000)

    assert added.status == edited.status == 507
    assert "disk is full" in added.message
    assert path.read_text() == before
    assert [one.name for one in writes.folder.iterdir()] == [path.name]


def test_a_folder_that_cannot_be_written_is_told(writes: Writes) -> None:
    path = write_sidecar(writes.bundle, 1, target={"type": "run"})
    before = path.read_text()
    if os.geteuid() == 0:
        if subprocess.run(["chattr", "+i", str(writes.folder)], check=False).returncode != 0:
            pytest.skip("root writes everywhere, and this disk has no immutable folders")
        undo = ["chattr", "-i", str(writes.folder)]
    else:
        writes.folder.chmod(0o500)
        undo = ["chmod", "700", str(writes.folder)]
    try:
        answers = [writes.add(), writes.edit(ulid(1), before, name="new")]
    finally:
        subprocess.run(undo, check=True)

    assert [one.status for one in answers] == [403, 403]
    assert "cannot be written" in answers[0].message
    assert path.read_text() == before


def test_a_sidecar_that_is_no_json_is_not_written_over(writes: Writes) -> None:
    path = write_sidecar(writes.bundle, 1)
    path.write_text("{ not json")

    assert writes.edit(ulid(1), "{ not json").status == 400
    assert path.read_text() == "{ not json"


def test_a_sidecar_with_a_key_of_others_is_left_to_them(writes: Writes) -> None:
    document = sidecar_document(ulid(1)) | {"x_team": {"queue": 3}}
    path = writes.folder / f"{ulid(1)}.json"
    path.parent.mkdir()
    path.write_text(json.dumps(document))

    answer = writes.edit(ulid(1), path.read_text(), name="new")

    assert answer.status == 400
    assert "x_team" in answer.message
    assert json.loads(path.read_text()) == document

"""Annotations written from Python: what is written is read, what is wrong is refused."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.annotate import (
    add_annotation,
    edit_annotation,
    format_annotations,
    list_annotations,
    remove_annotation,
)
from sitegen.bundle import schema
from sitegen.bundle.settings import Settings
from sitegen.bundle.sidecars import ANCHOR_KEYS, KEYS, TARGET_KEYS, sidecar_text
from sitegen.errors import SitegenError
from sitegen.units import parse_rfc3339_ns
from tests.factories import sample_document, sidecar_document, ulid, write_eval, write_run

TARGET = {"type": "sample", "eval": "e", "sample_id": "q-1", "epoch": 1}


def run_with_sample(directory: Path, **fields: Any) -> Path:
    write_run(directory)
    write_eval(directory, [sample_document(id="q-1", **fields)], name="e")
    return directory


def fields_of(struct: type[msgspec.Struct]) -> list[str]:
    return [field.name for field in msgspec.structs.fields(struct)]


def test_the_order_of_keys_is_that_of_the_format() -> None:
    targets: list[type[msgspec.Struct]] = [
        schema.SpanTargetEntry,
        schema.SampleTargetEntry,
        schema.MetricTargetEntry,
    ]

    assert list(KEYS) == fields_of(schema.AnnotationFile)
    assert list(ANCHOR_KEYS) == fields_of(schema.AnchorEntry)
    assert list(TARGET_KEYS[1:]) == [name for one in targets for name in fields_of(one)]


@given(
    st.dictionaries(st.sampled_from(["name", "rationale", "user"]), st.text(), min_size=1),
    st.permutations(KEYS),
)
def test_the_text_does_not_depend_on_the_order_of_keys(
    fields: dict[str, str], order: list[str]
) -> None:
    document = sidecar_document(ulid(1), **fields)
    shuffled = {key: document[key] for key in order if key in document}

    assert sidecar_text(shuffled) == sidecar_text(document)
    assert json.loads(sidecar_text(document)) == document


def test_an_added_annotation_is_read_and_exact(tmp_path: Path) -> None:
    bundle = run_with_sample(tmp_path / "a")

    path = add_annotation(bundle, {"name": "helpful", "value": True, "target": TARGET})

    ((one,), problems) = list_annotations([tmp_path], has_states=True)
    assert problems == []
    assert (one.file, one.state, one.annotation.value) == (path, "exact", True)
    assert one.annotation.anchor is not None


def test_an_annotation_is_stale_after_the_output_changed(tmp_path: Path) -> None:
    bundle = run_with_sample(tmp_path / "a")
    add_annotation(bundle, {"name": "helpful", "value": True, "target": TARGET})
    run_with_sample(bundle, output="Another answer.")

    ((one,), _) = list_annotations([tmp_path], has_states=True)

    assert one.state == "stale"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"target": TARGET | {"sample_id": "q-2"}}, "the run has no sample e q-2"),
        ({"target": {"type": "metric", "name": "loss", "step": 3}}, "the run has no metric loss"),
        ({"value": "yes", "kind": "feedback"}, "expected true or false"),
        ({"value": 1.0}, "expected a boolean or an integer"),
        ({"nmae": "x"}, "is not a key of the format"),
    ],
)
def test_what_is_not_so_is_refused(tmp_path: Path, fields: dict[str, Any], message: str) -> None:
    bundle = run_with_sample(tmp_path / "a")

    with pytest.raises(SitegenError, match=message):
        add_annotation(bundle, {"name": "helpful", "value": True} | fields)

    assert not (bundle / "annotations").exists()


def test_an_edit_keeps_the_rest_and_says_when(tmp_path: Path) -> None:
    bundle = run_with_sample(tmp_path / "a")
    path = add_annotation(bundle, {"name": "helpful", "value": True, "target": TARGET})
    before = json.loads(path.read_text())

    edit_annotation(path.stem[:20], {"value": False, "rationale": "Rude."}, (tmp_path,))

    after = json.loads(path.read_text())
    # not as texts: trailing zeros of a fraction are left out
    updated = parse_rfc3339_ns(after.pop("updated_at"))
    assert updated >= parse_rfc3339_ns(before["created_at"])
    assert after == before | {"value": False, "rationale": "Rude."}


def test_an_edit_that_is_wrong_leaves_the_file(tmp_path: Path) -> None:
    path = add_annotation(run_with_sample(tmp_path / "a"), {"name": "helpful", "value": True})
    before = path.read_bytes()

    with pytest.raises(SitegenError, match="expected true or false"):
        edit_annotation(path.stem, {"value": "no"}, (tmp_path,))

    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_removed_annotation_is_a_deleted_file(tmp_path: Path) -> None:
    path = add_annotation(run_with_sample(tmp_path / "a"), {"name": "helpful", "value": True})

    assert remove_annotation(path.stem.lower(), (tmp_path,)) == path
    assert not path.exists()
    with pytest.raises(SitegenError, match="no annotation"):
        remove_annotation(path.stem, (tmp_path,))


def test_formatting_changes_the_text_once(tmp_path: Path) -> None:
    path = add_annotation(run_with_sample(tmp_path / "a"), {"name": "helpful", "value": True})
    canonical = path.read_bytes()
    path.write_text(json.dumps(dict(reversed(json.loads(canonical).items()))))

    assert format_annotations([tmp_path], is_dry=True).changed == (path,)
    assert format_annotations([tmp_path]).changed == (path,)
    assert format_annotations([tmp_path]).changed == ()
    assert path.read_bytes() == canonical


def test_sidecars_go_where_the_settings_say(tmp_path: Path) -> None:
    bundle = run_with_sample(tmp_path / "runs" / "a")
    settings = Settings(prices={}, runs=(tmp_path / "runs",), annotations_dir=tmp_path / "reviews")

    path = add_annotation(bundle, {"name": "helpful", "value": True}, settings=settings)

    ((one,), _) = list_annotations([], settings=settings)
    assert path.is_relative_to(tmp_path / "reviews")
    assert one.file == path


def test_a_folder_that_is_a_link_is_not_written_into(tmp_path: Path) -> None:
    bundle = run_with_sample(tmp_path / "a")
    (tmp_path / "elsewhere").mkdir()
    (bundle / "annotations").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(SitegenError, match="symbolic link"):
        add_annotation(bundle, {"name": "helpful", "value": True})

    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_new_sidecar_is_whole_or_not_there_and_replaces_nothing(tmp_path: Path) -> None:
    """Readers that look all the time see no half of a file, though thousands are written."""
    bundle = write_run(tmp_path / "runs" / "a")
    folder = bundle / "annotations"
    faults, is_done = list[str](), threading.Event()

    def look() -> None:
        while not is_done.is_set():
            for path in folder.glob("*.json"):
                try:
                    json.loads(path.read_text())
                except (ValueError, OSError) as error:
                    faults.append(str(error))

    reader = threading.Thread(target=look)
    reader.start()
    paths = [
        add_annotation(bundle, {"name": "n", "value": True, "rationale": "long " * 2000})
        for _ in range(60)
    ]
    is_done.set()
    reader.join()

    assert faults == []
    assert sorted(folder.iterdir()) == sorted(paths)
    before = paths[0].read_text()
    with pytest.raises(SitegenError, match="is there already"):
        add_annotation(bundle, {"name": "n", "value": False, "id": paths[0].stem})
    assert paths[0].read_text() == before
    assert sorted(folder.iterdir()) == sorted(paths)

"""run.json: what is right is read, what is wrong costs its own field and is told with its place."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.bundle import schema
from sitegen.bundle.limits import Limits
from sitegen.model import Alert, Dataset, Link, LoggedModel, Manifest, MetricSpec, SweepTrial
from sitegen.read.manifest import read_manifest, read_notes, read_run_id
from tests.factories import Reports, run_document, write_run_text
from tests.hostile import always, filled

LIMITS = Limits()


def read(tmp_path: Path, text: str | bytes | dict[str, Any]) -> tuple[Manifest, Reports]:
    content = json.dumps(text, indent=2) if isinstance(text, dict) else text
    write_run_text(tmp_path / "bundle", content)
    reports = Reports()
    manifest = read_manifest(
        tmp_path / "bundle", default_id="bert/a", experiment="bert", limits=LIMITS, report=reports
    )
    msgspec.msgpack.encode(manifest)  # what is read can always be kept
    return manifest, reports


def test_every_field_of_the_format_is_read(tmp_path: Path) -> None:
    manifest, reports = read(
        tmp_path, run_document(error={"type": "E", "message": "m", "traceback": "t"})
    )

    assert reports == []
    assert (manifest.id, manifest.name, manifest.experiment) == (
        "sentiment/lr-3e-4", "lr-3e-4", "sentiment"
    )  # fmt: skip
    assert (manifest.project, manifest.status, manifest.user) == ("reviews", "completed", "maria")
    assert manifest.created_at_ns == 1_794_925_800_000_000_000
    assert manifest.started_at_ns == 1_794_925_864_000_000_000
    assert manifest.ended_at_ns == 1_794_928_076_500_000_000
    assert manifest.tags == ("candidate", "small")
    assert manifest.links == (Link(title="Discussion", url="https://example.org/42"),)
    assert manifest.params["optimizer"] == {"name": "adamw", "betas": [0.9, 0.999]}
    assert manifest.metric_specs == {
        "val/loss": MetricSpec(goal="minimize", unit="nats", description="On held-out reviews.")
    }
    assert manifest.summary == {"test/accuracy": 0.91}
    assert manifest.source.dirty is False
    assert manifest.source.diff == "attachments/changes.txt"
    assert manifest.environment.packages == {"numpy": "2.1.0"}
    assert manifest.datasets == (
        Dataset(
            name="short-reviews", version="3", uri="https://example.org/reviews.csv",
            digest="sha256:8099aae93d6d41ba", description="Reviews of one sentence.", rows=1200,
            split="train", context="training",
        ),
    )  # fmt: skip
    assert manifest.models == (
        LoggedModel(
            name="sentiment", version="2", path="attachments/model.bin",
            uri="https://example.org/model", digest="sha256:0011223344556677", flavor="numpy",
            size_bytes=4096, stage="staging", tags=("best",),
            description="Weights of the last epoch.",
        ),
    )  # fmt: skip
    assert manifest.parent == "sentiment/base"
    assert manifest.sweep == SweepTrial(id="lr", trial="3")
    assert manifest.alerts == (
        Alert(condition="`val/loss` > 2.0", message="Diverged.", level="error"),
    )
    assert manifest.error is not None
    assert manifest.error.type == "E"
    assert manifest.other == {}


def test_a_run_without_words_is_named_by_its_place_and_running(tmp_path: Path) -> None:
    manifest, reports = read(tmp_path, {"format": 1})

    assert (manifest.id, manifest.name, manifest.experiment) == ("bert/a", "a", "bert")
    assert manifest.status == "running"
    assert reports == []


def test_null_is_the_same_as_missing(tmp_path: Path) -> None:
    bare = dict.fromkeys(run_document(), None)

    assert read(tmp_path, bare) == read(tmp_path, {"format": 1})


WRONG: list[tuple[str, Any, str]] = [
    ("id", 3, "$.id: expected a string, got 3"),
    ("name", ["x"], "$.name: expected a string, got a list"),
    ("status", "done", ("$.status: expected one of completed, failed, interrupted, killed, running,"
     " got “done”")),
    ("started_at", 5, "$.started_at: expected a string, got 5"),
    ("started_at", "yesterday", "$.started_at: expected an RFC 3339 time, got “yesterday”"),
    ("tags", "a", "$.tags: expected a list, got “a”"),
    ("params", [1], "$.params: expected an object, got a list"),
    ("metrics", 1.5, "$.metrics: expected an object, got 1.5"),
    ("summary", "x", "$.summary: expected an object, got “x”"),
    ("source", "main", "$.source: expected an object, got “main”"),
    ("source", {"dirty": "yes"}, "$.source.dirty: expected true or false, got “yes”"),
    ("environment", {"packages": []}, "$.environment.packages: expected an object, got a list"),
    ("datasets", {}, "$.datasets: expected a list, got an object"),
    ("parent", {}, "$.parent: expected a string, got an object"),
    ("sweep", {"trial": 1}, "$.sweep: “id” is missing"),
    ("error", True, "$.error: expected an object, got true"),
    ("format", 2, "$.format: expected 1, got 2"),
    ("format", "1", "$.format: expected 1, got “1”"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value", "message"), WRONG)
def test_a_wrong_type_costs_its_own_field_only(
    tmp_path: Path, key: str, value: Any, message: str
) -> None:
    document = run_document()
    right, _ = read(tmp_path, document)

    manifest, reports = read(tmp_path, document | {key: value})

    assert [problem.message for problem in reports] == [message]
    assert reports[0].path == "run.json"
    assert reports[0].severity == "error"
    text = (tmp_path / "bundle" / "run.json").read_text().splitlines()
    deepest = message.partition(":")[0].rpartition(".")[2]
    assert text[(reports[0].line or 0) - 1].strip().startswith(f'"{deepest}"')
    field = {"started_at": "started_at_ns", "metrics": "metric_specs"}.get(key, key)
    for name in Manifest.__dataclass_fields__:
        if name != field:
            assert getattr(manifest, name) == getattr(right, name), name


MEMBERS: list[tuple[str, Any, str, Any]] = [
    ("tags", ["a", 1, "b"], "$.tags[1]: expected a string, got 1", ("a", "b")),
    ("links", [{"title": "x"}, {"url": "u"}], "$.links[0]: “url” is missing",
     (Link(title="u", url="u"),)),
    ("summary", {"a": "x", "b": 1}, ("$.summary.a: expected a number or one of -Infinity, Infinity,"
     " NaN, got “x”"), {"b": 1.0}),
    ("datasets", [{"name": "a", "rows": -1}, {"name": "b"}], ("$.datasets[0].rows: expected an"
     " integer from 0, got -1"), (Dataset(name="b"),)),
    ("models", [{"name": 1}, {"name": "b"}], "$.models[0].name: expected a string, got 1",
     (LoggedModel(name="b"),)),
    ("models", [{"name": "a", "tags": ["x", []]}], ("$.models[0].tags[1]: expected a string,"
     " got a list"), ()),
    ("alerts", [{}, {"condition": "a > 1"}], "$.alerts[0]: “condition” is missing",
     (Alert(condition="a > 1"),)),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value", "message", "kept"), MEMBERS)
def test_a_wrong_member_costs_itself_only(
    tmp_path: Path, key: str, value: Any, message: str, kept: Any
) -> None:
    manifest, reports = read(tmp_path, {key: value})

    assert [problem.message for problem in reports] == [message]
    assert getattr(manifest, key) == kept


def test_a_wrong_metric_is_told_with_its_path_and_line(tmp_path: Path) -> None:
    text = '{\n "metrics": {\n  "val/loss": {"goal": "down"},\n  "acc": {"goal": "maximize"}\n }\n}'

    manifest, reports = read(tmp_path, text)

    assert list(manifest.metric_specs) == ["acc"]
    assert (
        reports[0].message
        == "$.metrics.val/loss.goal: expected one of maximize, minimize, got “down”"
    )
    assert reports[0].line == 3


@pytest.mark.parametrize(("value", "near"), [("complete", "completed"), ("fail", "failed")])
def test_a_near_miss_of_a_status_is_answered_with_the_right_one(
    tmp_path: Path, value: str, near: str
) -> None:
    _, reports = read(tmp_path, {"status": value})

    assert (
        reports[0].hint
        == f"Did you mean {near}? The field is left out; the rest of the file was read."
    )


SYNTAX: list[tuple[str | bytes, int, int, str]] = [
    ("", 1, 1, "the file ends here"),
    ("{", 1, 2, "the file ends here"),
    ('{"a": 1,}', 1, 9, "found '}'"),
    ('{\n  "a": 1\n  "b": 2\n}', 3, 3, "found '\"'"),
    ("{'a': 1}", 1, 2, 'found "\'"'),
    ('{"a": 1} {"b": 2}', 1, 10, "extra data"),
    ('{\n "a": tru\n}', 2, 7, "expecting value"),
    ('{"a": "\n"}', 1, 8, "control character"),
    (b'{\n "a": "\xff"}', 2, 8, "is not UTF-8: byte 0xff"),
    ("\ufeff\ufeff{}", 1, 1, ""),
    (b"\x00\x00", 1, 1, "found '\\x00'"),
    ("[" * 100_000, 1, 1, "nested deeper"),
    ('{"a":' * 65 + "1" + "}" * 65, 1, 1, "is nested deeper than 64 levels"),
    ('{"a": ' + "9" * 5000 + "}", 1, 1, "number that is too long"),
]


@pytest.mark.parametrize(("text", "line", "column", "message"), SYNTAX)
def test_what_is_no_json_is_told_with_line_and_column(
    tmp_path: Path, text: str | bytes, line: int, column: int, message: str
) -> None:
    manifest, reports = read(tmp_path, text)

    assert reports.codes == ["run-unreadable"]
    assert (reports[0].line, reports[0].severity) == (line, "error")
    assert reports[0].message.startswith(f"column {column}: ")
    assert message in reports[0].message.lower() or message in reports[0].message
    assert (manifest.id, manifest.status) == ("bert/a", "failed")


@pytest.mark.parametrize("text", ["[]", "1", '"x"', "null", "true", "NaN"])
def test_json_that_is_no_object_is_told(tmp_path: Path, text: str) -> None:
    _, reports = read(tmp_path, text)

    assert reports.codes == ["run-unreadable"]
    assert reports[0].message.startswith("expected an object, got ")


def test_a_missing_run_json_and_a_symlink_are_told(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text('{"name": "secret"}')
    (tmp_path / "run.json").symlink_to(tmp_path / "secret")
    for root in (tmp_path, tmp_path / "missing"):
        reports = Reports()

        found = read_manifest(root, default_id="a", experiment="e", limits=LIMITS, report=reports)

        assert reports.codes == ["run-unreadable"]
        assert found.name == "a"


def test_numbers_without_json_form_are_read_bare_and_as_strings(tmp_path: Path) -> None:
    text = (
        '{"summary": {"a": NaN, "b": "NaN", "c": Infinity, "d": "-Infinity", "e": 1e400, "f": 2},'
        ' "params": {"x": NaN, "y": -Infinity}}'
    )

    manifest, reports = read(tmp_path, text)

    assert reports == []
    assert [math.isnan(manifest.summary[name]) for name in "ab"] == [True, True]
    assert [manifest.summary[name] for name in "cdef"] == [math.inf, -math.inf, math.inf, 2]
    assert math.isnan(manifest.params["x"])


def test_integers_beyond_floats_and_64_bits_are_no_crash(tmp_path: Path) -> None:
    text = json.dumps(
        {
            "summary": {"huge": 10**400, "big": 10**30, "fine": 3},
            "params": {"seed": 10**30, "list": [-(10**30)], "edge": 2**63 - 1},
            "models": [{"name": "m", "size_bytes": 10**30}],
            "datasets": [{"name": "d", "rows": 2**63}],
            "sweep": {"id": "s", "trial": 10**30},
            "mine": 10**30,
        }
    )

    manifest, reports = read(tmp_path, text)

    assert manifest.params == {"seed": str(10**30), "list": [str(-(10**30))], "edge": 2**63 - 1}
    assert manifest.other == {"mine": str(10**30)}
    assert manifest.summary["fine"] == 3
    assert manifest.summary["big"] == 1e30
    assert {problem.line for problem in reports} == {1}
    assert set(reports.codes) <= {"field-type"}


def test_a_key_given_twice_is_told_and_the_last_wins(tmp_path: Path) -> None:
    manifest, reports = read(
        tmp_path, '{\n "name": "a",\n "params": {"x": 1, "x": 2},\n "name": "b"\n}'
    )

    assert manifest.name == "b"
    assert manifest.params == {"x": 2}
    assert [(problem.code, problem.line) for problem in reports] == [
        ("duplicate-key", 3), ("duplicate-key", 4)
    ]  # fmt: skip
    assert reports[0].severity == "warning"


def test_unknown_keys_are_kept_and_a_near_miss_is_told(tmp_path: Path) -> None:
    manifest, reports = read(tmp_path, {"ci": {"job": 1}, "parmas": {"lr": 1}})

    assert manifest.other == {"ci": {"job": 1}, "parmas": {"lr": 1}}
    assert [(problem.code, problem.hint) for problem in reports] == [
        ("unknown-key", "Shown under Other. Did you mean params?")
    ]


def test_lone_surrogates_become_replacement_characters(tmp_path: Path) -> None:
    manifest, _ = read(tmp_path, '{"name": "a\\ud800b", "params": {"\\udfff": "\\ud83d\\ude00"}}')

    assert manifest.name == "a\ufffdb"
    assert manifest.params == {"\ufffd": "\U0001f600"}


def test_tags_beyond_the_limit_are_cut(tmp_path: Path) -> None:
    manifest, _ = read(tmp_path, {"tags": [str(at) for at in range(500)]})

    assert len(manifest.tags) == LIMITS.tags


@pytest.mark.parametrize("text", ["  ", "", "\n"])
def test_blank_names_fall_back(tmp_path: Path, text: str) -> None:
    manifest, _ = read(tmp_path, {"id": text, "name": text, "experiment": text})

    assert (manifest.id, manifest.name, manifest.experiment) == ("bert/a", "a", "bert")


def test_many_wrong_members_are_told_twenty_times_and_counted(tmp_path: Path) -> None:
    _, reports = read(
        tmp_path, {"tags": [1] * 5000, "summary": dict.fromkeys(map(str, range(5000)), "x")}
    )

    assert len(reports) == 21
    assert reports[-1].message == "and 9,980 more like it"
    assert [problem.line for problem in reports[:3]] == [5005, 5006, 5007]


def test_a_flood_of_faults_costs_no_more_than_their_number(tmp_path: Path) -> None:
    """Each line is looked up by walking the text: 5,000 look-ups took 40 s."""
    many = ",".join(f'"statu{at}": 1, "statu{at}": 2' for at in range(20_000))

    _, reports = read(tmp_path, f"{{{many}}}")

    assert len(reports) <= 42
    assert {"duplicate-key", "unknown-key"} == set(reports.codes)


def test_an_empty_object_is_a_run_that_is_running(tmp_path: Path) -> None:
    manifest, reports = read(tmp_path, "{}")

    assert (manifest.status, reports) == ("running", [])


def test_the_whole_json_test_suite_is_read_or_told(tmp_path: Path, hostile_data: Path) -> None:
    files = sorted((hostile_data / "jsontestsuite" / "test_parsing").glob("*.json"))

    for file in files:
        _, reports = read(tmp_path, file.read_bytes())
        if file.name.startswith("y_") and not file.read_bytes().strip().startswith(b"{"):
            assert reports.codes == ["run-unreadable"], file.name
        elif file.name.startswith("y_"):
            assert "run-unreadable" not in reports.codes, file.name
        elif file.name.startswith("n_") and "NaN" not in file.name and "nfinity" not in file.name:
            assert reports.codes == ["run-unreadable"], file.name
    assert len(files) > 300


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=5) | st.sampled_from(["id", "name", "goal"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)
KEYS = st.sampled_from([*schema.RunFile.__struct_fields__, "other"])


@given(st.dictionaries(KEYS, JSON, max_size=8))
def test_any_json_in_any_field_is_read_or_told(tmp_path: Path, document: dict[str, Any]) -> None:
    _, reports = read(tmp_path, document)

    assert set(reports.codes) <= {
        "field-type", "field-time", "format-version", "unknown-key", "duplicate-key",
        "run-unreadable",
    }  # fmt: skip


@given(st.binary(max_size=100))
def test_arbitrary_bytes_are_told(tmp_path: Path, content: bytes) -> None:
    _, reports = read(tmp_path, content)

    assert reports.codes in (["run-unreadable"], [])


@given(st.text(min_size=1, max_size=20))
def test_a_document_that_fits_the_schema_is_read_without_a_problem(
    tmp_path: Path, text: str
) -> None:
    document = filled(schema.RunFile, always(text))
    times = dict.fromkeys(("created_at", "started_at", "ended_at"), "2026-11-17T14:30:00Z")

    _, reports = read(tmp_path, document | times)

    assert reports == []


def test_notes_are_read_with_their_line_ends_made_plain(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_bytes(b"\xef\xbb\xbf# a\r\nb\xff\n")
    reports = Reports()

    assert read_notes(tmp_path, LIMITS, reports) == "# a\nb\ufffd\n"
    assert reports == []


def test_notes_that_are_missing_too_large_or_a_symlink_are_none(tmp_path: Path) -> None:
    reports = Reports()
    assert read_notes(tmp_path, LIMITS, reports) is None
    assert reports == []
    (tmp_path / "notes.md").write_text("x" * 300_000)
    assert read_notes(tmp_path, LIMITS, reports) is None
    (tmp_path / "notes.md").unlink()
    (tmp_path / "notes.md").symlink_to("/etc/passwd")
    assert read_notes(tmp_path, LIMITS, reports) is None

    assert reports.codes == ["note-unreadable", "note-unreadable"]


@pytest.mark.parametrize("key", ["id", "name", "experiment", "project", "user", "parent"])
def test_a_name_that_is_a_text_is_cut_and_stays_apart(tmp_path: Path, key: str) -> None:
    texts = ["n" * 5_000 + end for end in "ab"]

    found = [read(tmp_path, {"format": 1, key: text}) for text in texts]

    names = [getattr(manifest, key) for manifest, _ in found]
    assert all(name.startswith("n" * 1_000 + "… ") and len(name) < 1_100 for name in names)
    assert names[0] != names[1]
    assert found[0][1].codes == ["name-too-long"]
    assert f"$.{key}" in found[0][1][0].message


def test_the_id_of_a_run_is_cut_wherever_it_is_read(tmp_path: Path) -> None:
    manifest, _ = read(tmp_path, {"format": 1, "id": "n" * 5_000})

    assert read_run_id(tmp_path / "bundle", default_id="", limits=LIMITS) == manifest.id


def test_long_tags_are_cut(tmp_path: Path) -> None:
    manifest, reports = read(tmp_path, {"format": 1, "tags": ["a", "t" * 5_000]})

    assert [len(tag) < 1_100 for tag in manifest.tags] == [True, True]
    assert reports.codes == ["name-too-long"]


def test_a_run_json_of_megabytes_is_told(tmp_path: Path) -> None:
    _, reports = read(tmp_path, {"format": 1, "description": "x" * 4_000_000})

    assert reports.codes == ["run-unreadable"]
    assert "larger than the limit of 4,000,000 bytes" in reports[0].message


@pytest.mark.parametrize(
    ("key", "entry"),
    [
        ("links", {"title": "a", "url": "https://example.org"}), ("datasets", {"name": "d"}),
        ("models", {"name": "m"}), ("alerts", {"condition": "loss > 1", "message": "m"}),
    ],
)  # fmt: skip
def test_entries_beyond_the_limit_are_told(tmp_path: Path, key: str, entry: Any) -> None:
    manifest, reports = read(tmp_path, {"format": 1, key: [entry] * 1_001})

    assert len(getattr(manifest, key)) == 1_000
    assert reports.codes == ["too-many-entries"]
    assert f"$.{key} has 1,001 entries" in reports[0].message

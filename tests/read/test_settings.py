from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.bundle.limits import Limits
from sitegen.bundle.settings import Settings
from sitegen.read.settings import SettingsError, find_settings, read_settings


def write(root: Path, text: str | bytes) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    path = root / "sitegen.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_without_a_file_all_is_at_its_default() -> None:
    assert read_settings(None) == Settings(prices={})


def test_every_setting_is_read_and_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    path = write(
        tmp_path / "project",
        """
        [site]
        title = "Our runs"
        description = "What we tried."
        url = "https://example.org"
        repository = "https://github.com/example-org/runs"
        repository_path = "runs"
        branch = "main"
        runs = ["runs", "../more"]
        output = "public"
        theme = "theme"
        annotations_dir = "annotations"
        index = true
        [limits]
        publish_bytes = 1000
        [prices."small-1"]
        input = 0.5
        output = 2.0
        [search]
        text = true
        """,
    )

    settings = read_settings(path)

    base = tmp_path / "project"
    assert settings.title == "Our runs"
    assert settings.description == "What we tried."
    assert settings.url == "https://example.org"
    assert settings.repository == "https://github.com/example-org/runs"
    assert (settings.repository_path, settings.branch) == ("runs", "main")
    assert settings.runs == (base / "runs", base / "../more")
    assert (settings.output, settings.theme) == (base / "public", base / "theme")
    assert settings.annotations_dir == base / "annotations"
    assert settings.is_indexed is True
    assert settings.limits == Limits(publish_bytes=1000)
    assert settings.prices == {"small-1": {"input": 0.5, "output": 2.0, "cached": None}}


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
def test_every_limit_can_be_set(tmp_path: Path, name: str) -> None:
    settings = read_settings(write(tmp_path, f"[limits]\n{name} = 7\n"))

    assert getattr(settings.limits, name) == 7


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('[site]\ntitel = "x"', "site: unknown key “titel”", "Did you mean title?"),
        ('[sites]\ntitle = "x"', "unknown key “sites”", "Did you mean site?"),
        (
            "[limits]\npublish_byte = 1",
            "limits: unknown key “publish_byte”",
            "Did you mean publish_bytes?",
        ),
        ("[prices.m]\ninputs = 1", "unknown key “inputs”", "Did you mean input?"),
        ("[site]\ntitle = 3", "site.title: expected a string, got 3", None),
        ('[site]\nruns = "runs"', "site.runs: expected a list, got “runs”", None),
        ("[limits]\ntags = -1", "limits.tags: expected an integer from 0, got -1", None),
        ('[limits]\ntags = "many"', "limits.tags: expected an integer from 0, got “many”", None),
        ("[site]\nindex = 1", "site.index: expected true or false, got 1", None),
        ("[site]\nzzzzzz = 1", "site: unknown key “zzzzzz”", "See docs/settings.md."),
    ],
)
def test_a_wrong_setting_is_an_error_with_its_place_and_a_hint(
    tmp_path: Path, text: str, message: str, hint: str | None
) -> None:
    path = write(tmp_path, text)

    with pytest.raises(SettingsError) as caught:
        read_settings(path)

    assert message in str(caught.value)
    assert caught.value.path == str(path)
    assert caught.value.hint == hint
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [("[site\ntitle = 1", 1), ("\n\ntitle = ", 3), ("a = 1\na = 2", 2), (b"\xff", None)],
)
def test_what_is_no_toml_is_told_with_its_line(
    tmp_path: Path, text: str | bytes, line: int | None
) -> None:
    with pytest.raises(SettingsError, match="is no TOML") as caught:
        read_settings(write(tmp_path, text))

    assert caught.value.line == line


def test_a_file_that_is_missing_or_a_directory_is_an_error(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(SettingsError, match="cannot be read"):
            read_settings(path)


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_arbitrary_text_is_settings_or_an_error(tmp_path: Path, content: bytes) -> None:
    for text in (content, b"[site]\n" + content, b"[limits]\n" + content):
        try:
            read_settings(write(tmp_path, text))
        except SettingsError as error:
            assert error.path == str(tmp_path / "sitegen.toml")  # noqa: PT017


def test_settings_are_found_in_the_nearest_directory_upward(tmp_path: Path) -> None:
    outer = write(tmp_path, "")
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)

    assert find_settings(deep) == outer
    inner = write(tmp_path / "a", "")
    assert find_settings(deep) == inner


@pytest.mark.parametrize("is_worktree", [False, True])
def test_the_search_ends_at_the_root_of_the_checkout(tmp_path: Path, is_worktree: bool) -> None:
    write(tmp_path, "")
    root = tmp_path / "checkout"
    (root / "deep").mkdir(parents=True)
    if is_worktree:
        (root / ".git").write_text("gitdir: elsewhere")
    else:
        (root / ".git").mkdir()

    assert find_settings(root / "deep") is None
    own = write(root, "")
    assert find_settings(root / "deep") == own

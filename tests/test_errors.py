from __future__ import annotations

import pytest

from sitegen.errors import NothingBuiltError, Problem, SitegenError, place_text


@pytest.mark.parametrize(
    ("path", "line", "text"),
    [
        ("run.json", 7, "run.json:7"),
        ("run.json", None, "run.json"),
        ("", 7, None),
        (None, None, None),
        (None, 3, None),
    ],
)
def test_a_place_is_the_path_with_its_line(
    path: str | None, line: int | None, text: str | None
) -> None:
    assert place_text(path, line) == text


def test_an_error_is_told_with_its_place() -> None:
    error = SitegenError("must be a number", path="a.json", line=3, hint="Write 1.")

    assert str(error) == "a.json:3: must be a number"
    assert error.hint == "Write 1."


def test_an_error_without_a_place_is_its_message() -> None:
    assert str(SitegenError("no directory of runs was named")) == "no directory of runs was named"


def test_the_exit_codes_are_those_that_the_readme_promises() -> None:
    assert (SitegenError.exit_code, NothingBuiltError.exit_code) == (2, 3)


@pytest.mark.parametrize(
    ("path", "line", "place"), [("a", 1, "a:1"), ("a", None, "a"), ("", 4, "")]
)
def test_a_problem_knows_its_place(path: str, line: int | None, place: str) -> None:
    problem = Problem(code="c", severity="error", path=path, line=line, message="m")

    assert problem.place == place

"""What `sitegen check` says in each format, and which code it exits with: 0, 1 errors, 2, 3."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.build.check import CheckedExperiment, CheckedRun, CheckResult
from sitegen.cli.check_formats import github_lines, junit_text
from sitegen.errors import Problem
from tests.audit import snapshot
from tests.conftest import Outcome, run_command
from tests.factories import (
    write_experiment_file,
    write_file,
    write_full_run,
    write_run,
    write_run_text,
)

Run = Callable[..., Outcome]
TEXTS = st.text(st.characters(), max_size=30)
HOSTILE = "\x00\x1b[2J]]></failure><failure>&\r\n::error::x\ufffe\u202e\x9b 100%"
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]")


def problem(**fields: object) -> Problem:
    defaults = {
        "code": "field-type", "severity": "error", "path": "run.json", "line": 3,
        "message": "expected str", "hint": None,
    }  # fmt: skip
    return Problem(**(defaults | fields))


def result_of(
    *problems: Problem,
    path: str = "runs/a",
    unlisted: int = 0,
    of_experiment: Sequence[Problem] = (),
) -> CheckResult:
    run = CheckedRun(
        id="a", experiment="reviews", shown_path=path, problems=problems,
        problem_count=len(problems) + unlisted,
    )  # fmt: skip
    experiment = CheckedExperiment(name="reviews", runs=(run,), problems=tuple(of_experiment))
    return CheckResult(experiments=(experiment,))


def test_good_runs_exit_with_zero_and_nothing_appears(sitegen: Run, tmp_path: Path) -> None:
    write_full_run(tmp_path / "runs" / "a")
    before = snapshot(tmp_path)

    code, out, err = sitegen("check", "runs", "--strict")

    assert (code, out) == (0, "1 run in 1 experiment, no problems\n")
    assert err.splitlines() == ["Finding runs", "Reading runs (1)"]
    assert snapshot(tmp_path) == before


def test_the_command_as_a_program_writes_nothing_beside_the_runs_or_here(tmp_path: Path) -> None:
    write_full_run(tmp_path / "project" / "runs" / "a")
    (tmp_path / "here").mkdir()
    before = snapshot(tmp_path)

    done = run_command(
        "check", tmp_path / "project" / "runs", "--workers", "2", cwd=tmp_path / "here"
    )

    assert done.returncode == 0, done.stderr
    assert snapshot(tmp_path) == before


def test_errors_are_printed_as_a_build_prints_them_and_exit_with_one(
    sitegen: Run, tmp_path: Path
) -> None:
    write_run_text(tmp_path / "runs" / "bad", '{\n  "name": "x",\n  "tags": ["a",]\n}\n')
    write_run(tmp_path / "runs" / "good", tags=[1])
    write_experiment_file(tmp_path / "runs", 'titel = "x"\n')

    code, out, err = sitegen("check", "runs")

    assert code == 1
    assert "error" not in err
    printed, summary = out.splitlines()[:-1], out.splitlines()[-1]
    assert summary == "2 runs in 1 experiment, 2 errors, 1 warning"
    _, _, built = sitegen("build", "runs", "-o", "site")
    assert sorted(printed) == sorted(
        line for line in built.splitlines() if re.match(r"runs/|  hint: ", line)
    )


def test_problems_are_sorted_by_run_severity_file_and_line(sitegen: Run, tmp_path: Path) -> None:
    for name in ("b", "a"):
        bundle = write_run(tmp_path / "runs" / name, status="done")
        write_file(bundle, "stray.txt", "")
        write_file(bundle, "attachments/x", "")
        (bundle / "attachments" / "link").symlink_to("x")

    _, out, _ = sitegen("check", "runs")

    places = [line.partition(": ")[0] for line in out.splitlines()[:-1] if "hint" not in line]
    (line,) = {place.rpartition(":")[2] for place in places if "run.json" in place}
    assert places == [
        f"runs/{name}/{file}"
        for name in ("a", "b")
        for file in ("attachments/link", f"run.json:{line}", "stray.txt")
    ]


def test_warnings_alone_exit_with_zero_unless_strict(sitegen: Run, tmp_path: Path) -> None:
    write_file(write_run(tmp_path / "runs" / "a"), "stray.txt", "")

    assert sitegen("check", "runs").code == 0
    assert sitegen("check", "runs", "--strict").code == 1


def test_an_experiment_file_that_is_no_toml_is_an_error(sitegen: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")
    write_experiment_file(tmp_path / "runs", "title = \n")

    code, out, _ = sitegen("check", "runs")

    assert code == 1
    assert re.search(r"^runs/experiment\.toml:1: error: is no TOML: .*\[experiment-", out)


def test_all_problems_of_a_run_are_printed(sitegen: Run, tmp_path: Path) -> None:
    bundle = write_run(tmp_path / "runs" / "a")
    for number in range(50):
        write_file(bundle, f"stray-{number}.txt", "")

    assert sitegen("check", "runs").out.count("[unknown-file]") == 50


def test_the_count_of_problems_alike_comes_after_them(sitegen: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a", tags=[1] * 50)

    _, out, _ = sitegen("check", "runs")

    problems = [line for line in out.splitlines() if "[field-type]" in line]
    assert [line for line in problems if "more like it" in line] == problems[-1:]


def test_what_is_beyond_the_limit_is_counted_and_strict_about(sitegen: Run, tmp_path: Path) -> None:
    bundle = write_run(tmp_path / "runs" / "a")
    for number in range(5):
        write_file(bundle, f"stray-{number}.txt", "")
    (tmp_path / "sitegen.toml").write_text("[limits]\nproblems = 3\n")

    _, out, _ = sitegen("check", "runs")

    assert "runs/a: 2 more beyond the limit `problems` of sitegen.toml\n" in out
    assert out.endswith("1 run in 1 experiment, 3 warnings, 2 unlisted\n")


def test_json_has_the_problems_of_the_report(sitegen: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "b", id="same", status="done")
    write_file(write_run(tmp_path / "runs" / "a", id="same"), "stray\u2028.txt", "")
    write_experiment_file(tmp_path / "runs", 'titel = "x"\n')

    code, out, err = sitegen("check", "runs", "--json")

    assert (code, err) == (1, "")
    checked = json.loads(out)
    sitegen("build", "runs", "-o", "site", "--quiet")
    report = json.loads((tmp_path / "site" / "report.json").read_text())
    for one in checked["problems"]:  # typed here, below the argument there
        one["path"] = one["path"].removeprefix("runs/") if one["run"] is None else one["path"]
    assert sorted(checked["problems"], key=repr) == sorted(report["problems"], key=repr)
    assert checked["runs"] == [
        {"experiment": "runs", "id": run_id, "path": path, "problems": counts}
        for run_id, path, counts in (
            ("same", "runs/a", {"error": 0, "warning": 1}),
            ("same~2", "runs/b", {"error": 2, "warning": 0}),
        )
    ]
    assert (checked["format"], checked["unlisted"]) == (1, 0)
    assert out.isascii()
    assert sitegen("check", "runs", "--format", "json").out == out


def test_github_annotations_name_file_line_and_title(sitegen: Run, tmp_path: Path) -> None:
    write_run_text(tmp_path / "runs" / "bad", '{\n  "name": "x",\n  "tags": ["a",]\n}\n')
    write_file(write_run(tmp_path / "runs" / "good"), "100%, a:b.txt", "")

    code, out, err = sitegen("check", "runs", "--format", "github")

    assert (code, err) == (1, "")
    error, warning, summary = out.splitlines()
    assert re.fullmatch(
        r"::error file=runs/bad/run\.json,line=3,title=run-unreadable::column 1\d: .*%0Ahint: .*",
        error,
    )
    assert warning == (
        "::warning file=runs/good/100%25%2C a%3Ab.txt,title=unknown-file::belongs to no part of a"
        " bundle%0Ahint: Files of any kind go into attachments/."
    )
    assert summary == "2 runs in 1 experiment, 1 error, 1 warning"


@pytest.mark.parametrize(
    ("runs", "file"),
    [
        ("checkout/runs/a", "runs/a/run.json"),
        ("checkout/../checkout/runs/a", "runs/a/run.json"),
        ("link/runs/a", "runs/a/run.json"),
        ("other/a", None),
        ("checkout-2/a", None),
    ],
)
def test_files_below_the_working_directory_are_named_from_there(
    tmp_path: Path, runs: str, file: str | None
) -> None:
    for name in ("checkout/runs/a", "other/a", "checkout-2/a"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "link").symlink_to("checkout")
    result = result_of(problem(), path=f"{tmp_path}/{runs}")

    (line,) = github_lines(result, tmp_path / "checkout")

    assert line.startswith(f"::error file={file or f'{tmp_path}/{runs}/run.json'},line=3,")


def test_a_file_that_is_a_link_is_named_itself(tmp_path: Path) -> None:
    (tmp_path / "log.txt").symlink_to("/etc/hostname")
    result = result_of(problem(path="log.txt", line=None), path=str(tmp_path))

    (line,) = github_lines(result, tmp_path)

    assert line.startswith("::error file=log.txt,title=")


def test_github_gets_ten_errors_and_ten_warnings_and_the_count_of_the_rest() -> None:
    errors = [problem(line=line) for line in range(1, 14)]
    warnings = [problem(severity="warning", line=line) for line in range(1, 12)]

    lines = github_lines(result_of(*errors, *warnings), Path("/"))

    assert [line.split(" ")[0] for line in lines[:-1]] == ["::error"] * 10 + ["::warning"] * 10
    assert [re.findall(r"line=(\d+)", line) for line in lines[:10]] == [
        [str(number)] for number in range(1, 11)
    ]
    assert lines[-1] == "3 more errors and 1 more warning; sitegen check prints them all"


def test_ten_of_each_are_no_reason_to_count() -> None:
    lines = github_lines(result_of(*[problem()] * 10), Path("/"))

    assert len(lines) == 10


def test_a_workflow_command_cannot_be_smuggled_in() -> None:
    result = result_of(
        problem(path="a,line=9::x%\n.json", message="::stop\r\n::add-mask::y %0A", hint="\x1b[2J\n")
    )

    (line,) = github_lines(result, Path("/elsewhere"))

    assert line == (
        "::error file=runs/a/a%2Cline=9%3A%3Ax%25%0A.json,line=3,title=field-type::"
        "\\x3a:stop%0D%0A::add-mask::y %250A%0Ahint: \\x1b[2J%0A"
    )


@given(path=TEXTS, message=TEXTS, hint=st.none() | TEXTS)
def test_any_text_is_one_annotation(path: str, message: str, hint: str | None) -> None:
    result = result_of(problem(path=path.replace("\0", ""), message=message, hint=hint), path="r")

    (line,) = github_lines(result, Path("/elsewhere"))

    assert not CONTROL.search(line)
    properties, message_part = re.fullmatch(r"::error file=(.*?)::(.*)", line).groups()
    assert re.fullmatch(r"[^,:]*,line=3,title=field-type", properties)
    told = message_part.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
    if message.isprintable():
        assert told.lstrip(" ").startswith(message.lstrip(" "))


def test_junit_has_a_suite_for_each_experiment_and_a_case_for_each_run(
    sitegen: Run, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    write_run(runs / "good", experiment="one")
    write_run(runs / "b", experiment="two", status="done", tags=[1])
    write_file(write_run(runs / "c", experiment="two"), "stray.txt", "")
    write_experiment_file(runs / "x", 'name = "lonely"\n')

    code, out, err = sitegen("check", "runs", "--format", "junit")

    assert (code, err) == (1, "")
    assert out.startswith('<?xml version="1.0" encoding="UTF-8"?>\n')
    suites = ET.fromstring(out)
    assert [(suite.get("name"), suite.get("tests"), suite.get("failures")) for suite in suites] == [
        ("lonely", "1", "0"), ("one", "1", "0"), ("two", "2", "1"),
    ]  # fmt: skip
    assert (suites.get("tests"), suites.get("failures")) == ("4", "1")
    cases = {case.get("name"): case for case in suites.iter("testcase")}
    assert list(cases) == ["runs/x/experiment.toml", "good", "b", "c"]
    assert [child.tag for child in cases["good"]] == []
    (failure,) = cases["b"]
    assert failure.tag == "failure"
    assert failure.get("type") == "field-type"
    assert failure.get("message").endswith("(and 1 more)")
    assert failure.text.count("runs/b/run.json:") == 2
    (output,) = cases["c"]
    assert output.tag == "system-out"
    assert output.text.startswith("runs/c/stray.txt: warning: ")


def test_junit_tells_hostile_text_without_what_xml_forbids(sitegen: Run, tmp_path: Path) -> None:
    text = json.dumps({"id": HOSTILE, "experiment": HOSTILE, "status": HOSTILE, "tags": [1]})
    bundle = write_run_text(tmp_path / "runs" / "a", text)
    write_file(bundle, "stray\x1b]]>.txt", "")

    _, out, _ = sitegen("check", "runs", "--format", "junit")

    assert not CONTROL.search(out)
    suites = ET.fromstring(out)
    assert len(list(suites.iter("testcase"))) == 1
    assert len(list(suites.iter("failure"))) == 1
    assert "]]></failure><failure>&\\x0d\\x0a::error::x" in suites[0].get("name")
    assert "\ufffe" not in "".join(suites.itertext())


@given(
    name=TEXTS, message=TEXTS, hint=st.none() | TEXTS,
    severity=st.sampled_from(["error", "warning"]),
)  # fmt: skip
def test_any_text_is_xml(name: str, message: str, hint: str | None, severity: str) -> None:
    one = problem(message=message, hint=hint, severity=severity, path=name)

    out = junit_text(result_of(one, path=name, unlisted=1, of_experiment=[one]))

    cases = list(ET.fromstring(out).iter("testcase"))
    assert len(cases) == 2
    assert "1 more problems are not listed" in cases[1].find("system-out").text
    assert out.isascii()


def test_settings_name_the_runs_and_the_output_is_left_out(sitegen: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")
    write_run_text(tmp_path / "runs" / "public" / "b", "{")
    (tmp_path / "ours.toml").write_text('[site]\nruns = ["runs"]\noutput = "runs/public"\n')

    code, out, _ = sitegen("check", "--config", "ours.toml")

    assert (code, out) == (0, "1 run in 1 experiment, no problems\n")


def test_no_run_exits_with_three(sitegen: Run, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()

    code, out, err = sitegen("check", "runs", "--json")

    assert (code, out) == (3, "")
    assert "error: runs: no run found: no directory holds a run.json" in err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("check",), "error: no directory of runs was named\n  hint: sitegen check RUNS"),
        (("check", "nowhere"), "error: nowhere: no such directory"),
        (("check", "runs", "--format", "xml"), "Invalid value for '--format'"),
        (("check", "runs", "--json", "--format", "junit"), "exclude each other"),
        (("check", "runs", "--workers", "0"), "--workers"),
        (("check", "runs", "--config", "no.toml"), "no.toml: cannot be read"),
        (("chek", "runs"), "Did you mean check?"),
    ],
)
def test_wrong_usage_exits_with_two(
    sitegen: Run, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    write_run(tmp_path / "runs" / "a")

    code, out, err = sitegen(*arguments)

    assert (code, out) == (2, "")
    assert told in err


@pytest.mark.parametrize("format_", ["text", "json", "github", "junit"])
def test_control_characters_of_a_bundle_never_reach_the_terminal(
    sitegen: Run, tmp_path: Path, format_: str
) -> None:
    runs = tmp_path / "runs"
    write_run(runs / "a", status=HOSTILE, id=HOSTILE, name=HOSTILE, experiment=HOSTILE)
    write_run(runs / "\x1b[31m\n::error::red", id=HOSTILE, started_at=HOSTILE, tags=[{HOSTILE: 1}])
    write_file(runs / "a", "strange\x1b[2J\nname", "")
    write_experiment_file(runs, '"\\u001b[2J" = 1\n')

    code, out, err = sitegen("check", "runs", "--format", format_)

    assert code == 1
    assert not CONTROL.search(out + err)
    commands = [line for line in out.splitlines() if line.lstrip().startswith("::")]
    assert all(re.match(r"::(error|warning) file=runs", line) for line in commands)
    assert bool(commands) == (format_ == "github")


def test_help_names_every_option_and_gives_examples(sitegen: Run) -> None:
    code, out, _ = sitegen("check", "--help")

    assert code == 0
    assert "sitegen check runs/ --strict --format github" in out
    for option in ("--config", "--strict", "--json", "--format", "--workers"):
        assert option in out

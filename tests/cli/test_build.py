"""What `sitegen build` says and which code it exits with: 0 done, 1 strict, 2 usage, 3 nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Outcome, contents, run_command
from tests.factories import (
    write_experiment_file,
    write_file,
    write_full_run,
    write_metrics,
    write_run,
    write_run_text,
)

Run = Callable[..., Outcome]


def test_a_good_bundle_is_built_and_the_page_to_open_is_named(sitegen: Run, tmp_path: Path) -> None:
    write_full_run(tmp_path / "runs" / "a")

    code, out, err = sitegen("build", "runs", "-o", "site")

    assert code == 0
    assert re.search(r"^1 run in 1 experiment, no problems · \d+ files, .* \(all new\) in", out)
    assert out.endswith("open site/index.html\n")
    assert "warning" not in err
    assert "error" not in err


def test_a_second_build_of_the_same_input_changes_nothing(sitegen: Run, tmp_path: Path) -> None:
    write_full_run(tmp_path / "runs" / "a")
    sitegen("build", "runs", "-o", "site")
    before = contents(tmp_path / "site")

    code, out, _ = sitegen("build", "runs", "-o", "site")

    assert code == 0
    assert "(nothing changed)" in out
    assert contents(tmp_path / "site") == before


def test_a_missing_path_is_a_usage_error(sitegen: Run, tmp_path: Path) -> None:
    code, out, err = sitegen("build", "nowhere", "-o", "site")

    assert code == 2
    assert out == ""
    assert "error: nowhere: no such directory\n  hint: Check the RUNS argument." in err
    assert not (tmp_path / "site").exists()


def test_a_file_is_no_directory_of_runs(sitegen: Run, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}")

    code, _, err = sitegen("build", "run.json", "-o", "site")

    assert code == 2
    assert "error: run.json: is a file; expected a directory of run bundles" in err
    assert "hint: Name the directory that holds run.json" in err
    assert not (tmp_path / "site").exists()


def test_an_empty_directory_gives_nothing_to_build(sitegen: Run, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()

    code, _, err = sitegen("build", "runs", "-o", "site")

    assert code == 3
    assert "error: runs: no run found: no directory holds a run.json" in err
    assert "hint: A bundle is a directory with a run.json" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["runs"]


def test_no_argument_and_no_setting_names_no_runs(sitegen: Run) -> None:
    code, _, err = sitegen("build")

    assert code == 2
    assert "error: no directory of runs was named" in err
    assert "runs = [" in err


def test_a_syntax_error_in_run_json_is_told_with_line_and_column(
    sitegen: Run, tmp_path: Path
) -> None:
    write_run_text(tmp_path / "runs" / "bad", '{\n  "name": "x",\n  "tags": ["a",]\n}\n')
    write_run(tmp_path / "runs" / "good")

    code, out, err = sitegen("build", "runs", "-o", "site")

    assert code == 0
    assert re.search(r"runs/bad/run\.json:3: error: column 1[56]: ", err)
    assert "JSON allows no comma before a closing bracket." in err
    assert "[run-unreadable]" in err
    assert "2 runs in 1 experiment, 1 error" in out


def test_a_wrong_type_in_run_json_is_told_with_its_path_and_line(
    sitegen: Run, tmp_path: Path
) -> None:
    text = '{\n  "name": "x",\n  "metrics": {\n    "loss": {\n      "goal": 3\n    }\n  }\n}\n'
    write_run_text(tmp_path / "runs" / "a", text)

    code, _, err = sitegen("build", "runs", "-o", "site")

    assert code == 0
    assert re.search(r"runs/a/run\.json:\d+: error: \$\.metrics\.loss", err)
    assert "[field-type]" in err
    assert "hint: The field is left out; the rest of the file was read." in err


def test_two_runs_with_one_id_are_both_built_and_the_second_is_renamed(
    sitegen: Run, tmp_path: Path
) -> None:
    write_run(tmp_path / "runs" / "a", id="same")
    write_run(tmp_path / "runs" / "b", id="same")

    code, out, err = sitegen("build", "runs", "-o", "site")

    assert code == 0
    assert "2 runs" in out
    assert "runs/b/run.json: error: the id “same” is also that of another bundle" in err
    assert "hint: Shown as “same~2”." in err
    assert "runs/a" not in err
    report = json.loads((tmp_path / "site" / "report.json").read_text())
    assert [run["id"] for run in report["runs"]] == ["same", "same~2"]


def test_a_parquet_cut_in_half_costs_its_points_only(sitegen: Run, tmp_path: Path) -> None:
    bundle = write_run(tmp_path / "runs" / "a")
    path = write_metrics(bundle, loss=[float(at) for at in range(500)])
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])

    code, out, err = sitegen("build", "runs", "-o", "site")

    assert code == 0
    assert (
        f"runs/a/metrics.parquet: error: file ends after {len(content) // 2:,} bytes without the"
        " Parquet footer [parquet-truncated]" in err
    )
    assert "Copy it again" in err
    assert "1 run in 1 experiment, 1 error" in out


def test_an_attachment_that_is_a_symlink_is_named_and_not_published(
    sitegen: Run, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("do not publish 8f3a")
    bundle = write_run(tmp_path / "runs" / "a")
    (bundle / "attachments").mkdir()
    (bundle / "attachments" / "log.txt").symlink_to(secret)

    code, _, err = sitegen("build", "runs", "-o", "site")

    assert code == 0
    assert "runs/a/attachments/log.txt: error: is a symbolic link" in err
    assert "[symlink]" in err
    assert "Symbolic links are never followed." in err
    assert all(b"8f3a" not in content for content in contents(tmp_path / "site").values())


def test_an_output_that_is_not_ours_is_refused_and_left_as_it_was(
    sitegen: Run, tmp_path: Path
) -> None:
    write_run(tmp_path / "runs" / "a")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "thesis.tex").write_text("years of work")

    code, _, err = sitegen("build", "runs", "-o", "site")

    assert code == 2
    assert "error: site: holds files that are not a site of sitegen; nothing was written" in err
    assert "Choose another directory with -o" in err
    assert contents(tmp_path / "site") == {"thesis.tex": b"years of work"}


def test_an_output_that_is_a_file_is_refused(sitegen: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")
    (tmp_path / "site").write_text("a file")

    code, _, err = sitegen("build", "runs", "-o", "site")

    assert code == 2
    assert "error: site: is a file; expected a directory for the site" in err
    assert (tmp_path / "site").read_text() == "a file"


def test_an_output_below_a_file_is_refused(sitegen: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")
    (tmp_path / "file").write_text("a file")

    code, _, err = sitegen("build", "runs", "-o", "file/site")

    assert code == 2
    assert "error: file/site: cannot be made: " in err
    assert "file is a file" in err


def test_an_unknown_setting_is_an_error_with_the_nearest_known_one(
    sitegen: Run, tmp_path: Path
) -> None:
    write_run(tmp_path / "runs" / "a")
    (tmp_path / "sitegen.toml").write_text('[site]\ntitel = "x"\n')

    code, _, err = sitegen("build", "runs", "-o", "site")

    assert code == 2
    assert "sitegen.toml: site: unknown key “titel”" in err
    assert "hint: Did you mean title?" in err
    assert not (tmp_path / "site").exists()


def test_settings_are_found_upward_and_flags_win_over_them(sitegen: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")
    (tmp_path / "sitegen.toml").write_text(
        '[site]\ntitle = "Our runs"\nruns = ["runs"]\noutput = "public"\n'
    )

    first = sitegen("build")
    second = sitegen("build", "-o", "elsewhere")

    assert (first.code, second.code) == (0, 0)
    assert "Our runs" in (tmp_path / "public" / "index.html").read_text()
    assert (tmp_path / "elsewhere" / "index.html").is_file()


def test_a_missing_settings_file_is_an_error(sitegen: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")

    code, _, err = sitegen("build", "runs", "--config", "no.toml")

    assert code == 2
    assert "no.toml: cannot be read: No such file or directory" in err


def test_a_missing_theme_is_an_error(sitegen: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")

    code, _, err = sitegen("build", "runs", "--theme", "none", "-o", "site")

    assert code == 2
    assert "error: none: no such theme directory" in err
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("build", "--nonsense"), "No such option"),
        (("build", "runs", "--workers", "0"), "--workers"),
        (("bild", "runs"), "Did you mean build?"),
    ],
)
def test_wrong_usage_exits_with_two(sitegen: Run, arguments: tuple[str, ...], told: str) -> None:
    code, out, err = sitegen(*arguments)

    assert code == 2
    assert told in err
    assert out == ""


def test_strict_turns_problems_into_exit_code_one_after_building(
    sitegen: Run, tmp_path: Path
) -> None:
    write_run(tmp_path / "runs" / "a", status="done")

    code, out, _ = sitegen("build", "runs", "-o", "site", "--strict")

    assert code == 1
    assert "1 error" in out
    assert (tmp_path / "site" / "index.html").is_file()


def test_strict_exits_with_zero_without_problems(sitegen: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")

    assert sitegen("build", "runs", "-o", "site", "--strict").code == 0


def test_json_prints_one_object_and_nothing_else(sitegen: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a", status="done")

    code, out, err = sitegen("build", "runs", "-o", "site", "--json")

    assert code == 0
    result = json.loads(out)
    assert err == ""
    assert result["runs"] == 1
    assert result["experiments"] == 1
    assert result["problems"] == {"error": 1, "warning": 0}
    assert result["output"] == "site"
    assert result["files"] == len(contents(tmp_path / "site"))
    assert result["bytes"] == sum(map(len, contents(tmp_path / "site").values()))
    assert result["changed"] == result["files"]
    assert result["removed"] == 0


def test_quiet_says_nothing_but_errors(sitegen: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a", status="done")

    assert sitegen("build", "runs", "-o", "site", "--quiet") == (0, "", "")
    code, out, err = sitegen("build", "nowhere", "--quiet")

    assert (code, out) == (2, "")
    assert "no such directory" in err


def test_a_run_that_cannot_be_read_still_has_a_page_and_a_row(sitegen: Run, tmp_path: Path) -> None:
    write_run_text(tmp_path / "runs" / "bad", "{")

    code, _, _ = sitegen("build", "runs", "-o", "site")

    assert code == 0
    report = json.loads((tmp_path / "site" / "report.json").read_text())
    assert [run["id"] for run in report["runs"]] == ["bad"]
    page = (tmp_path / "site" / report["runs"][0]["url"]).read_text()
    assert "run-unreadable" in page
    assert "the file ends here" in page


def test_problems_of_experiment_files_are_told(sitegen: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")
    write_experiment_file(tmp_path / "runs", 'titel = "x"\n')

    code, _, err = sitegen("build", "runs", "-o", "site")

    assert code == 0
    assert "runs/experiment.toml: warning: unknown key “titel” [experiment-key]" in err
    assert "hint: Did you mean title?" in err


def test_many_problems_of_one_run_are_cut_and_counted(sitegen: Run, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a", tags=[1] * 50)

    _, out, err = sitegen("build", "runs", "-o", "site")

    assert "21 errors" in out
    assert "runs/a: 11 more on the run's page" in err
    assert err.count("[field-type]") == 10


CONTROL = "\x1b]0;owned\x07\x1b[2J\r::error::\u202e\u2028\x9b31m"


def test_control_characters_of_a_bundle_never_reach_the_terminal(
    sitegen: Run, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    write_run(runs / "a", status=CONTROL, id=CONTROL, name=CONTROL, experiment=CONTROL)
    write_run(runs / "b", id=CONTROL, started_at=CONTROL, tags=[{CONTROL: 1}])
    write_run(runs / "\x1b[31mred", status="x")
    write_file(runs / "a", "strange\x1b[2J\nname", "")
    write_experiment_file(runs, '"\\u001b[2J" = 1\n')

    code, out, err = sitegen("build", "runs", "-o", "site")

    assert code == 0
    printed = out + err
    assert "\\x1b" in printed
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]", printed)
    assert not any(line.lstrip().startswith("::") for line in printed.splitlines())


def test_control_characters_of_an_argument_never_reach_the_terminal(sitegen: Run) -> None:
    code, _, err = sitegen("build", "no\x1b[2Jwhere")

    assert code == 2
    assert "\x1b" not in err


def test_the_module_runs_as_a_program_and_reports_plain_lines_without_a_terminal(
    tmp_path: Path,
) -> None:
    write_run(tmp_path / "runs" / "a")

    done = run_command("build", "runs", "-o", "site", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines() == ["Finding runs", "Reading runs (1)", "Rendering pages (1)"]
    assert "open site/index.html" in done.stdout


def test_help_names_every_option_and_gives_an_example(sitegen: Run) -> None:
    code, out, _ = sitegen("build", "--help")

    assert code == 0
    assert "sitegen build runs/ -o site" in out
    for option in ("--output", "--config", "--theme", "--workers", "--strict", "--json", "--quiet"):
        assert option in out

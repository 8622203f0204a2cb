"""The command line: help, JSON, silence and exit codes, as documented."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from helpers import EXAMPLES, PROJECT, environment, fingerprint, run, trueup
from typer.testing import CliRunner

from trueup import cli_ledger
from trueup.cli import app

COMMANDS = [command.callback.__name__ for command in app.registered_commands if command.callback]
MISSING = "/no/such/folder"


def raw(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command line as given, without the options that tests add elsewhere."""
    return run([*words], home)


def plain_dbt(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Plain dbt in the project folder, as an analytics engineer runs it."""
    folders = {"TRUEUP_HOME": str(home), "DBT_PROFILES_DIR": str(PROJECT)}
    return subprocess.run(
        [Path(sys.executable).with_name("dbt"), "--log-path", str(home / "logs"), *words],
        cwd=PROJECT, env=environment(home) | folders, text=True, capture_output=True, timeout=900,
    )  # fmt: skip


def test_there_are_the_documented_commands() -> None:
    steps = ["land", "build", "gate", "post", "publish", "refresh"]
    questions = ["explain", "reprice", "shadow"]
    of_exceptions = ["resolve", "evidence"]
    others = ["retain", "status", "fingerprint", "simulate", "score"]
    readers = ["budgets", "verify"]
    assert [*steps, *others, *questions, *of_exceptions, *readers] == COMMANDS
    [ledger] = app.registered_groups
    assert (ledger.name, [command.name for command in cli_ledger.ledger.registered_commands]) == (
        "ledger",
        ["as-of"],
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    result = CliRunner().invoke(app, [name, "--help"])
    text = " ".join(result.output.split())
    assert result.exit_code == 0
    assert f"Example: trueup {name}" in text
    asked = ("--home", "--json")
    options = {"simulate": ("--seed", "--out", "--json")}
    readers = ("score", "explain", "reprice", "evidence", "budgets", "verify")
    options |= dict.fromkeys(readers, asked)
    for option in options.get(name, ("--landing", "--home", "--as-of", "--json")):
        assert option in text, option


def test_help_names_the_exit_codes_and_every_command() -> None:
    text = " ".join(CliRunner().invoke(app, ["--help"]).output.split())
    for words in ("0 good", "1 a law or gate failed", "2 published", "3 wrong usage", *COMMANDS):
        assert words in text.replace("│ ", ""), words


def test_refresh_prints_one_json_document_and_nothing_else(first_refresh: tuple[Path, Any]) -> None:
    home, outcome = first_refresh
    report = json.loads(outcome.stdout)
    assert outcome.stderr == ""
    assert (report["code"], report["is_unchanged"]) == (0, False)
    assert (home / "published" / report["release"]).is_file()
    assert (report["quarantine"], report["failures"]) == ([], [])
    files = [p for p in EXAMPLES.glob("*/**/*") if p.is_file()]
    assert report["landed"]["paths"] == sorted(p.relative_to(EXAMPLES).as_posix() for p in files)
    assert report["landed"]["new"] == len([p for p in files if "Manifest" not in p.name])


def test_json_amounts_are_exact_text(first_report: dict[str, Any], marts: Any) -> None:
    found = {(row["provider"], row["currency"]): row for row in first_report["summary"]["billed"]}
    query = """
        select provider, billing_currency, count(*), sum(billed_cost), sum(effective_cost)
        from marts.fct_charges group by all
    """
    for provider, currency, charges, billed, effective in marts.execute(query).fetchall():
        row = found.pop((provider, currency))
        assert row["charges"] == charges
        assert (Decimal(row["billed"]), Decimal(row["effective"])) == (billed, effective)
        assert "E" not in row["billed"] + row["effective"]
    assert found == {}


def test_progress_goes_to_stderr_and_quiet_silences_it(tmp_path: Path) -> None:
    words = ("land", "--home", str(tmp_path), "--landing", str(EXAMPLES), "--json")
    loud = raw(tmp_path, *words)
    quiet = raw(tmp_path, *words, "--quiet")
    assert (loud.returncode, quiet.returncode) == (0, 0)
    assert json.loads(loud.stdout)["landed"]["new"] == 10
    assert json.loads(quiet.stdout)["landed"]["new"] == 0
    assert "land ok: 17,397 rows in 10 new of 12 files" in loud.stderr
    assert "oci_cost/oci_cost_report_focus_converters.csv" in loud.stderr
    assert quiet.stderr == ""


def test_a_summary_shows_files_money_matches_and_differences(refreshed: Path, marts: Any) -> None:
    outcome = trueup("status", refreshed)
    assert outcome.returncode == 0 and outcome.stderr == ""
    for title in ("Files and rows", "Billed per provider", "Matched share", "Top differences"):
        assert title in outcome.stdout
    billed = marts.execute("select sum(billed_cost) from marts.fct_charges where provider = 'AWS'")
    assert f" {billed.fetchone()[0].normalize():f} " in outcome.stdout
    assert "gate      passed" in outcome.stdout


def test_status_and_fingerprint_before_anything(tmp_path: Path) -> None:
    status = trueup("status", tmp_path / "home")
    assert status.returncode == 0
    lines = [" ".join(line.split()) for line in status.stdout.splitlines()]
    assert lines[1:] == ["build none or unfinished", "gate not passed", "release none"]
    as_json = json.loads(trueup("status", tmp_path / "home", EXAMPLES, "--json").stdout)
    assert as_json == {"build": None, "release": None, "summary": None}
    nothing = trueup("fingerprint", tmp_path / "home")
    assert (nothing.returncode, nothing.stdout) == (3, "")
    assert "Nothing is published yet. Run `trueup refresh`." in nothing.stderr


def test_fingerprint_prints_the_hash_of_the_release(refreshed: Path) -> None:
    assert trueup("fingerprint", refreshed).stdout.split() == [fingerprint(refreshed)]
    marts = json.loads(trueup("fingerprint", refreshed, EXAMPLES, "--json").stdout)
    assert marts["all"] == fingerprint(refreshed)
    assert "fct_charges" in marts and "fct_refresh_runs" not in marts


@pytest.mark.parametrize("name", ["gate", "publish"])
def test_steps_out_of_order_say_what_comes_first(tmp_path: Path, name: str) -> None:
    outcome = trueup(name, tmp_path / "home")
    assert (outcome.returncode, outcome.stdout) == (3, "")
    assert "There is no complete build. Run `trueup build`." in outcome.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["frobnicate"], "No such command 'frobnicate'", id="unknown command"),
        pytest.param(["land", "--fast"], "No such option: --fast", id="unknown option"),
        pytest.param(["publish", "--keep", "0"], "Invalid value for '--keep'", id="keep nothing"),
        pytest.param(
            ["land", "--landing", MISSING],
            f"The landing folder {MISSING} does not exist. Create it or name another by --landing.",
            id="no landing folder",
        ),
        pytest.param(
            ["refresh", "--as-of", "next Tuesday"],
            "--as-of 'next Tuesday' is not a time. Write it as 2024-09-30 or",
            id="no time",
        ),
        pytest.param(["status", "--as-of", "2024-13-01"], "is not a time", id="no month"),
    ],
)
def test_wrong_usage_ends_with_code_3_and_a_sentence(
    tmp_path: Path, words: list[str], said: str
) -> None:
    outcome = raw(tmp_path, *words, "--home", str(tmp_path / "home"))
    assert (outcome.returncode, outcome.stdout) == (3, "")
    assert said in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert not (tmp_path / "home").exists()


def test_outside_a_project_the_command_says_where_to_run_it(tmp_path: Path) -> None:
    outcome = subprocess.run(
        [sys.executable, "-m", "trueup.cli", "status"],
        cwd=tmp_path, text=True, capture_output=True, timeout=60,
    )  # fmt: skip
    assert outcome.returncode == 3
    assert f"No dbt_project.yml in {tmp_path}" in outcome.stderr


def test_plain_dbt_before_landing_says_that_nothing_has_landed(tmp_path: Path) -> None:
    outcome = plain_dbt(tmp_path, "build")
    assert outcome.returncode != 0
    assert f"Nothing has landed in {tmp_path} yet. Run `trueup land`" in outcome.stdout
    assert "Traceback" not in outcome.stdout + outcome.stderr


def test_plain_dbt_build_after_landing_builds_the_same_charges(
    refreshed: Path, tmp_path: Path, marts: Any
) -> None:
    home = tmp_path / "home"
    shutil.copytree(refreshed / "archive", home / "archive")
    assert trueup("land", home).returncode == 0
    outcome = plain_dbt(home, "build")
    assert outcome.returncode == 0, outcome.stdout[-3000:]
    assert "ERROR=0" in outcome.stdout and "law_9_newest_delivery" in outcome.stdout
    figures = "select count(*), sum(billed_cost), sum(effective_cost) from marts.fct_charges"
    with duckdb.connect(str(home / "build" / "marts.duckdb"), read_only=True) as built:
        found = built.execute(figures.replace("marts.", "marts.marts.")).fetchall()
    assert found == marts.execute(figures).fetchall()

"""Kill -9 at any moment, then refresh: the same release as an undisturbed run, readers unharmed."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest
from helpers import (
    DAY,
    EXAMPLES,
    PROJECT,
    command,
    copy_landing,
    environment,
    fingerprint,
    newest_time,
    read_rows,
    release,
    releases,
    trueup,
    write_rows,
)

KILLS = 25 if os.environ.get("TRUEUP_LONG") else 1
JUNE = "aws_cur/cur_savings_plans_2024-06.csv.gz"
BUSY = "Another trueup run is at work"


def start(name: str, home: Path, landing: Path = EXAMPLES, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "trueup.cli", *command(name, home, landing, *options)],
        cwd=PROJECT,
        env=environment(home),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def kill_when(process: subprocess.Popen[str], is_due: Callable[[], bool]) -> bool:
    """SIGKILL the process once something is due; whether it still ran then."""
    while process.poll() is None and not is_due():
        time.sleep(0.001)
    was_running = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return was_running


def leftovers(home: Path) -> list[str]:
    """Files that an interrupted step leaves behind and a finished one does not."""
    return [p.name for p in home.rglob("*") if ".partial" in p.name] + [
        p.name for p in (home / "published").iterdir() if p.name.endswith(".wal")
    ]


def mart_names(home: Path) -> set[str]:
    with release(home) as connection:
        query = "select table_schema || '.' || table_name from information_schema.tables"
        return {name for (name,) in connection.execute(query).fetchall()}


class Changed(NamedTuple):
    """A landing folder with one month restated, and what an undisturbed refresh makes of it."""

    landing: Path
    fingerprint: str
    seconds: float


@pytest.fixture(scope="module")
def changed(refreshed: Path, tmp_path_factory: pytest.TempPathFactory) -> Changed:
    folder = tmp_path_factory.mktemp("changed")
    landing = copy_landing(folder)
    write_rows(landing / JUNE, read_rows(landing / JUNE)[:30], newest_time(landing) + DAY)
    home = Path(shutil.copytree(refreshed, folder / "home", symlinks=True))
    begun = time.monotonic()
    assert trueup("refresh", home, landing).returncode == 0
    seconds = time.monotonic() - begun
    assert fingerprint(home) != fingerprint(refreshed)
    return Changed(landing, fingerprint(home), seconds)


@pytest.mark.parametrize("number", range(KILLS))
def test_a_refresh_killed_anywhere_is_made_good_by_the_next(
    home: Path, refreshed: Path, changed: Changed, number: int
) -> None:
    """The moments are drawn at random, one from each of as many parts of the run as there are."""
    kind = ("changed", "first", "full", "changed")[number % 4]
    landing = changed.landing if kind == "changed" else EXAMPLES
    if kind == "first":
        shutil.rmtree(home)
    options = ["--full-refresh"] if kind == "full" else []
    at = time.monotonic() + (number + random.random()) / KILLS * changed.seconds
    process = start("refresh", home, landing, *options)
    was_running = kill_when(process, lambda: time.monotonic() >= at)
    said = f"{kind} refresh, killed in part {number + 1} of {KILLS}: {was_running}"
    wanted = changed.fingerprint if kind == "changed" else fingerprint(refreshed)
    if kind != "first":
        assert fingerprint(home) in (fingerprint(refreshed), wanted), said
        assert mart_names(home) == mart_names(refreshed), said
    again = trueup("refresh", home, landing)
    assert again.returncode == 0, f"{said}\n{again.stderr}"
    assert fingerprint(home) == wanted, said
    assert mart_names(home) == mart_names(refreshed), said
    assert leftovers(home) == [], said


@pytest.mark.parametrize("archived", [1, 4])
def test_a_landing_killed_between_files_is_made_good_by_the_next(
    refreshed: Path, tmp_path: Path, archived: int
) -> None:
    def registered(home: Path) -> list[tuple]:
        with duckdb.connect(str(home / "archive" / "registry.duckdb"), read_only=True) as registry:
            return registry.execute("""
                select files.* exclude (run_id, landed_at), totals.* exclude (source, file_id)
                from landing.files left join landing.file_totals as totals using (source, file_id)
                order by all
            """).fetchall()

    archive = tmp_path / "archive"
    process = start("land", tmp_path)
    assert kill_when(process, lambda: len([*archive.glob("*/*-*.parquet")]) >= archived)
    assert trueup("land", tmp_path).returncode == 0
    assert registered(tmp_path) == registered(refreshed)
    assert [p.name for p in archive.rglob("*.partial")] == []


def test_a_publication_killed_while_it_copies_leaves_the_last_release(
    home: Path, refreshed: Path
) -> None:
    before = releases(home)
    process = start("publish", home)
    assert kill_when(process, lambda: any((home / "published").glob("*.partial")))
    assert os.readlink(home / "published" / "current.duckdb") == before[-1]
    assert fingerprint(home) == fingerprint(refreshed)
    assert trueup("publish", home).returncode == 0
    assert os.readlink(home / "published" / "current.duckdb") != before[-1]
    assert fingerprint(home) == fingerprint(refreshed)
    assert leftovers(home) == []


def test_an_open_reader_keeps_its_release_while_the_next_is_published(home: Path) -> None:
    query = "select count(*), sum(billed_cost) from marts.fct_charges"
    with release(home) as reader:
        before = reader.execute(query).fetchall()
        for _ in range(3):
            assert trueup("publish", home, EXAMPLES, "--keep", "1").returncode == 0
        assert reader.execute(query).fetchall() == before
    assert len(releases(home)) == 3  # the newest release, the link, and what the link says
    with release(home) as reader:
        assert reader.execute(query).fetchall() == before


def test_a_second_refresh_is_refused_for_as_long_as_one_runs(home: Path, refreshed: Path) -> None:
    state = home / "build" / "state.json"
    before = state.read_text()
    first = start("refresh", home, EXAMPLES, "--full-refresh")
    while state.read_text() == before and first.poll() is None:  # until it builds
        time.sleep(0.01)
    refused = 0
    while (second := trueup("refresh", home)).returncode == 3:
        assert BUSY in second.stderr
        refused += 1
        time.sleep(0.5)
    _, errors = first.communicate()
    assert first.returncode == 0, errors
    assert refused > 2
    assert second.stdout.startswith("nothing changed since the last release"), second.stderr
    assert fingerprint(home) == fingerprint(refreshed)

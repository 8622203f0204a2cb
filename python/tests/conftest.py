"""One home is refreshed once; tests read it, or go on from a copy of their own."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from helpers import EXAMPLES, release, trueup


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `-n`, a module stays in one process: its tests share a home that took long to make."""
    from xdist.scheduler import LoadFileScheduling

    return LoadFileScheduling(config, log)


@pytest.fixture(scope="session")
def first_refresh(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A home after one refresh of the bundled landing folder, and what the command said."""
    home = tmp_path_factory.mktemp("refreshed") / "home"
    outcome = trueup("refresh", home, EXAMPLES, "--json")
    if outcome.returncode != 0:
        pytest.fail(f"the bundled landing folder: {outcome.stdout}\n{outcome.stderr}", False)
    return home, outcome


@pytest.fixture(scope="session")
def refreshed(first_refresh: tuple[Path, Any]) -> Path:
    """The home refreshed once from the bundled landing folder. Read it, never change it."""
    return first_refresh[0]


@pytest.fixture(scope="session")
def marts(refreshed: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Its release, open for reading."""
    with release(refreshed) as connection:
        yield connection


@pytest.fixture
def home(refreshed: Path) -> Path:
    """A copy of the refreshed home, to be changed.

    It lies at the same place for every test: what dbt parsed for the one before serves again.
    """
    place = refreshed.with_name("copy")
    shutil.rmtree(place, ignore_errors=True)
    return Path(shutil.copytree(refreshed, place, symlinks=True))


@pytest.fixture(scope="session")
def first_report(first_refresh: tuple[Path, Any]) -> dict[str, Any]:
    """What the first refresh printed with --json."""
    return json.loads(first_refresh[1].stdout)

"""One home is refreshed once; tests read it, or go on from a copy of their own."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from buckets import Buckets
from helpers import EXAMPLES, release, trueup
from worlds import PLAN, RefreshedWorld, refresh_world

# Modules that read the clean world, which takes minutes to make.
OF_CLEAN_WORLD = ("world", "clouds", "exports", "focus", "records")
# Modules that take longest: they begin, so that no process is left with one of them at the end.
LONGEST = (
    "crash", "closed_periods", "completeness", "idempotence", "ownership", "unread",
    "landing_properties", "simulated_faults", "books", "cli", "focus_versions", "entitlements",
    "true_up_questions", "internal_billing", "analyses",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest modules come first."""
    order = {f"test_{name}": number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `-n`, tests that share a home which took long to make stay in one process.

    That is a module, and all modules that read the clean world.
    """
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = str(super()._split_scope(nodeid))
            is_shared = file.endswith(tuple(f"test_simulated_{name}.py" for name in OF_CLEAN_WORLD))
            return "clean world" if is_shared else file

    config.option.loadscopereorder = False  # the order is that of LONGEST
    return Scheduling(config, log)


@pytest.fixture(scope="session")
def first_refresh(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A home after one refresh of the bundled landing folder, and what the command said.

    The first process that needs it makes it for all; each has a copy.
    """
    own = tmp_path_factory.mktemp("refreshed")
    of_all = own if "PYTEST_XDIST_WORKER" not in os.environ else own.parents[1]
    made, said = of_all / "made", of_all / "said.json"
    with (of_all / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            outcome = trueup("refresh", made / "home", EXAMPLES, "--json")
            said.write_text(json.dumps(vars(outcome)))
    outcome = subprocess.CompletedProcess(**json.loads(said.read_text()))
    if outcome.returncode != 0:
        pytest.fail(f"the bundled landing folder: {outcome.stdout}\n{outcome.stderr}", False)
    return Path(shutil.copytree(made / "home", own / "home", symlinks=True)), outcome


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


@pytest.fixture(scope="session")
def clean_world(tmp_path_factory: pytest.TempPathFactory) -> RefreshedWorld:
    """A small simulated world without faults, all of its files refreshed once."""
    return refresh_world(PLAN, tmp_path_factory.mktemp("clean_world"))


@pytest.fixture(scope="session")
def s3_server() -> Iterator[Buckets]:
    """An S3 server, started once."""
    server = Buckets()
    yield server
    server.stop()


@pytest.fixture
def buckets(s3_server: Buckets, monkeypatch: pytest.MonkeyPatch) -> Buckets:
    """The S3 server, empty but for the bucket `exports`; the environment leads to it."""
    s3_server.reset()
    s3_server.client("s3").create_bucket(Bucket="exports")
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    return s3_server

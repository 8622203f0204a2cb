"""dbt's programmatic runner over the project: build, and the laws and gates before publication."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from trueup.config import Settings

Progress = Callable[[str], None]


@dataclass
class Outcome:
    """What one dbt invocation came to. `failures` are sentences, one per node that failed."""

    ok: bool
    done: int = 0
    skipped: int = 0
    failures: list[str] = field(default_factory=list)


def run_dbt(settings: Settings, arguments: list[str], progress: Progress) -> Outcome:
    """Run one dbt command for a home, and close its warehouse again.

    Args:
        settings: the run; its home, run id and as-of time are handed over by the environment.
        arguments: the dbt command, such as ["build", "--exclude", "tag:law"].
        progress: told of each node that starts.

    Returns:
        The outcome. A failed gate or law counts as a failure, like a model that cannot be built.
    """
    os.environ |= {
        "TRUEUP_HOME": str(settings.home),
        "TRUEUP_RUN_ID": settings.run_id,
        "TRUEUP_AS_OF": settings.as_of.isoformat(),
        "DO_NOT_TRACK": "1",
    }
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    def listen(event: Any) -> None:
        if event.info.name == "LogStartLine":
            progress(event.data.description)

    log = ("--log-path", str(settings.home / "logs"), "--log-level-file", "debug")
    try:
        runner = dbtRunner(parsed(settings.project), [listen])
        return _outcome(runner.invoke([*arguments, *_options(settings.project), *log]))
    finally:
        DuckDBConnectionManager.close_all_connections()


@cache
def parsed(project: Path) -> Any:
    """The project's manifest, read once a process; None where dbt cannot parse it.

    It holds for every home. What is wrong with a project, dbt says when it is to run it.
    """
    from dbt.cli.main import dbtRunner

    words = ["parse", *_options(project), "--log-level-file", "none"]
    return dbtRunner().invoke(words).result


def _options(project: Path) -> tuple[str, ...]:
    folders = ("--project-dir", str(project), "--profiles-dir", str(project))
    return (*folders, "--no-write-json", "--log-level", "none")


def _outcome(result: Any) -> Outcome:
    if result.exception is not None or not hasattr(result.result, "results"):
        return Outcome(ok=False, failures=[str(result.exception or "dbt did not run")])
    outcome = Outcome(ok=bool(result.success))
    for node in result.result.results:
        status = str(node.status)
        if status in ("error", "fail", "runtime error"):
            outcome.failures.append(_sentence(node))
        elif status == "skipped":
            outcome.skipped += 1
        else:
            outcome.done += 1
    return outcome


def _sentence(node: Any) -> str:
    message = " ".join(str(node.message or "").split())
    if str(node.status) == "fail":
        count = node.failures or 0
        broken = "row breaks" if count == 1 else "rows break"
        message = f"{count} {broken} it, such as: {_first_row(node)}"
    return f"{node.node.resource_type} {node.node.name}: {message}"


def _first_row(test: Any) -> str:
    """A row that breaks a test, in words; read before the warehouse is closed."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    cursor = DuckDBConnectionManager.env().handle().cursor()
    cursor.execute(f"select * from ({test.node.compiled_code}) as broken limit 1")
    names = [column[0] for column in cursor.description]
    row = next(iter(cursor.fetchall()), ())
    return ", ".join(f"{name} {value}" for name, value in zip(names, row, strict=False))

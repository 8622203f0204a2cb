"""Commands in forks of one process, which has imported what they need and parsed the project.

Starting Python, importing dbt and Great Expectations and parsing the project take longer than most
commands that the tests run. A fork is a process of its own all the same, ended by `trueup` itself.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

import duckdb
from dbt.cli.main import dbtRunner

from trueup import cli
from trueup.warehouse import parsed

# What commands import when they first need it.
IMPORTED_LATE = ("great_expectations.expectations", "trueup.gates.dialect", "trueup.rating")
PROJECT = Path(__file__).parents[2]
LONGEST_SECONDS = 900


class Forks:
    """The process that is forked; it ends with the one that made it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._lock = Lock()
        self._process = subprocess.Popen(
            [sys.executable, __file__], cwd=PROJECT, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def run(
        self, words: list[str], environment: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run `trueup` or `dbt` in the project folder, with nothing but this environment."""
        assert self._process.stdin and self._process.stdout
        with TemporaryDirectory() as folder, self._lock:
            request = json.dumps([words, environment, folder])
            print(request, file=self._process.stdin, flush=True)
            code = int(self._process.stdout.readline())
            said = [(Path(folder) / name).read_text() for name in ("stdout", "stderr")]
        return subprocess.CompletedProcess(words, code, *said)


def serve() -> None:
    """Fork for each line of stdin; answer with the exit code, a signal's number below zero."""
    for name in IMPORTED_LATE:
        import_module(name)
    with TemporaryDirectory() as folder:
        os.environ["DBT_TARGET_PATH"] = folder
        parsed(PROJECT)
    duckdb.close()  # the connection that importing opens has a thread, which no fork would have
    gc.freeze()  # what all forks share is not theirs to look through
    for line in sys.stdin:
        words, environment, folder = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(environment, Path(folder))
            sys.argv = words
            PROGRAMS[words[0]]()
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _dbt() -> None:
    sys.exit(not dbtRunner(parsed(PROJECT)).invoke(sys.argv[1:]).success)


PROGRAMS = {"trueup": cli.main, "dbt": _dbt}


def _become(environment: dict[str, str], folder: Path) -> None:
    """Take on a command's environment and its streams; no command runs for ever."""
    signal.alarm(LONGEST_SECONDS)
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for stream, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT), stream)


if __name__ == "__main__":
    serve()

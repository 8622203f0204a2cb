"""Run a command and measure it: wall clock, processor time, peak memory of its process tree."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.1
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Measured:
    """One command: seconds on the clock and on the processors, peak bytes in memory, its end."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    code: int
    output: str


def measure(command: list[str], folder: Path, env: dict[str, str]) -> Measured:
    """Run a command to its end; its standard error passes through.

    Peak memory is the larger of two figures: the kernel's high-water mark of the largest process,
    and the largest sum over the process tree that a sample every tenth of a second found.

    Args:
        command: program and arguments.
        folder: working directory.
        env: environment variables on top of this process's own.

    Returns:
        The measurement, with the command's exit code and standard output.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        begun = time.monotonic()
        process = subprocess.Popen(command, cwd=folder, env=os.environ | env, stdout=output)
        sampler = _Sampler(process.pid)
        sampler.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        sampler.ended.set()
        sampler.join()
        output.seek(0)
        return Measured(
            seconds=round(seconds, 2),
            cpu_seconds=round(usage.ru_utime + usage.ru_stime, 2),
            peak_bytes=max(usage.ru_maxrss * 1024, sampler.peak),
            code=process.returncode,
            output=output.read(),
        )


class _Sampler(threading.Thread):
    """Keeps the largest resident size of a process and its descendants."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.peak = 0
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(SAMPLE_SECONDS):
            self.peak = max(self.peak, _resident(self.pid))


def _resident(pid: int) -> int:
    """Bytes resident of a process and its descendants; 0 for what has ended or has no /proc."""
    folder = Path(f"/proc/{pid}")
    try:
        total = int((folder / "statm").read_text().split()[1]) * PAGE
        children = [
            child
            for task in (folder / "task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:
        return 0
    return total + sum(_resident(int(child)) for child in children)

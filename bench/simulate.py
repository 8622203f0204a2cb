"""Measure a simulated company against DuckDB reading its files and writing the same rows again.

Example: python bench/simulate.py --lines 10000000
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
from measure import Measured, measure

PROJECT = Path(__file__).resolve().parent.parent
# Suffix of a file, and how DuckDB reads and writes such rows.
FORMATS = {
    ".csv": (
        "read_csv('{}', header = true, all_varchar = true, max_line_size = 10000000)",
        "format csv, header true",
    ),
    ".jsonl": ("read_json('{}', format = 'newline_delimited')", "format json"),
    ".parquet": ("read_parquet('{}')", "format parquet, compression zstd"),
}


def main() -> int:
    """Run both and print their figures as JSON; returns 0, or the code of what failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lines", type=int, default=10_000_000, help="charge lines (10000000)")
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--copy", type=Path, nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.copy:
        copy(*options.copy)
        return 0
    with tempfile.TemporaryDirectory(prefix="trueup_bench_") as folder:
        world, again = Path(folder, "world"), Path(folder, "again")
        environment = {"PYTHONPATH": str(PROJECT / "python")}
        load = os.getloadavg()[0]
        words = ["simulate", "--seed", "1", "--months", str(options.months), "--lines",
                 str(options.lines), "--out", str(world), "--quiet", "--json"]  # fmt: skip
        simulated = measure([sys.executable, "-m", "trueup.cli", *words], PROJECT, environment)
        if simulated.code:
            return simulated.code
        copied = measure(
            [sys.executable, __file__, "--copy", str(world / "landing"), str(again)], PROJECT, {}
        )
        if copied.code:
            return copied.code
        size = sum(path.stat().st_size for path in world.rglob("*") if path.is_file())
    figures = {
        "at": time.strftime("%Y-%m-%d"),
        "load_before": load,
        **{key: json.loads(simulated.output)[key] for key in ("lines", "files")},
        "bytes": size,
        "simulate": figures_of(simulated),
        "plain": figures_of(copied),
        "ratio": round(simulated.seconds / copied.seconds, 2),
        "cpu_ratio": round(simulated.cpu_seconds / copied.cpu_seconds, 2),
    }
    print(json.dumps(figures, indent=2))
    return 0


def figures_of(run: Measured) -> dict[str, Any]:
    """Seconds and bytes of a run."""
    return {
        "seconds": run.seconds,
        "cpu_seconds": run.cpu_seconds,
        "peak_bytes": run.peak_bytes,
    }


def copy(landing: Path, target: Path) -> None:
    """Write every file of rows again, in its format and compression."""
    with duckdb.connect(config={"threads": 2, "memory_limit": "2GB"}) as connection:
        for path in sorted(landing.rglob("*")):
            plain = path.with_suffix("") if path.suffix == ".gz" else path
            if path.is_dir() or plain.suffix not in FORMATS:
                continue
            read, write = FORMATS[plain.suffix]
            to = target / path.relative_to(landing)
            to.parent.mkdir(parents=True, exist_ok=True)
            packed = ", compression gzip" if plain != path else ""
            connection.execute(f"copy (from {read.format(path)}) to '{to}' ({write}{packed})")


if __name__ == "__main__":
    sys.exit(main())

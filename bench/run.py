"""Measure a refresh of many rows against plain SQL that reads and writes the same, in one run.

Example: python bench/run.py --rows 200000 --json bench.json
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from compare import CANONICAL, MARTS, differences, read_figures
from generate import Delivery, restate, write_months
from measure import Measured, measure
from plain import CASTS
from report import TARGETS, missed_targets, print_report

PROJECT = Path(__file__).resolve().parent.parent
# Days after the deliveries; the same in every run, so that the wall clock decides nothing.
AS_OF, AS_OF_RESTATED = "2024-01-10", "2024-01-11"


class Broken(Exception):
    """The benchmark cannot go on: a command failed, or did not do what is measured."""


def main() -> int:
    """Run the benchmark; returns 0, or 1 when a target is missed or a figure differs."""
    options = _options()
    if options.out and options.out.exists() and any(options.out.iterdir()):
        print(f"{options.out} is not empty: name a new folder.", file=sys.stderr)
        return 2
    with _folder(options.out, options.keep) as out:
        try:
            data = bench(out, options.rows)
        except Broken as problem:
            print(problem, file=sys.stderr)
            return 1
    print_report(data)
    if options.json:
        options.json.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    return 1 if data["differences"] or data["missed"] else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=5_000_000, help="rows in all (5000000)")
    parser.add_argument("--out", type=Path, help="new folder for files, homes and databases; kept")
    parser.add_argument("--keep", action="store_true", help="keep the temporary folder, too")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    if options.rows < 12:
        parser.error("--rows must be 12 or more: each month needs a row")
    return options


@contextmanager
def _folder(out: Path | None, keep: bool) -> Iterator[Path]:
    """The folder to work in: the one asked for, or a temporary one that goes away again."""
    if out or keep:
        folder = out or Path(tempfile.mkdtemp(prefix="trueup_bench_"))
        folder.mkdir(parents=True, exist_ok=True)
        yield folder.resolve()
        _say(f"kept: {folder}")
        return
    with tempfile.TemporaryDirectory(prefix="trueup_bench_") as name:
        yield Path(name)


def bench(out: Path, rows: int) -> dict[str, Any]:
    """Measure every run of the benchmark, and compare what they hold with plain SQL.

    Args:
        out: empty folder for everything.
        rows: rows of the twelve months together.

    Returns:
        All figures, ready for JSON.
    """
    load = os.getloadavg()[0]
    _say(f"generating {rows:,} rows")
    files = write_months(out / "landing", rows)
    size = sum(file.path.stat().st_size for file in files)

    full = _refresh(out, AS_OF, "all twelve months")
    nodes = _slowest_nodes(out / "home" / "logs" / "dbt.log")
    unchanged = _refresh(out, AS_OF, "nothing new")
    if not unchanged["is_unchanged"]:
        raise Broken("The second run found something changed, though nothing had.")
    plain = {cast: _plain(out, "marts", cast) for cast in CASTS}

    _say("comparing the published marts with plain SQL")
    by_hand = [read_figures(_database(out, "marts", cast), "main", MARTS) for cast in CASTS]
    published = read_figures(_release(out), "marts", MARTS, by_hand[0])
    found = [text for each in by_hand for text in differences(published, each)]

    canonical = _canonical(out)
    plain_canonical = {cast: _plain(out, "canonical", cast) for cast in CASTS}
    by_hand = [read_figures(_database(out, "canonical", cast), "main", CANONICAL) for cast in CASTS]
    charges = read_figures(
        out / "canonical/build/warehouse.duckdb", "canonical", CANONICAL, by_hand[0]
    )
    found += [text for each in by_hand for text in differences(charges, each)]

    restated = _refresh_restated(out, files[-1], rows)
    data: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": " ".join(["python", "bench/run.py", *sys.argv[1:]]),
        "machine": _machine() | {"load_before": load},
        "rows": rows,
        "bytes": size,
        "full": full,
        "unchanged": unchanged,
        "restated": restated,
        "plain": plain,
        "canonical": canonical,
        "plain_canonical": plain_canonical,
        "ratio": round(full["seconds"] / plain["direct"]["seconds"], 2),
        "ratio_short_casts": round(full["seconds"] / plain["short"]["seconds"], 2),
        "canonical_ratio": round(canonical["seconds"] / plain_canonical["direct"]["seconds"], 2),
        "canonical_ratio_short_casts": round(
            canonical["seconds"] / plain_canonical["short"]["seconds"], 2
        ),
        "peak_bytes": max(run["peak_bytes"] for run in (full, unchanged, restated, canonical)),
        "restated_share": round(restated["seconds"] / full["seconds"], 4),
        "cpu_ratio": round(full["cpu_seconds"] / plain["direct"]["cpu_seconds"], 2),
        "cpu_canonical_ratio": round(
            canonical["cpu_seconds"] / plain_canonical["direct"]["cpu_seconds"], 2
        ),
        "cpu_restated_share": round(restated["cpu_seconds"] / full["cpu_seconds"], 4),
        "slowest_nodes": nodes,
        "marts": {
            table: {"rows": each["rows"], MARTS[table]: f"{each['amount']:f}"}
            for table, each in published.items()
        },
        "differences": found,
        "targets": TARGETS,
    }
    return data | {"missed": missed_targets(data)}


def _refresh(out: Path, as_of: str, what: str) -> dict[str, Any]:
    """One `trueup refresh` in a process of its own, with its steps from the registry."""
    _say(f"trueup refresh: {what}")
    command = [sys.executable, "-m", "trueup.cli", "refresh", "--quiet", "--json"]
    command += ["--landing", str(out / "landing"), "--home", str(out / "home"), "--as-of", as_of]
    run = measure(command, PROJECT, _env(out))
    if run.code != 0:
        raise Broken(f"trueup refresh ended with code {run.code}:\n{run.output}")
    answer = json.loads(run.output)
    with duckdb.connect(str(out / "home/archive/registry.duckdb"), read_only=True) as registry:
        steps = registry.execute(
            "select step, cast(seconds as double) from landing.runs where run_id = ?",
            [answer["run_id"]],
        ).fetchall()
    return _timed(run) | {
        "is_unchanged": answer["is_unchanged"],
        "rows_landed": answer["landed"]["rows"],
        "steps": dict(steps),
    }


def _refresh_restated(out: Path, last: Delivery, rows: int) -> dict[str, Any]:
    """Deliver the last month again with one more day; only that month may change."""
    file = restate(last)
    run = _refresh(out, AS_OF_RESTATED, "the last month again, with one more day")
    with duckdb.connect(str(_release(out)), read_only=True) as release:
        held = release.execute("select count(*) from marts.fct_charges").fetchone()
    if held != (rows - last.rows + run["rows_landed"],):
        raise Broken(f"After {file.name}, fct_charges holds {held} rows: not the new month's.")
    return run


def _canonical(out: Path) -> dict[str, Any]:
    """Landing and canonical charges alone, in a process and a home of their own."""
    _say("landing and canonical charges")
    command = [sys.executable, "bench/canonical.py"]
    run = measure(
        [*command, str(out / "landing"), str(out / "canonical"), AS_OF], PROJECT, _env(out)
    )
    if run.code != 0:
        raise Broken(f"bench/canonical.py ended with code {run.code}:\n{run.output}")
    nodes = _slowest_nodes(out / "canonical/logs/dbt.log")
    return _timed(run) | json.loads(run.output) | {"slowest_nodes": nodes}


def _plain(out: Path, baseline: str, cast: str) -> dict[str, Any]:
    """A baseline in a process of its own, into a new database."""
    _say(f"plain SQL, {baseline}, {cast} casts")
    command = [sys.executable, "bench/plain.py", baseline, cast]
    files, database = out / "landing/aws_cur/*_full.csv", _database(out, baseline, cast)
    run = measure([*command, str(files), str(database)], PROJECT, {})
    if run.code != 0:
        raise Broken(f"plain SQL failed with code {run.code}.")
    return _timed(run) | {"statements": json.loads(run.output)}


def _database(out: Path, baseline: str, cast: str) -> Path:
    return out / f"plain_{baseline}_{cast}.duckdb"


def _env(out: Path) -> dict[str, str]:
    """A target folder of its own: this run neither uses nor disturbs the project's parse cache."""
    return {"DBT_TARGET_PATH": str(out / "target"), "PYTHONPATH": str(PROJECT / "python")}


def _timed(run: Measured) -> dict[str, Any]:
    return {
        "seconds": run.seconds,
        "cpu_seconds": run.cpu_seconds,
        "peak_bytes": run.peak_bytes,
    }


def _slowest_nodes(log: Path, count: int = 10) -> dict[str, float]:
    """The nodes of dbt's log that took longest, with their seconds."""
    ended = re.compile(
        r"\d+ of \d+ \w+ (?:created sql |created python )?(.+?)[ .]+\[.* in ([\d.]+)s\]"
    )
    text = re.sub(r"\x1b\[[0-9;]*m", "", log.read_text(encoding="utf-8"))
    found = {name: float(seconds) for name, seconds in ended.findall(text)}
    return dict(sorted(found.items(), key=lambda item: -item[1])[:count])


def _release(out: Path) -> Path:
    return (out / "home/published/current.duckdb").resolve()


def _machine() -> dict[str, Any]:
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {"cores": os.cpu_count(), "memory_bytes": pages, "duckdb": duckdb.__version__}


def _say(text: str) -> None:
    print(f"  {text}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())

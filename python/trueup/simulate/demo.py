"""The demo: a year of a made-up company, refreshed month by month as its files arrive, then scored.

Example: python -m trueup.simulate.demo --out demo
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from trueup.config import Exit
from trueup.simulate.plan import Plan
from trueup.simulate.run import simulate

PLANTED = ("RF9", "BF3", "RF2", "RF5", "EF5", "EF3", "EF1", "EF7", "BS1", "IS2")
# Bills of a month are final on its third day after; the books close on the sixth, with grace.
DAYS_AFTER = 10
LOOK_AT = """
What to look at, in {home}/published/current.duckdb, schema marts:
  fct_reconciliation_diffs   where status = 'exception': billed otherwise than agreed, by cause
  fct_expected_charges       contract, rate version and tiers behind each expected amount
  fct_landed_files           files that were refused or came twice
  fct_completeness           days that are missing
  fct_period_snapshots       each closed month as it closed; fct_adjustments: what came after
  fct_alerts                 what wants somebody, with its runbook
"""


def main() -> int:
    """Simulate, refresh month by month, score; returns the exit code of the score."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="new folder for world and home")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--lines", type=int, default=100_000)
    options = parser.parse_args()
    plan = Plan(options.seed, options.months, options.lines)
    world = simulate(plan, PLANTED, options.out / "world", lambda text: print(f"  {text}"))
    home, arrived = options.out / "home", options.out / "landing"
    for as_of in months(plan):
        count = arrive(world.landing, arrived, as_of)
        outcome = trueup("refresh", "--landing", str(arrived), "--home", str(home), "--quiet",
                         "--as-of", f"{as_of:%Y-%m-%dT%H:%M:%SZ}")  # fmt: skip
        if outcome.returncode not in (Exit.GOOD, Exit.PARTIAL):
            print(outcome.stdout, outcome.stderr, sep="\n")
            return outcome.returncode
        print(f"  {as_of:%Y-%m-%d}: {count} files arrived, refreshed")
    print(outcome.stdout)
    scored = trueup("score", str(world.truth), "--home", str(home))
    print(scored.stdout, LOOK_AT.format(home=home), sep="\n")
    return scored.returncode


def months(plan: Plan) -> Iterator[datetime]:
    """The time of each month's refresh, some days after its end."""
    for period in plan.periods:
        year, month = divmod(period.year * 12 + period.month, 12)
        yield datetime.combine(date(year, month + 1, 1), datetime.min.time()) + timedelta(
            days=DAYS_AFTER
        )


def arrive(world: Path, landing: Path, as_of: datetime) -> int:
    """Link the files that had arrived by a time and were not there yet; returns their number."""
    count = 0
    landing.mkdir(exist_ok=True)
    shutil.copymode(world, landing)
    latest = as_of.replace(tzinfo=UTC).timestamp()
    for path in sorted(world.rglob("*")):
        target = landing / path.relative_to(world)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
            shutil.copymode(path, target)
        elif not target.exists() and path.lstat().st_mtime <= latest:
            os.link(path, target)
            count += 1
    return count


def trueup(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user would."""
    return subprocess.run(
        [sys.executable, "-m", "trueup.cli", *words], text=True, capture_output=True, check=False
    )


if __name__ == "__main__":
    sys.exit(main())

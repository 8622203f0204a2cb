"""What faults of files share: which files there are, what is in them, when they arrived."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from trueup.simulate.effects import Effect
from trueup.simulate.plan import Plan

AGAIN = "again"  # folder of what is delivered once more


def choose_file(effect: Effect, landing: Path, patterns: Sequence[str]) -> Path:
    """One file of some patterns by chance, not one that another effect has taken.

    Raises:
        LookupError: the world has no such file left.
    """
    found = sorted(path for pattern in patterns for path in landing.glob(pattern))
    names = [name_of(landing, path) for path in found]
    free = [name for name in names if name not in effect.world.taken]
    if not free:
        raise LookupError(f"{effect.effect_id}: this world has no file left for it.")
    chosen = free[int(effect.random.integers(len(free)))]
    effect.world.taken.add(chosen)
    return landing / chosen


def name_of(landing: Path, path: Path) -> str:
    """A file's path as the warehouse states it."""
    return path.relative_to(landing).as_posix()


def again(path: Path) -> Path:
    """Where a file lies that is delivered once more; its name sorts after the first one's."""
    copy = path.parent / AGAIN / path.name
    copy.parent.mkdir(exist_ok=True)
    return copy


def contents(*paths: Path) -> str:
    """SQL of the rows of files of one format; those of CSV as text."""
    if paths[0].suffix == ".parquet":
        return f"(from read_parquet({listed(paths)}))"
    return f"(from read_csv({listed(paths)}, all_varchar = true))"


def listed(paths: Sequence[Path]) -> str:
    """SQL of a list of files."""
    quoted = ("'" + str(path).replace("'", "''") + "'" for path in paths)
    return f"[{', '.join(quoted)}]"


def arrival(path: Path) -> datetime:
    """When a file arrived, UTC."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None)


def starts_at(period: date) -> datetime:
    """Begin of a month."""
    return datetime(period.year, period.month, 1)


def ends_at(period: date) -> datetime:
    """End of a month, exclusive."""
    return (starts_at(period) + timedelta(days=32)).replace(day=1)


def period_before(plan: Plan, moment: datetime) -> date:
    """The last month that had ended by a time."""
    return max(period for period in plan.periods if ends_at(period) <= moment)

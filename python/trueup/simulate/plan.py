"""What is asked for: seed, months and lines, and the time that they span."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np


@dataclass(frozen=True)
class Plan:
    """What is simulated: the seed, the months and about how many charge lines."""

    seed: int
    months: int
    lines: int
    first_month: date = date(2025, 1, 1)

    @property
    def starts_at(self) -> datetime:
        """Begin of the first month, UTC."""
        return datetime(self.first_month.year, self.first_month.month, 1)

    @property
    def periods(self) -> tuple[date, ...]:
        """First days of the months."""
        start = self.first_month.year * 12 + self.first_month.month - 1
        return tuple(date(n // 12, n % 12 + 1, 1) for n in range(start, start + self.months))

    @property
    def ends_at(self) -> datetime:
        """End of the last month, UTC, exclusive."""
        last = self.periods[-1]
        return datetime(last.year + last.month // 12, last.month % 12 + 1, 1)

    @property
    def hours(self) -> int:
        """Hours simulated."""
        return int((self.ends_at - self.starts_at) / timedelta(hours=1))

    def stream(self, *names: object) -> np.random.Generator:
        """Random numbers of their own for a part, so that one part never moves another."""
        words = [zlib.crc32(str(name).encode()) for name in names]
        return np.random.default_rng([self.seed, *words])

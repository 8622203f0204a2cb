"""Quantiles of Student's distribution: the density between them is what the seed says."""

from __future__ import annotations

import csv
import math

import pytest
from helpers import PROJECT

ROWS = list(csv.DictReader((PROJECT / "seeds/t_quantiles.csv").open(encoding="utf-8")))


def within(degrees: int, reach: float, steps: int = 4_000) -> float:
    """Share of the distribution between -reach and reach, by Simpson's rule."""
    scale = math.exp(math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2))
    scale /= math.sqrt(degrees * math.pi)
    width = reach / steps
    density = [
        scale * (1 + (number * width) ** 2 / degrees) ** (-(degrees + 1) / 2)
        for number in range(steps + 1)
    ]
    odd, even = sum(density[1:-1:2]), sum(density[2:-1:2])
    return 2 * width / 3 * (density[0] + 4 * odd + 2 * even + density[-1])


@pytest.mark.parametrize("row", ROWS, ids=[row["degrees_of_freedom"] for row in ROWS])
def test_a_quantile_leaves_a_fortieth_to_either_side(row: dict[str, str]) -> None:
    share = within(int(row["degrees_of_freedom"]), float(row["quantile"]))
    assert abs(share - 0.95) < 1e-6


def test_no_degrees_are_left_out() -> None:
    numbers = [int(row["degrees_of_freedom"]) for row in ROWS]
    assert numbers == list(range(1, 61))

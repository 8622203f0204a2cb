"""Rounding of exact quotients, on whole numbers of any width."""

from __future__ import annotations

from typing import Any

from trueup.rating.money import where

MODES = ("half_up", "half_even", "down", "up")


def divide(numerators: Any, denominator: Any, mode: str) -> Any:
    """Quotients rounded to whole numbers; a number below zero rounds as its opposite does.

    Args:
        numerators: whole numbers, an array or one.
        denominator: above zero.
        mode: half_up (a half goes away from zero), half_even (a half goes to the even neighbour),
            down (towards zero), up (away from zero).
    """
    sizes = abs(numerators)
    quotients = sizes // denominator
    rests = sizes - quotients * denominator
    if mode == "half_up":
        goes_up = rests >= denominator - rests
    elif mode == "half_even":
        goes_up = rests + quotients % 2 > denominator - rests
    elif mode == "up":
        goes_up = rests > 0
    elif mode == "down":
        goes_up = rests < 0
    else:
        raise ValueError(f"{mode!r} is no rounding mode: {', '.join(MODES)}.")
    quotients = quotients + goes_up
    return where(numerators < 0, -quotients, quotients)


def to_multiple(values: Any, unit: Any, mode: str) -> Any:
    """Values rounded to multiples of a unit."""
    return divide(values, unit, mode) * unit

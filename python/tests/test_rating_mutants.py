"""Mutants of the rating library: a change of any rule makes it differ from its reference.

Each mutant is a line of the library said otherwise. It must be noticed: by a world of cards and
usage that is then priced otherwise, or by a refusal.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from types import ModuleType

import numpy as np
import pytest
from rating_helpers import card_rows
from rating_reference import period
from rating_worlds import World, rated, referred, world

from trueup.rating import contract, read_cards, units

WORLDS = 1000
# Two versions of a percentage that change between batches: fees are rounded by version.
VERSIONS = [
    row | {"rounding_scale": 0}
    for version in ("1", "2")
    for row in card_rows("percentage", [{"percent": 10}], key=f"card-{version}")
]
CHANGE = World(read_cards(VERSIONS), [(1, 0, Fraction(4)), (1, 1, Fraction(4))], [1])
# Usage of more digits than int64 has, which low bits alone would take for next to nothing.
DIGITS = World(
    read_cards(card_rows("standard", [{"unit_price": 1}])),
    [(1, 0, Fraction(5 * 2**64 + 1, 10**12))],
    [],
)
BY_HAND = (CHANGE, DIGITS)
MUTANTS = [
    # tier bounds
    ("models", "reach <= upper if terms", "reach < upper if terms"),
    ("models", "else reach < upper)", "else reach <= upper)"),
    ("models", "return reach > lower if", "return reach >= lower if"),
    ("models", "else reach >= lower", "else reach > lower"),
    ("models", "np.maximum(part - points.tier(\"lower\", tier), 0)", "np.maximum(part, 0)"),
    ("models", "part = np.minimum(position, points.tier(\"upper\", tier))", "part = position"),
    ("models", "priced = np.minimum(position, last)", "priced = position"),
    ("models", "else reach > 0", "else reach >= 0"),
    ("models", "lies_in & (_is_reached(points, reach, tier) if tier == 0 else True)", "lies_in"),
    ("units", "\"tier_bound\"] == \"upper_inclusive\"", "\"tier_bound\"] != \"upper_inclusive\""),
    ("units", "\"tier_quantity\"] == \"ceil\"", "\"tier_quantity\"] == \"raw\""),
    ("units", "\"flat_fee_when\"] == \"always\"", "\"flat_fee_when\"] == \"reached\""),
    # rounding
    ("rounding", "goes_up = rests >= denominator - rests", "goes_up = rests > denominator - rests"),
    ("rounding", "rests + quotients % 2 > denominator", "rests > denominator"),
    ("rounding", "goes_up = rests > 0", "goes_up = rests >= denominator - rests"),
    ("rounding", "goes_up = rests < 0", "goes_up = rests > 0"),
    ("rounding", "where(numerators < 0, -quotients, quotients)", "quotients"),
    ("models", "terms.rounding_scope == \"tier\" and", "terms.rounding_scope == \"line\" and"),
    ("models", "points.plan.terms.per_unit, \"up\")", "points.plan.terms.per_unit, \"down\")"),
    ("models", "size, points.plan.terms.packages)", "size, \"up\")"),
    ("units", "\"rounding_scope\"] != \"invoice\"", "\"rounding_scope\"] != \"line\""),
    ("results", "SCALE, unit, \"half_up\")", "SCALE, unit, \"down\")"),
    # discounts, what is free, percentages
    ("models", "tier.amount * keep // keep_of", "tier.amount"),
    ("models", "exact, rounded = np.minimum(exact, maximum), np.minimum(rounded, maximum)", "pass"),
    ("models", "position - np.minimum(np.maximum(position, 0), taken_off)", "position - taken_off"),
    ("models", "points.events > free_events", "points.events >= free_events"),
    ("models", "is_early | (value != 0)", "value != 0"),
    ("models", "where(value < 0, -fee, fee)", "fee"),
    ("models", "+ points.one(\"fixed\")", ""),
    ("models", "np.maximum(fee, points.one(\"event_minimum\"))", "fee"),
    ("units", "numbers[\"per_event_maximum\"], WIDE_LIMIT", "None, WIDE_LIMIT"),
    # reset, state, versions, int64
    ("batches", "changes[1:] = group[1:] != group[:-1]", "changes[1:] = False"),
    ("engine", "- part.before, part.sizes)", ", part.sizes)"),
    ("batches", "changes[1:] = card[1:] != card[:-1]", "changes[1:] = False"),
    ("engine", "~first[chosen] | batch.opened[group[chosen]]", "~first[chosen]"),
    ("engine", "(starts - batch.events[part.groups], part", "(starts, part"),
    ("engine", "carried[run] = int(fees * plan.terms.per_currency)", "pass"),
    ("engine", "first & (batch.fees_card[group] == card)", "first"),
    ("engine", "chosen &= _is_safe(batch, plans, reach)", "pass"),
    ("money", "fractions += rest >= unit - rest", "pass"),
    ("money", "+ (fractions >> 63) + carries", "+ carries"),
    ("money", "fits: Mask = limbs[:, 1] == counts >> 63", "fits: Mask = counts == counts"),
    ("results", "~unpriced.is_some() | priced.is_some()", "True"),
]  # fmt: skip
PERIOD_MUTANTS = [
    ("contract", "steps = steps - (days < _anchored(first, steps * months))", "pass"),
    ("contract", "steps - (days < _anchored", "steps - (days <= _anchored"),
    ("contract", "np.minimum(month.astype", "np.maximum(month.astype"),
    ("contract", "return days, days + 1", "return days, days"),
    ("contract", '"quarter": 3', '"quarter": 4'),
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant[0]}: {mutant[2]}")
def test_a_mutant_prices_otherwise(mutant: tuple[str, str, str]) -> None:
    with mutated(*mutant):
        assert any(differs(made) for made in worlds(WORLDS))


@pytest.mark.parametrize("mutant", PERIOD_MUTANTS, ids=lambda mutant: mutant[2])
def test_a_mutant_has_other_periods(mutant: tuple[str, str, str]) -> None:
    with mutated(*mutant):
        assert any(
            periods(day, anchor, every) != period(day, every, anchor)
            for every in ("day", "month", "quarter", "year")
            for anchor in (date(2026, 1, 1), date(2025, 8, 31))
            for day in (date(2026, 1, 1) + timedelta(n) for n in range(400))
        )


def differs(made: World) -> bool:
    """Whether a world is priced otherwise than the reference says, or refused."""
    with np.errstate(all="ignore"):
        try:
            return rated(made) != referred(made)
        except (ArithmeticError, AssertionError, IndexError, TypeError, ValueError):
            return True


def test_the_library_itself_does_not_differ() -> None:
    assert not any(differs(made) for made in worlds(50))


def worlds(count: int) -> Iterator[World]:
    yield from BY_HAND
    yield from (world(Random(seed)) for seed in range(count))


def periods(day: date, anchor: date, every: str) -> tuple[date, date]:
    starts, ends = contract.periods([np.datetime64(day)], np.datetime64(anchor), every)
    return starts[0].item(), ends[0].item()


@contextmanager
def mutated(name: str, said: str, instead: str) -> Iterator[None]:
    """The library with one line said otherwise, wherever a module holds what was changed."""
    module = importlib.import_module(f"trueup.rating.{name}")
    source = inspect.getsource(module)
    assert source.count(said) == 1, f"{said!r} stands {source.count(said)} times in {name}"
    mutant = ModuleType(module.__name__)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, module.__name__, mutant)
        exec(compile(source.replace(said, instead), module.__name__, "exec"), vars(mutant))
    units.plans_of.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        for holder in library():
            for attribute, value in [*vars(holder).items()]:
                if getattr(value, "__module__", None) == module.__name__:
                    patch.setattr(holder, attribute, getattr(mutant, value.__name__))
        yield
    units.plans_of.cache_clear()


def library() -> Iterator[ModuleType]:
    """The modules that may hold a function or class of the library."""
    for name, module in [*sys.modules.items()]:
        if name.startswith(("trueup.rating", "rating_", "test_rating")):
            yield module

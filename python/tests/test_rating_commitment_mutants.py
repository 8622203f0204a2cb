"""Mutants of what applies commitments: a change of any rule makes it differ from its reference."""

from __future__ import annotations

from random import Random

import pytest
from rating_commitment_worlds import World, drawn, reference, world
from test_rating_mutants import mutated

WORLDS = 150
MUTANTS = [
    # precedence
    ("commitments", "(self.is_balance, self.is_of_money, *order)", "(self.is_of_money, *order)"),
    ("commitments", "self.is_of_money, *order)", "*order)"),
    ("commitments", "order = (-self.discount, cost,", "order = (cost,"),
    ("commitments", "-self.discount, cost, self.end_hour", "-self.discount, self.end_hour"),
    ("commitments", "cost, self.end_hour, self", "cost, self"),
    ("commitments", "sorted(set(savings), reverse=True)", "sorted(set(savings))"),
    ("commitments", "(hourly.row[chosen], rank, hourly", "(hourly.row[chosen], hourly"),
    ("commitments", "hourly.prices[price] / units", "hourly.prices[price] * units"),
    ("hours", '.sort_by("usage_id")', ""),
    # what is committed, used and unused
    ("commitments", "np.minimum(summed - offset, room)", "summed - offset"),
    ("commitments", "not commitment.is_balance)\n    before", "1)\n    before"),
    ("commitments", "int(balances.get(commitment.commitment_id, 0) * scale)", "0"),
    ("commitments", "self.after.max(initial=opened)", "opened"),
    ("commitments", "max(hours[0], of.end_hour - 1)", "hours[0]"),
    ("commitments", "before[self.hour - hours[0]] = self.after", "pass"),
    ("commitments", "hourly.quantity[chosen] -= quantity", "pass"),
    ("commitments", "hourly.amount[chosen] -= amount", "pass"),
    ("commitments", "kept = 1 - commitment.discount / 100", "kept = 1 - commitment.discount / 101"),
    ("commitments", "& (hourly.hour < hours[1])", "& (hourly.hour <= hours[1])"),
    ("commitments", "& (hourly.hour >= hours[0])", "& (hourly.hour > hours[0])"),
    # fees
    ("commitments", "self._between(of.recurring_fee, self.room)", "self.hour * of.recurring_fee"),
    ("commitments", "fees = exact([of.upfront_fee])", "fees = exact([0])"),
    ("commitments", 'self.after * total, whole, "half_up"', 'self.after * total, whole, "down"'),
    ("contract", "parts[-1] = fee - (count - 1) * parts[0]", "pass"),
    # hours
    ("hours", "return -(-np.asarray", "return (np.asarray"),
    ("hours", "parts[np.cumsum(count) - 1] += totals - part * exact(count)", "pass"),
    ("hours", "count = np.maximum(hours_before(", "count = np.minimum(hours_before("),
    ("hours", "hour >= span[0]) &", "hour > span[0]) &"),
    ("commitments", "(hourly.quantity > 0)", "(hourly.quantity > -99 * UNIT)"),
    ("hours", 'pc.greater_equal(usage["unit_price"], 0)', 'pc.greater(usage["unit_price"], 0)'),
]  # fmt: skip


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant[0]}: {mutant[2]}")
def test_a_mutant_draws_otherwise(mutant: tuple[str, str, str]) -> None:
    with mutated(*mutant):
        assert any(differs(world(Random(seed))) for seed in range(WORLDS))


def differs(made: World) -> bool:
    """Whether a world is drawn on otherwise than the reference says, or refused."""
    try:
        return drawn(made, [2, 5]) != reference(made)
    except (ArithmeticError, AssertionError, IndexError, KeyError, TypeError, ValueError):
        return True


def test_the_library_itself_does_not_differ() -> None:
    assert not any(differs(world(Random(seed))) for seed in range(50))

"""The worked examples of the FOCUS 1.2 specification, row by row."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from focus_examples import AGREEMENTS, CONTRADICTIONS, FOLDER, amount, example

# What the library derives; all else of a row describes or meters it.
DERIVED = (
    "BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "PricingQuantity",
    "PricingCurrencyEffectiveCost", "CommitmentDiscountQuantity",
    "CommitmentDiscountStatus",
)  # fmt: skip


def test_every_example_has_its_agreement() -> None:
    assert {*AGREEMENTS} == {file.stem for file in FOLDER.glob("*.csv")}


@pytest.mark.parametrize("name", AGREEMENTS)
def test_an_example_follows_from_its_agreement(name: str) -> None:
    said, made = example(name), AGREEMENTS[name](example(name))
    assert len(made) == len(said)
    differ = [
        (number, column)
        for number, (row, ours) in enumerate(zip(said, made, strict=True), 1)
        for column in DERIVED
        if column in row and not agrees(row[column], ours.get(column))
    ]
    assert differ == [cell[:2] for cell in CONTRADICTIONS.get(name, [])]


def agrees(said: str, ours: Any) -> bool:
    """Whether a cell says what we derive; where it has fewer decimals, in these."""
    if isinstance(ours, str) or ours is None:
        return said == ours
    decimals = len(said.strip().partition(".")[2])
    return amount(said) == round(Fraction(ours), decimals)

"""Failure modes and scenarios that can be planted, by id."""

from __future__ import annotations

from trueup.simulate.effects import Effect
from trueup.simulate.faults import bills

PLANTED: tuple[type[Effect], ...] = (
    bills.RenamedSku,
    bills.BilledTwice,
    bills.CoarseRounding,
    bills.WrongTier,
    bills.UnknownPriceChange,
)
KINDS: dict[str, type[Effect]] = {kind.id: kind for kind in PLANTED}

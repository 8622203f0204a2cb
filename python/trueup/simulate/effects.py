"""Effects: what is planted into a world, with the truth that says what should be found.

An effect is a class with the id of a failure mode or a scenario. It takes its place by chance, from
a stream of its own, and acts at the stage where the fault arises: before usage, on a month's charge
lines, on its usage events, or on the files. The truth of each is one row or more of `effects`:

effect_id     the plant, such as RF9-1
id            the failure mode or scenario
subject       what a finding must name: a resource, SKU, file, account …, as the warehouse names it
cause         the cause that the warehouse should give
owner         who should act, where somebody in particular should
treatment     what should become of it: quarantine, dispute, credit, adjustment, auto_resolve …
billing_period, starts_at, ends_at   where in time
row_count     rows concerned
amount        money concerned, with its sign, in `currency`
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from trueup.simulate.world import World

# A resource as its export states it, of `resources`, `accounts`, `skus` and `payers`.
RESOURCE_ID = """
    case payers.export
        when 'azure_cost' then '/subscriptions/' || accounts.account_id || resources.resource_id
        when 'gcp_billing' then
            '//compute.googleapis.com/projects/' || accounts.account_id || '/zones/' || skus.region
            || '-b/instances/' || resources.resource_id
        else resources.resource_id
    end
"""


@dataclass(frozen=True)
class Truth:
    """What should be found of one effect in one place."""

    subject: str
    cause: str | None  # none where only the finding counts
    treatment: str
    billing_period: date
    starts_at: datetime
    ends_at: datetime
    row_count: int
    amount: Decimal
    currency: str
    owner: str | None = None


class Effect:
    """One planted effect: subclasses name their id and act at one stage or more."""

    id: ClassVar[str]
    # The id whose findings are this one's, too: in the bill the two look the same.
    found_as: ClassVar[str] = ""
    # 0: acts on a resource or SKU, 1: on an account, 2: on a payer. The wider takes what is left.
    breadth: ClassVar[int] = 0

    def __init__(self, effect_id: str, world: World, random: np.random.Generator) -> None:
        self.effect_id = effect_id
        self.world = world
        self.random = random
        self.truths: list[Truth] = []

    def pick(self, query: str, **values: Any) -> dict[str, Any]:
        """One row of a query by chance, not one that another effect has taken.

        The query names in `subject` what is taken, and orders its rows; where it names a `sku_id`,
        that SKU must be free, too.

        Raises:
            LookupError: the world has no place left for this effect.
        """
        cursor = self.world.connection.execute(query, values)
        names = [column[0] for column in cursor.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        taken = self.world.taken
        free = [row for row in rows if taken.isdisjoint((row["subject"], row.get("sku_id")))]
        if not free:
            raise LookupError(f"{self.effect_id}: this world has no place left for it.")
        chosen = free[int(self.random.integers(len(free)))]
        self.world.taken.add(chosen["subject"])
        return chosen

    def month(self, first: int = 0) -> date:
        """A month by chance, from the one of a number on (the last where there are fewer)."""
        periods = self.world.plan.periods
        return periods[int(self.random.integers(min(first, len(periods) - 1), len(periods)))]

    def before_usage(self) -> None:
        """Change who there is or what is used: company tables, `usage_effects`, `resizes`."""

    def on_lines(self, period: date) -> None:
        """Change what is billed: table `lines` of the month, before it is written."""

    def on_events(self, period: date) -> None:
        """Change what we meter: tables `infrastructure_events`, `products_events` of the month."""

    def on_files(self, landing: Path) -> None:
        """Change, hide, copy or delay files after all of them are written."""


def plant(kinds: Mapping[str, type[Effect]], wanted: tuple[str, ...], world: World) -> list[Effect]:
    """Effects for the ids wanted, in their order; an id named twice is planted twice."""
    found: list[Effect] = []
    for number, name in enumerate(wanted):
        effect_id = f"{name}-{wanted[: number + 1].count(name)}"
        found.append(kinds[name](effect_id, world, world.plan.stream("effect", effect_id)))
    return found

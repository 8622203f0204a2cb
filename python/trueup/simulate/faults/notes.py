"""Noting the truth of effects, from the lines that they marked or from a query of their own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from trueup.simulate.effects import Effect, Truth

MARKED = """
    select
        $subject as subject, min(billing_period) as billing_period, min(usage_start) as starts_at,
        max(usage_end) as ends_at, count(*) as row_count, {amount} as amount,
        $currency as currency, $owner as owner
    from lines where {chosen}
"""


def note_variance(effect: Effect, place: dict[str, Any], cause: str, treatment: str) -> None:
    """Note what the marked lines of the month are billed more than is due."""
    note_amount(effect, place, "sum(billed_cost - due_cost)", cause, treatment)


def note_amount(
    effect: Effect,
    place: dict[str, Any],
    amount: str,
    cause: str | None,
    treatment: str,
    chosen: str = "effect_id = $effect_id",
    **values: Any,
) -> None:
    """Note the truth of chosen lines of the month, with an amount in SQL over them.

    They are those that the effect marked, unless a condition with values of its own says which.
    """
    note_rows(
        effect,
        MARKED.format(amount=amount, chosen=chosen),
        cause,
        treatment,
        subject=place["subject"],
        currency=place["currency"],
        owner=place.get("owner"),
        **(values or {"effect_id": effect.effect_id}),
    )


def note_rows(effect: Effect, query: str, cause: str | None, treatment: str, **values: Any) -> None:
    """Note a truth for each row of a query that concerns any rows.

    The query gives the columns of `Truth`, but for cause and treatment.
    """
    cursor = effect.world.connection.execute(query, values)
    names = [column[0] for column in cursor.description or []]
    for row in cursor.fetchall():
        found = dict(zip(names, row, strict=True))
        if found["row_count"]:
            found["amount"] = Decimal(found["amount"])
            effect.truths.append(Truth(**found, cause=cause, treatment=treatment))

"""An amount in parts that sum to it exactly: the largest remainders get what is left over.

Parts are whole units, of 10^-digits of the currency. Each first gets its share of the amount's
units, rounded to zero; what is left goes, a unit each, to the parts that were cut most, ties by
their key. What an amount has behind its last unit goes to the first of them.
"""

from __future__ import annotations

# Weights count in units of 10^-9, and of all weights of a split together the 15 leading digits:
# the product with an amount's units stays an integer of 128 bits up to 10^14 of a currency.
WEIGHT_DIGITS = 9
LEADING_DIGITS = 15
AMOUNT_DIGITS = 9

SPLIT = """
    with units as (
        select
            *,
            {units}
        from ({rows})
        where weight > 0
    ),

    cut as (
        select
            *,
            {cut}
        from units
    ),

    ranked as (
        select
            *,
            {ranked}
        from cut
    )

    select {columns}, {parts}
    from ranked
"""
UNITS = """
    cast(trunc(abs({amount})) as hugeint) * {scale} + cast(
        trunc((abs({amount}) - trunc(abs({amount}))) * {scale}) as hugeint
    ) as {amount}_units
"""
CUT = """
    {amount}_units * weight // total_weight as {amount}_part,
    {amount}_units * weight - {amount}_part * total_weight as {amount}_remainder
"""
RANKED = """
    {amount}_units - sum({amount}_part) over (partition by split_id) as {amount}_left,
    row_number() over (
        partition by split_id order by {amount}_remainder desc, {key}
    ) as {amount}_place
"""
PART = """
    cast(sign({amount}) as integer) * ({whole})
    + case
        when {amount}_place = 1 then {amount} - cast(sign({amount}) as integer) * ({all_units})
        else 0
    end as {part}
"""
# No division: of 128 bits it takes a hundred times as long as the product.
DECIMAL = """
    cast(
        cast({units} as decimal({width}, 0)) * cast({unit} as decimal({digits}, {digits}))
        as decimal(38, 18)
    )
"""


def weight_units(weight: str) -> str:
    """A decimal weight as SQL in whole units; what is below zero counts as none."""
    value = f"greatest({weight}, 0)"
    scale = 10**WEIGHT_DIGITS
    return (
        f"cast(trunc({value}) as hugeint) * {scale}"
        f" + cast(trunc(({value} - trunc({value})) * {scale}) as hugeint)"
    )


def leading_units(units: str, total: str) -> str:
    """Units of a weight as SQL, cut so that their total has few enough digits to multiply by."""
    digits = f"greatest(length(cast({total} as varchar)) - {LEADING_DIGITS}, 0)"
    return f"{units} // cast('1' || repeat('0', {digits}) as hugeint)"


def split(
    rows: str, amounts: dict[str, str], columns: str, key: str, digits: int = AMOUNT_DIGITS
) -> str:
    """A query of the parts.

    Args:
        rows: query of a row per part, with `split_id`, the amounts of the whole, each part's
            `weight` and their sum `total_weight`, both whole numbers of `leading_units`.
        amounts: name of each amount, a decimal(38, 18), and of its part.
        columns: what else the query has, as SQL.
        key: order of the parts among equals, as SQL.
        digits: digits behind the point of a unit, 18 at most.
    """
    scale = 10**digits

    def decimal(units: str) -> str:
        if not digits:
            return f"cast({units} as decimal(38, 18))"
        unit = f"0.{'1':>0{digits}}"
        return DECIMAL.format(units=units, width=20 + digits, unit=unit, digits=digits)

    def part(amount: str, name: str) -> str:
        extra = f"cast({amount}_place <= {amount}_left as integer)"
        return PART.format(
            amount=amount,
            part=name,
            whole=decimal(f"({amount}_part + {extra})"),
            all_units=decimal(f"{amount}_units"),
        )

    return SPLIT.format(
        rows=rows,
        columns=columns,
        units=", ".join(UNITS.format(amount=amount, scale=scale) for amount in amounts),
        cut=", ".join(CUT.format(amount=amount) for amount in amounts),
        ranked=", ".join(RANKED.format(amount=amount, key=key) for amount in amounts),
        parts=", ".join(part(amount, name) for amount, name in amounts.items()),
    )

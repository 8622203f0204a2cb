"""How an expected charge came about, in words and numbers, from a published release alone."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb

CHARGE = "select * from marts.fct_expected_charges where {column} = ? order by expected_charge_id"
TIERS = """
    select * from marts.fct_rate_tiers
    where rate_card_id = ? and rate_version = ? and sku_id = ?
        and effective_from <= ? and effective_to > ?
    order by tier
"""
# What the group had used before: of the same card's period, scope and SKU.
BEFORE = """
    select coalesce(sum(quantity), 0), count(*)
    from marts.fct_expected_charges
    where coalesce(contract_id, rate_card_id) = ? and scope_id = ? and sku_id = ?
        and window_start = ? and direction = ?
        and (charge_period_start, expected_charge_id) < (?, ?)
"""
EVENTS = """
    select usage_id, usage_start, quantity, unit, file_id, file_row from marts.fct_usage
    where usage_id = ? or (
        cast(? as uuid) is null and meter_id = ? and account_id = ?
        and usage_start >= ? and usage_start < ?
    )
    order by usage_start, usage_id
"""
DUES = """
    select charge_kind, sku_id, credit_id, sum(expected_amount) as amount
    from marts.fct_expected_charges
    where contract_id = ? and billing_period = ? and direction = ?
        and charge_kind not in (?, 'tax')
    group by charge_kind, sku_id, credit_id
    order by charge_kind, sku_id, credit_id
"""
TERMS = "select * from marts.fct_contract_versions where contract_id = ? and contract_version = ?"
PATH = "select path from marts.fct_landed_files where file_id = ? order by landed_at limit 1"
# Words for the kinds of a contract's month.
KINDS = {
    "minimum": "What the card's period lacks to its minimum.",
    "discount": "The fixed discount of {fixed_discount}, as far as the month has an amount.",
    "commitment": "What the {commit_period} lacks to its minimum commitment of "
    "{minimum_commit_amount}.",
    "credit": "Credit {credit_id} pays this much of the month.",
    "tax": "Tax of {tax_rate} percent on what the month comes to after credit, rounded by "
    "{tax_scope}.",
}
EVENT_LIMIT = 20


class Unknown(Exception):
    """No expected charge has the id."""


def explain(release: Path, identity: str) -> list[dict[str, Any]]:
    """The derivations of an expected charge.

    Args:
        release: a published release.
        identity: expected_charge_id, charge_id or usage_id; a usage event may have two
            expected charges, of a customer and of an internal contract.

    Returns:
        One derivation a charge: `charge` (its row of fct_expected_charges), `lines`, its
        sentences in order.

    Raises:
        Unknown: there is none.
    """
    try:
        key = UUID(identity)
    except ValueError:
        raise Unknown(f"{identity!r} is no id of an expected charge, charge or usage.") from None
    with duckdb.connect(str(release), read_only=True) as connection:
        for column in ("expected_charge_id", "charge_id", "usage_id"):
            rows = rows_of(connection, CHARGE.format(column=column), [key])
            if rows:
                return [{"charge": row, "lines": sentences(connection, row)} for row in rows]
    raise Unknown(f"No expected charge has the id {identity}.")


def rows_of(
    connection: duckdb.DuckDBPyConnection, query: str, values: list[Any]
) -> list[dict[str, Any]]:
    """Rows of a query, by column."""
    cursor = connection.execute(query, values)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def sentences(connection: duckdb.DuckDBPyConnection, charge: dict[str, Any]) -> list[str]:
    """The derivation of one row of fct_expected_charges, a sentence a step."""
    lines = [_opening(charge)]
    lines += _usage(connection, charge)
    if charge["scope_id"] is not None:
        lines += _price(connection, charge)
    elif charge["charge_kind"] in KINDS and charge["direction"] != "payable":
        lines += _month(connection, charge)
    elif charge["expected_amount"] is not None:
        lines.append(_stated(charge))
    if charge["expected_amount"] is None:
        lines.append(f"It has no expected amount: {charge['unpriced_reason']}.")
    else:
        lines.append(f"Expected: {plain(charge['expected_amount'])} {charge['currency']}.")
    return lines


def _opening(charge: dict[str, Any]) -> str:
    sides = {"payable": "bills us", "receivable": "is billed by us", "internal": "is charged by us"}
    what = (
        f"{charge['charge_kind']} of SKU {charge['sku_id']}"
        if charge["sku_id"]
        else charge["charge_kind"]
    )
    return (
        f"{charge['counterparty']} {sides[charge['direction']]}: {what}, account "
        f"{charge['account_id']}, {charge['charge_period_start']} to "
        f"{charge['charge_period_end']} UTC, billing period {charge['billing_period']:%Y-%m}."
    )


def _usage(connection: duckdb.DuckDBPyConnection, charge: dict[str, Any]) -> list[str]:
    """Where the quantity comes from: rows of files."""
    if charge["quantity"] is None:
        return []
    lines = [
        f"Quantity: {plain(charge['quantity'])} {charge['unit'] or 'units'}, "
        f"by {'our own metering' if charge['quantity_source'] == 'own' else 'the provider'}."
    ]
    if charge["file_id"] is not None:
        path = rows_of(connection, PATH, [charge["file_id"]])
        name = path[0]["path"] if path else charge["file_id"]
        lines.append(f"  from {name}, row {charge['file_row']}")
    elif charge["meter_id"] is not None:
        events = rows_of(
            connection,
            EVENTS,
            [
                charge["usage_id"], charge["usage_id"], charge["meter_id"], charge["account_id"],
                charge["charge_period_start"], charge["charge_period_end"],
            ],
        )  # fmt: skip
        lines.append(f"  meter {charge['meter_id']} over {len(events)} events of the window:")
        lines += [
            f"  {event['usage_start']}: {plain(event['quantity'])}, "
            f"file {event['file_id']}, row {event['file_row']}"
            for event in events[:EVENT_LIMIT]
        ]
        if len(events) > EVENT_LIMIT:
            lines.append(f"  and {len(events) - EVENT_LIMIT} more")
    return lines


def _price(connection: duckdb.DuckDBPyConnection, charge: dict[str, Any]) -> list[str]:
    """Contract, card, position, tiers, discounts and rounding."""
    lines = []
    if charge["contract_id"]:
        lines.append(
            f"Contract {charge['contract_id']}, version {charge['contract_version']}, valid at "
            f"{charge['local_at']} on its clock."
        )
    if charge["rate_version"] is None:
        return lines
    day = charge["local_at"].date()
    card = rows_of(
        connection,
        TIERS,
        [charge["rate_card_id"], charge["rate_version"], charge["sku_id"], day, day],
    )
    first = card[0]
    lines.append(
        f"Rate card {charge['rate_card_id']}, version {charge['rate_version']}, valid from "
        f"{first['effective_from']} to {first['effective_to']}: {first['model']}, tiers fill up "
        f"per {first['aggregation_scope']} and {first['reset']}."
    )
    before = connection.execute(
        BEFORE,
        [
            charge["contract_id"] or charge["rate_card_id"], charge["scope_id"], charge["sku_id"],
            charge["window_start"], charge["direction"], charge["charge_period_start"],
            charge["expected_charge_id"],
        ],
    ).fetchone() or (0, 0)  # fmt: skip
    lines.append(
        f"Position: {plain(before[0])} used before in the period from "
        f"{charge['window_start']}, in {before[1]} rows."
    )
    for tier in json.loads(charge["tier_detail"] or "[]", parse_float=Decimal):
        lines.append(
            f"  tier {tier['tier']}: {plain(tier['quantity'])} at "
            f"{plain(tier['unit_price'])} = {plain(tier['amount'])} {first['currency']}"
        )
    return lines + _after_tiers(charge, first)


def _after_tiers(charge: dict[str, Any], card: dict[str, Any]) -> list[str]:
    """What the amount of the tiers still goes through, in its order."""
    lines = []
    if charge["undiscounted_amount"] is not None:
        total = f"{plain(charge['undiscounted_amount'])} {charge['currency']}"
        lines.append(f"Tiers together: {total}.")
    for percent, whose in (
        (card["discount_percent"], "card"),
        (charge["contract_discount"], "contract"),
    ):
        if percent:
            lines.append(f"Less {plain(percent)} percent by the {whose}.")
    if card["maximum_amount"] is not None:
        lines.append(f"At most {plain(card['maximum_amount'])} for the period.")
    if card["rounding_scale"] is not None:
        lines.append(
            f"The period's total is rounded to {card['rounding_scale']} decimals, "
            f"{(card['rounding_mode'] or 'half_up').replace('_', ' ')}; this row adds what that "
            "total grows by."
        )
    if charge["unpriced_quantity"]:
        lines.append(f"No tier prices {plain(charge['unpriced_quantity'])} of it.")
    return lines


def _month(connection: duckdb.DuckDBPyConnection, charge: dict[str, Any]) -> list[str]:
    """What an amount of a whole month follows from."""
    terms = rows_of(connection, TERMS, [charge["contract_id"], charge["contract_version"]])[0]
    named = {
        name: plain(value) if isinstance(value, Decimal) else value for name, value in terms.items()
    }
    words = KINDS[charge["charge_kind"]].format(credit_id=charge["credit_id"], **named)
    lines = [f"Contract {charge['contract_id']}, version {charge['contract_version']}. {words}"]
    rows = rows_of(
        connection,
        DUES,
        [
            charge["contract_id"], charge["billing_period"], charge["direction"],
            charge["charge_kind"],
        ],
    )  # fmt: skip
    for row in rows:
        names = [name for name in (row["sku_id"], row["credit_id"]) if name]
        lines.append(
            f"  {row['charge_kind']}{' ' if names else ''}{' '.join(names)}: "
            f"{plain(row['amount'])} {charge['currency']}"
        )
    return lines


def _stated(charge: dict[str, Any]) -> str:
    """What a charge without a card is held to."""
    sources = {
        "export_list": "the provider's own public rate times the quantity: it proves nothing but "
        "that the line agrees with itself",
        "contract": "the terms of its contract or commitment",
    }
    return f"Held to {sources.get(charge['price_source'], charge['price_source'])}."


def plain(value: Any) -> str:
    """A decimal in digits, without zeros at its end."""
    if value is None:
        return "nothing"
    text = f"{Decimal(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

"""Python models of `models/pricing`: usage out of the warehouse, through the engine, and back.

They return relations of the model's own connection, so that its rows are written in the transaction
in which its pre-hooks deleted others: dbt-duckdb would write Arrow data in one of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trueup.rating.cards import Cards, read_cards
from trueup.rating.contract import drawn, shared
from trueup.rating.meters import aggregated
from trueup.rating.money import DECIMAL, SCALE, Ints, decimals, stored, wide
from trueup.rating.rounding import divide
from trueup.rating.stream import BATCH_ROWS, group_starts, rated_stream

# Usage fills tiers together where these are the same.
GROUP = ("is_as_billed", "feed", "priced_by", "scope_id", "sku_id", "window_start")
KEPT = (
    "priced_id", "is_as_billed", "charge_id", "usage_id", "meter_id", "charge_kind", "direction",
    "counterparty", "contract_id", "contract_version", "rate_card_id", "rate_version",
    "rate_effective_from", "contract_discount", "price_source", "billing_account_id", "account_id",
    "resource_id", "scope_id", "sku_id",
    "unit", "quantity", "used_at", "used_to", "local_at", "billing_period", "window_start",
    "currency", "card_currency", "card", "due_part", "due_whole", "file_id", "file_row",
    "partition_id", "partition_version",
)  # fmt: skip
# The same of the cuts of entitled usage, all of it metered by ourselves.
CUT_GROUP = ("contract_id", "scope_id", "sku_id", "window_start")
CUT_KEPT = (
    "priced_id", "cut_no", "position_id", "is_overage", "quantity", "used_at", "contract_currency",
    "card_currency", "rate_card_id", "rate_version", "sku_id",
)  # fmt: skip
# A window is of one contract, account and meter.
WINDOW = ("contract_id", "account_id", "meter_id", "used_at")
OF_WINDOW = (
    "meter_id", "direction", "counterparty", "contract_id", "contract_version", "currency",
    "period_anchor", "account_id", "sku_id", "unit", "used_at", "used_until", "local_at",
    "partition_version",
)  # fmt: skip
DRAWS = pa.schema(
    {
        "contract_id": pa.string(),
        "billing_period": pa.date32(),
        "credit_id": pa.string(),
        "amount": DECIMAL,
    }
)
DRAWN = """
    contract_id, priority, expires_at, granted_at, credit_id, billing_period, sku_id, charge_kind
"""
# What a model's pre-hooks note, for the views that it reads.
NOTES = ("narrowed_inputs", "narrowed_partitions")

USAGE = """
    select usage.*, cards.card, cards.currency as card_currency
    from ({usage}) as usage
    left join cards
        on
            usage.rate_card_id = cards.rate_card_id
            and usage.rate_version = cards.version
            and usage.sku_id = cards.sku_id
            and usage.rate_effective_from = cards.effective_from
            and usage.contract_discount = cards.contract_discount
    order by {order}
"""
WINDOWED = """
    select * from ({usage}) where aggregation = ? order by {window}, event_at, usage_id
"""


def rated_usage(session: Any, tiers: Any, usage: Any) -> Any:
    """What usage costs by its cards: columns KEPT and those of the engine's RATED.

    Args:
        session: connection of the model; its pre-hooks noted what is to be rebuilt.
        tiers: relation of rate cards, as `read_cards` takes them.
        usage: relation of usage with the version that prices it, `carded_usage`.
    """
    cards = read_cards(tiers.to_arrow_table())
    cursor = _reader(session)
    cursor.register("cards", cards.index)
    order = ", ".join((*GROUP, "used_at", "priced_id"))
    query = USAGE.format(usage=usage.sql_query(), order=order)
    rows = cursor.execute(query).to_arrow_reader(BATCH_ROWS)
    priced = rated_stream(rows, cards, GROUP, KEPT)
    wanted = pa.array(_note(session, "narrowed_partitions"), pa.string())
    batches = _of_partitions(priced, cards, wanted)
    return session.from_arrow(pa.RecordBatchReader.from_batches(priced.schema, batches))


def rated_cuts(session: Any, tiers: Any, cuts: Any) -> Any:
    """What the parts of usage rows cost: columns CUT_KEPT and those of the engine's RATED.

    The parts of a row cost together what the row does, so that this is the price of the same usage,
    cut where an entitlement ends.

    Args:
        session: connection of the model.
        tiers: relation of rate cards, as `read_cards` takes them.
        cuts: relation of rows that fill tiers, each cut in order of `cut_no`, `cut_usage`.
    """
    cards = read_cards(tiers.to_arrow_table())
    cursor = _reader(session, ())
    cursor.register("cards", cards.index)
    order = ", ".join((*CUT_GROUP, "used_at", "priced_id", "cut_no"))
    query = USAGE.format(usage=cuts.sql_query(), order=order)
    rows = cursor.execute(query).to_arrow_reader(BATCH_ROWS)
    return session.from_arrow(rated_stream(rows, cards, CUT_GROUP, CUT_KEPT))


def metered_windows(session: Any, usage: Any) -> Any:
    """One row per window of a meter that does not add up: what it says of the window.

    Args:
        session: connection of the model; its pre-hooks noted what is to be rebuilt.
        usage: relation of the events, with their windows, `windowed_usage`. What is to be rebuilt
            of one aggregation is held in memory.
    """
    cursor = _reader(session)
    found = []
    for aggregation in ("max", "latest", "unique_count", "weighted_sum"):
        query = WINDOWED.format(usage=usage.sql_query(), window=", ".join(WINDOW))
        events = cursor.execute(query, [aggregation]).to_arrow_table()
        starts = np.flatnonzero(group_starts(events.select(WINDOW), first=True))
        windows = events.select(OF_WINDOW).take(pa.array(starts))
        values = "measured_value" if aggregation == "unique_count" else "quantity"
        quantity = aggregated(
            aggregation,
            events[values].combine_chunks(),
            starts,
            times=_times(events, "event_at"),
            windows=(_times(windows, "used_at"), _times(windows, "used_until")),
        )
        found.append(windows.append_column("quantity", quantity))
    return session.from_arrow(pa.concat_tables(found))


def credit_draws(session: Any, lines: Any) -> Any:
    """One row per contract, month and credit: what the credit pays of the month, above zero.

    Args:
        session: connection of the model.
        lines: relation of every grant with every line of its contract, `drawable_lines`. Lines are
            paid in the order of their months and SKUs, by grants in the order of their priority,
            their end and their start. What is below zero, a discount, is first shared out to the
            month's other lines.
    """
    rows = lines.order(DRAWN).to_arrow_table()
    found = [DRAWS.empty_table()]
    for contract in rows["contract_id"].unique():
        found.append(_draws_of(rows.filter(pc.equal(rows["contract_id"], contract))))
    draws = pa.concat_tables(found).group_by(DRAWS.names[:3]).aggregate([("amount", "sum")])
    return session.from_arrow(draws.rename_columns(DRAWS.names))


def _draws_of(rows: pa.Table) -> pa.Table:
    """What each grant of a contract pays of each of its lines, where it pays something."""
    grants = len(rows["credit_id"].unique())
    amounts, granted = (
        wide(rows[name].combine_chunks(), SCALE).reshape(grants, -1)
        for name in ("amount", "granted_amount")
    )
    may_pay = rows["may_pay"].to_numpy().reshape(grants, -1)
    month = rows["billing_period"].to_numpy()[: amounts.shape[1]]
    due = _without_discounts(amounts[0], month)
    draws = drawn(due, list(zip(granted[:, 0], may_pay, strict=True))).ravel()
    amount = decimals(stored(draws, SCALE))
    of_lines = rows.select(DRAWS.names[:3]).append_column("amount", amount)
    return of_lines.filter(pa.array(draws != 0)).cast(DRAWS)


def _without_discounts(amounts: Ints, month: Ints) -> Ints:
    """Amounts of lines above zero, after the month's lines below zero."""
    due = np.maximum(amounts, 0)
    for each in np.unique(month[amounts < 0]):
        chosen = (month == each) & (due > 0)
        taken = min(-amounts[(month == each) & (amounts < 0)].sum(), due[chosen].sum())
        if taken:
            due[chosen] -= shared(taken, due[chosen])
    return due


def _times(rows: pa.Table, name: str) -> Any:
    return rows[name].to_numpy()


def _of_partitions(
    rows: pa.RecordBatchReader, cards: Cards, wanted: pa.Array
) -> Iterator[pa.RecordBatch]:
    """Rows of the partitions that are rebuilt; what came before them only filled their tiers."""
    for batch in rows:
        yield _prorated(batch.filter(pc.is_in(batch["partition_version"], wanted)), cards)


def _prorated(batch: pa.RecordBatch, cards: Cards) -> pa.RecordBatch:
    """Fees of a part of a period, rounded once as the card says."""
    is_part = pc.and_(
        pc.not_equal(batch["due_part"], batch["due_whole"]), pc.is_valid(batch["amount"])
    )
    rows = np.flatnonzero(pc.fill_null(is_part, False).to_numpy(zero_copy_only=False))
    if not len(rows):
        return batch
    numbers = wide(pc.fill_null(batch["amount"], 0), SCALE)
    part, whole = (
        batch[name].take(pa.array(rows)).to_numpy() for name in ("due_part", "due_whole")
    )
    of_row = batch["card"].take(pa.array(rows)).to_numpy()
    for number in np.unique(of_row):
        card, chosen = cards.cards[number], of_row == number
        unit = 10 ** (SCALE - (SCALE if card.rounding_scale is None else card.rounding_scale))
        mode = card.options["rounding_mode"]
        due = divide(numbers[rows[chosen]] * part[chosen], whole[chosen] * unit, mode) * unit
        numbers[rows[chosen]] = due
    amount = decimals(stored(numbers, SCALE), valid=batch["amount"].is_valid().to_numpy(False))
    return batch.set_column(batch.schema.get_field_index("amount"), "amount", amount)


def _reader(session: Any, notes: Iterable[str] = NOTES) -> Any:
    """A second cursor that reads while the first one writes, with notes of the first."""
    cursor = session.cursor()
    for name in notes:
        cursor.execute(f"set variable {name} = cast(? as varchar[])", [_note(session, name)])
    as_of = session.execute("select getvariable('as_of')").fetchone()
    cursor.execute("set variable as_of = ?", as_of)
    return cursor


def _note(session: Any, name: str) -> list[str]:
    (noted,) = session.execute(f"select getvariable('{name}')").fetchone()
    return list(noted or [])

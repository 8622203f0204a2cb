"""What-if: the usage of a published release priced by another card or version; nothing is kept."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from trueup.landing.checks import literal
from trueup.rating import read_cards
from trueup.rating.stream import BATCH_ROWS, rated_stream

GROUP = ("feed", "priced_by", "scope_id", "sku_id", "window_start")
KEPT = (
    "expected_charge_id", "direction", "counterparty", "contract_id", "rate_card_id", "sku_id",
    "billing_period", "currency", "card_currency", "expected_amount",
)  # fmt: skip
DATES = ("effective_from", "effective_to")

# The cards of the release, but for those that the question replaces.
OTHERS = """
    select * exclude (rate_version), rate_version as version
    from marts.fct_rate_tiers
    where rate_card_id not in (select distinct rate_card_id from replaced)
"""
REPLACED = """
    select tiers.*, discounts.contract_discount
    from tiers
    inner join (
        select distinct rate_card_id, sku_id, contract_discount from marts.fct_expected_charges
        where rate_card_id is not null
    ) as discounts
        on tiers.rate_card_id = discounts.rate_card_id and tiers.sku_id = discounts.sku_id
"""
# All rows of the groups in which a replaced card prices something, with the version of their day.
USAGE = """
    with priced as (
        select
            *,
            regexp_replace(partition_id, '[|][^|]*$', '') as feed,
            coalesce(contract_id, rate_card_id) as priced_by
        from marts.fct_expected_charges
        where scope_id is not null
    ),

    asked as (
        select distinct feed, priced_by, scope_id, sku_id, window_start from priced
        where rate_card_id in (select distinct rate_card_id from replaced)
    )

    select priced.*, cards.card, cards.currency as card_currency
    from priced
    semi join asked using (feed, priced_by, scope_id, sku_id, window_start)
    asof left join cards
        on
            priced.rate_card_id = cards.rate_card_id
            and priced.sku_id = cards.sku_id
            and priced.contract_discount = cards.contract_discount
            and priced.local_at >= cards.effective_from
    order by
        feed, priced_by, scope_id, sku_id, window_start, charge_period_start, expected_charge_id
"""
COMPARED = """
    select
        direction, counterparty, contract_id, rate_card_id, sku_id, billing_period, currency,
        count(*) as row_count,
        coalesce(sum(expected_amount), 0) as expected_amount,
        coalesce(sum(amount) filter (where unpriced_reason is null), 0) as repriced_amount,
        repriced_amount - coalesce(sum(expected_amount), 0) as difference,
        count(*) filter (where unpriced_reason is not null) as unpriced_rows
    from repriced
    where rate_card_id in (select distinct rate_card_id from replaced)
        and currency = coalesce(card_currency, currency)
    group by all
    order by abs(difference) desc, counterparty, sku_id, billing_period
"""


class Unfit(Exception):
    """The question cannot be answered; the text says why."""


def reprice(
    release: Path, file: Path | None = None, card: str | None = None, version: str | None = None
) -> list[dict[str, Any]]:
    """Price the usage of a release again, by a card's file or by one version of a card.

    Args:
        release: a published release; it is only read.
        file: rate cards as they would be landed (rate_cards/*.csv); each card in it takes the place
            of the release's card of that id, in all its versions.
        card: id of a card of the release, to be priced by one `version` at all times.
        version: that version.

    Returns:
        One row per contract, card, SKU, billing period and currency, the largest difference first:
        row_count, expected_amount (now), repriced_amount, difference, unpriced_rows. Amounts are
        of usage; what a month as a whole makes due (minimum, credit, tax) is not asked again.

    Raises:
        Unfit: the file or version holds nothing to price by, or counts usage otherwise.
    """
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(str(release))} as release (read_only)")
        connection.execute("use release")
        if file is not None:
            replaced = _file_rows(connection, file)
        else:
            replaced = _version_rows(connection, str(card), str(version))
        connection.register("replaced", replaced)
        _check_counting(connection)
        others = connection.execute(OTHERS).to_arrow_table()
        connection.register(
            "tiers", pa.concat_tables([others, replaced], promote_options="default")
        )
        cards = read_cards(connection.execute(REPLACED).to_arrow_table())
        connection.register("cards", cards.index)
        usage = connection.cursor()
        usage.execute("use release")
        usage.register("cards", cards.index)
        usage.register("replaced", replaced)
        rows = usage.execute(USAGE).to_arrow_reader(BATCH_ROWS)
        connection.register("repriced", rated_stream(rows, cards, GROUP, KEPT))
        found = connection.execute(COMPARED)
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _file_rows(connection: duckdb.DuckDBPyConnection, file: Path) -> pa.Table:
    """Tiers of a file, in the types of the mart."""
    if not file.is_file():
        raise Unfit(f"There is no file {file}.")
    types = dict(
        connection.execute(
            "select column_name, column_type from (describe marts.fct_rate_tiers)"
        ).fetchall()
    )
    types["version"] = types.pop("rate_version")
    read = (
        f"read_csv({literal(str(file))}, header = true, all_varchar = true, nullstr = ['', 'NULL'])"
    )
    given = [row[0] for row in connection.execute(f"describe from {read}").fetchall()]
    missing = sorted({"rate_card_id", "version", "sku_id", "model", "tier"} - set(given))
    if missing:
        raise Unfit(f"{file} lacks the column {missing[0]}: it is no file of rate cards.")
    columns = [
        f"cast({name} as {types[name]}) as {name}"
        if name in given
        else f"null::{types[name]} as {name}"
        for name in types
    ]
    try:
        rows = connection.execute(f"select {', '.join(columns)} from {read}").to_arrow_table()
    except duckdb.ConversionException as error:
        raise Unfit(f"{file}: {str(error).splitlines()[0]}") from None
    if not rows.num_rows:
        raise Unfit(f"{file} holds no tier.")
    return _dated(rows)


def _version_rows(connection: duckdb.DuckDBPyConnection, card: str, version: str) -> pa.Table:
    """Tiers of one version of a card, valid at all times."""
    rows = connection.execute(
        "select * exclude (rate_version), rate_version as version from marts.fct_rate_tiers "
        "where rate_card_id = ? and rate_version = ?",
        [card, version],
    ).to_arrow_table()
    if not rows.num_rows:
        raise Unfit(f"Rate card {card} has no version {version}.")
    for name, value in zip(DATES, (date.min, date.max), strict=True):
        place = rows.schema.get_field_index(name)
        rows = rows.set_column(place, name, pa.array([value] * len(rows), pa.date32()))
    return rows


def _dated(rows: pa.Table) -> pa.Table:
    """Open ends filled in, as the release has them."""
    for name, value in zip(DATES, (date.min, date.max), strict=True):
        place = rows.schema.get_field_index(name)
        rows = rows.set_column(place, name, rows[name].fill_null(value))
    return rows


def _check_counting(connection: duckdb.DuckDBPyConnection) -> None:
    """Usage stands in the periods of its own card: one that counts otherwise needs a shadow run."""
    clash = connection.execute("""
        select rate_card_id, sku_id from replaced
        inner join marts.fct_rate_tiers as tiers using (rate_card_id, sku_id)
        where coalesce(replaced.reset, 'month') != tiers.reset
            or coalesce(replaced.aggregation_scope, 'account') != tiers.aggregation_scope
        limit 1
    """).fetchone()
    if clash:
        raise Unfit(
            f"Card {clash[0]} would count SKU {clash[1]} over other periods or accounts than now: "
            "try it with `trueup shadow`."
        )


def largest(rows: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """The first rows that make a difference, or leave usage unpriced."""
    return [row for row in rows if row["difference"] or row["unpriced_rows"]][:count]


def totals(rows: list[dict[str, Any]]) -> dict[str, Decimal]:
    """Difference of all rows, by currency."""
    found: dict[str, Decimal] = {}
    for row in rows:
        found[row["currency"]] = found.get(row["currency"], Decimal(0)) + row["difference"]
    return found

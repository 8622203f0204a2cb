"""A simulated company's own inputs: they land whole, and say what is used and due, exactly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date
from decimal import ROUND_HALF_UP, Decimal
from math import sqrt
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from helpers import landed_files, release
from plain_customers import owed
from worlds import PLAN, RefreshedWorld

from trueup.simulate.own import customers, metering, records
from trueup.simulate.world import new_world

WRITERS = (metering, customers, records)
CENT = Decimal("0.01")
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Simulated:
    """What was written, and what the world says of it."""

    landing: Path
    metered: Rows  # SKU, time zone, time and quantity of the metered families
    billed: Rows  # invoice, billed cost exactly, rows
    due: Rows  # customer, month, SKU or kind, quantity, amount
    models: set[str]


# days are the provider's
METERED = """
    select skus.sku_id, payers.time_zone, lines.usage_start, sum(lines.quantity)
    from lines
    inner join skus on lines.sku_no = skus.sku_no
    inner join payers on lines.payer_no = payers.payer_no
    where skus.family in ('requests', 'function_seconds', 'egress', 'build_minutes')
    group by all
"""
BILLED = """
    select
        lines.invoice_id, sum(billed_cost), count(*), any_value(payers.is_taxed),
        any_value(payers.tax_percent)
    from lines inner join payers on lines.payer_no = payers.payer_no
    group by all order by all
"""
DUE = """
    select customer_id, strftime(billing_period, '%Y-%m'), coalesce(sku_id, line_kind),
        quantity, amount
    from customer_due
    inner join customers on customer_due.tenant_no = customers.tenant_no
    left join offers on customer_due.offer_no = offers.offer_no
    order by all
"""


def simulate(folder: Path) -> Simulated:
    """Write the own inputs of the clean world again."""
    landing, metered, billed = folder / "landing", [], []
    with new_world(PLAN, folder) as world:
        ask = world.connection.execute
        for period in PLAN.periods:
            world.simulate(period)
            metering.measure(world, period)
            for writer in WRITERS:
                writer.write_month(world, period, landing)
            metered += ask(METERED).fetchall()
            billed += ask(BILLED).fetchall()
        for writer in WRITERS:
            writer.write(world, landing)
        models = {model for (model,) in ask("select distinct model from sale_prices").fetchall()}
        return Simulated(landing, metered, billed, ask(DUE).fetchall(), models)


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    return simulate(tmp_path_factory.mktemp("records"))


@pytest.fixture(scope="module")
def home(clean_world: RefreshedWorld) -> Path:
    """The home refreshed from them and all else of the same world."""
    return clean_world.home


def files(landing: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(landing)): path.read_bytes()
        for path in sorted(landing.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_writes_the_same_bytes(simulated: Simulated, tmp_path: Path) -> None:
    again = simulate(tmp_path)
    assert files(again.landing) == files(simulated.landing)
    times = {path: path.stat().st_mtime for path in simulated.landing.rglob("*.csv")}
    for path, moment in times.items():
        assert (again.landing / path.relative_to(simulated.landing)).stat().st_mtime == moment


def test_every_file_lands_and_every_row_is_accepted_or_revised(home: Path) -> None:
    found = landed_files(home)
    issued = {path for (path, status) in found if status == "superseded"}
    assert issued == {f"invoices/customers/{period:%Y-%m}-issued.csv" for period in PLAN.periods}
    assert {status for _, status in found} == {"accepted", "superseded"}
    assert all(row["rows_quarantined"] == 0 for row in found.values())
    revised = {row["source"] for row in found.values() if row["rows_superseded"]}
    assert revised == {"invoices", "usage_events"}


def test_no_hour_of_the_events_is_missing_or_late_before_they_end(home: Path) -> None:
    with release(home) as marts:
        faults = marts.execute(
            "select feed, expected_on, status from marts.fct_completeness "
            "where source = 'usage_events' and expected_on < ? "
            "and (parts_missing > 0 or status = 'late' and feed like 'infrastructure%')",
            [PLAN.ends_at],
        ).fetchall()
    assert faults == []


def by_day(usage: Iterable[tuple[Any, ...]]) -> dict[tuple[str, date], Decimal]:
    """Quantity by SKU and day in the time zone of who bills it."""
    found: dict[tuple[str, date], Decimal] = defaultdict(Decimal)
    for sku, zone, start, quantity in usage:
        found[sku, start.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()] += quantity
    return found


def test_metered_quantities_are_those_used(simulated: Simulated, home: Path) -> None:
    with release(home) as marts:
        found = marts.execute(
            """
            select sku_id, usage_start, sum(quantity) from marts.fct_usage
            where meter_id like 'infrastructure-%' group by all
            """
        ).fetchall()
        [(rows, measured, ids)] = marts.execute(
            "select count(*), count(quantity), count(distinct usage_id) from marts.fct_usage"
        ).fetchall()
    assert rows == measured == ids > len(found)
    zones = {sku: zone for sku, zone, *_ in simulated.metered}
    used = by_day(simulated.metered)
    assert by_day((sku, zones[sku], start, quantity) for sku, start, quantity in found) == used


def test_vendor_invoices_are_what_the_lines_bill(simulated: Simulated, home: Path) -> None:
    with release(home) as marts:
        rows = marts.execute(
            """
            select invoice_id, sum(amount), sum(amount) filter (where line_kind = 'tax'),
                any_value(stated_total), max(abs(stated_total_difference))
            from marts.fct_invoice_lines where direction = 'payable'
            group by invoice_id order by invoice_id
            """
        ).fetchall()
    invoices = {number: values for number, *values in rows}
    assert len(invoices) == len(simulated.billed) == 7 * PLAN.months
    for number, cost, count, is_taxed, percent in simulated.billed:
        amount, tax, stated, difference = invoices[number]
        assert amount == stated and difference == 0
        if not is_taxed:
            amount -= tax
            assert tax == (amount * percent / 100).quantize(CENT, ROUND_HALF_UP)
        # FOCUS 1.4: the larger of a hundred subunits and half a subunit for the root of the rows
        assert abs(amount - cost) <= max(1, sqrt(count) * 0.005)
        assert abs(amount - cost) <= CENT


def test_customers_owe_what_their_events_contracts_and_cards_say(simulated: Simulated) -> None:
    assert simulated.models == {
        "flat", "standard", "graduated", "volume", "package", "graduated_package", "percentage",
        "graduated_percentage",
    }  # fmt: skip
    assert owed(simulated.landing, PLAN.periods) == simulated.due
    kinds = {what for _, _, what, _, _ in simulated.due}
    assert {"credit", "tax"} < kinds


def test_customers_are_invoiced_what_they_owe_in_numbers_without_gaps(
    simulated: Simulated, home: Path
) -> None:
    with release(home) as marts:
        rows = marts.execute(
            """
            select account_id, strftime(period_start, '%Y-%m'), coalesce(sku_id, line_kind),
                quantity, amount
            from marts.fct_invoice_lines where direction = 'receivable' order by all
            """
        ).fetchall()
        [(count, lowest, highest, differences, statuses)] = marts.execute(
            """
            select count(distinct invoice_id), min(right(invoice_id, 6)::int),
                max(right(invoice_id, 6)::int), sum(abs(stated_total_difference)),
                list(distinct status)
            from marts.fct_invoice_lines where direction = 'receivable'
            """
        ).fetchall()
    assert rows == simulated.due
    assert (lowest, highest, differences, statuses) == (1, count, 0, ["final"])

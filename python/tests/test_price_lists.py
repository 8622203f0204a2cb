"""Price lists: every form gives prices, and what a stale one would be wrong by is named."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from helpers import (
    EXAMPLES,
    Refresh,
    landed_files,
    read_rows,
    refresh_again,
    release,
    stored,
    total,
    write_bytes,
    write_rows,
)

AUGUST = "aws_cur/cur_savings_plans_2024-08.csv.gz"
DEARER = "WE87HQHP89BK3AXK"  # charged at 0.0928 USD an hour
RAISED = "TUSXZSTYY6YJH244"  # charged at 0.00000043 USD a request
TIERED = "F62Y6TKR8NC6Q2ZB"  # charged at 0.09 USD a GB
OTHER_UNIT = "62WNQUZDQQ6GRJC5"  # charged at 0.01 USD a GB
PLAIN = {
    "provider": "AWS",
    "sku_id": "",
    "region_id": "",
    "unit": "",
    "unit_price": "",
    "currency": "USD",
    "effective_from": "2024-01-01",
    "effective_to": "",
}
USAGE = ("Usage", "SavingsPlanCoveredUsage")


def offer_of(sku: str, prices: dict[str, str]) -> dict:
    """An AWS offer of one SKU: the price of a GB by the quantity above which it applies."""
    dimensions = {
        f"{sku}.T.{number}": {
            "unit": "GB",
            "beginRange": above,
            "endRange": "Inf",
            "pricePerUnit": {"USD": price},
        }
        for number, (above, price) in enumerate(prices.items())
    }
    term = {"effectiveDate": "2024-08-01T00:00:00Z", "priceDimensions": dimensions}
    return {
        "formatVersion": "v1.0",
        "offerCode": "AWSDataTransfer",
        "version": "20240801000000",
        "publicationDate": "2024-08-01T00:00:00Z",
        "products": {sku: {"sku": sku, "attributes": {"fromRegionCode": "us-west-2"}}},
        "terms": {"OnDemand": {sku: {f"{sku}.T": term}}},
    }


def land_price_lists(landing: Path, newest: float) -> None:
    """Stale, current and unrelated prices of SKUs that AWS charged in August 2024."""
    raised = {"sku_id": RAISED, "unit": "Requests"}
    lines = [
        {"sku_id": DEARER, "unit": "Hrs", "region_id": "us-west-2", "unit_price": "0.08"},
        {"sku_id": DEARER, "unit": "Hrs", "region_id": "eu-west-1", "unit_price": "0.07"},
        raised | {"unit_price": "4.0E-7"},
        raised | {"unit_price": "4.3E-7", "effective_from": "2024-08-29"},
        {"sku_id": OTHER_UNIT, "unit": "MB", "unit_price": "0.05"},
    ]
    folder = landing / "price_lists"
    write_rows(folder / "map.csv", [PLAIN | line for line in lines], newest)
    offer = offer_of(TIERED, {"0": "0.0900000000", "10240": "0.0850000000"})
    write_bytes(folder / "transfer.json", json.dumps(offer).encode(), newest)
    enterprise = {
        "MeterID": "m-1",
        "UnitOfMeasure": "100 Hours",
        "UnitPrice": "9",
        "MarketPrice": "1E1",
        "CurrencyCode": "EUR",
        "PriceType": "Consumption",
        "EffectiveStartDate": "08/01/2024",
    }
    write_rows(folder / "enterprise.csv", [enterprise], newest)


@pytest.fixture(scope="module")
def priced(refreshed: Path, tmp_path_factory: pytest.TempPathFactory) -> Refresh:
    return refresh_again(refreshed, tmp_path_factory.mktemp("price_lists"), land_price_lists)


def charged(sku: str, before: str = "9999") -> tuple[int, Decimal]:
    """Rows of usage of a SKU in the raw report, and their quantity."""
    rows = [
        row
        for row in read_rows(EXAMPLES / AUGUST)
        if row["product/sku"] == sku
        and row["lineItem/LineItemType"] in USAGE
        and row["lineItem/UsageStartDate"] < before
    ]
    return len(rows), total(row["lineItem/UsageAmount"] for row in rows)


def test_a_stale_price_is_named_with_both_prices_its_list_and_its_money(priced: Refresh) -> None:
    assert priced.code == 0
    with release(priced.home) as marts:
        found = marts.execute("""
            select
                changes.sku_id, changes.unit, changes.old_unit_price, changes.new_unit_price,
                changes.price_list_effective_from, files.path, changes.price_list_file_row,
                changes.charge_count, changes.quantity, changes.cost_change, changes.currency
            from marts.fct_price_changes as changes
            inner join marts.fct_landed_files as files
                on changes.price_list_file_id = files.file_id
            order by changes.sku_id desc
        """).fetchall()
    path, january = "price_lists/map.csv", datetime(2024, 1, 1)
    hours, before = charged(DEARER), charged(RAISED, before="2024-08-29")
    assert hours[0] == 30 and 0 < before[0] < charged(RAISED)[0]
    old, new = Decimal("0.08"), Decimal("0.0928")
    low, high = Decimal("4.0E-7"), Decimal("4.3E-7")
    assert found == [
        (DEARER, "Hrs", old, new, january, path, 1, *hours, stored(hours[1] * (new - old)), "USD"),
        (RAISED, "Requests", low, high, january, path, 3, *before, before[1] * (high - low), "USD"),
    ]


def test_a_price_of_a_tier_is_a_price_of_the_list(priced: Refresh) -> None:
    files = landed_files(priced.home)
    assert files[("price_lists/transfer.json", "accepted")]["source"] == "aws_offers"
    assert charged(TIERED)[0] == 55
    with release(priced.home) as marts:
        stale = "select count(*) from marts.fct_price_changes where sku_id = ?"
        assert marts.execute(stale, [TIERED]).fetchall() == [(0,)]


def test_without_a_price_list_nothing_is_stale(marts: duckdb.DuckDBPyConnection) -> None:
    assert marts.execute("select count(*) from marts.fct_price_changes").fetchall() == [(0,)]


def test_every_form_of_price_list_gives_its_public_prices(priced: Refresh) -> None:
    with duckdb.connect(str(priced.home / "build" / "warehouse.duckdb"), read_only=True) as built:
        found = built.execute(
            """
            select provider, sku_id, unit, currency, tier_from, unit_price, effective_from
            from canonical.price_list_prices
            where provider != 'Oracle' and sku_id in ('m-1', ?) order by all
        """,
            [TIERED],
        ).fetchall()
    august = datetime(2024, 8, 1)
    assert found == [
        ("AWS", TIERED, "GB", "USD", 0, Decimal("0.09"), august),
        ("AWS", TIERED, "GB", "USD", 10240, Decimal("0.085"), august),
        ("Microsoft", "m-1", "100 Hours", "EUR", 0, 10, august),
    ]

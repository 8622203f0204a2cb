"""Simulated exports of Azure, Google Cloud and OCI: the warehouse reads back what was simulated."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from helpers import landed_files, release
from worlds import RefreshedWorld

from trueup.simulate.exports import EXPORTS
from trueup.simulate.exports.rows import prepare_rows
from trueup.simulate.plan import Plan
from trueup.simulate.world import new_world

SOURCES = ("azure_cost", "gcp_billing", "oci_cost")
FEES = "('commitment_fee', 'upfront_fee')"


def simulate(plan: Plan, folder: Path) -> Path:
    """Write the three exports of a plan's months; `truth.duckdb` keeps the lines behind them."""
    with new_world(plan, folder) as world:
        world.connection.execute(f"attach '{folder / 'truth.duckdb'}' as truth")
        for period in plan.periods:
            world.simulate(period)
            for export in SOURCES:
                (payer_no,) = world.connection.execute(
                    "select payer_no from payers where export = ?", [export]
                ).fetchall()[0]
                EXPORTS[export](world, payer_no, period, folder / "landing")
                prepare_rows(world, payer_no)
                world.connection.execute(
                    "create table if not exists truth.lines as"
                    " select '' as source, * from charge_rows limit 0"
                )
                world.connection.execute(
                    "insert into truth.lines select ?, * from charge_rows", [export]
                )
    return folder / "landing"


@pytest.fixture(scope="module")
def both(
    clean_world: RefreshedWorld, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The release of the clean world, with the lines behind it as `truth.lines`."""
    folder = tmp_path_factory.mktemp("simulated")
    simulate(clean_world.plan, folder)
    with release(clean_world.home) as connection:
        connection.execute(f"attach '{folder / 'truth.duckdb'}' as truth (read_only)")
        yield connection


def differences(both: duckdb.DuckDBPyConnection, simulated: str, charged: str) -> list[tuple]:
    """Rows, counted, that stand in one of two queries alone."""
    return both.execute(f"""
        (from ({simulated}) except all from ({charged}))
        union all
        (from ({charged}) except all from ({simulated}))
    """).fetchmany(5)


def test_every_file_is_accepted_whole(clean_world: RefreshedWorld) -> None:
    landed = landed_files(clean_world.home)
    files = {key: row for key, row in landed.items() if key[0].startswith(SOURCES)}
    assert {path.split("/")[0] for path, _ in files} == set(SOURCES)
    assert {status for _, status in files} == {"accepted"}
    assert all(row["rows_total"] == row["rows_accepted"] > 0 for row in files.values())


def test_billed_and_effective_cost_of_a_month_are_those_of_its_lines(
    both: duckdb.DuckDBPyConnection,
) -> None:
    sums = "source, billing_period, sum(billed_cost), sum(effective_cost)"
    simulated = f"select {sums} from truth.lines group by all"
    charged = f"select {sums} from marts.fct_charges where source in {SOURCES} group by all"
    assert len(both.execute(simulated).fetchall()) == 6
    assert differences(both, simulated, charged) == []


def test_each_kind_of_azure_line_is_billed_once_and_amortized_once(
    both: duckdb.DuckDBPyConnection,
) -> None:
    actual = f"""
        select
            billing_period,
            case
                when kind in {FEES} then 'commitment_fee'
                when kind = 'covered' then 'commitment_usage'
                else 'usage'
            end as charge_kind,
            case kind when 'covered' then 'Used' end as status,
            count(*), sum(billed_cost), 0 as effective_cost
        from truth.lines
        where source = 'azure_cost' and kind != 'unused'
        group by all
    """
    amortized = f"""
        select
            billing_period, 'amortisation',
            case kind when 'covered' then 'Used' when 'unused' then 'Unused' end,
            count(*), 0, sum(effective_cost)
        from truth.lines
        where source = 'azure_cost' and kind not in {FEES}
        group by all
    """
    charged = """
        select
            billing_period, charge_kind, commitment_status,
            count(*), sum(billed_cost), sum(effective_cost)
        from marts.fct_charges
        where source = 'azure_cost'
        group by all
    """
    assert differences(both, f"{actual} union all {amortized}", charged) == []
    assert len(both.execute(charged).fetchall()) == 12


def test_google_states_covered_usage_at_its_cost_and_takes_that_off_by_a_credit(
    both: duckdb.DuckDBPyConnection,
) -> None:
    simulated = """
        select billing_period, kind as charge_kind, commitment_id, count(*), sum(billed_cost)
        from truth.lines
        where source = 'gcp_billing' and kind in ('commitment_fee', 'tax')
        group by all
        union all
        select
            billing_period, 'usage', null, count(*),
            sum(case kind when 'covered' then quantity * price else billed_cost end)
        from truth.lines
        where source = 'gcp_billing' and kind in ('usage', 'covered')
        group by all
        union all
        select
            billing_period, 'commitment_negation', commitment_id, count(*), -sum(quantity * price)
        from truth.lines
        where source = 'gcp_billing' and kind = 'covered'
        group by all
    """
    charged = """
        select billing_period, charge_kind, commitment_id, count(*), sum(billed_cost)
        from marts.fct_charges
        where source = 'gcp_billing'
        group by all
    """
    assert differences(both, simulated, charged) == []
    assert len(both.execute(charged).fetchall()) == 8


@pytest.mark.parametrize(
    ("source", "resource_id", "service"),
    [
        ("azure_cost", "'/subscriptions/' || account_id || resource_id", "service"),
        (
            "gcp_billing",
            "'//compute.googleapis.com/projects/' || account_id || '/zones/' || region"
            " || '-b/instances/' || resource_id",
            "service",
        ),
        ("oci_cost", "resource_id", "upper(service)"),
    ],
)
def test_what_was_used_by_whom_comes_through(
    both: duckdb.DuckDBPyConnection, source: str, resource_id: str, service: str
) -> None:
    simulated = f"""
        select
            payer_id, account_id, account_name, sku_id, {service}, region, {resource_id},
            usage_start, usage_end, quantity, currency, team, product, environment, tenant
        from truth.lines
        where source = '{source}' and kind in ('usage', 'covered')
    """
    charged = f"""
        select
            billing_account_id, sub_account_id, sub_account_name, sku_id, service_name, region_id,
            resource_id, charge_period_start, charge_period_end, pricing_quantity,
            billing_currency, tags ->> 'team', tags ->> 'product', tags ->> 'environment',
            tags ->> 'tenant'
        from marts.fct_charges
        where source = '{source}' and charge_kind in ('usage', 'commitment_usage')
    """
    assert differences(both, simulated, charged) == []
    tagged = both.execute(f"select count(*), count(team), count(tenant) from ({simulated})")
    rows, teams, tenants = tagged.fetchall()[0]
    assert rows >= teams > tenants > 0


def test_azure_rows_name_their_reservation(both: duckdb.DuckDBPyConnection) -> None:
    named = "select commitment_id, count(*) from {} where source = 'azure_cost' group by all"
    lines = f"""
        (select commitment_id from truth.lines where source = 'azure_cost' and kind != 'unused')
        union all
        (select commitment_id from truth.lines where source = 'azure_cost' and kind not in {FEES})
    """
    simulated = f"select commitment_id, count(*) from ({lines}) group by all"
    assert differences(both, simulated, named.format("marts.fct_charges")) == []


def test_files_arrive_when_their_provider_delivers(clean_world: RefreshedWorld) -> None:
    landing = clean_world.landing
    times = {
        path.relative_to(landing).as_posix(): datetime.fromtimestamp(path.stat().st_mtime, UTC)
        for path in landing.rglob("*")
        if path.is_file()
    }
    days = {
        export: sorted(
            f"{time:%m-%d %H}" for path, time in times.items() if path.startswith(export)
        )
        for export in SOURCES
    }
    assert set(days["azure_cost"]) == {"02-03 06", "03-03 06"} and len(days["azure_cost"]) == 8
    assert days["gcp_billing"] == [
        *("01-08 06", "01-15 06", "01-22 06", "01-29 06", "02-03 06"),
        *("02-08 06", "02-15 06", "02-22 06", "03-03 06"),
    ]
    assert days["oci_cost"][:2] == ["01-02 06", "01-03 06"] and len(days["oci_cost"]) == 59


def test_azure_deliveries_are_those_of_their_manifests(
    clean_world: RefreshedWorld, both: duckdb.DuckDBPyConnection
) -> None:
    manifests = (clean_world.landing / "azure_cost").rglob("manifest.json")
    runs = {json.loads(path.read_text())["runInfo"]["runId"] for path in manifests}
    found = both.execute(
        "select delivery_key, status from marts.fct_deliveries where source = 'azure_cost'"
    ).fetchall()
    assert sorted(found) == sorted((f"manifest {run}", "current") for run in runs)
    assert len(found) == 4


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    digests = []
    for name, seed in (("one", 5), ("two", 5), ("other", 6)):
        (tmp_path / name).mkdir()
        plan = Plan(seed=seed, months=1, lines=5_000, first_month=date(2024, 12, 1))
        landing = simulate(plan, tmp_path / name)
        digests.append(
            {
                path.relative_to(landing): hashlib.sha256(path.read_bytes()).hexdigest()
                for path in landing.rglob("*")
                if path.is_file()
            }
        )
    assert digests[0] == digests[1]
    assert not set(digests[0].values()) & set(digests[2].values())

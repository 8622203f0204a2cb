"""Simulated exports state what the simulated company was charged, and the warehouse reads that.

The clean world is made once more and written by the writers tested here. Tests compare, in SQL, its
charge lines (table `billed`: all months, with the payer's export) with its release (`released`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from worlds import RefreshedWorld

from trueup.simulate.exports import EXPORTS
from trueup.simulate.world import World, new_world

AWS = ("aws_cur", "aws_cur2")
TESTED = AWS
Simulated = tuple[duckdb.DuckDBPyConnection, Path]


def write_exports(world: World, landing: Path) -> None:
    """Write the months of all payers tested here, and keep their lines as `billed`."""
    payers = world.connection.execute("select payer_no, export from payers order by all").fetchall()
    for number, period in enumerate(world.plan.periods):
        world.simulate(period)
        for payer_no, export in payers:
            if export in TESTED:
                EXPORTS[export](world, payer_no, period, landing)
        world.connection.execute(
            ("insert into billed" if number else "create table billed as")
            + " select lines.*, export, payer_id from lines inner join payers using (payer_no)"
        )


@pytest.fixture(scope="module")
def simulated(
    clean_world: RefreshedWorld, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Simulated]:
    """The world's database with its release attached; the exports that it wrote again."""
    folder = tmp_path_factory.mktemp("simulated")
    with new_world(clean_world.plan, folder) as world:
        write_exports(world, folder / "landing")
        current = clean_world.home / "published" / "current.duckdb"
        world.connection.execute(f"attach '{current}' as released (read_only)")
        yield world.connection, folder / "landing"


def differences(simulated: Simulated, one: str, other: str, **values: str) -> list[tuple]:
    """Rows that two queries do not share, counted; both must have rows."""
    connection, _ = simulated
    for query in (one, other):
        assert connection.execute(f"select count(*) from ({query})", values).fetchall() > [(0,)]
    return connection.execute(
        f"""
        (select 'only one', * from (({one}) except all ({other})))
        union all
        (select 'only other', * from (({other}) except all ({one})))
        limit 9
        """,
        values,
    ).fetchall()


def digests(landing: Path) -> dict[str, tuple[str, float]]:
    """Content and time of each file below a folder."""
    return {
        str(path.relative_to(landing)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime,
        )
        for path in landing.rglob("*")
        if path.is_file()
    }


def test_the_same_seed_writes_the_same_bytes(
    simulated: Simulated, clean_world: RefreshedWorld
) -> None:
    for source in TESTED:
        written = digests(simulated[1] / source)
        assert written
        assert written == digests(clean_world.landing / source)


@pytest.mark.parametrize("export", TESTED)
def test_each_month_costs_what_its_lines_cost(simulated: Simulated, export: str) -> None:
    assert not differences(
        simulated,
        """
        select payer_id, billing_period, sum(billed_cost), sum(effective_cost)
        from billed where export = $export group by all
        """,
        """
        select billing_account_id, billing_period, sum(billed_cost), sum(effective_cost)
        from released.marts.fct_charges
        where billing_account_id in (select payer_id from payers where export = $export)
        group by all
        """,
        export=export,
    )


# --- AWS ---


@pytest.mark.parametrize("export", AWS)
def test_aws_lines_of_each_kind_cost_what_they_should(simulated: Simulated, export: str) -> None:
    """Negations and discounts belong to the usage that they lower."""
    assert not differences(
        simulated,
        """
        select
            billing_period,
            case kind when 'covered' then 'usage' when 'upfront_fee' then 'commitment_fee'
                when 'unused' then 'commitment_unused' else kind end as charge_kind,
            sum(billed_cost), sum(effective_cost)
        from billed where export = $export group by all
        """,
        """
        select
            billing_period,
            case when charge_kind in ('commitment_usage', 'commitment_negation', 'discount')
                then 'usage' else charge_kind end as kind,
            sum(billed_cost), sum(effective_cost)
        from released.marts.fct_charges where source = $export group by all
        """,
        export=export,
    )


@pytest.mark.parametrize("export", AWS)
def test_aws_usage_says_who_used_what_at_which_price(simulated: Simulated, export: str) -> None:
    assert not differences(
        simulated,
        """
        select
            invoice_id, accounts.account_id, account_name, resource_id,
            if(is_tagged, resource_name, null), sku_id, meter, service, skus.region, unit,
            usage_start, usage_end, quantity, billed.list_price, billed.price, billed_cost,
            list_cost, if(is_tagged, team, null), if(is_tagged, cost_center, null),
            if(is_tagged, product, null), if(is_tagged, resources.environment, null),
            if(is_tagged, tenant, null)
        from billed
        inner join accounts using (account_no)
        inner join resources using (resource_no)
        inner join skus on billed.sku_no = skus.sku_no
        inner join teams on resources.team_no = teams.team_no
        inner join products on resources.product_no = products.product_no
        left join tenants using (tenant_no)
        where export = $export and kind = 'usage'
        """,
        """
        select
            invoice_id, sub_account_id, sub_account_name, resource_id,
            resource_name, sku_id, sku_meter, service_name, region_id, pricing_unit,
            charge_period_start, charge_period_end, pricing_quantity, list_unit_price,
            contracted_unit_price, billed_cost, list_cost,
            coalesce(tags ->> 'Team', tags ->> 'team'), cost_center, product, environment, tenant
        from released.marts.fct_charges
        where source = $export and charge_kind = 'usage' and commitment_id is null
        """,
        export=export,
    )


@pytest.mark.parametrize("export", AWS)
def test_aws_commitments_are_used_and_unused_as_planned(simulated: Simulated, export: str) -> None:
    assert not differences(
        simulated,
        """
        select
            billing_period, commitment_id, sum(billed_cost),
            sum(effective_cost) filter (where billed.kind = 'covered'),
            sum(effective_cost) filter (where billed.kind = 'unused'),
            sum(quantity) filter (where billed.kind = 'covered')
        from billed inner join commitments using (commitment_no)
        where export = $export group by all
        """,
        """
        select
            billing_period, commitment_id, sum(billed_cost),
            sum(effective_cost) filter (where commitment_status = 'Used'),
            sum(effective_cost) filter (where commitment_status = 'Unused'),
            sum(pricing_quantity) filter (where commitment_status = 'Used')
        from released.marts.fct_charges
        where source = $export and commitment_id is not null group by all
        """,
        export=export,
    )


@pytest.mark.parametrize(
    ("export", "fees", "extra"),
    [("aws_cur", 59, "commitment_negation"), ("aws_cur2", 3, "discount")],
)
def test_aws_has_rows_of_its_own(simulated: Simulated, export: str, fees: int, extra: str) -> None:
    """A plan's fee comes daily here, a reservation's monthly and once upfront; see the writers."""
    connection, _ = simulated
    charged = dict(
        connection.execute(
            "select charge_kind, count(*) from released.marts.fct_charges"
            " where source = ? group by all",
            [export],
        ).fetchall()
    )
    billed = dict(
        connection.execute(
            "select kind, count(*) from billed where export = ? group by all", [export]
        ).fetchall()
    )
    used = charged["usage"] + charged.get("commitment_usage", 0)
    assert used == billed["usage"] + billed["covered"]
    assert (charged["commitment_fee"], charged["tax"]) == (fees, billed["tax"])
    assert charged[extra] > 0


@pytest.mark.parametrize(
    ("files", "line_id", "interval"),
    [
        ("aws_cur/**/*.csv.gz", "identity/LineItemId", "identity/TimeInterval"),
        ("aws_cur2/**/*.parquet", "identity_line_item_id", "identity_time_interval"),
    ],
)
def test_aws_line_ids_are_unique_in_their_interval(
    simulated: Simulated, files: str, line_id: str, interval: str
) -> None:
    connection, landing = simulated
    rows, different = connection.execute(
        f"""select count(*), count(distinct ("{line_id}", "{interval}")) from '{landing}/{files}'"""
    ).fetchall()[0]
    assert rows == different > 1000

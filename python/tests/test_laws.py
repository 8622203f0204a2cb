"""Laws and gates: each is shown failing on planted rows, and then nothing is published."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from helpers import (
    EXAMPLES,
    PROJECT,
    copy_landing,
    figures,
    fingerprint,
    read_rows,
    release,
    releases,
    trueup,
    write_rows,
)

AUGUST = "aws_cur/cur_savings_plans_2024-08.csv.gz"
LEGACY = "aws_cur/cur_legacy_anon_focus_converters.csv"
WAREHOUSE, MARTS = "build/warehouse.duckdb", "build/marts.duckdb"
REGISTRY = "archive/registry.duckdb"
SENTENCE = re.compile(r"test (law_\w+): (\d+) rows? breaks? it, such as: .+", re.DOTALL)
LAST_PLACE = "0.000000000000000001"  # the last place of the storage precision
ROWS_1 = "law_1_rows_and_money_of_each_file"
CHARGES_2 = "law_2_charges_equal_deliveries"
PARTS_3 = "law_3_variance_equals_its_parts"
ONE_DIFF_4 = "law_4_every_row_in_one_diff"
ALLOCATED_5 = "law_5_allocations_conserve"
LEDGER_6 = "law_6_ledger_is_as_written"
CLOSED_7 = "law_7_closed_periods"
CURRENT_8 = "law_8_partitions_are_current"
NEWEST_9 = "law_9_newest_delivery_is_current"
ONE_CHARGE = f"""
    charge_id = (select min(charge_id) from marts.fct_charges where file_id = (
        select file_id from marts.fct_landed_files where path = '{LEGACY}'))
"""


@dataclass(frozen=True)
class Plant:
    """A change of one database of a home, and the laws it must break, with their rows."""

    database: str
    change: str
    broken: dict[str, int]


PLANTS = {
    "a row lost in one file, money in the last place in another": Plant(
        WAREHOUSE,
        f"""
        update operations.landed_files set rows_accepted = rows_accepted - 1
        where path = '{LEGACY}';
        update operations.landed_files set amount_accepted = amount_accepted - {LAST_PLACE}
        where path = '{AUGUST}'
        """,
        {ROWS_1: 2},
    ),
    "a charge deleted": Plant(
        MARTS,
        f"delete from marts.fct_charges where {ONE_CHARGE}",
        {CHARGES_2: 1, ONE_DIFF_4: 1, ALLOCATED_5: 1, CURRENT_8: 1},
    ),
    "a charge changed in the last place": Plant(
        MARTS,
        f"update marts.fct_charges set billed_cost = billed_cost + {LAST_PLACE} where {ONE_CHARGE}",
        {CHARGES_2: 1, ONE_DIFF_4: 1, ALLOCATED_5: 1},
    ),
    "an allocation changed in the last place, and one deleted": Plant(
        MARTS,
        f"""
        update marts.fct_allocations
        set allocated_effective_cost = allocated_effective_cost + {LAST_PLACE}
        where allocation_id = (select min(allocation_id) from marts.fct_allocations);
        delete from marts.fct_allocations where allocation_id = (
            select max(allocation_id) from marts.fct_allocations where allocated_billed_cost != 0)
        """,
        {ALLOCATED_5: 2, CURRENT_8: 1},
    ),
    "money moved between two months": Plant(
        MARTS,
        "update marts.fct_charges set billing_period = date '2024-07-01'"
        " where billing_period = date '2024-06-01'",
        {CHARGES_2: 2, ONE_DIFF_4: 2, ALLOCATED_5: 2},
    ),
    "a part changed in the last place, and a variance that is not billed less expected": Plant(
        MARTS,
        f"""
        update marts.fct_reconciliation_diffs set rate_variance = rate_variance + {LAST_PLACE}
        where diff_id = (select min(diff_id) from marts.fct_reconciliation_diffs);
        update marts.fct_reconciliation_diffs
        set variance_amount = variance_amount + 1, unexplained_variance = unexplained_variance + 1
        where diff_id = (select max(diff_id) from marts.fct_reconciliation_diffs)
        """,
        {PARTS_3: 2},
    ),
    "a diff twice": Plant(
        MARTS,
        "insert into marts.fct_reconciliation_diffs select * from marts.fct_reconciliation_diffs"
        " where counterparty = 'Google Cloud' order by diff_id limit 1",
        {ONE_DIFF_4: 2},
    ),
    "an expected charge deleted": Plant(
        MARTS,
        "delete from marts.fct_expected_charges where expected_charge_id = ("
        "select min(expected_charge_id) from marts.fct_expected_charges where expected_amount = 0)",
        {ONE_DIFF_4: 1, CURRENT_8: 1},
    ),
    "a row added to a snapshot, and an adjustment in the last place": Plant(
        MARTS,
        f"""
        insert into marts.fct_period_snapshots by name
        select 'payable' as direction, date '2000-01-01' as billing_period, 0 as charge_count,
            0 as billed_cost, 0 as effective_cost, 1 as rows_of_period, 'another' as seal;
        insert into marts.fct_adjustments by name
        select uuid() as adjustment_id, 'payable' as direction, date '2000-01-01' as origin_period,
            {LAST_PLACE} as amount, 0 as effective_amount
        """,
        {CLOSED_7: 2},
    ),
    "an entry put into the ledger": Plant(
        MARTS,
        """
        insert into marts.fct_ledger_entries by name
        select 2 as entry_seq, 'T' as transaction_id, 1 as line_no, 1 as debit, 0 as credit,
            'USD' as currency, 'hash' as previous_hash, 'hash' as entry_hash
        """,
        {LEDGER_6: 4},  # no number 1, no hash before, not its own hash, no other side
    ),
    "something posted after a period was frozen": Plant(
        MARTS,
        """
        insert into marts.fct_period_snapshots by name
        select 'internal' as direction, date '2000-01-01' as billing_period, 0 as charge_count,
            0 as billed_cost, 0 as effective_cost, 1 as rows_of_period, 'seal' as seal,
            timestamp '2000-02-10' as frozen_at;
        insert into marts.fct_ledger_entries by name
        select row_number() over () as entry_seq, 'T' as transaction_id, debit, 1 - debit as credit,
            'internal' as direction, date '2000-01-01' as posting_period, 'USD' as currency,
            timestamp '2000-02-10' + interval 1 day * debit as recorded_at, '' as entry_hash
        from range(2) as lines (debit)
        """,
        {LEDGER_6: 4, CLOSED_7: 2},  # neither entry has hashes; the snapshot has another seal
    ),
    "a partition of an older version": Plant(
        MARTS,
        "update marts.fct_expected_charges set partition_version = 'older'"
        " where counterparty = 'Google Cloud'",
        {CURRENT_8: 2},
    ),
    "a partition built twice": Plant(
        MARTS,
        "insert into marts.fct_charges"
        " select * from marts.fct_charges where source = 'gcp_billing'",
        {ONE_DIFF_4: 1, CURRENT_8: 1},
    ),
    "a delivery in use although a newer one was current": Plant(
        REGISTRY,
        f"""
        insert into landing.deliveries by name
        select * replace (
            delivery_key || '.new' as delivery_key, delivery_id || '.new' as delivery_id,
            ['aws_cur-new'] as contents, delivered_at + interval 1 day as delivered_at,
            'superseded' as status
        ) from landing.deliveries
        where status = 'current' and list_contains(contents, (
            select file_id from landing.files where path = '{AUGUST}'
        ))
        """,
        {NEWEST_9: 1},
    ),
    "a newer file that no delivery holds": Plant(
        REGISTRY,
        f"""
        insert into landing.files by name
        select * replace (
            path || '.new' as path, 'new' as sha256, 'aws_cur-new' as file_id,
            delivery_key || '.new' as delivery_key, delivered_at + interval 1 day as delivered_at
        ) from landing.files where path = '{AUGUST}';
        insert into landing.file_totals by name
        select totals.* replace ('aws_cur-new' as file_id)
        from landing.file_totals as totals
        inner join landing.files using (source, file_id) where files.path = '{AUGUST}'
        """,
        {NEWEST_9: 1},
    ),
}


def test_every_law_is_shown_failing() -> None:
    laws = {path.stem for path in (PROJECT / "tests" / "laws").glob("*.sql")}
    assert laws == {law for plant in PLANTS.values() for law in plant.broken}


@pytest.mark.parametrize("name", PLANTS)
def test_a_broken_law_is_named_and_nothing_is_published(home: Path, name: str) -> None:
    plant, before = PLANTS[name], releases(home)
    with duckdb.connect(str(home / plant.database)) as connection:
        catalog = Path(plant.database).stem
        connection.execute(f"use {catalog}.main")
        connection.execute(plant.change.replace("marts.fct_", "marts.marts.fct_"))
    gate = trueup("gate", home, EXAMPLES, "--json")
    assert gate.returncode == 1, gate.stderr
    said = [SENTENCE.fullmatch(each) for each in json.loads(gate.stdout)["failures"]]
    assert {each[1]: int(each[2]) for each in said if each} == plant.broken
    assert len(said) == len(plant.broken)
    publish = trueup("publish", home)
    assert publish.returncode == 3, publish.stdout
    assert "The last build has not passed the gate. Run `trueup gate`." in publish.stderr
    assert releases(home) == before


def test_a_failed_gate_check_stops_the_refresh_before_anything_is_built_on_it(
    home: Path, refreshed: Path, tmp_path: Path
) -> None:
    landing = copy_landing(tmp_path)
    rows = read_rows(landing / "aws_cur/cur_savings_plans_2024-06.csv.gz")
    for row in rows:
        row |= {"lineItem/CurrencyCode": "US$X", "bill/PayerAccountId": "999999999999"}
    write_rows(landing / "aws_cur/odd_currency.csv", rows)
    before = releases(home)
    outcome = trueup("refresh", home, landing, "--json")
    assert outcome.returncode == 1
    failures = json.loads(outcome.stdout)["failures"]
    assert len(failures) == 1 and "gate_passed_gate_staging" in failures[0], failures
    with duckdb.connect(str(home / WAREHOUSE), read_only=True) as connection:
        results = connection.execute("""
            select check_name, level, is_passed, unexpected_count from canonical.gate_staging
            where not is_passed and level = 'critical'
        """).fetchall()
        charges = connection.execute("""
            select count(*), count(*) filter (where billing_account_id = '999999999999')
            from canonical.charges
        """).fetchone()
    assert results == [("rows_with_odd_currency", "critical", False, 1)]
    assert charges == (sum(f["charged"][0] for f in figures(refreshed).values()), 0)
    assert releases(home) == before
    assert fingerprint(home) == fingerprint(refreshed)
    with release(home) as connection:
        gates = connection.execute(
            "select bool_and(is_passed) from marts.fct_gate_results where level = 'critical'"
        )
        assert gates.fetchall() == [(True,)]
    assert trueup("publish", home).returncode == 3

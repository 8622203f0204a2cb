"""All faults of reconciliation, planted together in a simulated company, are found with causes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from helpers import PARTS, PROJECT, release, trueup

from trueup.simulate.plan import Plan
from trueup.simulate.run import simulate
from trueup.simulate.score import ScoreCard, score

PLANTED = ("RF1", "RF2", "RF3", "RF4", "RF5", "RF6", "RF9", "BF3", "RS2")
# Causes that the planted faults have; wrong amounts have their tax.
CAUSES = {"missing_usage", "sku", "timing", "duplicate", "rate", "credit", "tax"}
SEEDS = (5, 11, 23, 41, 59) if "TRUEUP_LONG" in os.environ else (11,)


@dataclass(frozen=True)
class Scored:
    """A world with faults, refreshed and scored."""

    home: Path
    card: ScoreCard


@pytest.fixture(scope="module", params=SEEDS)
def scored(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Scored:
    """The world of a seed."""
    folder = tmp_path_factory.mktemp(f"seed{request.param}")
    plan = Plan(seed=request.param, months=2, lines=12_000)
    world = simulate(plan, PLANTED, folder / "world", lambda text: None)
    as_of = f"{plan.ends_at + timedelta(days=10):%Y-%m-%dT%H:%M:%SZ}"
    outcome = trueup("refresh", folder / "home", world.landing, "--as-of", as_of)
    assert outcome.returncode == 0, outcome.stderr
    thresholds = PROJECT / "seeds" / "score_thresholds.csv"
    published = folder / "home" / "published" / "current.duckdb"
    return Scored(folder / "home", score(published, world.truth, thresholds))


@pytest.fixture
def marts(scored: Scored) -> duckdb.DuckDBPyConnection:
    """Its release, open for reading."""
    return release(scored.home)


def test_every_fault_is_found_with_its_cause_and_amount(scored: Scored) -> None:
    found = {each.id: each for each in scored.card.scores if each.planted}
    assert found.keys() == set(PLANTED)
    for each in found.values():
        assert (each.found, each.cause_right, each.false_alarms) == (each.planted, each.planted, 0)
    # where two faults meet in one line, one of them has it
    assert sum(not each.amount_error for each in found.values()) >= len(found) - 1


def test_nothing_else_is_an_exception(marts: duckdb.DuckDBPyConnection) -> None:
    causes = marts.execute("""
        select cause, count(*) from marts.fct_reconciliation_diffs
        where status = 'exception' group by cause
    """).fetchall()
    (keys, receivable) = marts.execute("""
        select count(*), count(*) filter (where direction = 'receivable' and variance_amount != 0)
        from marts.fct_reconciliation_diffs
    """).fetchall()[0]
    others = sum(count for cause, count in causes if cause not in CAUSES)
    assert 100 * others < keys
    assert receivable == 0


def test_less_than_a_thousandth_of_the_value_is_unexplained(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    rows = marts.execute("""
        select currency, sum(abs(unexplained_variance)), sum(abs(billed_amount))
        from marts.fct_reconciliation_diffs group by currency
    """).fetchall()
    assert rows
    for _, unexplained, billed in rows:
        assert 1000 * unexplained < billed


def test_every_row_of_both_sides_is_a_member_once(marts: duckdb.DuckDBPyConnection) -> None:
    parts = " + ".join(f"{part}_variance" for part in PARTS)
    found = marts.execute(f"""
        with members as (
            select
                diff_id,
                count(*) as row_count,
                coalesce(sum(amount) filter (where side = 'billed'), 0) as billed_amount,
                coalesce(sum(amount) filter (where side = 'expected'), 0) as expected_amount
            from marts.fct_diff_members group by diff_id
        )
        select
            count(*) filter (
                where members.diff_id is null or row_count != billed_rows + expected_rows
                or members.billed_amount != diffs.billed_amount
                or members.expected_amount != diffs.expected_amount
                or {parts} != variance_amount
            ),
            (select count(*) - count(distinct (side, row_id)) from marts.fct_diff_members)
        from marts.fct_reconciliation_diffs as diffs
        full outer join members using (diff_id)
    """).fetchall()
    assert found == [(0, 0)]


def test_own_metering_proves_what_is_billed(marts: duckdb.DuckDBPyConnection) -> None:
    """Independent rows are told by both quantities; a gap leaves the vendor's beside ours."""
    found = marts.execute("""
        select
            count(*) filter (where assurance = 'independent') > 100,
            count(*) filter (where quantity_source = 'own' and own_quantity is null),
            count(*) filter (where deviation = 'missing_usage' and own_quantity < provider_quantity)
                > 0,
            count(*) filter (where deviation = 'unbilled' and charge_id is not null)
        from marts.fct_expected_charges where direction = 'payable'
    """).fetchall()
    assert found == [(True, 0, True, 0)]

"""A month delivered again: the newer delivery counts, whatever way it comes, and no older one."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from helpers import (
    DAY,
    EXAMPLES,
    Refresh,
    landed_files,
    read_rows,
    refresh_again,
    total,
    write_rows,
)

JUNE = "aws_cur/cur_savings_plans_2024-06.csv.gz"
AUGUST = "aws_cur/cur_savings_plans_2024-08.csv.gz"
ACTUAL = "azure_cost/EA_ActualCost_Small.csv"
COST = "lineItem/UnblendedCost"
RESTATED = "aws_cur/cur_savings_plans_2024-06_second.csv.gz"
OLDER = "aws_cur/cur_legacy_first_try.csv"
LEGACY = "aws_cur/cur_legacy_anon_focus_converters.csv"


def deliver_newer(landing: Path, newest: float) -> None:
    """Three newer deliveries, each in another way, and an older one that comes late."""
    june = read_rows(landing / JUNE)[:-1]
    for row in june:
        row[COST] = str(2 * Decimal(row[COST]))
    write_rows(landing / RESTATED, june, newest + DAY)
    actual = read_rows(landing / ACTUAL)
    for row in actual:
        row["Cost"] = str(Decimal(row["Cost"]) + 1)
    write_rows(landing / ACTUAL, actual, newest + DAY)
    august = read_rows(landing / AUGUST)[:600]
    run = landing / "aws_cur" / "20990101T000000Z"
    write_rows(run / "report-00001.csv.gz", august[:250], newest - DAY)
    write_rows(run / "report-00002.csv.gz", august[250:], newest - DAY)
    legacy = read_rows(landing / LEGACY)[:100]
    write_rows(landing / OLDER, legacy, (landing / LEGACY).stat().st_mtime - DAY)


@pytest.fixture(scope="module")
def redelivered(refreshed: Path, tmp_path_factory: pytest.TempPathFactory) -> Refresh:
    return refresh_again(refreshed, tmp_path_factory.mktemp("redelivered"), deliver_newer)


def test_newer_deliveries_are_no_fault(redelivered: Refresh) -> None:
    assert (redelivered.code, redelivered.report["quarantine"]) == (0, [])


@pytest.mark.parametrize(
    ("month", "paths", "cost"),
    [
        pytest.param(("AWS", "2024-06"), [RESTATED], COST, id="same folder, other name"),
        pytest.param(("Microsoft", "2023-09"), [ACTUAL], "Cost", id="same path overwritten"),
        pytest.param(
            ("AWS", "2024-08"),
            [f"aws_cur/20990101T000000Z/report-0000{n}.csv.gz" for n in (1, 2)],
            COST,
            id="other folder, in two parts, newer by the run date of its path",
        ),
    ],
)
def test_a_newer_delivery_of_a_month_replaces_the_older(
    redelivered: Refresh, month: tuple[str, str], paths: list[str], cost: str
) -> None:
    key = (month[0], "USD", month[1])
    raw = [row for path in paths for row in read_rows(redelivered.landing / path)]
    charges, billed = redelivered.after[key]["charged"][:2]
    amortized = len(read_rows(EXAMPLES / "azure_cost/EA_AmortizedCost_Small.csv"))
    # nothing used these plans: beside each fee stands the unused commitment as a charge
    unused = sum(row.get("lineItem/LineItemType") == "SavingsPlanRecurringFee" for row in raw)
    assert charges == len(raw) + unused + (amortized if month[0] == "Microsoft" else 0)
    assert billed == total(row[cost] for row in raw) != redelivered.before[key]["charged"][1]


def test_superseded_files_are_counted_with_all_their_rows_and_money(redelivered: Refresh) -> None:
    files = landed_files(redelivered.home)
    superseded = {path for path, status in files if status == "superseded"}
    assert superseded == {JUNE, AUGUST, ACTUAL, OLDER}
    for path in superseded:
        row = files[path, "superseded"]
        assert row["rows_superseded"] == row["rows_total"] > 0, path
        assert row["amount_superseded"] == row["amount_total"], path
    assert files[JUNE, "superseded"]["rows_total"] == 34
    assert files[OLDER, "superseded"]["rows_total"] == 100


def test_an_older_delivery_that_comes_late_changes_no_figure(redelivered: Refresh) -> None:
    changed = {k for k, v in redelivered.after.items() if v != redelivered.before.get(k)}
    restated = {("AWS", "2024-06"), ("AWS", "2024-08"), ("Microsoft", "2023-09")}
    assert {(provider, period) for provider, _, period in changed} == restated
    assert redelivered.after.keys() == redelivered.before.keys()

"""FOCUS exports of every version land in one folder: money exact, no provider replaces another."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from focus_data_toolkit.generators import get_generator
from focus_files import Rows, generated_1_3
from helpers import (
    EXAMPLES,
    landed_files,
    newest_time,
    read_rows,
    release,
    total,
    trueup,
    write_rows,
)

SAMPLE = EXAMPLES / "focus" / "sample" / "focus_sample.csv"
LACKING = ("BillingAccountId", "BillingCurrency", "InvoiceIssuerName", "ServiceName")


def _without(rows: Rows, *columns: str) -> Rows:
    return [{c: v for c, v in row.items() if c not in columns} for row in rows]


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Landing folder and home: 1.0, two providers in 1.2, 1.3 with commitments, and bad files."""
    folder = tmp_path_factory.mktemp("versions")
    below = folder / "landing" / "focus"
    (below / "real").mkdir(parents=True)
    shutil.copy2(SAMPLE, below / "real" / SAMPLE.name)
    for provider in ("aws", "azure"):
        path = below / "all" / f"{provider}_1_2.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(get_generator(provider, "1.2").generate_csv_bytes(200, 7))
    charges, commitments = generated_1_3("gcp")
    write_rows(below / "all" / "gcp_1_3.csv", charges)
    write_rows(below / "all" / "commitments.csv", commitments)
    write_rows(below / "bad" / "lacking.csv", _without(charges[:3], *LACKING))
    shorthand = [row | {"BillingPeriodStart": "5/1/25"} for row in charges[:2]]
    write_rows(below / "bad" / "shorthand.csv", [*shorthand, *charges[2:40]])
    outcome = trueup("refresh", folder / "home", folder / "landing")
    assert outcome.returncode == 2, outcome.stdout + outcome.stderr
    return folder / "landing", folder / "home"


@pytest.fixture(scope="module")
def published(landed: tuple[Path, Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    with release(landed[1]) as connection:
        yield connection


@pytest.mark.parametrize("path", ["real/focus_sample.csv", "all/aws_1_2.csv", "all/azure_1_2.csv",
                                  "all/gcp_1_3.csv"])  # fmt: skip
def test_billed_cost_of_each_file_equals_its_text(
    landed: tuple[Path, Path], published: duckdb.DuckDBPyConnection, path: str
) -> None:
    raw = read_rows(landed[0] / "focus" / path)
    found = published.execute(
        """
        select count(*), sum(billed_cost) from marts.fct_charges
        where file_id = (select file_id from marts.fct_landed_files where path = ?)
        """,
        [f"focus/{path}"],
    ).fetchone()
    assert found == (len(raw), total(row["BilledCost"] for row in raw))


def test_providers_in_one_folder_are_feeds_of_their_own(
    published: duckdb.DuckDBPyConnection,
) -> None:
    feeds = published.execute(
        "select distinct feed from marts.fct_charges where feed like 'all/%' order by feed"
    ).fetchall()
    assert feeds == [("all/AWS",), ("all/Google Cloud",), ("all/Microsoft Azure",)]


def test_commitments_of_1_3_are_published_without_what_1_3_does_not_say(
    landed: tuple[Path, Path], published: duckdb.DuckDBPyConnection
) -> None:
    raw = read_rows(landed[0] / "focus" / "all" / "commitments.csv")
    found = published.execute("""
        select ContractCommitmentId, ContractCommitmentCost, ContractCommitmentLifecycleStatus
        from marts.focus_contract_commitment order by all
    """).fetchall()
    assert found == sorted(
        (row["ContractCommitmentId"], Decimal(row["ContractCommitmentCost"]), None) for row in raw
    )


def test_a_file_without_required_columns_is_refused_and_they_are_named(
    landed: tuple[Path, Path],
) -> None:
    row = landed_files(landed[1])["focus/bad/lacking.csv", "quarantined"]
    assert f"required columns {', '.join(LACKING)} missing." in row["reason"]


def test_a_year_of_two_digits_is_no_time(
    landed: tuple[Path, Path], published: duckdb.DuckDBPyConnection
) -> None:
    refused = published.execute("""
        select file_row, column_name, value from marts.fct_quarantined_rows order by file_row
    """).fetchall()
    assert refused == [(n, "BillingPeriodStart", "5/1/25") for n in (1, 2)]
    periods = published.execute("select min(billing_period) from marts.fct_charges").fetchone()
    assert periods is not None and periods[0].year == 2024


def test_corrections_replace_an_open_period_and_add_to_a_later_one(
    landed: tuple[Path, Path], tmp_path: Path
) -> None:
    """Open: May is delivered again, one cost changed. Closed: a row of June corrects May."""
    landing = Path(shutil.copytree(landed[0], tmp_path / "landing"))
    home = Path(shutil.copytree(landed[1], tmp_path / "home", symlinks=True))
    moment = newest_time(landing) + 3600
    rows = read_rows(landing / "focus" / "all" / "gcp_1_3.csv")
    dearer = [rows[0] | {"BilledCost": str(Decimal(rows[0]["BilledCost"]) + 100)}, *rows[1:]]
    june = {
        "BillingPeriodStart": "2026-06-01T00:00:00Z",
        "BillingPeriodEnd": "2026-07-01T00:00:00Z",
    }
    correction = rows[1] | june | {"ChargeClass": "Correction", "BilledCost": "-7"}
    write_rows(landing / "focus" / "all" / "gcp_1_3_again.csv", dearer, moment)
    write_rows(landing / "focus" / "all" / "gcp_1_3_june.csv", [correction], moment)
    assert trueup("refresh", home, landing).returncode == 2
    with release(home) as marts:
        found = marts.execute("""
            select strftime(billing_period, '%Y-%m'), count(*), sum(billed_cost), min(charge_class)
            from marts.fct_charges
            where provider = 'Google Cloud' and feed like 'all/%' group by 1 order by 1
        """).fetchall()
    may = total(row["BilledCost"] for row in rows) + 100
    assert found == [("2026-05", len(rows), may, None), ("2026-06", 1, -7, "Correction")]

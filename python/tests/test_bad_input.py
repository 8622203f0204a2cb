"""Bad input: each fault is told in a sentence and counted, and every other figure stays."""

from __future__ import annotations

import gzip
import json
import shutil
import zlib
from decimal import Decimal
from pathlib import Path

import pytest
from helpers import (
    DAY,
    EXAMPLES,
    Refresh,
    copy_landing,
    landed_files,
    newest_time,
    read_rows,
    read_text,
    refresh_again,
    release,
    total,
    trueup,
    write_bytes,
    write_rows,
)

JUNE = "aws_cur/cur_savings_plans_2024-06.csv.gz"
AUGUST = "aws_cur/cur_savings_plans_2024-08.csv.gz"
ACTUAL = "azure_cost/EA_ActualCost_Small.csv"
AGAIN = "azure_cost/EA_ActualCost_again.csv"
FOCUS = "focus/sample/focus_sample.csv"
COST = "lineItem/UnblendedCost"
REPEAT = "Deliver it again; nothing of it was used."
EXPORT = "Export it with all required columns; the last good delivery stays in use."
CORRECT = "The row is in quarantine; correct it and deliver the file again."
GCP_REQUIRED = (
    "billing_account_id, sku.id, usage_start_time, usage_end_time, export_time, cost, currency,"
    " credits, invoice.month"
)
# path -> what is said of it
REFUSED = {
    "aws_cur/half.csv.gz": f"the gzip data is cut off before its end. {REPEAT}",
    "aws_cur/cut_after_a_row.csv.gz": f"the gzip data is cut off before its end. {REPEAT}",
    AUGUST: f"the gzip data is cut off before its end. {REPEAT}",
    "aws_cur/report.xlsx": "its format .xlsx is not read. Deliver it as CSV, JSON"
    " Lines or JSON (each also .gz), or as Parquet.",
    "azure_cost/empty.csv": "the file is empty. Deliver it again.",
    "azure_cost/without_cost.csv": f"required column Cost missing. {EXPORT}",
    "focus/sample/cut.csv": "row 20 has 9 of the header's {focus_columns} columns: the file is cut"
    f" off or a delimiter is not quoted. {REPEAT}",
    "gcp_billing/login.csv": f"required columns {GCP_REQUIRED} missing. {EXPORT}",
    "gcp_billing/latin_1.csv": f"row 3 is not UTF-8 text. {REPEAT}",
    "oci_cost/twice.csv": "the column 'cost/myCost' stands twice in the header. Export it again.",
}
BAD_ROWS = {
    f"{JUNE}: row 2, column {COST}: 'abc' is not a number. {CORRECT}",
    f"{JUNE}: row 5, column lineItem/UsageAmount: 'lots' is not a number. {CORRECT}",
    f"{JUNE}: row 7, column bill/PayerAccountId: is empty but required. {CORRECT}",
}
UNREAD = {
    "mystery/: no source of this name is declared; its files were not read."
    " Declare it in models/staging/mystery/_mystery__sources.yml or rename the folder.",
    "stray.csv: it lies in no source's folder and was not read. Move it into one.",
}


def plant_faults(landing: Path, newest: float) -> None:
    """Every fault at once; none of them touches what another one is about."""
    august, focus = (landing / AUGUST).read_bytes(), (landing / FOCUS).read_bytes()
    for path in ("aws_cur/half.csv.gz", AUGUST):
        write_bytes(landing / path, august[: len(august) // 2], newest + DAY)
    write_bytes(landing / "aws_cur/cut_after_a_row.csv.gz", cut_after_a_row(landing / JUNE))
    write_bytes(landing / "aws_cur/report.xlsx", b"PK\x03\x04")
    write_bytes(landing / "azure_cost/empty.csv", b"")
    actual = read_rows(landing / ACTUAL)
    write_rows(
        landing / "azure_cost/without_cost.csv",
        [{name: row[name] for name in row if name != "Cost"} for row in actual],
    )
    shutil.copy2(landing / ACTUAL, landing / AGAIN)
    start = b"\n".join(focus.split(b"\n")[:20])
    write_bytes(landing / "focus/sample/cut.csv", start + b"\n" + b",".join([b"x"] * 9))
    write_bytes(landing / "gcp_billing/login.csv", b"<!DOCTYPE html>\n<html>Sign in</html>\n")
    gcp = (EXAMPLES / "gcp_billing/koku_gcp_standard_2020-11_credits.csv").read_bytes()
    lines = gcp.split(b"\n")
    lines[3] = lines[3].replace(b"Security", "Sécurité".encode("latin-1"), 1)
    write_bytes(landing / "gcp_billing/latin_1.csv", b"\n".join(lines))
    oci = (EXAMPLES / "oci_cost/oci_cost_report_focus_converters.csv").read_bytes()
    write_bytes(
        landing / "oci_cost/twice.csv", oci.replace(b"cost/myCostOverage", b"cost/myCost", 1)
    )
    write_bytes(landing / "mystery/bill.csv", b"a,b\n1,2\n")
    write_bytes(landing / "stray.csv", b"a,b\n1,2\n")
    june = read_rows(landing / JUNE)
    june[1][COST], june[4]["lineItem/UsageAmount"] = "abc", "lots"
    june[6]["bill/PayerAccountId"] = ""
    write_rows(landing / JUNE, june, newest + DAY)


def cut_after_a_row(path: Path) -> bytes:
    """A gzip file that ends where its text ends a row: who does not look for the end reads ten."""
    lines = read_text(path).encode().splitlines(keepends=True)
    packer = zlib.compressobj(wbits=31)
    data = packer.compress(b"".join(lines[:11])) + packer.flush(zlib.Z_FULL_FLUSH)
    assert zlib.decompressobj(wbits=31).decompress(data) == b"".join(lines[:11])
    whole = data + packer.compress(b"".join(lines[11:])) + packer.flush()
    assert gzip.decompress(whole) == b"".join(lines)
    return data


@pytest.fixture(scope="module")
def faulty(refreshed: Path, tmp_path_factory: pytest.TempPathFactory) -> Refresh:
    return refresh_again(refreshed, tmp_path_factory.mktemp("faulty"), plant_faults)


def test_faulty_input_is_published_with_code_2(faulty: Refresh) -> None:
    assert (faulty.code, faulty.report["code"], faulty.report["failures"]) == (2, 2, [])


@pytest.mark.parametrize("path", REFUSED)
def test_a_refused_file_is_told_with_its_fault_and_a_remedy(faulty: Refresh, path: str) -> None:
    focus_columns = len(read_rows(EXAMPLES / FOCUS)[0])
    said = [s for s in faulty.report["quarantine"] if s.startswith(f"{path}: ")]
    assert said == [f"{path}: {REFUSED[path].format(focus_columns=focus_columns)}"]


def test_nothing_else_is_told(faulty: Refresh) -> None:
    said = [s for s in faulty.report["quarantine"] if s.split(":")[0] not in REFUSED]
    assert set(said) == BAD_ROWS | UNREAD
    assert len(said) == len(BAD_ROWS | UNREAD)


def test_a_refused_file_is_counted_without_rows_and_money(faulty: Refresh) -> None:
    files = landed_files(faulty.home)
    assert {path for path, status in files if status == "quarantined"} == set(REFUSED)
    for path in REFUSED:
        row = files[path, "quarantined"]
        assert (row["rows_total"], row["rows_accepted"], row["amount_total"]) == (None, 0, None)
        assert f"{path}: {row['reason']}" in faulty.report["quarantine"]


def test_bad_rows_are_counted_and_their_money_is_known_or_said_to_be_unknown(
    faulty: Refresh,
) -> None:
    raw = read_rows(EXAMPLES / JUNE)
    row = landed_files(faulty.home)[JUNE, "accepted"]
    assert (row["rows_total"], row["rows_accepted"], row["rows_quarantined"]) == (34, 31, 3)
    assert row["rows_quarantined_amount_unknown"] == 1
    assert row["amount_quarantined"] == total(raw[n][COST] for n in (4, 6)) > 0
    with release(faulty.home) as connection:
        found = connection.execute("""
            select file_row, column_name, value, amount, currency, cast(billing_period as varchar)
            from marts.fct_quarantined_rows order by file_row
        """).fetchall()
    assert found == [
        (2, COST, "abc", None, "USD", "2024-06-01"),
        (5, "lineItem/UsageAmount", "lots", Decimal(raw[4][COST]), "USD", "2024-06-01"),
        (7, "bill/PayerAccountId", None, Decimal(raw[6][COST]), "USD", "2024-06-01"),
    ]


def test_a_month_with_bad_rows_bills_the_other_rows_once(faulty: Refresh) -> None:
    """The row without a payer makes no second feed of the file: the old delivery is superseded."""
    raw = read_rows(EXAMPLES / JUNE)
    good = [row[COST] for n, row in enumerate(raw) if n not in (1, 4, 6)]
    assert faulty.after["AWS", "USD", "2024-06"]["charged"][:2] == (31, total(good))
    assert faulty.before["AWS", "USD", "2024-06"]["charged"][0] == 34
    assert landed_files(faulty.home)[JUNE, "superseded"]["rows_superseded"] == 34


def test_all_other_figures_are_unchanged(faulty: Refresh) -> None:
    changed = {k for k, v in faulty.after.items() if v != faulty.before.get(k)}
    assert changed == {("AWS", "USD", "2024-06")}
    assert faulty.before.keys() == faulty.after.keys()


def test_the_same_file_under_a_second_name_counts_as_duplicate(faulty: Refresh) -> None:
    files = landed_files(faulty.home)
    raw = read_rows(EXAMPLES / ACTUAL)
    assert files[ACTUAL, "accepted"]["rows_accepted"] == len(raw) == 11
    copy = files[AGAIN, "duplicate"]
    assert (copy["rows_total"], copy["rows_duplicate"], copy["rows_accepted"]) == (11, 11, 0)
    assert copy["amount_duplicate"] == total(row["Cost"] for row in raw)


def test_a_truncated_new_version_keeps_the_last_good_delivery(faulty: Refresh) -> None:
    files = landed_files(faulty.home)
    assert files[AUGUST, "accepted"]["rows_accepted"] == 682
    assert (AUGUST, "quarantined") in files


def test_quarantine_is_told_again_when_nothing_changed(faulty: Refresh) -> None:
    outcome = trueup("refresh", faulty.home, faulty.landing)
    assert outcome.returncode == 2
    assert "nothing changed" in outcome.stdout
    for sentence in faulty.report["quarantine"]:
        assert f"quarantine: {sentence}" in outcome.stderr


def test_corrected_and_removed_files_leave_the_quarantine(faulty: Refresh, tmp_path: Path) -> None:
    landing = copy_landing(tmp_path)
    home = Path(shutil.copytree(faulty.home, tmp_path / "home", symlinks=True))
    later = newest_time(faulty.landing) + DAY
    for path in (JUNE, AUGUST):
        write_bytes(landing / path, (EXAMPLES / path).read_bytes(), later)
    outcome = trueup("land", home, landing, "--json")
    assert (outcome.returncode, json.loads(outcome.stdout)["quarantine"]) == (0, [])

"""Deliveries: what lands is used only when it is complete, newest, alone at its time and sound."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from helpers import AS_OF, EXAMPLES, write_bytes, write_rows
from helpers import read_rows as rows_of

from trueup.config import resolve
from trueup.landing.land import land
from trueup.landing.quarantine import open_quarantine
from trueup.landing.registry import open_registry
from trueup.landing.retain import retain

JUNE = rows_of(EXAMPLES / "aws_cur/cur_savings_plans_2024-06.csv.gz")
PAYER = JUNE[0]["bill/PayerAccountId"]
ONE_PAYER = [row for row in JUNE if row["bill/PayerAccountId"] == PAYER]
COST = "lineItem/UnblendedCost"
T0 = 1_720_000_000.0


class Place:
    """A landing folder and its registry; `land()` after each change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "landing"
        self.folder.mkdir()
        self.settings = resolve(self.folder, folder / "home", AS_OF)
        self.sentences: list[str] = []

    def put(self, path: str, rows: list[dict[str, str]], moment: float = T0) -> Path:
        return write_rows(self.folder / path, rows, moment)

    def text(self, path: str, text: str, moment: float = T0) -> Path:
        return write_bytes(self.folder / path, text.encode(), moment)

    def land(self) -> list[tuple[Any, ...]]:
        """Land; returns (delivery status, rows, reason) in order of delivery."""
        with open_registry(self.settings) as registry:
            landed = land(self.settings, registry, lambda text: None)
            self.sentences = open_quarantine(registry, landed.paths)
        return self.ask(
            "select status, row_count, reason from landing.deliveries order by delivered_at, 2"
        )

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.settings.registry), read_only=True) as registry:
            return registry.execute(query).fetchall()

    def used(self) -> Decimal:
        """Money of the rows in use."""
        cost = f'cast("{COST}" as decimal(38, 18))'
        return self.ask(f"select coalesce(sum({cost}), 0) from raw.aws_cur")[0][0]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """An empty landing folder."""
    yield Place(tmp_path)


def money(rows: list[dict[str, str]]) -> Decimal:
    """Their cost."""
    return sum((Decimal(row[COST]) for row in rows), Decimal(0))


def manifest(assembly: str, *keys: str) -> str:
    """A manifest as AWS writes it."""
    return json.dumps({"assemblyId": assembly, "reportKeys": list(keys)})


PARTS = (ONE_PAYER[:10], ONE_PAYER[10:])
MONTH = "aws_cur/daily/20240601-20240701"


def deliver(place: Place, assembly: str, moment: float, *parts: int) -> None:
    """Some of an assembly's two parts, in the provider's layout."""
    for number in parts:
        path = f"{MONTH}/{assembly}/daily-{number}.csv"
        place.put(path, PARTS[number - 1], moment)


def announce(place: Place, assembly: str, moment: float) -> None:
    """Its manifest, which AWS writes last: one above the assembly and a copy within."""
    keys = [f"bucket-prefix/daily/20240601-20240701/{assembly}/daily-{n}.csv" for n in (1, 2)]
    for folder in (MONTH, f"{MONTH}/{assembly}"):
        place.text(f"{folder}/daily-Manifest.json", manifest(assembly, *keys), moment)


def test_a_delivery_with_a_manifest_waits_until_it_is_complete(place: Place) -> None:
    deliver(place, "one", T0, 1, 2)
    announce(place, "one", T0)
    assert place.land() == [("current", len(ONE_PAYER), None)]
    assert place.used() == money(ONE_PAYER)

    deliver(place, "two", T0 + 60, 1)
    announce(place, "two", T0 + 60)
    missing = "bucket-prefix/daily/20240601-20240701/two/daily-2.csv is missing"
    assert place.land()[1] == ("incomplete", 10, missing)
    assert place.used() == money(ONE_PAYER)
    (sentence,) = place.sentences
    assert missing in sentence and "Deliver the rest" in sentence

    deliver(place, "two", T0 + 120, 2)
    assert place.land() == [
        ("superseded", len(ONE_PAYER), None),
        ("current", len(ONE_PAYER), None),
    ]
    assert place.sentences == []


def test_parts_that_no_manifest_lists_yet_wait_for_it(place: Place) -> None:
    deliver(place, "one", T0, 1, 2)
    announce(place, "one", T0)
    deliver(place, "two", T0 + 60, 1, 2)
    waiting = [row for row in place.land() if row[0] == "incomplete"]
    assert [row[1] for row in waiting] == [len(ONE_PAYER)]
    assert waiting[0][2].startswith(f"no manifest lists {MONTH}/two/daily-1.csv")
    announce(place, "two", T0 + 60)
    assert [row[0] for row in place.land()] == ["superseded", "current"]


def test_a_refused_part_holds_the_whole_delivery(place: Place) -> None:
    deliver(place, "one", T0, 1, 2)
    announce(place, "one", T0)
    deliver(place, "two", T0 + 60, 1)
    place.text(f"{MONTH}/two/daily-2.csv", "not,a,report\n1,2,3\n", T0 + 60)
    announce(place, "two", T0 + 60)
    assert place.land()[1] == ("incomplete", 10, f"{MONTH}/two/daily-2.csv cannot be used")
    assert place.used() == money(ONE_PAYER)


def test_an_azure_manifest_states_rows_and_time(place: Place) -> None:
    rows = rows_of(EXAMPLES / "azure_cost/EA_ActualCost_Small.csv")
    path = place.put("azure_cost/actual/run-1/part_0_0001.csv", rows, T0)
    blob = {"blobName": "exports/actual/run-1/part_0_0001.csv", "byteCount": path.stat().st_size}
    run = {"runId": "run-1", "submittedTime": "2024-07-03T08:00:00.1234567Z"}
    stated = {"runInfo": run, "blobs": [blob | {"dataRowCount": len(rows) + 1}]}
    place.text("azure_cost/actual/run-1/manifest.json", json.dumps(stated), T0)
    path = "azure_cost/actual/run-1/part_0_0001.csv"
    found = f"{path} has {len(rows)} rows, the manifest says {len(rows) + 1}"
    assert place.land() == [("incomplete", len(rows), found)]

    stated["blobs"] = [blob | {"dataRowCount": len(rows)}]
    place.text("azure_cost/actual/run-1/manifest.json", json.dumps(stated), T0 + 60)
    assert place.land() == [("current", len(rows), None)]
    assert place.ask("select distinct strftime(delivered_at, '%H:%M') from landing.deliveries") == [
        ("08:00",)
    ]


def test_a_manifest_that_cannot_be_read_is_told(place: Place) -> None:
    deliver(place, "one", T0, 1, 2)
    place.text(f"{MONTH}/daily-Manifest.json", '{"assemblyId": "one", "reportKeys": [')
    place.land()
    assert any("the manifest cannot be read as JSON" in sentence for sentence in place.sentences)
    assert place.used() == 0


def test_a_newer_delivery_supersedes_and_an_older_one_arriving_late_does_not(place: Place) -> None:
    dearer = [row | {COST: str(Decimal(row[COST]) * 2)} for row in ONE_PAYER]
    place.put("aws_cur/20240705T000000Z/june.csv", dearer)
    place.put("aws_cur/20240703T000000Z/june.csv", ONE_PAYER, T0 + 1e6)  # older, whatever its file
    assert [row[0] for row in place.land()] == ["superseded", "current"]
    assert place.used() == 2 * money(ONE_PAYER)


def test_two_payers_never_supersede_each_other(place: Place) -> None:
    others = [row for row in JUNE if row["bill/PayerAccountId"] != PAYER] or [
        row | {"bill/PayerAccountId": "000000000007"} for row in ONE_PAYER[:3]
    ]
    place.put("aws_cur/a.csv", ONE_PAYER, T0)
    place.put("aws_cur/b.csv", others, T0 + 60)
    assert [row[0] for row in place.land()] == ["current", "current"]
    assert place.used() == money(ONE_PAYER) + money(others)


def test_two_contents_of_one_time_are_both_held(place: Place) -> None:
    place.put("aws_cur/june.csv", ONE_PAYER, T0)
    place.put("aws_cur/again/june.csv", ONE_PAYER[:20], T0 + 60)
    place.put("aws_cur/and_again/june.csv", ONE_PAYER[:21], T0 + 60)
    assert [row[:2] for row in place.land()] == [
        ("current", len(ONE_PAYER)),
        ("tied", 20),
        ("tied", 21),
    ]
    assert place.used() == money(ONE_PAYER)
    assert len(place.sentences) == 2
    assert "another delivery of the same time has other content" in place.sentences[0]


def test_copies_of_one_time_are_no_tie(place: Place) -> None:
    place.put("aws_cur/june.csv", ONE_PAYER, T0)
    place.put("aws_cur/copy/june.csv", ONE_PAYER, T0)
    assert {row[0] for row in place.land()} == {"current"}
    assert place.used() == money(ONE_PAYER)


@pytest.mark.parametrize(("bad", "status"), [(3, "current"), (4, "refused")])
def test_a_delivery_that_loses_too_much_is_refused(place: Place, bad: int, status: str) -> None:
    """A tenth of its 34 rows may be unsound: 3, not 4."""
    place.put("aws_cur/june.csv", JUNE, T0)
    spoilt = [
        row | {"lineItem/UsageEndDate": "soon"} if n < bad else row for n, row in enumerate(JUNE)
    ]
    place.put("aws_cur/june.csv.d/june.csv", spoilt, T0 + 60)
    assert len(JUNE) == 34
    outcomes = place.land()
    assert outcomes[-1][0] == status
    kept = money(JUNE) if status == "refused" else money(JUNE[bad:])
    assert place.used() == kept


def test_the_first_delivery_is_used_however_unsound(place: Place) -> None:
    spoilt = [
        row | {"lineItem/UsageEndDate": "soon"} if n < 20 else row for n, row in enumerate(JUNE)
    ]
    place.put("aws_cur/june.csv", spoilt)
    assert [row[0] for row in place.land()] == ["current"]
    assert place.used() == money(JUNE[20:])


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_a_checksum_beside_a_file_must_be_its_own(place: Place, algorithm: str) -> None:
    path = place.put("aws_cur/june.csv", ONE_PAYER)
    digest = hashlib.new(algorithm, path.read_bytes()).hexdigest()
    place.text(f"aws_cur/june.csv.{algorithm}", f"{digest}  june.csv\n")
    place.put("aws_cur/july.csv", ONE_PAYER[:5], T0 + 60)
    place.text(f"aws_cur/july.csv.{algorithm}", "0" * len(digest))
    place.land()
    assert place.used() == money(ONE_PAYER)
    (sentence,) = place.sentences
    assert sentence.startswith("aws_cur/july.csv: its ") and "0000" in sentence


def test_columns_that_come_and_go_are_logged_in_order_of_delivery(place: Place) -> None:
    """The newest file lands first; the log is the same."""
    added = [row | {"product/new": "x"} for row in ONE_PAYER]
    cost = "lineItem/UnblendedCosts"
    without = [{k: v for k, v in row.items() if k != "product/location"} for row in ONE_PAYER]
    broken = [{(cost if k == COST else k): v for k, v in row.items()} for row in ONE_PAYER]
    place.put("aws_cur/3/june.csv", without, T0 + 120)
    place.land()
    place.put("aws_cur/2/june.csv", added, T0 + 60)
    place.put("aws_cur/1/june.csv", ONE_PAYER, T0)
    place.put("aws_cur/4/june.csv", broken, T0 + 180)
    place.land()
    changes = place.ask("""
        select path, column_name, change, renamed_to, is_breaking, action
        from landing.schema_changes order by path, column_name
    """)
    location = "product/location"
    assert location in ONE_PAYER[0]
    assert changes == [
        ("aws_cur/2/june.csv", "product/new", "added", None, False, "accepted"),
        ("aws_cur/3/june.csv", location, "removed", None, False, "accepted"),
        ("aws_cur/3/june.csv", "product/new", "removed", None, False, "accepted"),
        ("aws_cur/4/june.csv", COST, "renamed", cost, True, "quarantined"),
        ("aws_cur/4/june.csv", cost, "added", None, False, "quarantined"),
        ("aws_cur/4/june.csv", location, "added", None, False, "quarantined"),
    ]
    (sentence,) = place.sentences
    assert f"required column {COST} missing. The file has {cost} instead." in sentence


def test_a_refused_file_is_compared_with_its_own_payer_s(place: Place) -> None:
    """Where the path says which payer's it is: another one may write other columns."""
    rows = rows_of(EXAMPLES / "focus/sample/focus_sample.csv")[:5]
    other = [{k: v for k, v in row.items() if k != "ChargeDescription"} for row in rows]
    broken = [{("Billed" if k == "BilledCost" else k): v for k, v in row.items()} for row in rows]
    place.put("focus/payer_a/june.csv", rows, T0)
    place.put("focus/payer_b/june.csv", other, T0 + 60)
    place.put("focus/payer_a/again.csv", broken, T0 + 120)
    place.land()
    assert place.ask(
        "select path, column_name, change from landing.schema_changes order by column_name"
    ) == [
        ("focus/payer_a/again.csv", "Billed", "added"),
        ("focus/payer_a/again.csv", "BilledCost", "renamed"),
    ]


def test_a_retyped_column_is_a_breaking_change(place: Place) -> None:
    place.put("aws_cur/1/june.csv", ONE_PAYER, T0)
    place.put("aws_cur/2/june.csv", [r | {COST: f"USD {r[COST]}"} for r in ONE_PAYER], T0 + 60)
    assert [row[0] for row in place.land()][-1] in ("refused", "current")
    assert place.ask(
        "select column_name, change, is_breaking, action from landing.schema_changes"
    ) == [(COST, "retyped", True, "quarantined")]
    assert place.used() == money(ONE_PAYER)


def hourly(place: Place, source: str, count: int) -> None:
    """Files of an append feed, one row each."""
    rows = rows_of(EXAMPLES / "oci_cost/oci_cost_report_focus_converters.csv")
    for n in range(count):
        place.put(f"{source}/report_{n:03d}.csv", [rows[n]], T0 + n)


def test_many_small_archives_become_one_and_nothing_else_changes(place: Place) -> None:
    content = 'select file_id, file_row, "cost/myCost" from raw.oci_cost order by all'
    hourly(place, "oci_cost", 63)
    place.land()
    before = place.ask(content)
    archive = place.settings.archive / "oci_cost"
    assert len(list(archive.glob("oci_cost-*.parquet"))) == 63
    hourly(place, "oci_cost", 64)
    place.land()
    assert [p.name[:7] for p in archive.glob("[!_]*.parquet")] == ["joined-"]
    after = place.ask(content)
    assert len(after) == 64 and set(before) < set(after)
    hourly(place, "oci_cost", 70)
    place.land()
    assert len(place.ask(content)) == 70
    assert place.ask("select count(*), sum(row_count) from landing.file_totals") == [(70, 70)]


def test_rows_of_a_joined_archive_that_are_superseded_are_not_shown(place: Place) -> None:
    for n in range(64):
        place.put(
            f"aws_cur/p{n:02d}/june.csv",
            [r | {"bill/PayerAccountId": f"{n:012d}"} for r in ONE_PAYER[:2]],
        )
    place.land()
    assert place.ask("select count(*) from raw.aws_cur") == [(128,)]
    place.put("aws_cur/p00/june.csv", [ONE_PAYER[0] | {"bill/PayerAccountId": f"{0:012d}"}], T0 + 9)
    place.land()
    assert place.ask("select count(*) from raw.aws_cur") == [(127,)]


def test_retention_removes_only_superseded_archives_of_final_periods(place: Place) -> None:
    july = [row | {"bill/BillingPeriodStartDate": "2024-07-01T00:00:00Z"} for row in ONE_PAYER]
    for n, rows in enumerate((ONE_PAYER[:9], ONE_PAYER, july[:9], july)):
        place.put(f"aws_cur/{n}/month.csv", rows, T0 + n)
    place.text(
        "period_closes/closes.csv",
        "billing_period,direction,closed_at,actor,grace_days\n2024-06-01,payable,2024-07-10,kim,5\n",
    )
    place.land()
    used = place.ask("select sum(cast(file_row as bigint)), count(*) from raw.aws_cur")
    with open_registry(place.settings) as registry:
        assert retain(registry, place.settings, 10_000) == (0, 0)
        assert retain(registry, place.settings, 30) == (1, 1)  # July is open
        assert retain(registry, place.settings, 30) == (0, 1)
    assert place.ask("select sum(cast(file_row as bigint)), count(*) from raw.aws_cur") == used
    assert len(list((place.settings.archive / "aws_cur").glob("aws_cur-*.parquet"))) == 3
    assert place.ask("select count(*) from landing.files where expired_at is not null") == [(1,)]
    assert place.ask("select count(*) from landing.file_totals where source = 'aws_cur'") == [(4,)]

"""What cannot be read is told, holds back its delivery and nothing else, and is tried again."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from buckets import STALL, Buckets
from helpers import (
    AS_OF,
    EXAMPLES,
    copy_landing,
    figures,
    fingerprint,
    newest_time,
    release,
    releases,
    trueup,
    write_bytes,
    write_rows,
)
from helpers import read_rows as rows_of

from trueup.config import resolve
from trueup.landing import storage
from trueup.landing.land import Landed, land
from trueup.landing.registry import open_registry

JUNE = rows_of(EXAMPLES / "aws_cur/cur_savings_plans_2024-06.csv.gz")
PAYER = "bill/PayerAccountId"
COST = "lineItem/UnblendedCost"
T0 = 1_720_000_000.0
AGAIN = "It is tried again at the next run."


class Place:
    """A landing location and a home; `land()` after each change."""

    def __init__(self, landing: Path | str, home: Path) -> None:
        self.landing = landing
        self.home = home

    def land(self, progress: Callable[[str], None] = lambda text: None) -> Landed:
        settings = resolve(self.landing, self.home, AS_OF)
        with open_registry(settings) as registry:
            landed = land(settings, registry, progress)
        assert not (settings.archive / "spool").exists()
        return landed

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(
            str(self.home / "archive" / "registry.duckdb"), read_only=True
        ) as found:
            return found.execute(query).fetchall()

    def archived(self) -> dict[str, int]:
        """Rows of each path that landed."""
        return dict(
            self.ask("select path, rows_total from landing.files where status = 'archived'")
        )

    def failures(self) -> list[tuple[Any, ...]]:
        """(source, path, reason, attempts) of every run, in order."""
        return self.ask(
            "select source, path, reason, attempts from landing.read_failures "
            "order by run_id, source, path"
        )


@pytest.fixture
def local(tmp_path: Path) -> Place:
    (tmp_path / "landing").mkdir()
    return Place(tmp_path / "landing", tmp_path / "home")


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "FIRST_WAIT", 0.01)


def june(tmp_path: Path, rows: list[dict[str, str]]) -> bytes:
    return write_rows(tmp_path / "rows.csv", rows).read_bytes()


# A bucket


def test_a_bucket_lands_once_and_then_only_what_changed(buckets: Buckets, tmp_path: Path) -> None:
    buckets.upload(EXAMPLES, "exports", "billing")
    place = Place("s3://exports/billing/", tmp_path / "home")
    first = place.land()
    files = [path for path in EXAMPLES.rglob("*") if path.is_file() and path.suffix != ".md"]
    assert (first.unread, first.messages) == ([], [])
    assert first.new == sum(not path.name.endswith("Manifest.json") for path in files)
    gets = [r for r in buckets.relay.requests if r.startswith("GET /exports/billing/")]
    assert len(gets) == len(files)

    buckets.relay.requests.clear()
    assert place.land().new == 0
    assert len(buckets.relay.requests) == 1 and "list-type=2" in buckets.relay.requests[0]

    buckets.relay.requests.clear()
    buckets.put("exports", "billing/aws_cur/more.csv", june(tmp_path, JUNE[:3]))
    assert place.land().new == 1
    changed = "/exports/billing/aws_cur/more.csv"
    assert buckets.relay.requests[1:] == [f"HEAD {changed}", f"GET {changed}"]


def test_what_lies_in_no_source_of_a_bucket_is_told(buckets: Buckets, tmp_path: Path) -> None:
    data = june(tmp_path, JUNE)
    for key in (
        "mystery/bill.csv",
        "stray.csv",
        "README.md",
        "aws_cur/.part/x.csv",
        "aws_cur/a.csv",
    ):
        buckets.put("exports", f"p/{key}", data)
    place = Place("s3://exports/p", tmp_path / "home")
    landed = place.land()
    assert [sentence.split(":")[0] for sentence in landed.messages] == ["mystery/", "stray.csv"]
    assert place.archived() == {"aws_cur/a.csv": len(JUNE)}


def test_a_name_stands_for_itself_in_a_folder_and_in_a_bucket(
    buckets: Buckets, local: Place, tmp_path: Path
) -> None:
    """As a pattern, each of these names would mean the one after it, too or instead."""
    names = [
        "r [1].csv",
        "r 1.csv",
        "a*.csv",
        "all.csv",
        "wh?.csv",
        "why.csv",
        "e\\1.csv",
        "é%2B+.csv",
    ]
    folder = tmp_path / "landing" / "aws_cur"
    for count, name in enumerate(names, start=2):
        data = june(tmp_path, JUNE[:count])
        write_bytes(folder / name, data)
        write_bytes(folder / f"{name}.sha256", hashlib.sha256(data).hexdigest().encode())
    buckets.upload(folder, "exports", "p [1]/aws_cur")
    bucket = Place("s3://exports/p [1]", tmp_path / "other_home")
    for place in (local, bucket):
        assert place.land().unread == []
        assert place.archived() == {f"aws_cur/{name}": n for n, name in enumerate(names, start=2)}

    wrong = june(tmp_path, JUNE[:1])  # no longer what the checksum beside it says
    write_bytes(folder / names[0], wrong)
    buckets.put("exports", f"p [1]/aws_cur/{names[0]}", wrong)
    for place in (local, bucket):
        place.land()
        (refused,) = place.ask("select path, reason from landing.files where status != 'archived'")
        assert refused[0] == f"aws_cur/{names[0]}" and "its sha256 is" in refused[1]


def test_a_link_stands_for_a_folder_in_a_bucket(
    buckets: Buckets, local: Place, tmp_path: Path
) -> None:
    buckets.put("exports", "payer-a/2024/june.csv", june(tmp_path, JUNE[:4]))
    folder = local.home.parent / "landing"
    write_bytes(folder / "aws_cur/payer_a.url", b"s3://exports/payer-a/\n")
    write_bytes(folder / "aws_cur/own.csv", june(tmp_path, JUNE[:5]))
    assert local.land().unread == []
    assert local.archived() == {"aws_cur/own.csv": 5, "aws_cur/payer_a/2024/june.csv": 4}
    assert local.land().new == 0


def test_figures_from_a_bucket_are_those_from_a_folder_and_outlive_an_outage(
    buckets: Buckets, refreshed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """IF2: the same fingerprint; then the store throttles, and what is published stays."""
    buckets.upload(EXAMPLES, "exports", "billing")
    home = tmp_path / "home"
    outcome = trueup("refresh", home, "s3://exports/billing")
    assert outcome.returncode == 0, outcome.stderr
    assert fingerprint(home) == fingerprint(refreshed)

    published = releases(home)
    buckets.relay.requests.clear()
    buckets.relay.faults.extend([(503, "SlowDown")] * 100)
    outcome = trueup("refresh", home, "s3://exports/billing")
    assert outcome.returncode == 2
    assert (
        "not read: every source: s3://exports/billing could not be read: "
        f"the store is busy (503 SlowDown), tried 5 times. {AGAIN}"
    ) in outcome.stderr
    assert "partial: " in outcome.stdout
    assert len(buckets.relay.requests) == 5
    assert releases(home) == published


# A source of several that cannot be read


def test_a_source_that_is_throttled_is_partial_and_the_others_are_refreshed(
    buckets: Buckets, home: Path, tmp_path: Path
) -> None:
    """IF2: bounded attempts, told and recorded; the rest is refreshed; the next run catches up."""
    before = figures(home)
    landing = copy_landing(tmp_path)
    shutil.rmtree(landing / "azure_cost")
    write_bytes(landing / "azure_cost.url", b"s3://exports/azure")
    actual = EXAMPLES / "azure_cost/EA_ActualCost_Small.csv"
    buckets.put("exports", "azure/later/EA_ActualCost_Small.csv", actual.read_bytes())
    july = JUNE[0] | {"bill/BillingPeriodStartDate": "2024-07-01T00:00:00Z", COST: "12.5"}
    write_rows(landing / "aws_cur/july.csv", [july], newest_time(landing) + 60)

    buckets.relay.faults.extend([(503, "SlowDown")] * 100)
    outcome = trueup("refresh", home, landing, "--json")
    report = json.loads(outcome.stdout)
    assert (outcome.returncode, report["code"]) == (2, 2)
    assert report["unread"] == [
        "azure_cost: s3://exports/azure could not be read: "
        f"the store is busy (503 SlowDown), tried 5 times. {AGAIN}"
    ]
    assert len(buckets.relay.requests) == 5
    after = figures(home)
    new = {key: after.pop(key) for key in list(after) if key[2] == "2024-07"}
    assert after == before, "what could not be read is published as it was"
    assert sum(found["charged"][1] for found in new.values()) == Decimal("12.5")
    with release(home) as marts:
        run = marts.execute(
            "select status, detail from marts.fct_refresh_runs where step = 'land' "
            "order by started_at desc limit 1"
        ).fetchone()
    assert run == ("partial", "rows in 1 new of 11 files, 1 not read")
    place = Place(landing, home)
    assert place.failures() == [
        ("azure_cost", "s3://exports/azure", "the store is busy (503 SlowDown)", 5)
    ]

    buckets.relay.faults.clear()
    assert place.land().unread == []
    assert "azure_cost/later/EA_ActualCost_Small.csv" in place.archived()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, "access is denied (403 AccessDenied)"),
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, "the secret key is wrong (403 SignatureDoesNotMatch)"),
    ],
)
def test_a_bucket_that_these_credentials_do_not_open_fails_alone(
    buckets: Buckets,
    local: Place,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, str],
    reason: str,
) -> None:
    """RF8: and a bucket that is open is read beside it."""
    buckets.client("s3").create_bucket(Bucket="secret")
    for bucket in ("exports", "secret"):
        buckets.put(bucket, "june.csv", june(tmp_path, JUNE))
    folder = local.home.parent / "landing"
    write_bytes(folder / "focus.url", b"s3://secret")
    write_bytes(folder / "aws_cur/own.csv", june(tmp_path, JUNE))
    if not change:
        write_bytes(folder / "gcp_billing.url", b"s3://exports")
    for name, value in (buckets.user("exports") | change).items():
        monkeypatch.setenv(name, value)
    landed = local.land()
    assert local.failures() == [("focus", "s3://secret", reason, 1)]
    assert landed.unread[0].startswith(f"focus: s3://secret could not be read: {reason}. ")
    assert local.archived() == {"aws_cur/own.csv": len(JUNE)}
    assert landed.new == (2 if not change else 1), "the bucket that is open was read"


def test_credentials_that_expire_on_the_way_hold_back_what_is_left(
    buckets: Buckets, tmp_path: Path
) -> None:
    """RF8: part 2 of a delivery is refused; part 1 alone would pass for the whole delivery."""
    for number, rows in enumerate((JUNE[:5], JUNE[5:]), start=1):
        buckets.put("exports", f"aws_cur/june-{number}.csv", june(tmp_path, rows))
    buckets.put(
        "exports",
        "oci_cost/report.csv",
        (EXAMPLES / "oci_cost/oci_cost_report_focus_converters.csv").read_bytes(),
    )
    place = Place("s3://exports", tmp_path / "home")
    # listing, part 1 (HEAD, GET), part 2 (HEAD, and GET for the reason)
    buckets.relay.faults.extend([None, None, None, (400, "ExpiredToken"), (400, "ExpiredToken")])
    landed = place.land()
    url = "s3://exports/aws_cur/june-2.csv"
    assert landed.unread == [
        f"aws_cur: {url} could not be read: "
        "the credentials have expired (400 ExpiredToken). Renew them."
    ]
    assert place.failures() == [
        ("aws_cur", url, "the credentials have expired (400 ExpiredToken)", 1)
    ]
    assert list(place.archived()) == ["oci_cost/report.csv"]
    assert place.land().unread == []
    assert sum(place.archived()[f"aws_cur/june-{n}.csv"] for n in (1, 2)) == len(JUNE)


def test_a_store_that_stops_answering_is_not_asked_for_every_object(
    buckets: Buckets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short_waits: None
) -> None:
    """IF2: one object is tried the bounded number of times, then its source waits."""
    monkeypatch.setenv("TRUEUP_READ_TIMEOUT", "1")
    monkeypatch.setattr(storage, "ATTEMPTS", 2)
    for day in range(1, 9):
        buckets.put("exports", f"aws_cur/report-2024-06-0{day}.csv", june(tmp_path, JUNE[:day]))
    place = Place("s3://exports", tmp_path / "home")
    buckets.relay.faults.extend([None] + [STALL] * 50)
    landed = place.land()
    assert len(buckets.relay.requests) == 3
    assert landed.unread == [
        "aws_cur: s3://exports/aws_cur/report-2024-06-01.csv could not be read: the store cannot "
        f"be reached (no answer within 1 seconds), tried 2 times. {AGAIN}"
    ]
    buckets.relay.faults.clear()
    assert place.land().new == 8


def test_files_wait_for_a_manifest_that_cannot_be_read(buckets: Buckets, tmp_path: Path) -> None:
    """Without it, one part of two would pass for the whole month."""
    month = "aws_cur/koku/20240601-20240701"
    keys = [f"billing/{month}/one/koku-{n}.csv" for n in (1, 2)]
    manifest = json.dumps({"assemblyId": "one", "reportKeys": keys}).encode()
    buckets.put("exports", f"billing/{month}/koku-Manifest.json", manifest)
    buckets.put("exports", keys[0], june(tmp_path, JUNE[:5]))
    place = Place("s3://exports/billing", tmp_path / "home")
    buckets.relay.faults.extend([None, (403, "AccessDenied"), (403, "AccessDenied")])
    landed = place.land()
    assert [
        "koku-Manifest.json could not be read: access is denied" in s for s in landed.unread
    ] == [True]
    assert place.archived() == {}

    assert place.land().unread == []
    standing = "select distinct status from landing.deliveries"
    assert place.ask(standing) == [("incomplete",)]
    buckets.put("exports", keys[1], june(tmp_path, JUNE[5:]))
    place.land()
    assert place.ask(standing) == [("current",)]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (b"az://container/azure", "is no location in Amazon S3 or Google Cloud Storage"),
        (b"", "is no location in"),
        (b"\xff\xfe", "it is not UTF-8 text. Write one URL into it."),
        (b"s3://exports/nothing", "nothing lies there. Correct the URL, or deliver to it."),
        (b"s3://nowhere", "there is no such bucket"),
    ],
)
def test_a_link_that_leads_nowhere_is_told(
    buckets: Buckets, local: Place, tmp_path: Path, url: bytes, said: str
) -> None:
    folder = local.home.parent / "landing"
    write_bytes(folder / "azure_cost.url", url)
    write_bytes(folder / "aws_cur/own.csv", june(tmp_path, JUNE))
    landed = local.land()
    (sentence,) = landed.unread
    assert sentence.startswith("azure_cost: ") and said in sentence
    assert landed.new == 1


def test_a_landing_location_that_is_not_read_is_wrong_usage(tmp_path: Path) -> None:
    outcome = trueup("land", tmp_path / "home", "az://container/exports")
    assert outcome.returncode == 3
    assert "az://container/exports" in outcome.stderr and "s3://bucket/prefix" in outcome.stderr


def test_a_first_run_that_cannot_read_says_why(buckets: Buckets, tmp_path: Path) -> None:
    outcome = trueup("refresh", tmp_path / "home", "s3://nowhere")
    assert outcome.returncode == 3
    assert "there is no such bucket (404 NoSuchBucket). Correct the URL." in outcome.stderr


# Local files


@contextmanager
def as_nobody() -> Iterator[None]:
    """Permissions do not bind root: give up its rights for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("closed", ["aws_cur/june-2.csv", "aws_cur"])
def test_a_file_or_folder_without_permission_is_told_and_the_others_land(
    tmp_path: Path, closed: str
) -> None:
    """RF8: the other part of its delivery waits with it."""
    with tempfile.TemporaryDirectory() as folder:  # pytest's own is closed to others
        landing, home = Path(folder) / "landing", Path(folder) / "home"
        for number, rows in enumerate((JUNE[:5], JUNE[5:]), start=1):
            write_bytes(landing / f"aws_cur/june-{number}.csv", june(tmp_path, rows))
        shutil.copytree(EXAMPLES / "oci_cost", landing / "oci_cost")
        for path in (Path(folder), home):
            path.mkdir(exist_ok=True)
            path.chmod(0o777)
        (landing / closed).chmod(0)
        place = Place(landing, home)
        with as_nobody():
            landed = place.land()
            denied = "there is no permission to read it"
            assert landed.unread == [
                f"aws_cur: {closed} could not be read: {denied}. Allow the user of this run to."
            ]
            assert place.failures() == [("aws_cur", closed, denied, 1)]
            assert [path.split("/")[0] for path in place.archived()] == ["oci_cost"]
        (landing / closed).chmod(0o755)
        with as_nobody():
            assert place.land().unread == []
            assert sum(place.archived()[f"aws_cur/june-{n}.csv"] for n in (1, 2)) == len(JUNE)


def to_nowhere(path: Path) -> None:
    path.symlink_to("/nowhere/june.csv")


def to_a_bad_disk(path: Path) -> None:
    path.symlink_to("/proc/self/mem")  # its first byte gives an input/output error


@pytest.mark.parametrize(
    ("plant", "reason"),
    [
        (to_nowhere, "it is not there, or a link that leads nowhere"),
        (to_a_bad_disk, "input/output error"),
        (os.mkfifo, "it is no file"),
    ],
)
def test_a_file_that_cannot_be_read_holds_back_its_delivery_alone(
    local: Place, tmp_path: Path, plant: Callable[[Path], None], reason: str
) -> None:
    """RF8: through the command, as root too."""
    folder = local.home.parent / "landing"
    write_bytes(folder / "aws_cur/june-1.csv", june(tmp_path, JUNE[:5]))
    write_bytes(folder / "aws_cur/whole.csv", june(tmp_path, JUNE))
    plant(folder / "aws_cur/june-2.csv")
    outcome = trueup("land", local.home, folder)
    assert outcome.returncode == 2
    assert f"not read: aws_cur: aws_cur/june-2.csv could not be read: {reason}. " in outcome.stderr
    assert local.archived() == {"aws_cur/whole.csv": len(JUNE)}
    assert local.failures() == [("aws_cur", "aws_cur/june-2.csv", reason, 1)]
    (folder / "aws_cur/june-2.csv").unlink()
    write_bytes(folder / "aws_cur/june-2.csv", june(tmp_path, JUNE[5:]))
    assert trueup("land", local.home, folder).returncode == 0
    assert len(local.archived()) == 3


def test_a_file_that_goes_while_others_land_is_told(local: Place, tmp_path: Path) -> None:
    folder = local.home.parent / "landing"
    for name in ("first.csv", "second.csv", "third.csv"):
        write_bytes(folder / "aws_cur" / name, june(tmp_path, JUNE[: len(name)]))

    def vanish(progress: str) -> None:
        (folder / "aws_cur/second.csv").unlink(missing_ok=True)

    landed = local.land(vanish)
    assert [s.split(" could")[0] for s in landed.unread] == ["aws_cur: aws_cur/second.csv"]
    assert list(local.archived()) == ["aws_cur/first.csv", "aws_cur/third.csv"]


def test_links_to_folders_are_followed_but_not_in_circles(local: Place, tmp_path: Path) -> None:
    folder = local.home.parent / "landing"
    write_bytes(tmp_path / "share/june.csv", june(tmp_path, JUNE))
    (folder / "aws_cur").symlink_to(tmp_path / "share")
    (tmp_path / "share/up").symlink_to(folder)
    assert local.land().unread == []
    assert local.archived() == {"aws_cur/june.csv": len(JUNE)}

"""What faults of files, owners and metering do to a simulated world is what their truth says.

Two worlds of one seed are written, one with faults of files: what differs between the two is
compared with the truth. A third one, with faults and scenarios that the warehouse finds, is
refreshed once.
"""

from __future__ import annotations

import csv
import gzip
import json
import stat
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from helpers import PROJECT, trueup

from trueup.simulate.faults import KINDS
from trueup.simulate.faults.acts import Act
from trueup.simulate.faults.delivered import contents
from trueup.simulate.plan import Plan
from trueup.simulate.run import simulate
from trueup.simulate.score import FINDINGS, Score, score

PLAN = Plan(seed=5, months=2, lines=10_000)
# Of the scored world: a month without events of ours (BF5) is not the one in which they must tell
# of a function's calls (ES2).
SCORED = Plan(seed=7, months=3, lines=12_000)
FILES = (
    *("EF1", "EF6", "EF3", "EF3", "EF3", "EF2", "EF2", "EF2", "EF5", "EF8", "RF8", "IF7"),
    *("BF5", "TF4", "BF2", "TF2", "TF3", "TF8", "TF1", "BF4"),
)
FOUND = (
    *("EF1", "EF6", "EF3", "EF3", "EF2", "EF2", "EF5", "RF8", "EF4", "IF1", "BF1"),
    *("BF5", "TF4", "BF2", "TF2", "TF3", "TF8", "RS4", "BS4", "ES2"),
    *("TS1", "IS5", "BS1", "ES1", "IS4", "IS6"),
)
AS_OF = "2025-04-11T00:00:00Z"  # files of the last month have arrived
Truths = dict[str, list[dict[str, str]]]


@dataclass(frozen=True)
class Pair:
    """Landing folders of one seed, without faults and with them, and the truth of these."""

    clean: Path
    faulty: Path
    truths: Truths

    def one(self, name: str) -> dict[str, str]:
        """The truth of an effect that has one row."""
        (truth,) = self.truths[name]
        return truth


def truths_of(folder: Path) -> Truths:
    """Rows of effects.csv by effect."""
    found: Truths = {}
    with (folder / "effects.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["effect_id"], []).append(row)
    return found


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The two worlds."""
    folder = tmp_path_factory.mktemp("pair")
    clean = simulate(PLAN, (), folder / "clean", lambda text: None)
    faulty = simulate(PLAN, FILES, folder / "faulty", lambda text: None)
    return Pair(clean.landing, faulty.landing, truths_of(faulty.truth))


def text_of(path: Path) -> str:
    """Text of a file, packed or not."""
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode()


def rows_of(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file."""
    return list(csv.DictReader(text_of(path).splitlines()))


def events_of(*paths: Path) -> list[dict[str, str]]:
    """Usage events of some files, by id."""
    lines = [line for path in paths for line in text_of(path).splitlines()]
    return sorted((json.loads(line) for line in lines), key=lambda event: event["id"])


def arrival(path: Path) -> datetime:
    return datetime.fromtimestamp(path.lstat().st_mtime, UTC).replace(tzinfo=None)


def oracle(truth: dict[str, str]) -> str:
    """Path of the file of a day of Oracle's."""
    day = datetime.fromisoformat(truth["starts_at"]).toordinal()
    return f"oci_cost/reports/cost-csv/0001{day:012}.csv.gz"


def money(rows: list[dict[str, str]]) -> Decimal:
    return sum((Decimal(row["cost/myCost"]) for row in rows), Decimal(0))


# Days


def test_a_missing_day_is_gone_with_its_money(pair: Pair) -> None:
    truth = pair.one("EF1-1")
    rows = rows_of(pair.clean / oracle(truth))
    assert not (pair.faulty / oracle(truth)).exists()
    assert (len(rows), money(rows)) == (int(truth["row_count"]), Decimal(truth["amount"]))


def test_a_late_day_is_the_same_days_later(pair: Pair) -> None:
    truth = pair.one("EF6-1")
    clean, late = pair.clean / oracle(truth), pair.faulty / oracle(truth)
    assert clean.read_bytes() == late.read_bytes()
    assert timedelta(days=4) <= arrival(late) - arrival(clean) <= timedelta(days=7)
    assert money(rows_of(late)) == Decimal(truth["amount"])


@pytest.mark.parametrize("number", [1, 2, 3])
def test_what_is_delivered_twice_is_there_twice(pair: Pair, number: int) -> None:
    truth = pair.one(f"EF3-{number}")
    clean, twice = rows_of(pair.clean / oracle(truth)), rows_of(pair.faulty / truth["subject"])
    if "/again/" in truth["subject"]:
        more = twice
        assert twice == clean
    else:
        more = [row for number, row in enumerate(twice) if row in twice[:number]]
        assert len(twice) == len(clean) + len(more)
    assert (len(more), money(more)) == (int(truth["row_count"]), Decimal(truth["amount"]))


# Months delivered once more


def columns_of(path: Path) -> dict[str, str]:
    """Columns of a file, each with its values as one text."""
    with duckdb.connect() as connection:
        rows = connection.execute(f"from {contents(path)}").to_arrow_table()
    return {name: str(rows[name].to_pylist()) for name in rows.column_names}


def changes_of(first: Path, later: Path) -> set[tuple[str, str]]:
    """Column and change, of a file and the one delivered later."""
    before, after = columns_of(first), columns_of(later)
    gone, new = before.keys() - after.keys(), after.keys() - before.keys()
    if gone and new:
        return {(name, "renamed") for name in gone}
    retyped = {name for name in before.keys() & after.keys() if before[name] != after[name]}
    found = {"removed": gone, "added": new, "retyped": retyped}
    return {(name, change) for change, names in found.items() for name in names}


def test_changed_columns_are_those_of_the_truth(pair: Pair) -> None:
    truths = [truth for n in (1, 2, 3) for truth in pair.truths[f"EF2-{n}"]]
    damaged = pair.one("EF5-1")["subject"]
    found = {
        (f"{source}.{name}", change)
        for source in ("aws_cur", "focus")
        for path in (pair.faulty / source).rglob("again/*")
        if not path.relative_to(pair.faulty).as_posix().startswith(damaged)
        for name, change in changes_of(path.parents[1] / path.name, path)
    }
    assert found == {(truth["subject"], truth["cause"]) for truth in truths}


def test_a_damaged_file_cannot_be_used_and_the_first_one_stays(pair: Pair) -> None:
    damaged = pair.faulty / pair.one("EF5-1")["subject"]
    first = damaged.parents[1] / damaged.name
    assert first.read_bytes() == (pair.clean / first.relative_to(pair.faulty)).read_bytes()
    is_checked = damaged.with_name(f"{damaged.name}.sha256").exists()
    assert is_checked or damaged.read_bytes() != first.read_bytes()
    assert arrival(damaged) > arrival(first)


# Access


def test_one_folder_is_open_to_others(pair: Pair) -> None:
    name = pair.one("EF8-1")["subject"]
    open_to_others = {
        folder.name
        for folder in pair.faulty.iterdir()
        if folder.stat().st_mode & stat.S_IXOTH and folder.stat().st_mode & stat.S_IROTH
    }
    assert open_to_others == {name}
    assert not pair.clean.stat().st_mode & stat.S_IRWXO


def test_an_unread_file_fails_for_whoever_reads_it(pair: Pair) -> None:
    name = pair.one("RF8-1")["subject"]
    with pytest.raises(FileNotFoundError):
        (pair.faulty / name).read_bytes()
    assert arrival(pair.faulty / name) == arrival(pair.clean / name)


# Invoices


def test_a_late_invoice_is_the_one_of_the_month(pair: Pair) -> None:
    truth = pair.one("IF7-1")
    month = f"invoices/vendors/{truth['billing_period'][:7]}"
    late = pair.faulty / f"{month}-{truth['subject']}.csv"
    rest, all_rows = rows_of(pair.faulty / f"{month}.csv"), rows_of(pair.clean / f"{month}.csv")
    key = ("invoice_id", "line_no")
    assert {tuple(row[k] for k in key) for row in rest + rows_of(late)} == {
        tuple(row[k] for k in key) for row in all_rows
    }
    assert {row["invoice_id"] for row in rows_of(late)} == {truth["subject"]}
    assert sum(Decimal(row["amount"]) for row in rows_of(late)) == Decimal(truth["amount"])
    assert arrival(late) - arrival(pair.clean / f"{month}.csv") >= timedelta(days=12)


# Usage events


def test_a_retry_sends_the_same_events(pair: Pair) -> None:
    truth = pair.one("BF2-1")
    copy = pair.faulty / truth["subject"]
    assert copy.read_bytes() == (copy.parents[1] / copy.name).read_bytes()
    assert len(events_of(copy)) == int(truth["row_count"])


def test_duplicate_events_are_the_same_word_for_word(pair: Pair) -> None:
    truth = pair.one("TF2-1")
    clean, twice = (events_of(root / truth["subject"]) for root in (pair.clean, pair.faulty))
    repeated = [event for event, next_one in pairwise(twice) if event == next_one]
    assert len(repeated) == int(truth["row_count"]) == len(twice) - len(clean)
    assert {event["id"] for event in twice} == {event["id"] for event in clean}


def test_a_clock_ahead_shows_in_the_time_of_arrival(pair: Pair) -> None:
    truth = pair.one("TF3-1")
    ahead = pair.faulty / truth["subject"]
    week = truth["subject"].replace("-ahead", "")
    rest = {event["id"] for event in events_of(pair.faulty / week)}
    moved = [event for event in events_of(pair.clean / week) if event["id"] not in rest]
    assert len(moved) == int(truth["row_count"]) > 0
    times = [
        [datetime.fromisoformat(event["time"]) for event in e] for e in (events_of(ahead), moved)
    ]
    (skew,) = {later - true for later, true in zip(*times, strict=True)}
    assert max(times[0]).replace(tzinfo=None) - arrival(ahead) == skew > timedelta(hours=1)


def test_lost_partitions_are_gone(pair: Pair) -> None:
    week = pair.one("TF4-1")
    lost = [(week, date.fromisoformat(week["subject"][-10:]) + timedelta(days=7))]
    for truth in pair.truths["BF5-1"]:
        assert not list((pair.faulty / truth["subject"][:-8]).glob(f"{truth['subject'][-7:]}-1*"))
    for truth, day in lost:
        name = f"{truth['subject'][:-11]}/{day}.jsonl.gz"
        assert not (pair.faulty / name).exists()
        assert len(events_of(pair.clean / name)) == int(truth["row_count"])


def test_an_unknown_version_comes_beside_a_known_one(pair: Pair) -> None:
    truth = pair.one("TF8-1")
    unknown = events_of(pair.faulty / truth["subject"])
    week = truth["subject"].replace("-v9", "")
    known = events_of(pair.faulty / week)
    assert {event["dataschema"][-3:] for event in unknown} == {"/v9"}
    assert len(unknown) == int(truth["row_count"])
    assert {(event["dataschema"] or "none")[-3:] for event in known} == {"one", "/v2"}
    assert [event["id"] for event in known] == [e["id"] for e in events_of(pair.clean / week)]


@pytest.mark.parametrize(("name", "days"), [("TF1-1", (7, 12)), ("BF4-1", (4,))])
def test_late_reports_are_all_of_a_customer_s_month(
    pair: Pair, name: str, days: tuple[int, ...]
) -> None:
    for truth, late_by in zip(pair.truths[name], days, strict=True):
        customer, offer = truth["subject"].split("/")
        month = truth["billing_period"][:7]
        folder = "usage_events/products-weekly"
        (late,) = (pair.faulty / folder).glob(f"*/{month}-late-{customer}-{offer}.jsonl.gz")
        assert arrival(late) == datetime.fromisoformat(truth["ends_at"]) + timedelta(days=late_by)
        assert [event["id"] for event in events_of(late)] == [
            event["id"]
            for event in events_of(*(pair.clean / folder).glob("*/*.jsonl.gz"))
            if (event["subject"], event["type"]) == (customer, f"product.{offer}")
            and event["time"].startswith(month)
        ]


def test_an_act_changes_no_file(tmp_path: Path) -> None:
    plan = Plan(seed=5, months=1, lines=5_000)
    acts = tuple(name for name, kind in KINDS.items() if issubclass(kind, Act))
    worlds = {
        wanted: simulate(plan, wanted, tmp_path / str(len(wanted)), lambda text: None)
        for wanted in ((), acts)
    }
    files = [
        {path.relative_to(world.landing): path.read_bytes() for path in world.landing.rglob("*.*")
         if path.is_file()}
        for world in worlds.values()
    ]  # fmt: skip
    assert files[0] == files[1]
    truths = truths_of(worlds[acts].truth)
    assert len(truths) == len(acts) == 5
    assert all(rows[0]["treatment"] for rows in truths.values())


# What the warehouse says


@dataclass(frozen=True)
class Refreshed:
    """The release of a world, and the folder of its truth."""

    release: Path
    truth: Path


@pytest.fixture(scope="module")
def refreshed_world(tmp_path_factory: pytest.TempPathFactory) -> Refreshed:
    """A world with faults of files, owners and metering, and some scenarios."""
    folder = tmp_path_factory.mktemp("scored")
    world = simulate(SCORED, FOUND, folder / "world", lambda text: None)
    home = folder / "home"
    outcome = trueup("refresh", home, world.landing, "--as-of", AS_OF)
    assert outcome.returncode == 2, outcome.stderr
    return Refreshed(home / "published" / "current.duckdb", world.truth)


@pytest.fixture(scope="module")
def scores(refreshed_world: Refreshed) -> dict[str, Score]:
    """Its scores."""
    thresholds = PROJECT / "seeds" / "score_thresholds.csv"
    card = score(refreshed_world.release, refreshed_world.truth, thresholds)
    assert card.false_alarms == ()
    assert card.failures == []
    return {found.id: found for found in card.scores}


@pytest.mark.parametrize("name", sorted(set(FOUND)))
def test_each_is_found_with_its_cause(scores: dict[str, Score], name: str) -> None:
    found = scores[name]
    assert (found.planted, found.found, found.cause_right) == (FOUND.count(name),) * 3


@pytest.mark.parametrize("name", ["EF3", "EF6", "EF4", "IF1", "BF1", "EF2", "RS4"])
def test_its_money_is_exact(scores: dict[str, Score], name: str) -> None:
    assert scores[name].amount_error == 0


def test_what_each_tenant_of_a_shared_cluster_bears_is_right_to_five_percent(
    refreshed_world: Refreshed,
) -> None:
    """The truth splits each month by cores, the warehouse each day by cores and memory."""
    true: dict[tuple[str, str], Decimal] = {}
    for row in truths_of(refreshed_world.truth)["IS5-1"]:
        true[row["subject"], row["billing_period"]] = Decimal(row["amount"])
    with duckdb.connect(str(refreshed_world.release), read_only=True) as connection:
        rows = connection.execute((FINDINGS / "IS5.sql").read_text(encoding="utf-8")).fetchall()
    found = {(subject, str(period)): amount for subject, period, _, amount, _ in rows}
    assert found.keys() == true.keys()
    tenants = {subject for subject, _ in true}
    assert len(tenants) > 1
    for tenant in tenants:
        months = [key for key in true if key[0] == tenant]
        off = sum(abs(found[month] - true[month]) for month in months)
        assert 1 - off / sum(true[month] for month in months) >= Decimal("0.95"), tenant

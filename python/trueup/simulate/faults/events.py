"""Faults of metering: events come twice, late, with a wrong clock, in a new version, or not at all.

Nothing that is counted twice or not at all is priced: such truths have no money. Late reports of a
customer's use are worth what the customer owes for it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

from trueup.simulate.effects import Effect, Truth
from trueup.simulate.faults.delivered import (
    again,
    arrival,
    choose_file,
    ends_at,
    listed,
    name_of,
    starts_at,
)
from trueup.simulate.files import date_file, write_rows
from trueup.simulate.own.metering import PARTITIONS

INFRASTRUCTURE = "usage_events/infrastructure-weekly"
# Weeks of a month by the day that they end on: those within it, and those with usual ones before.
WEEKS = [f"{INFRASTRUCTURE}/partition=*/*-{day}.jsonl.gz" for day in ("08", "15", "22", "29")]
LATER_WEEKS = WEEKS[1:]
EVENTS = """(
    select specversion, id, source, type, subject, time, data
    from read_json({files}, format = 'newline_delimited', columns = {{
        specversion: 'varchar', id: 'varchar', source: 'varchar', type: 'varchar',
        subject: 'varchar', time: 'varchar', data: 'json'
    }})
)"""
CUSTOMERS = """
    select
        customers.customer_id || '/' || offers.offer as subject, customers.customer_id,
        'product.' || offers.offer as type, customers.currency, customer_due.amount
    from customer_due
    inner join customers on customer_due.tenant_no = customers.tenant_no
    inner join offers on customer_due.offer_no = offers.offer_no
    where customer_due.billing_period = $period and customer_due.line_kind = 'usage'
        and offers.aggregation != '' and customer_due.amount > 0
    order by subject
"""


def events(*paths: Path) -> str:
    """SQL of the events in some files; their data stays text."""
    return EVENTS.format(files=listed(paths))


class EventFault(Effect):
    """Something befalls events; most of it the file of one week and partition."""

    def rewrite(self, path: Path, query: str) -> None:
        """Put other events into a file; it arrives when it did."""
        arrived_at = arrival(path)
        new = path.with_name(f"new-{path.name}")
        if write_rows(self.world.connection, query, new, arrived_at):
            new.replace(path)
        else:
            new.unlink()
            path.unlink()

    def note(self, subject: str, rows: str, cause: str, treatment: str) -> None:
        """The truth: some events (SQL), of no money."""
        count, first, last = self.world.connection.execute(
            f"select count(*), min(time::timestamp)::timestamp, max(time::timestamp)::timestamp"
            f" from {rows}"
        ).fetchall()[0]
        self.truths.append(
            Truth(
                subject, cause, treatment, first.date().replace(day=1), first,
                last + timedelta(hours=1), count, Decimal(0), "USD",
            )
        )  # fmt: skip


class RetriedEvents(EventFault):
    """A producer sends the events of a week once more, as it had no answer."""

    id = "BF2"

    def on_files(self, landing: Path) -> None:
        """Copy the file."""
        path = choose_file(self, landing, WEEKS)
        copy = again(path)
        shutil.copyfile(path, copy)
        date_file(copy, arrival(path) + timedelta(hours=1))
        self.note(name_of(landing, copy), events(copy), "duplicate", "auto_resolve")


class DuplicateEvents(EventFault):
    """A stream delivers some events twice."""

    id = "TF2"

    def on_files(self, landing: Path) -> None:
        """Repeat about every tenth event of a file."""
        path = choose_file(self, landing, WEEKS)
        numbered = f"from {events(path)} qualify row_number() over (order by id) % 10 = 1"
        self.note(name_of(landing, path), f"({numbered})", "duplicate", "auto_resolve")
        self.rewrite(path, f"from {events(path)} union all ({numbered}) order by time, id")


class MissingPartition(EventFault):
    """A week of one partition of a stream never arrives."""

    id = "TF4"

    def on_files(self, landing: Path) -> None:
        """Take the file away; what is missing begins on the week's first day."""
        path = choose_file(self, landing, LATER_WEEKS)
        first_day = date.fromisoformat(path.name[:10]) - timedelta(days=7)
        feed = name_of(landing, path.parent)
        self.note(f"{feed}/{first_day}", events(path), "missing", "backfill")
        path.unlink()


class LostMonth(EventFault):
    """All of a month's events of what vendors bill are lost."""

    id = "BF5"

    def before_usage(self) -> None:
        """Choose a month after the first, whose files no other effect may take."""
        self.period = self.month(1)
        month_end = ends_at(self.period)
        weeks = [starts_at(self.period) + timedelta(days=7 * week) for week in range(1, 5)]
        self.names = [
            f"{INFRASTRUCTURE}/partition={partition}/{day:%Y-%m-%d}.jsonl.gz"
            for partition in range(PARTITIONS)
            for day in sorted({*weeks, month_end})
        ]
        self.world.taken.update(self.names)

    def on_files(self, landing: Path) -> None:
        """Take the files away, of each partition."""
        for folder in sorted((landing / INFRASTRUCTURE).iterdir()):
            lost = [
                path for path in sorted(folder.iterdir()) if name_of(landing, path) in self.names
            ]
            subject = f"{name_of(landing, folder)}/{self.period:%Y-%m}"
            self.note(subject, events(*lost), "missing", "backfill")
            for path in lost:
                path.unlink()


class UnknownSchema(EventFault):
    """Agents are updated in the midst of a week; one of them sends a version nobody knows."""

    id = "TF8"

    def on_files(self, landing: Path) -> None:
        """Name version 2 in the later half of the events, and add some of version 9."""
        path = choose_file(self, landing, WEEKS)
        half = f"(select median(time::timestamp) from {events(path)})"
        versioned = (
            "select *, case when time::timestamp > {half} then source || '/v2' end"
            " as dataschema from {rows} order by time, id"
        )
        new = path.with_name(f"{path.name[:10]}-v9.jsonl.gz")
        unknown = (
            "select * replace (md5(id || 'v9')::uuid as id), source || '/v9' as dataschema"
            f" from {events(path)} where time::timestamp > {half}"
            " qualify row_number() over (order by id) % 10 = 1 order by time, id"
        )
        write_rows(self.world.connection, unknown, new, arrival(path))
        self.rewrite(path, versioned.format(half=half, rows=events(path)))
        self.note(name_of(landing, new), events(new), "schema", "quarantine")


class SkewedClock(EventFault):
    """An agent's clock is hours ahead: its last events of a month seem to be of the next one."""

    id = "TF3"

    def on_files(self, landing: Path) -> None:
        """Move a partition's last six hours into a file of their own, ahead of its arrival."""
        last_days = [f"*-{day:%m-%d}" for day in map(ends_at, self.world.plan.periods)]
        path = choose_file(
            self, landing, [f"{INFRASTRUCTURE}/partition=*/{day}.jsonl.gz" for day in last_days]
        )
        month_end = datetime.fromisoformat(path.name[:10])
        is_last = (
            f"time::timestamp >= timestamp '{month_end - timedelta(hours=6)}'"
            f" and time::timestamp < timestamp '{month_end}'"
        )
        hours = int(self.random.integers(2, 6))
        moved = path.with_name(f"{path.name[:10]}-ahead.jsonl.gz")
        ahead = f"(time::timestamp + interval {hours} hour)"
        last = f"(from {events(path)} where {is_last})"
        (arrived_at,) = self.world.connection.execute(
            f"select max(time::timestamp)::timestamp from {last}"
        ).fetchall()[0]
        self.note(name_of(landing, moved), last, "clock", "include")
        write_rows(
            self.world.connection,
            f"select * replace (strftime({ahead}, '%Y-%m-%dT%H:%M:%SZ') as time) from {last}"
            " order by time, id",
            moved,
            arrived_at,
        )
        self.rewrite(path, f"from {events(path)} where not ({is_last}) order by time, id")


class LateReports(EventFault):
    """What customers used in a month of one product arrives after it: so many days, and so."""

    arrivals: ClassVar[dict[int, str]]

    def on_files(self, landing: Path) -> None:
        """Choose month and customers, and move their reports into late files."""
        period = self.month()
        for days, treatment in self.arrivals.items():
            place = self.pick(CUSTOMERS, period=period)
            chosen = (
                f"subject = '{place['customer_id']}' and type = '{place['type']}'"
                f" and time >= '{period}' and time < '{ends_at(period).date()}'"
            )
            paths = sorted(self.files_of(landing, chosen))
            name = place["subject"].replace("/", "-")
            late = paths[0].with_name(f"{period:%Y-%m}-late-{name}.jsonl.gz")
            rows = write_rows(
                self.world.connection,
                f"from {events(*paths)} where {chosen} order by time, id",
                late,
                ends_at(period) + timedelta(days=days),
            )
            for path in paths:
                self.rewrite(path, f"from {events(path)} where not ({chosen}) order by time, id")
            self.truths.append(
                Truth(
                    place["subject"], "late", treatment, period, starts_at(period),
                    ends_at(period), rows, place["amount"], place["currency"],
                )
            )  # fmt: skip

    def files_of(self, landing: Path, condition: str) -> Iterable[Path]:
        """Files with such events."""
        paths = sorted((landing / "usage_events/products-weekly").glob("*/*.jsonl.gz"))
        return [
            path
            for path in paths
            if self.world.connection.execute(
                f"from {events(path)} where {condition} limit 1"
            ).fetchall()
        ]


class LateForGrace(LateReports):
    """Events arrive after the books closed on the fifth day: within three days of grace, or not."""

    id = "TF1"
    arrivals: ClassVar = {7: "include", 12: "adjustment"}


class LateForInvoice(LateReports):
    """Events arrive after the customer's invoice was issued, on the second day."""

    id = "BF4"
    arrivals: ClassVar = {4: "adjustment"}

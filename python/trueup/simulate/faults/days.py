"""Faults of a day's export: it never arrives, arrives late or arrives twice."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

from trueup.simulate.effects import Effect, Truth
from trueup.simulate.faults.delivered import again, arrival, contents, name_of
from trueup.simulate.files import date_file, write_rows

# Days of which Oracle delivers a file of its own, with nothing but usage in it, after two weeks
# that say what is usual. Its sequence number stands for the day.
DAYS = """
    select
        'oci_cost/' || payer_id || '/' || day_start::date as subject, day_start, day_end,
        days.billing_period, currency,
        'oci_cost/reports/cost-csv/0001'
        || lpad((day_start::date - date '0001-01-01' + 1)::varchar, 12, '0') || '.csv.gz' as path
    from days
    inner join payers on days.payer_no = payers.payer_no
    where export = 'oci_cost' and day(day_start) > 1
        and day_start >= $starts_at and day_start < $ends_at
        and not exists (
            from credits where credits.payer_no = days.payer_no
            and credits.granted_at >= day_start and credits.granted_at < day_end
        )
    order by subject
"""


class OneDay(Effect):
    """Something befalls the file of one day."""

    def before_usage(self) -> None:
        """Choose the file, not one of the first two weeks, nor of the last days."""
        plan = self.world.plan
        self.place = self.pick(
            DAYS,
            starts_at=plan.starts_at + timedelta(days=14),
            ends_at=plan.ends_at - timedelta(days=3),
        )

    def note(self, subject: str, rows: str, cause: str, treatment: str) -> None:
        """The truth: some rows (SQL) of the file, and their money."""
        row_count, amount = self.world.connection.execute(
            f'select count(*), sum("cost/myCost"::decimal(38, 18)) from {rows}'
        ).fetchall()[0]
        place = self.place
        self.truths.append(
            Truth(
                subject, cause, treatment, place["billing_period"], place["day_start"],
                place["day_end"], row_count, amount, place["currency"],
            )
        )  # fmt: skip


class MissingDay(OneDay):
    """A day's file never arrives."""

    id = "EF1"

    def on_files(self, landing: Path) -> None:
        """Take the file away."""
        path = landing / self.place["path"]
        self.note(self.place["subject"], contents(path), "missing", "backfill")
        path.unlink()


class LateDay(OneDay):
    """The rows of a day arrive days late."""

    id = "EF6"

    def on_files(self, landing: Path) -> None:
        """Date the file four days to a week later."""
        path = landing / self.place["path"]
        self.note(self.place["subject"], contents(path), "late", "include")
        date_file(path, arrival(path) + timedelta(days=int(self.random.integers(4, 8))))


class DeliveredTwice(OneDay):
    """A file is delivered twice, or rows of it stand in it twice."""

    id = "EF3"

    def on_files(self, landing: Path) -> None:
        """Do one of the two."""
        path = landing / self.place["path"]
        if self.random.random() < 0.5:
            self.copy_file(landing, path)
        else:
            self.copy_rows(landing, path)

    def copy_file(self, landing: Path, path: Path) -> None:
        """Deliver the file again some hours later."""
        copy = again(path)
        shutil.copyfile(path, copy)
        date_file(copy, arrival(path) + timedelta(hours=2))
        self.note(name_of(landing, copy), contents(copy), "duplicate", "auto_resolve")

    def copy_rows(self, landing: Path, path: Path) -> None:
        """Repeat every fifth row within the file."""
        every_fifth = 'qualify row_number() over (order by "lineItem/referenceNo") % 5 = 1'
        rows = f"(from {contents(path)} {every_fifth})"
        self.note(name_of(landing, path), rows, "duplicate", "auto_resolve")
        doubled = path.with_name(f"doubled-{path.name}")
        twice = f"from {contents(path)} union all from {rows} order by all"
        write_rows(self.world.connection, twice, doubled, arrival(path))
        doubled.replace(path)

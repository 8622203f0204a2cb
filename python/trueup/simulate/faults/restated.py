"""Faults of a month's export that is delivered once more: it is damaged, or of another shape.

The export that was there before stays in use, unless what came or went is a column that nobody
needs. So no money is missing; the money concerned is what quarantine can count.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from trueup.simulate.effects import Effect, Truth
from trueup.simulate.faults.delivered import (
    again,
    arrival,
    choose_file,
    contents,
    ends_at,
    name_of,
    period_before,
    starts_at,
)
from trueup.simulate.files import date_file, write_rows

ERROR_PAGE = b"<html><body>The service is not available. Try again later.</body></html>\n"


@dataclass(frozen=True)
class Export:
    """Folders of deliveries, their files, and columns of these."""

    folders: str
    files: str
    cost: str
    quantity: str
    currency: str


EXPORTS = {
    "aws_cur": Export(
        "aws_cur/billing/*/*/*/", "*.csv.gz",
        "lineItem/UnblendedCost", "lineItem/UsageAmount", "lineItem/CurrencyCode",
    ),
    "focus": Export(
        "focus/*/*/", "cost_and_usage.*", "BilledCost", "ConsumedQuantity", "BillingCurrency"
    ),
}  # fmt: skip
NOT_NEEDED = "ChargeDescription"  # a column of FOCUS


class Restated(Effect):
    """A month's export is delivered once more, a day after it was final."""

    def choose(self, landing: Path, sources: Sequence[str]) -> list[Path]:
        """Files of a delivery by chance, not one that another effect has taken; sets `export`."""
        folder = choose_file(self, landing, [EXPORTS[source].folders for source in sources])
        self.export = EXPORTS[name_of(landing, folder).split("/")[0]]
        return sorted(folder.glob(self.export.files))

    def note(
        self, paths: list[Path], subject: str, cause: str, treatment: str, amount: str
    ) -> None:
        """The truth: all rows of some files of a delivery, with an amount in SQL over them."""
        rows, total, currency = self.world.connection.execute(
            f'select count(*), {amount}, any_value("{self.export.currency}")'
            f" from {contents(*paths)}"
        ).fetchall()[0]
        period = period_before(self.world.plan, arrival(paths[0]))
        self.truths.append(
            Truth(
                subject, cause, treatment, period, starts_at(period), ends_at(period), rows,
                Decimal(total), currency,
            )
        )  # fmt: skip

    def deliver(self, path: Path) -> Path:
        """Deliver a file once more; returns where."""
        copy = again(path)
        shutil.copyfile(path, copy)
        date_file(copy, arrival(path) + timedelta(days=1))
        return copy


class DamagedFile(Restated):
    """A file is cut off, is empty, is not what its checksum says, or is an error page."""

    id = "EF5"

    def on_files(self, landing: Path) -> None:
        """Deliver a file once more, and damage that."""
        paths = self.choose(landing, [*EXPORTS])
        path = paths[int(self.random.integers(len(paths)))]
        copy = self.deliver(path)
        arrived_at = arrival(copy)
        damage = str(self.random.choice(["cut_off", "empty", "checksum", "error_page"]))
        if damage == "checksum":
            beside = copy.with_name(f"{copy.name}.sha256")
            beside.write_text("0" * 64 + "\n", encoding="utf-8")
            date_file(beside, arrived_at)
        else:
            whole = copy.read_bytes()
            left = {"cut_off": whole[: len(whole) // 2], "empty": b"", "error_page": ERROR_PAGE}
            copy.write_bytes(left[damage])
            date_file(copy, arrived_at)
        self.note([path], name_of(landing, copy), damage, "quarantine", "0")


class ChangedColumns(Restated):
    """A column is renamed, holds something else, is gone or is new."""

    id = "EF2"

    def on_files(self, landing: Path) -> None:
        """Change a column of a month's export; all its files have the change."""
        changes = [
            (source, change, column)
            for source, export in EXPORTS.items()
            for change, column in (("renamed", export.cost), ("retyped", export.quantity))
        ] + [("focus", "removed", NOT_NEEDED), ("focus", "added", "x_BillingChannel")]
        free = [each for each in changes if subject_of(each) not in self.world.taken]
        if not free:
            raise LookupError(f"{self.effect_id}: this world has no column left for it.")
        source, change, column = chosen = free[int(self.random.integers(len(free)))]
        self.world.taken.add(subject_of(chosen))
        columns = {
            "renamed": f'* rename ("{column}" as "{column}Amount")',
            "retyped": f"""* replace ("{column}"::varchar || ' units' as "{column}")""",
            "removed": f'* exclude ("{column}")',
            "added": f"""*, 'direct' as "{column}\"""",
        }[change]
        paths = self.choose(landing, [source])
        for path in paths:
            query = f"select {columns} from {contents(path)}"
            write_rows(self.world.connection, query, again(path), arrival(path) + timedelta(days=1))
        # of rows that are refused one by one, the money is known
        amount = f'sum("{self.export.cost}"::decimal(38, 18))' if change == "retyped" else "0"
        treatment = "quarantine" if change in ("renamed", "retyped") else "accept"
        self.note(paths, subject_of(chosen), change, treatment, amount)


def subject_of(change: tuple[str, str, str]) -> str:
    """Source and column."""
    return f"{change[0]}.{change[2]}"

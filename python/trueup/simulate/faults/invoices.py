"""Faults of invoices: a vendor's comes late."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from trueup.simulate.effects import Effect, Truth
from trueup.simulate.faults.delivered import arrival, contents, ends_at, starts_at
from trueup.simulate.files import write_rows

INVOICES = """
    select invoice_id as subject, currency, count(*) as row_count,
        sum(amount::decimal(38, 2)) as amount
    from {rows}
    group by invoice_id, currency
    order by subject
"""


class LateInvoice(Effect):
    """A vendor's invoice comes weeks after the month, when its books are closed."""

    id = "IF7"

    def on_files(self, landing: Path) -> None:
        """Move the invoice from the month's file into one of its own."""
        period = self.month()
        path = landing / f"invoices/vendors/{period:%Y-%m}.csv"
        place = self.pick(INVOICES.format(rows=contents(path)))
        is_it = f"invoice_id = '{place['subject']}'"
        days = int(self.random.integers(12, 20))
        write_rows(
            self.world.connection,
            f"from {contents(path)} where {is_it}",
            path.with_name(f"{period:%Y-%m}-{place['subject']}.csv"),
            arrival(path) + timedelta(days=days),
        )
        rest = path.with_name(f"rest-{path.name}")
        write_rows(
            self.world.connection, f"from {contents(path)} where not {is_it}", rest, arrival(path)
        )
        rest.replace(path)
        self.truths.append(
            Truth(
                place["subject"], "late", "provisional", period, starts_at(period),
                ends_at(period), place["row_count"], place["amount"], place["currency"],
            )
        )  # fmt: skip

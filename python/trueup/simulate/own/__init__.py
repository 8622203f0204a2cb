"""What the company itself puts down: rates, contracts, owners, metering, invoices and the rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from trueup.simulate.exports import kubernetes
from trueup.simulate.own import customers, metering, records, references
from trueup.simulate.world import World

# Writers of what stays for the whole time, and of what comes each month: of these, customers are
# billed by what was metered, and the books take what both sides were invoiced.
ONCE = (references.write, metering.write, customers.write, records.write)
MONTHLY: tuple[Callable[[World, date, Path], None], ...] = (
    kubernetes.write,
    metering.write_month,
    customers.write_month,
    records.write_month,
)

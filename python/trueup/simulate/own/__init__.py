"""What the company itself puts down: rates, contracts, owners, metering, invoices and the rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from trueup.simulate.exports import kubernetes
from trueup.simulate.own import references
from trueup.simulate.world import World

# Writers of what stays for the whole time, and of what comes each month.
ONCE = (references.write,)
MONTHLY: tuple[Callable[[World, date, Path], None], ...] = (kubernetes.write,)

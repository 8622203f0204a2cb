"""What providers write: one module an export, which turns charge lines into its files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from trueup.simulate.exports import aws_cur, aws_cur2, azure_cost, focus, gcp_billing, oci_cost
from trueup.simulate.world import World

# Writers of one payer's month, by the payer's export.
EXPORTS: dict[str, Callable[[World, int, date, Path], None]] = {
    "aws_cur": aws_cur.write,
    "aws_cur2": aws_cur2.write,
    "azure_cost": azure_cost.write,
    "gcp_billing": gcp_billing.write,
    "oci_cost": oci_cost.write,
    "focus_1_2": focus.write,
    "focus_1_4": focus.write,
}

"""What the company itself puts down: rates, contracts, owners, metering, invoices and the rest."""

from __future__ import annotations

from trueup.simulate.own import references

# Writers of what stays for the whole time, and of what comes each month.
ONCE = (references.write,)
MONTHLY = ()

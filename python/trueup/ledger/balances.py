"""The books as of a day: by what was recorded until then, or by what was in effect."""

from __future__ import annotations

from datetime import date
from typing import Any

from trueup.ledger.store import Store

BALANCES = """
    select
        gl_account, cost_center, currency, sum(debit) as debit, sum(credit) as credit,
        sum(debit) - sum(credit) as balance, count(*) as entry_count
    from {entries}
    where
        ($recorded is null or cast(recorded_at as date) <= $recorded)
        and ($effective is null or cast(effective_at as date) <= $effective)
    group by gl_account, cost_center, currency
    order by gl_account, cost_center, currency
"""


def balances(
    connection: Any, store: Store, recorded: date | None, effective: date | None = None
) -> list[dict[str, Any]]:
    """Sums of debits and credits by account, cost centre and currency.

    Args:
        connection: any DuckDB connection.
        store: the ledger.
        recorded: last day of recording that counts: what the books said then; None: all.
        effective: last day in effect that counts: what is known of that time now; None: all.
    """
    found = connection.execute(
        BALANCES.format(entries=store.read()), {"recorded": recorded, "effective": effective}
    )
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

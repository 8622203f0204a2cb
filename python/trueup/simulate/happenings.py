"""What happens in the company besides usage: incidents, maintenance, costs of its own, accesses."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from trueup.simulate.draw import Columns, digits, names
from trueup.simulate.plan import Plan

MARTS = ("fct_charges", "fct_reconciliation_diffs", "fct_invoice_lines", "fct_usage", "fct_slis")
RUNNING_COSTS = {"warehouse": 900, "storage": 140, "people": 5200}
# Of our books, what a line of an invoice is posted to; vendors' upfront fees are prepaid.
LEDGER = {
    "payable": {
        "usage": "6200", "recurring": "6210", "fee": "1250", "credit": "6290", "tax": "1570",
    },
    "receivable": {
        "usage": "4400", "recurring": "4410", "fee": "4420", "credit": "2400", "tax": "2570",
    },
}  # fmt: skip


def happenings(plan: Plan, payers: int, products: int, tenants: int) -> dict[str, Columns]:
    """Tables of what happens, and of what the books and orders say."""
    return {
        "incidents": _incidents(plan, products, tenants),
        "running_costs": _running_costs(plan),
        "accesses": _accesses(plan),
        "purchase_orders": {
            "payer_no": range(payers),
            "po_number": [f"PO-{text}" for text in digits(plan.stream("orders"), payers, 7)],
        },
        "ledger_accounts": {
            "direction": [direction for direction, kinds in LEDGER.items() for _ in kinds],
            "line_kind": [kind for kinds in LEDGER.values() for kind in kinds],
            "gl_account": [account for kinds in LEDGER.values() for account in kinds.values()],
        },
    }


def _incidents(plan: Plan, products: int, tenants: int) -> Columns:
    """About one incident a month, of minutes to half a day: a product and some tenants are hit."""
    random = plan.stream("incidents")
    count = plan.months + 1
    started = np.sort(random.integers(0, plan.hours - 24, count))
    minutes = np.minimum(720, np.round(random.lognormal(4, 1.2, count)).astype(int) + 5)
    return {
        "incident_no": range(count),
        "started_at": [plan.starts_at + timedelta(hours=int(hour)) for hour in started],
        "minutes": minutes,
        "product_no": random.integers(0, products, count),
        # every so many tenants, counted from one of them
        "every": random.choice((1, 2, 5), count),
        "first_tenant": random.integers(0, min(5, tenants), count),
    }


def _running_costs(plan: Plan) -> Columns:
    """What the reconciliation itself costs each month, in whole US dollars."""
    random = plan.stream("running costs")
    months = len(plan.periods)
    return {
        "billing_period": np.repeat(
            [np.datetime64(period, "D") for period in plan.periods], len(RUNNING_COSTS)
        ),
        "item": list(RUNNING_COSTS) * months,
        "amount": [
            round(cost * random.uniform(0.8, 1.3))
            for _ in plan.periods
            for cost in RUNNING_COSTS.values()
        ],
    }


def _accesses(plan: Plan) -> Columns:
    """Some accesses a day to published marts, all of them allowed."""
    random = plan.stream("accesses")
    count = plan.hours // 6
    people = [f"{name}@example.com" for name in names(random, 12, 3)]
    minutes = np.sort(random.choice(plan.hours * 60, count, replace=False))
    return {
        "accessed_at": np.datetime64(plan.starts_at, "us") + minutes * np.timedelta64(1, "m"),
        "actor": random.choice(people, count),
        "action": random.choice(["read", "export"], count, p=[0.9, 0.1]),
        "object": random.choice(MARTS, count),
        "is_allowed": np.full(count, True),
    }

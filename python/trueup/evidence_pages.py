"""The pages of an evidence bundle, in plain Markdown."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import duckdb

from trueup.explain import plain, sentences

# Columns <part>_variance of a difference, in the order of the waterfall.
PARTS = (
    "credit", "tax", "duplicate", "timing", "missing_usage", "unbilled", "sku", "quantity", "rate",
    "discount", "fx", "rounding", "unexplained",
)  # fmt: skip
SHOWN = 50  # derivations told in words; computation.csv has the tiers of all rows
KEY = ("direction", "counterparty", "invoice_id", "contract_id", "account_id", "sku_id", "unit")
DIFFERENCES = (
    "account_id", "sku_id", "usage_date", "billed_amount", "expected_amount", "variance_amount",
    "cause", "status",
)  # fmt: skip
STANDS = ("exception_id", "amount_at_risk", "cause", "status", "action", "rule_id", "rule_version",
          "opened_at", "resolved_at", "decided_by", "reference")  # fmt: skip


def summary_page(
    subject: str,
    differences: list[dict[str, Any]],
    exceptions: list[dict[str, Any]],
    files: list[str],
) -> str:
    """What is billed, what is expected, why they differ, and what was decided.

    Args:
        subject: what the bundle is of, in words.
        differences: rows of fct_reconciliation_diffs, the largest first.
        exceptions: rows of fct_exceptions.
        files: the other files of the bundle.

    Returns:
        The page in Markdown.
    """
    lines = [f"# Evidence: {subject}", ""]
    for currency in sorted({row["currency"] for row in differences}):
        rows = [row for row in differences if row["currency"] == currency]
        lines += _totals(rows, currency)
    common = {name: {row[name] for row in differences} for name in KEY}
    lines += ["## What it is of", ""]
    lines += [
        f"- {name}: {', '.join(sorted(map(str, values - {None}))) or 'none'}"
        for name, values in common.items()
        if len(values) <= SHOWN
    ]
    lines += ["", "## Differences", "", *_table(differences[:SHOWN], DIFFERENCES)]
    if len(differences) > SHOWN:
        lines.append(f"\n{len(differences) - SHOWN} more stand in differences.csv.")
    if exceptions:
        lines += ["", "## What became of them", "", *_table(exceptions[:SHOWN], STANDS)]
    lines += ["", "## Files", "", *(f"- {name}" for name in files)]
    lines += ["- files.csv: raw files with their SHA-256", "- manifest.json: SHA-256 of all these"]
    return "\n".join(lines) + "\n"


def _totals(rows: list[dict[str, Any]], currency: str) -> list[str]:
    """Billed, expected and the parts of the variance of one currency."""

    def total(name: str) -> Decimal:
        return sum((row[name] for row in rows), Decimal(0))

    lines = [
        f"Billed {plain(total('billed_amount'))} {currency}, expected "
        f"{plain(total('expected_amount'))} {currency}: variance "
        f"{plain(total('variance_amount'))} {currency}.",
        "",
    ]
    parts = {part: total(f"{part}_variance") for part in PARTS}
    lines += [f"- {part}: {plain(amount)} {currency}" for part, amount in parts.items() if amount]
    return [*lines, ""]


def computation_page(connection: duckdb.DuckDBPyConnection, charges: list[dict[str, Any]]) -> str:
    """How each expected amount came about, a sentence a step; the largest rows first.

    Args:
        connection: open on the release.
        charges: rows of fct_expected_charges, in the order in which they are told.
    """
    lines = ["# Computation", ""]
    for charge in charges[:SHOWN]:
        lines += [f"## {charge['expected_charge_id']}", ""]
        lines += [f"    {sentence}" for sentence in sentences(connection, charge)]
        lines.append("")
    if len(charges) > SHOWN:
        lines.append(f"{len(charges) - SHOWN} smaller rows stand in expected.csv.")
    return "\n".join(lines) + "\n"


def _table(rows: list[dict[str, Any]], names: tuple[str, ...]) -> list[str]:
    head = [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    return head + [f"| {' | '.join(_cell(row[name]) for name in names)} |" for row in rows]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = plain(value) if isinstance(value, Decimal) else str(value)
    return text.replace("|", "\\|")

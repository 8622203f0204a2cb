"""What others' tools find in the four FOCUS 1.4 datasets."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from focus_data_toolkit.errors import Severity
from focus_data_toolkit.model.validator import lint_focus_1_4_structure
from focus_data_toolkit.validate.bundle import validate_dataset_bundle
from focus_data_toolkit.validate.reconciliation import reconcile_invoice_detail
from focus_files import DATASETS, Rows

Finding = tuple[str, str, str, str]  # dataset, rule, column, service provider


def lint(datasets: dict[str, Rows]) -> Counter[Finding]:
    """Findings of the linter, counted; every dataset is looked at, the empty ones too."""
    found: Counter[Finding] = Counter()
    for dataset in DATASETS:
        rows = datasets[dataset]
        for violation in lint_focus_1_4_structure(dataset, rows).violations:
            row = {} if violation.row_index is None else rows[violation.row_index]
            provider = row.get("ServiceProviderName", "")
            found[dataset, violation.rule, violation.column or "", provider] += 1
    return found


def cross_dataset(datasets: dict[str, Rows]) -> list[str]:
    """Findings of the gate over all four datasets, reconciliation apart."""
    report = validate_dataset_bundle({name: datasets[name] for name in DATASETS})
    assert "cost_and_usage_invoice_detail_consistency" in report.checks_run
    return [d.message for d in report.diagnostics if d.severity is not Severity.NOT_APPLICABLE]


def tolerance(rows: int, subunit: Decimal = Decimal("0.01")) -> Decimal:
    """FOCUS 1.4, rounding variance: the greater of 100 subunits and half a subunit x sqrt(rows)."""
    return max(100 * subunit, Decimal(rows).sqrt() * subunit / 2)


def reconcile(datasets: dict[str, Rows]) -> list[str]:
    """Findings of the reconciliation of each invoice detail with its cost and usage."""
    charges: dict[str, Rows] = {}
    for row in datasets["Cost and Usage"]:
        charges.setdefault(row["InvoiceDetailId"], []).append(row)
    found = []
    for detail in datasets["Invoice Detail"]:
        rows = charges.get(detail["InvoiceDetailId"], [])
        allowed = tolerance(len(rows))
        found += reconcile_invoice_detail(rows, [detail], tolerance=allowed)
    return [diagnostic.code for diagnostic in found]

"""The suites: what must hold of each layer before the next one may read it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from trueup.gates.runner import Check, run_gate

if TYPE_CHECKING:
    import pyarrow as pa


def _never(column: str, level: Any, meaning: str) -> Check:
    """A count column of a profile must be zero in every partition."""
    from great_expectations import expectations as gxe

    return Check(
        expectation=gxe.ExpectColumnValuesToBeBetween(column=column, min_value=0, max_value=0),
        level=level,
        name=column,
        meaning=meaning,
    )


def _not_empty(column: str) -> Check:
    from great_expectations import expectations as gxe

    return Check(
        expectation=gxe.ExpectColumnValuesToBeBetween(column=column, min_value=1),
        level="critical",
        name=f"{column}_present",
        meaning="A partition without rows: its delivery is empty. Ask for the delivery again.",
    )


def staging_checks() -> list[Check]:
    """Checks of `staging_profile`, one row per partition."""
    return [
        _not_empty("row_count"),
        _never(
            "rows_without_account",
            "critical",
            "Rows that name no paying account cannot be billed to anyone. Ask the provider.",
        ),
        _never(
            "rows_with_odd_currency",
            "critical",
            "A currency that is none of ISO 4217 (seed currencies). Correct the export.",
        ),
        _never(
            "rows_ending_before_start",
            "critical",
            "Usage that ends before it starts. Correct the export.",
        ),
        _never(
            "rows_outside_period",
            "warning",
            "Usage more than three days outside its billing month: late or corrected usage.",
        ),
    ]


def family_checks() -> list[Check]:
    """Checks of `staging_profile` that hold for the exports of one provider only."""
    return [
        _never(
            "aws_payers_not_of_12_digits",
            "warning",
            "An AWS account id is not of 12 digits: it was taken for a number. Export it as text.",
        ),
        _never(
            "azure_usage_without_subscription",
            "warning",
            "Azure usage that names no subscription reaches no owner. Ask for the full column set.",
        ),
        _never(
            "gcp_usage_after_invoice_month",
            "warning",
            "Google Cloud usage on the invoice of an earlier month. Ask the provider.",
        ),
        _never(
            "oci_lines_without_reference",
            "critical",
            "An Oracle line without a reference cannot be told from its copy. Correct the export.",
        ),
    ]


def canonical_checks() -> list[Check]:
    """Checks of `charges_profile`, one row per partition, provider and currency."""
    from great_expectations import expectations as gxe

    return [
        _not_empty("charge_count"),
        _never(
            "charges_without_cost",
            "critical",
            "A charge lacks one of its four costs. Its source's canonical model must give it one.",
        ),
        _never(
            "charges_without_party",
            "critical",
            "A charge names no service or invoice issuer. Map it in its source's canonical model.",
        ),
        _never(
            "charges_ending_before_start",
            "critical",
            "A charge period that ends before it starts. Correct the export.",
        ),
        _never(
            "charges_of_unknown_kind",
            "warning",
            "A kind of line that the seed charge_kinds does not know. Add it there.",
        ),
        _never(
            "references_in_conflict",
            "warning",
            "An Oracle reference came again with other content; both are charged. Ask Oracle which "
            "one stands and take the other file away.",
        ),
        _never(
            "charges_of_one_identity",
            "critical",
            "Two charges have one charge_id. Its source's canonical model must tell them apart.",
        ),
        _never(
            "charges_out_of_range",
            "warning",
            "A charge of a thousand million or more: look whether its decimal point is right.",
        ),
        Check(
            expectation=gxe.ExpectCompoundColumnsToBeUnique(
                column_list=["partition_id", "provider", "billing_currency"]
            ),
            level="critical",
            name="partitions_unique",
            meaning="A partition was built twice. Rebuild with --full-refresh and report it.",
        ),
    ]


def _no_fault(subject_type: str, level: Any, meaning: str) -> Check:
    """No fault of a type may be listed; the observed value gives the sentences."""
    from great_expectations import expectations as gxe

    query = f"select fault from {{batch}} where subject_type = '{subject_type}'"
    return Check(
        expectation=gxe.UnexpectedRowsExpectation(unexpected_rows_query=query),
        level=level,
        name=subject_type,
        meaning=meaning,
    )


def attribution_checks() -> list[Check]:
    """Checks of `attribution_profile`, one row per fault of the owners, rates and aliases."""
    return [
        _no_fault(
            "owner_rule",
            "critical",
            "An owner rule that can match nothing: money would go to another owner. Correct it.",
        ),
        _no_fault(
            "owner_clash",
            "critical",
            "One owner rule with two owners. Give the rules different priorities.",
        ),
        _no_fault(
            "rate_clash",
            "critical",
            "Rates of one source and day that differ or are not above zero. Correct fx_rates.",
        ),
        _no_fault(
            "missing_rate",
            "warning",
            "A currency without a rate: its charges lack reporting amounts. Land an earlier rate.",
        ),
        _no_fault(
            "sku_alias",
            "critical",
            "A SKU alias that leads to several SKUs, or in a circle. Correct sku_aliases.",
        ),
    ]


def pricing_checks() -> list[Check]:
    """Checks of `pricing_profile`, one row per partition of priced usage."""
    return [
        _not_empty("row_count"),
        _never(
            "rows_priced_twice",
            "critical",
            "Usage with two prices: it would be expected twice. Report it.",
        ),
        _never(
            "usage_left_out",
            "critical",
            "Metered usage under a contract has no row of its price. Rebuild with --full-refresh "
            "and report it.",
        ),
        _never(
            "rows_without_reason",
            "critical",
            "Usage without an amount must say why. Report it.",
        ),
        _never(
            "rows_unpriced",
            "warning",
            "Usage that no card prices: fct_expected_charges names the card and the SKU.",
        ),
        _never(
            "rows_out_of_version",
            "critical",
            "A version priced usage of a time when it was not valid. Report it.",
        ),
        _never(
            "rows_out_of_bounds",
            "critical",
            "An amount above what the card's highest price or maximum allows. Report it.",
        ),
    ]


def reconciliation_checks() -> list[Check]:
    """Checks of `reconciliation_profile`, one row per partition of differences."""
    return [
        _not_empty("row_count"),
        _never(
            "keys_matched_twice",
            "critical",
            "A match key stands in two differences: its money would count twice. Rebuild with "
            "--full-refresh and report it.",
        ),
        _never(
            "exceptions_without_cause",
            "critical",
            "A difference beyond its tolerance that no part explains. Report it.",
        ),
        _never(
            "rows_of_wrong_status",
            "critical",
            "Matched although billed and expected differ, or the reverse. Report it.",
        ),
        _never(
            "rows_beyond_tolerance",
            "critical",
            "A difference beyond its tolerance counts as tolerated. Report it.",
        ),
        _never(
            "keys_without_price",
            "warning",
            "Billed, and nothing says what it should have cost: fct_reconciliation_diffs names the "
            "reason. Land the rate card or contract.",
        ),
        _never(
            "is_unexplained",
            "warning",
            "More than a thousandth of what a month bills differs without a cause. Look at "
            "fct_reconciliation_diffs where cause is unexplained.",
        ),
    ]


def volume_checks() -> list[Check]:
    """Checks of `charge_volume_profile`, one row per partition, provider and currency."""
    return [
        _never(
            "is_far_below_history",
            "warning",
            "A month with less than half of its usual charges: docs/runbooks/missing_export.md.",
        ),
        _never(
            "is_far_above_history",
            "warning",
            "A month with three times its usual charges: look for a feed delivered twice.",
        ),
    ]


SUITES = {
    "staging_profile": lambda: staging_checks() + family_checks(),
    "charge_volume_profile": volume_checks,
    "charges_profile": canonical_checks,
    "attribution_profile": attribution_checks,
    "pricing_profile": pricing_checks,
    "reconciliation_profile": reconciliation_checks,
}


def gate_on(session: Any, schema: str, table: str) -> pa.Table:
    """Run the suite of a profile on the session that dbt hands a Python model.

    Args:
        session: dbt's connection; its variables `run_id` and `as_of` name the run.
        schema: schema of the profile.
        table: name of the profile, a key of SUITES.

    Returns:
        The result rows of `run_gate`, for the gate's model to store.
    """
    run_id, as_of = session.execute("select getvariable('run_id'), getvariable('as_of')").fetchone()
    return run_gate(
        session,
        gate=table.removesuffix("_profile"),
        schema=schema,
        table=table,
        checks=SUITES[table](),
        run_id=run_id,
        as_of=datetime.fromisoformat(as_of),
    )

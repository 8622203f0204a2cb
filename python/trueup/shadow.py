"""Changed cards, mappings and rules beside the current ones: a build that is never published."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from trueup import steps
from trueup.config import ConfigurationError, Exit, Settings
from trueup.landing.checks import literal
from trueup.publish import current_release

# Figures of a release, by what they are of: rows and amount.
FIGURES = {
    "expected": """
        select
            concat_ws(' ', direction, counterparty, charge_kind) as subject, billing_period,
            currency, count(*) as row_count, sum(expected_amount) as amount
        from {marts}.fct_expected_charges
        where expected_amount is not null
        group by all""",
    "without expected amount": """
        select
            concat_ws(' ', direction, counterparty, charge_kind) as subject, billing_period,
            currency, count(*) as row_count, 0 as amount
        from {marts}.fct_expected_charges
        where expected_amount is null
        group by all""",
    "difference": """
        select
            concat_ws(' ', counterparty, status, cause) as subject, billing_period, currency,
            count(*) as row_count, sum(variance_amount) as amount
        from {marts}.fct_reconciliation_diffs
        where status != 'matched'
        group by all""",
    "owner": """
        select
            coalesce(owner, 'unattributed') as subject, billing_period,
            billing_currency as currency, count(*) as row_count, sum(billed_cost) as amount
        from {marts}.fct_charges
        group by all""",
}
COMPARED = """
    select
        '{figure}' as figure, subject, billing_period, currency,
        coalesce(before.row_count, 0) as rows_before, coalesce(after.row_count, 0) as rows_after,
        coalesce(before.amount, 0) as amount_before, coalesce(after.amount, 0) as amount_after,
        amount_after - amount_before as difference
    from ({before}) as before
    full outer join ({after}) as after using (subject, billing_period, currency)
    where rows_before != rows_after or amount_before != amount_after
    order by abs(difference) desc, subject, billing_period, currency
"""


def shadow(settings: Settings, landing: Path | None, say: steps.Say) -> steps.Report:
    """Build what would be published, and note on the report how it differs from the release.

    Args:
        settings: the home, of which only copies are changed; its project's code, seeds and rules
            are those that the build uses.
        landing: files that would be landed besides: changed rate cards, contracts, owners,
            aliases; None for none.
        say: told of each step.

    Returns:
        The report; `comparison` has a row per figure that differs, see FIGURES.

    Raises:
        ConfigurationError: nothing is published, or there is no such folder.
    """
    release = current_release(settings)
    if release is None:
        raise ConfigurationError("Nothing is published.", "Run `trueup refresh` first.")
    if landing is not None and not landing.is_dir():
        raise ConfigurationError(f"There is no folder {landing}.", "Name one with --landing.")
    with _copy_of(settings) as copied:
        if landing is not None:
            report = steps.land_step(replace(copied, landing=landing), say)
        else:
            report = steps.Report()
        steps.build_step(copied, report, say)
        if report.code != Exit.REFUSED:
            steps.gate_step(copied, report, say)
        if report.code != Exit.REFUSED:
            report.comparison = compare(release, copied.marts)
    return report


@contextmanager
def _copy_of(settings: Settings) -> Iterator[Settings]:
    """A home beside the home: databases are copied, what never changes is linked."""
    home = settings.home / "shadow"
    shutil.rmtree(home, ignore_errors=True)
    try:
        shutil.copytree(
            settings.home,
            home,
            ignore=shutil.ignore_patterns("shadow", "published", "logs", "*.lock"),
            copy_function=_copied,
        )
        yield replace(settings, home=home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _copied(source: str, target: str) -> None:
    if source.endswith(".parquet"):
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def compare(release: Path, marts: Path) -> list[dict[str, Any]]:
    """The figures that differ between a release and other marts, the largest difference first."""
    rows: list[dict[str, Any]] = []
    with duckdb.connect() as connection:
        for name, path in (("before", release), ("after", marts)):
            connection.execute(f"attach {literal(str(path))} as {name} (read_only)")
        for figure, query in FIGURES.items():
            found = connection.execute(
                COMPARED.format(
                    figure=figure,
                    before=query.format(marts="before.marts"),
                    after=query.format(marts="after.marts"),
                )
            )
            names = [column[0] for column in found.description or []]
            rows += [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return rows

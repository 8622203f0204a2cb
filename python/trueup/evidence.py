"""The evidence of an exception or an invoice: one folder that stands without the warehouse."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb

from trueup.evidence_pages import computation_page, summary_page
from trueup.explain import rows_of
from trueup.landing.checks import literal

# The differences that the bundle is of.
OF_EXCEPTION = """
    select diff_id from marts.fct_exceptions
    where exception_id = '{key}' or diff_id = '{key}'
"""
OF_INVOICE = """
    select diff_id from marts.fct_reconciliation_diffs
    where invoice_id = {invoice} and counterparty in (
        select {issuer}
        union all
        select provider from marts.fct_charges
        where invoice_id = {invoice} and invoice_issuer = {issuer}
        union all
        select recipient from marts.fct_invoice_lines
        where invoice_id = {invoice} and issuer = {issuer} and direction = 'receivable'
    )
"""
# Rows behind the differences, and what of them is expected or metered.
ROWS = """
    create temp table members as
    select * from release.marts.fct_diff_members where diff_id in (select diff_id from asked);
    create temp table due as
    select * from release.marts.fct_expected_charges
    where expected_charge_id in (select row_id from members);
    create temp table metered as
    select usage.usage_id from release.marts.fct_usage as usage
    inner join due on usage.usage_id = due.usage_id
    union
    select usage.usage_id from release.marts.fct_usage as usage
    inner join due
        on due.usage_id is null and usage.meter_id = due.meter_id
        and usage.account_id = due.account_id
        and usage.usage_start >= due.charge_period_start
        and usage.usage_start < due.charge_period_end;
    create temp table paths as
    select file_id, min(path) as path from release.marts.fct_landed_files group by file_id
"""
# File of the bundle to the rows in it. Each is ordered, so that the same evidence is the same file.
TABLES = {
    "differences.csv": """
        select * exclude (partition_id, partition_version) from marts.fct_reconciliation_diffs
        where diff_id in (select diff_id from asked) order by diff_id""",
    "exceptions.csv": """
        select * exclude (partition_id, partition_version) from marts.fct_exceptions
        where diff_id in (select diff_id from asked) order by exception_id""",
    "history.csv": """
        select * from marts.fct_exception_events
        where diff_id in (select diff_id from asked)
        order by exception_id, recorded_at, occurred_at, event_id""",
    "invoice_lines.csv": """
        select lines.*, files.path from marts.fct_invoice_lines as lines
        left join paths as files using (file_id)
        where invoice_line_id in (select row_id from members) or (issuer, invoice_id) in (
            select invoice_issuer, invoice_id from marts.fct_charges
            where charge_id in (select row_id from members)
        ) or ({is_invoice} and issuer = {issuer} and invoice_id = {invoice})
        order by issuer, invoice_id, line_no""",
    "charges.csv": """
        select charges.* exclude (partition_id, partition_version), files.path
        from marts.fct_charges as charges
        left join paths as files using (file_id)
        where charge_id in (select row_id from members)
        order by charge_period_start, charge_id""",
    "expected.csv": """
        select due.* exclude (partition_id, partition_version), files.path
        from due
        left join paths as files using (file_id)
        order by charge_period_start, expected_charge_id""",
    "usage.csv": """
        select usage.* exclude (landed_at, partition_id, partition_version), files.path
        from marts.fct_usage as usage
        left join paths as files using (file_id)
        where usage_id in (select usage_id from metered)
        order by usage_start, usage_id""",
    "rate_tiers.csv": """
        select * from marts.fct_rate_tiers
        where (rate_card_id, rate_version, sku_id) in (
            select rate_card_id, rate_version, sku_id from due
        )
        order by rate_card_id, rate_version, sku_id, tier""",
    "contracts.csv": """
        select * from marts.fct_contract_versions
        where (contract_id, contract_version) in (select contract_id, contract_version from due)
        order by contract_id, contract_version""",
}
SUMMARY, COMPUTATION, STEPS, FILES, MANIFEST = (
    "summary.md", "computation.md", "computation.csv", "files.csv", "manifest.json",
)  # fmt: skip


class NoEvidence(Exception):
    """There is nothing to show, or no place to put it; the text says why."""


@dataclass(frozen=True)
class Subject:
    """What the evidence is of: an exception (or its match key), or an invoice of an issuer."""

    exception: str | None = None
    issuer: str | None = None
    invoice: str | None = None

    @property
    def asked(self) -> str:
        """Query of its differences."""
        if self.exception is not None:
            return OF_EXCEPTION.format(key=self.exception)
        return OF_INVOICE.format(**self.names)

    @property
    def names(self) -> dict[str, str]:
        """Its names as SQL literals."""
        return {
            "is_invoice": str(self.invoice is not None).lower(),
            "issuer": literal(self.issuer or ""),
            "invoice": literal(self.invoice or ""),
        }

    def __str__(self) -> str:
        """In words."""
        if self.invoice is not None:
            return f"invoice {self.issuer}/{self.invoice}"
        return f"exception {self.exception}"


def subject_of(exception: str | None, invoice: str | None) -> Subject:
    """What is asked for.

    Args:
        exception: exception_id or diff_id.
        invoice: issuer and number, with a slash between.

    Raises:
        NoEvidence: neither or both, or not of that form.
    """
    if (exception is None) == (invoice is None):
        raise NoEvidence("Name either an exception or, by --invoice, an invoice.")
    if exception is not None:
        try:
            return Subject(exception=str(UUID(exception)))
        except ValueError:
            raise NoEvidence(f"{exception!r} is no id of an exception.") from None
    issuer, slash, number = str(invoice).partition("/")
    if not (issuer and slash and number):
        raise NoEvidence(f"--invoice {invoice!r} is not of the form ISSUER/ID.")
    return Subject(issuer=issuer, invoice=number)


def write_evidence(release: Path, registry: Path, subject: Subject, out: Path) -> dict[str, str]:
    """Write the bundle of a subject, whole or not at all.

    Args:
        release: the release to show; it is only read.
        registry: the registry of the home, which knows where each raw file is archived.
        subject: what the evidence is of.
        out: a folder that does not exist yet.

    Returns:
        SHA-256 of each file of the bundle, by name; the manifest itself is not in it.

    Raises:
        NoEvidence: no such exception or invoice, or the folder exists.
    """
    if out.exists():
        raise NoEvidence(f"{out} exists: name a new folder.")
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        with duckdb.connect() as connection:
            connection.execute(f"attach {literal(str(release))} as release (read_only)")
            connection.execute("use release")
            _prepare(connection, subject)
            for name, query in TABLES.items():
                _copy(connection, query.format(**subject.names), partial / name)
            _write_files(connection, registry, partial / FILES)
            _write_steps(connection, partial / STEPS)
            _write_pages(connection, subject, partial)
        hashes = {path.name: _sha256(path) for path in sorted(partial.iterdir())}
        manifest = {"of": str(subject), "release": release.name, "files": hashes}
        (partial / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        partial.rename(out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return hashes


def _prepare(connection: duckdb.DuckDBPyConnection, subject: Subject) -> None:
    """Temporary tables of what is asked for and of the rows behind it."""
    connection.execute(f"create temp table asked as {subject.asked}")
    if connection.execute("select 1 from asked limit 1").fetchone() is None:
        raise NoEvidence(f"Nothing in the release is of {subject}.")
    connection.execute(ROWS)


def _copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    connection.execute(f"copy ({query}) to {literal(str(path))} (header)")


def _write_files(connection: duckdb.DuckDBPyConnection, registry: Path, path: Path) -> None:
    """Each raw file that a row comes from: as it was landed, and its copy in the archive."""
    connection.execute(f"attach {literal(str(registry))} as registry (read_only)")
    found = rows_of(
        connection,
        """
        select files.file_id, files.source, files.path, files.sha256, files.archive_path
        from registry.landing.files as files
        where files.file_id in (
            select file_id from members
            union all
            select file_id from marts.fct_usage where usage_id in (select usage_id from metered)
        )
        qualify row_number() over (partition by files.file_id order by files.path) = 1
        order by files.path
        """,
        [],
    )
    for row in found:
        archived = registry.parent / (row["archive_path"] or "")
        row["archive_sha256"] = _sha256(archived) if archived.is_file() else None
    names = ["file_id", "source", "path", "sha256", "archive_path", "archive_sha256"]
    _write_rows(path, names, found)


def _write_steps(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Each tier of each expected row, multiplied again with plain decimals.

    `other_amount` is what quantity x unit price does not give: flat fees, packages, percentages.
    """
    rows = rows_of(
        connection,
        "select expected_charge_id, tier_detail from due where tier_detail is not null "
        "order by charge_period_start, expected_charge_id",
        [],
    )
    names = ["expected_charge_id", "tier", "quantity", "unit_price", "amount"]
    _write_rows(path, [*names, "multiplied_amount", "other_amount"], _steps(rows))


def _steps(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    with localcontext() as context:
        context.prec = 90
        for row in rows:
            for tier in json.loads(row["tier_detail"], parse_float=Decimal):
                quantity, price, amount = (
                    Decimal(tier[name] or 0) for name in ("quantity", "unit_price", "amount")
                )
                yield tier | {
                    "expected_charge_id": row["expected_charge_id"],
                    "multiplied_amount": f"{quantity * price:f}",
                    "other_amount": f"{amount - quantity * price:f}",
                }


def _write_pages(connection: duckdb.DuckDBPyConnection, subject: Subject, folder: Path) -> None:
    differences = rows_of(
        connection,
        "select * from marts.fct_reconciliation_diffs "
        "where diff_id in (select diff_id from asked) order by abs(variance_amount) desc, diff_id",
        [],
    )
    exceptions = rows_of(
        connection,
        "select * from marts.fct_exceptions "
        "where diff_id in (select diff_id from asked) order by amount_at_risk desc, exception_id",
        [],
    )
    others = sorted([*TABLES, COMPUTATION, STEPS])
    page = summary_page(str(subject), differences, exceptions, others)
    (folder / SUMMARY).write_text(page, encoding="utf-8")
    charges = rows_of(
        connection,
        "select * from due order by abs(expected_amount) desc nulls first, expected_charge_id",
        [],
    )
    (folder / COMPUTATION).write_text(computation_page(connection, charges), encoding="utf-8")


def _write_rows(path: Path, names: list[str], rows: Any) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

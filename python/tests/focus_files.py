"""FOCUS datasets in and out: generated ones to land, published ones as a user exports them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import duckdb
from focus_data_toolkit.convert import convert_to_focus_1_4
from focus_data_toolkit.generators import get_generator
from helpers import write_rows

Rows = list[dict[str, str]]
DATASETS = {
    "Cost and Usage": "focus_cost_and_usage",
    "Contract Commitment": "focus_contract_commitment",
    "Invoice Detail": "focus_invoice_detail",
    "Billing Period": "focus_billing_period",
}


def generated_1_3(provider: str, rows: int = 200) -> tuple[Rows, Rows]:
    """Cost and usage and contract commitments of FOCUS 1.3, the same on every machine."""
    generator = get_generator(provider, "1.3")
    return (
        _parsed(generator.generate_csv_bytes(rows, 7)),
        _parsed(generator.generate_contract_commitment_csv_bytes(rows, 7)),
    )


def generated_1_4(provider: str, rows: int = 200) -> dict[str, Rows]:
    """All four FOCUS 1.4 datasets; what 1.3 does not say is made up."""
    charges, commitments = generated_1_3(provider, rows)
    return dict(convert_to_focus_1_4(charges, commitments, mode="synthetic").datasets)


def land_1_4(landing: Path, datasets: dict[str, Rows]) -> None:
    """Write the datasets into one folder of the landing folder, a file each."""
    for name, mart in DATASETS.items():
        write_rows(landing / "focus" / "acme" / f"{mart}.csv", datasets[name])


def exported(marts: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, Rows]:
    """The published FOCUS 1.4 datasets as CSV files, read back as text."""
    return {name: export(marts, mart, folder) for name, mart in DATASETS.items()}


def export(marts: duckdb.DuckDBPyConnection, mart: str, folder: Path) -> Rows:
    """One published dataset as a CSV file with FOCUS times, read back as text."""
    path = folder / f"{mart}.csv"
    marts.execute(f"copy marts.{mart} to '{path}' (header, timestampformat '%Y-%m-%dT%H:%M:%SZ')")
    return _parsed(path.read_bytes())


def _parsed(text: bytes) -> Rows:
    return list(csv.DictReader(io.StringIO(text.decode("utf-8"), newline="")))

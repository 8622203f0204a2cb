"""AWS Data Exports, CUR 2.0: Parquet with maps, and its manifest.

Each charge line is one line item, but for two things. What is unused of a reservation has no lines:
the month's RIFee line says its hours and its part of both fees. And prices are public, with net
amounts beside them, so that discounts of the agreement stand on PrivateRateDiscount lines too (one
per account, SKU and hour), net of which nothing is paid. Net and effective cost add up to those of
the charge lines in each month, and so do they for each commitment.

Amounts are doubles, as at AWS: up to 15 digits, that is below 100,000 a line, they are exact.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from trueup.simulate.exports.aws import BUCKET, prepare, write_files
from trueup.simulate.files import write_json
from trueup.simulate.world import World

QUERY = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


def write(world: World, payer_no: int, period: date, landing: Path) -> None:
    """Write the final export of a month for one payer."""
    report = prepare(world, payer_no, period, QUERY, has_net_columns=True)
    execution = f"{report.arrives_at:%Y-%m-%dT%H:%M:%S.000Z}-{report.delivery_id}"
    partition = f"BILLING_PERIOD={period:%Y-%m}/{execution}"
    key = f"billing/{report.name}/data/{partition}/{report.name}-00001.snappy.parquet"
    folder = f"billing/{report.name}/metadata/{partition}"
    source = landing / "aws_cur2"
    write_files(world, report, [source / key])
    manifest = {
        "exportName": report.name,
        "executionId": report.delivery_id,
        "columns": [{"name": column} for column in report.columns],
        "dataFiles": [f"s3://{BUCKET}/{key}"],
    }
    write_json(manifest, source / folder / f"{report.name}-Manifest.json", report.arrives_at)

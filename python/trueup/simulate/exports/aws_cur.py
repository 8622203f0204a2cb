"""The legacy AWS Cost and Usage Report: gzip CSV files in an assembly folder, and their manifest.

Each charge line is one line item, but for what a savings plan changes: usage that it covers stands
at its usual price, which SavingsPlanNegation lines take back (one per account, SKU and hour); the
month's fee is a SavingsPlanRecurringFee line for each hour, which says how much of the commitment
was used, and thereby what is unused. Billed and effective cost add up to those of the charge lines
in each month, and so do they for each commitment.

Rates are those of the contract: this report has no net columns. What differs from them by a planted
effect is billed as it stands in the charge lines; effective cost of usage is what is billed for it.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from trueup.simulate.exports.aws import BUCKET, prepare, write_files
from trueup.simulate.files import write_json
from trueup.simulate.world import World

QUERY = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
FILES = 2


def write(world: World, payer_no: int, period: date, landing: Path) -> None:
    """Write the final report of a month for one payer."""
    report = prepare(world, payer_no, period, QUERY, has_net_columns=False)
    next_period = report.arrives_at.date().replace(day=1)
    folder = f"billing/{report.name}/{period:%Y%m%d}-{next_period:%Y%m%d}"
    keys = [
        f"{folder}/{report.delivery_id}/{report.name}-{number:05}.csv.gz"
        for number in range(1, FILES + 1)
    ]
    source = landing / "aws_cur"
    write_files(world, report, [source / key for key in keys])
    manifest = {
        "assemblyId": report.delivery_id,
        "account": report.payer_id,
        "columns": [
            dict(zip(("category", "name"), column.split("/", 1), strict=True))
            for column in report.columns
        ],
        "charset": "UTF-8",
        "compression": "GZIP",
        "contentType": "text/csv",
        "reportName": report.name,
        "billingPeriod": {
            "start": f"{period:%Y%m%d}T000000.000Z",
            "end": f"{next_period:%Y%m%d}T000000.000Z",
        },
        "bucket": BUCKET,
        "reportKeys": keys,
        "additionalArtifactKeys": [],
    }
    # AWS writes it twice: beside its files, and where the newest assembly of the month is looked up
    for place in (f"{folder}/{report.delivery_id}", folder):
        write_json(manifest, source / place / f"{report.name}-Manifest.json", report.arrives_at)

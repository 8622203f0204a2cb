"""Azure Cost Management exports of an Enterprise Agreement: actual and amortized cost as CSV.

Both state the same usage. The actual export bills what a reservation covers at 0 and has the
purchase; the amortized one spreads the fee over covered and unused hours and has no purchase. Each
is an export of its own, in folders of its own, with a manifest for each run. The actual export
writes tags without braces, as exports long did, the amortized one with them.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from trueup.simulate.draw import uuids
from trueup.simulate.exports.rows import month_end, prepare_rows, write_query
from trueup.simulate.files import final_export_arrives_at, write_json
from trueup.simulate.world import World

# What each export is called in its manifest.
STATEMENTS = {"actual": "ActualCost", "amortized": "AmortizedCost"}
CONTAINER = "exports"


def write(world: World, payer_no: int, period: date, landing: Path) -> None:
    """Write both exports of a month as they are once it is final."""
    prepare_rows(world, payer_no)
    ends_on = date.fromordinal(month_end(period).toordinal() - 1)
    arrives_at = final_export_arrives_at(period)
    payer_id = world.connection.execute(
        "select payer_id from payers where payer_no = ?", [payer_no]
    ).fetchall()[0][0]
    for statement in STATEMENTS:
        run_id = uuids(world.plan.stream("azure_run", payer_no, period, statement), 1)[0]
        folder = Path(statement, f"{period:%Y%m%d}-{ends_on:%Y%m%d}", run_id)
        path = landing / "azure_cost" / folder / "part_0_0001.csv"
        rows = write_query(world, "azure_cost.sql", path, arrives_at, statement=statement)
        blob = {
            "blobName": f"{CONTAINER}/{folder.as_posix()}/{path.name}",
            "byteCount": path.stat().st_size,
            "dataRowCount": rows,
        }
        manifest = _manifest(statement, payer_id, (period, ends_on), (run_id, arrives_at), blob)
        write_json(manifest, path.with_name("manifest.json"), arrives_at)


def _manifest(
    statement: str,
    payer_id: str,
    days: tuple[date, date],
    run: tuple[str, datetime],
    blob: dict[str, Any],
) -> dict[str, Any]:
    """What Azure writes beside an export's files, once all of them are there."""
    account = f"/providers/Microsoft.Billing/billingAccounts/{payer_id}"
    return {
        "manifestVersion": "2024-04-01",
        "byteCount": blob["byteCount"],
        "blobCount": 1,
        "dataRowCount": blob["dataRowCount"],
        "exportConfig": {
            "exportName": statement,
            "resourceId": f"{account}/providers/Microsoft.CostManagement/exports/{statement}",
            "dataVersion": "2023-05-01",
            "apiVersion": "2023-07-01-preview",
            "type": STATEMENTS[statement],
            "timeFrame": "TheLastMonth",
            "granularity": "Daily",
        },
        "deliveryConfig": {
            "partitionData": True,
            "dataOverwriteBehavior": "CreateNewReport",
            "fileFormat": "Csv",
            "compressionMode": "None",
            "rootFolderPath": CONTAINER,
        },
        "runInfo": {
            "executionType": "Scheduled",
            "submittedTime": f"{run[1]:%Y-%m-%dT%H:%M:%S}.0000000Z",
            "runId": run[0],
            "startDate": f"{days[0]}T00:00:00",
            "endDate": f"{days[1]}T00:00:00",
        },
        "blobs": [blob],
    }

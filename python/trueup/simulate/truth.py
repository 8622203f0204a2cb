"""The truth of a world: what is due and billed, line by line, and what was planted.

It lies beside the landing folder, and the warehouse never reads it.
"""

from __future__ import annotations

import csv
import json
from dataclasses import asdict, fields
from datetime import date
from pathlib import Path

from trueup.simulate.effects import Effect, Truth
from trueup.simulate.files import write_rows
from trueup.simulate.world import World

LINES = """
    select
        lines.* exclude (payer_no, account_no, resource_no, sku_no, commitment_no, credit_no),
        payers.provider,
        payers.export,
        payers.payer_id,
        payers.currency,
        accounts.account_id,
        resources.resource_id,
        skus.sku_id
    from (from lines union all by name from unbilled) as lines
    inner join payers on lines.payer_no = payers.payer_no
    left join accounts on lines.account_no = accounts.account_no
    left join resources on lines.resource_no = resources.resource_no
    left join skus on lines.sku_no = skus.sku_no
    order by line_no
"""
TOTALS = """
    select
        provider, payer_id, billing_period, kind, currency, count(*) as row_count,
        sum(billed_cost) as billed_cost, sum(due_cost) as due_cost,
        sum(effective_cost) as effective_cost
    from read_parquet('{files}')
    group by all
    order by all
"""


def write_month(world: World, period: date, folder: Path) -> int:
    """Write the month's lines, as due and as billed; returns their number."""
    path = folder / "lines" / f"{period:%Y-%m}.parquet"
    return write_rows(world.connection, LINES, path, world.plan.ends_at)


def write(world: World, wanted: tuple[str, ...], effects: list[Effect], folder: Path) -> None:
    """Write totals, planted effects and what the world was made of."""
    files = str(folder / "lines" / "*.parquet").replace("'", "''")
    write_rows(
        world.connection, TOTALS.format(files=files), folder / "totals.csv", world.plan.ends_at
    )
    with (folder / "effects.csv").open("w", newline="", encoding="utf-8") as file:
        names = ["effect_id", "id", *(field.name for field in fields(Truth))]
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        for effect in effects:
            for truth in effect.truths:
                writer.writerow({"effect_id": effect.effect_id, "id": effect.id} | asdict(truth))
    plan = {
        "seed": world.plan.seed,
        "months": world.plan.months,
        "lines": world.plan.lines,
        "first_month": world.plan.first_month.isoformat(),
        "planted": wanted,
    }
    (folder / "world.json").write_text(json.dumps(plan, indent=2) + "\n", encoding="utf-8")

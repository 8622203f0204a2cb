"""Measure the allocation side by side with cloud-cost-allocation, a library that allocates by keys.

Both get the same charges of one day and the same keys: 180 pools in three steps, each to ten others
(`allocation_inputs.sql`, with every rule by driver, for keys are all that the other library knows).
Every owner must bear the same in both, to six digits behind the point: it computes in binary
floating point. It is installed from the package index for the run alone, into the temporary folder,
and runs in a process of its own, from CSV files to a CSV file.

Example: python bench/allocation_peer.py --rows 10000
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from configparser import ConfigParser
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from allocation import SETTINGS, generate, measured
from measure import measure
from reconcile import PROJECT, figures_of

# With what it imports but does not ask for. 2.4.0 cannot be imported before Python 3.14.
PEER = ["cloud-cost-allocation==2.3.4", "python-dateutil<3", "requests", "validators"]
# One day, one kind of charge, and a driver for every rule but those for levies.
INPUTS = """
    create or replace table attributed_charges as
    select * replace (date '2025-01-01' as charge_date, 'Usage' as charge_category)
    from attributed_charges;
    create or replace table rules as
    select * replace (
        'driver' as method, 'usage-' || split_part(rule_id, '-', 2) as driver_id,
        null::varchar as targets, null::varchar as fixed_shares
    )
    from rules
    where not starts_with(rule_id, 'levies');
    create or replace table drivers as
    select * replace (null::varchar as tenant)
    from drivers
    where driver_date = date '2025-01-01';
"""
# Both costs of FOCUS, as cloud-cost-allocation names its amounts: amortised and on demand.
FILES = """
    copy (
        select
            charge_date as ChargePeriodStart, charge_date + 1 as ChargePeriodEnd,
            effective_cost as EffectiveCost, billed_cost as ContractedCost,
            billing_currency as BillingCurrency, '' as CommitmentDiscountStatus,
            '{{"service": "' || owner || '"}}' as Tags
        from attributed_charges
    ) to '{folder}/charges.csv';
    copy (
        select
            drivers.driver_date as Date, rules.pool as ProviderService,
            drivers.value as ProviderCostAllocationKey, drivers.owner as ConsumerService
        from drivers
        inner join rules using (driver_id)
    ) to '{folder}/keys.csv';
"""
CONFIG = """
[General]
Amounts = AmortizedCost,OnDemandCost
AllocationKeys = {key}
AmountAllocationKeys = AmortizedCost:{key},OnDemandCost:{key}
DateFormat = %%Y-%%m-%%d

[TagKey]
Service = service
"""
OURS = """
    select owner, sum(allocated_effective_cost), sum(allocated_billed_cost)
    from ours.allocated
    group by owner
"""
# What is passed on is stated with whom it reaches too.
THEIRS = """
    select Service, sum(AmortizedCost), sum(OnDemandCost)
    from read_csv('{folder}/allocated.csv', types = {{
        'AmortizedCost': 'double', 'OnDemandCost': 'double'
    }})
    where Service not in (select pool from rules)
    group by Service
"""
CLOSE = Decimal("0.000001")


def main() -> int:
    """Run both and print their figures as JSON; returns 0, or 1 where they differ."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000, help="charges (10000)")
    parser.add_argument("--allocate", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.allocate:
        print(json.dumps(allocated(options.allocate)))
        return 0
    with tempfile.TemporaryDirectory(prefix="trueup_bench_") as name:
        folder, load = Path(name), os.getloadavg()[0]
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--target", str(folder / "peer"), *PEER], check=True)
        inputs = folder / "inputs.duckdb"
        generate(inputs, options.rows)
        with duckdb.connect(inputs, config=SETTINGS) as connection:
            connection.execute(INPUTS)
            connection.execute(FILES.format(folder=folder))
        command = [sys.executable, __file__, "--allocate", str(folder)]
        runs = {
            "ours": measured("ours", folder),
            "peer": measure(command, PROJECT, {"PYTHONPATH": str(folder / "peer")}),
        }
        if any(run.code for run in runs.values()):
            return 1
        with duckdb.connect(inputs, read_only=True) as connection:
            connection.execute(f"attach '{folder}/ours.duckdb' as ours (read_only)")
            ours, theirs = (
                borne(connection.execute(query.format(folder=folder)).fetchall())
                for query in (OURS, THEIRS)
            )
    results = {name: json.loads(run.output) for name, run in runs.items()}
    figures = {
        "at": time.strftime("%Y-%m-%d"),
        "load_before": load,
        "rows": options.rows,
        **{name: figures_of(run) | results[name] for name, run in runs.items()},
        "owners": len(ours),
        "equal": are_close(ours, theirs),
    }
    print(json.dumps(figures, indent=2))
    return 0 if figures["equal"] else 1


def borne(rows: list[tuple[Any, ...]]) -> dict[str, list[Decimal]]:
    """Both costs by owner, without owners that bear none."""
    return {owner: [Decimal(cost) for cost in costs] for owner, *costs in rows if any(costs)}


def are_close(ours: dict[str, list[Decimal]], theirs: dict[str, list[Decimal]]) -> bool:
    """Whether both have the same owners and costs, but for what binary floating point loses."""
    return ours.keys() == theirs.keys() and all(
        abs(cost - other) < CLOSE
        for owner in ours
        for cost, other in zip(ours[owner], theirs[owner], strict=True)
    )


def allocated(folder: Path) -> dict[str, Any]:
    """Allocate by cloud-cost-allocation: seconds of reading, allocating and writing."""
    library = "cloud_cost_allocation"
    names = [
        "config", "cost_items", "cloud_cost_allocator", "utils.utils", "reader.csv_focus_reader",
        "reader.csv_cost_allocation_keys_reader", "writer.csv_allocated_cost_writer",
    ]  # fmt: skip
    modules: list[Any] = [importlib.import_module(f"{library}.{name}") for name in names]
    config_module, items, allocator_module, utils, focus, keys, writer = modules
    stated = ConfigParser()
    stated.read_string(CONFIG.format(key="ProviderCostAllocationKey"))
    begun = time.monotonic()
    config = config_module.Config(stated)
    factory = items.CostItemFactory(config)
    charges: list[Any] = []
    consumers: list[Any] = []
    utils.read_csv_file(str(folder / "charges.csv"), focus.CSV_FocusReader(factory), charges)
    utils.read_csv_file(
        str(folder / "keys.csv"), keys.CSV_CostAllocationKeysReader(factory), consumers
    )
    read = time.monotonic()
    allocator = allocator_module.CloudCostAllocator(factory)
    allocator.currency, allocator.date_str = charges[0].currency, charges[0].date_str
    if not allocator.allocate(consumers, charges, config.amounts):
        raise RuntimeError("cloud-cost-allocation has refused the input")
    passed_on = time.monotonic()
    utils.write_csv_file(
        str(folder / "allocated.csv"),
        writer.CSV_AllocatedCostWriter(allocator.service_instances, config),
    )
    ended = time.monotonic()
    return {
        "seconds_in_process": round(ended - begun, 2),
        "read_seconds": round(read - begun, 2),
        "allocate_seconds": round(passed_on - read, 2),
        "write_seconds": round(ended - passed_on, 2),
    }


if __name__ == "__main__":
    sys.exit(main())

"""Clean simulated worlds, refreshed: nothing is planted, so nothing may be found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from helpers import trueup

from trueup.simulate.plan import Plan
from trueup.simulate.run import simulate

# The world that tests share.
PLAN = Plan(seed=5, months=2, lines=20_000)
# After the end of the last month: its bills are final, and the reports of its last day are in.
DAYS_AFTER = 10


@dataclass(frozen=True)
class RefreshedWorld:
    """A simulated world and the home that was refreshed from it. Read them, never change them."""

    plan: Plan
    landing: Path
    truth: Path
    home: Path
    as_of: datetime


def refresh_world(plan: Plan, folder: Path) -> RefreshedWorld:
    """Simulate a world without faults in a folder, and refresh a home beside it."""
    simulated = simulate(plan, (), folder / "world", lambda text: None)
    home, as_of = folder / "home", plan.ends_at + timedelta(days=DAYS_AFTER)
    moment = f"{as_of:%Y-%m-%dT%H:%M:%SZ}"
    outcome = trueup("refresh", home, simulated.landing, "--json", "--as-of", moment)
    if outcome.returncode != 0:
        pytest.fail(f"a clean world of {plan}: {outcome.stdout}\n{outcome.stderr}", False)
    return RefreshedWorld(plan, simulated.landing, simulated.truth, home, as_of)

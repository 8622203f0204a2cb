"""Land a folder and build canonical charges from it, with their tests; nothing after them.

Example: python bench/canonical.py landing home 2024-01-10
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from trueup.config import resolve
from trueup.steps import NO_UNIT_TESTS, land_step
from trueup.warehouse import run_dbt

# Every model that charges are made of, and every test whose models are all among them.
BUILD = ("build", "--select", "+charges", "--indirect-selection", "cautious", *NO_UNIT_TESTS)


def run(landing: str, home: str, as_of: str) -> dict[str, float]:
    """Land and build in a home that does not exist yet.

    Returns:
        Seconds by step.

    Raises:
        RuntimeError: a model or test failed.
    """
    settings = resolve(landing, Path(home), as_of)
    settings.build.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    land_step(settings, lambda text: None)
    landed = time.monotonic()
    outcome = run_dbt(settings, [*BUILD], lambda text: None)
    if not outcome.ok:
        raise RuntimeError("; ".join(outcome.failures))
    return {
        "land": round(landed - begun, 2),
        "build": round(time.monotonic() - landed, 2),
    }


if __name__ == "__main__":
    print(json.dumps({"steps": run(*sys.argv[1:])}))

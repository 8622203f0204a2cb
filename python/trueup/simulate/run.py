"""Simulate: write a world's landing folder month by month, and the truth beside it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from trueup.simulate import truth
from trueup.simulate.effects import plant
from trueup.simulate.exports import EXPORTS
from trueup.simulate.faults import KINDS
from trueup.simulate.own import MONTHLY, ONCE
from trueup.simulate.own.metering import measure
from trueup.simulate.plan import Plan
from trueup.simulate.world import World, new_world


@dataclass(frozen=True)
class Simulated:
    """What was written: folders, files and charge lines, and the ids of what was planted."""

    landing: Path
    truth: Path
    files: int
    lines: int
    effects: tuple[str, ...]


def simulate(
    plan: Plan, wanted: tuple[str, ...], out: Path, say: Callable[[str], None]
) -> Simulated:
    """Write `out`/landing and `out`/truth for a plan, with the wanted effects planted.

    They are their owner's alone, as bills should be.

    Raises:
        FileExistsError: `out` holds something already.
        KeyError: an id is none of the failure modes and scenarios.
        LookupError: a world of this size has no place left for an effect.
    """
    if out.exists() and any(out.iterdir()):
        raise FileExistsError(f"{out} is not empty: name a new folder.")
    unknown = [name for name in wanted if name not in KINDS]
    if unknown:
        raise KeyError(f"{', '.join(unknown)}: no such failure mode or scenario.")
    landing = out / "landing"
    with _owner_only():
        out.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=out) as scratch, new_world(plan, Path(scratch)) as world:
            say(f"a company of seed {plan.seed}: {plan.months} months, about {plan.lines:,} lines")
            effects = plant(KINDS, wanted, world)
            for effect in effects:
                effect.before_usage()
            lines = 0
            for period in plan.periods:
                world.simulate(period)
                for effect in sorted(effects, key=lambda effect: effect.breadth):
                    effect.on_lines(period)
                measure(world, period)
                for effect in effects:
                    effect.on_events(period)
                _write_month(world, period, landing)
                lines += truth.write_month(world, period, out / "truth")
                say(f"{period:%Y-%m}: {lines:,} lines so far")
            for write in ONCE:
                write(world, landing)
            for effect in effects:
                effect.on_files(landing)
            truth.write(world, wanted, effects, out / "truth")
    files = sum(path.is_file() for path in landing.rglob("*"))
    return Simulated(landing, out / "truth", files, lines, tuple(e.effect_id for e in effects))


@contextmanager
def _owner_only() -> Iterator[None]:
    """Let others neither read nor enter what is made in this block."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _write_month(world: World, period: date, landing: Path) -> None:
    payers = world.connection.execute("select payer_no, export from payers order by payer_no")
    for payer_no, export in payers.fetchall():
        EXPORTS[export](world, payer_no, period, landing)
    for write in MONTHLY:
        write(world, period, landing)

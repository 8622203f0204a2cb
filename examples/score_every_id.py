"""Plant every failure mode and scenario in made-up companies, and say in a table what was found.

Run from the project folder: python examples/score_every_id.py [--write docs/coverage.md]

Each seed gets some worlds, for the effects together would leave no usual day to tell them from.
The table stands in the document between two comment lines and is replaced there.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from threading import Lock

from trueup.config import Exit
from trueup.simulate.demo import months
from trueup.simulate.effects import Effect
from trueup.simulate.faults import KINDS
from trueup.simulate.faults.acts import Act
from trueup.simulate.plan import Plan

BEGIN, END = "<!-- scores begin -->", "<!-- scores end -->"
COUNTS = {
    "RF": 10,
    "BF": 5,
    "TF": 10,
    "EF": 8,
    "IF": 8,
    "RS": 4,
    "BS": 4,
    "TS": 4,
    "ES": 4,
    "IS": 6,
}
MISSION_IDS = tuple(f"{kind}{n}" for kind, count in COUNTS.items() for n in range(1, count + 1))


@dataclass
class Found:
    """What all worlds together say of one id."""

    is_built: bool = False
    planted: int = 0
    found: int = 0
    cause_right: int = 0
    false_alarms: int = 0
    amount: Decimal = Decimal(0)
    amount_error: Decimal = Decimal(0)


@dataclass
class Tally:
    """Scores by id, and what went wrong on the way."""

    by_id: dict[str, Found] = field(default_factory=lambda: defaultdict(Found))
    troubles: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def add(self, scores: list[dict[str, str]]) -> None:
        """Add the scores of one world, as `trueup score --json` prints them."""
        with self.lock:
            for score in scores:
                found = self.by_id[score["id"]]
                found.is_built = bool(score["is_built"])
                for name in ("planted", "found", "cause_right", "false_alarms"):
                    setattr(found, name, getattr(found, name) + int(score[name]))
                for name in ("amount", "amount_error"):
                    setattr(found, name, getattr(found, name) + Decimal(score[name]))


def groups(size: int) -> Iterator[tuple[str, ...]]:
    """Ids that share a world: those that act on files apart from those that act on charges."""
    of_files = [name for name, kind in KINDS.items() if kind.on_files is not Effect.on_files]
    of_charges = [name for name in KINDS if name not in of_files]
    for names in (of_files, of_charges):
        count = -(-len(names) // size)
        for number in range(count):
            yield tuple(names[number::count])


def score_world(plan: Plan, ids: tuple[str, ...], tally: Tally) -> None:
    """Simulate, refresh and score one world, in a folder that goes away again."""
    with tempfile.TemporaryDirectory(prefix="trueup_scores_") as folder:
        _score_world(plan, ids, Path(folder), tally)
    print(f"seed {plan.seed}: {', '.join(ids)}", file=sys.stderr)


def _score_world(plan: Plan, ids: tuple[str, ...], folder: Path, tally: Tally) -> None:
    wanted = [word for name in ids for word in ("--fault", name)]
    world, home = folder / "world", folder / "home"
    for place in (folder, world):  # what a fault opens to others can be reached by them
        place.mkdir(mode=0o711, exist_ok=True)
        place.chmod(0o711)
    as_of = f"{list(months(plan))[-1]:%Y-%m-%dT%H:%M:%SZ}"
    for words in (
        ("simulate", "--seed", str(plan.seed), "--months", str(plan.months), "--lines",
         str(plan.lines), "--out", str(world), "--quiet", *wanted),
        ("refresh", "--landing", str(world / "landing"), "--home", str(home), "--as-of", as_of,
         "--quiet"),
        ("score", str(world / "truth"), "--home", str(home), "--json"),
    ):  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "trueup.cli", *words],
            text=True,
            capture_output=True,
            check=False,
        )
        is_below = words[0] == "score" and done.returncode == Exit.REFUSED
        if done.returncode not in (Exit.GOOD, Exit.PARTIAL) and not is_below:
            tally.troubles.append(f"seed {plan.seed}, {words[0]}: {done.stderr.strip()[-500:]}")
            return
    tally.add(json.loads(done.stdout)["scores"])


def table(tally: Tally, seeds: list[int], plan: Plan) -> str:
    """The table, one row an id of the mission."""
    rows = [
        f"Written by `python examples/score_every_id.py`: seeds {', '.join(map(str, seeds))},"
        f" {plan.months} months and about {plan.lines:,} charge lines each."
        " Amounts are sums of absolute values, over currencies.",
        "",
        "| id | planted | found | cause right | false alarms | amount planted | amount error |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name in MISSION_IDS:
        found = tally.by_id.get(name)
        if found is None or not found.planted:
            rows.append(f"| {name} | not planted | | | | | |")
        elif issubclass(KINDS[name], Act):
            rows.append(f"| {name} | {found.planted} | an act, see above | | | | |")
        elif not found.is_built:
            rows.append(
                f"| {name} | {found.planted} | system not built yet | | | {found.amount:,.2f} | |"
            )
        else:
            rows.append(
                f"| {name} | {found.planted} | {found.found} | {found.cause_right}"
                f" | {found.false_alarms} | {found.amount:,.2f} | {found.amount_error:,.2f} |"
            )
    return "\n".join([*rows, *(f"\n{trouble}" for trouble in tally.troubles)])


def main() -> None:
    """Score all ids over random seeds, print the table, and write it where asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", help="otherwise five, by chance")
    parser.add_argument("--months", type=int, default=2)
    parser.add_argument("--lines", type=int, default=20_000)
    parser.add_argument("--size", type=int, default=40, help="ids planted in one world")
    parser.add_argument("--write", type=Path, help="document whose table is replaced")
    options = parser.parse_args()
    seeds = options.seeds or sorted(random.SystemRandom().sample(range(1, 100_000), 5))
    tally = Tally()
    plan = Plan(0, options.months, options.lines)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        worlds = [
            pool.submit(score_world, replace(plan, seed=seed), ids, tally)
            for seed in seeds
            for ids in groups(options.size)
        ]
    for world in worlds:
        world.result()
    written = table(tally, seeds, plan)
    print(written)
    if options.write:
        replace_table(options.write, written)


def replace_table(document: Path, written: str) -> None:
    """Put the table between the two comment lines of a document."""
    text = document.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    document.write_text(f"{before}{BEGIN}\n\n{written}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()

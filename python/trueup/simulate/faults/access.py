"""Faults of access: others may read a source's files, or we may not."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

from trueup.simulate.effects import Effect, Truth
from trueup.simulate.faults.delivered import (
    arrival,
    choose_file,
    contents,
    ends_at,
    name_of,
    period_before,
    starts_at,
)

# Monthly files on which no other figure of ours depends.
UNNEEDED = ("business_metrics/*.csv", "operating_costs/*.csv")
NOWHERE = Path("/unmounted")


class OpenFolder(Effect):
    """Others on the machine may read the files of a source."""

    id = "EF8"

    def on_files(self, landing: Path) -> None:
        """Let others into one folder; into the rest they may not go."""
        path = choose_file(self, landing, ["*"])
        landing.chmod(0o711)
        for folder in landing.iterdir():
            if folder.name not in self.world.taken:
                folder.chmod(0o700)
        files = [each for each in path.rglob("*") if each.is_file()]
        for each in (path, *path.rglob("*")):
            if not each.is_symlink():
                each.chmod(0o755 if each.is_dir() else 0o644)
        plan = self.world.plan
        self.truths.append(
            Truth(
                path.name, "landing_readable", "close", plan.periods[-1], plan.starts_at,
                plan.ends_at, len(files), Decimal(0), "USD",
            )
        )  # fmt: skip


class UnreadFile(Effect):
    """A file lies on a share that is not mounted: a link leads nowhere, for whoever reads it."""

    id = "RF8"

    def on_files(self, landing: Path) -> None:
        """Put the link into the file's place."""
        path = choose_file(self, landing, UNNEEDED)
        period = period_before(self.world.plan, arrival(path))
        (rows,) = self.world.connection.execute(
            f"select count(*) from {contents(path)}"
        ).fetchall()[0]
        moment = path.stat().st_mtime
        path.unlink()
        path.symlink_to(NOWHERE / path.name)
        os.utime(path, (moment, moment), follow_symlinks=False)
        self.truths.append(
            Truth(
                name_of(landing, path), "unread", "retry", period, starts_at(period),
                ends_at(period), rows, Decimal(0), "USD",
            )
        )  # fmt: skip

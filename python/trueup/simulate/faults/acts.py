"""Faults that are done to a running warehouse, not filed: what a game day has to do.

The truth of each is one row. Its subject is what is acted on, its treatment what must be seen. They
change no file; docs/coverage.md says which tests do each of them.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import ClassVar

from trueup.simulate.effects import Effect, Truth


class Act(Effect):
    """Something to be done; subclasses say to what, and what must come of it."""

    subject: ClassVar[str]
    cause: ClassVar[str]
    treatment: ClassVar[str]

    def on_files(self, landing: Path) -> None:
        """Write down what is to be done."""
        plan = self.world.plan
        self.truths.append(
            Truth(
                self.subject, self.cause, self.treatment, plan.periods[-1], plan.starts_at,
                plan.ends_at, 0, Decimal(0), "USD",
            )
        )  # fmt: skip


class LittleMemory(Act):
    """There is more data than memory."""

    id = "RF10"
    subject = "refresh"
    cause = "TRUEUP_MEMORY_LIMIT far below the size of landing, such as 500MB"
    treatment = "it spills to disk and ends with the figures of a refresh that has memory"


class ThrottledSource(Act):
    """A source throttles."""

    id = "IF2"
    subject = "landing"
    cause = "landing in a bucket whose store answers 503 to every request for a while"
    treatment = "bounded retries, the refresh ends as partial; the next one catches up"


class FailedStep(Act):
    """A step of the pipeline fails."""

    id = "IF8"
    subject = "build"
    cause = "kill the refresh while models are built"
    treatment = "nothing is published, the last release stays; the next refresh starts over"


class BackfillAfterClose(Act):
    """A backfill runs over finalised periods."""

    id = "TF9"
    subject = "fct_period_snapshots"
    cause = "deliver a final month's export again with other amounts, and rebuild everything"
    treatment = "figures of finalised months stay; what differs becomes an adjustment"


class AlteredLedger(Act):
    """A row of the ledger is altered."""

    id = "TF10"
    subject = "ledger"
    cause = "change the amount of one ledger entry in a copy of the release"
    treatment = "the integrity check names the first bad entry"

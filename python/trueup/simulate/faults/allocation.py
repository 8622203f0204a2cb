"""Faults of allocation: rules that overlap, drivers that are missing, shares that leave a rest."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from trueup.simulate.effects import Effect
from trueup.simulate.faults.notes import note_rows
from trueup.simulate.files import write_rows

# What a month's lines bill that the platform's team has to pass on, or a tax that it has.
BILLED = """
    select
        $subject as subject, $period as billing_period, min(usage_start) as starts_at,
        max(usage_end) as ends_at, count(*) as row_count, sum(billed_cost) as amount, currency,
        team as owner
    from lines
    inner join payers on lines.payer_no = payers.payer_no
    inner join teams on teams.team_no = 0
    left join resources on lines.resource_no = resources.resource_no
    where {condition}
    group by currency, team
    order by currency
"""
USAGE_OF_PLATFORM = "lines.kind in ('usage', 'covered') and resources.team_no = 0"


class Allocation(Effect):
    """Something of a month's allocation is wrong or awkward; nothing that is billed changes."""

    treatment: ClassVar[str]
    condition: ClassVar[str] = USAGE_OF_PLATFORM

    def before_usage(self) -> None:
        """Choose the month, and a name that is its own."""
        self.period = self.month()
        self.subject = f"{self.name()}-{self.random.bytes(3).hex()}"

    def name(self) -> str:
        """What the finding names, but for the part that is this effect's own."""
        raise NotImplementedError

    def on_lines(self, period: date) -> None:
        """Note what the platform has to pass on in the month."""
        if period == self.period:
            note_rows(
                self,
                BILLED.format(condition=self.condition),
                None,
                self.treatment,
                subject=self.subject,
                period=period,
            )

    def month_end(self) -> date:
        """First day of the month after."""
        return (self.period + timedelta(days=31)).replace(day=1)

    def rewrite(self, path: Path, query: str, **values: Any) -> None:
        """Replace a CSV file by a query of `landed`, its rows as text; its time stays."""
        connection = self.world.connection
        connection.execute(
            "create or replace temp table landed as"
            " from read_csv($path, header = true, all_varchar = true)",
            {"path": str(path)},
        )
        connection.execute(f"create or replace temp table rewritten as {query}", values)
        arrived_at = datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None)
        write_rows(connection, "from rewritten", path, arrived_at)


class TwoOwners(Allocation):
    """A second rule of the same priority passes the same usage on, to one other owner."""

    id = "IF4"
    treatment = "reject"

    def before_usage(self) -> None:
        """Choose a month after the first."""
        super().before_usage()
        self.period = self.month(first=1)

    def name(self) -> str:
        """The rule's."""
        return "requests"

    def on_files(self, landing: Path) -> None:
        """Add the rule beside the one that it overlaps."""
        self.rewrite(
            landing / "allocation_rules" / "rules.csv",
            """
            from landed
            union all
            select * replace (
                $subject as rule_id, 'fixed' as method, null as driver_id,
                split_part(targets, ';', $target) as targets,
                split_part(targets, ';', $target) || '=100' as fixed_shares,
                $valid_from as valid_from, $valid_to as valid_to
            )
            from landed where rule_id = 'requests'
            """,
            subject=self.subject,
            target=int(self.random.integers(1, 8)),
            valid_from=f"{self.period}",
            valid_to=f"{self.month_end()}",
        )


class AwkwardShares(Allocation):
    """A rule splits the taxes of a month into three thirds, which no cents can be."""

    id = "IF6"
    treatment = "auto_resolve"
    condition = "lines.kind = 'tax'"

    def name(self) -> str:
        """The rule's."""
        return "thirds"

    def on_files(self, landing: Path) -> None:
        """Add the rule before all others."""
        self.rewrite(
            landing / "allocation_rules" / "rules.csv",
            """
            select * replace (
                $subject as rule_id, '5' as priority,
                array_to_string(split(targets, ';')[$first:$first + 2], ';') as targets,
                split(targets, ';')[$first] || '=33.3333;' || split(targets, ';')[$first + 1]
                || '=33.3333;' || split(targets, ';')[$first + 2] || '=33.3334' as fixed_shares,
                $valid_from as valid_from, $valid_to as valid_to
            )
            from landed where rule_id = 'tax'
            union all
            from landed
            """,
            subject=self.subject,
            first=int(self.random.integers(1, 6)),
            valid_from=f"{self.period}",
            valid_to=f"{self.month_end()}",
        )


class MissingDriver(Allocation):
    """A shared service reports for a month not who used it: its driver has no rows."""

    id = "IF5"
    treatment = "fallback_driver"

    def before_usage(self) -> None:
        """The first month of the driver that the platform's usage is passed on by.

        Rules that contradict each other (`TwoOwners`) do so later, for then no driver counts.
        """
        self.driver = "requests"
        self.period = self.world.plan.periods[0]
        self.subject = f"{self.driver}/{self.period:%Y-%m}"

    def on_files(self, landing: Path) -> None:
        """Take the driver's rows out of the month."""
        self.rewrite(
            landing / "allocation_drivers" / f"{self.period:%Y-%m}.csv",
            "from landed where driver_id != $driver",
            driver=self.driver,
        )

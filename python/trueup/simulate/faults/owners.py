"""Faults of ownership: nobody can say from its charges whose a resource or an account is.

What nobody owns falls to the platform's team, account by account; these faults are left out of that
by a rule of their own, and so in the pool `unattributed`.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from trueup.simulate.effects import RESOURCE_ID, Effect
from trueup.simulate.faults.delivered import arrival
from trueup.simulate.faults.notes import note_amount
from trueup.simulate.files import date_file

RULES = "owners/owners.csv"
# A resource that is there all the time, of a team that no other effect has taken; no node, for what
# a cluster's nodes are billed is shared out by others.
RESOURCE = f"""
    select
        {RESOURCE_ID} as subject, resources.resource_no, payers.currency,
        teams.team as owner
    from resources
    inner join skus on resources.sku_no = skus.sku_no
    inner join payers on resources.payer_no = payers.payer_no
    inner join accounts on resources.account_no = accounts.account_no
    inner join teams on resources.team_no = teams.team_no
    where not skus.is_tiered
        and resources.born_at <= $starts_at and resources.gone_at > $ends_at
        and resources.resource_no not in (select resource_no from covered)
        and resources.resource_no not in (select resource_no from nodes)
        and not list_contains($taken, teams.team)
    order by subject
"""
# An account with a team's resources, none of which another effect has taken.
ACCOUNT = """
    select
        accounts.account_id as subject, accounts.account_no, teams.team_no, teams.team,
        payers.currency, teams.team as owner
    from accounts
    inner join payers on accounts.payer_no = payers.payer_no
    inner join teams on accounts.team_no = teams.team_no
    where exists (
            from resources where resources.account_no = accounts.account_no
            and resources.team_no = teams.team_no and resources.born_at <= $starts_at
        )
        and not exists (
            from resources where resources.team_no = teams.team_no
            and list_filter($taken, name -> ends_with(name, resources.resource_id)) != []
        )
        and not list_contains($taken, teams.team) and teams.team_no > 0
    order by subject
"""


def leave_out(landing: Path, match_on: str, pattern: str, without: str | None = None) -> None:
    """Leave something out of the platform's rules, and take away the rule of a team."""
    path = landing / RULES
    arrived_at = arrival(path)
    rules = path.read_text(encoding="utf-8").splitlines()
    kept = [rule for rule in rules if not (without and f"tag:team,{without}," in rule)]
    kept.append(f"80,{match_on},{pattern},unattributed,")
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    date_file(path, arrived_at)


class UntaggedResource(Effect):
    """A resource never had tags."""

    id = "IF1"
    cause = "no_tag"

    def before_usage(self) -> None:
        """Choose the resource and take its tags."""
        plan = self.world.plan
        self.place = self.pick(
            RESOURCE, starts_at=plan.starts_at, ends_at=plan.ends_at,
            taken=sorted(self.world.taken),
        )  # fmt: skip
        self.take_tags()

    def take_tags(self) -> None:
        """From all its charges."""
        self.unowned_no = self.place["resource_no"]
        self.world.connection.execute(
            "update resources set is_tagged = false where resource_no = ?", [self.unowned_no]
        )

    def on_lines(self, period: date) -> None:
        """Note what the month costs without an owner."""
        note_amount(
            self, self.place, "sum(billed_cost)", self.cause, "review",
            "resource_no = $resource_no", resource_no=self.unowned_no,
        )  # fmt: skip

    def on_files(self, landing: Path) -> None:
        """Leave the resource to nobody."""
        leave_out(landing, "resource", self.place["subject"])


class LostTags(UntaggedResource):
    """Tags vanish from a resource in mid month."""

    id = "EF4"
    cause = "lost_tag"

    def take_tags(self) -> None:
        """From charges of a day on: they are those of a twin without tags, which uses nothing."""
        self.period = self.month()
        self.first_day = self.period.replace(day=int(self.random.integers(8, 20)))
        rows = self.world.connection.execute(
            "insert into resources select * replace"
            " ((select max(resource_no) + 1 from resources) as resource_no, false as is_tagged,"
            " born_at as gone_at, 0 as base_quantity)"
            " from resources where resource_no = ? returning resource_no",
            [self.place["resource_no"]],
        ).fetchall()
        self.unowned_no = rows[0][0]

    def on_lines(self, period: date) -> None:
        """Move the charges to the twin."""
        if period >= self.period:
            self.world.connection.execute(
                "update lines set resource_no = ? where resource_no = ? and usage_start >= ?",
                [self.unowned_no, self.place["resource_no"], self.first_day],
            )
        super().on_lines(period)


class UnknownTeam(Effect):
    """A team has no rule, so that what bears its tag in one of its accounts has no owner."""

    id = "BF1"

    def before_usage(self) -> None:
        """Choose account and team."""
        self.place = self.pick(
            ACCOUNT, starts_at=self.world.plan.starts_at, taken=sorted(self.world.taken)
        )
        self.world.taken.add(self.place["team"])

    def on_lines(self, period: date) -> None:
        """Note what the team's resources in the account cost."""
        note_amount(
            self, self.place, "sum(billed_cost)", "no_rule", "review",
            "account_no = $account_no and resource_no in"
            " (select resource_no from resources where team_no = $team_no)",
            account_no=self.place["account_no"], team_no=self.place["team_no"],
        )  # fmt: skip

    def on_files(self, landing: Path) -> None:
        """Take the rule of the team away."""
        leave_out(landing, "account", self.place["subject"], without=self.place["team"])

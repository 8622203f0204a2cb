"""Scenarios and faults of usage: something runs away, loops, retries, moves or is sized anew.

Each multiplies the usage of some resources between two times. What it costs more than usual is the
truth; with it goes what the company knows of it, such as the deployment that began it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from trueup.simulate.effects import RESOURCE_ID, Effect
from trueup.simulate.faults.notes import note_rows

# One resource of the families, there all the time, whose usage no other effect changes.
RESOURCE = f"""
    select
        {RESOURCE_ID} as subject, resources.resource_no, resources.payer_no,
        resources.product_no,
        skus.sku_id, payers.currency, teams.team as owner
    from resources
    inner join skus on resources.sku_no = skus.sku_no
    inner join payers on resources.payer_no = payers.payer_no
    inner join accounts on resources.account_no = accounts.account_no
    inner join teams on resources.team_no = teams.team_no
    where list_contains($families, skus.family) and not skus.is_tiered
        and resources.born_at <= $starts_at and resources.gone_at > $ends_at
        and resources.resource_no not in (select resource_no from covered)
        and resources.resource_no not in (select resource_no from usage_effects)
    order by subject
"""
# Of these, resources that are most of what their account has of a service.
MOST_OF_SERVICE = f"""
    select places.*
    from ({RESOURCE}) as places
    inner join (
        select
            resource_no,
            2 * base_quantity * base_price
            > sum(base_quantity * base_price) over (partition by account_no, service) as is_most
        from resources
        inner join skus on resources.sku_no = skus.sku_no
    ) as shares on places.resource_no = shares.resource_no
    where is_most
    order by subject
"""
MORE_THAN_USUAL = "sum(cast((quantity - usual_quantity) * price as decimal(38, 10)))"
# What each resource that an effect marked costs more than usual.
EACH_RESOURCE = f"""
    select
        {RESOURCE_ID} as subject, min(lines.billing_period) as billing_period,
        min(lines.usage_start) as starts_at, max(lines.usage_end) as ends_at,
        count(*) as row_count,
        {MORE_THAN_USUAL} as amount,
        $currency as currency, $owner as owner
    from lines
    inner join resources on lines.resource_no = resources.resource_no
    inner join skus on resources.sku_no = skus.sku_no
    inner join payers on resources.payer_no = payers.payer_no
    inner join accounts on resources.account_no = accounts.account_no
    where lines.effect_id = $effect_id
    group by subject
    order by subject
"""
# The other resources of its product and families with the same payer.
COMPANIONS = """
    select others.resource_no
    from resources as others
    inner join resources as first on first.resource_no = $resource_no
    inner join skus on others.sku_no = skus.sku_no
    where others.product_no = first.product_no and others.payer_no = first.payer_no
        and list_contains($families, skus.family) and not skus.is_tiered
        and others.resource_no not in (select resource_no from covered)
        and others.resource_no not in (select resource_no from usage_effects)
"""
# A step that the change covers in part is changed in part.
CHANGES = """
    insert into usage_effects
    select
        $effect_id,
        resource_no,
        usage_start,
        1000 + ($permille - 1000) * date_diff(
            'hour', greatest(usage_start, $starts_at),
            least(usage_start + to_hours(step_hours), $ends_at)
        ) // step_hours
    from (
        select
            resources.resource_no, days.step_hours,
            unnest(case
                when step_hours = 24 then [day_start]
                else generate_series(day_start, day_end - interval 1 hour, to_hours(step_hours))
            end) as usage_start
        from resources
        inner join days on resources.payer_no = days.payer_no
        where list_contains($resources, resources.resource_no)
            and day_end > $starts_at and day_start < $ends_at
    )
    where usage_start < $ends_at and usage_start + to_hours(step_hours) > $starts_at
"""


class UsageChange(Effect):
    """Resources use more between two times; subclasses say what, how much and how long."""

    places = RESOURCE
    families: tuple[str, ...]
    permille: tuple[int, int]  # of usual usage
    hours: tuple[int, int]
    is_deployed = False  # a deployment of the product begins it
    is_shared = False  # all such resources of the product with that payer
    cause = "usage"
    treatment = "review"

    def before_usage(self) -> None:
        """Choose resource and time, and change its usage."""
        self.choose()
        self.change(int(self.random.integers(*self.permille)), self.starts_at, self.ends_at)

    def choose(self) -> None:
        """Choose the resource, its companions, and the time."""
        plan = self.world.plan
        values: dict[str, Any] = {"families": list(self.families)}
        ends_at = plan.ends_at
        self.place = self.pick(self.places, starts_at=plan.starts_at, ends_at=ends_at, **values)
        self.resources = [self.place["resource_no"]]
        if self.is_shared:
            values["resource_no"] = self.place["resource_no"]
            found = self.world.connection.execute(COMPANIONS, values).fetchall()
            self.resources = sorted({*self.resources, *(number for (number,) in found)})
        # after two weeks of usual days where the world is long enough, within one month
        hours = int(self.random.integers(*self.hours))
        self.period = self.month(1 if plan.months > 1 else 0)
        first = datetime(self.period.year, self.period.month, 1)
        earliest, latest = 24 * 3, max(24 * 3 + 1, 27 * 24 - hours)
        self.starts_at = first + timedelta(hours=int(self.random.integers(earliest, latest)))
        self.ends_at = self.starts_at + timedelta(hours=hours)
        if self.is_deployed:
            self.deploy(self.starts_at)

    def change(self, permille: int, starts_at: datetime, ends_at: datetime) -> None:
        """Multiply the usage of the chosen resources between two times."""
        self.world.connection.execute(
            CHANGES,
            {
                "effect_id": self.effect_id,
                "resources": self.resources,
                "permille": permille,
                "starts_at": starts_at,
                "ends_at": ends_at,
            },
        )

    def deploy(self, deployed_at: datetime) -> None:
        """Add a deployment of the product, which changes nothing else."""
        commit = self.random.bytes(20).hex()
        self.world.connection.execute(
            "insert into deployments by name"
            " select max(deployment_no) + 1 as deployment_no, $product_no as product_no,"
            " $deployed_at as deployed_at, '2.' || (max(deployment_no) + 1) || '.0' as version,"
            ' $commit as "commit", 1000 as permille from deployments',
            {
                "product_no": self.place["product_no"],
                "deployed_at": deployed_at,
                "commit": commit,
            },
        )

    def on_lines(self, period: date) -> None:
        """Note what each resource costs more than usual in the month."""
        note_rows(
            self,
            EACH_RESOURCE,
            self.cause,
            self.treatment,
            currency=self.place["currency"],
            owner=self.place["owner"],
            effect_id=self.effect_id,
        )


class ServiceJump(UsageChange):
    """Spend of one service jumps tenfold for a day or two."""

    id = "EF7"
    places = MOST_OF_SERVICE
    families = ("compute_scaled", "observability", "function_seconds", "block_storage")
    permille = (9_500, 10_500)
    hours = (24, 49)


class UnexplainedSpike(UsageChange):
    """A deployment makes its service dear until it is rolled back."""

    id = "RS3"
    families = ("compute_scaled",)
    permille = (5_000, 7_000)
    hours = (48, 96)
    is_deployed = True
    is_shared = True


class RunawayAutoscaler(UsageChange):
    """An autoscaler runs away."""

    id = "BS1"
    families = ("compute_scaled",)
    permille = (4_000, 6_000)
    hours = (72, 144)


class RetryStorm(UsageChange):
    """One version of a function retries without end."""

    id = "BS2"
    families = ("function_seconds",)
    permille = (6_000, 10_000)
    hours = (30, 60)
    is_deployed = True


class SpikeByNamespace(UsageChange):
    """Scaled machines of a product spike by day."""

    id = "ES1"
    found_as = "BS1"
    families = ("compute_spot",)
    permille = (4_000, 6_000)
    hours = (30, 80)


class StorageDoubles(UsageChange):
    """A rule that a deployment brought doubles what is stored."""

    id = "ES3"
    families = ("block_storage",)
    permille = (2_000, 2_001)
    hours = (240, 241)
    is_deployed = True


class RunawayProduction(UsageChange):
    """Production runs away and burns its budget."""

    id = "IS1"
    families = ("compute_scaled", "compute_spot")
    permille = (7_000, 9_000)
    hours = (48, 96)


class LoopingBatch(UsageChange):
    """A scheduled batch loops."""

    id = "IS2"
    families = ("build_minutes",)
    permille = (10_000, 14_000)
    hours = (48, 72)


class RepositoryMinutes(UsageChange):
    """A repository's builds take far more minutes for a week or two, and pass its budget."""

    id = "IS6"
    families = ("build_minutes",)
    permille = (4_000, 6_000)
    hours = (168, 336)


class SuddenAbuse(UsageChange):
    """Somebody abuses a product: usage spikes before it is billed."""

    id = "TF7"
    families = ("function_seconds", "observability")
    permille = (12_000, 20_000)
    hours = (6, 24)


class Stepped(UsageChange):
    """One resource runs at several sizes, one after the other; hours and calls stay the same."""

    permille = (1_000, 1_001)
    steps: tuple[int, ...]

    def before_usage(self) -> None:
        """Give each size an equal part of the time."""
        self.choose()
        part = (self.ends_at - self.starts_at) / len(self.steps)
        part = timedelta(hours=part // timedelta(hours=1) // 24 * 24)
        start = datetime(self.starts_at.year, self.starts_at.month, self.starts_at.day)
        for number, permille in enumerate(self.steps):
            starts_at, ends_at = start + number * part, start + (number + 1) * part
            self.change(permille, starts_at, ends_at)
            self.world.connection.executemany(
                "insert into resizes values (?, ?, ?, ?, ?)",
                [[self.effect_id, n, starts_at, ends_at, permille] for n in self.resources],
            )


class FunctionMemory(Stepped):
    """A function runs with half, then with twice its memory: its GB-seconds follow."""

    id = "ES2"
    families = ("function_seconds",)
    hours = (240, 300)
    steps = (500, 2_000)
    cause = "size"


class ClusterSize(Stepped):
    """An analytics cluster runs at two and at four times its size."""

    id = "ES4"
    families = ("compute_scaled",)
    hours = (240, 300)
    steps = (2_000, 4_000)
    cause = "size"


class DearerDatabase(UsageChange):
    """A database runs on a dearer tier for a trial: twice the hours of the small one."""

    id = "IS4"
    families = ("database",)
    permille = (2_000, 2_001)
    hours = (240, 336)
    cause = "size"


class OutageDoubles(UsageChange):
    """An outage doubles the usage of a product for eight hours."""

    id = "BS3"
    families = ("compute_scaled", "function_seconds", "compute_spot", "observability")
    permille = (2_000, 2_001)
    hours = (8, 9)
    is_shared = True
    cause = "incident"

    def before_usage(self) -> None:
        """Note the incident, too."""
        super().before_usage()
        self.world.connection.execute(
            "insert into incidents by name"
            " select max(incident_no) + 1 as incident_no, $starts_at as started_at,"
            " $minutes as minutes, $product_no as product_no, 2 as every, 0 as first_tenant"
            " from incidents",
            {
                "starts_at": self.starts_at,
                "minutes": int((self.ends_at - self.starts_at) / timedelta(minutes=1)),
                "product_no": self.place["product_no"],
            },
        )


class IncidentCost(OutageDoubles):
    """An incident makes a product use three times as much for half a day."""

    id = "IS3"
    permille = (3_000, 3_001)
    hours = (10, 14)

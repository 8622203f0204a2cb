"""Faults of our own metering: events lost, late or sampled, and calls billed beyond them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from trueup.simulate.effects import RESOURCE_ID, Effect
from trueup.simulate.faults.notes import note_rows
from trueup.simulate.faults.usage import RESOURCE, UsageChange
from trueup.simulate.own.metering import FAMILIES, INDICATIVE

# What vendors bill for the usage that some events are of, by a column as subject.
BILLED_FOR = """
    select
        {subject} as subject, $period as billing_period, min(event_time) as starts_at,
        max(event_time) + interval 1 hour as ends_at, count(distinct events.id) as row_count,
        sum(lines.billed_cost) as amount, payers.currency, {owner} as owner
    from {events} as events
    inner join lines
        on events.resource_no = lines.resource_no and events.usage_start = lines.usage_start
    inner join payers on lines.payer_no = payers.payer_no
    inner join skus on lines.sku_no = skus.sku_no
    inner join resources on lines.resource_no = resources.resource_no
    inner join accounts on resources.account_no = accounts.account_no
    inner join teams on resources.team_no = teams.team_no
    where list_contains($families, skus.family)
    group by all
    order by all
"""


LOST = """
    select
        'usage_events/infrastructure-weekly/partition=' || partition_no || '/' || $starts_at::date
            as subject,
        $period as billing_period, $starts_at::timestamp as starts_at,
        $ends_at::timestamp as ends_at, count(*) as row_count, 0 as amount, 'USD' as currency,
        null as owner
    from lost_events
    group by partition_no
"""


class MissingUsage(Effect):
    """A partition of our events is lost for a day or two; the vendors bill it all the same.

    Both the gap is to be found, and what is billed for it.
    """

    id = "RF1"

    def before_usage(self) -> None:
        """Choose the time."""
        self.period = self.month()
        hours = int(self.random.integers(24 * 2, 24 * 25))
        self.starts_at = datetime(self.period.year, self.period.month, 1) + timedelta(hours=hours)
        self.ends_at = self.starts_at + timedelta(hours=int(self.random.integers(26, 50)))

    def on_events(self, period: date) -> None:
        """Lose the events of one partition, and note what their resources are billed for them."""
        if period != self.period:
            return
        ask = self.world.connection.execute
        partitions = ask(
            "select distinct partition_no from infrastructure_events order by all"
        ).fetchall()
        (partition_no,) = partitions[int(self.random.integers(len(partitions)))]
        hours = {"starts_at": self.starts_at, "ends_at": self.ends_at}
        ask(
            "create or replace temp table lost_events as from infrastructure_events"
            " where partition_no = $partition_no"
            " and event_time >= $starts_at and event_time < $ends_at",
            hours | {"partition_no": partition_no},
        )
        note_rows(self, LOST, None, "backfill", period=period, **hours)
        ask("delete from infrastructure_events where id in (select id from lost_events)")
        note_rows(
            self,
            BILLED_FOR.format(subject=RESOURCE_ID, owner="teams.team", events="lost_events"),
            "missing_usage",
            "backfill",
            period=period,
            families=[family for family in FAMILIES if family != INDICATIVE],
        )


class PipelineOutage(Effect):
    """Our pipeline stands still for six hours: their events come after the month, rebuilt."""

    id = "TS3"

    def before_usage(self) -> None:
        """Choose the hours."""
        self.period = self.month()
        hours = int(self.random.integers(24 * 2, 24 * 26))
        self.starts_at = datetime(self.period.year, self.period.month, 1) + timedelta(hours=hours)
        self.ends_at = self.starts_at + timedelta(hours=6)

    def on_events(self, period: date) -> None:
        """Let the events come late, and note what they are of: nothing more is due for them."""
        if period != self.period:
            return
        during = "event_time >= $starts_at and event_time < $ends_at and week is not null"
        hours = {"starts_at": self.starts_at, "ends_at": self.ends_at}
        ask = self.world.connection.execute
        ask(
            "create or replace temp table rebuilt_events as"
            f" from infrastructure_events where {during}",
            hours,
        )
        [(reports,)] = ask(f"select count(*) from products_events where {during}", hours).fetchall()
        for kind in ("infrastructure", "products"):
            ask(f"update {kind}_events set week = null where {during}", hours)
        note_rows(
            self,
            BILLED_FOR.format(
                subject="'infrastructure-weekly'", owner="null", events="rebuilt_events"
            ),
            None,
            "reconstruct",
            period=period,
            families=list(FAMILIES),
        )
        note_rows(
            self,
            """
            select
                'products-weekly' as subject, $period as billing_period,
                $starts_at::timestamp as starts_at, $ends_at::timestamp as ends_at,
                $reports as row_count, 0 as amount, 'USD' as currency, null as owner
            """,
            None,
            "reconstruct",
            period=period,
            reports=reports,
            **hours,
        )


class SampledUsage(Effect):
    """A function's calls are counted by samples for a month, which lean to one side."""

    id = "TS4"
    sample_of = 10

    def before_usage(self) -> None:
        """Choose the function, the month, and how much in per mille its samples say too much."""
        plan = self.world.plan
        self.place = self.pick(
            RESOURCE,
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
            families=["function_seconds"],
        )
        self.period = self.month()
        self.bias = int(self.random.choice((-1, 1)) * self.random.integers(30, 90))

    def on_events(self, period: date) -> None:
        """Report samples, and note what is billed more than they say when scaled up."""
        if period != self.period:
            return
        values = {"resource_no": self.place["resource_no"]}
        noise = "cast(hash(id) % 101 as bigint) - 50"
        self.world.connection.execute(
            f"""
            update infrastructure_events set data = struct_pack(
                quantity := cast(data.quantity * 1000 as bigint) * (1000 + $bias + {noise})
                    // (1000 * $sample_of) * 0.001::decimal(4, 3),
                sampling_rate := cast(100 // $sample_of as tinyint) * 0.01::decimal(3, 2),
                resource := data.resource, region := data.region,
                environment := data.environment, memory_mb := data.memory_mb,
                calls := data.calls * (1000 + $bias + {noise}) // (1000 * $sample_of)
            )
            where resource_no = $resource_no
            """,
            values | {"bias": self.bias, "sample_of": self.sample_of},
        )
        note_rows(
            self,
            """
            select
                $subject as subject, $period as billing_period, min(usage_start) as starts_at,
                max(usage_end) as ends_at, count(*) as row_count,
                sum(cast((lines.quantity - data.quantity * $sample_of) * price as decimal(38, 10)))
                    as amount,
                $currency as currency, $owner as owner
            from infrastructure_events
            inner join lines using (resource_no, usage_start)
            where resource_no = $resource_no
            """,
            "quantity",
            "review",
            period=period,
            subject=self.place["subject"],
            currency=self.place["currency"],
            owner=self.place["owner"],
            sample_of=self.sample_of,
            **values,
        )


class RegionsInvoked(UsageChange):
    """Functions fan out over the regions of a payer; the retries of one are billed, not metered."""

    id = "TS2"
    families = ("function_seconds",)
    permille = (1_300, 1_700)
    hours = (48, 96)

    def choose(self) -> None:
        """Choose the function that retries, and those that it calls: of the payer, not taken."""
        taken = ", ".join(f"'{subject}'" for subject in sorted(self.world.taken))
        self.places = f"""
            select * from ({RESOURCE})
            where not list_contains([{taken}]::varchar[], subject)
            qualify count(*) over (partition by payer_no) > 1
            order by subject
        """
        super().choose()
        found = self.world.connection.execute(
            f"""
            select {RESOURCE_ID} as subject, resources.resource_no
            from resources
            inner join skus on resources.sku_no = skus.sku_no
            inner join payers on resources.payer_no = payers.payer_no
            inner join accounts on resources.account_no = accounts.account_no
            where resources.payer_no = $payer_no and resources.resource_no != $resource_no
                and list_contains($families, skus.family) and not skus.is_tiered
                and resources.resource_no not in (select resource_no from usage_effects)
                and not list_contains($taken, subject)
            order by resources.resource_no
            """,
            {
                "payer_no": self.place["payer_no"],
                "resource_no": self.place["resource_no"],
                "families": list(self.families),
                "taken": sorted(self.world.taken),
            },
        ).fetchall()
        self.resources = [number for _, number in found]
        self.world.taken.update(subject for subject, _ in found)

    def on_lines(self, period: date) -> None:
        """Bill a fifth more for the retries than was used, and note both."""
        self.world.connection.execute(
            """
            update lines set
                quantity = cast(quantity * 1.2 as decimal(18, 3)),
                billed_cost = cast(cast(quantity * 1.2 as decimal(18, 3)) * price
                    as decimal(38, 10)),
                effective_cost = cast(cast(quantity * 1.2 as decimal(18, 3)) * price
                    as decimal(38, 10)),
                list_cost = cast(cast(quantity * 1.2 as decimal(18, 3)) * list_price
                    as decimal(38, 10)),
                effect_id = $effect_id
            where resource_no = $resource_no and effect_id is null
                and usage_start >= $starts_at and usage_start < $ends_at
            """,
            {
                "resource_no": self.place["resource_no"],
                "starts_at": self.starts_at,
                "ends_at": self.ends_at,
                "effect_id": self.effect_id,
            },
        )
        for is_retried, cause, treatment in (
            (True, "quantity", "credit"),
            (False, "usage", "rebill"),
        ):
            note_rows(
                self,
                f"""
                select
                    {RESOURCE_ID} as subject, billing_period, min(usage_start) as starts_at,
                    max(usage_end) as ends_at, count(*) as row_count,
                    case
                        when $is_retried then sum(billed_cost - due_cost)
                        else sum(cast((quantity - usual_quantity) * price as decimal(38, 10)))
                    end as amount,
                    $currency as currency, teams.team as owner
                from lines
                inner join resources on lines.resource_no = resources.resource_no
                inner join skus on lines.sku_no = skus.sku_no
                inner join payers on lines.payer_no = payers.payer_no
                inner join accounts on lines.account_no = accounts.account_no
                inner join teams on resources.team_no = teams.team_no
                where effect_id = $effect_id
                    and (lines.resource_no = $resource_no) = $is_retried
                group by all
                order by subject
                """,
                cause,
                treatment,
                effect_id=self.effect_id,
                resource_no=self.place["resource_no"],
                currency=self.place["currency"],
                is_retried=is_retried,
            )

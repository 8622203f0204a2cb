"""Bills that stray over the end of a month: dated in the next one, or changed in hindsight."""

from __future__ import annotations

from datetime import date, timedelta

from trueup.simulate.effects import Effect
from trueup.simulate.faults.notes import note_amount, note_rows
from trueup.simulate.faults.usage import RESOURCE

# Where prices stay, the day is the only difference.
PLACES = f"""
    select * from ({RESOURCE})
    where sku_id not in (
        select sku_id from skus
        inner join prices on skus.sku_no = prices.sku_no
        where version > 1 or contract_version > 1
    )
    order by subject
"""
UNBILLED = """
    select
        $subject as subject, min(billing_period) as billing_period, min(usage_start) as starts_at,
        max(usage_end) as ends_at, count(*) as row_count, -sum(due_cost) as amount,
        $currency as currency, $owner as owner
    from unbilled where effect_id = $effect_id
"""


class OtherBoundary(Effect):
    """A provider dates the last day of a resource, and of a month, in the next month."""

    id = "RF3"

    def before_usage(self) -> None:
        """Choose a resource that we meter, and let it end with a month."""
        plan = self.world.plan
        self.place = self.pick(
            PLACES,
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
            families=["function_seconds"],
        )
        self.period = self.month(1)
        [(self.gone_at,)] = self.world.connection.execute(
            """
            update resources set gone_at = (
                select min(day_start) from days
                where days.payer_no = resources.payer_no and billing_period = $period
            )
            where resource_no = $resource_no
            returning gone_at
            """,
            {"period": self.period, "resource_no": self.place["resource_no"]},
        ).fetchall()

    def on_lines(self, period: date) -> None:
        """Take the day out of the bill of its month, and put it into the next one's."""
        ask = self.world.connection.execute
        mark = {"effect_id": self.effect_id}
        if period == (self.period - timedelta(days=1)).replace(day=1):
            last_day = "resource_no = $resource_no and usage_start >= $last_day"
            values = {
                "resource_no": self.place["resource_no"],
                "last_day": self.gone_at - timedelta(days=1),
            }
            ask(
                "insert into unbilled select * replace (0 as billed_cost, 0 as effective_cost,"
                f" $effect_id as effect_id) from lines where {last_day}",
                values | mark,
            )
            ask(f"delete from lines where {last_day}", values)
            self.moved = ask("from unbilled where effect_id = $effect_id", mark).to_arrow_table()
            place = {key: self.place[key] for key in ("subject", "currency", "owner")}
            note_rows(self, UNBILLED, "timing", "auto_resolve", **place, **mark)
        elif period == self.period:
            self.world.connection.register("moved", self.moved)
            ask(
                """
                insert into lines
                select moved.* replace (
                    (select max(line_no) from lines) + row_number() over (order by line_no)
                        as line_no,
                    $period as billing_period,
                    (select any_value(invoice_id) from lines where payer_no = moved.payer_no)
                        as invoice_id,
                    usage_start + interval 1 day as usage_start,
                    usage_end + interval 1 day as usage_end,
                    0 as due_cost, due_cost as billed_cost, due_cost as effective_cost
                )
                from moved
                """,
                {"period": period},
            )
            self.world.connection.unregister("moved")
            note_amount(self, self.place, "sum(billed_cost)", "timing", "auto_resolve")


class LateCredit(Effect):
    """A payer gets a credit in hindsight: for days of the month before, when its books are shut."""

    id = "RF6"

    def before_usage(self) -> None:
        """Choose the payer, the days, and how much in per mille of what they cost."""
        self.place = self.pick("""
            select payer_id as subject, payer_no, currency from payers
            where export != 'oci_cost' order by subject""")
        self.period = self.month(1)
        self.first_day = (self.period - timedelta(days=1)).replace(
            day=int(self.random.integers(2, 20))
        )
        self.permille = int(self.random.integers(20, 60))

    def on_lines(self, period: date) -> None:
        """Add the credit to the later month's bill; no grant of ours foresees it."""
        if period == self.period:
            self.world.connection.execute(
                """
                insert into lines by name
                select
                    (select max(line_no) + 1 from lines) as line_no,
                    * exclude (credit),
                    -credit as billed_cost,
                    -credit as effective_cost,
                    'credit' as kind,
                    $first_day::timestamp as usage_start,
                    $first_day::timestamp + interval 4 day as usage_end,
                    0 as due_cost,
                    $effect_id as effect_id
                from (
                    select
                        billing_period, invoice_id, payer_no,
                        round(sum(due_cost) * $permille * 0.001, 2) as credit
                    from lines
                    where payer_no = $payer_no and kind = 'usage'
                    group by all
                )
                """,
                {
                    "payer_no": self.place["payer_no"],
                    "first_day": self.first_day,
                    "permille": self.permille,
                    "effect_id": self.effect_id,
                },
            )
            amount = "sum(billed_cost - due_cost)"
            note_amount(self, self.place, amount, "credit", "adjustment")

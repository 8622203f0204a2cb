"""Faults of what vendors bill: rates, tiers, rounding, renamed SKUs, lines billed twice."""

from __future__ import annotations

from datetime import date, timedelta

from trueup.simulate.effects import RESOURCE_ID, Effect
from trueup.simulate.faults.notes import note_amount, note_variance

SKUS_OF_A_MONTH = """
    select distinct skus.sku_id as subject, skus.sku_no, skus.payer_no, payers.currency
    from skus
    inner join payers on skus.payer_no = payers.payer_no
    inner join resources on skus.sku_no = resources.sku_no
    where {condition}
        and resources.born_at = $starts_at and resources.gone_at > $ends_at
        and skus.sku_no not in (select sku_no from commitments)
        and skus.sku_no not in (
            select sku_no from resources
            inner join usage_effects on resources.resource_no = usage_effects.resource_no
        )
    order by subject
"""


class BilledOtherwise(Effect):
    """Lines of one SKU in one month are billed at another price than the contract's."""

    condition = "not skus.is_tiered"
    first_month = 0
    treatment = "dispute"

    def before_usage(self) -> None:
        """Choose the SKU and the month."""
        plan = self.world.plan
        query = SKUS_OF_A_MONTH.format(condition=self.condition)
        self.place = self.pick(query, starts_at=plan.starts_at, ends_at=plan.ends_at)
        self.period = self.month(self.first_month)

    def on_lines(self, period: date) -> None:
        """Bill the lines at the wrong price, and note by how much."""
        if period != self.period:
            return
        self.world.connection.execute(
            f"""
            update lines set
                price = {self.price()},
                billed_cost = cast(quantity * {self.price()} as decimal(38, 10)),
                effective_cost = cast(quantity * {self.price()} as decimal(38, 10)),
                effect_id = $effect_id
            where sku_no = $sku_no and kind = 'usage' and effect_id is null and {self.chosen()}
            """,
            {"sku_no": self.place["sku_no"], "effect_id": self.effect_id},
        )
        note_variance(self, self.place, "rate", self.treatment)

    def price(self) -> str:
        """SQL of the price billed, with 7 decimals."""
        raise NotImplementedError

    def chosen(self) -> str:
        """SQL of which lines of the SKU are concerned."""
        return "true"


class WrongTier(BilledOtherwise):
    """The provider bills all tiers at the price of the first."""

    id = "RF9"
    condition = "skus.is_tiered"

    def price(self) -> str:
        """The first tier's price at the time."""
        return (
            "(select prices.price from prices where prices.sku_no = lines.sku_no"
            " and prices.tier = 1 and lines.usage_start >= prices.effective_from"
            " and lines.usage_start < coalesce(prices.effective_to, timestamp '9999-12-31'))"
        )

    def chosen(self) -> str:
        """Lines beyond the first tier."""
        return "tier > 1"


class UnknownPriceChange(BilledOtherwise):
    """A SKU becomes dearer in mid month, and our rate card does not know."""

    id = "BF3"
    treatment = "review"

    def before_usage(self) -> None:
        """Choose also by how much and from which day."""
        super().before_usage()
        self.percent = int(self.random.integers(103, 130))
        self.first_day = self.period.replace(day=int(self.random.integers(5, 25)))

    def price(self) -> str:
        """The contract's price and some percent."""
        return f"cast(round(price * {self.percent} * 0.01, 7) as decimal(18, 7))"

    def chosen(self) -> str:
        """Lines from the day of the change on."""
        return f"usage_start >= timestamp '{self.first_day}'"


class CoarseRounding(Effect):
    """A provider rounds each line of an account to a tenth of a cent."""

    id = "RF5"
    breadth = 1

    def before_usage(self) -> None:
        """Choose the account and the month."""
        self.place = self.pick(
            "select accounts.account_id as subject, account_no, payers.currency"
            " from accounts inner join payers on accounts.payer_no = payers.payer_no"
            " where account_no in (select account_no from resources where gone_at > $ends_at)"
            " order by subject",
            ends_at=self.world.plan.ends_at,
        )
        self.period = self.month()

    def on_lines(self, period: date) -> None:
        """Round what is billed for usage."""
        if period != self.period:
            return
        self.world.connection.execute(
            """
            update lines set
                billed_cost = round(due_cost, 3), effective_cost = round(due_cost, 3),
                effect_id = $effect_id
            where account_no = $account_no and kind = 'usage' and effect_id is null
            """,
            {"account_no": self.place["account_no"], "effect_id": self.effect_id},
        )
        note_variance(self, self.place, "rounding", "auto_resolve")


class BilledTwice(Effect):
    """A resource's usage of some days is billed twice, under new line ids."""

    id = "RF4"
    families: tuple[str, ...] = ("function_seconds", "build_minutes")
    days = 4

    def before_usage(self) -> None:
        """Choose the resource and the days: of a family that we meter ourselves."""
        plan = self.world.plan
        self.place = self.pick(
            f"""
            select {RESOURCE_ID} as subject, resource_no, skus.sku_id, payers.currency
            from resources
            inner join skus on resources.sku_no = skus.sku_no
            inner join payers on resources.payer_no = payers.payer_no
            inner join accounts on resources.account_no = accounts.account_no
            where list_contains($families, skus.family) and gone_at > $ends_at
            order by subject
            """,
            ends_at=plan.ends_at,
            families=list(self.families),
        )
        self.period = self.month()
        self.first_day = self.period.replace(day=int(self.random.integers(2, 20)))

    def on_lines(self, period: date) -> None:
        """Add the copies; they are not due."""
        if period != self.period:
            return
        self.world.connection.execute(
            """
            insert into lines
            select * replace (
                line_no + (select max(line_no) - min(line_no) + 1 from lines) as line_no,
                0 as due_cost, $effect_id as effect_id
            )
            from lines
            where resource_no = $resource_no
                and usage_start >= $first_day and usage_start < $end
            """,
            {
                "resource_no": self.place["resource_no"],
                "first_day": self.first_day,
                "end": self.first_day + timedelta(days=self.days),
                "effect_id": self.effect_id,
            },
        )
        note_variance(self, self.place, "duplicate", "dispute")


class FunctionBilledTwice(BilledTwice):
    """A function's calls of a week are billed twice; each has one event of ours."""

    id = "RS2"
    found_as = "RF4"
    families = ("function_seconds",)
    days = 7


class RenamedSku(Effect):
    """A provider gives a SKU another id in mid month; price and usage go on."""

    id = "RF2"

    def before_usage(self) -> None:
        """Choose the SKU and give it a successor that no rate card knows."""
        plan = self.world.plan
        query = SKUS_OF_A_MONTH.format(condition="not skus.is_tiered")
        self.place = self.pick(query, starts_at=plan.starts_at, ends_at=plan.ends_at)
        self.period = self.month()
        self.first_day = self.period.replace(day=int(self.random.integers(8, 20)))
        rows = self.world.connection.execute(
            "insert into skus select * replace"
            " ((select max(sku_no) + 1 from skus) as sku_no, reverse(sku_id) as sku_id)"
            " from skus where sku_no = $sku_no returning sku_no, sku_id",
            {"sku_no": self.place["sku_no"]},
        ).fetchall()
        self.new_no, self.new_id = rows[0]

    def on_lines(self, period: date) -> None:
        """Bill the successor from the day on, to the end."""
        if period < self.period:
            return
        self.world.connection.execute(
            "update lines set sku_no = $new_no, effect_id = $effect_id"
            " where sku_no = $sku_no and usage_start >= $first_day",
            {
                "new_no": self.new_no,
                "sku_no": self.place["sku_no"],
                "first_day": self.first_day,
                "effect_id": self.effect_id,
            },
        )
        place = self.place | {"subject": f"{self.place['subject']} > {self.new_id}"}
        note_amount(self, place, "sum(billed_cost)", "sku", "auto_resolve")

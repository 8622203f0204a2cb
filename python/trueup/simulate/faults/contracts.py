"""Prices that change: by a new contract, by another model, or on the public list."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from trueup.simulate.effects import Effect
from trueup.simulate.faults.bills import SKUS_OF_A_MONTH
from trueup.simulate.faults.notes import note_amount
from trueup.simulate.files import write_rows

# Days of such payers begin with ours, so that no line lies across a change of price.
UTC_PAYERS = "skus.payer_no in (select payer_no from payers where time_zone = 'UTC')"


class NewContract(Effect):
    """A contract is renewed in mid month: its second version names a cheaper rate card."""

    id = "TF5"
    breadth = 2

    def before_usage(self) -> None:
        """Choose the contract, the day and the saving; end all prices there and begin new ones."""
        self.place = self.pick("""
            select contract_id as subject, payer_no, currency from payers
            where time_zone = 'UTC' and payer_no not in (
                select payer_no from contract_versions where version > 1
            )
            order by subject""")
        self.period = self.month()
        self.first_day = self.period.replace(day=int(self.random.integers(8, 22)))
        self.percent = int(self.random.integers(90, 97))
        values = {"payer_no": self.place["payer_no"], "first_day": self.first_day}
        ask = self.world.connection.execute
        ask(
            "insert into contract_versions by name"
            " select payer_no, 2 as version, reverse(rate_card_id) as rate_card_id,"
            " $first_day as effective_from from contract_versions where payer_no = $payer_no",
            values,
        )
        ask(
            "update contract_versions set effective_to = $first_day"
            " where payer_no = $payer_no and version = 1",
            values,
        )
        # what begins later goes on under the new contract, too
        ask(
            """
            insert into prices
            select * replace (
                2 as contract_version,
                greatest(effective_from, $first_day::timestamp) as effective_from,
                greatest(0.0000001, cast(price * $percent * 0.01 as decimal(18, 7))) as price
            )
            from prices
            where sku_no in (select sku_no from skus where payer_no = $payer_no)
                and coalesce(effective_to > $first_day, true)
            """,
            values | {"percent": self.percent},
        )
        ask(
            """
            delete from prices
            where contract_version = 1 and effective_from >= $first_day
                and sku_no in (select sku_no from skus where payer_no = $payer_no)
            """,
            values,
        )
        ask(
            """
            update prices set effective_to = $first_day
            where contract_version = 1 and coalesce(effective_to > $first_day, true)
                and sku_no in (select sku_no from skus where payer_no = $payer_no)
            """,
            values,
        )

    def on_lines(self, period: date) -> None:
        """Note what usage costs under the new contract, whatever else befalls it."""
        later = "payer_no = $payer_no and resource_no is not null and usage_start >= $first_day"
        values = {"payer_no": self.place["payer_no"], "first_day": self.first_day}
        self.world.connection.execute(
            f"update lines set effect_id = $effect_id where {later} and effect_id is null",
            values | {"effect_id": self.effect_id},
        )
        amount = "sum(due_cost)"
        note_amount(self, self.place, amount, None, "auto_resolve", later, **values)


class NewPriceModel(Effect):
    """A SKU of one price is priced in tiers from a month on, as agreed."""

    id = "RS4"

    def before_usage(self) -> None:
        """Choose a SKU in one account, and give it tiers, the later the cheaper."""
        plan = self.world.plan
        one_account = """
            skus.sku_no in (
                select sku_no from resources group by sku_no having count(distinct account_no) = 1
            )
            and skus.sku_no not in (
                select sku_no from prices where version > 1 or contract_version > 1
            )
        """
        query = SKUS_OF_A_MONTH.format(
            condition=f"not skus.is_tiered and {UTC_PAYERS} and {one_account}"
        )
        self.place = self.pick(query, starts_at=plan.starts_at, ends_at=plan.ends_at)
        self.period = self.month(1)
        values = {"sku_no": self.place["sku_no"], "period": self.period}
        ask = self.world.connection.execute
        ask("update skus set is_tiered = true where sku_no = $sku_no", {"sku_no": values["sku_no"]})
        [(self.old_price,)] = ask(
            "update prices set effective_to = $period where sku_no = $sku_no returning price",
            values,
        ).fetchall()
        ask(
            """
            insert into prices by name
            select
                sku_no, contract_version, 2 as version, tiers.tier, list_price,
                units * tiers.first_permille // 1000 as tier_from,
                units * tiers.last_permille // 1000 as tier_to,
                $period as effective_from,
                greatest(0.0000001, cast(price * percent * 0.01 as decimal(18, 7))) as price
            from prices
            cross join (
                select greatest(10, sum(base_quantity) // 1000 * 730) as units
                from resources where sku_no = $sku_no
            )
            cross join (
                values (1, 0, 250, 105), (2, 250, 500, 90), (3, 500, null, 70)
            ) as tiers (tier, first_permille, last_permille, percent)
            where sku_no = $sku_no
            """,
            values,
        )

    def on_lines(self, period: date) -> None:
        """Note what a month under the new model costs more than under the old one."""
        if period < self.period:
            return
        self.world.connection.execute(
            "update lines set effect_id = $effect_id where sku_no = $sku_no and effect_id is null",
            {"effect_id": self.effect_id, "sku_no": self.place["sku_no"]},
        )
        amount = f"sum(billed_cost - cast(quantity * {self.old_price} as decimal(38, 10)))"
        note_amount(self, self.place, amount, None, "review")


class StalePriceList(Effect):
    """A SKU's public price rises in the last month, and our copy of the list does not know."""

    id = "IF3"

    def before_usage(self) -> None:
        """Choose the SKU and how much dearer its list price becomes."""
        plan = self.world.plan
        # one whose export states list prices
        query = SKUS_OF_A_MONTH.format(
            condition="not skus.is_tiered and payers.export != 'oci_cost'"
        )
        self.place = self.pick(query, starts_at=plan.starts_at, ends_at=plan.ends_at)
        self.percent = int(self.random.integers(103, 115))

    def on_lines(self, period: date) -> None:
        """State the new list price on the lines of the last month; what is billed stays."""
        if period != self.world.plan.periods[-1]:
            return
        new = f"cast(list_price * {self.percent} * 0.01 as decimal(18, 7))"
        self.world.connection.execute(
            f"""
            update lines set
                list_price = {new},
                list_cost = cast(quantity * {new} as decimal(38, 10)),
                effect_id = $effect_id
            where sku_no = $sku_no and kind = 'usage' and effect_id is null
            """,
            {"sku_no": self.place["sku_no"], "effect_id": self.effect_id},
        )
        # the contract's price may be another than the list's
        listed = (
            "(select any_value(prices.list_price) from prices where prices.sku_no = lines.sku_no"
            " and lines.usage_start >= prices.effective_from"
            " and lines.usage_start < coalesce(prices.effective_to, timestamp '9999-12-31'))"
        )
        amount = f"sum(cast(quantity * (list_price - {listed}) as decimal(38, 10)))"
        note_amount(self, self.place, amount, "price", "update_prices")

    def on_files(self, landing: Path) -> None:
        """Land the list as it was, with the prices of the months before."""
        name = self.effect_id.lower().replace("-", "_")
        write_rows(
            self.world.connection,
            f"""
            select
                payers.provider, skus.sku_id, null as region_id, null as unit,
                prices.list_price as unit_price, payers.currency,
                prices.effective_from::date as effective_from,
                prices.effective_to::date as effective_to
            from prices
            inner join skus on prices.sku_no = skus.sku_no
            inner join payers on skus.payer_no = payers.payer_no
            where prices.sku_no = {self.place["sku_no"]}
            order by prices.effective_from""",
            landing / "price_lists" / f"{name}.csv",
            self.world.plan.starts_at,
        )

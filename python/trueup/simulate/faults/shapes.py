"""Shapes that data can take: dimensions without end, quantities without measure, moved storage."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from trueup.simulate.effects import Effect
from trueup.simulate.faults.bills import SKUS_OF_A_MONTH
from trueup.simulate.faults.notes import note_amount
from trueup.simulate.faults.usage import MORE_THAN_USUAL, UsageChange

COSTS = """
    due_cost = cast({quantity} * price as decimal(38, 10)),
    billed_cost = cast({quantity} * price as decimal(38, 10)),
    effective_cost = cast({quantity} * price as decimal(38, 10)),
    list_cost = cast({quantity} * list_price as decimal(38, 10))
"""


class ManyResources(Effect):
    """Machines that live for one line each: as many resources as a SKU has lines in a month."""

    id = "RF7"

    def before_usage(self) -> None:
        """Choose a SKU of spot machines, and the month."""
        plan = self.world.plan
        query = SKUS_OF_A_MONTH.format(condition="skus.family = 'compute_spot'")
        self.place = self.pick(query, starts_at=plan.starts_at, ends_at=plan.ends_at)
        self.period = self.month()

    def on_lines(self, period: date) -> None:
        """Give each line a resource of its own; its team, product and tags stay."""
        if period != self.period:
            return
        ask = self.world.connection.execute
        ask(
            """
            create or replace temp table short_lived as
            select
                line_no,
                lines.resource_no as parent_no,
                (select max(resource_no) from resources) + row_number() over (order by line_no)
                    as resource_no,
                left(md5(concat_ws('/', $effect_id, line_no)), 12) as suffix
            from lines
            where sku_no = $sku_no and kind = 'usage' and effect_id is null
            """,
            {"effect_id": self.effect_id, "sku_no": self.place["sku_no"]},
        )
        # they are used in no other month
        ask(
            """
            insert into resources
            select parents.* replace (
                short_lived.resource_no as resource_no,
                resource_id || suffix as resource_id,
                resource_name || '-' || suffix as resource_name,
                false as is_planned,
                $ends_at as born_at,
                $ends_at as gone_at
            )
            from short_lived
            inner join resources as parents on short_lived.parent_no = parents.resource_no
            """,
            {"ends_at": self.world.plan.ends_at},
        )
        ask(
            "update lines set resource_no = short_lived.resource_no, effect_id = $effect_id"
            " from short_lived where lines.line_no = short_lived.line_no",
            {"effect_id": self.effect_id},
        )
        note_amount(self, self.place, "sum(billed_cost)", None, "roll_up")


class TinyAndHuge(UsageChange):
    """A resource uses a thousandfold, and of each line the last thousandth is a line of its own."""

    id = "TF6"
    families = ("cold_storage",)
    permille = (1_000_000, 1_000_001)
    hours = (240, 480)

    def on_lines(self, period: date) -> None:
        """Split the resource's lines of the month, and note their exact sum."""
        if period != self.period:
            return
        ask = self.world.connection.execute
        ask(
            "update lines set effect_id = $effect_id where resource_no = $resource_no",
            {"effect_id": self.effect_id, "resource_no": self.place["resource_no"]},
        )
        split = "effect_id = $effect_id and quantity > 0.001"
        ask(
            f"""
            insert into lines
            select * replace (
                (select max(line_no) from lines) + row_number() over (order by line_no) as line_no,
                0.001 as quantity, 0 as usual_quantity
            )
            from lines where {split}
            """,
            {"effect_id": self.effect_id},
        )
        ask(
            f"update lines set quantity = quantity - 0.001 where {split}",
            {"effect_id": self.effect_id},
        )
        ask(
            f"update lines set {COSTS.format(quantity='quantity')} where effect_id = $effect_id",
            {"effect_id": self.effect_id},
        )
        note_amount(self, self.place, "sum(billed_cost)", None, "auto_resolve")


class StorageTiering(UsageChange):
    """Most of what is stored moves to a colder tier, which costs less, and to be read again."""

    id = "BS4"
    families = ("block_storage",)
    permille = (300, 500)
    hours = (1, 2)

    def before_usage(self) -> None:
        """Take what moves from the resource, and add the colder one, with its retrieval."""
        self.choose()
        permille = int(self.random.integers(*self.permille))
        first_day = datetime(self.starts_at.year, self.starts_at.month, self.starts_at.day)
        self.change(permille, first_day, self.world.plan.ends_at + timedelta(days=1))
        ask = self.world.connection.execute
        [(cold_no,)] = ask(
            """
            select cold.sku_no
            from resources
            inner join skus as warm on resources.sku_no = warm.sku_no
            inner join skus as cold on warm.payer_no = cold.payer_no and warm.region = cold.region
            where resources.resource_no = $resource_no and cold.family = 'cold_storage'
            order by cold.sku_no
            limit 1
            """,
            {"resource_no": self.place["resource_no"]},
        ).fetchall()
        [(retrieval_no,)] = ask(
            """
            insert into skus
            select * replace (
                (select max(sku_no) + 1 from skus) as sku_no, reverse(sku_id) as sku_id,
                meter || '-retrieval' as meter, 'GB' as unit
            )
            from skus where sku_no = $cold_no
            returning sku_no
            """,
            {"cold_no": cold_no},
        ).fetchall()
        ask(
            "insert into prices select * replace ($retrieval_no as sku_no,"
            " list_price * 2000 as list_price, price * 2000 as price)"
            " from prices where sku_no = $cold_no",
            {"retrieval_no": retrieval_no, "cold_no": cold_no},
        )
        self.added = [
            self.add(sku_no, divisor * 1000, (1000 - permille), first_day)
            for sku_no, divisor in ((cold_no, 1), (retrieval_no, 500))
        ]

    def add(self, sku_no: int, divisor: int, permille: int, born_at: datetime) -> int:
        """Add a resource of the SKU, of a size against the first one; both have one id."""
        [(resource_no,)] = self.world.connection.execute(
            """
            insert into resources
            select * replace (
                (select max(resource_no) + 1 from resources) as resource_no,
                $sku_no as sku_no, resource_id || 'c' as resource_id,
                resource_name || '-cold' as resource_name,
                greatest(1, base_quantity * $permille // $divisor) as base_quantity,
                $born_at as born_at, false as is_planned
            )
            from resources where resource_no = $resource_no
            returning resource_no
            """,
            {
                "sku_no": sku_no,
                "permille": permille,
                "divisor": divisor,
                "born_at": born_at,
                "resource_no": self.place["resource_no"],
            },
        ).fetchall()
        return int(resource_no)

    def on_lines(self, period: date) -> None:
        """Note what is saved: colder storage and retrieval less what was used before."""
        self.world.connection.execute(
            "update lines set effect_id = $effect_id, usual_quantity = 0"
            " where list_contains($added, resource_no)",
            {"effect_id": self.effect_id, "added": self.added},
        )
        note_amount(self, self.place, MORE_THAN_USUAL, self.cause, self.treatment)

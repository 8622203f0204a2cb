"""Every failure mode and scenario can be planted, and its truth is what the world then bears.

For each of three seeds a small world is written with all effects at once, and compared with the
clean world of the same seed; a small world has not files enough for all effects that take one, so
these are dealt to the three. Nothing is refreshed here.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from trueup.simulate.effects import Effect
from trueup.simulate.faults import KINDS
from trueup.simulate.plan import Plan
from trueup.simulate.run import simulate
from trueup.simulate.world import new_world

# What the marked lines say of an effect, where that is its amount.
OVERBILLED = "sum(billed_cost - due_cost)"
MORE_THAN_USUAL = "sum(cast((quantity - usual_quantity) * price as decimal(38, 10)))"
AMOUNTS = (
    dict.fromkeys(("RF4", "RF5", "RF9", "BF3", "RS2", "RF6", "RF3"), OVERBILLED)
    | dict.fromkeys(("RF2", "RF7", "RS1", "TF6"), "sum(billed_cost)")
    | dict.fromkeys(
        (
            *("RS3", "BS1", "BS2", "BS3", "ES1", "ES2", "ES3", "ES4", "EF7", "TF7"),
            *("IS1", "IS2", "IS3", "IS4", "IS6", "BS4"),
        ),
        MORE_THAN_USUAL,
    )
)
SEEDS = (31, 32, 33)
ON_FILES = [name for name, kind in KINDS.items() if kind.on_files is not Effect.on_files]
World = duckdb.DuckDBPyConnection


@pytest.fixture(scope="module", params=SEEDS)
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Tables `clean` and `planted`: lines of all months; `effects`: what is true of the plants."""
    plan = Plan(request.param, months=2, lines=3_000)
    folder = tmp_path_factory.mktemp("effects")
    dealt = ON_FILES[SEEDS.index(request.param) :: len(SEEDS)]
    wanted = tuple(name for name in KINDS if name not in ON_FILES or name in dealt)
    written = simulate(plan, wanted, folder / "out", lambda _: None)
    with duckdb.connect() as connection:
        connection.execute(f"create table planted as from '{written.truth}/lines/*.parquet'")
        connection.execute(
            f"create table effects as from read_csv('{written.truth}/effects.csv',"
            " types = {'amount': 'decimal(38, 10)'})"
        )
        connection.execute("create table wanted as select unnest($ids) as id", {"ids": wanted})
        with new_world(plan, folder) as clean:
            for number, period in enumerate(plan.periods):
                clean.simulate(period)
                lines = clean.connection.execute("""
                    select lines.*, resource_id, sku_id, account_id, payer_id
                    from lines
                    inner join payers using (payer_no)
                    left join resources using (resource_no)
                    left join skus on lines.sku_no = skus.sku_no
                    left join accounts on lines.account_no = accounts.account_no
                """).to_arrow_table()
                connection.register("lines", lines)
                words = (
                    "insert into clean from lines" if number else "create table clean as from lines"
                )
                connection.execute(words)
                connection.unregister("lines")
        yield connection


def test_every_effect_has_its_truth(world: World) -> None:
    without = world.execute("select id from wanted anti join effects using (id)").fetchall()
    assert without == []
    incomplete = world.execute("""
        select effect_id from effects
        where subject is null or treatment is null or currency is null or amount is null
            or billing_period is null or starts_at >= ends_at
            -- an act, such as a failed step, has no rows
            or row_count is null or row_count = 0 and amount != 0
    """).fetchall()
    assert incomplete == []
    untold = world.execute("""
        select distinct effect_id from planted anti join effects using (effect_id)
        where effect_id is not null
    """).fetchall()
    assert untold == []


@pytest.mark.parametrize("amount", sorted(set(AMOUNTS.values())))
def test_amounts_are_what_the_marked_lines_say(world: World, amount: str) -> None:
    ids = [name for name, expression in AMOUNTS.items() if expression == amount]
    rows = world.execute(
        f"""
        with marked as (
            select effect_id, billing_period, count(*) as row_count, {amount} as amount
            from planted group by all
        ),
        told as (
            -- an effect may be told of each of its resources
            select id, effect_id, billing_period, sum(row_count) as row_count, sum(amount) as amount
            from effects group by all
        )
        select effects.effect_id, effects.row_count, effects.amount, marked.row_count, marked.amount
        from told as effects left join marked using (effect_id, billing_period)
        where list_contains($ids, effects.id)
            and (effects.row_count, effects.amount)
                is distinct from (marked.row_count, marked.amount)
        """,
        {"ids": ids},
    ).fetchall()
    assert rows == []


SHAPE = """
    payer_id, account_id, resource_id, sku_id, kind, billing_period, usage_start, usage_end, tier,
    quantity, list_price, price, due_cost, billed_cost, effective_cost
"""


def test_what_no_effect_marks_is_as_in_the_clean_world(world: World) -> None:
    """But for the tax on what is due, which follows usage."""
    changed = world.execute(f"""
        select {SHAPE} from planted where effect_id is null and kind != 'tax'
        except all
        select {SHAPE} from clean
        limit 5
    """).fetchall()
    assert changed == []


def test_what_is_gone_from_the_clean_world_is_where_effects_act(world: World) -> None:
    gone = world.execute(f"""
        with gone as (
            select {SHAPE} from clean where kind != 'tax'
            except all
            select {SHAPE} from planted
        ),

        marked as (from planted where effect_id is not null)

        from gone
        anti join marked on gone.resource_id = marked.resource_id
        -- lines of a resource may become lines of many
        anti join marked as others
            on gone.account_id = others.account_id and gone.usage_start = others.usage_start
        limit 5
    """).fetchall()
    assert gone == []


def test_what_is_billed_otherwise_than_due_is_marked(world: World) -> None:
    [(unmarked,)] = world.execute("""
        select count(*) from planted where billed_cost != due_cost and effect_id is null
    """).fetchall()
    assert unmarked == 0

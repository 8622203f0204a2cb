"""The allocation library: worked answers of other systems, and what holds for any rules."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from helpers import in_long_form

from trueup.allocation import allocate
from trueup.allocation.split import leading_units, split, weight_units

MONTH, DAY = date(2025, 1, 1), date(2025, 1, 15)
COSTS = {
    "billing_period": "date",
    "charge_date": "date",
    "currency": "varchar",
    "owner": "varchar",
    "product": "varchar",
    "cost_center": "varchar",
    "tenant": "varchar",
    "charge_category": "varchar",
    "service_name": "varchar",
    "billed_cost": "decimal(38, 18)",
    "effective_cost": "decimal(38, 18)",
}
RULES = {
    "rule_id": "varchar",
    "step": "integer",
    "priority": "integer",
    "pool": "varchar",
    "match_category": "varchar",
    "match_service": "varchar",
    "method": "varchar",
    "driver_id": "varchar",
    "fallback_driver_id": "varchar",
    "targets": "varchar",
    "fixed_shares": "varchar",
    "weight_by": "varchar",
    "valid_from": "date",
    "valid_to": "date",
}
DRIVERS = {
    "driver_id": "varchar",
    "driver_date": "date",
    "owner": "varchar",
    "tenant": "varchar",
    "value": "decimal(38, 18)",
    "is_estimated": "boolean",
}
DATA = Path(__file__).parent / "data" / "allocation"
CASES = [json.loads(line) for line in (DATA / "cases.jsonl").read_text("utf-8").splitlines()]
LEFT_OUT = {
    "cca-t6-p2": "keys are given by pairs of product dimensions, of which only one is named here",
    "cca-t6-p3": "as cca-t6-p2",
    "openmeter-a017": "an amount of credit above what it is for: no allocation of a cost",
}
OTHER_METHODS = {
    "waterfall": "credits that pay lines in order are drawn by trueup.rating",
    "reversal_lifo": "corrections of a ledger, not an allocation",
    "consume_fifo": "credits drawn in order of their age: trueup.rating",
    "consume_lifo": "credits drawn in order of their age: trueup.rating",
    "end_to_end": "costs, keys and what they give: test_allocation_peer.py",
}


def table(connection: Any, name: str, columns: dict[str, str], rows: list[dict]) -> Any:
    """A relation of rows, nulls where a row says nothing."""
    stated = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    connection.execute(f"create or replace temp table {name} ({stated})")
    if rows:
        marks = ", ".join("?" * len(columns))
        connection.executemany(
            f"insert into {name} values ({marks})",
            [[row.get(column) for column in columns] for row in rows],
        )
    return connection.table(name)


def cost(owner: str, billed: Any, effective: Any = None, **others: Any) -> dict[str, Any]:
    """A cost of a day."""
    row = {"billing_period": MONTH, "charge_date": DAY, "currency": "USD", "owner": owner}
    return row | {"billed_cost": billed, "effective_cost": effective or billed} | others


def allocated(costs: list[dict], rules: list[dict], drivers: Iterable[dict] = ()) -> list[dict]:
    """All rows after all steps."""
    with duckdb.connect(config={"threads": 1}) as connection:
        found = allocate(
            connection,
            table(connection, "costs", COSTS, costs),
            table(connection, "rules", RULES, rules),
            table(connection, "drivers", DRIVERS, list(drivers)),
        )
        names = found.columns
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def borne(rows: list[dict]) -> dict[str, Decimal]:
    """Billed cost by who bears it, with its tenant where it has one."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums["/".join(filter(None, (row["owner"], row["tenant"])))] += row["billed_cost"]
    return {key: amount for key, amount in sums.items() if amount}


def driver(owner: str | None, value: Any, **others: Any) -> dict[str, Any]:
    """A driver's value of the day."""
    row = {"driver_id": "keys", "driver_date": DAY, "owner": owner, "value": value}
    return row | {"is_estimated": False} | others


def rule(rule_id: str, pool: str, method: str, **others: Any) -> dict[str, Any]:
    """A rule of the first step."""
    return {"rule_id": rule_id, "pool": pool, "method": method, "priority": 10} | others


def parts(amount: str, weights: dict[str, str], digits: int) -> dict[str, Decimal]:
    """An amount split by the library's query alone."""
    with duckdb.connect() as connection:
        connection.execute(
            "create table weighed (name varchar, amount decimal(38, 18), value decimal(38, 18))"
        )
        connection.executemany(
            "insert into weighed values (?, ?, ?)", [[n, amount, w] for n, w in weights.items()]
        )
        rows = f"""
            select *, sum(weight) over () as total_weight from (
                select name, amount, 1 as split_id, {leading_units("units", "total")} as weight
                from (select *, sum(units) over () as total from (
                    select *, {weight_units("value")} as units from weighed
                ))
            )
        """
        query = split(rows, {"amount": "part"}, "name", "name", digits)
        return {name: part for name, part in connection.sql(query).fetchall() if part}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_worked_answers(case: dict[str, Any]) -> None:
    if reason := LEFT_OUT.get(case["id"]) or OTHER_METHODS.get(case["method"]):
        pytest.skip(reason)
    given, expected = case.get("input"), case["expected"]
    if case["method"] == "largest_remainder":
        wanted = {name: Decimal(amount) for name, amount in expected.items()}
        assert parts(given["amount"], given["weights"], given["decimals"]) == wanted
    elif case["method"] == "discount_distribution":
        lines = {str(n): amount for n, amount in enumerate(given["lines_cents"])}
        cut = parts(given["discount_cents"], lines, 0)
        left = [Decimal(amount) - cut[n] for n, amount in lines.items()]
        assert left == [Decimal(amount) for amount in expected]
    elif case["method"] == "shared_volume_discount":
        found = parts(given["pooled_total"], given["usage_TB"], 2)
        assert found == {name: Decimal(amount) for name, amount in expected.items()}
    elif case["method"] == "consume_proportional":
        found = parts(given["amount"], dict(given["sources"]), 0)
        assert sum(found.values()) == Decimal(expected)
    else:
        consumers = [f"{n} {name}" for n, name in enumerate(case["consumers"])]
        rows = allocated(
            [cost("pool", case["pool_cost"])],
            [rule("keys", "pool", "driver", driver_id="keys")],
            [driver(name, key) for name, key in zip(consumers, case["keys"], strict=True)],
        )
        wanted = dict(zip(consumers, map(Decimal, expected), strict=True))
        assert borne(rows) == {name: amount for name, amount in wanted.items() if amount}


# --- what a rule does ---


def test_steps_run_in_order_and_name_the_way() -> None:
    rows = allocated(
        [cost("platform", 100), cost("product", 10)],
        [
            rule("split", "platform", "fixed", fixed_shares="product=60;other=30"),
            rule("tenants", "product", "driver", driver_id="keys", step=2),
        ],
        [driver("product", 1, tenant="x"), driver("product", 3, tenant="y")],
    )
    assert borne(rows) == {
        "platform": 10, "other": 30, "product/x": Decimal("17.5"), "product/y": Decimal("52.5"),
    }  # fmt: skip
    paths = {row["path"] for row in rows if row["tenant"] == "x"}
    assert paths == {"product (tenants)", "platform (split) > product (tenants)"}


@pytest.mark.parametrize(
    ("method", "others", "given"),
    [
        ("direct", {"targets": "a"}, {"a": 210}),
        ("even", {"targets": "a;b;new"}, {"a": 70, "b": 70, "new": 70}),
        ("even", {"targets": "[ab]"}, {"a": 105, "b": 105}),
        ("even", {"targets": "a;b", "fixed_shares": "a=3"}, {"a": 157.5, "b": 52.5}),
        ("fixed", {"fixed_shares": "a=50;new=20"}, {"a": 105, "new": 42, "pool": 63}),
        ("proportional", {}, {"a": 140, "b": 70}),
        ("proportional", {"weight_by": "billed_cost"}, {"a": 168, "b": 42}),
        ("residual", {"targets": "*"}, {"a": 140, "b": 70}),
        ("driver", {"driver_id": "keys"}, {"a": 30, "b": 180}),
    ],
)
def test_methods(method: str, others: dict[str, Any], given: dict[str, Any]) -> None:
    rows = allocated(
        [cost("pool", 210), cost("a", 120, 100), cost("b", 30, 50)],
        [rule("one", "pool", method, **others)],
        [driver("a", 1), driver("b", 6)],
    )
    passed_on = borne([row for row in rows if row["source_owner"] == "pool"])
    assert passed_on == {owner: Decimal(str(amount)) for owner, amount in given.items()}
    assert {row["method"] for row in rows if row["source_owner"] == "pool"} == {method}


def test_the_lowest_priority_that_fits_takes_a_cost() -> None:
    rows = allocated(
        [
            cost("pool", 10, charge_category="Tax"),
            cost("pool", 20, charge_category="Usage", service_name="Queue"),
            cost("pool", 40, charge_category="Usage", service_name="Disk"),
            cost("pool", 80, charge_date=date(2025, 1, 16), charge_category="Tax"),
        ],
        [
            rule("all", "po*", "direct", targets="rest", priority=90),
            rule("tax", "pool", "direct", targets="tax", match_category="Ta*;Credit",
                 valid_to=date(2025, 1, 16)),
            rule("queue", "pool", "direct", targets="queue", match_service="Queue"),
        ],
    )  # fmt: skip
    assert borne(rows) == {"tax": 10, "queue": 20, "rest": 120}


def test_a_driver_without_values_falls_back_and_says_so() -> None:
    days = [date(2025, 1, day) for day in (14, 15, 16)]
    costs = [cost("pool", 100, charge_date=day) for day in days] + [cost("a", 3), cost("b", 1)]
    keyed = [rule("keys", "pool", "driver", driver_id="keys", fallback_driver_id="old")]

    def shared(*drivers: dict[str, Any]) -> dict[date, tuple[dict[str, Decimal], bool]]:
        rows = [row for row in allocated(costs, keyed, list(drivers)) if row["rule_id"]]
        return {
            day: (borne(of_day), all(row["is_estimated"] for row in of_day))
            for day in days
            if (of_day := [row for row in rows if row["charge_date"] == day])
        }

    # a value a month is the month's; a daily driver's missing day is estimated by the month
    assert shared(driver("a", 1)) == {day: ({"a": 100}, False) for day in days}
    daily = shared(driver("a", 1), driver("b", 1, driver_date=days[0]))
    assert daily == {
        days[0]: ({"b": 100}, False), days[1]: ({"a": 100}, False),
        days[2]: ({"a": 50, "b": 50}, True),
    }  # fmt: skip
    assert shared(driver("b", 7, driver_id="old")) == {day: ({"b": 100}, True) for day in days}
    # without any driver, what targets cost themselves
    assert shared() == {day: ({"a": 75, "b": 25}, True) for day in days}
    assert shared(driver("a", 0), driver("b", -1))[DAY] == ({"a": 75, "b": 25}, True)


@pytest.mark.parametrize(
    ("rules", "held"),
    [
        (
            [rule("x", "pool", "direct", targets="a"), rule("y", "p*", "direct", targets="b")],
            {"two rules take it"},
        ),
        (
            [rule("x", "pool", "direct", targets="a"),
             rule("y", "a", "direct", targets="pool", step=2)],
            {"costs go in a circle: a -> pool -> a", "costs go in a circle: pool -> a -> pool"},
        ),
        ([rule("x", "pool", "even", targets="no*")], {"no target has a weight"}),
        ([rule("x", "pool", "fixed", fixed_shares="a=60;b=41")],
         {"fixed_shares are 101 in all: at most 100 can be passed on"}),
        ([rule("x", "pool", "fixed", fixed_shares="a=-1")],
         {"fixed_shares has 'a=-1': owner=number of at least 0 is meant"}),
        ([rule("x", "pool", "driver")], {"method driver needs a driver_id"}),
        ([rule("x", "pool", "direct", targets="*")], {"method direct needs one target, by name"}),
        ([rule("x", "pool", "guessed")],
         {"method 'guessed' is none of direct, even, fixed, proportional, driver, residual"}),
        ([rule("x", "pool", "even", targets="a", weight_by="size")],
         {"weight_by 'size' is none of effective_cost, billed_cost"}),
    ],
    ids=lambda value: "",
)  # fmt: skip
def test_what_cannot_be_passed_on_stays_and_says_why(rules: list[dict], held: set[str]) -> None:
    rows = allocated([cost("pool", 10), cost("a", 5)], rules)
    assert borne(rows) == {"pool": 10, "a": 5}
    [kept] = [row for row in rows if row["owner"] == "pool"]
    assert kept["held_because"] in held
    assert kept["held_rules"].split(", ")[0] == "x"


def test_what_two_rules_claim_is_left_to_a_later_step_with_the_reason() -> None:
    rows = allocated(
        [cost("pool", 10)],
        [rule("x", "pool", "direct", targets="a"), rule("y", "pool", "direct", targets="b"),
         rule("rest", "pool", "direct", targets="c", step=2)],
    )  # fmt: skip
    [row] = rows
    assert (row["owner"], row["held_because"], row["held_rules"]) == (
        "c",
        "two rules take it",
        "x, y",
    )


def test_rules_that_do_not_hold_at_once_are_no_circle() -> None:
    rows = allocated(
        [cost("pool", 10)],
        [rule("x", "pool", "direct", targets="a", valid_to=date(2025, 2, 1)),
         rule("y", "a", "direct", targets="pool", step=2, valid_from=date(2025, 2, 1))],
    )  # fmt: skip
    assert borne(rows) == {"a": 10}


@pytest.mark.parametrize("amount", ["0.05", "-0.05", "100", "0.000000000000000007", "0"])
def test_parts_sum_to_the_last_place(amount: str) -> None:
    rows = allocated([cost("pool", amount)], [rule("thirds", "pool", "even", targets="a;b;c")])
    assert sum(row["billed_cost"] for row in rows) == Decimal(amount)
    assert all(row["billed_cost"] * Decimal(amount) >= 0 for row in rows)
    spread = max(row["billed_cost"] for row in rows) - min(row["billed_cost"] for row in rows)
    assert spread <= Decimal("0.000000001")


# --- what holds for any rules ---


def any_rules(rng: random.Random, owners: list[str]) -> list[dict[str, Any]]:
    """Rules of up to four steps, sound ones and others."""
    patterns = [*owners, "*", "o[0-3]", "s*", ""]
    found = []
    for number in range(rng.randint(0, 9)):
        method = rng.choice(["direct", "even", "fixed", "proportional", "driver", "residual"])
        several = rng.sample(patterns, rng.randint(0, 4))
        shares = [f"{owner}={rng.choice((0, 10, 33.3333, 45))}" for owner in rng.sample(owners, 3)]
        found.append(
            rule(
                f"r{number}", rng.choice([*owners, "s*", "o?"]), method,
                step=rng.randint(1, 4), priority=rng.choice((1, 1, 2, 3)),
                targets=rng.choice(owners) if method == "direct" else ";".join(several),
                fixed_shares=";".join(shares) if rng.random() < 0.5 or method == "fixed" else None,
                driver_id=rng.choice(("keys", "none")),
                fallback_driver_id=rng.choice((None, "other")),
                weight_by=rng.choice((None, "billed_cost")),
                match_category=rng.choice((None, None, "Usage", "T*;Credit")),
                valid_from=rng.choice((None, None, date(2025, 1, 10))),
            )
        )  # fmt: skip
    return found


def any_world(seed: int) -> tuple[list[dict], list[dict], list[dict]]:
    """Costs of either sign, some of them zero, in three currencies; rules; drivers with zeros."""
    rng = random.Random(seed)
    owners = ["s0", "s1", *(f"o{n}" for n in range(rng.randint(2, 6)))]
    days = [date(2025, 1, 5), date(2025, 1, 15), date(2025, 2, 2)]

    def amount() -> Decimal:
        units = rng.choice((0, rng.randint(-999, 999), rng.randint(-(10**24), 10**27)))
        return Decimal(units).scaleb(rng.choice((-2, 0)) if abs(units) < 1000 else -18)

    costs = []
    for _ in range(rng.randint(1, 25)):
        day = rng.choice(days)
        costs.append(
            cost(
                rng.choice(owners), amount(), charge_date=day, billing_period=day.replace(day=1),
                currency=rng.choice(("USD", "JPY", "KWD")),
                charge_category=rng.choice(("Usage", "Tax", "Credit", None)),
                tenant=rng.choice((None, "t")), product=rng.choice((None, "p")),
            ) | {"effective_cost": amount()}
        )  # fmt: skip
    drivers = [
        driver(
            rng.choice([*owners, None]), rng.choice((0, 1, Decimal("0.3"), rng.randint(0, 10**15))),
            driver_id=rng.choice(("keys", "other")), driver_date=rng.choice(days),
            tenant=rng.choice((None, "u", "v")),
        )
        for _ in range(rng.randint(0, 12))
    ]  # fmt: skip
    return costs, any_rules(rng, owners), drivers


def sums(rows: list[dict], owner: str) -> dict[tuple, tuple[Decimal, Decimal]]:
    """Both costs by day, currency and whose charges they are."""
    found: dict[tuple, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for row in rows:
        key = (row["billing_period"], row["charge_date"], row["currency"], row[owner])
        found[key][0] += row["billed_cost"]
        found[key][1] += row["effective_cost"]
    return {key: (billed, effective) for key, (billed, effective) in found.items()}


@pytest.mark.parametrize(
    "batch", [0, 1, *(pytest.param(number, marks=in_long_form) for number in range(2, 10))]
)
def test_any_rules_keep_every_sum_and_order_changes_nothing(batch: int) -> None:
    for seed in range(batch * 50, batch * 50 + 50):
        costs, rules, drivers = any_world(seed)
        found = allocated(costs, rules, drivers)
        assert sums(found, "source_owner") == sums(costs, "owner"), seed
        if seed % 5 == 0:
            rng = random.Random(seed)
            mixed = [rng.sample(rows, len(rows)) for rows in (costs, rules, drivers)]
            again = allocated(*mixed)
            assert sorted(map(str, again)) == sorted(map(str, found)), seed

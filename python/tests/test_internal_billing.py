"""Who pays, on a planted quarter: statements, transfers, tenants, units and analyses."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from answers import Answers, compiled_analyses
from helpers import run, trueup, write_rows
from test_ownership import RULE, charge

JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
DAYS = [JANUARY + timedelta(days=number) for number in range(59)]
CALM, HIT = "2", "32"  # an hour of queues a day, but for the day of the incident
INCIDENT = date(2026, 2, 11)
BUILD = '{"repository":"search-web","branch":"main"}'
AS_OF = "2026-02-28T00:00:00Z"


def spent(day: date, team: str, cost: str, **columns: str) -> dict[str, str]:
    """A charge of a team's account on a day."""
    start = day.replace(day=1)
    end = (start + timedelta(days=31)).replace(day=1)
    period = {"BillingPeriodStart": f"{start} 00:00:00", "BillingPeriodEnd": f"{end} 00:00:00"}
    return charge(day, f"{team}-{columns.get('ServiceName', 'm')}", cost, SubAccountId=team,
                  **(period | columns))  # fmt: skip


def charges() -> list[dict[str, str]]:
    """Two teams with a dollar and three a day, a platform for both, and nobody's account."""
    rows = []
    for day in DAYS:
        rows += [spent(day, "shop", "1"), spent(day, "search", "3", Tags=BUILD)]
        queue = HIT if day == INCIDENT else CALM
        rows.append(spent(day, "platform", queue, ServiceName="Queues"))
    rows += [
        spent(JANUARY, "platform", "100", ServiceName="Support"),
        spent(JANUARY, "nobody", "1", ServiceName="Other"),
        spent(FEBRUARY, "platform", "0.05", ServiceName="Support"),
    ]
    # a laboratory that computes by day, by night and on a Saturday
    for start in ("2026-01-07 12:00:00", "2026-01-07 22:00:00", "2026-01-10 12:00:00"):
        hour = {"ChargePeriodStart": start, "ChargePeriodEnd": start.replace("00:00", "59:59")}
        rows.append(spent(JANUARY, "lab", "0.5", **hour))
    return rows


def filled(columns: str, *rows: tuple[Any, ...]) -> list[dict[str, str]]:
    """Rows of a CSV file, whose columns are named in one text."""
    names = columns.split()
    return [dict(zip(names, map(str, row), strict=True)) for row in rows]


def land(landing: Path) -> Path:
    """Charges, and all that says who pays."""
    write_rows(landing / "focus/quarter.csv", charges())
    owners = [
        {"priority": n, "match_on": "account", "pattern": name, "owner": name, "product": name}
        for n, name in enumerate(("shop", "search", "platform"), start=1)
    ]
    lab = {"priority": 9, "match_on": "account", "pattern": "lab", "owner": "lab"}
    owners.append(lab | {"environment": "development"})
    write_rows(landing / "owners/rules.csv", [dict.fromkeys(RULE, "") | row for row in owners])
    write_rows(
        landing / "owner_directory/owners.csv",
        filled("owner cost_center mode approver legal_entity",
               ("shop", "CC-1", "chargeback", "ada", "Shop GmbH"),
               ("search", "CC-2", "showback", "bob", "Group Inc"),
               ("platform", "CC-3", "showback", "eve", "Group Inc")),
    )  # fmt: skip
    write_rows(
        landing / "entity_markups/markups.csv",
        filled("from_entity to_entity percent valid_from valid_to",
               ("Group Inc", "Shop GmbH", "5", JANUARY, FEBRUARY),
               ("Group Inc", "Shop GmbH", "7.5", FEBRUARY, "")),
    )  # fmt: skip
    write_rows(
        landing / "allocation_rules/rules.csv",
        filled(
            "rule_id priority pool method driver_id targets fixed_shares weight_by match_category"
            " match_service step valid_from valid_to",
            ("queues", 10, "platform", "driver", "calls", "", "", "", "", "Queues", 1, JANUARY, ""),
            ("support", 10, "platform", "fixed", "", "", "shop=33.3333;search=33.3333;new=33.3334",
             "", "", "Support", 1, JANUARY, ""),
            ("customers", 10, "shop", "driver", "orders", "shop", "", "", "", "", 2, JANUARY, ""),
        ),
    )  # fmt: skip
    drivers = [
        ("calls", day, team, "", count, "Calls", "false")
        for day in DAYS
        if day < FEBRUARY
        for team, count in (("shop", 1), ("search", 3))
    ]
    drivers += [
        ("orders", month, "shop", tenant, count, "Orders", "false")
        for month in (JANUARY, FEBRUARY)
        for tenant, count in (("t1", 3), ("t2", 1))
    ]
    write_rows(
        landing / "allocation_drivers/q.csv",
        filled("driver_id driver_date owner tenant value unit is_estimated", *drivers),
    )
    write_rows(
        landing / "budgets/budgets.csv",
        filled("budget_id owner product period_start period_end amount currency",
               ("b", "shop", "", JANUARY, "2026-03-01", "59", "USD"),
               ("builds", "", "search-web", FEBRUARY, "2026-03-01", "80", "USD"),
               ("calm", "search", "search", FEBRUARY, "2026-03-01", "8400", "USD"),
               ("past", "lab", "", JANUARY, FEBRUARY, "1", "USD")),
    )  # fmt: skip
    write_rows(
        landing / "business_metrics/m.csv",
        filled("metric_date metric owner product tenant cohort value",
               *((day, "transactions", "search", "search", "", "", 10) for day in DAYS)),
    )  # fmt: skip
    write_rows(
        landing / "accounts/a.csv",
        filled("account_id customer tier tenant cohort legal_entity tax_jurisdiction valid_from"
               " valid_to", ("x-1", "Acme", "gold", "t1", "a", "", "", JANUARY, "")),
    )  # fmt: skip
    write_rows(
        landing / "disputes/d.csv",
        filled("dispute_id kind subject_id opened_at claimed recovered currency status reference",
               ("D-1", "allocation", "shop/2026-01/USD", "2026-02-03 09:00:00", "5", "", "USD",
                "open", "")),
    )  # fmt: skip
    write_rows(
        landing / "decisions/d.csv",
        filled("decided_at subject_type subject_id action amount currency actor reason reference",
               ("2025-12-30 09:00:00", "allocation", "queues", "approve", "", "", "eve", "fair",
                "")),
    )  # fmt: skip
    write_rows(
        landing / "incidents/i.csv",
        filled("incident_id started_at ended_at services tenants sla_percent",
               ("I-1", f"{INCIDENT} 03:00:00", f"{INCIDENT} 05:00:00", "platform", "", "99.9")),
    )  # fmt: skip
    return landing


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the planted quarter is built and published."""
    place = tmp_path_factory.mktemp("internal")
    landing = land(place / "landing")
    outcome = trueup("refresh", place / "home", landing, "--as-of", AS_OF, "--json")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return place / "home"


@pytest.fixture(scope="module")
def answers(home: Path) -> Iterator[Answers]:
    """Answers of the analyses on the planted quarter."""
    answers = Answers(home, compiled_analyses(home))
    yield answers
    answers.connection.close()


def asked(answers: Answers, query: str) -> list[tuple[Any, ...]]:
    """Rows of a query of the release."""
    return answers.connection.execute(query).fetchall()


def one(rows: list[Any]) -> Any:
    assert len(rows) == 1, rows
    return rows[0]


def test_statements_are_own_and_passed_on_against_the_budget(answers: Answers) -> None:
    shop = one(answers.rows("chargeback_statements", owner="shop", billing_period=JANUARY))
    # 31 own, a quarter of 62 of queues, a third of 100 of support; 59 a budget for 59 days
    assert (shop["own_amount"], shop["passed_on_amount"]) == (0, shop["effective_amount"])
    assert abs(shop["effective_amount"] - Decimal("79.8333")) < Decimal("0.01")
    assert (shop["budget_amount"], shop["is_over_budget"]) == (31, True)
    assert (shop["charging_mode"], shop["disputed_amount"]) == ("chargeback", 5)
    sums: Counter[date] = Counter()
    for row in answers.rows("chargeback_statements"):
        sums[row["billing_period"]] += row["effective_amount"]
    assert sums == {JANUARY: Decimal("288.5"), FEBRUARY: Decimal("198.05")}


def test_a_pipeline_stops_when_its_budget_is_spent(answers: Answers, home: Path) -> None:
    builds = dict(
        asked(answers, """
        select burn_date, spent_amount from marts.marts.fct_budget_burn
        where budget_id = 'builds' order by burn_date""")
    )  # fmt: skip
    # three dollars a day for builds
    assert builds[date(2026, 2, 26)] == 78 and builds[date(2026, 2, 27)] == 81

    def gate(*options: str) -> tuple[int, list[tuple[str, bool]]]:
        outcome = run(["budgets", "--home", str(home), "--json", *options], home)
        rows = json.loads(outcome.stdout)
        return outcome.returncode, [(row["budget_id"], row["is_over"]) for row in rows]

    assert gate("--product", "search-web") == (1, [("builds", True)])
    assert gate("--product", "search-web", "--percent", "105") == (0, [("builds", False)])
    # a dollar of its own and what is passed on; a budget of the past stops nobody
    assert gate("--owner", "shop") == (1, [("b", True)])
    assert gate("--owner", "search") == (0, [("calm", False)])
    assert gate("--owner", "lab") == (0, [])


def test_a_month_without_its_driver_is_estimated_by_what_teams_cost(answers: Answers) -> None:
    found = asked(answers, """
        select billing_period, is_estimated, owner, sum(allocated_billed_cost)
        from marts.marts.fct_allocations where rule_id = 'queues' and tenant is null group by all
        union all
        select billing_period, is_estimated, 'shop', sum(allocated_billed_cost)
        from marts.marts.fct_allocations where path like 'platform (queues) > %' group by all
        order by 1, 3""")  # fmt: skip
    # in January calls say a quarter; in February nothing does, and of costs it is a quarter as well
    assert found == [
        (JANUARY, False, "search", Decimal("46.5")), (JANUARY, False, "shop", Decimal("15.5")),
        (FEBRUARY, True, "search", Decimal("64.5")), (FEBRUARY, True, "shop", Decimal("21.5")),
    ]  # fmt: skip


def test_transfers_are_booked_for_those_who_are_charged_and_say_why(answers: Answers) -> None:
    [transfer] = answers.rows("internal_transfers", billing_period=FEBRUARY, rule_id="customers")
    assert (transfer["debit_cost_center"], transfer["credit_cost_center"]) == ("CC-1", "CC-3")
    assert transfer["paths"].startswith("platform (queues) > shop (customers)")
    assert transfer["is_estimated"]
    # between legal entities at the mark-up of the month, a cent half up
    assert (transfer["credit_entity"], transfer["debit_entity"]) == ("Group Inc", "Shop GmbH")
    assert (transfer["amount"], transfer["markup_amount"]) == (Decimal("21.51"), Decimal("1.61"))
    assert transfer["transfer_amount"] == Decimal("23.12")
    owners = {row["statement_id"].split("/")[0] for row in answers.rows("internal_transfers")}
    assert owners == {"shop"}


def test_tenants_bear_their_part_and_all_sum_to_the_bill(answers: Answers) -> None:
    found = asked(
        answers,
        """
        select tenant, sum(effective_cost) from marts.marts.fct_tenant_costs
        where billing_period = '2026-01-01' and owner = 'shop' group by tenant order by tenant""",
    )
    tenants = dict(found)
    assert tenants.keys() == {"t1", "t2"}
    assert abs(tenants["t1"] - 3 * tenants["t2"]) < Decimal("1e-7")
    [billed] = asked(
        answers,
        """
        select (select sum(billed_cost) from marts.marts.fct_tenant_costs)
            - (select sum(billed_cost) from marts.marts.fct_charges)""",
    )
    assert billed == (0,)
    acme = one(answers.rows("customer_economics", customer="Acme", billing_period=JANUARY))
    assert acme["effective_cost"] == tenants["t1"] and acme["margin"] == -tenants["t1"]


def test_a_transaction_costs_what_its_owner_bears_that_day(answers: Answers) -> None:
    # three dollars of its own and three quarters of two of queues, by ten
    [unit] = asked(
        answers,
        f"""
        select unit_cost, is_estimated from marts.marts.fct_unit_costs
        where metric_date = '{DAYS[3]}'""",
    )
    assert unit == (Decimal("0.3"), False)  # what is passed on is of the platform's product


def test_a_platform_recovers_its_cost_by_a_price_of_its_driver(answers: Answers) -> None:
    price = one(answers.rows("platform_unit_prices", driver_id="calls", billing_period=JANUARY))
    assert (price["unit"], price["unit_count"]) == ("Calls", 124)
    assert price["effective_cost"] == 62  # also what went on from shop to its tenants
    assert (price["recovery_price"], price["price_mode"]) == (Decimal("0.5"), "cost_recovery")
    assert price["asked_amount"] is None


def test_an_incident_costs_what_is_beyond_its_weekdays(answers: Answers) -> None:
    incident = one(answers.rows("incident_costs"))
    assert (incident["incident_days"], incident["baseline_days"]) == (1, 6)
    assert incident["incident_cost"] == Decimal(HIT) - Decimal(CALM)


def test_the_service_that_drives_a_month_comes_first(answers: Answers) -> None:
    first, *_ = answers.rows("cost_drivers", billing_period=FEBRUARY)
    assert (first["owner"], first["service_name"]) == ("platform", "Support")
    assert first["cost_change"] == Decimal("-99.95")


def test_what_is_not_used_is_named(answers: Answers) -> None:
    waste = one(answers.rows("waste"))
    assert (waste["waste_kind"], waste["subject"]) == ("non_production_night", "lab-m")
    assert (waste["owner"], waste["effective_cost"]) == ("lab", 1)  # not what runs by day


def test_indicators_of_who_pays(answers: Answers) -> None:
    found = dict(asked(answers, "select sli_id, value from marts.marts.fct_slis"))
    # of January and February: 486.55 in all, 1 of nobody
    assert found["IM1"] == found["BM4"] == Decimal("0.205528")
    assert found["IM6"] == 1
    assert 0 < found["IM9"] < 100
    assert found["IM3"] == found["BM3"] == Decimal("0.3")


def test_the_release_says_who_pays_without_the_warehouse(answers: Answers) -> None:
    [row] = asked(
        answers,
        """
        select count(*), count(*) filter (where owner is null) from marts.marts.fct_allocations""",
    )
    assert row[0] > 0 and row[1] == 0

"""Who owns a charge and what it is in the reporting currency: faults planted, figures checked."""

from __future__ import annotations

import json
import shutil
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from answers import Answers, compiled_analyses
from helpers import dbt, newest_time, release, releases, stored, trueup, write_rows

MARCH = [date(2025, 3, 1) + timedelta(days=n) for n in range(31)]
LOST = date(2025, 3, 15)  # the database loses its tags
RENAMED = date(2025, 3, 16)  # OLD-1 becomes NEW-1
LAST_PLACE = "0.000000000000000001"
OWNERS = [
    {"priority": "1", "match_on": "resource", "pattern": "web-shop-2", "owner": "legacy",
     "valid_to": "2025-03-03"},
    {"priority": "10", "match_on": "tag:team", "pattern": "shop*", "owner": "shop",
     "cost_center": "CC-1"},
    {"priority": "10", "match_on": "tag:team", "pattern": "data", "owner": "data"},
    {"priority": "10", "match_on": "tag:team", "pattern": "[rs]e*", "owner": "search"},
    {"priority": "90", "match_on": "account", "pattern": "2*", "owner": "platform",
     "environment": "shared"},
]  # fmt: skip
RULE = ("priority", "match_on", "pattern", "and_match", "owner", "product", "cost_center",
        "environment", "tenant", "valid_from", "valid_to")  # fmt: skip
RATES = [
    ("2025-03-01", "EUR", "USD", "1.05", "ECB"),
    ("2025-03-01", "EUR", "USD", "9.99", "somebody"),
    ("2025-03-03", "EUR", "USD", "1.123456789", "ECB"),
    ("2025-03-02", "USD", "GBP", "0.77", "ECB"),  # the opposite rate is no rate
    ("2025-03-05", "CHF", "USD", "1.13", "ECB"),
]
POLICIES = [
    {"tag_key": "team", "required": "true", "allowed_values": "shop*;data;search", "scope": ""},
    {"tag_key": "Env", "required": "true", "allowed_values": "prod", "scope": "9*; 100?"},
    {"tag_key": "tenant", "required": "false", "allowed_values": "initech", "scope": "Mach*"},
    {"tag_key": "nobody", "required": "true", "allowed_values": "", "scope": "another cloud"},
]


def charge(day: date, resource: str, cost: str, **columns: str) -> dict[str, str]:
    """A FOCUS row of one day's usage."""
    row = {
        "BillingAccountId": "1", "SubAccountId": "1000", "BillingCurrency": "USD",
        "BillingPeriodStart": "2025-03-01 00:00:00", "BillingPeriodEnd": "2025-04-01 00:00:00",
        "ChargePeriodStart": f"{day} 00:00:00", "ChargePeriodEnd": f"{day + timedelta(1)} 00:00:00",
        "ChargeCategory": "Usage", "ChargeClass": "", "ChargeFrequency": "Usage-Based",
        "ChargeDescription": "", "BilledCost": cost, "EffectiveCost": cost, "ListCost": cost,
        "ContractedCost": cost, "ListUnitPrice": "", "ContractedUnitPrice": "",
        "PricingQuantity": "", "PricingUnit": "Hours", "PricingCategory": "Standard",
        "ConsumedQuantity": "", "ConsumedUnit": "Hours", "ProviderName": "Example Cloud",
        "PublisherName": "Example Cloud", "InvoiceIssuerName": "Example Cloud",
        "ServiceCategory": "Compute", "ServiceName": "Machines", "SkuId": "S", "SkuPriceId": "P",
        "RegionId": "r1", "RegionName": "r1", "ResourceId": resource, "ResourceName": "",
        "ResourceType": "", "AvailabilityZone": "", "SubAccountName": "", "Tags": "",
        "BillingAccountName": "", "CommitmentDiscountCategory": "", "CommitmentDiscountId": "",
        "CommitmentDiscountName": "", "CommitmentDiscountStatus": "", "CommitmentDiscountType": "",
    }  # fmt: skip
    assert columns.keys() <= row.keys()
    return row | columns


def renamed_sku(day: date) -> dict[str, str]:
    hours = str(24 + day.day % 3)
    return charge(
        day, "node-1", str(Decimal(hours) / 10), SubAccountId="6000", PricingQuantity=hours,
        SkuId="OLD-1" if day < RENAMED else "NEW-1", ListUnitPrice="0.1",
        ContractedUnitPrice="0.1", Tags='{"team":"search"}',
    )  # fmt: skip


def month() -> list[dict[str, str]]:
    """March 2025 of one payer, each fault in it once."""
    shop, data = '{"team":"shop-eu","Env":"PRD","ENVIRONMENT":"live"}', '{"team":"data"}'
    rows = []
    for day in MARCH:
        rows += [
            charge(day, "web-shop-1", "3", Tags=shop),
            charge(day, "web-shop-2", "2", Tags='{"team":"shop","tenant":"acme","Env":"prod"}'),
            charge(day, "web-shop-3", "1"),
            charge(day, "db-7", "5", Tags=data if day < LOST else ""),
            charge(day, "x1", "4", SubAccountId="2000", Tags="{not json"),
            charge(day, "alpha", "9.5", SubAccountId="3000", Tags='{"team":"search"}'),
            charge(day, "beta", "0.5", SubAccountId="3000", Tags='{"team":"data"}'),
            charge(day, "zeta", "0.1", SubAccountId="3000", Tags='{"team":"Shop"}'),
            renamed_sku(day),
        ]
    for day in MARCH[:4]:
        rows += [
            charge(day, "", "7.77", SubAccountId="4000", ChargeCategory="Tax"),
            charge(day, "", "10.123456789012345678", SubAccountId="5000", BillingCurrency="EUR"),
        ]
    rows.append(charge(MARCH[2], "", "6", SubAccountId="5000", BillingCurrency="GBP"))
    rows.append(charge(MARCH[3], "", "8", SubAccountId="5000", BillingCurrency="CHF"))
    return rows


def write_alias(landing: Path) -> None:
    alias = {"source": "focus", "old_sku_id": "OLD-1", "new_sku_id": "NEW-1"}
    alias |= {"valid_from": str(RENAMED), "reason": "renamed by the provider"}
    write_rows(landing / "sku_aliases/aliases.csv", [alias])


def write_owners(landing: Path, rules: list[dict[str, str]], moment: float | None = None) -> None:
    write_rows(
        landing / "owners/rules.csv", [dict.fromkeys(RULE, "") | rule for rule in rules], moment
    )


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Landing folder and home after one refresh of the planted month. Read them, never change."""
    folder = tmp_path_factory.mktemp("owned")
    landing, home = folder / "landing", folder / "home"
    write_rows(landing / "focus/march.csv", month())
    write_owners(landing, OWNERS)
    names = ("rate_date", "from_currency", "to_currency", "rate", "source")
    rates = [dict(zip(names, rate, strict=True)) for rate in RATES]
    write_rows(landing / "fx_rates/rates.csv", rates)
    write_rows(landing / "tag_policies/policies.csv", POLICIES)
    outcome = trueup("refresh", home, landing, "--json")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return landing, home


@pytest.fixture
def changed(landed: tuple[Path, Path], tmp_path: Path) -> tuple[Path, Path]:
    """Copies of both, to be changed."""
    landing, home = landed
    shutil.copytree(landing, tmp_path / "landing")
    shutil.copytree(home, tmp_path / "home", symlinks=True)
    return tmp_path / "landing", tmp_path / "home"


@pytest.fixture(scope="module")
def resolved(landed: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home after a refresh with an alias and with a rule that owns all; charges are marked."""
    folder = tmp_path_factory.mktemp("resolved")
    for kept, name in zip(landed, ("landing", "home"), strict=True):
        shutil.copytree(kept, folder / name, symlinks=True)
    landing, home = folder / "landing", folder / "home"
    with duckdb.connect(str(home / "build/warehouse.duckdb")) as connection:
        connection.execute("update canonical.charges set charge_description = 'built before'")
    everything = {"priority": "99", "match_on": "account", "pattern": "*", "owner": "finance"}
    write_owners(landing, [*OWNERS, everything], newest_time(landing) + 60)
    write_alias(landing)
    outcome = trueup("refresh", home, landing, "--json")
    assert outcome.returncode == 0, outcome.stdout
    return home


def read(home: Path, query: str) -> list[tuple[Any, ...]]:
    with release(home) as connection:
        return connection.execute(query).fetchall()


def paid(rows: list[dict[str, str]]) -> Decimal:
    return sum((Decimal(row["BilledCost"]) for row in rows), Decimal(0))


def test_the_first_rule_by_priority_owns_the_charge_and_the_pool_the_rest(
    landed: tuple[Path, Path],
) -> None:
    """BF1: without a tag the fallback rule, without any rule the pool; the money adds up."""
    owned = dict(
        read(
            landed[1],
            "select owner, sum(billed_cost) from marts.fct_charges"
            " where billing_currency = 'USD' group by owner",
        )
    )
    node = paid([renamed_sku(day) for day in MARCH])
    assert owned == {
        "legacy": Decimal(2 * 2),
        "shop": Decimal(31 * 3 + 29 * 2),
        "data": 14 * 5 + 31 * Decimal("0.5"),
        "search": 31 * Decimal("9.5") + node,
        "platform": Decimal(31 * 4),
        "unattributed": 31 * (1 + Decimal("0.1")) + 17 * 5 + 4 * Decimal("7.77"),
    }
    usd = [row for row in month() if row["BillingCurrency"] == "USD"]
    assert sum(owned.values()) == paid(usd)


def test_a_charge_says_by_which_rule_it_is_owned(landed: tuple[Path, Path]) -> None:
    found = read(
        landed[1],
        """
        select distinct resource_id, owner, owner_rule_id, owner_priority, cost_center,
            environment, tenant
        from marts.fct_charges where resource_id in ('web-shop-1', 'web-shop-2', 'x1', 'zeta')
        order by all
        """,
    )
    by_tag = "10 tag:team shop*"
    assert found == [
        ("web-shop-1", "shop", by_tag, 10, "CC-1", "production", None),
        ("web-shop-2", "legacy", "1 resource web-shop-2", 1, None, "production", "acme"),
        ("web-shop-2", "shop", by_tag, 10, "CC-1", "production", "acme"),
        ("x1", "platform", "90 account 2*", 90, None, "shared", None),
        ("zeta", "unattributed", None, None, None, None, None),
    ]


def test_lost_tags_raise_the_unallocated_share_and_name_the_last_owner(
    landed: tuple[Path, Path],
) -> None:
    """EF4: the tags of db-7 vanish on 15 March."""
    assert read(
        landed[1],
        "select last_known_owner, last_owned_at, lost_tags_at, billed_cost_reporting, method"
        " from marts.fct_owner_proposals where resource_id = 'db-7'",
    ) == [("data", LOST - timedelta(1), LOST, Decimal(17 * 5), "history")]
    causes = read(
        landed[1],
        "select cause, billed_cost, share_percent from marts.fct_unallocated_costs"
        " where billing_currency = 'USD' order by cause",
    )
    whole = paid([row for row in month() if row["BillingCurrency"] == "USD"])
    costs = {
        "lost_tag": Decimal(17 * 5),
        "no_rule": 31 * Decimal("0.1"),
        "no_tag": 31 + 4 * Decimal("7.77"),
    }
    assert causes == [
        (cause, cost, round(100 * cost / whole, 6)) for cause, cost in sorted(costs.items())
    ]


def test_owners_of_untagged_resources_are_proposed_with_their_evidence(
    landed: tuple[Path, Path],
) -> None:
    """IF1: by history, by the beginning of the name, by the account."""
    proposals = {
        row[0]: row[1:]
        for row in read(
            landed[1],
            "select resource_id, proposed_owner, method, evidence, share_percent,"
            " evidence_cost_reporting from marts.fct_owner_proposals",
        )
    }
    shop, web = Decimal(31 * 3 + 29 * 2), Decimal(31 * 3 + 31 * 2)
    assert proposals == {
        "db-7": ("data", "history", "owned by data until 2025-03-14", Decimal(100), None),
        "web-shop-3": (
            "shop", "name", "shop owns most of what is named web-shop-*",
            round(100 * shop / web, 6), shop,
        ),
        "zeta": (
            "search", "account", "search owns most of account 3000",
            Decimal(95), 31 * Decimal("9.5"),
        ),
    }  # fmt: skip


def test_what_owners_tag_is_held_against_the_policies(landed: tuple[Path, Path]) -> None:
    """By tags of the day, aliases of keys and values counted; what has no resource is nobody's."""
    found = read(
        landed[1],
        """
        select tag_key, scope, owner,
            compliant_resource_count, compliant_effective_cost, missing_resource_count,
            missing_effective_cost, value_not_allowed_resource_count,
            value_not_allowed_effective_cost, compliant_percent
        from marts.fct_tag_compliance where currency = 'USD' order by all""",
    )
    node, tenth = paid([renamed_sku(day) for day in MARCH]), Decimal("0.1")
    legacy, shop = Decimal(2 * 2), Decimal(31 * 3 + 29 * 2)
    lost, small = Decimal(17 * 5), Decimal("15.5")
    everything = {"data": 70 + small, "platform": Decimal(124), "search": 19 * small + node}
    assert found == [
        ("Env", "9*; 100?", "data", 0, 0, 1, 70, 0, 0, 0),
        ("Env", "9*; 100?", "legacy", 1, legacy, 0, 0, 0, 0, 100),
        ("Env", "9*; 100?", "shop", 2, shop, 0, 0, 0, 0, 100),
        ("Env", "9*; 100?", "unattributed", 0, 0, 2, 31 + lost, 0, 0, 0),
        ("team", "*", "data", 2, everything["data"], 0, 0, 0, 0, 100),
        ("team", "*", "legacy", 1, legacy, 0, 0, 0, 0, 100),
        ("team", "*", "platform", 0, 0, 1, 124, 0, 0, 0),
        ("team", "*", "search", 2, everything["search"], 0, 0, 0, 0, 100),
        ("team", "*", "shop", 2, shop, 0, 0, 0, 0, 100),
        ("team", "*", "unattributed", 0, 0, 2, 31 + lost, 1, 31 * tenth, 0),
        ("tenant", "Mach*", "data", 2, everything["data"], 0, 0, 0, 0, 100),
        ("tenant", "Mach*", "legacy", 0, 0, 0, 0, 1, legacy, 0),
        ("tenant", "Mach*", "platform", 1, 124, 0, 0, 0, 0, 100),
        ("tenant", "Mach*", "search", 2, everything["search"], 0, 0, 0, 0, 100),
        ("tenant", "Mach*", "shop", 1, 31 * 3, 0, 0, 1, 29 * 2, Decimal("61.589403")),
        ("tenant", "Mach*", "unattributed", 3, 31 + lost + 31 * tenth, 0, 0, 0, 0, 100),
    ]


def test_resources_that_break_a_policy_are_named_the_costliest_first(
    landed: tuple[Path, Path],
) -> None:
    answers = Answers(landed[1], compiled_analyses(landed[1]))
    broken = [
        (row["resource_id"], row["tag_status"], row["tag_value"], row["effective_cost"],
         row["proposed_owner"])
        for row in answers.rows("tag_compliance", tag_key="team")
    ]  # fmt: skip
    answers.connection.close()
    assert broken == [
        ("x1", "missing", None, 124, None),  # its account's owner pays
        ("db-7", "missing", None, 17 * 5, "data"),
        ("web-shop-3", "missing", None, 31, "shop"),
        ("zeta", "value_not_allowed", "Shop", Decimal("3.1"), "search"),
    ]


def test_another_policy_is_held_against_the_old_charges(changed: tuple[Path, Path]) -> None:
    """Only what policies look at is built anew: owners stay as they were attributed."""
    landing, home = changed
    allowed = [policy | {"allowed_values": "*"} for policy in POLICIES]
    write_rows(landing / "tag_policies/policies.csv", allowed, newest_time(landing) + 60)
    warehouse = str(home / "build/warehouse.duckdb")
    with duckdb.connect(warehouse) as connection:
        connection.execute("update canonical.resource_owners set resource_name = 'built before'")
    outcome = trueup("refresh", home, landing, "--json")
    assert outcome.returncode == 0, outcome.stdout
    query = """
        select sum(compliant_effective_cost), sum(missing_effective_cost),
            sum(value_not_allowed_effective_cost) from marts.fct_tag_compliance
        where tag_key = 'team'"""
    resources = paid([row for row in month() if row["ResourceId"]])
    lacking = Decimal(124 + 17 * 5 + 31)
    assert read(home, query) == [(resources - lacking, lacking, 0)]
    with duckdb.connect(warehouse, read_only=True) as connection:
        built = "select bool_and(resource_name = 'built before') from canonical.resource_owners"
        assert connection.execute(built).fetchall() == [(True,)]


def test_a_renamed_sku_is_proposed_and_then_resolved_by_its_alias(
    landed: tuple[Path, Path], resolved: Path
) -> None:
    """RF2: OLD-1 becomes NEW-1 on 16 March; the next run with the alias sees one SKU."""
    query = """
        select source, old_sku_id, new_sku_id, valid_from, unit_price, account_count, status
        from marts.fct_sku_rename_candidates
    """
    found = ("focus", "OLD-1", "NEW-1", RENAMED, Decimal("0.1"), 1)
    assert read(landed[1], query) == [(*found, "proposed")]
    assert read(resolved, query) == [(*found, "resolved")]
    skus = """
        select canonical_sku_id, sku_id, count(*) from marts.fct_charges
        where sub_account_id = '6000' group by all order by all
    """
    assert read(landed[1], skus) == [("NEW-1", "NEW-1", 16), ("OLD-1", "OLD-1", 15)]
    assert read(resolved, skus) == [("OLD-1", "NEW-1", 16), ("OLD-1", "OLD-1", 15)]


def test_a_missing_day_carries_the_last_rate_and_says_so(landed: tuple[Path, Path]) -> None:
    found = read(
        landed[1],
        """
        select cast(charge_period_start as date), fx_rate, fx_rate_date, is_fx_rate_carried,
            billed_cost_reporting, effective_cost_reporting
        from marts.fct_charges where billing_currency = 'EUR' order by all
        """,
    )
    cost, first, third = (Decimal(n) for n in ("10.123456789012345678", "1.05", "1.123456789"))
    expected = [(0, first, 0), (1, first, 0), (2, third, 2), (3, third, 2)]
    assert found == [
        (MARCH[day], rate, MARCH[of], day != of, stored(cost * rate), stored(cost * rate))
        for day, rate, of in expected
    ]


def test_a_currency_without_rate_is_named_and_keeps_its_charges(landed: tuple[Path, Path]) -> None:
    """GBP has only the opposite rate, CHF only a later one."""
    assert read(
        landed[1],
        "select billing_currency, sum(billed_cost), count(billed_cost_reporting), count(fx_rate)"
        " from marts.fct_charges where billing_currency in ('CHF', 'GBP') group by 1 order by 1",
    ) == [("CHF", Decimal(8), 0, 0), ("GBP", Decimal(6), 0, 0)]
    ((level, is_passed, count, said),) = read(
        landed[1],
        "select level, is_passed, unexpected_count, observed_value from marts.fct_gate_results"
        " where check_name = 'missing_rate'",
    )
    assert (level, is_passed, count) == ("warning", False, 2)
    assert "no rate from GBP to USD on or before 2025-03-03: 1 charges of 6." in said
    assert "no rate from CHF to USD on or before 2025-03-04: 1 charges of 8." in said


def test_an_unknown_match_on_is_refused_by_name(changed: tuple[Path, Path]) -> None:
    landing, home = changed
    before = releases(home)
    wrong = OWNERS[0] | {"priority": "0", "match_on": "tgs:team", "pattern": "shop"}
    write_owners(landing, [*OWNERS, wrong], newest_time(landing) + 60)
    outcome = trueup("refresh", home, landing, "--json")
    assert outcome.returncode == 1, outcome.stdout
    assert "gate_passed_gate_attribution" in json.loads(outcome.stdout)["failures"][0]
    assert releases(home) == before
    with duckdb.connect(str(home / "build/warehouse.duckdb"), read_only=True) as connection:
        ((said,),) = connection.execute("""
            select observed_value from canonical.gate_attribution
            where check_name = 'owner_rule' and not is_passed
        """).fetchall()
    assert 'row 6: match_on "tgs:team" is none of tag:<key>, account,' in said


def test_new_owners_attribute_anew_and_leave_the_charges_alone(resolved: Path) -> None:
    assert read(
        resolved,
        "select count(*) filter (where owner = 'unattributed'), sum(billed_cost),"
        " bool_and(charge_description = 'built before') from marts.fct_charges",
    ) == [(0, paid(month()), True)]
    assert read(resolved, "select count(*) from marts.fct_owner_proposals") == [(0,)]


FAULTS = {
    "update marts.fct_charges set owner = null where resource_id = 'x1'": "owners_sum_to_total",
    f"update marts.fct_charges set effective_cost = effective_cost + {LAST_PLACE}": (
        "owners_sum_to_total"
    ),
    "delete from marts.fct_charges where owner = 'platform'": "owners_sum_to_total",
    "delete from marts.fct_tag_compliance where owner = 'shop'": "tag_compliance_sums_to_the_bill",
    f"update marts.fct_tag_compliance set missing_billed_cost = missing_billed_cost + {LAST_PLACE}"
    " where owner = 'shop'": "tag_compliance_sums_to_the_bill",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_owners_and_policies_that_do_not_sum_to_the_total_are_found(
    changed: tuple[Path, Path], fault: str
) -> None:
    home, law = changed[1], FAULTS[fault]
    with duckdb.connect(str(home / "build/marts.duckdb")) as connection:
        connection.execute(f"use marts.main; {fault.replace('marts.fct_', 'marts.marts.fct_')}")
    outcome = dbt(home, "test", "--select", law)
    assert outcome.returncode == 1, outcome.stdout
    assert f"Failure in test {law}" in outcome.stdout

"""Owner rules give resources the pools that another system recorded for them by the same rules."""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from helpers import release, stored, trueup, write_rows
from test_ownership import charge, write_owners

DATA = Path(__file__).parent / "data" / "optscale"
DAY = date(2025, 3, 1)
AWS, AZURE = "fd09fa10-1b30-4a39-9a6b-fc1d7e85d9f3", "95ef6678-4fdd-4bb5-a4cd-7b96968ae2b8"
# What of its three conditions a resource fulfils decides whether the rule for `ds-*` owns it; no
# given resource fulfils all conditions of a rule that has several.
PLANTED = {
    "ds-1": (AWS, {"sunflower_type": "lily"}, "Engineering"),
    "DS-2": (AWS, {"sunflower_type": "lily"}, "Engineering"),
    "ds-3": (AWS, {"sunflower_type": "rose"}, "AWS HQ"),
    "ds-4": (AWS, {"sunflower": "lily"}, "AWS HQ"),
    "ds-5": (AZURE, {"sunflower_type": "lily"}, "Dev environment"),
    "sd-6": (AWS, {"sunflower_type": "lily"}, "AWS HQ"),
    "baget-ws2k8r2": (AWS, {"sunflower_type": "lily"}, "Engineering"),
    "ds-cluster": (AWS, {"sunflower_type": "lily"}, "QA"),  # an earlier rule, of one condition
    "a-3.6_dev_dc-b": (AWS, {}, "QA"),
    "b-3.6_dev_dc-a": (AZURE, {}, "Dev environment"),
}


def landed(name: str) -> list[dict[str, Any]]:
    """A table of the other system."""
    with gzip.open(DATA / f"{name}.jsonl.gz", "rt") as lines:
        return [json.loads(line, parse_float=Decimal) for line in lines]


def in_any_case(text: str) -> str:
    """A glob of a text in upper and lower case; a wildcard in it stands for itself."""
    return "".join(
        f"[{c.lower()}{c.upper()}]" if c.isalpha() else f"[{c}]" if c in "*?[" else c for c in text
    )


def condition(given: dict[str, Any]) -> tuple[str, str]:
    """What a condition looks at, and the glob; the other system ignores the case of names."""
    said = given["meta_info"]
    if given["type"].startswith("name_"):
        globs = {"is": "{}", "starts_with": "{}*", "ends_with": "*{}", "contains": "*{}*"}
        return "resource", globs[given["type"].removeprefix("name_")].format(in_any_case(said))
    if given["type"] == "cloud_is":
        return "account", said
    tag = json.loads(said)
    rest = {"tag_is": "", "tag_value_starts_with": "*"}[given["type"]]
    return f"tag:{tag['key']}", tag["value"] + rest


def owner_rules() -> list[dict[str, str]]:
    """The active rules as `owners`; what no rule matches goes to the pool above all."""
    conditions = defaultdict(list)
    for given in landed("conditions"):
        conditions[given["rule_id"]].append(condition(given))
    pools = {pool["id"]: pool["name"] for pool in landed("pools")}
    assert len(set(pools.values())) == len(pools)
    rules = []
    for rule in landed("rules"):
        (match_on, pattern), *further = conditions[rule["id"]]
        rules.append({
            "priority": str(rule["priority"]), "match_on": match_on, "pattern": pattern,
            "and_match": "; ".join(map("=".join, further)), "owner": pools[rule["pool_id"]],
        })  # fmt: skip
    (top,) = (pool["name"] for pool in landed("pools") if pool["parent_id"] is None)
    active = [str(rule["priority"]) for rule in landed("rules") if rule["active"]]
    everything = {"priority": "1000", "match_on": "account", "pattern": "*", "owner": top}
    return [rule for rule in rules if rule["priority"] in active] + [everything]


def billed(resource: dict[str, Any]) -> Decimal:
    return stored(Decimal(resource["total_cost"] or 0))


def charges() -> list[dict[str, str]]:
    """A charge of each given resource, and of each planted one."""
    rows = []
    for resource in landed("resources"):
        tags = {base64.b64decode(key).decode(): v for key, v in resource["tags"].items()}
        rows.append(charge(
            DAY, resource["cloud_resource_id"], f"{billed(resource):f}", BillingAccountId="company",
            SubAccountId=resource["cloud_account_id"] or "", ResourceName=resource["name"] or "",
            ResourceType=resource["resource_type"], RegionId=resource["region"] or "",
            ServiceName=resource["service_name"] or "none", Tags=json.dumps(tags),
        ))  # fmt: skip
    for name, (account, tags, _) in PLANTED.items():
        tagged = {"SubAccountId": account, "Tags": json.dumps(tags)}
        rows.append(charge(DAY, f"id of {name}", "0", ResourceName=name, **tagged))
    return rows


@pytest.fixture(scope="module")
def owned(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, int, Decimal]]:
    """Owner, priority of the rule and cost of each resource, after one refresh."""
    folder = tmp_path_factory.mktemp("pools")
    write_rows(folder / "landing/focus/resources.csv", charges())
    write_owners(folder / "landing", owner_rules())
    outcome = trueup("refresh", folder / "home", folder / "landing", "--json")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    with release(folder / "home") as connection:
        rows = connection.execute(
            "select resource_id, owner, owner_priority, billed_cost from marts.fct_charges"
        ).fetchall()
    found = {resource: row for resource, *row in rows}
    assert len(found) == len(rows)
    return found


def test_the_recorded_pool_is_reproduced_and_the_rest_explained(
    owned: dict[str, tuple[str, int, Decimal]],
) -> None:
    pools = {pool["id"]: pool["name"] for pool in landed("pools")}
    rules = {rule["id"]: rule for rule in landed("rules")}
    by_priority = {rule["priority"]: rule for rule in rules.values()}
    found: Counter[str] = Counter()
    for resource in landed("resources"):
        pool, priority, cost = owned[resource["cloud_resource_id"]]
        assert cost == billed(resource)
        if pool == pools[resource["pool_id"]]:
            found["reproduced"] += 1
            continue
        # A resource keeps the pool that it got first; a new rule does not move it.
        (applied,) = resource["applied_rules"]
        recorded, decides = rules[applied["id"]], by_priority[priority]
        assert recorded["pool_id"] == resource["pool_id"]
        if not recorded["active"]:
            found["its rule was switched off since"] += 1
        elif recorded["created_at_offset"] > decides["created_at_offset"]:  # seconds ago
            found["its rule is older than the one that decides now"] += 1
    assert found == {
        "reproduced": 492,
        "its rule was switched off since": 1,
        "its rule is older than the one that decides now": 1,
    }
    assert sum(found.values()) == len(landed("resources")) == 494
    assert Decimal(found["reproduced"]) / found.total() >= Decimal("0.98")


def test_a_rule_of_several_conditions_owns_only_where_all_hold(
    owned: dict[str, tuple[str, int, Decimal]],
) -> None:
    pools = {name: owned[f"id of {name}"][0] for name in PLANTED}
    assert pools == {name: pool for name, (_, _, pool) in PLANTED.items()}

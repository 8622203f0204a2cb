"""Worked examples of another allocation package, said with our rules, give what it gives.

AmadeusITGroup/cloud-cost-allocation passes costs on between instances of services by keys. Each of
them that provides is a pool here, or several: a tag selector and a product each have their own, for
they have keys of their own. The pools' steps follow from who provides to whom; the rows of test9
come with their cycles cut. What is consumed in the end has an owner `service/product`,
with the product's dimensions and meters where there are any.

Left out are the columns ProductAmortizedCost and ProductOnDemandCost: the same cost split a second
time, without what reaches a product by way of others. A row of ours is split once.
"""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from configparser import ConfigParser
from decimal import Decimal
from graphlib import TopologicalSorter
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from test_allocation import CASES, allocated, cost, driver, rule

DATA = Path(__file__).parent / "data" / "allocation_peer"
KEY = "ProviderCostAllocationKey"
# The key that shares out a pair of amounts, and their names.
AMOUNTS = (KEY, "AmortizedCost", "OnDemandCost")
# Further amounts of test7, set on these services before they are passed on.
FURTHER = {
    ("Co2Key", "Co2"): {"container": "10"},
    (KEY, "ElectricityPower"): {"application1": "0.6", "application2": "0.4"},
}
Place = tuple[str, str]  # a service and its instance


class Product(NamedTuple):
    """A product, names and elements of its dimensions, names of its meters; none has no name."""

    name: str = ""
    dimensions: tuple[str, ...] = ()
    meters: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join(filter(None, (self.name, *self.dimensions, *self.meters)))


NONE = Product()


class Charge(NamedTuple):
    """What a place costs by itself: two amounts of money."""

    place: Place
    tags: dict[str, str]
    amounts: tuple[str, str]


class Key(NamedTuple):
    """A share of what a place provides, by weight."""

    provider: Place
    selector: str
    kind: str
    weight: Decimal
    consumer: Place
    product: Product


class Pool(NamedTuple):
    """A part of what a place has to pass on; without a selector, what none of its own finds."""

    place: Place
    selector: str | None
    product: Product


class Converter:
    """Their charges and keys as our costs, rules and drivers."""

    def __init__(self, charges: list[Charge], keys: list[Key]) -> None:
        self.keys = keys
        self.selectors: dict[Place, list[str]] = defaultdict(list)
        for key in keys:
            if key.selector not in self.selectors[key.provider]:
                self.selectors[key.provider].append(key.selector)
        graph = TopologicalSorter({place: set() for place in self.selectors})
        for key in keys:
            if key.consumer != key.provider:
                graph.add(key.consumer, key.provider)
        self.steps = {place: 2 * n for n, place in enumerate(graph.static_order(), start=1)}
        self.pools: set[Pool] = set()
        self.costs = [
            cost(self.owner(self.pool(charge.place, charge.tags)), *charge.amounts)
            for charge in charges
        ]
        targets = {key: self.target(key) for key in keys}  # finds the other pools
        self.rules: list[dict[str, Any]] = []
        self.drivers: list[dict[str, Any]] = []
        for pool in list(self.pools):
            if pool.selector is None:
                parts = [pool._replace(selector=each) for each in self.selectors[pool.place]]
                self.pools.update(parts)
                self.add("even", pool, targets=";".join(map(self.owner, parts)))
        for pool in self.pools:
            if pool.selector is not None:
                self.share(pool, targets)

    def pool(self, place: Place, tags: dict[str, str], product: Product = NONE) -> Pool:
        """Where a place's cost waits until it is passed on."""
        selectors = self.selectors.get(place, [""])
        found = [each for each in selectors if each and selects(each, tags)]
        assert len(found) < 2, "selectors that find the same cost are not in these examples"
        rest = "" if "" in selectors else None
        return Pool(place, selectors[0] if len(selectors) == 1 else (*found, rest)[0], product)

    def owner(self, pool: Pool) -> str:
        """Name of a pool, or of the consumer in the end that a place without keys is."""
        place, selector, product = pool
        if place not in self.selectors:
            return f"{place[0]}/{product}"
        self.pools.add(pool)
        number = "" if selector is None else self.selectors[place].index(selector)
        return "|".join([*place, str(number), str(product)])

    def target(self, key: Key) -> str:
        """Who pays by a key: a place that consumes what it provides passes that on no further."""
        if key.consumer == key.provider:
            return f"{key.consumer[0]}/{key.product}"
        return self.owner(self.pool(key.consumer, {}, key.product))

    def share(self, pool: Pool, targets: dict[Key, str]) -> None:
        """The rule of a pool: by the keys of the products that are most like its own."""
        keys = [key for key in self.keys if (key.provider, key.selector) == pool[:2]]
        best = max(likeness(key.product, pool.product) for key in keys)
        keys = [key for key in keys if likeness(key.product, pool.product) == best]
        if all(key.kind == "Cost" for key in keys):
            self.add("residual", pool, targets=";".join(targets[key] for key in keys))
            return
        self.add("driver", pool, driver_id=self.owner(pool))
        self.drivers += [
            driver(targets[key], key.weight, driver_id=self.owner(pool)) for key in keys
        ]

    def add(self, method: str, pool: Pool, **others: Any) -> None:
        """A rule in the pool's step; what no selector finds is shared out before."""
        step = self.steps[pool.place] + (pool.selector is not None)
        name = self.owner(pool)
        self.rules.append(rule(name, name, method, step=step, **others))


def selects(selector: str, tags: dict[str, str]) -> bool:
    """Whether a selector finds tags; of Python's expressions, those that the examples use."""
    if any(name not in tags for name in re.findall(r"'(\w+)' in globals\(\)", selector)):
        return False
    if found := re.search(r"match\('(.+)',(\w+)\)$", selector):
        return bool(re.match(found[1], tags[found[2]]))
    found = re.search(r"(\w+) == '(\w+)'$", selector)
    assert found, selector
    return tags[found[1]] == found[2]


def likeness(consumed: Product, provided: Product) -> int:
    """How much of a product is that of a cost: leading dimensions and meters in common."""
    if consumed.name != provided.name:
        return 1 if consumed.name and not provided.name else 0
    if not consumed.name:
        return 1

    def common(ours: tuple[str, ...], theirs: tuple[str, ...]) -> int:
        pairs = zip(ours, theirs, strict=True)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))

    return (
        1
        + common(consumed.dimensions, provided.dimensions)
        + common(consumed.meters, provided.meters)
    )


# --- reading what they state ---


def read(name: str) -> list[dict[str, str]]:
    """Rows of a file."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def place_of(row: dict[str, str], service: str, instance: str) -> Place:
    """A service with its instance, of the same name by default; both in lower case."""
    name = row.get(service, "").lower()
    return name, row.get(instance, "").lower() or name


def product_of(row: dict[str, str], dimensions: int = 0, meters: int = 0) -> Product:
    """The product of a row, with as many dimensions and meters as are configured."""
    if not row.get("Product"):
        return NONE

    def values(*columns: str) -> tuple[str, ...]:
        return tuple(row.get(column, "").lower() for column in columns)

    pairs = [(f"ProductDimensionName{n}", f"ProductDimensionElement{n}") for n in (1, 2)]
    names = ("ProductMeterName", "ProductMeterName2")
    return Product(
        row["Product"].lower(),
        values(*(column for pair in pairs[:dimensions] for column in pair)),
        values(*names[:meters]),
    )


def key_of(row: dict[str, str], consumer: Place, product: Product, column: str = KEY) -> Key:
    """The key of a row."""
    return Key(
        place_of(row, "ProviderService", "ProviderInstance"),
        row.get("ProviderTagSelector", "").lower(),
        row.get("ProviderCostAllocationType", "Key"),
        Decimal(row[column]),
        consumer,
        product,
    )


def tags_of(text: str) -> dict[str, str]:
    """Tags in lower case: JSON, without braces where it is Azure's, or `key:value` in a list."""
    if text.startswith('"'):
        text = "{" + text + "}"
    if text.startswith("{"):
        return json.loads(text.lower())
    return dict(tag.split(":") for tag in text.lower().split(",") if tag and text != "NULL")


def tagged(tags: dict[str, str], keys: list[str], default: str = "") -> str:
    """The service that tags name."""
    return next((tags[key] for key in keys if key in tags), default)


def inputs(name: str) -> tuple[list[Charge], list[Key]]:
    """Charges and keys of a test, as its configuration has them read."""
    config = ConfigParser(interpolation=None)
    config.read(DATA / f"{name}.cfg")
    general = config["General"]
    services = config["TagKey"]["Service"].split(",")
    counts = [int(general.get(f"NumberOfProduct{what}", 0)) for what in ("Dimensions", "Meters")]
    charges = []
    for row in read(f"{name}_cloud_cost.csv"):
        tags = tags_of(row["Tags"]) | {"cloud_resource_id": row["ResourceId"].lower()}
        service = tagged(tags, services, general.get("DefaultService", "").lower())
        # all on demand: FOCUS states both amounts, Azure one
        paid = row.get("EffectiveCost") or row["CostInBillingCurrency"]
        charges.append(Charge((service, service), tags, (paid, row.get("ContractedCost") or paid)))
    keys = []
    for row in read(f"{name}_cost_allocation_keys.csv"):
        consumer = place_of(row, "ConsumerService", "ConsumerInstance")
        if not consumer[0] and row.get("ConsumerTags"):
            service = tagged(tags_of(row["ConsumerTags"]), services)
            consumer = (service, service)
        if not consumer[0]:
            consumer = place_of(row, "ProviderService", "ProviderInstance")
        keys.append(key_of(row, consumer, product_of(row, *counts)))
    default = product_of({"Product": general.get("DefaultProduct", "")}, *counts)
    return charges, with_default_products(charges, keys, default)


def with_default_products(charges: list[Charge], stated: list[Key], default: Product) -> list[Key]:
    """The keys, where none has no product that there is a default for.

    A service's own come first; the one of all services is for what is passed on no further.
    """
    defaults: dict[str, list[Key]] = defaultdict(list)
    for key in stated:
        if key.kind == "DefaultProduct":
            defaults[key.provider[0]].append(key)
    keys: list[Key] = []
    for key in (key for key in stated if key.kind != "DefaultProduct"):
        of_service = defaults.get(key.provider[0], [])
        if key.product.name or not of_service:
            is_final = key.consumer == key.provider and not key.product.name
            keys.append(key._replace(product=default) if is_final else key)
            continue
        total = sum(each.weight for each in of_service)
        keys += [
            key._replace(weight=key.weight * each.weight / total, product=each.product)
            for each in of_service
        ]
    places = {charge.place for charge in charges} | {key.consumer for key in keys}
    for place in sorted(places - {key.provider for key in keys}):
        of_service = defaults.get(place[0], [])
        own = [(each.weight, each.product) for each in of_service]
        if default.name and not own:
            own = [(Decimal(1), default)]
        keys += [Key(place, "", "Key", weight, place, product) for weight, product in own]
    return keys


def listed(rows: list[dict[str, str]], amounts: tuple[str, ...]) -> tuple[list[Charge], list[Key]]:
    """Charges and keys of rows that their package wrote; its own sums are not read."""
    column, *names = amounts
    charges, keys = [], []
    for row in rows:
        place = place_of(row, "Service", "Instance")
        if row["ProviderService"]:
            keys.append(key_of(row, place, product_of(row), column))
        else:
            charges.append(Charge(place, {}, (row[names[0]], row[names[-1]])))
    return charges, keys


# --- comparing ---


def consumed(rows: list[dict[str, str]], amount: str, *counts: int) -> dict[str, Decimal]:
    """Their final consumption."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row["IsFinalConsumption"] == "Y":
            found[f"{row['Service']}/{product_of(row, *counts)}"] += Decimal(row[amount])
    return {owner: amount for owner, amount in found.items() if amount}


def check(
    charges: list[Charge],
    keys: list[Key],
    billed: dict[str, Decimal],
    effective: dict[str, Decimal],
) -> None:
    """Pass costs on by our rules, and compare both amounts with theirs to the digits they have."""
    converter = Converter(charges, keys)
    rows = allocated(converter.costs, converter.rules, converter.drivers)
    assert not [row["held_because"] for row in rows if row["held_because"]]
    for number, (column, theirs) in enumerate(
        (("billed_cost", billed), ("effective_cost", effective))
    ):
        ours: dict[str, Decimal] = defaultdict(Decimal)
        for row in rows:
            ours[row["owner"]] += row[column]
        assert {owner: amount.quantize(theirs.get(owner, amount))
                for owner, amount in ours.items() if amount} == theirs  # fmt: skip
        assert sum(ours.values()) == sum(Decimal(charge.amounts[number]) for charge in charges)


@pytest.mark.parametrize("name", ["test1", "test2", "test6", "test8", "test12"])
def test_final_consumption_is_theirs(name: str) -> None:
    expected = read(f"{name}_allocated_cost.csv")
    counts = (2, 2) if name in ("test6", "test8") else (0, 1)
    check(*inputs(name), *(consumed(expected, amount, *counts) for amount in AMOUNTS[1:]))


def test_further_amounts_by_keys_of_their_own() -> None:
    costs = read("test7_allocated_cost.csv")
    check(*listed(costs, AMOUNTS), *(consumed(costs, amount) for amount in AMOUNTS[1:]))
    further = read("test7_further_allocated_cost.csv")
    for (column, amount), stated in FURTHER.items():
        _, keys = listed(further, (column, amount))
        charges = [Charge((name, name), {}, (value, value)) for name, value in stated.items()]
        check(charges, keys, *[consumed(further, amount)] * 2)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["method"] == "end_to_end"], ids=lambda case: case["id"]
)
def test_end_to_end(case: dict[str, Any]) -> None:
    rows = case["rows"]
    final = consumed(rows, "AmortizedCost")
    assert sum(final.values()) == Decimal(case["expected_final_total"])
    check(*listed(rows, (KEY, "AmortizedCost")), final, final)

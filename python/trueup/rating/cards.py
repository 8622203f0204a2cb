"""Rate cards: rows of tiers (inputs.md, rate_cards) as checked values, their defects by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from trueup.rating.money import DECIMAL, SCALE, Ints, decimals, stored
from trueup.rating.rounding import MODES

# How each model prices a position in its period. The price of a unit is a percent of it where the
# metered quantity is a value.
FAMILIES = {
    "flat": "graduated",
    "standard": "graduated",
    "graduated": "graduated",
    "package": "graduated",
    "graduated_package": "graduated",
    "graduated_percentage": "graduated",
    "dynamic": "graduated",
    "volume": "volume",
    "percentage": "percentage",
}
BY_PERCENT = frozenset({"percentage", "graduated_percentage", "dynamic"})
ONE_TIER = frozenset({"flat", "standard", "package", "percentage", "dynamic"})
PACKAGED = frozenset({"package", "graduated_package"})

# Columns that say how to read the card, their values, the default first.
OPTIONS: dict[str, tuple[str, ...]] = {
    "rounding_mode": MODES,
    "rounding_scope": ("line", "tier", "invoice"),
    "tier_bound": ("upper_inclusive", "upper_exclusive"),
    "tier_quantity": ("raw", "ceil"),
    "flat_fee_when": ("reached", "always"),
    "partial_package": ("up", "down", "exact"),
    "unit_rounding": ("none", "up", "down", "half_up"),
    "proration": ("none", "days_inclusive", "days_exclusive", "seconds"),
    "aggregation_scope": ("account", "contract", "resource"),
    "reset": ("month", "day", "quarter", "year", "never"),
}
# Columns of the whole card that are numbers; empty is None.
NUMBERS = (
    "free_quantity", "usage_discount_quantity", "unit_divisor", "discount_percent",
    "minimum_amount", "maximum_amount", "fixed_per_event", "free_events", "free_amount",
    "per_event_minimum", "per_event_maximum",
)  # fmt: skip
EVENT_NUMBERS = frozenset(NUMBERS[-5:])
TIER_NUMBERS = ("tier_from", "tier_to", "unit_price", "flat_fee", "package_size", "percent")

# Numbers of a card, and of a tier, that a model has no use for. Percentages are of a value, whose
# unit is money. A volume's price may be of a package.
UNREAD_OF_CARD = {
    model: frozenset(["unit_divisor"]) if model == "percentage" else EVENT_NUMBERS
    for model in FAMILIES
}
UNREAD = {
    model: frozenset(
        (["unit_price"] if model in BY_PERCENT else ["percent"])
        + (["flat_fee"] if model == "percentage" else [])
        + ([] if model in PACKAGED or model == "volume" else ["package_size"])
    )
    for model in FAMILIES
}


class Key(NamedTuple):
    """What tells cards apart."""

    rate_card_id: str
    version: str
    sku_id: str
    effective_from: date | None
    contract_discount: Decimal = Decimal(0)  # percent


@dataclass(frozen=True)
class Tier:
    """A range of positions and its prices, in the card's unit and currency."""

    lower: Fraction
    upper: Fraction | None  # None: unbounded
    price: Fraction  # of a unit, or of a package
    flat_fee: Fraction
    package_size: Fraction | None  # units; None: priced by unit


@dataclass(frozen=True)
class Card:
    """How one version of a rate card prices one SKU."""

    key: Key
    model: str
    currency: str | None
    effective_to: date | None  # exclusive; None: open
    rounding_scale: int | None  # decimals; None: unrounded
    options: Mapping[str, str]
    numbers: Mapping[str, Fraction | None]
    tiers: tuple[Tier, ...]

    @property
    def family(self) -> str:
        """The way the model prices: graduated, volume or percentage."""
        return FAMILIES[self.model]


@dataclass(frozen=True)
class Defect:
    """Why a card cannot price, or what is odd about its versions."""

    name: str
    key: Key
    detail: str

    def __str__(self) -> str:
        card = f"{self.key.rate_card_id} version {self.key.version}, {self.key.sku_id}"
        return f"{card}: {self.name}: {self.detail}"


@dataclass(frozen=True, eq=False)
class Cards:
    """Cards by number; a card that cannot price has the name of its first defect."""

    cards: tuple[Card | None, ...]
    broken: tuple[str | None, ...]
    defects: tuple[Defect, ...]
    index: pa.Table = field(repr=False)  # card (number), Key, effective_to, currency

    @cached_property
    def first_tiers(self) -> Ints:
        """Place of each card's first tier among the tiers of all cards."""
        counts = [0 if card is None else len(card.tiers) for card in self.cards]
        return np.cumsum([0, *counts])[:-1]

    @cached_property
    def prices(self) -> pa.Array:
        """Price of each tier of all cards, to storage precision: of a unit, package or value."""
        found = [
            round(tier.price * 10**SCALE)
            for card in self.cards
            if card is not None
            for tier in card.tiers
        ]
        return decimals(stored(np.array(found, object), SCALE))


class _Unfit(Exception):
    """A defect found while reading one card."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(name, detail)
        self.name = name
        self.detail = detail


def read_cards(rows: pa.Table | Iterable[Mapping[str, Any]]) -> Cards:
    """Read tiers as they stand in rate_cards files; an absent column has its default.

    A card is a rate card's version, SKU, start of validity and `contract_discount`: the percent
    that a contract takes off it, after the card's own discount and before its maximum. It has a
    number, in the order of these. Defects name the card: they never stop the others.
    """
    found: dict[Key, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows.to_pylist() if isinstance(rows, pa.Table) else rows:
        card_id, version, sku_id = (
            str(row[name]) for name in ("rate_card_id", "version", "sku_id")
        )
        discount = Decimal(row.get("contract_discount") or 0)
        found[Key(card_id, version, sku_id, row.get("effective_from"), discount)].append(row)
    keys = sorted(
        found, key=lambda key: (*key[:3], key.effective_from or date.min, key.contract_discount)
    )
    cards: list[Card | None] = []
    defects: list[Defect] = []
    for key in keys:
        try:
            cards.append(_card(key, found[key]))
        except _Unfit as defect:
            cards.append(None)
            defects.append(Defect(defect.name, key, defect.detail))
    ends = [found[key][0].get("effective_to") for key in keys]
    defects += _version_defects(keys, ends)
    names_of = {
        defect.key: defect.name for defect in reversed(defects) if defect.name != "version_gap"
    }
    index = {
        "card": pa.array(range(len(keys)), pa.int32()),
        "rate_card_id": pa.array([key.rate_card_id for key in keys], pa.string()),
        "version": pa.array([key.version for key in keys], pa.string()),
        "sku_id": pa.array([key.sku_id for key in keys], pa.string()),
        "effective_from": pa.array([key.effective_from for key in keys], pa.date32()),
        "contract_discount": pa.array([key.contract_discount for key in keys], DECIMAL),
        "effective_to": pa.array(ends, pa.date32()),
        "currency": pa.array([card and card.currency for card in cards], pa.string()),
    }
    return Cards(tuple(cards), tuple(map(names_of.get, keys)), tuple(defects), pa.table(index))


def _card(key: Key, rows: list[Mapping[str, Any]]) -> Card:
    """One card of its tiers' rows."""
    model = _one(rows, "model")
    if model not in FAMILIES:
        raise _Unfit("model_unknown", f"model {model!r}")
    options = {name: _option(rows, name) for name in OPTIONS}
    numbers = {name: _number(name, _one(rows, name)) for name in NUMBERS}
    if numbers["unit_divisor"] is not None and numbers["unit_divisor"] <= 0:
        raise _Unfit("unit_divisor_not_positive", f"unit_divisor {numbers['unit_divisor']}")
    _check_read(model, numbers, UNREAD_OF_CARD[model])
    scale = _one(rows, "rounding_scale")
    tiers = tuple(_tier(model, row) for row in sorted(rows, key=lambda row: int(row["tier"])))
    _check_tiers(model, tiers)
    return Card(
        key=key,
        model=model,
        currency=_one(rows, "currency"),
        effective_to=_one(rows, "effective_to"),
        rounding_scale=None if scale is None else int(scale),
        options=options,
        numbers=numbers,
        tiers=tiers,
    )


def _one(rows: list[Mapping[str, Any]], name: str) -> Any:
    """The value that all tiers of a card share; a tier may leave it empty."""
    values = {row[name] for row in rows if row.get(name) not in (None, "")}
    if len(values) > 1:
        raise _Unfit("tiers_disagree", f"{name} is {' and '.join(sorted(map(str, values)))}")
    return values.pop() if values else None


def _option(rows: list[Mapping[str, Any]], name: str) -> str:
    """One of the values of an option, or its default."""
    value = _one(rows, name) or OPTIONS[name][0]
    if value not in OPTIONS[name]:
        raise _Unfit("option_unknown", f"{name} {value!r}, known: {', '.join(OPTIONS[name])}")
    return str(value)


def _number(name: str, value: Any) -> Fraction | None:
    """A decimal, exactly."""
    if value is None or value == "":
        return None
    if isinstance(value, float):
        raise _Unfit("number_is_binary", f"{name} {value!r} is a float, not a decimal")
    return Fraction(value if isinstance(value, int) else Decimal(value))


def _tier(model: str, row: Mapping[str, Any]) -> Tier:
    """A tier with the price that its model reads."""
    number = {name: _number(name, row.get(name)) for name in TIER_NUMBERS}
    _check_read(model, number, UNREAD[model])
    if model in BY_PERCENT:
        percent = number["percent"]
        if percent is None and model != "dynamic":
            raise _Unfit("percent_missing", f"tier {row['tier']}")
        price = Fraction(1) if percent is None else percent / 100
    elif number["unit_price"] is None and number["flat_fee"] is None:
        raise _Unfit("price_missing", f"tier {row['tier']} has neither unit_price nor flat_fee")
    else:
        price = number["unit_price"] or Fraction(0)
    size = number["package_size"]
    if model in PACKAGED and size is None:
        raise _Unfit("package_size_missing", f"tier {row['tier']}")
    if size is not None and size <= 0:
        raise _Unfit("package_size_not_positive", f"tier {row['tier']}: {size}")
    return Tier(
        lower=number["tier_from"] or Fraction(0),
        upper=number["tier_to"],
        price=price,
        flat_fee=number["flat_fee"] or Fraction(0),
        package_size=size,
    )


def _check_read(model: str, numbers: Mapping[str, Fraction | None], unread: frozenset[str]) -> None:
    """A number that the model does not read would go unnoticed."""
    for name in sorted(unread):
        if numbers[name]:
            raise _Unfit("column_not_read", f"{name} {_text(numbers[name])}: {model} has none")


def _check_tiers(model: str, tiers: tuple[Tier, ...]) -> None:
    """Tiers must follow one another from zero on, without gap or overlap."""
    if model in ONE_TIER and len(tiers) > 1:
        raise _Unfit("tiers_not_one", f"{model} has {len(tiers)} tiers")
    if model == "percentage" and tiers[0].upper is not None:
        raise _Unfit("tier_bounded", "percentage has no bounds: graduated_percentage has")
    if tiers[0].lower != 0:
        raise _Unfit("tier_gap", f"tier 1 starts at {_text(tiers[0].lower)}, not at 0")
    for number, tier in enumerate(tiers, 1):
        if tier.upper is not None and tier.upper <= tier.lower:
            raise _Unfit("tier_empty", f"tier {number} ends where it starts or before")
    for number, (tier, after) in enumerate(pairwise(tiers), 2):
        if tier.upper is None or after.lower < tier.upper:
            raise _Unfit("tier_overlap", f"tier {number} starts before the one below ends")
        if after.lower > tier.upper:
            ends, starts = _text(tier.upper), _text(after.lower)
            raise _Unfit("tier_gap", f"tier {number} starts at {starts}, the one below ends {ends}")


def _text(number: Fraction | None) -> str:
    """A decimal fraction in digits."""
    if number is None:
        return "nothing"
    return f"{Decimal(number.numerator) / Decimal(number.denominator):f}"


def _version_defects(keys: list[Key], ends: list[date | None]) -> list[Defect]:
    """Overlaps of a card's versions (an error), and gaps between them (usage there is unpriced)."""
    spans: dict[tuple[str, str, Decimal], list[tuple[date, date, Key]]] = defaultdict(list)
    for key, end in zip(keys, ends, strict=True):
        span = (key.effective_from or date.min, end or date.max, key)
        spans[key.rate_card_id, key.sku_id, key.contract_discount].append(span)
    defects = []
    for versions in spans.values():
        versions.sort(key=lambda span: span[:2])
        _, end, before = versions[0]
        for start, after, key in versions[1:]:
            if start < end:
                detail = f"{before.version} is valid until {end}, {key.version} from {start}"
                defects += [Defect("version_overlap", each, detail) for each in (before, key)]
            elif start > end:
                defects.append(Defect("version_gap", key, f"no version from {end} to {start}"))
            if after > end:
                end, before = after, key
    return defects

"""What vendors' lines should cost, again: from the written files alone, row by row, as fractions.

Of the lines themselves only who used what, when and how much is read, never a price or a cost. The
rest is what the landing folder says was agreed: rate cards, contracts, commitments, credits.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from helpers import read_rows

Line = dict[str, Any]
Row = dict[str, str]


@dataclass(frozen=True)
class Cost:
    """What a line is due, and what FOCUS calls its effective cost; of usage both are the same."""

    due: Fraction
    effective: Fraction


@dataclass(frozen=True)
class Agreed:
    """What was agreed with the vendors, as it landed."""

    contracts: dict[str, list[Row]]  # versions by payer
    tiers: dict[tuple[str, str], list[Row]]  # by rate card and SKU
    commitments: dict[str, list[Row]]  # by contract
    credits: dict[str, list[Row]]  # by contract, first those that are drawn first


def agreed(landing: Path) -> Agreed:
    """Read the agreements with the vendors."""
    tiers: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in read_rows(landing / "rate_cards" / "vendors.csv"):
        tiers[row["rate_card_id"], row["sku_id"]].append(row)
    commitments: dict[str, list[Row]] = defaultdict(list)
    for row in read_rows(landing / "commitments" / "vendors.csv"):
        commitments[row["contract_id"]].append(row)
    grants: dict[str, list[Row]] = defaultdict(list)
    granted = read_rows(landing / "credits" / "vendors.csv")
    for row in sorted(granted, key=lambda row: int(row["priority"])):
        grants[row["contract_id"]].append(row)
    contracts: dict[str, list[Row]] = defaultdict(list)
    for row in read_rows(landing / "contracts" / "vendors.csv"):
        contracts[row["account_id"]].append(row)
    return Agreed(contracts, tiers, commitments, grants)


def moment(text: str) -> datetime:
    """A date or time as it landed, in UTC; empty: never."""
    return datetime.fromisoformat(text) if text else datetime.max


def cents(amount: Fraction) -> Fraction:
    """Rounded half away from zero to cents."""
    units = (abs(amount) * 200 + 1) // 2
    return Fraction(units if amount >= 0 else -units, 100)


def hours_between(start: datetime, end: datetime) -> Fraction:
    """Hours of a time, which is none where it ends before it starts."""
    seconds = (end - start).total_seconds()
    return max(Fraction(0), Fraction(int(seconds), 3600))


def month_of(period: date, zone: str) -> tuple[datetime, datetime]:
    """Start and end of a month of a time zone, in UTC."""
    local = [period, date(period.year + period.month // 12, period.month % 12 + 1, 1)]
    start, end = (
        datetime(day.year, day.month, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)
        for day in local
    )
    return start, end


def valid(rows: list[Row], at: datetime) -> list[Row]:
    """Those of some dated rows that hold at a time."""
    return [
        row for row in rows if moment(row["effective_from"]) <= at < moment(row["effective_to"])
    ]


def tiered_cost(tiers: list[Row], first: Fraction, last: Fraction) -> Fraction:
    """Cost of what lies between two positions of a month."""
    cost, priced = Fraction(0), Fraction(0)
    for tier in tiers:
        upper = min(last, Fraction(tier["tier_to"])) if tier["tier_to"] else last
        taken = max(Fraction(0), upper - max(first, Fraction(tier["tier_from"])))
        priced += taken
        cost += taken * Fraction(tier["unit_price"])
    assert priced == last - first, f"{last - first - priced} of {tiers[0]['sku_id']} has no price"
    return cost


def hourly_rate(commitment: Row) -> Fraction:
    """What an hour of one committed unit costs: the recurring fee and its part of the upfront."""
    term = hours_between(moment(commitment["starts_at"]), moment(commitment["ends_at"]))
    hourly = Fraction(commitment["recurring_fee_per_hour"])
    hourly += Fraction(commitment["upfront_fee"]) / term
    return hourly / Fraction(commitment["quantity_per_hour"])


def committed_hours(commitment: Row, start: datetime, end: datetime) -> Fraction:
    """Hours of a time that lie in the term of a commitment."""
    starts_at, ends_at = moment(commitment["starts_at"]), moment(commitment["ends_at"])
    return hours_between(max(start, starts_at), min(end, ends_at))


def costs(landing: Path, lines: list[Line]) -> dict[int, Cost]:
    """What each line is due, by its number; lines are those of all months."""
    terms = agreed(landing)
    found: dict[int, Cost] = {}
    months: dict[tuple[str, date], list[Line]] = defaultdict(list)
    for line in lines:
        months[line["payer_id"], line["billing_period"]].append(line)
    left = {
        grant["credit_id"]: Fraction(grant["amount"])
        for grants in terms.credits.values()
        for grant in grants
    }
    for payer, period in sorted(months):
        versions = terms.contracts[payer]
        contract = versions[0]  # versions differ in rate card and time alone
        by_kind: dict[str, list[Line]] = defaultdict(list)
        for line in months[payer, period]:
            by_kind[line["kind"]].append(line)
        found |= _used(terms, versions, by_kind["usage"])
        net = sum((found[line["line_no"]].due for line in by_kind["usage"]), Fraction(0))
        for commitment in terms.commitments[contract["contract_id"]]:
            found |= _commitment(commitment, contract, period, by_kind)
        granted = [
            grant
            for grant in terms.credits[contract["contract_id"]]
            if moment(grant["granted_at"]).date()
            < month_of(period, contract["time_zone"])[1].date()
        ]
        found |= _credited(granted, left, net, by_kind["credit"])
        numbers = [line["line_no"] for line in months[payer, period] if line["kind"] != "tax"]
        net = sum((found[number].due for number in numbers), Fraction(0))
        for line in by_kind["tax"]:
            tax = cents(net * Fraction(contract["tax_rate"]) / 100)
            found[line["line_no"]] = Cost(tax, tax)
    return found


def _used(terms: Agreed, versions: list[Row], lines: list[Line]) -> dict[int, Cost]:
    """Usage in the order of its time: each takes its place in the month's running quantity.

    It is priced by the version of the contract, and of its rate card, that is valid then.
    """
    found: dict[int, Cost] = {}
    positions: dict[str, Fraction] = defaultdict(Fraction)
    for line in sorted(lines, key=lambda line: (line["usage_start"], line["line_no"])):
        first = positions[line["sku_id"]]
        last = positions[line["sku_id"]] = first + Fraction(line["quantity"])
        [contract] = valid(versions, line["usage_start"])
        tiers = terms.tiers[contract["rate_card_id"], line["sku_id"]]
        cost = tiered_cost(valid(tiers, line["usage_start"]), first, last)
        found[line["line_no"]] = Cost(cost, cost)
    return found


def _commitment(
    commitment: Row, contract: Row, period: date, by_kind: dict[str, list[Line]]
) -> dict[int, Cost]:
    """Fees of a commitment's month, and what they are worth to its used and unused hours."""
    sku, none = commitment["sku_pattern"], Fraction(0)
    rate, units = hourly_rate(commitment), Fraction(commitment["quantity_per_hour"])
    found: dict[int, Cost] = {}
    used: dict[datetime, Fraction] = defaultdict(Fraction)
    for line in by_kind["covered"]:
        if line["sku_id"] == sku:
            used[line["usage_start"]] += Fraction(line["quantity"])
            found[line["line_no"]] = Cost(none, rate * Fraction(line["quantity"]))
    for line in by_kind["unused"]:
        if line["sku_id"] == sku:
            bought = units * committed_hours(commitment, line["usage_start"], line["usage_end"])
            found[line["line_no"]] = Cost(none, rate * (bought - used[line["usage_start"]]))
    hours = committed_hours(commitment, *month_of(period, contract["time_zone"]))
    fees = {
        "commitment_fee": hours * Fraction(commitment["recurring_fee_per_hour"]),
        "upfront_fee": Fraction(commitment["upfront_fee"]),
    }
    for kind, fee in fees.items():
        for line in by_kind[kind]:
            if line["sku_id"] == sku:
                found[line["line_no"]] = Cost(fee, none)
    return found


def _credited(
    granted: list[Row], left: dict[str, Fraction], usage: Fraction, lines: list[Line]
) -> dict[int, Cost]:
    """Credits in their order, each as far as it and the month's usage go."""
    found: dict[int, Cost] = {}
    drawn = []
    for grant in granted:
        draw = min(left[grant["credit_id"]], usage)
        left[grant["credit_id"]] -= draw
        usage -= draw
        if draw:
            drawn.append((moment(grant["granted_at"]), int(grant["priority"]), draw))
    in_order = sorted(lines, key=lambda line: (line["usage_start"], line["line_no"]))
    for line, (_, _, draw) in zip(in_order, sorted(drawn), strict=True):
        found[line["line_no"]] = Cost(-draw, -draw)
    return found

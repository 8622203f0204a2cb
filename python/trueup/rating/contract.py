"""What a contract adds to priced usage: amounts of periods and invoices, not of usage rows.

Amounts are whole numbers of one unit of money, such as 10 ** -18 of the currency, given as lists
or arrays; they come back as Python integers in object arrays, which cannot overflow. Percents are
given as exact fractions.

Order of what changes a period's amount (`discounted`, then the others):

1. usage discounts: free_quantity, usage_discount_quantity (before pricing, in `models`)
2. percent discounts, one after the other
3. fixed discounts, never below zero
4. maximum
5. minimum, and the shortfall to a commitment
6. prepaid credit, in the order of the grants
7. tax on what is left, once per line or once per invoice
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from trueup.rating.money import Ints, Mask
from trueup.rating.rounding import divide

Days = npt.NDArray[np.datetime64]

MONTHS = {"month": 1, "quarter": 3, "year": 12}
EARLIEST, LATEST = np.datetime64("0001-01-01"), np.datetime64("9999-12-31")


def exact(amounts: Any) -> Ints:
    """Amounts as Python integers, in an object array."""
    return np.asarray(amounts, object)


def portion(amounts: Any, share: Fraction, mode: str = "half_up") -> Ints:
    """A share of amounts, each rounded once to the unit of money: amount x share."""
    return exact(divide(exact(amounts) * share.numerator, share.denominator, mode))


# --- Time


def counted(start: Any, end: Any, rule: str) -> Any:
    """How long it is from a start to an end by a rule of proration.

    Args:
        start: local days or times (datetime64) of the contract's time zone; UTC for seconds.
        end: of the same kind.
        rule: days_inclusive counts both days (15 to 31 March: 17), days_exclusive does not count
            the day of the end (16), seconds counts elapsed seconds, none counts one.
    """
    if rule == "none":
        return np.ones_like(np.asarray(start, "datetime64[D]"), np.int64)
    if rule == "seconds":
        return (_times(end, "s") - _times(start, "s")).astype(np.int64)
    days = (_times(end, "D") - _times(start, "D")).astype(np.int64)
    return days + 1 if rule == "days_inclusive" else days


def prorated(amounts: Any, part: Any, whole: Any, mode: str = "half_up") -> Ints:
    """The part of an amount that is due for part of a period: amount x part / whole.

    Args:
        amounts: of whole periods.
        part: `counted` of what is due.
        whole: `counted` of the period, by the same rule.
        mode: of the one rounding to the unit of money.
    """
    return exact(divide(exact(amounts) * exact(part), exact(whole), mode))


def periods(days: Any, anchor: Any, every: str) -> tuple[Days, Days]:
    """The periods that days lie in, of billing or of a card's reset: first day, first day after.

    Args:
        days: local days of the contract's time zone (datetime64).
        anchor: a day that a period starts on: of the calendar (1 January), or the contract's
            start. In a month without its day of the month, a period starts on the last one.
        every: day, month, quarter, year or never.
    """
    days, first = _times(days, "D"), _times(anchor, "D")
    if every == "never":
        return np.full_like(days, EARLIEST), np.full_like(days, LATEST)
    if every == "day":
        return days, days + 1
    months = MONTHS[every]
    between = days.astype("datetime64[M]") - first.astype("datetime64[M]")
    steps = between.astype(np.int64) // months
    steps = steps - (days < _anchored(first, steps * months))
    return _anchored(first, steps * months), _anchored(first, (steps + 1) * months)


def _anchored(first: Any, months: Any) -> Any:
    """A day some months later, or the last of a month that has no such day."""
    month = first.astype("datetime64[M]") + months
    last = (month + 1).astype("datetime64[D]") - 1
    return np.minimum(month.astype("datetime64[D]") + (first - first.astype("datetime64[M]")), last)


def _times(values: Any, unit: str) -> Any:
    """Days or times in a unit, cut off to it."""
    return np.asarray(values, "datetime64").astype(f"datetime64[{unit}]")


# --- Discounts, commitments, credit


class Discounted(NamedTuple):
    """What each step takes off an amount (the minimum: adds), and what is left."""

    percent: Ints
    fixed: Ints
    maximum: Ints
    minimum: Ints
    net: Ints


def discounted(
    amounts: Any,
    percents: Sequence[Fraction] = (),
    fixed: Any = 0,
    maximum: Any = None,
    minimum: Any = None,
    mode: str = "half_up",
) -> Discounted:
    """Discounts in the documented order: percents, fixed, maximum, minimum.

    Args:
        amounts: priced usage, after usage discounts.
        percents: of the amount that is left by those before; each is rounded once.
        fixed: amounts, taken off as far as there is something.
        maximum: most that is due; none without one.
        minimum: least that is due; none without one.
        mode: of rounding the percent discounts.
    """
    gross = exact(amounts)
    left = gross
    for percent in percents:
        left = left - portion(left, percent / 100, mode)
    after_percent = left
    left = left - np.minimum(exact(fixed), np.maximum(left, 0))
    after_fixed = left
    left = left if maximum is None else np.minimum(left, exact(maximum))
    after_maximum = left
    left = left if minimum is None else np.maximum(left, exact(minimum))
    return Discounted(
        percent=gross - after_percent,
        fixed=after_percent - after_fixed,
        maximum=after_fixed - after_maximum,
        minimum=left - after_maximum,
        net=left,
    )


def shortfall(amounts: Any, committed: Any) -> Ints:
    """What a period's amount lacks to its commitment, due at the period's end."""
    return exact(np.maximum(exact(committed) - exact(amounts), 0))


def covered(usage: Any, committed: Any) -> tuple[Ints, Ints, Ints]:
    """An hour's commitment, use it or lose it: what is used of it, what is unused, what is beyond.

    used + unused = committed, used + beyond = usage.
    """
    used = np.minimum(exact(usage), exact(committed))
    return exact(used), exact(exact(committed) - used), exact(exact(usage) - used)


def amortised(fee: int, count: int) -> Ints:
    """A fee in equal parts; the last one takes what is left, so that they sum to the fee."""
    parts = exact([int(divide(fee, count, "down"))] * count)
    parts[-1] = fee - (count - 1) * parts[0]
    return parts


def shared(total: int, weights: Any) -> Ints:
    """A total split by weights to whole units: largest remainders first, ties in order."""
    weight = exact(weights)
    products = weight * total
    shares = products // weight.sum()
    rests = products - shares * weight.sum()
    missing = int(total - shares.sum())
    shares[np.argsort(-rests, kind="stable")[:missing]] += 1
    return shares


def drawn(charges: Any, grants: Sequence[tuple[int, Mask | None]]) -> Ints:
    """What prepaid and granted credit pays of charges: a row for each grant, a column each charge.

    Args:
        charges: in the order in which they are due; what is negative draws nothing.
        grants: in the order in which they are drawn (priority): the amount, and which charges it
            may pay (valid at their time, of its SKUs); None for all.
    """
    left = np.maximum(exact(charges), 0)
    draws = []
    for amount, may_pay in grants:
        due = left if may_pay is None else np.where(may_pay, left, 0)
        reached = np.minimum(np.cumsum(due), amount)
        draw = np.diff(reached, prepend=exact([0]))
        left = left - draw
        draws.append(draw)
    return exact(draws).reshape(len(draws), len(left))


# --- Tax and currency


def tax(nets: Any, rate: Fraction, scope: str, mode: str = "half_up", unit: int = 1) -> Ints:
    """Tax on an invoice's lines, rounded once per scope.

    Args:
        nets: amounts without tax, in the unit of money.
        rate: percent.
        scope: line rounds the tax of each line. invoice rounds the tax of their sum and shares it
            out to the lines, so that they sum to it.
        mode: of rounding.
        unit: units of money that the tax is rounded to (of 10 ** -18: 10 ** 16 for cents).
    """
    amounts = exact(nets)
    share = rate / 100 / unit
    if scope == "line":
        return portion(amounts, share, mode) * unit
    total = int(portion([amounts.sum()], share, mode)[0])
    if not amounts.any() or not amounts.sum():
        return amounts * 0
    return shared(total, amounts) * unit


def without_tax(grosses: Any, rate: Fraction, mode: str = "half_up") -> Ints:
    """Net amounts of prices that include tax: gross x 100 / (100 + rate)."""
    return portion(grosses, 100 / (100 + rate), mode)


def in_currency(amounts: Any, rate: Fraction, mode: str = "half_up") -> Ints:
    """Amounts in another currency: 1 unit of the first is `rate` of the other."""
    return portion(amounts, rate, mode)

"""When files arrive: an export of a month is final on the third day of the next, at six, UTC."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta


def next_month(period: date) -> date:
    """First day of the month after a period."""
    return (period + timedelta(days=31)).replace(day=1)


def morning(day: date) -> datetime:
    """Six in the morning of a day, UTC."""
    return datetime.combine(day, time(6))


def final_arrival(period: date) -> datetime:
    """When the last export of a month arrives, UTC."""
    return morning(next_month(period) + timedelta(days=2))

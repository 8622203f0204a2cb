"""Commitments of the warehouse held against its usage, span after span: bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa

from trueup.rating.commitments import DRAWS, Commitment, apply_commitments, read_commitments

if TYPE_CHECKING:
    from fractions import Fraction

    import duckdb

# A span has at most so many days, and so many rows of usage unless one day has more.
DAYS = 31
ROWS = 500_000
DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1)


def commitment_draws(
    session: duckdb.DuckDBPyConnection,
    terms: duckdb.DuckDBPyRelation,
    reach: duckdb.DuckDBPyRelation,
    usage: duckdb.DuckDBPyRelation,
) -> pa.RecordBatchReader:
    """What draws on commitments in all hours that have begun by the run's as-of time.

    Args:
        session: the run's connection.
        terms: rows of the model commitment_terms.
        reach: of commitment_reach; units are null where a commitment does not cover a class.
        usage: of committable_usage; not read without a commitment.

    Returns:
        Rows of schema `commitments.DRAWS`.
    """
    commitments, _ = read_commitments(terms.to_arrow_table().to_pylist())
    (as_of,) = session.sql("select cast(getvariable('as_of') as timestamptz)").fetchall()[0]
    until = as_of.astimezone(UTC).replace(tzinfo=None, minute=0, second=0, microsecond=0)
    covered = reach.filter("units is not null")
    coverable = usage.join(covered.project("class_id").distinct(), "class_id", how="semi")
    batches = _draws(commitments, until + timedelta(hours=1), covered, coverable)
    return pa.RecordBatchReader.from_batches(DRAWS, batches)


def _draws(
    commitments: Sequence[Commitment],
    until: datetime,
    reach: duckdb.DuckDBPyRelation,
    usage: duckdb.DuckDBPyRelation,
) -> Iterator[pa.RecordBatch]:
    """Draws in the hours before a time, span after span."""
    if not commitments:
        return
    eligible = reach.to_arrow_table()
    first = EPOCH + timedelta(hours=min(each.first_hour for each in commitments))
    last = EPOCH + timedelta(hours=max(each.end_hour for each in commitments))
    rows = dict(
        usage.aggregate("cast(starts_at as date) as day, count(*) as rows", "day").fetchall()
    )
    balances: dict[str, Fraction] = {}
    for start, end in spans(first, min(last, until), rows):
        touching = usage.filter(
            f"starts_at < timestamp '{end}'"
            f" and (starts_at >= timestamp '{start}' or ends_at > timestamp '{start}')"
        )
        applied = apply_commitments(
            commitments, touching.to_arrow_table(), eligible, (start, end), balances
        )
        balances = applied.balances
        yield from applied.draws.to_batches()


def spans(
    first: datetime, end: datetime, rows: Mapping[date, int]
) -> Iterator[tuple[datetime, datetime]]:
    """Cut the time between two hours at midnights, by how many rows of usage start on a day."""
    start, count, day = first, 0, first.replace(hour=0)
    while day < end:
        count += rows.get(day.date(), 0)
        day += DAY
        is_full = day - start >= DAYS * DAY or count + rows.get(day.date(), 0) > ROWS
        if is_full or day >= end:
            yield start, min(day, end)
            start, count = day, 0

"""Usage from a database through the engine and back: batch by batch, whatever its size."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trueup.rating.cards import Cards
from trueup.rating.engine import rate_batches
from trueup.rating.money import Mask
from trueup.rating.results import RATED

BATCH_ROWS = 250_000


def rated_stream(
    usage: pa.RecordBatchReader, cards: Cards, group: Sequence[str], kept: Sequence[str]
) -> pa.RecordBatchReader:
    """Rows of usage with what they cost.

    Args:
        usage: `card` and `quantity` as `rate` takes them, and the columns below; in the order of
            the columns of `group`, within a group in event time.
        cards: the cards that the usage's numbers mean.
        group: columns that tell groups apart; usage fills tiers together where all are the same.
        kept: columns to return before those of the schema RATED.
    """
    fields = [usage.schema.field(name) for name in kept]
    schema = pa.schema([*fields, *RATED])
    return pa.RecordBatchReader.from_batches(schema, _rated(usage, cards, group, schema))


def _rated(
    usage: Iterable[pa.RecordBatch], cards: Cards, group: Sequence[str], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """Batches one after the other, each with what it costs."""
    read: deque[pa.RecordBatch] = deque()
    kept = [name for name in schema.names if name not in RATED.names]
    for rated in rate_batches(_numbered(usage, group, read), cards):
        batch = read.popleft()
        columns = [batch[name] for name in kept]
        priced = [rated.rows[name].combine_chunks() for name in RATED.names]
        yield pa.RecordBatch.from_arrays([*columns, *priced], schema=schema)


def _numbered(
    usage: Iterable[pa.RecordBatch], group: Sequence[str], read: deque[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Batches with numbers for their groups; one that a batch ends with may go on in the next."""
    last, number = None, 0
    for batch in usage:
        if not batch.num_rows:
            continue
        rows = pa.table([batch[name] for name in group], list(group))
        starts = group_starts(rows, last is not None and not rows.slice(0, 1).equals(last))
        numbers = number + np.cumsum(starts)
        last, number = rows.slice(len(rows) - 1), int(numbers[-1])
        read.append(batch)
        yield batch.append_column("group_id", pa.array(numbers, pa.int64()))


def group_starts(rows: pa.Table, first: bool) -> Mask:
    """Which rows differ from the one before in any column; what to say of the first one."""
    starts = np.zeros(len(rows), bool)
    starts[:1] = first
    for column in rows.columns:
        values = column.combine_chunks()
        after, before = values.slice(1), values.slice(0, max(len(values) - 1, 0))
        differs = pc.fill_null(pc.not_equal(after, before), False)
        differs = pc.or_(differs, pc.not_equal(after.is_null(), before.is_null()))
        starts[1:] |= differs.to_numpy(zero_copy_only=False)
    return starts

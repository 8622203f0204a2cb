"""What a meter makes of events: one quantity for each group and window.

Events stand in order: those of a group and window together, in event time. Values are decimals.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trueup.rating.money import DECIMAL, SCALE, Ints, decimals, stored, wide
from trueup.rating.rounding import divide

AGGREGATIONS = ("sum", "count", "max", "latest", "unique_count", "weighted_sum")


def aggregated(
    aggregation: str,
    values: pa.Array,
    starts: Ints,
    times: Ints | None = None,
    windows: tuple[Any, Any] | None = None,
    levels: pa.Array | None = None,
) -> pa.Array:
    """The quantity of each group.

    Args:
        aggregation: sum; count of the events; max; latest in event time; unique_count of values
            (these may be texts); weighted_sum: each value changes a level, and the level is
            averaged over the window by time.
        values: by event; null counts as no value, but as an event.
        starts: first event of each group; none is empty, except for weighted_sum, where a group
            without events starts where the next one does.
        times: for weighted_sum, of the events (datetime64).
        windows: for weighted_sum, first and end (exclusive) time of each group's window.
        levels: for weighted_sum, level of each group before its window (decimal); else zero.

    Returns:
        Decimals, by group; null where a group has no value.
    """
    sizes = np.diff(starts, append=len(values))
    if aggregation == "weighted_sum":
        if times is None or windows is None:
            raise ValueError("weighted_sum needs the times of events and of windows.")
        return _weighted(values, starts, sizes, times, windows, levels)
    if aggregation == "count":
        return pa.array(sizes).cast(DECIMAL)
    group = np.repeat(np.arange(len(starts)), sizes)
    if aggregation == "latest":
        known = pc.if_else(values.is_valid(), pa.array(np.arange(len(values))), None)
        return values.take(_by_group(group, known, "max"))
    how = {"sum": "sum", "max": "max", "unique_count": "count_distinct"}[aggregation]
    if aggregation == "sum":  # the sum of 38 digits may for a moment have more
        values = values.cast(pa.decimal256(76, SCALE))
    return _by_group(group, values, how).cast(DECIMAL)


def _by_group(group: Ints, values: pa.Array, how: str) -> pa.Array:
    """An aggregate of each group, in order."""
    table = pa.table({"group": group, "value": values})
    found = table.group_by("group", use_threads=False).aggregate([("value", how)])
    return found[f"value_{how}"].combine_chunks()


def _weighted(
    values: pa.Array,
    starts: Ints,
    sizes: Ints,
    times: Ints,
    windows: tuple[Any, Any],
    levels: pa.Array | None,
) -> pa.Array:
    """(level before x window + sum of change x time left in the window) / window, half up."""
    begin, end = (np.asarray(edge, "datetime64[us]") for edge in windows)
    length = (end - begin).astype(np.int64).astype(object)
    left = (np.repeat(end, sizes) - times.astype("datetime64[us]")).astype(np.int64)
    changes = wide(pc.fill_null(values.cast(DECIMAL), 0), SCALE) * left.astype(object)
    summed = np.concatenate([np.zeros(1, object), np.cumsum(changes)])
    total = summed[starts + sizes] - summed[starts]
    if levels is not None:
        total = total + wide(pc.fill_null(levels.cast(DECIMAL), 0), SCALE) * length
    return decimals(stored(divide(total, length, "half_up"), SCALE))

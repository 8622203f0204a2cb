"""Usage as it comes: batches of rows in order, their groups, and what these had used before."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trueup.rating.money import DECIMAL, SCALE, Ints, Mask, wide

STATE = pa.schema(
    {
        "group_id": pa.int64(),
        "position": DECIMAL,
        "events": pa.int64(),
        "card": pa.int32(),
        "fees": pa.string(),
    }
)


@dataclass(frozen=True)
class Batch:
    """A batch's columns; starts, sizes and what was before by group."""

    card: Ints  # -1: none
    quantity: pa.Array
    is_known: Mask
    starts: Ints
    sizes: Ints
    group_id: Ints
    position: pa.Array
    events: Ints
    fees: dict[int, Fraction]  # of percentages, by number of the group
    fees_card: Ints  # -1: none
    opened: Mask

    @classmethod
    def of(cls, usage: pa.RecordBatch | pa.Table, state: pa.Table | None) -> Batch:
        """Find the groups of a batch and what is known of them.

        Raises:
            ValueError: rows of a group do not stand together.
        """
        group = _column(usage, "group_id").to_numpy(zero_copy_only=False)
        quantity = _column(usage, "quantity")
        is_known = pc.is_valid(quantity).to_numpy(zero_copy_only=False)
        quantity = pc.fill_null(quantity, 0)
        changes = np.ones(len(group), bool)
        changes[1:] = group[1:] != group[:-1]
        starts = np.flatnonzero(changes)
        group_id = group[starts]
        if len(np.unique(group_id)) < len(group_id):
            raise ValueError("Usage is not in order: rows of a group stand apart.")
        return cls(
            card=pc.fill_null(_column(usage, "card"), -1).to_numpy(zero_copy_only=False),
            quantity=quantity,
            is_known=is_known,
            starts=starts,
            sizes=np.diff(starts, append=len(group)),
            group_id=group_id,
            **_before(group_id, state),
        )


def _column(table: pa.RecordBatch | pa.Table, name: str) -> pa.Array:
    """A column in one piece."""
    column = table[name]
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _before(group_id: Ints, state: pa.Table | None) -> dict[str, Any]:
    """What the state knows of groups."""
    if state is None or not state.num_rows:
        state = STATE.empty_table()
    row = pc.index_in(pa.array(group_id), _column(state, "group_id"))
    known = state.take(row)
    return {
        "position": pc.fill_null(_column(known, "position"), 0),
        "events": pc.fill_null(_column(known, "events"), 0).to_numpy(),
        "fees": _fees(_column(known, "fees")),
        "fees_card": pc.fill_null(_column(known, "card"), -1).to_numpy(),
        "opened": row.is_valid().to_numpy(zero_copy_only=False),
    }


def _fees(column: pa.Array) -> dict[int, Fraction]:
    """The fees that are known, by row."""
    rows = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
    texts = column.drop_null().to_pylist()
    return {int(row): Fraction(text) for row, text in zip(rows, texts, strict=True)}


@dataclass(frozen=True)
class Part:
    """Groups of a batch whose usage is counted in one scale, and their rows."""

    scale: int
    groups: Ints  # numbers of the groups in the batch
    rows: Any  # numbers of the rows in the batch, or a slice of all
    sizes: Ints
    usage: Ints  # by row
    before: Ints  # by group

    @property
    def starts(self) -> Ints:
        """First row of each group within the part."""
        return np.cumsum(self.sizes) - self.sizes

    @classmethod
    def of(cls, batch: Batch, scale: int, chosen: Mask, usage: Ints, before: Ints) -> Part:
        """The chosen groups, from the usage of all rows and the position of all groups."""
        if chosen.all():
            return cls(scale, np.arange(len(chosen)), slice(None), batch.sizes, usage, before)
        rows = np.flatnonzero(np.repeat(chosen, batch.sizes))
        return cls(
            scale, np.flatnonzero(chosen), rows, batch.sizes[chosen], usage[rows], before[chosen]
        )

    @classmethod
    def wide(cls, batch: Batch, chosen: Mask) -> Part:
        """The chosen groups in Python integers."""
        rows = np.flatnonzero(np.repeat(chosen, batch.sizes))
        usage = wide(batch.quantity.take(pa.array(rows)), SCALE)
        groups = np.flatnonzero(chosen)
        before = wide(batch.position.take(pa.array(groups)), SCALE)
        return cls(SCALE, groups, rows, batch.sizes[chosen], usage, before)


def run_starts(card: Ints, starts: Ints) -> Ints:
    """Where a group or its card begins."""
    changes = np.ones(len(card), bool)
    changes[1:] = card[1:] != card[:-1]
    changes[starts] = True
    return np.flatnonzero(changes)

"""Made-up names, numbers and ids, drawn from a stream of the seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

# A table drawn: lists, ranges or arrays of one length, by column.
Columns = Mapping[str, Any]

SYLLABLES = (
    *("ba", "be", "bo", "da", "de", "do", "fa", "fi", "ga", "go", "ha", "hu", "ka", "ke", "ki"),
    *("ko", "la", "li", "lo", "ma", "mi", "mo", "na", "ne", "no", "pa", "pe", "po", "ra", "ri"),
    *("ro", "sa", "se", "so", "ta", "ti", "to", "va", "ve", "vi", "wa", "we", "za", "zo"),
)


def names(random: np.random.Generator, count: int, syllables: int = 3) -> list[str]:
    """Different made-up names, as many as asked for."""
    found: dict[str, None] = {}
    while len(found) < count:
        drawn = random.integers(0, len(SYLLABLES), (count, syllables))
        found.update(dict.fromkeys("".join(SYLLABLES[n] for n in row) for row in drawn))
    return list(found)[:count]


def digits(random: np.random.Generator, count: int, length: int) -> list[str]:
    """Different texts of digits; some begin with a zero, as account ids do."""
    found: dict[str, None] = {}
    while len(found) < count:
        drawn = random.integers(0, 10, (count - len(found), length))
        found.update(dict.fromkeys("".join(map(str, row)) for row in drawn))
    return list(found)


def hexes(random: np.random.Generator, count: int, length: int) -> list[str]:
    """Texts of hexadecimal digits."""
    return [row.tobytes().hex()[:length] for row in random.integers(0, 256, (count, length), "u1")]


def uuids(random: np.random.Generator, count: int) -> list[str]:
    """Texts in the form of a UUID."""
    return [
        "-".join((t[:8], t[8:12], t[12:16], t[16:20], t[20:])) for t in hexes(random, count, 32)
    ]


def columns_of(rows: list[dict[str, Any]]) -> Columns:
    """Rows turned into columns."""
    return {key: [row[key] for row in rows] for key in rows[0]}

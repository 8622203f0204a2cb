"""What providers write: one module an export, which turns charge lines into its files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from trueup.simulate.exports import focus
from trueup.simulate.world import World

# Writers of one payer's month, by the payer's export.
EXPORTS: dict[str, Callable[[World, int, date, Path], None]] = {
    "focus_1_2": focus.write,
    "focus_1_4": focus.write,
}

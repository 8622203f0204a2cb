"""From the columns that a file has to the columns that its source declares."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches

from trueup.landing.sources import Source


@dataclass(frozen=True)
class Layout:
    """Where each column of the archive comes from."""

    header: list[str]  # the file's columns, as delivered
    named: dict[str, str] = field(default_factory=dict)  # declared column -> header column
    gathered: dict[str, dict[str, str]] = field(default_factory=dict)  # column -> key -> header
    extra: list[str] = field(default_factory=list)  # header columns that nobody declared
    missing: list[str] = field(default_factory=list)  # required columns that the file lacks

    @property
    def columns(self) -> list[str]:
        """Columns of the archive, lineage apart."""
        return [*self.named, *self.gathered, *self.extra]


def lay_out(source: Source, header: list[str]) -> Layout:
    """Match a header with a declaration: by name, by folded name, by alias; gather what is left.

    A folded name has letters and digits only, in lower case, so that lineItem/UsageAmount and
    line_item_usage_amount are one.
    """
    named = {name: name for name in source.types if name in set(header)}
    left = [name for name in header if name not in named]
    for match in (_fold, lambda name: source.aliases.get(name.strip().lower(), name)):
        open_names = {match(name): name for name in source.types if name not in named}
        for column in list(left):
            declared = open_names.pop(match(column), None)
            if declared and declared not in source.gathered:
                named[declared] = column
                left.remove(column)
    gathered: dict[str, dict[str, str]] = {}
    for name, pattern in source.gathered.items():
        if name not in named and (found := _gather(re.compile(pattern), left)):
            gathered[name] = found
            left = [column for column in left if column not in found.values()]
    return Layout(
        header=header,
        named={name: named[name] for name in source.types if name in named},
        gathered=gathered,
        extra=left,
        missing=[name for name in source.required if name not in named and name not in gathered],
    )


def _fold(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def _gather(pattern: re.Pattern[str], columns: list[str]) -> dict[str, str]:
    """Key and header column of all that match; of two with one key the second keeps its name."""
    found: dict[str, str] = {}
    for column in columns:
        if match := pattern.fullmatch(column):
            key = match.group(1)
            found[key if key not in found else column] = column
    return found


def renamed_hint(layout: Layout) -> str:
    """What the missing columns may be called now: undeclared columns of a like name."""
    likely = [get_close_matches(name, layout.extra, n=1) for name in layout.missing]
    found = [match[0] for match in likely if match]
    return f" The file has {', '.join(found)} instead." if found else ""

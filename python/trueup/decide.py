"""A person's decision on an exception, written where decisions land."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb

from trueup.explain import plain, rows_of

EXCEPTION = "select * from marts.fct_exceptions where exception_id = ?"
FOLDER = "decisions"
PRIVATE_FILE = 0o600


class Action(StrEnum):
    """What may be decided on an exception."""

    ACCEPT = "accept"
    DISPUTE = "dispute"
    CREDIT = "credit"
    REBILL = "rebill"
    WRITE_OFF = "write_off"
    APPROVE = "approve"
    REJECT = "reject"
    REOPEN = "reopen"
    NOTE = "note"


# What moves money: without an amount given, all that is at risk.
MOVES_MONEY = {Action.DISPUTE, Action.CREDIT, Action.REBILL, Action.WRITE_OFF}


class Undecidable(Exception):
    """The decision cannot be taken; the text says why."""


@dataclass(frozen=True)
class Decision:
    """What is decided, by whom and why; `decided_at` is UTC, `amount` in the exception's currency.

    Attributes:
        identity: exception_id of fct_exceptions.
        reference: ticket, credit note or letter that belongs to it.
    """

    identity: str
    action: Action
    actor: str
    reason: str
    decided_at: datetime
    amount: str | None = None
    reference: str | None = None


def decide(release: Path, landing: Path | str, decision: Decision) -> tuple[Path, bool]:
    """Write a decision into the landing folder; the next refresh takes it up.

    The file is named by what is decided, on which facts: the same decision on the same facts is
    the same file, however often the command is given.

    Args:
        release: the release that shows the exception.
        landing: the landing folder.
        decision: what is decided.

    Returns:
        The file, and whether it is new.

    Raises:
        Undecidable: no such exception, nothing to decide on it, or not by this actor or amount.
    """
    if not isinstance(landing, Path):
        raise Undecidable(
            f"{landing} is a bucket: write the decision to a file, and copy it to {FOLDER}/ there."
        )
    exception = _exception(release, decision.identity)
    amount = _amount(decision, exception)
    waits = exception["decided_by"] is None and exception["proposed_by"] == decision.actor
    if decision.action == Action.APPROVE and waits:
        raise Undecidable(f"{decision.actor} proposed it: it takes another person to approve it.")
    row = {
        "decided_at": f"{decision.decided_at:%Y-%m-%dT%H:%M:%SZ}",
        "subject_type": "exception",
        "subject_id": str(exception["exception_id"]),
        "action": decision.action.value,
        "amount": "" if amount is None else plain(amount),
        "currency": "" if amount is None else exception["currency"],
        "actor": decision.actor,
        "reason": decision.reason,
        "reference": decision.reference or "",
    }
    said = [*(value for name, value in row.items() if name != "decided_at")]
    facts = plain(exception["variance_amount"])
    name = hashlib.sha256("\0".join([*said, facts]).encode()).hexdigest()[:16]
    path = landing / FOLDER / f"{row['subject_id']}-{row['action']}-{name}.csv"
    if path.exists():
        return path, False
    _write(path, row)
    return path, True


def _exception(release: Path, identity: str) -> dict[str, Any]:
    try:
        key = UUID(identity)
    except ValueError:
        raise Undecidable(f"{identity!r} is no id of an exception.") from None
    with duckdb.connect(str(release), read_only=True) as connection:
        found = rows_of(connection, EXCEPTION, [key])
    if not found:
        raise Undecidable(f"No exception has the id {identity}.")
    (exception,) = found
    if exception["opened_at"] is None:
        raise Undecidable(
            f"{identity} was never outside its tolerance of "
            f"{_money(exception, 'tolerance_amount')}: there is nothing to decide."
        )
    return exception


def _amount(decision: Decision, exception: dict[str, Any]) -> Decimal | None:
    """Money decided on; None when the decision moves none."""
    at_risk: Decimal = exception["amount_at_risk"]
    if decision.amount is None:
        return at_risk if decision.action in MOVES_MONEY else None
    try:
        amount = Decimal(decision.amount)
    except InvalidOperation:
        raise Undecidable(f"--amount {decision.amount!r} is not a number.") from None
    if not 0 < amount <= at_risk:
        raise Undecidable(
            f"--amount {plain(amount)} is not between 0 and what is at risk, "
            f"{_money(exception, 'amount_at_risk')}."
        )
    return amount


def _money(exception: dict[str, Any], name: str) -> str:
    return f"{plain(exception[name])} {exception['currency']}"


def _write(path: Path, row: dict[str, str]) -> None:
    """Write the file whole or not at all: landing passes over names with a dot in front."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(row), lineterminator="\n")
    writer.writeheader()
    writer.writerow(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}")
    partial.touch(mode=PRIVATE_FILE)
    partial.write_text(text.getvalue(), encoding="utf-8")
    partial.replace(path)

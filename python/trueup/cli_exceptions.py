"""Commands that work a difference off: decide on it, and show what it rests on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trueup.cli_base import AsJson, AsOf, HomeDir, LandingDir, output, print_json, release_of, told
from trueup.config import resolve as resolve_settings
from trueup.decide import Action, Decision, Undecidable, decide
from trueup.evidence import NoEvidence, subject_of, write_evidence


def resolve(
    identity: Annotated[str, typer.Argument(metavar="ID", help="exception_id of fct_exceptions.")],
    action: Annotated[Action, typer.Option("--as", help="What is decided.")],
    actor: Annotated[str, typer.Option("--actor", help="Who decides.")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    amount: Annotated[
        str | None, typer.Option("--amount", help="Money decided on. Default: all at risk.")
    ] = None,
    reference: Annotated[
        str | None, typer.Option("--reference", help="Ticket, credit note or letter.")
    ] = None,
    landing: LandingDir = None,
    home: HomeDir = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Decide on an exception: write the decision into the landing folder, for the next refresh.

    It holds for the facts as they are now: when the variance moves by more than its tolerance,
    the exception comes open again. Above an amount, two people have to agree.

    Example: trueup resolve ID --as dispute --actor ada --reason "billed at the old price"
    """
    with told(Undecidable):
        settings = resolve_settings(landing, home, as_of)
        decision = Decision(identity, action, actor, reason, settings.as_of, amount, reference)
        path, is_new = decide(release_of(home), settings.landing, decision)
    if as_json:
        print_json({"path": path, "is_new": is_new})
        return
    output.print(f"{'written' if is_new else 'decided already'}: {path}", soft_wrap=True)


def evidence(
    out: Annotated[Path, typer.Option("--out", help="New folder for the bundle.")],
    identity: Annotated[
        str | None, typer.Argument(metavar="ID", help="exception_id or diff_id of a mart.")
    ] = None,
    invoice: Annotated[
        str | None, typer.Option("--invoice", help="An invoice instead, as ISSUER/ID.")
    ] = None,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Write all that an exception or an invoice rests on into one folder.

    A summary, invoice lines, charges, usage with file and row, rate versions and tiers, the
    computation, hashes of the raw files, and a manifest with hashes of all of these.

    Example: trueup evidence ID --out dispute-17
    """
    with told(NoEvidence):
        registry = resolve_settings(None, home, None).registry
        subject = subject_of(identity, invoice)
        hashes = write_evidence(release_of(home), registry, subject, out)
    if as_json:
        print_json(hashes)
        return
    output.print(f"{len(hashes)} files and their manifest: {out}", soft_wrap=True)

"""Commands that ask a release or what would be, and publish nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trueup import steps
from trueup.cli_base import (
    AsJson,
    AsOf,
    HomeDir,
    Quiet,
    output,
    print_json,
    progress,
    release_of,
    run,
    say,
    told,
)
from trueup.config import Exit, Settings
from trueup.explain import Unknown
from trueup.explain import explain as explain_charge
from trueup.reprice import Unfit, largest, totals
from trueup.reprice import reprice as reprice_usage
from trueup.shadow import shadow as shadow_run
from trueup.summary import print_rows

SHOWN = 40  # rows of a comparison on a terminal; --json has all


def explain(
    identity: Annotated[
        str,
        typer.Argument(metavar="ID", help="expected_charge_id, charge_id or usage_id of a mart."),
    ],
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Say how an expected charge came about: usage, versions, tiers, discounts, rounding.

    Example: trueup explain 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0
    """
    with told(Unknown):
        found = explain_charge(release_of(home), identity)
    if as_json:
        print_json(found)
        return
    for derivation in found:
        for line in derivation["lines"]:
            output.print(line, markup=False, soft_wrap=True)


def reprice(
    card: Annotated[
        Path | None, typer.Option("--card", help="A rate card file; it replaces its cards.")
    ] = None,
    rate_card: Annotated[
        str | None, typer.Option("--rate-card", help="A rate card of the release, with --version.")
    ] = None,
    version: Annotated[
        str | None, typer.Option("--version", help="The version that prices all of its usage.")
    ] = None,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """What if: price the release's usage by another card or version; nothing is published.

    Example: trueup reprice --card new_prices.csv
    """
    with told(Unfit):
        if (card is None) == (rate_card is None or version is None):
            raise Unfit("Name either --card, or --rate-card with --version.")
        rows = reprice_usage(release_of(home), card, rate_card, version)
    if as_json:
        print_json(rows)
        return
    if not rows:
        output.print("no usage of the release is priced by it")
    print_rows(output, "Usage priced again, where it differs", largest(rows, SHOWN))
    for currency, difference in totals(rows).items():
        output.print(f"difference: {difference:f} {currency}, in {len(rows)} lines")


def shadow(
    landing: Annotated[
        Path | None,
        typer.Option("--landing", help="Folder of changed files, laid out as in landing/."),
    ] = None,
    home: HomeDir = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Run changed cards, mappings or rules beside the current ones; nothing is published.

    Changed seeds and models count, too: those of the project are built. Ends with code 1 when
    a gate or law fails.

    Example: trueup shadow --landing next_quarter
    """
    run(
        (None, home, as_of),
        as_json,
        lambda settings: shadow_run(settings, landing, say(quiet)),
        _show_comparison,
    )


def _show_comparison(settings: Settings, report: steps.Report) -> None:
    if report.code == Exit.REFUSED:
        progress.print("It would not be published.")
        return
    rows = sorted(report.comparison, key=lambda row: -abs(row["difference"]))[:SHOWN]
    print_rows(output, "Would differ from the release", rows)
    output.print(f"{len(report.comparison)} figures would differ")

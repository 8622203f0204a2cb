"""The command `trueup`: progress goes to stderr, results to stdout; its help has the codes."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from trueup import cli_budgets, cli_exceptions, cli_ledger, cli_questions, steps
from trueup.cli_base import (
    AsJson,
    AsOf,
    HomeDir,
    LandingDir,
    Quiet,
    app,
    output,
    print_json,
    progress,
    release_of,
    run,
    say,
    told,
)
from trueup.config import Exit, Settings, resolve
from trueup.publish import current_release
from trueup.simulate.plan import Plan
from trueup.simulate.run import simulate as run_simulation
from trueup.simulate.score import print_card
from trueup.simulate.score import score as score_release
from trueup.state import read_state
from trueup.summary import print_summary, read_summary

Keep = Annotated[int, typer.Option("--keep", min=1, help="Releases to keep, the new one included.")]
FullRefresh = Annotated[bool, typer.Option("--full-refresh", help="Rebuild every partition.")]
KEEP = 5


def _show_release(settings: Settings, report: steps.Report) -> None:
    if report.code == Exit.REFUSED:
        progress.print("Nothing was published; the last release stays in place.")
        return
    if report.is_unchanged:
        output.print("nothing changed since the last release")
    if report.unread:
        output.print("partial: what could not be read is as it was when it last could")
    release = current_release(settings)
    if release:
        print_summary(output, read_summary(release))
        output.print(
            f"Published: {settings.published / 'current.duckdb'} -> {release.name}\n"
            "Look into marts.fct_reconciliation_diffs for every difference, marts.fct_charges for "
            "the rows behind it, marts.fct_landed_files for the files.",
            soft_wrap=True,
        )


@app.command()
def land(
    landing: LandingDir = None,
    home: HomeDir = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Check, archive and register new files.

    Example: trueup land --landing /data/exports
    """
    run((landing, home, as_of), as_json, lambda s: steps.land_step(s, say(quiet)))


@app.command()
def build(
    landing: LandingDir = None,
    home: HomeDir = None,
    as_of: AsOf = None,
    full_refresh: FullRefresh = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Build the warehouse from what has landed; only changed partitions are rebuilt.

    Example: trueup build --full-refresh
    """

    def work(settings: Settings) -> steps.Report:
        report = steps.Report()
        steps.build_step(settings, report, say(quiet), full_refresh)
        return report

    run((landing, home, as_of), as_json, work)


@app.command()
def gate(
    landing: LandingDir = None,
    home: HomeDir = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Check every law on the last build.

    Example: trueup gate && trueup post && trueup publish
    """

    def work(settings: Settings) -> steps.Report:
        report = steps.Report()
        steps.gate_step(settings, report, say(quiet))
        return report

    run((landing, home, as_of), as_json, work)


@app.command()
def post(
    landing: LandingDir = None,
    home: HomeDir = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Post what the last build that passed the gate says is due to the ledger.

    Example: trueup gate && trueup post && trueup publish
    """

    def work(settings: Settings) -> steps.Report:
        report = steps.Report()
        steps.post_step(settings, report, say(quiet))
        return report

    run((landing, home, as_of), as_json, work)


@app.command()
def publish(
    landing: LandingDir = None,
    home: HomeDir = None,
    as_of: AsOf = None,
    keep: Keep = KEEP,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Publish the last build that passed the gate.

    Example: trueup publish --keep 3
    """

    def work(settings: Settings) -> steps.Report:
        report = steps.Report()
        steps.publish_step(settings, report, say(quiet), keep)
        return report

    run((landing, home, as_of), as_json, work, _show_release)


@app.command()
def refresh(
    landing: LandingDir = None,
    home: HomeDir = None,
    as_of: AsOf = None,
    keep: Keep = KEEP,
    full_refresh: FullRefresh = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Land, build, gate, post, publish, and say what the bills say.

    Example: trueup refresh --landing /data/exports --home /data/trueup --as-of 2024-10-05
    """
    run(
        (landing, home, as_of),
        as_json,
        lambda s: steps.refresh(s, say(quiet), keep, full_refresh),
        _show_release,
    )


@app.command()
def retain(
    older_than: Annotated[
        int, typer.Option("--older-than", min=0, help="Days since their delivery.")
    ] = 400,
    landing: LandingDir = None,
    home: HomeDir = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Remove superseded archives of final periods; open and audited periods keep all they have.

    Example: trueup retain --older-than 730
    """
    run(
        (landing, home, as_of),
        as_json,
        lambda settings: steps.retain_step(settings, say(quiet), older_than),
    )


@app.command()
def status(
    landing: LandingDir = None,
    home: HomeDir = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Say what is built, gated and published, and the figures of the current release.

    Example: trueup status --json
    """
    with told():
        settings = resolve(landing, home, as_of)
    state, release = read_state(settings), current_release(settings)
    data = {
        "build": asdict(state) if state else None,
        "release": release.name if release else None,
        "summary": read_summary(release) if release else None,
    }
    if as_json:
        print_json(data)
        return
    output.print(f"home      {settings.home}", soft_wrap=True)
    complete = state is not None and bool(state.input_version)
    output.print(f"build     {'complete' if complete else 'none or unfinished'}")
    output.print(f"gate      {'passed' if state and state.gated else 'not passed'}")
    output.print(f"release   {data['release'] or 'none'}")
    if release:
        print_summary(output, read_summary(release))


@app.command()
def fingerprint(
    landing: LandingDir = None,
    home: HomeDir = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Print one hash over all published figures; equal figures give equal hashes.

    Example: trueup fingerprint --home /data/trueup
    """
    with told():
        marts = steps.release_fingerprint(resolve(landing, home, as_of))
    if as_json:
        print_json(marts)
    else:
        output.print(marts["all"])


@app.command()
def simulate(
    out: Annotated[Path, typer.Option("--out", help="New folder for landing/ and truth/.")],
    seed: Annotated[int, typer.Option("--seed", min=0, help="Same seed, same files.")] = 1,
    months: Annotated[int, typer.Option("--months", min=1, max=36, help="Months.")] = 3,
    lines: Annotated[
        int, typer.Option("--lines", min=1000, help="Charge lines in all, about.")
    ] = 50_000,
    start: Annotated[
        str, typer.Option("--start", help="First month, such as 2025-01.")
    ] = "2025-01",
    fault: Annotated[
        list[str] | None, typer.Option("--fault", help="Failure mode to plant; may be repeated.")
    ] = None,
    scenario: Annotated[
        list[str] | None, typer.Option("--scenario", help="Scenario to plant; may be repeated.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Write a made-up company's landing folder, and the truth that a refresh should find in it.

    Example: trueup simulate --seed 7 --months 3 --fault RF9 --fault EF5 --out world
    """
    try:
        plan = Plan(seed, months, lines, date.fromisoformat(f"{start}-01"))
        report = run_simulation(plan, (*(fault or ()), *(scenario or ())), out, say(quiet))
    except (FileExistsError, LookupError, ValueError) as error:
        progress.print(str(error.args[0]), markup=False, soft_wrap=True)
        raise typer.Exit(Exit.USAGE) from None
    if as_json:
        print_json(asdict(report))
    else:
        output.print(
            f"{report.lines:,} charge lines in {report.files:,} files: {report.landing}\n"
            f"Planted: {', '.join(report.effects) or 'nothing'}. Refresh it, then score it:\n"
            f"trueup refresh --landing {report.landing} && trueup score {report.truth}",
            soft_wrap=True,
        )


@app.command()
def score(
    truth: Annotated[Path, typer.Argument(help="The folder truth of a simulated world.")],
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Compare the current release with the truth of the world it was built from.

    Ends with code 1 when an id is below its threshold (seed score_thresholds).

    Example: trueup score world/truth --home /data/trueup
    """
    with told(FileNotFoundError):
        thresholds = resolve(None, home, None).project / "seeds" / "score_thresholds.csv"
        card = score_release(release_of(home), truth, thresholds)
    if as_json:
        print_json(card.as_data())
    else:
        print_card(output, card)
    raise typer.Exit(Exit.REFUSED if card.failures else Exit.GOOD)


for command in (
    cli_questions.explain,
    cli_questions.reprice,
    cli_questions.shadow,
    cli_exceptions.resolve,
    cli_exceptions.evidence,
    cli_budgets.budgets,
    cli_ledger.verify,
):
    app.command()(command)
app.add_typer(cli_ledger.ledger, name="ledger")


def main() -> None:
    """Entry point of the `trueup` command; wrong usage ends with code 3, as documented."""
    try:
        code = app(standalone_mode=False)
    except typer.Abort:
        code = Exit.USAGE
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        progress.print(error.format_message(), markup=False, soft_wrap=True)
        code = Exit.USAGE
    sys.exit(int(code or 0))


if __name__ == "__main__":
    main()

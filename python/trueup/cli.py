"""The command `trueup`: progress goes to stderr, results to stdout; its help has the codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from trueup import steps
from trueup.config import ConfigurationError, Exit, Settings, resolve
from trueup.explain import Unknown
from trueup.explain import explain as explain_charge
from trueup.publish import current_release
from trueup.reprice import Unfit, largest, totals
from trueup.reprice import reprice as reprice_usage
from trueup.shadow import shadow as shadow_run
from trueup.simulate.plan import Plan
from trueup.simulate.run import simulate as run_simulation
from trueup.simulate.score import print_card
from trueup.simulate.score import score as score_release
from trueup.state import read_state
from trueup.summary import print_rows, print_summary, read_summary

CODES = (
    "Exit codes: 0 good; 1 a law or gate failed and nothing was published; "
    "2 published, but some input is in quarantine or could not be read; "
    "3 wrong usage or configuration."
)
app = typer.Typer(
    help=f"Trueup: every cent explained. {CODES}",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)

LandingDir = Annotated[
    str | None,
    typer.Option(
        "--landing",
        help="Landing folder, or s3://bucket/prefix. Default: landing/, else examples/landing.",
    ),
]
HomeDir = Annotated[
    Path | None,
    typer.Option("--home", help="Archive, build warehouse and releases. Default: .trueup/."),
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="Time of the run, ISO 8601, UTC without an offset. Default: now."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress, only the result.")]
Keep = Annotated[int, typer.Option("--keep", min=1, help="Releases to keep, the new one included.")]
FullRefresh = Annotated[bool, typer.Option("--full-refresh", help="Rebuild every partition.")]

KEEP = 5
SHOWN = 40  # rows of a comparison on a terminal; --json has all
progress = Console(stderr=True, highlight=False)
output = Console(highlight=False, width=None if sys.stdout.isatty() else 170)


def _say(quiet: bool) -> steps.Say:
    return (lambda text: None) if quiet else (lambda text: progress.print(f"  {text}"))


def _run(
    options: tuple[str | None, Path | None, str | None],
    as_json: bool,
    work: Callable[[Settings], steps.Report],
    show: Callable[[Settings, steps.Report], None] | None = None,
) -> None:
    """Do a command's work and end the process with its exit code."""
    try:
        settings = resolve(*options)
        with steps.only_run(settings):
            report = work(settings)
    except ConfigurationError as error:
        progress.print(str(error), markup=False, soft_wrap=True)
        raise typer.Exit(Exit.USAGE) from None
    if as_json:
        _print_json(_as_data(settings, report))
    else:
        _print_sentences(report)
        if show:
            show(settings, report)
    raise typer.Exit(report.code)


def _print_json(data: Any) -> None:
    sys.stdout.write(json.dumps(data, indent=2, default=_plain) + "\n")


def _plain(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _as_data(settings: Settings, report: steps.Report) -> dict[str, Any]:
    data = asdict(report) | {"code": int(report.code), "run_id": settings.run_id}
    release = current_release(settings)
    if report.release and release:
        data["summary"] = read_summary(release)
    return data


def _print_sentences(report: steps.Report) -> None:
    for sentence in report.unread:
        progress.print(f"not read: {sentence}", markup=False, style="yellow", soft_wrap=True)
    for sentence in report.quarantine:
        progress.print(f"quarantine: {sentence}", markup=False, style="yellow", soft_wrap=True)
    for sentence in report.failures:
        progress.print(f"failed: {sentence}", markup=False, style="red", soft_wrap=True)


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
    _run((landing, home, as_of), as_json, lambda s: steps.land_step(s, _say(quiet)))


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
        steps.build_step(settings, report, _say(quiet), full_refresh)
        return report

    _run((landing, home, as_of), as_json, work)


@app.command()
def gate(
    landing: LandingDir = None,
    home: HomeDir = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Check every law on the last build.

    Example: trueup gate && trueup publish
    """

    def work(settings: Settings) -> steps.Report:
        report = steps.Report()
        steps.gate_step(settings, report, _say(quiet))
        return report

    _run((landing, home, as_of), as_json, work)


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
        steps.publish_step(settings, report, _say(quiet), keep)
        return report

    _run((landing, home, as_of), as_json, work, _show_release)


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
    """Land, build, gate, publish, and say what the bills say.

    Example: trueup refresh --landing /data/exports --home /data/trueup --as-of 2024-10-05
    """
    _run(
        (landing, home, as_of),
        as_json,
        lambda s: steps.refresh(s, _say(quiet), keep, full_refresh),
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
    _run(
        (landing, home, as_of),
        as_json,
        lambda settings: steps.retain_step(settings, _say(quiet), older_than),
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
    try:
        settings = resolve(landing, home, as_of)
    except ConfigurationError as error:
        progress.print(str(error), markup=False, soft_wrap=True)
        raise typer.Exit(Exit.USAGE) from None
    state, release = read_state(settings), current_release(settings)
    data = {
        "build": asdict(state) if state else None,
        "release": release.name if release else None,
        "summary": read_summary(release) if release else None,
    }
    if as_json:
        _print_json(data)
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
    try:
        marts = steps.release_fingerprint(resolve(landing, home, as_of))
    except ConfigurationError as error:
        progress.print(str(error), markup=False, soft_wrap=True)
        raise typer.Exit(Exit.USAGE) from None
    if as_json:
        _print_json(marts)
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
        report = run_simulation(plan, (*(fault or ()), *(scenario or ())), out, _say(quiet))
    except (FileExistsError, LookupError, ValueError) as error:
        progress.print(str(error.args[0]), markup=False, soft_wrap=True)
        raise typer.Exit(Exit.USAGE) from None
    if as_json:
        _print_json(asdict(report))
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
    try:
        settings = resolve(None, home, None)
        release = current_release(settings)
        if release is None:
            raise ConfigurationError("Nothing is published.", "Run `trueup refresh` first.")
        card = score_release(release, truth, settings.project / "seeds" / "score_thresholds.csv")
    except (ConfigurationError, FileNotFoundError) as error:
        progress.print(str(error), markup=False, soft_wrap=True)
        raise typer.Exit(Exit.USAGE) from None
    if as_json:
        _print_json(card.as_data())
    else:
        print_card(output, card)
    raise typer.Exit(Exit.REFUSED if card.failures else Exit.GOOD)


def _release(home: Path | None) -> Path:
    """The current release of a home.

    Raises:
        ConfigurationError: nothing is published there.
    """
    release = current_release(resolve(None, home, None))
    if release is None:
        raise ConfigurationError("Nothing is published.", "Run `trueup refresh` first.")
    return release


@app.command()
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
    try:
        found = explain_charge(_release(home), identity)
    except (ConfigurationError, Unknown) as error:
        progress.print(str(error), markup=False, soft_wrap=True)
        raise typer.Exit(Exit.USAGE) from None
    if as_json:
        _print_json(found)
        return
    for derivation in found:
        for line in derivation["lines"]:
            output.print(line, markup=False, soft_wrap=True)


@app.command()
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
    try:
        if (card is None) == (rate_card is None or version is None):
            raise Unfit("Name either --card, or --rate-card with --version.")
        rows = reprice_usage(_release(home), card, rate_card, version)
    except (ConfigurationError, Unfit) as error:
        progress.print(str(error), markup=False, soft_wrap=True)
        raise typer.Exit(Exit.USAGE) from None
    if as_json:
        _print_json(rows)
        return
    if not rows:
        output.print("no usage of the release is priced by it")
    print_rows(output, "Usage priced again, where it differs", largest(rows, SHOWN))
    for currency, difference in totals(rows).items():
        output.print(f"difference: {difference:f} {currency}, in {len(rows)} lines")


@app.command()
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
    _run(
        (None, home, as_of),
        as_json,
        lambda settings: shadow_run(settings, landing, _say(quiet)),
        _show_comparison,
    )


def _show_comparison(settings: Settings, report: steps.Report) -> None:
    if report.code == Exit.REFUSED:
        progress.print("It would not be published.")
        return
    rows = sorted(report.comparison, key=lambda row: -abs(row["difference"]))[:SHOWN]
    print_rows(output, "Would differ from the release", rows)
    output.print(f"{len(report.comparison)} figures would differ")


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

"""What the commands of `trueup` share: the app, options, output, and how a command ends."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from trueup import steps
from trueup.config import ConfigurationError, Exit, Settings, resolve
from trueup.publish import current_release
from trueup.summary import read_summary

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

progress = Console(stderr=True, highlight=False)
output = Console(highlight=False, width=None if sys.stdout.isatty() else 170)


def say(quiet: bool) -> steps.Say:
    """Where progress is told: stderr, or nowhere."""
    return (lambda text: None) if quiet else (lambda text: progress.print(f"  {text}"))


@contextmanager
def told(*kinds: type[Exception]) -> Iterator[None]:
    """End with code 3 and the sentence of an error in usage or configuration, or of `kinds`."""
    errors: tuple[type[Exception], ...] = (ConfigurationError, *kinds)
    try:
        yield
    except errors as error:
        progress.print(str(error), markup=False, soft_wrap=True)
        raise typer.Exit(Exit.USAGE) from None


def release_of(home: Path | None) -> Path:
    """The current release of a home.

    Raises:
        ConfigurationError: nothing is published there.
    """
    release = current_release(resolve(None, home, None))
    if release is None:
        raise ConfigurationError("Nothing is published.", "Run `trueup refresh` first.")
    return release


def run(
    options: tuple[str | None, Path | None, str | None],
    as_json: bool,
    work: Callable[[Settings], steps.Report],
    show: Callable[[Settings, steps.Report], None] | None = None,
) -> None:
    """Do a command's work and end the process with its exit code."""
    with told():
        settings = resolve(*options)
        with steps.only_run(settings):
            report = work(settings)
    if as_json:
        print_json(_as_data(settings, report))
    else:
        _print_sentences(report)
        if show:
            show(settings, report)
    raise typer.Exit(report.code)


def print_json(data: Any) -> None:
    """Print one JSON document; decimals are exact text."""
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

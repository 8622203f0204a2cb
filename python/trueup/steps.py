"""The steps of a refresh: each is timed, logged in the registry, and can be run on its own."""

from __future__ import annotations

import fcntl
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import duckdb

from trueup.access import private_home
from trueup.config import ConfigurationError, Exit, Settings
from trueup.fingerprint import fingerprint
from trueup.landing.land import Landed, land
from trueup.landing.quarantine import open_quarantine, refused_records
from trueup.landing.registry import open_registry
from trueup.landing.retain import retain
from trueup.ledger.books import Unsound, post_due
from trueup.publish import current_release, publish
from trueup.state import State, read_state, wanted_state, write_state
from trueup.warehouse import Outcome, run_dbt

Say = Callable[[str], None]
# Unit tests test the code on rows of their own, not this data: `make test` runs them.
NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")


@dataclass
class Step:
    """What a step reports of itself while it runs."""

    row_count: int | None = None
    status: str = "ok"
    detail: str | None = None


@dataclass
class Report:
    """What one command did: its exit code, sentences on input not read or refused, and failures.

    `comparison`: of a shadow run, a row per figure that differs from the release.
    """

    code: Exit = Exit.GOOD
    is_unchanged: bool = False
    release: str | None = None
    landed: Landed | None = None
    unread: list[str] = field(default_factory=list)
    quarantine: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    comparison: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def timed(settings: Settings, name: str, say: Say) -> Iterator[Step]:
    """Run a step: announce it, time it, and log it in the registry when it ends."""
    say(f"[bold]{name}[/bold]")
    step, begun, started_at = Step(), time.monotonic(), datetime.now(UTC)
    try:
        yield step
    except BaseException:
        step.status = "failed"
        raise
    finally:
        seconds = time.monotonic() - begun
        _log(settings, name, step, started_at, seconds)
        count = "" if step.row_count is None else f"{step.row_count:,} "
        say(f"[bold]{name}[/bold] {step.status}: {count}{step.detail or ''} ({seconds:.1f} s)")


def _log(settings: Settings, name: str, step: Step, started_at: datetime, seconds: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    with registry_of(settings) as registry:
        registry.execute(
            "insert into landing.runs values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                settings.run_id,
                settings.as_of.replace(tzinfo=None),
                name,
                started_at.replace(tzinfo=None),
                round(seconds, 3),
                step.row_count,
                peak,
                step.status,
                step.detail,
            ],
        )


@contextmanager
def only_run(settings: Settings) -> Iterator[None]:
    """Hold a home for one command; the lock goes with the process, however it ends.

    Raises:
        ConfigurationError: another command holds it, or others may read its bills.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(
                f"Another trueup run is at work in {settings.home}.", "Wait for it to end."
            ) from None
        private_home(settings)
        yield


@contextmanager
def registry_of(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The registry, open for as long as the block.

    Raises:
        ConfigurationError: another run holds it.
    """
    try:
        registry = open_registry(settings)
    except duckdb.IOException as error:
        if "lock" not in str(error).lower():
            raise
        raise ConfigurationError(
            f"Another trueup run is at work in {settings.home}.", "Wait for it to end."
        ) from None
    try:
        yield registry
    finally:
        registry.close()


def land_step(settings: Settings, say: Say) -> Report:
    """Land what is new; the report lists all input not read, or in quarantine now."""
    report = Report()
    with timed(settings, "land", say) as step, registry_of(settings) as registry:
        report.landed = land(settings, registry, say)
        report.quarantine = report.landed.messages + open_quarantine(registry, report.landed.paths)
        report.unread = report.landed.unread
        step.row_count = report.landed.rows
        step.detail = f"rows in {report.landed.new} new of {len(report.landed.paths)} files"
        if report.unread:
            step.status = "partial"
            step.detail += f", {len(report.unread)} not read"
    report.code = Exit.PARTIAL if report.unread or report.quarantine else Exit.GOOD
    return report


def retain_step(settings: Settings, say: Say, days: int) -> Report:
    """Remove archives that no figure needs any more (see trueup.landing.retain)."""
    report = Report()
    with timed(settings, "retain", say) as step, registry_of(settings) as registry:
        step.row_count, kept = retain(registry, settings, days)
        step.detail = f"archives removed; {kept} older ones stay, their periods are open or held"
    return report


def build_step(settings: Settings, report: Report, say: Say, full_refresh: bool = False) -> None:
    """Build every model and run every test but the laws; partitions that changed are rebuilt.

    Changed code may change the shape of a table: then everything is built anew. While it stands,
    views and seeds stand too.
    """
    with registry_of(settings) as registry:
        wanted = wanted_state(settings, registry)
    before = read_state(settings)
    rebuild = (
        full_refresh
        or before is None
        or before.logic_version != wanted.logic_version
        or not settings.warehouse.is_file()
    )
    unfinished = replace(
        wanted, input_version="", logic_version="" if rebuild else wanted.logic_version
    )
    write_state(settings, unfinished)
    unchanged = [] if rebuild else ["config.materialized:view", "resource_type:seed"]
    arguments = ["build", "--exclude", "tag:law", *unchanged, *NO_UNIT_TESTS]
    if rebuild:
        arguments.append("--full-refresh")
    if _dbt(settings, "build", arguments, report, say):
        write_state(settings, wanted)


def gate_step(settings: Settings, report: Report, say: Say) -> None:
    """Check the laws on the whole build; only a build that passed may be published."""
    state = replace(_finished_build(settings), gated=False)
    write_state(settings, state)  # what passed before does not count for now
    if _dbt(settings, "gate", ["test", "--select", "tag:law"], report, say):
        write_state(settings, replace(state, gated=True))


def _dbt(settings: Settings, name: str, arguments: list[str], report: Report, say: Say) -> bool:
    with timed(settings, name, say) as step:
        outcome: Outcome = run_dbt(settings, arguments, say)
        step.row_count = outcome.done
        step.detail = "nodes" + (f", {outcome.skipped} skipped" if outcome.skipped else "")
        if not outcome.ok:
            step.status = "failed"
            report.code = Exit.REFUSED
            report.failures += outcome.failures
    return outcome.ok


def post_step(settings: Settings, report: Report, say: Say) -> None:
    """Post what is due to the ledger, and rebuild what shows it.

    Books that are not as they were written stop everything; what cannot be posted is named, logged
    and left for the next run.
    """
    if not _finished_build(settings).gated:
        raise ConfigurationError("The last build has not passed the gate.", "Run `trueup gate`.")
    with timed(settings, "post", say) as step:
        try:
            posted = post_due(settings)
        except Unsound as error:
            step.status = "failed"
            report.code = Exit.REFUSED
            report.failures.append(
                f"ledger: {error}. Restore {settings.ledger} from a copy; if the books were"
                f" given up on purpose, take {settings.ledger_heads} away, too."
            )
            return
        step.row_count = posted.entries
        step.detail = f"entries in {posted.transactions} transactions"
        if posted.refusals:
            step.status = "partial"
            step.detail += f", {len(posted.refusals)} refused"
    for refusal in posted.refusals:
        report.quarantine.append(
            f"ledger: transaction {refusal.idempotency_key} was not posted: {refusal.reason}."
        )
    if posted.entries:
        _dbt(
            settings, "books", ["build", "--select", "ledger_entries+", *NO_UNIT_TESTS], report, say
        )


def publish_step(settings: Settings, report: Report, say: Say, keep: int) -> None:
    """Make a release of the gated build and switch readers to it."""
    state = _finished_build(settings)
    if not state.gated:
        raise ConfigurationError("The last build has not passed the gate.", "Run `trueup gate`.")
    with timed(settings, "publish", say) as step:
        report.release = publish(settings, keep)
        step.detail = report.release
    write_state(settings, replace(state, published=report.release))


def _finished_build(settings: Settings) -> State:
    state = read_state(settings)
    if state is None or not state.input_version:
        raise ConfigurationError("There is no complete build.", "Run `trueup build`.")
    return state


def refresh(settings: Settings, say: Say, keep: int, full_refresh: bool = False) -> Report:
    """Land, build, gate, post, publish.

    Nothing is done after landing when nothing changed since the last release: same files, same
    code, same day.
    """
    report = land_step(settings, say)
    with registry_of(settings) as registry:
        if registry.execute("select 1 from landing.files limit 1").fetchone() is None:
            raise ConfigurationError(
                f"Nothing has landed: {settings.landing} holds no file of a declared source.",
                " ".join(report.unread)
                or "Put exports into a folder of it that is named after their source.",
            )
        wanted = wanted_state(settings, registry)
    state, release = read_state(settings), current_release(settings)
    if state and release and not full_refresh:
        report.is_unchanged = state == replace(wanted, gated=True, published=release.name)
    if report.is_unchanged:
        report.release = release.name if release else None
        _name_refused_records(settings, report)
        return report
    build_step(settings, report, say, full_refresh)
    if report.code != Exit.REFUSED:
        gate_step(settings, report, say)
    if report.code != Exit.REFUSED:
        post_step(settings, report, say)
    if report.code != Exit.REFUSED:
        publish_step(settings, report, say, keep)
        _name_refused_records(settings, report)
    return report


def _name_refused_records(settings: Settings, report: Report) -> None:
    """Add the rows that the models refused, which landing could not know."""
    with registry_of(settings) as registry:
        report.quarantine += refused_records(registry, settings.marts)
    report.code = Exit.PARTIAL if report.quarantine else report.code


def release_fingerprint(settings: Settings) -> dict[str, str]:
    """Fingerprints of the current release.

    Raises:
        ConfigurationError: nothing is published yet.
    """
    release = current_release(settings)
    if release is None:
        raise ConfigurationError("Nothing is published yet.", "Run `trueup refresh`.")
    return fingerprint(release)

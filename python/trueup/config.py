"""Where a run reads and writes, and what its exit codes mean."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path

SCHEMES = {"s3": "Amazon S3", "gs": "Google Cloud Storage"}


class Exit(IntEnum):
    """Exit codes of the `trueup` command."""

    GOOD = 0
    REFUSED = 1  # a law, test or gate failed: nothing was published
    PARTIAL = 2  # published, but some input is in quarantine or could not be read
    USAGE = 3  # wrong usage or configuration


class ConfigurationError(Exception):
    """The command cannot start: `message` says what is wrong and `remedy` the way out."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True)
class Settings:
    """One run's folders and times. `as_of` is UTC and governs every age, lateness and grace."""

    project: Path
    landing: Path | str  # a folder, or the URL of a bucket
    home: Path
    as_of: datetime
    run_id: str

    @property
    def archive(self) -> Path:
        """Immutable Parquet copies of every landed file, and the registry beside them."""
        return self.home / "archive"

    @property
    def registry(self) -> Path:
        """The registry: what landed, when, and what became of it."""
        return self.archive / "registry.duckdb"

    @property
    def build(self) -> Path:
        """The private build warehouse."""
        return self.home / "build"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file of everything but the marts."""
        return self.build / "warehouse.duckdb"

    @property
    def marts(self) -> Path:
        """The DuckDB file that holds the marts only, and is copied to publish them."""
        return self.build / "marts.duckdb"

    @property
    def ledger(self) -> Path:
        """The segments of the ledger, which no build changes."""
        return self.home / "ledger"

    @property
    def ledger_heads(self) -> Path:
        """Where each posting notes the ledger's head, outside the home."""
        given = os.environ.get("TRUEUP_LEDGER_HEADS")
        return Path(given) if given else self.home.with_name(f"{self.home.name}.heads.jsonl")

    @property
    def published(self) -> Path:
        """The releases that readers open."""
        return self.home / "published"


def parse_time(text: str | None) -> datetime:
    """Read `--as-of` (ISO 8601; without an offset it is UTC). None means now.

    Raises:
        ConfigurationError: the text is not a time.
    """
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(
            f"--as-of {text!r} is not a time.", "Write it as 2024-09-30 or 2024-09-30T12:00:00Z."
        ) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def bucket_url(text: str) -> str:
    """The URL of a bucket or of a prefix in it, without a slash at its end.

    Raises:
        ConfigurationError: not an object store that is read, or no bucket.
    """
    scheme, _, rest = text.strip().partition("://")
    if scheme not in SCHEMES:
        raise ConfigurationError(
            f"{text.strip()!r} is no location in {' or '.join(SCHEMES.values())}.",
            f"Write it as {' or '.join(f'{name}://bucket/prefix' for name in SCHEMES)}; "
            "copy what lies elsewhere to such a bucket or into a folder.",
        )
    if not rest.strip("/") or "?" in rest:
        raise ConfigurationError(
            f"{text.strip()!r} names no bucket, or holds a question mark.",
            f"Write it as {scheme}://bucket/prefix.",
        )
    return f"{scheme}://{rest.rstrip('/')}"


def resolve(landing: str | Path | None, home: Path | None, as_of: str | None) -> Settings:
    """Settings of one run from the command's options, the environment and the defaults.

    Raises:
        ConfigurationError: no dbt project here, or no such landing location.
    """
    project = Path(os.environ.get("DBT_PROJECT_DIR", ".")).resolve()
    if not (project / "dbt_project.yml").is_file():
        raise ConfigurationError(
            f"No dbt_project.yml in {project}.", "Run trueup in the project folder."
        )
    return Settings(
        project=project,
        landing=_landing(landing, project),
        home=(home or Path(os.environ.get("TRUEUP_HOME", project / ".trueup"))).resolve(),
        as_of=parse_time(as_of),
        run_id=datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f"),
    )


def _landing(given: str | Path | None, project: Path) -> Path | str:
    """The landing location: as given, else landing/, else the bundled examples."""
    if isinstance(given, str) and "://" in given:
        return bucket_url(given)
    own = project / "landing"
    folder = Path(given) if given else own if own.is_dir() else project / "examples" / "landing"
    if not folder.is_dir():
        raise ConfigurationError(
            f"The landing folder {folder} does not exist.",
            "Create it or name another by --landing.",
        )
    return folder.resolve()

"""Who else may read or write what Trueup reads and keeps (docs/runbooks/access.md)."""

from __future__ import annotations

import os
import secrets
import stat
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from trueup.config import ConfigurationError, Settings
from trueup.landing.files import FoundFile
from trueup.landing.registry import PRIVATE, open_registry

KEY = "pseudonym.key"


@dataclass
class Judged:
    """Files of a landing folder by what others may do. `messages` are sentences on the refused."""

    trusted: list[FoundFile] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


def private_home(settings: Settings) -> None:
    """Make the folders of a home that only its owner may enter; refuse a home open to others.

    Bills, the registry and the build lie there; `published` is for readers and stays open to them.

    Raises:
        ConfigurationError: others may enter one of the folders; the violation is on record.
    """
    folders = (settings.archive, settings.build)
    for folder in folders:
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    found = [folder for folder in folders if folder.stat().st_mode & stat.S_IRWXO]
    if not found:
        return
    registry = open_registry(settings)
    try:
        _record(registry, settings, [(None, "home_open", folder.name, 1) for folder in found])
    finally:
        registry.close()
    names = " ".join(str(folder) for folder in found)
    raise ConfigurationError(
        f"Others on this machine may enter {names}, where bills are kept.",
        f"Run `chmod o-rwx {names}` and find out who could read it.",
    )


def trusted_files(
    settings: Settings, registry: duckdb.DuckDBPyConnection, found: Iterable[FoundFile]
) -> Judged:
    """Leave out the files that others may write; put those and the readable ones on record.

    Others are users neither owner nor in the group, and they must be able to reach the file: a
    closed folder above it protects it. The examples that come with the project are public.

    Args:
        settings: the run; its landing folder is judged with the files.
        registry: where violations are recorded, one row a folder and kind.
        found: the files to judge.

    Returns:
        The files to read, in their order, and a sentence on each folder with refused files.
    """
    landing = Path(settings.landing)
    folders = _Folders(landing)
    public = landing.is_relative_to(settings.project / "examples")
    judged = Judged()
    open_paths: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in found:
        place = each.origins.get("", each.absolute)
        if not isinstance(place, Path):
            judged.trusted.append(each)  # an object: its store grants access by its own rules
            continue
        reachable, writable = folders.judge(place.parent)
        mode = place.stat().st_mode if place.exists() else 0  # gone since it was listed
        if writable or (reachable and mode & stat.S_IWOTH):
            open_paths[each.folder, "landing_writable"].append(each.path)
            continue
        judged.trusted.append(each)
        if reachable and mode & stat.S_IROTH and not public:
            open_paths[each.folder, "landing_readable"].append(each.path)
    rows = [(name, kind, paths[0], len(paths)) for (name, kind), paths in open_paths.items()]
    _record(registry, settings, rows)
    for name, kind, path, count in rows:
        if kind == "landing_writable":
            more = f" and {count - 1} more" if count > 1 else ""
            judged.messages.append(
                f"{path}{more}: others on this machine may write there, so it was not read. "
                f"Run `chmod -R o-w {landing / name}` and deliver it again."
            )
    return judged


class _Folders:
    """What others may do in the folders below (and above) a landing folder, each judged once."""

    def __init__(self, landing: Path) -> None:
        self._landing = landing
        self._known: dict[Path, tuple[bool, bool]] = {}

    def judge(self, folder: Path) -> tuple[bool, bool]:
        """Whether others can reach what lies in a folder, and whether they may put things there."""
        if folder not in self._known:
            above = self._above() if folder == self._landing else self.judge(folder.parent)
            self._known[folder] = self._of(folder, *above)
        return self._known[folder]

    def _above(self) -> tuple[bool, bool]:
        modes = [folder.stat().st_mode for folder in self._landing.parents]
        return all(mode & stat.S_IXOTH for mode in modes), False

    @staticmethod
    def _of(folder: Path, reachable: bool, writable: bool) -> tuple[bool, bool]:
        mode = folder.stat().st_mode
        reachable = reachable and bool(mode & stat.S_IXOTH)
        return reachable, writable or (reachable and bool(mode & stat.S_IWOTH))


def _record(
    registry: duckdb.DuckDBPyConnection,
    settings: Settings,
    rows: Sequence[tuple[str | None, str, str, int]],
) -> None:
    found_at = settings.as_of.replace(tzinfo=None)
    for name, kind, path, count in rows:
        registry.execute(
            "insert into landing.access_violations values (?, ?, ?, ?, ?, ?)",
            [settings.run_id, name, kind, path, count, found_at],
        )


def pseudonym_key(home: Path) -> bytes:
    """The key that personal identifiers are hashed with.

    TRUEUP_PSEUDONYM_KEY, else a random key that is made once and kept beside the archive. Whoever
    has it can tell whether a name he guesses is behind a pseudonym; losing it makes new pseudonyms.

    Args:
        home: the home whose key it is.

    Returns:
        The key's bytes.
    """
    stated = os.environ.get("TRUEUP_PSEUDONYM_KEY")
    if stated:
        return stated.encode()
    path = home / "archive" / KEY
    if not path.is_file():
        partial = path.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_hex(32))
            out.flush()
            os.fsync(out.fileno())
        partial.replace(path)
    return path.read_bytes()

"""What lies in the landing location, a folder or a bucket, and each file made ready to be read."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import duckdb

from trueup.config import ConfigurationError, Settings, bucket_url
from trueup.landing.files import CHECKSUMS, NOTES, FoundFile, checksum
from trueup.landing.storage import AGAIN, GONE, Object, ObjectStore, Unreadable

LINK = ".url"  # <name>.url holds the URL at which the folder <name> lies
PATTERN = re.compile(r"[*?\[\\]")  # DuckDB takes a path with one of these for a pattern


class ReadFailure(Exception):
    """A file, folder or bucket that this run could not read; `folder` None: every source's."""

    def __init__(self, folder: str | None, path: str, problem: Unreadable) -> None:
        tried = f", tried {problem.attempts} times" if problem.attempts > 1 else ""
        super().__init__(
            f"{folder or 'every source'}: {path} could not be read: "
            f"{problem.reason}{tried}. {problem.remedy}"
        )
        self.folder = folder
        self.path = path
        self.problem = problem


@dataclass
class Found:
    """Files of declared folders in path order, what could not be listed, what no source reads."""

    files: list[FoundFile] = field(default_factory=list)
    failures: list[ReadFailure] = field(default_factory=list)
    undeclared: set[str] = field(default_factory=set)  # folders end with a slash


@contextmanager
def spool_in(archive: Path) -> Iterator[Path]:
    """An empty folder for files at hand; what a killed run left in it goes first."""
    spool = archive / "spool"
    shutil.rmtree(spool, ignore_errors=True)
    spool.mkdir(parents=True)
    try:
        yield spool
    finally:
        shutil.rmtree(spool, ignore_errors=True)


def find(landing: Path | str, folders: set[str], store: ObjectStore, spool: Path) -> Found:
    """List a landing location; dot files and notes are not data.

    Args:
        landing: a folder, or the URL of a bucket or of a prefix in it.
        folders: those that a source is declared for.
        store: lists buckets, one listing a location.
        spool: where a file will lie while it is at hand, if DuckDB cannot read it in its place.
    """
    found = Found()
    places: dict[str, Path | Object] = {}
    if isinstance(landing, str):
        with _noting(found, None, landing):
            places = _bucket(store, landing)
    else:
        places = _folder(landing, folders, store, found)
    for path, place in sorted(places.items()):
        top, _, below = path.partition("/")
        suffix = PurePosixPath(path).suffix.lower()
        if suffix in NOTES or any(part.startswith(".") for part in path.split("/")):
            continue
        if top not in folders or not below:
            found.undeclared.add(f"{top}/" if below else top)
        elif suffix not in CHECKSUMS:
            found.files.append(_file(path, place, places, spool))
    return found


def _bucket(store: ObjectStore, url: str) -> dict[str, Path | Object]:
    """Objects below a location, by their keys below it."""
    objects: dict[str, Path | Object] = {each.key: each for each in store.objects(url)}
    if not objects:
        raise Unreadable("nothing lies there", "Correct the URL, or deliver to it.")
    return objects


def _folder(
    landing: Path, folders: set[str], store: ObjectStore, found: Found
) -> dict[str, Path | Object]:
    """Files below a folder, by their paths below it; a link stands for the objects it leads to."""
    places: dict[str, Path | Object] = {}
    for place in _walk(landing, landing, (), found):
        path = place.relative_to(landing).as_posix()
        top = path.removesuffix(LINK).partition("/")[0]
        if place.suffix != LINK:
            places[path] = place
        elif top not in folders:
            found.undeclared.add(f"{top}/")
        else:
            with _noting(found, top, path):
                url = bucket_url(place.read_text(encoding="utf-8"))
                with _noting(found, top, url):
                    below = _bucket(store, url)
                    places |= {f"{path.removesuffix(LINK)}/{key}": o for key, o in below.items()}
    return places


def _walk(folder: Path, landing: Path, above: tuple[Path, ...], found: Found) -> Iterator[Path]:
    """Every entry below a folder that is no folder; links are followed, but never in a circle."""
    path = folder.relative_to(landing).as_posix()
    with _noting(found, path.partition("/")[0], path):
        here = folder.resolve()
        if here not in above:
            for entry in sorted(folder.iterdir()):
                if entry.name.startswith("."):
                    continue
                if entry.is_dir():
                    yield from _walk(entry, landing, (*above, here), found)
                else:
                    yield entry


def _file(
    path: str, place: Path | Object, places: dict[str, Path | Object], spool: Path
) -> FoundFile:
    """A file as found, with what must be put into the spool before it can be read."""
    folder, _, below = path.partition("/")
    if isinstance(place, Path):
        size, modified_ns = -1, 0  # what has no size is new: reading it tells what is wrong
        with suppress(OSError):
            size, modified_ns = place.stat().st_size, place.stat().st_mtime_ns
        if not PATTERN.search(str(place)):
            return FoundFile(folder, path, below, place, size, modified_ns)
    else:
        size, modified_ns = place.bytes, place.modified_ns
    suffixes = re.sub(r"[^\w.]", "_", "".join(PurePosixPath(path).suffixes))[-32:]
    absolute = spool / (hashlib.sha256(path.encode()).hexdigest()[:32] + suffixes)
    origins = {end: places[path + end] for end in ("", *CHECKSUMS) if path + end in places}
    return FoundFile(folder, path, below, absolute, size, modified_ns, origins)


@contextmanager
def at_hand(delivery: list[FoundFile], store: ObjectStore) -> Iterator[list[str]]:
    """While it lasts, all files of a delivery lie at their `absolute`; gives their checksums.

    Raises:
        ReadFailure: one of them cannot be read.
    """
    with ExitStack() as stack:
        digests = []
        for found in delivery:
            with reading(found):
                stack.enter_context(_brought(found, store))
                if found.absolute.exists() and not found.absolute.is_file():
                    raise Unreadable("it is no file", "Take it away.")
                digests.append(checksum(found.absolute))
        yield digests


@contextmanager
def reading(found: FoundFile) -> Iterator[None]:
    """Say in words that a file cannot be read; faults of anything else stay what they are.

    Raises:
        ReadFailure: the store fails, no permission, gone since it was listed, a bad disk.
    """
    try:
        yield
    except Unreadable as problem:
        raise ReadFailure(found.folder, found.place, problem) from None
    except OSError as error:
        if error.filename and not str(error.filename).startswith(str(found.absolute)):
            raise
        raise ReadFailure(found.folder, found.place, _in_words(error)) from None
    except duckdb.IOException:
        if os.access(found.absolute, os.R_OK):
            raise
        raise ReadFailure(found.folder, found.place, Unreadable(GONE, AGAIN)) from None


def note_failures(
    registry: duckdb.DuckDBPyConnection,
    settings: Settings,
    failures: list[ReadFailure],
    folders: set[str],
) -> None:
    """Write down what this run could not read, a row for each folder."""
    at = settings.as_of.replace(tzinfo=None)
    for failure in failures:
        problem = failure.problem
        for folder in [failure.folder] if failure.folder else sorted(folders):
            registry.execute(
                "insert into landing.read_failures values (?, ?, ?, ?, ?, ?)",
                [settings.run_id, folder, failure.path, problem.reason, problem.attempts, at],
            )


@contextmanager
def _brought(found: FoundFile, store: ObjectStore) -> Iterator[None]:
    """While it lasts, a file and its checksums lie at `absolute`: fetched, or linked."""
    places = {Path(f"{found.absolute}{end}"): origin for end, origin in found.origins.items()}
    try:
        for place, origin in places.items():
            if isinstance(origin, Path):
                place.symlink_to(origin)
            else:
                store.fetch(origin, place)
        yield
    finally:
        for place in places:
            place.unlink(missing_ok=True)


@contextmanager
def _noting(found: Found, folder: str | None, path: str) -> Iterator[None]:
    """Note what cannot be read and go on without it."""
    try:
        yield
    except Unreadable as problem:
        found.failures.append(ReadFailure(folder, path, problem))
    except ConfigurationError as error:
        refused = Unreadable(error.message.rstrip("."), error.remedy)
        found.failures.append(ReadFailure(folder, path, refused))
    except (OSError, UnicodeDecodeError) as error:
        found.failures.append(ReadFailure(folder, path, _in_words(error)))


def _in_words(error: OSError | UnicodeDecodeError) -> Unreadable:
    if isinstance(error, PermissionError):
        return Unreadable("there is no permission to read it", "Allow the user of this run to.")
    if isinstance(error, FileNotFoundError):
        return Unreadable("it is not there, or a link that leads nowhere", "Deliver it again.")
    if isinstance(error, UnicodeDecodeError):
        return Unreadable("it is not UTF-8 text", "Write one URL into it.")
    return Unreadable(f"{error.strerror or error}".lower(), "See to the disk or share it lies on.")

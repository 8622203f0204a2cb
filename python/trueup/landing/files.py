"""What can be said of a file before DuckDB reads it: its name, bytes, checksum and header."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from trueup.landing.storage import Object

CHUNK = 1 << 22
RUN_DATE = re.compile(r"(20\d{6}T\d{6})Z?")
# A number at the end of a name is a part number, unless it ends a date: that is another delivery.
PART = re.compile(r"(?:(?:^|[-_. ])(?:part[-_]?)?|part[-_]?)\d{1,5}$", re.IGNORECASE)
DATE = re.compile(r"20\d\d[-_.]?(?:0[1-9]|1[0-2])(?:[-_.]?(?:0[1-9]|[12]\d|3[01]))?$")
# Spark and others write the part number first: part-00000-<run>.parquet.
FIRST_PART = re.compile(r"^part[-_]\d+[-_]", re.IGNORECASE)
SUFFIXES = (
    *(".csv.gz", ".csv", ".jsonl.gz", ".jsonl", ".ndjson.gz", ".ndjson", ".json.gz", ".json"),
    *(".gz.parquet", ".snappy.parquet", ".zstd.parquet", ".parquet"),
)
NOTES = (".md", ".txt")
CHECKSUMS = (".sha256", ".md5")  # beside a file, they say what its bytes must be
OWN_NAMES = {"file_id", "file_row", "file_row_number"}  # columns that landing itself adds


class Unsound(Exception):
    """A file cannot be used. `reason` says what is wrong with it and `remedy` the way out."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason} {remedy}")
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True)
class FoundFile:
    """A file to land. `path` is below the landing location, `below` below its source's folder.

    `origins` are what must be brought to `absolute` first: the file ('') and its checksums, each by
    the end of its name. Empty where it can be read in its place.
    """

    folder: str
    path: str
    below: str
    absolute: Path
    bytes: int
    modified_ns: int
    origins: dict[str, Path | Object] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Where a person finds it: the URL of an object, else the path below the landing folder."""
        origin = self.origins.get("")
        return origin.url if isinstance(origin, Object) else self.path

    @property
    def delivered_at(self) -> datetime:
        """UTC time of the delivery: the run date in the path, else the file time."""
        for run_date in RUN_DATE.findall(self.path):
            with suppress(ValueError):  # digits that are no date
                return datetime.strptime(run_date, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        return datetime.fromtimestamp(self.modified_ns / 1e9, UTC)

    @property
    def delivery_key(self) -> str:
        """Folder and name without part numbers: the parts of one delivery share it."""
        folder, _, name = self.below.rpartition("/")
        stem = name[: len(name) - len(suffix_of(name))]
        stem = FIRST_PART.sub("", stem)
        while not DATE.search(stem) and (part := PART.search(stem)):
            stem = stem[: part.start()]
        return f"{folder}/{stem}"


def suffix_of(name: str) -> str:
    """The format that a file's name claims, or '' for one that is not read."""
    return next((s for s in SUFFIXES if name.lower().endswith(s)), "")


def checksum(path: Path, algorithm: str = "sha256") -> str:
    """Checksum of a file, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, algorithm).hexdigest()


def check_readable(path: Path, digest: str) -> None:
    """Refuse what DuckDB would read without complaint: other formats, empty files, cut-off gzip.

    Raises:
        Unsound: with reason and remedy.
    """
    if not suffix_of(path.name):
        raise Unsound(
            f"its format {''.join(path.suffixes) or '(none)'} is not read.",
            "Deliver it as CSV, JSON Lines or JSON (each also .gz), or as Parquet.",
        )
    if path.stat().st_size == 0:
        raise Unsound("the file is empty.", "Deliver it again.")
    _check_checksum(path, digest)
    if path.suffix.lower() == ".gz":
        _check_gzip(path)


def _check_checksum(path: Path, digest: str) -> None:
    """A checksum beside the file must be the file's own."""
    for suffix in CHECKSUMS:
        beside = path.with_name(path.name + suffix)
        if beside.is_file():
            stated = (beside.read_text(encoding="utf-8").split() or [""])[0].lower()
            found = digest if suffix == ".sha256" else checksum(path, "md5")
            if stated != found:
                raise Unsound(
                    f"its {suffix[1:]} is {found}, the one beside it says {stated or 'nothing'}.",
                    "Deliver it again; nothing of it was used.",
                )


def _check_gzip(path: Path) -> None:
    remedy = "Deliver it again; nothing of it was used."
    with path.open("rb") as stream:
        inflate = zlib.decompressobj(wbits=31)
        try:
            while chunk := stream.read(CHUNK):
                while chunk:
                    if inflate.eof:  # a gzip file may hold several members
                        inflate = zlib.decompressobj(wbits=31)
                    inflate.decompress(chunk)
                    chunk = inflate.unused_data
        except zlib.error as error:
            raise Unsound(f"the gzip data is damaged ({error}).", remedy) from None
    if not inflate.eof:
        raise Unsound("the gzip data is cut off before its end.", remedy)


def read_header(path: Path) -> list[str]:
    """Column names of a CSV file (plain or gzip), a byte order mark removed.

    Raises:
        Unsound: not UTF-8, no header, or a column name that is empty, stands twice or is ours.
    """
    line = first_line(path)
    try:
        names = next(csv.reader(io.StringIO(line.decode("utf-8-sig"))), [])
    except UnicodeDecodeError:
        raise Unsound("the header is not UTF-8 text.", "Export it as UTF-8.") from None
    except csv.Error as error:
        raise Unsound(f"the header cannot be read as CSV ({error}).", "Export it as CSV.") from None
    if not names:
        raise Unsound("the file has no header.", "Deliver it again.")
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            raise Unsound(f"the column {name!r} stands twice in the header.", "Export it again.")
        if name.lower() in OWN_NAMES:
            raise Unsound(f"the column name {name!r} is taken by Trueup.", "Rename the column.")
        seen.add(name.lower())
    if not all(names):
        raise Unsound("a column of the header has no name.", "Export it again.")
    return names


def first_line(path: Path) -> bytes:
    """First line of a file, decompressed when it is gzip."""
    inflate = zlib.decompressobj(wbits=31) if path.suffix.lower() == ".gz" else None
    text = b""
    with path.open("rb") as stream:
        while b"\n" not in text and (chunk := stream.read(1 << 16)):
            text += inflate.decompress(chunk) if inflate else chunk
    return text.split(b"\n", 1)[0].rstrip(b"\r")

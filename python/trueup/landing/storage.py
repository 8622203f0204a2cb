"""Objects of a bucket, through DuckDB: one listing a location, each new object fetched whole."""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import duckdb
import duckdb_extension_httpfs

from trueup.config import ConfigurationError
from trueup.landing.checks import literal
from trueup.landing.registry import memory_limit

ATTEMPTS = 5
FIRST_WAIT = 0.5  # seconds; doubled before each further attempt
TIMEOUT = "120"  # seconds for one request, which carries up to 128 MB
BUSY = (429, 500, 502, 503, 504)
AGAIN = "It is tried again at the next run."
GONE = "it is gone since it was listed"
# Error codes and status of a store, in words, and what to do.
REFUSALS: dict[str | int, tuple[str, str]] = {
    "ExpiredToken": ("the credentials have expired", "Renew them."),
    "InvalidAccessKeyId": ("the access key is not known", "Correct AWS_ACCESS_KEY_ID."),
    "SignatureDoesNotMatch": ("the secret key is wrong", "Correct AWS_SECRET_ACCESS_KEY."),
    "InvalidObjectState": ("it lies in an archive tier", "Restore it, or move it elsewhere."),
    "NoSuchBucket": ("there is no such bucket", "Correct the URL."),
    "AuthorizationHeaderMalformed": ("the bucket is in another region", "Set AWS_REGION to it."),
    "PermanentRedirect": ("the bucket is in another region", "Set AWS_REGION to it."),
    403: ("access is denied", "Allow these credentials to list the bucket and to get its objects."),
    404: (GONE, AGAIN),
}
Result = TypeVar("Result")
Rows = list[tuple[Any, ...]]


class Unreadable(Exception):
    """Something that is there could not be read: `reason`, `remedy`, and how often it was tried.

    Unlike unsound input it is no fault of the data: nothing is quarantined, the next run tries it
    again. `is_transient` says that trying again at once may help.
    """

    def __init__(self, reason: str, remedy: str, is_transient: bool = False) -> None:
        super().__init__(f"{reason}. {remedy}")
        self.reason = reason
        self.remedy = remedy
        self.is_transient = is_transient
        self.attempts = 1


@dataclass(frozen=True)
class Object:
    """An object as listed. `key` is below the listed location; `modified_ns` is UTC."""

    key: str
    url: str
    bytes: int
    modified_ns: int


def with_retries(work: Callable[[], Result], wait: Callable[[float], None] = time.sleep) -> Result:
    """Do work that may fail for a moment, at most ATTEMPTS times.

    Args:
        work: raises Unreadable when it fails.
        wait: told how many seconds to wait before each further attempt; doubling, with jitter, so
            that many readers do not come back at the same moment.

    Raises:
        Unreadable: the last failure, with the number of attempts; at once when it is not transient.
    """
    attempt = 0
    while True:
        attempt += 1
        try:
            return work()
        except Unreadable as problem:
            problem.attempts = attempt
            if attempt == ATTEMPTS or not problem.is_transient:
                raise
        wait(FIRST_WAIT * 2 ** (attempt - 1) * random.uniform(0.5, 1))


class ObjectStore:
    """The object stores that the environment's credentials open; connected when first used."""

    def objects(self, url: str) -> list[Object]:
        """Every object below a location, in key order.

        One listing, a page for each 1000 objects. Only when a key holds a question mark, which
        DuckDB takes for options, are sizes and times asked object by object.

        Raises:
            Unreadable: after the last attempt.
        """
        pattern = f"{_escaped(url)}/**"
        found = "select filename, size, epoch_ns(last_modified) from read_blob(?) order by filename"
        try:
            rows = self._rows(found, pattern, is_pattern=True)
        except duckdb.IOException as error:
            if "Invalid query parameters" not in str(error):
                raise
            names = self._rows("select file from glob(?)", pattern, is_pattern=True)
            rows = self._rows(found, [name for (name,) in names])
        return [Object(name[len(url) + 1 :], name, size, time) for name, size, time in rows]

    def fetch(self, found: Object, target: Path) -> None:
        """Copy an object to a local file.

        Raises:
            Unreadable: after the last attempt, or it is no longer what was listed.
        """
        copy = "copy (select content from read_blob({})) to {} (format blob, compression none)"
        self._rows(copy.format(literal(found.url), literal(str(target))))
        if target.stat().st_size != found.bytes:
            raise Unreadable("it changed since it was listed", AGAIN)

    def _rows(self, sql: str, argument: object = None, is_pattern: bool = False) -> Rows:
        """The rows of a statement; keys stand for themselves unless they are a pattern."""
        arguments = [] if argument is None else [argument]

        def work() -> Rows:
            self._connection.execute(f"set s3_url_compatibility_mode = {not is_pattern}")
            try:
                return self._connection.execute(sql, arguments).fetchall()
            except duckdb.OutOfMemoryException:
                raise Unreadable(
                    "it does not fit into memory", "Set TRUEUP_MEMORY_LIMIT above twice its size."
                ) from None
            except duckdb.Error as error:
                raise _unreadable(error) or error from None

        return with_retries(work)

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        """A database in memory with the extension and the credentials of the environment."""
        connection = duckdb.connect(config={"allow_persistent_secrets": "false"})
        package = Path(duckdb_extension_httpfs.__file__).parent
        extension = package / "extensions" / f"v{duckdb.__version__}" / "httpfs.duckdb_extension"
        connection.execute(f"load {literal(str(extension))}")
        connection.execute(f"set memory_limit = {literal(memory_limit())}")
        connection.execute("set http_retries = 0")  # ours tell and count
        connection.execute(f"set http_timeout = {_timeout()}")
        for kind, secret in (("s3", _s3_secret()), ("gcs", _gcs_secret())):
            options = "".join(
                f", {name} {literal(value)}" for name, value in secret.items() if value
            )
            connection.execute(f"create secret {kind} (type {kind}{options})")
        return connection


def _setting(*names: str) -> str:
    """The first of some environment variables that is set; the last name is the default itself."""
    return next((os.environ[name] for name in names[:-1] if os.environ.get(name)), names[-1])


def _timeout() -> int:
    """Seconds that one request may take.

    Raises:
        ConfigurationError: the variable is no number of seconds.
    """
    text = _setting("TRUEUP_READ_TIMEOUT", TIMEOUT)
    if not text.isdecimal() or int(text) == 0:
        raise ConfigurationError(f"TRUEUP_READ_TIMEOUT is {text!r}.", "Set it to whole seconds.")
    return int(text)


def _s3_secret() -> dict[str, str]:
    """Options of the secret for s3://, from the variables that AWS tools read."""
    return {
        "key_id": _setting("AWS_ACCESS_KEY_ID", ""),
        "secret": _setting("AWS_SECRET_ACCESS_KEY", ""),
        "session_token": _setting("AWS_SESSION_TOKEN", ""),
        "region": _setting("AWS_REGION", "AWS_DEFAULT_REGION", "us-east-1"),
        **_endpoint(_setting("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "")),
    }


def _gcs_secret() -> dict[str, str]:
    """Options of the secret for gs://: its HMAC keys, and an emulator in the place of Google."""
    return {
        "key_id": _setting("GS_ACCESS_KEY_ID", ""),
        "secret": _setting("GS_SECRET_ACCESS_KEY", ""),
        **_endpoint(_setting("STORAGE_EMULATOR_HOST", "")),
    }


def _endpoint(url: str) -> dict[str, str]:
    """Where another server takes the provider's place; its buckets are folders, not hosts."""
    parts = urlsplit(url)
    if not parts.netloc:
        return {}
    use_ssl = "true" if parts.scheme == "https" else "false"
    return {"endpoint": parts.netloc, "url_style": "path", "use_ssl": use_ssl}


def _escaped(url: str) -> str:
    """A URL as a pattern that only it matches."""
    return re.sub(r"[*?\[\\]", lambda found: f"[{found[0]}]", url)


def _unreadable(error: duckdb.Error) -> Unreadable | None:
    """A store's refusal or silence in words; None when the fault is on our side."""
    if isinstance(error, duckdb.HTTPException):
        return _refused(error.status_code, error.body)
    if "ETag" in str(error):
        return Unreadable("it changed while it was read", AGAIN)
    broken = re.match(r"IO Error: (.*) error for HTTP", str(error))
    if not broken:
        return None
    reason = broken[1].lower()
    if "timeout" in reason:
        reason = f"no answer within {_timeout()} seconds"
    return Unreadable(f"the store cannot be reached ({reason})", AGAIN, is_transient=True)


def _refused(status: int, body: str) -> Unreadable:
    found = re.search(r"<Code>(\w+)</Code>", body)
    code = found[1] if found else ""
    answer = f"{status} {code}".strip()
    if status in BUSY:
        return Unreadable(f"the store is busy ({answer})", AGAIN, is_transient=True)
    unknown = ("the store refuses", "Look the answer up in the provider's documentation.")
    reason, remedy = REFUSALS.get(code) or REFUSALS.get(status) or unknown
    return Unreadable(f"{reason} ({answer})", remedy)

"""Who may read and write: homes are private, landing is judged, personal identifiers are hashed."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import duckdb
import jinja2
import pytest
from helpers import (
    EXAMPLES,
    PROJECT,
    copy_landing,
    environment,
    read_rows,
    release,
    trueup,
    write_bytes,
    write_rows,
)

from trueup.access import KEY, pseudonym_key
from trueup.dbt_plugin import logic_version, padded

REGISTRY = "archive/registry.duckdb"
AUGUST = "aws_cur/cur_savings_plans_2024-08.csv.gz"
GCP = "gcp_billing/koku_gcp_standard_2020-11_credits.csv"
OCI = "oci_cost/oci_cost_report_focus_converters.csv"


def violations(home: Path) -> list[tuple]:
    with duckdb.connect(str(home / REGISTRY), read_only=True) as registry:
        return registry.execute(
            "select folder, kind, path, file_count from landing.access_violations order by all"
        ).fetchall()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def reachable(tmp_path: Path) -> Iterator[Path]:
    """A folder that others can reach; pytest's own folder keeps them out."""
    place = Path("/tmp") / f"trueup-{os.getpid()}-{tmp_path.name}"
    place.mkdir(mode=0o755)
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


def test_bills_are_kept_where_only_their_owner_may_enter(refreshed: Path) -> None:
    assert {name: mode(refreshed / name) for name in ("archive", "build")} == {
        "archive": 0o700,
        "build": 0o700,
    }
    assert mode(refreshed / "published") & 0o005 == 0o005
    assert mode(refreshed / "published" / "current.duckdb") & 0o004


@pytest.mark.parametrize("folder", ["archive", "build"])
def test_a_home_open_to_others_is_refused_and_counted(home: Path, folder: str) -> None:
    before = sorted((home / "published").iterdir())
    (home / folder).chmod(0o750)  # the group is the owner's own choice
    assert trueup("refresh", home).returncode == 0
    (home / folder).chmod(0o755)
    outcome = trueup("refresh", home)
    assert outcome.returncode == 3
    assert f"Run `chmod o-rwx {home / folder}`" in outcome.stderr
    assert violations(home) == [(None, "home_open", folder, 1)]
    assert sorted((home / "published").iterdir()) == before
    (home / folder).chmod(0o700)
    assert trueup("refresh", home).returncode == 0


def test_files_that_others_may_write_are_not_read(reachable: Path, tmp_path: Path) -> None:
    landing, home = copy_landing(reachable), tmp_path / "home"
    for path in landing.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o640)
    (landing / AUGUST).chmod(0o646)
    (landing / "oci_cost").chmod(0o777)
    outcome = trueup("land", home, landing, "--json")
    report = json.loads(outcome.stdout)
    assert outcome.returncode == 2
    assert report["quarantine"] == [
        f"{path}: others on this machine may write there, so it was not read. "
        f"Run `chmod -R o-w {landing / source}` and deliver it again."
        for source, path in (("aws_cur", AUGUST), ("oci_cost", OCI))
    ]
    assert violations(home) == [
        ("aws_cur", "landing_writable", AUGUST, 1),
        ("oci_cost", "landing_writable", OCI, 1),
    ]
    with duckdb.connect(str(home / REGISTRY), read_only=True) as registry:
        paths = {path for (path,) in registry.execute("select path from landing.files").fetchall()}
    assert paths and not paths & {AUGUST, OCI}


def test_files_that_others_may_read_are_read_and_counted(reachable: Path, tmp_path: Path) -> None:
    landing, home = copy_landing(reachable), tmp_path / "home"
    for path in landing.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o640)
    for path in (landing / "aws_cur").iterdir():
        path.chmod(0o644)
    assert trueup("land", home, landing).returncode == 0
    first = min(path.name for path in (landing / "aws_cur").iterdir())
    assert violations(home) == [("aws_cur", "landing_readable", f"aws_cur/{first}", 3)]
    landing.chmod(0o750)  # a closed folder above protects all of them
    assert trueup("land", home, landing).returncode == 0
    assert len(violations(home)) == 1


def pseudonyms(key: bytes | None, values: list[str | None]) -> list[str | None]:
    """What the macro makes of raw values in a session that has the plugin's variables."""
    macros = (PROJECT / "macros" / "dialect" / "raw_values.sql").read_text(encoding="utf-8")
    macros += (PROJECT / "macros" / "dialect" / "pseudonym.sql").read_text(encoding="utf-8")
    expression = jinja2.Template(macros + "{{ pseudonym('actor') }}").render()
    with duckdb.connect() as session:
        if key is not None:
            session.execute(f"set variable pseudonym_inner = '{padded(key, 0x36)}'")
            session.execute(f"set variable pseudonym_outer = '{padded(key, 0x5C)}'")
        rows = session.execute(
            f"select {expression} from (select unnest($1::varchar[]) as actor)", [values]
        ).fetchall()
    return [value for (value,) in rows]


@pytest.mark.parametrize("key", [b"k", b"x" * 64, b"a key longer than one block of SHA-256" * 3])
def test_a_pseudonym_is_the_hmac_of_the_value(key: bytes) -> None:
    names = ["ada@example.com", "Zoë", "ada@example.com"]
    expected = [hmac.new(key, name.encode(), hashlib.sha256).hexdigest() for name in names]
    assert pseudonyms(key, [*names, None, "", "NULL"]) == [*expected, None, None, None]
    assert pseudonyms(key + b"2", names) != expected


def test_without_a_key_no_identifier_passes() -> None:
    assert pseudonyms(None, ["ada@example.com"]) == [None]


def test_the_key_is_made_once_and_is_its_owners_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRUEUP_PSEUDONYM_KEY", raising=False)
    (tmp_path / "archive").mkdir()
    key = pseudonym_key(tmp_path)
    assert re.fullmatch(rb"[0-9a-f]{64}", key)
    assert pseudonym_key(tmp_path) == key
    assert mode(tmp_path / "archive" / KEY) == 0o600
    monkeypatch.setenv("TRUEUP_PSEUDONYM_KEY", "stated")
    assert pseudonym_key(tmp_path) == b"stated"


def test_another_key_rebuilds_every_partition() -> None:
    assert logic_version(PROJECT, b"one") == logic_version(PROJECT, b"one")
    assert logic_version(PROJECT, b"one") != logic_version(PROJECT, b"two")


def test_no_actor_of_the_access_log_stands_in_a_published_mart(tmp_path: Path) -> None:
    landing, home = tmp_path / "landing", tmp_path / "home"
    entries = [
        {"time": "2026-01-30T10:00:00Z", "actor": "ada@example.com", "action": "read",
         "object": "fct_charges", "outcome": outcome}
        for outcome in ("denied", "denied", "allowed")
    ]  # fmt: skip
    lines = "".join(
        json.dumps(entry | {"reason": str(n)}) + "\n" for n, entry in enumerate(entries)
    )
    write_bytes(landing / "access_log/log.jsonl", lines.encode())
    write_rows(landing / "gcp_billing/rows.csv", read_rows(EXAMPLES / GCP))
    outcome = trueup("refresh", home, landing)
    assert outcome.returncode == 0, outcome.stderr
    key = environment(home)["TRUEUP_PSEUDONYM_KEY"].encode()
    pseudonym = hmac.new(key, b"ada@example.com", hashlib.sha256).hexdigest()
    with release(home) as marts:
        denied = marts.execute(
            "select kind, place, path, violation_count from marts.fct_access_violations"
        ).fetchall()
        slis = marts.execute("select value, status from marts.fct_slis where sli_id = 'EM10'")
        assert slis.fetchall() == [(2, "breached")]
        tables = marts.execute("select table_name from duckdb_tables()").fetchall()
        for (table,) in tables:
            found = marts.execute(
                f"select count(*) from marts.{table} as t where contains(t::varchar, 'ada@example')"
            ).fetchone()
            assert found == (0,), table
    assert denied == [("denied", "fct_charges", pseudonym, 2)]
    published = (home / "published" / "current.duckdb").read_bytes()
    assert b"ada@example" not in published

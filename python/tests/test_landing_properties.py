"""Properties: whatever stands in a file, its rows and money add up and its numbers stay exact."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import jinja2
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from helpers import (
    AS_OF,
    EXAMPLES,
    PROJECT,
    UNIT,
    copy_landing,
    figures,
    in_long_form,
    read_rows,
    trueup,
    write_bytes,
)
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from trueup.config import Settings, resolve
from trueup.landing.checks import unsound
from trueup.landing.files import FoundFile
from trueup.landing.land import land
from trueup.landing.registry import open_registry
from trueup.landing.sources import read_sources

SOURCE = read_sources(PROJECT)["aws_cur"]
SOUND = read_rows(EXAMPLES / "aws_cur/cur_savings_plans_2024-06.csv.gz")[:6]
TYPED = [name for name, kind in SOURCE.types.items() if kind != "text" and name in SOUND[0]]
COST = "lineItem/UnblendedCost"
FILE = re.compile(r"[-+]?\d{1,19}(\.\d*)?([eE][-+]?\d{1,2})?")
LONG = 10 if os.environ.get("TRUEUP_LONG") else 1
JSON_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")
FORMS = (".csv", ".csv.gz", ".jsonl", ".json.gz", ".parquet")
T0 = 1_720_000_000.0
ONE_FILE = settings(max_examples=25 * LONG, deadline=None)
FILES_10 = settings(max_examples=8 * LONG, deadline=None)  # 80 corrupted files
SPLITS_20 = settings(  # 40 payers; a smaller seed is no smaller case
    max_examples=2 * LONG, deadline=None, phases=(Phase.reuse, Phase.generate)
)
MANY = settings(max_examples=25 * LONG, deadline=None)

texts = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=12),
    st.sampled_from(["abc", "NULL", "", " ", "1,5", "1e5", "-0", "1e400", "NaN", "2024-02-30"]),
    st.decimals(-1000, 1000, places=10).map(str),
)


@pytest.fixture(scope="module")
def macros() -> object:
    """The macros that staging and pricing are written with, rendered without dbt."""
    names = ("decimal_type", "exact_product", "dialect/raw_values")
    text = "".join((PROJECT / "macros" / f"{name}.sql").read_text() for name in names)
    return jinja2.Environment().from_string(text).make_module()


def computed(rows: list[tuple], columns: str, expression: str) -> list:
    """One SQL expression over rows of text or decimal columns."""
    with duckdb.connect() as connection:
        connection.execute(f"create table numbers (n integer, {columns})")
        marks = ", ".join("?" for _ in rows[0])
        connection.executemany(
            f"insert into numbers values (?, {marks})", [(n, *row) for n, row in enumerate(rows)]
        )
        found = connection.execute(f"select {expression} from numbers order by n").fetchall()
    return [value for (value,) in found]


@contextmanager
def homes() -> Iterator[Settings]:
    """A home whose only source is aws_cur, as it is declared: what is landed most often here."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path in ("models/staging/aws_cur/_aws_cur__sources.yml", "seeds/header_aliases.csv"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / path, folder / path)
        (folder / "landing").mkdir()
        yield replace(resolve(folder / "landing", folder / "home", AS_OF), project=folder)


def land_all(home: Settings, files: dict[str, tuple[bytes, float]], *queries: str) -> list[Any]:
    """Put files into the landing folder, path to data and file time; land, and ask the registry."""
    for path, (data, moment) in files.items():
        write_bytes(Path(home.landing) / path, data, moment)
    with open_registry(home) as registry:
        assert land(home, registry, lambda text: None).unread == []
        return [registry.execute(query).fetchall() for query in queries]


def landed(data: bytes) -> tuple[dict, list[tuple], list[tuple], int]:
    """Land one file in a home of its own: its record, totals, refused rows, rows to be used."""
    with homes() as home:
        (record,), names, totals, refused, ((used,),) = land_all(
            home,
            {"aws_cur/file.csv": (data, T0)},
            "select * from landing.files",
            "select column_name from (describe landing.files)",
            "select * from landing.file_totals",
            "select * from landing.quarantined_rows",
            "select count(*) from raw.aws_cur",
        )
    return dict(zip((name for (name,) in names), record, strict=True)), totals, refused, used


def as_csv(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def known(text: str) -> Decimal | None:
    """The amount of a plain or scientific number, as stored; None when it is neither."""
    return stored(text) if FILE.fullmatch(text) else None


def stored(text: str) -> Decimal:
    with localcontext(prec=200):
        return Decimal(text).quantize(UNIT, ROUND_HALF_UP)


def as_json_lines(rows: list[dict[str, str]], rng: random.Random) -> bytes:
    """As providers do: numbers bare or in quotes, what is empty as null, '' or not at all."""
    lines = []
    for row in rows:
        cells = []
        for name, text in row.items():
            value = json.dumps(text)
            if not text:
                value = rng.choice(["null", '""', ""])
            elif JSON_NUMBER.fullmatch(text) and rng.random() < 0.5:
                value = text
            if value:
                cells.append(f"{json.dumps(name)}: {value}")
        lines.append("{" + ", ".join(cells) + "}")
    return ("\n".join(lines) + "\n").encode()


def as_parquet(rows: list[dict[str, str]], rng: random.Random) -> bytes:
    names = list(rows[0])
    empty = rng.choice([None, ""])
    cells = {name: pa.array([row[name] or empty for row in rows], pa.string()) for name in names}
    data = io.BytesIO()
    pq.write_table(pa.table(cells), data)
    return data.getvalue()


def written(rows: list[dict[str, str]], form: str, rng: random.Random) -> bytes:
    """Rows in a format named by its suffix, their columns in any order."""
    names = rng.sample(list(rows[0]), len(rows[0]))
    rows = [{name: row[name] for name in names} for row in rows]
    if form == ".parquet":
        return as_parquet(rows, rng)
    data = as_csv(rows) if form.startswith(".csv") else as_json_lines(rows, rng)
    return gzip.compress(data) if form.endswith(".gz") else data


def payer(number: int) -> str:
    """An account, which is a feed of its own, with the leading zeros that belong to it."""
    return f"{number:012d}"


corruptions = st.dictionaries(
    st.tuples(st.integers(0, len(SOUND) - 1), st.sampled_from(TYPED)), texts, max_size=4
)


@FILES_10
@given(
    st.lists(st.tuples(corruptions, st.sampled_from(FORMS)), min_size=10, max_size=10),
    st.integers(0, 2**32),
)
def test_rows_and_money_add_up_whatever_stands_in_a_typed_cell(
    cases: list[tuple[dict[tuple[int, str], str], str]], seed: int
) -> None:
    """Ten files of ten payers at a time, in any format."""
    rng, contents, files = random.Random(seed), [], {}
    for number, (changes, form) in enumerate(cases):
        rows = [row | {"bill/PayerAccountId": payer(number)} for row in SOUND]
        for (n, column), text in changes.items():
            rows[n][column] = text
        contents.append(rows)
        files[f"aws_cur/{number}{form}"] = (written(rows, form, rng), T0)
    with homes() as home:
        records, totals, refused, used = land_all(
            home,
            files,
            "select path, status, reason, file_id, rows_total from landing.files",
            "select file_id, row_count, amount from landing.file_totals",
            "select file_id, file_row, amount from landing.quarantined_rows",
            "select file_id, count(*) from raw.aws_cur group by file_id",
        )
    assert len(records) == len(cases)
    for path, status, reason, file_id, rows_total in records:
        number = int(re.sub(r"\D", "", path.split(".")[0]))
        rows, (changes, _) = contents[number], cases[number]
        assert status == "archived", reason
        sound = [(count, amount) for owner, count, amount in totals if owner == file_id]
        bad = {row: amount for owner, row, amount in refused if owner == file_id}
        accepted = sum(count for count, _ in sound)
        assert rows_total == len(rows) == accepted + len(bad)
        assert dict(used).get(file_id, 0) == accepted
        assert set(bad) <= {n + 1 for n, _ in changes}
        money = [known(row[COST]) for row in rows]
        if None not in money:
            kept = sum((amount for _, amount in sound), Decimal(0))
            assert kept + sum(bad.values(), Decimal(0)) == sum(money, Decimal(0))


def delivered(
    folder: str, rows: list[dict[str, str]], moment: float, rng: random.Random
) -> dict[str, tuple[bytes, float]]:
    """One delivery of rows: in any order, split into up to four parts, each in any format."""
    rows = rng.sample(rows, len(rows))
    cuts = sorted(rng.sample(range(1, len(rows)), rng.randint(0, min(3, len(rows) - 1))))
    files = {}
    for part, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(rows)], strict=True), start=1):
        form = rng.choice(FORMS)
        data = written(rows[start:end], form, rng)
        files[f"aws_cur/{folder}/report-{part}{form}"] = (data, moment)
    return files


IN_USE = """
    select totals.billing_period, totals.currency, sum(row_count), sum(amount), feed
    from landing.file_totals as totals
    inner join landing.current_files as files using (source, file_id)
    group by all
    order by all
"""


def rows_in_use() -> str:
    """Query: per payer, how many rows are in use and the sum of their hashes, null like empty."""
    texts_of_row = ", ".join(f"coalesce(\"{name}\", '')" for name in SOURCE.types)
    return f"""
        select
            "bill/PayerAccountId", count(*),
            sum(cast(md5_number(concat_ws(chr(31), {texts_of_row})) >> 64 as hugeint))
        from raw.aws_cur
        group by all
        order by all
    """


@SPLITS_20
@given(st.integers(0, 2**32))
def test_order_duplication_and_split_of_files_change_nothing(seed: int) -> None:
    """Twenty payers at a time. Each is delivered two or three times, each time split anew.

    What is older, or the same rows again, never counts; files come in any order, over three
    landings.
    """
    rng, plain, files = random.Random(seed), {}, {}
    for number in range(20):
        account = payer(number)
        rows = [
            row | {"bill/PayerAccountId": account, "identity/LineItemId": f"{number}-{n}"}
            for n, row in enumerate(rng.choices(SOUND, k=rng.randint(4, 12)))
        ]
        plain[f"aws_cur/{account}.csv"] = (as_csv(rows), T0)
        stale = [row | {COST: "1"} for row in rows[:-1]]
        files |= delivered(f"{account}/a", stale, T0 - 60, rng)
        for copy in range(rng.randint(1, 2)):
            files |= delivered(f"{account}/copy {copy}", rows, T0 + copy, rng)
    with homes() as home:
        expected = land_all(home, plain, IN_USE, rows_in_use())
    paths = rng.sample(sorted(files), len(files))
    cuts = sorted(rng.sample(range(len(paths)), 2))
    with homes() as home:
        for batch in (paths[: cuts[0]], paths[cuts[0] : cuts[1]], paths[cuts[1] :], []):
            found = land_all(home, {path: files[path] for path in batch}, IN_USE, rows_in_use())
    assert found == expected
    assert len(found[1]) == 20


@ONE_FILE
@example(679, b"\0")  # within the header
@given(st.integers(0, len(as_csv(SOUND))), st.binary(max_size=3))
def test_a_file_cut_anywhere_is_refused_or_adds_up(cut: int, tail: bytes) -> None:
    record, totals, refused, used = landed(as_csv(SOUND)[:cut] + tail)
    if record["status"] == "quarantined":
        assert record["reason"].endswith(".") and record["rows_total"] is None
        assert (totals, refused, used) == ([], [], 0)
    else:
        assert record["rows_total"] == used + len(refused) <= len(SOUND)
        assert used == sum(total[4] for total in totals)


def numbers(rng: random.Random) -> str:
    """A number as a provider may write it, of at most 19 digits before the point."""
    digits = "".join(rng.choice("0123456789") for _ in range(rng.randint(1, 19)))
    point = "".join(rng.choice("0123456789") for _ in range(rng.randint(0, 25)))
    scientific = f"{digits[0]}.{point[:16]}{rng.choice('eE')}{rng.choice(['-', '-0'])}"
    plain = f"{digits}.{point}" if point else digits
    sign = rng.choice(["", "", "-", "+"])
    return sign + (plain if rng.random() < 0.5 else f"{scientific}{rng.randint(1, 19)}")


some_numbers = st.integers(0, 2**32).map(lambda seed: numbers(random.Random(seed)))


@MANY
@given(st.integers(0, 2**32))
def test_raw_decimal_reads_a_number_exactly_to_18_places(
    macros: jinja2.environment.TemplateModule, seed: int
) -> None:
    rng = random.Random(seed)
    given_texts = [numbers(rng) for _ in range(200)]
    found = computed([(t,) for t in given_texts], "v varchar", macros.raw_decimal("v"))
    for text, value in zip(given_texts, found, strict=True):
        exact = stored(text)
        below = abs(Fraction(text)) < Fraction(UNIT) / 2  # DuckDB makes one last place of some
        assert abs(value - exact) <= (UNIT if below else 0), text


@MANY
@given(st.lists(st.one_of(texts, some_numbers), min_size=20))
def test_what_landing_lets_through_staging_can_read(
    macros: jinja2.environment.TemplateModule, values: list[str]
) -> None:
    """Else one bad cell, and not its row alone, would stop the whole build."""
    readers: dict[str, Callable[[str], str]] = {
        "decimal": macros.raw_decimal,
        "timestamp": macros.raw_timestamp,
        "date": macros.raw_date,
    }
    dates = ["09/30/2023", "2023-09-30", "2023-09-30T10:00Z", "2023-09-30T10:00:00Z", "9/3/2023"]
    for kind, reader in readers.items():
        rows = [(value,) for value in [*values, *dates]]
        refused = computed(rows, "v varchar", unsound("v", kind))
        let_through = [row for row, bad in zip(rows, refused, strict=True) if not bad]
        read = computed(let_through, "v varchar", reader("v"))
        for (value,), cell in zip(let_through, read, strict=True):
            assert (cell is None) == (value in ("", "NULL")), f"{kind} {value!r}"


amounts = st.integers(-(10**27), 10**27).map(lambda n: Decimal(n).scaleb(-18))


@MANY
@given(st.lists(st.tuples(amounts, amounts), min_size=100, max_size=100))
def test_a_product_is_exact_and_rounded_once_away_from_zero(
    macros: jinja2.environment.TemplateModule, pairs: list[tuple[Decimal, Decimal]]
) -> None:
    with localcontext(prec=200):
        pairs += [(UNIT * 5, Decimal("0.1")), (-UNIT * 5, Decimal("0.1")), (-UNIT, UNIT)]
        found = computed(
            pairs, "x decimal(38, 18), y decimal(38, 18)", macros.exact_product("x", "y")
        )
        for (x, y), product in zip(pairs, found, strict=True):
            exact = Fraction(x) * Fraction(y) / Fraction(UNIT)
            rounded = int(abs(exact) + Fraction(1, 2)) * (1 if exact > 0 else -1)
            assert Fraction(product) == rounded * Fraction(UNIT), (x, y)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("2024/report-00002.csv.gz", "2024/report"),
        ("report.part-3.csv", "/report"),
        ("part_1_0001.csv", "/"),
        ("report-2024-09-00002.csv", "/report-2024-09"),
        ("report-2024-09-02.csv", "/report-2024-09-02"),
        ("report.20240902.csv", "/report.20240902"),
        ("cost_v2.csv", "/cost_v2"),
        ("report (1).csv", "/report (1)"),
    ],
)
def test_parts_share_a_delivery_and_dates_do_not(name: str, key: str) -> None:
    found = FoundFile("aws_cur", f"aws_cur/{name}", name, Path(name), 1, 1)
    assert found.delivery_key == key


@in_long_form
def test_a_whole_build_of_split_and_duplicated_files_gives_the_same_figures(
    refreshed: Path, tmp_path: Path
) -> None:
    landing, rng = copy_landing(tmp_path), random.Random(7)
    for path in sorted((landing / "aws_cur").glob("cur_*")):
        moment = path.stat().st_mtime
        for part, (data, _) in delivered(
            path.name.split(".")[0], read_rows(path), moment, rng
        ).items():
            write_bytes(landing / part, data, moment)
        path.unlink()
    for path in (
        landing / "focus/sample/focus_sample.csv",
        *(landing / "gcp_billing").glob("*.csv"),
    ):
        shutil.copy2(path, path.with_name(f"again {path.name}"))
    assert trueup("refresh", tmp_path / "home", landing).returncode == 0
    assert figures(tmp_path / "home") == figures(refreshed)

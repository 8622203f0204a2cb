"""Properties: whatever stands in a file, its rows and money add up and its numbers stay exact."""

from __future__ import annotations

import csv
import io
import os
import random
import re
import tempfile
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import duckdb
import jinja2
import pytest
from helpers import AS_OF, EXAMPLES, PROJECT, UNIT, read_rows
from hypothesis import given, settings
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
ONE_FILE = settings(max_examples=25 * LONG, deadline=None)
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


def landed(data: bytes) -> tuple[dict, list[tuple], list[tuple], int]:
    """Land one file in a home of its own: its record, totals, refused rows, rows to be used."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "landing" / "aws_cur" / "file.csv"
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
        home: Settings = resolve(Path(folder) / "landing", Path(folder) / "home", AS_OF)
        with open_registry(home) as registry:
            land(home, registry, lambda text: None)
            cursor = registry.execute("select * from landing.files")
            names = [column[0] for column in cursor.description or []]
            (record,) = cursor.fetchall()
            totals = registry.execute("select * from landing.file_totals").fetchall()
            refused = registry.execute("select * from landing.quarantined_rows").fetchall()
            used = registry.execute("select count(*) from raw.aws_cur").fetchone()
    return dict(zip(names, record, strict=True)), totals, refused, used[0] if used else -1


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


@ONE_FILE
@given(
    st.dictionaries(
        st.tuples(st.integers(0, len(SOUND) - 1), st.sampled_from(TYPED)), texts, max_size=4
    )
)
def test_rows_and_money_add_up_whatever_stands_in_a_typed_cell(
    changes: dict[tuple[int, str], str],
) -> None:
    rows = [dict(row) for row in SOUND]
    for (n, column), text in changes.items():
        rows[n][column] = text
    record, totals, refused, used = landed(as_csv(rows))
    assert record["status"] == "archived", record["reason"]
    accepted = sum(total[4] for total in totals)
    assert record["rows_total"] == len(rows) == accepted + len(refused)
    assert used == accepted
    assert {row[2] for row in refused} <= {n + 1 for n, _ in changes}
    money = [known(row[COST]) for row in rows]
    if None not in money:
        quarantined = sum((row[6] for row in refused), Decimal(0))
        assert sum((t[5] for t in totals), Decimal(0)) + quarantined == sum(money, Decimal(0))


@ONE_FILE
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

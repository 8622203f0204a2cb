"""Formats: the same rows in any format come out as the same text, to the last digit."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from helpers import AS_OF, write_bytes
from hypothesis import given, settings
from hypothesis import strategies as st

from trueup.config import Settings, resolve
from trueup.landing.checks import literal
from trueup.landing.land import land
from trueup.landing.quarantine import open_quarantine
from trueup.landing.read import _numbers_as_text
from trueup.landing.registry import open_registry

DECLARED = """
version: 2
sources:
  - name: raw
    tables:
      - name: bills
        config: {meta: {delivery: append, records: '$.items',
          billing_period: '"day"', currency: '"currency"', amount: '"cost"'}}
        columns:
          - {name: service.id, data_type: text, config: {meta: {required: true}}}
          - {name: day, data_type: timestamp, config: {meta: {required: true}}}
          - {name: cost, data_type: decimal, config: {meta: {required: true}}}
          - {name: currency, data_type: text, config: {meta: {accepted: [USD, EUR]}}}
          - {name: usageAmount, data_type: decimal}
          - {name: tags, data_type: json, config: {meta: {gather: 'tag:(.+)'}}}
          - {name: credits, data_type: json}
      - name: meters
        config: {meta: {delivery: replace, folder: bills}}
        columns:
          - {name: meter, data_type: text, config: {meta: {required: true}}}
          - {name: unit, data_type: text, config: {meta: {required: true}}}
"""
ALIASES = "source,header,column\nbills,Währung,currency\nbills,Kosten (cost),cost\n"
EXACT = "0.1234567890123456789"  # more digits than a double holds
RAW = 'select "service.id", day, cost, currency, "usageAmount", tags, credits from raw.bills'


@pytest.fixture
def place(tmp_path: Path) -> Settings:
    """A project with two sources in one folder, and its empty landing folder."""
    write_bytes(tmp_path / "models/staging/bills/_bills__sources.yml", DECLARED.encode())
    write_bytes(tmp_path / "seeds/header_aliases.csv", ALIASES.encode())
    (tmp_path / "landing").mkdir()
    return replace(resolve(tmp_path / "landing", tmp_path / "home", AS_OF), project=tmp_path)


def landed(place: Settings, query: str = RAW) -> tuple[list[tuple[Any, ...]], list[str]]:
    """Land; rows of a query and the sentences said."""
    with open_registry(place) as registry:
        result = land(place, registry, lambda text: None)
        return registry.execute(query).fetchall(), open_quarantine(registry, result.paths)


CSV = f"""service.id,day,cost,currency,Usage Amount,tag:team,tag:env,credits
s1,2024-06-01T00:00Z,{EXACT},USD,2.50,core,,"[{{""amount"":""-0.1""}}]"
s2,2024-06-30 23:00:00-02:00,4.16E-8,EUR,,,prod,
"""
RECORDS = (
    '{"service": {"id": "s1"}, "day": "2024-06-01T00:00Z", "cost": %s, "currency": "USD",'
    ' "usage_amount": 2.50, "tag:team": "core", "tag:env": "", "credits": [{"amount":-0.1}]}',
    '{"service": {"id": "s2"}, "day": "2024-06-30 23:00:00-02:00", "cost": 4.16E-8,'
    ' "currency": "EUR", "usage_amount": null, "tag:env": "prod"}',
)
FIRST, SECOND = RECORDS[0] % EXACT, RECORDS[1]
ROWS = [
    ("s1", "2024-06-01T00:00Z", EXACT, "USD", "2.50", '{"team":"core"}', '[{"amount":"-0.1"}]'),
    ("s2", "2024-06-30 23:00:00-02:00", "4.16E-8", "EUR", None, '{"env":"prod"}', None),
]
FILES = {
    "a.csv": CSV,
    "a.jsonl": f"{FIRST}\n{SECOND}\n",
    "a.ndjson": f"{FIRST}\r\n\r\n{SECOND}",
    "lines.json": f"{FIRST}\n{SECOND}\n",
    "array.json": f"[{FIRST},\n{SECOND}]",
    "document.json": f'{{"next": null,\n "items": [{FIRST}, {SECOND}]}}',
    "in_one_line.json": f'{{"items": [{FIRST}, {SECOND}]}}',
    "bom.json": f"\ufeff[{FIRST}, {SECOND}]",
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", FILES)
def test_every_format_gives_the_same_text(place: Settings, name: str, packed: bool) -> None:
    data = FILES[name].encode()
    path = f"bills/{name}.gz" if packed else f"bills/{name}"
    write_bytes(place.landing / path, gzip.compress(data) if packed else data)
    assert landed(place) == (ROWS, [])
    query = """
        select strftime(billing_period, '%Y-%m'), currency, amount::text from landing.file_totals
        order by all
    """
    assert landed(place, query)[0] == [
        ("2024-06", "USD", "0.123456789012345679"),
        ("2024-07", "EUR", "0.000000041600000000"),  # 23:00 two hours west of UTC is July
    ]


def test_parquet_is_read_with_structs_maps_lists_and_shortest_doubles(place: Settings) -> None:
    (place.landing / "bills").mkdir()
    duckdb.execute(f"""
        copy (
            select
                {{'id': 's1'}} as service, timestamp '2024-06-01' as day, 0.1::double as cost,
                'USD' as currency, 2.50::decimal(9, 2) as usage_amount,
                map {{'team': 'core'}} as tags,
                [{{'amount': -0.1::double}}] as credits, 7 as more
        ) to '{place.landing}/bills/a.snappy.parquet'
    """)
    first = ("s1", "2024-06-01 00:00:00", "0.1", "USD", "2.50", '{"team":"core"}')
    rows, sentences = landed(place)
    assert sentences == []
    assert rows == [(*first, '[{"amount":"-0.1"}]')]
    assert landed(place, "select more from raw.bills")[0] == [("7",)]


def test_headers_match_folded_and_by_alias(place: Settings) -> None:
    text = "Service ID,DAY,Kosten (Cost),WÄHRUNG,usage_amount\ns1,20240601,1.5,EUR,2\n"
    write_bytes(place.landing / "bills/a.csv", text.replace("20240601", "2024-06-01").encode())
    assert landed(place) == ([("s1", "2024-06-01", "1.5", "EUR", "2", None, None)], [])


def test_a_file_goes_to_the_table_of_its_folder_that_it_fits(place: Settings) -> None:
    write_bytes(place.landing / "bills/m.csv", b"meter,unit\nm1,GB\n")
    write_bytes(place.landing / "bills/a.csv", CSV.encode())
    write_bytes(place.landing / "bills/x.csv", b"meter,size\nm1,GB\n")
    rows, sentences = landed(place, "select meter, unit from raw.meters")
    assert rows == [("m1", "GB")]
    assert sentences == [
        "bills/x.csv: required column unit missing. Export it with all required columns; the last"
        " good delivery stays in use."
    ]


BROKEN = {
    "cut.jsonl": (f'{FIRST}\n{{"day": "2024', "row 2 is not a JSON object: the file is cut off"),
    "list.jsonl": ("[1]\n[2]\n", "row 1 is not a JSON object"),
    "cut.json": (f"[{FIRST},", "it cannot be read as JSON"),
    "no_items.json": ('{\n"data": [1]}', "it has no list of records at $.items[*]"),
    "a.parquet": ("PAR1 no", "it cannot be read as Parquet"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_damaged_file_is_refused_whole(place: Settings, name: str) -> None:
    text, reason = BROKEN[name]
    write_bytes(place.landing / "bills" / name, text.encode())
    write_bytes(place.landing / "bills/good.csv", CSV.encode())
    rows, (sentence,) = landed(place)
    assert rows == ROWS
    assert sentence.startswith(f"bills/{name}: {reason}")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("USD", "GBP", "column currency: 'GBP' is not one of USD, EUR"),
        (EXACT, "1_000", "column cost: '1_000' is not a number"),
        ('"[{""amount"":""-0.1""}]"', '"[{"', "column credits: '[{' is not JSON"),
        ("2024-06-01T00:00Z", "June", "column day: 'June' is not a time"),
    ],
)
def test_a_bad_value_refuses_its_row(place: Settings, old: str, new: str, said: str) -> None:
    write_bytes(place.landing / "bills/a.csv", CSV.replace(old, new).encode())
    rows, (sentence,) = landed(place)
    assert rows == ROWS[1:]
    assert sentence.startswith(f"bills/a.csv: row 1, {said}. The row is in quarantine")


class Number(Decimal):
    """A JSON number that is written digit by digit."""


values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**30), 10**30),
        st.decimals(-1000, 1000, places=22).map(Number),
        st.text(max_size=12),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


def written(value: Any, quoted: bool) -> str:
    """JSON text with numbers as they are, or all as strings."""
    if isinstance(value, dict):
        pairs = (f"{json.dumps(k)}: {written(v, quoted)}" for k, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(written(v, quoted) for v in value) + "]"
    if isinstance(value, Number | int) and not isinstance(value, bool):
        return f'"{value}"' if quoted else f"{value}"
    return json.dumps(value, ensure_ascii=False)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.dictionaries(st.text(max_size=6), values, max_size=4), min_size=1, max_size=8))
def test_numbers_in_json_become_strings_and_nothing_else_changes(documents: list[dict]) -> None:
    rows = ", ".join(f"({n}, {literal(written(d, False))})" for n, d in enumerate(documents))
    found = duckdb.execute(
        f"select {_numbers_as_text('d')} from (values {rows}) as v(n, d) order by n"
    ).fetchall()
    assert [text for (text,) in found] == [written(d, True) for d in documents]

"""Generic tests of dbt: each is shown to name bad rows and to let good ones pass."""

import re
from pathlib import Path

import duckdb
import jinja2
import pytest

GENERIC = Path(__file__).parents[2] / "tests" / "generic"

PATHS = "path text, version integer, amount decimal(38, 18)"
GATE = (
    "run_id text, gate text, check_name text, level text, is_passed boolean, "
    "column_name text, unexpected_count bigint, observed_value text, meaning text"
)
VERSIONS = "card text, sku text, starts integer, ends integer"


def failing(test: str, table: str, rows: str, **arguments: object) -> list[tuple]:
    """Rows that a generic test returns for the planted rows, in order; dbt fails on any."""
    text = (GENERIC / f"{test}.sql").read_text(encoding="utf-8")
    body = re.search(r"{% test \w+\(.*?\) %}(.*){% endtest %}", text, re.DOTALL)
    assert body, f"{test}.sql holds no test block"
    query = jinja2.Template(body.group(1)).render(
        model="planted", source=lambda *_: "landed", **arguments
    )
    with duckdb.connect() as connection:
        connection.execute("set variable run_id = 'this'")
        connection.execute(f"create table planted ({table})")
        connection.execute(
            "create table landed as select f as file_id, f || '.csv' as path"
            " from (values ('a'), ('b')) as files (f)"
        )
        connection.execute(f"insert into planted values {rows}")
        return sorted(connection.execute(query).fetchall(), key=str)


def test_every_generic_test_is_shown_to_fail() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    missing = [p.stem for p in GENERIC.glob("*.sql") if f"def test_{p.stem}_fails_" not in here]
    assert not missing, f"no bad rows are planted for {', '.join(missing)}"


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        pytest.param("('a', 1, 10), ('a', 1, 20), ('a', 2, 10)", [("a", 1)], id="other amount"),
        pytest.param("('a', null, 1), ('a', null, 2)", [("a", None)], id="null twice"),
    ],
)
def test_unique_combination_fails_on_a_key_that_stands_twice(rows: str, named: list) -> None:
    assert failing("unique_combination", PATHS, rows, columns=["path", "version"]) == named


def test_unique_combination_passes_when_one_column_repeats() -> None:
    rows = "('a', 1, 1), ('a', 2, 1), ('b', 1, 1), ('b', null, 1)"
    assert failing("unique_combination", PATHS, rows, columns=["path", "version"]) == []


def gate_row(run_id: str, check_name: str, level: str, is_passed: str) -> str:
    return (
        f"('{run_id}', 'charges', '{check_name}', '{level}', {is_passed}, 'cost', 3, '-1', 'Why.')"
    )


def test_gate_passed_fails_on_a_critical_check_of_this_run() -> None:
    rows = ", ".join(
        [
            gate_row("this", "broken", "critical", "false"),
            gate_row("this", "sound", "critical", "true"),
            gate_row("this", "without_answer", "critical", "null"),
        ]
    )
    assert [row[1] for row in failing("gate_passed", GATE, rows)] == ["broken", "without_answer"]


def test_gate_passed_passes_on_warnings_and_on_what_an_earlier_run_found() -> None:
    rows = ", ".join(
        [
            gate_row("this", "sound", "critical", "true"),
            gate_row("this", "warned", "warning", "false"),
            gate_row("last", "broken", "critical", "false"),
        ]
    )
    assert failing("gate_passed", GATE, rows) == []


def overlapping(rows: str) -> list[tuple]:
    arguments = {"columns": ["card", "sku"], "starts": "starts", "ends": "ends"}
    return [row[:3] for row in failing("no_overlap", VERSIONS, rows, **arguments)]


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        pytest.param("('c', 's', 1, 3), ('c', 's', 2, 4)", [("c", "s", 2)], id="too early"),
        pytest.param("('c', 's', 1, 2), ('c', 's', 1, 2)", [("c", "s", 1)], id="same version"),
        pytest.param("('c', 's', 1, null), ('c', 's', 2, 3)", [("c", "s", 2)], id="open end"),
        pytest.param(
            "('c', 's', 1, 9), ('c', 's', 2, 3), ('c', 's', 5, 6)",
            [("c", "s", 2), ("c", "s", 5)],
            id="inside a version that is not the one before",
        ),
        pytest.param("('c', null, 1, 3), ('c', null, 2, 4)", [("c", None, 2)], id="null in key"),
    ],
)
def test_no_overlap_fails_on_a_version_that_starts_before_another_ends(
    rows: str, named: list
) -> None:
    assert overlapping(rows) == named


def test_no_overlap_passes_when_versions_touch_or_skus_differ() -> None:
    rows = "('c', 's', 2, null), ('c', 's', 1, 2), ('c', 't', 1, null), ('d', 's', 1, null)"
    assert overlapping(rows) == []


CONTENTS = "contract text, version integer, amount decimal(38, 18), file_id text, file_row bigint"


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        pytest.param(
            "('c', 1, 10, 'a', 1), ('c', 1, 20, 'b', 4), ('c', 2, 10, 'a', 2)",
            [("c", 1, "a.csv row 1, b.csv row 4")],
            id="other amount in another file",
        ),
        pytest.param(
            "('c', null, 1, 'a', 1), ('c', null, null, 'a', 2)",
            [("c", None, "a.csv row 1, a.csv row 2")],
            id="null in key and content",
        ),
    ],
)
def test_unique_content_fails_on_a_key_with_two_contents(rows: str, named: list) -> None:
    assert failing("unique_content", CONTENTS, rows, columns=["contract", "version"]) == named


def test_unique_content_passes_on_a_row_repeated_word_for_word() -> None:
    rows = "('c', 1, 10, 'a', 1), ('c', 1, 10, 'a', 2), ('c', 1, 10, 'b', 1), ('d', 1, 9, 'b', 2)"
    assert failing("unique_content", CONTENTS, rows, columns=["contract", "version"]) == []

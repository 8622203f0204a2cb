"""Gates: real DuckDB, real Great Expectations; every kind of check is shown to fail."""

import gc
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import great_expectations.expectations as gxe
import pytest

from trueup.gates.dialect import engine_over, exact_number
from trueup.gates.runner import KINDS, Check, run_gate
from trueup.gates.suites import SUITES
from trueup.gates.validate import sentence

AS_OF = datetime(2026, 1, 31, 12, 0)
COLUMNS = [
    "run_id", "gate", "check_name", "expectation", "column_name", "level", "is_passed",
    "unexpected_count", "observed_value", "meaning", "checked_at",
]  # fmt: skip


@pytest.fixture
def session() -> Iterator[duckdb.DuckDBPyConnection]:
    """Three good charges, amounts of 18 decimals."""
    with duckdb.connect() as connection:
        connection.execute("""
            create schema canonical;
            create table canonical.charges (
                charge_id integer, provider varchar, billed_amount decimal(38, 18)
            );
            insert into canonical.charges values
                (1, 'aws', 99.9), (2, 'aws', -3), (3, 'gcp', 0.000000000000000001);
        """)
        yield connection


def check(expectation: Any, name: str = "a_check", level: Any = "critical") -> Check:
    return Check(expectation, level, name, "The charges are wrong: deliver them again.")


def gate(session: Any, *checks: Check, **over: Any) -> list[dict[str, Any]]:
    relation = {"schema": "canonical", "table": "charges", "run_id": "r1", "as_of": AS_OF} | over
    return run_gate(session, gate="charges", checks=checks, **relation).to_pylist()


def rule(condition: str) -> Any:
    return gxe.UnexpectedRowsExpectation(
        unexpected_rows_query=f"select * from {{batch}} where {condition}"
    )


NOT_NULL = gxe.ExpectColumnValuesToNotBeNull(column="billed_amount")
BETWEEN = gxe.ExpectColumnValuesToBeBetween(
    column="billed_amount", min_value=Decimal("-3"), max_value=Decimal("99.9")
)
IN_SET = gxe.ExpectColumnValuesToBeInSet(column="provider", value_set=["aws", "gcp"])
UNIQUE = gxe.ExpectColumnValuesToBeUnique(column="charge_id")
COMPOUND = gxe.ExpectCompoundColumnsToBeUnique(column_list=["charge_id", "provider"])
ROW_COUNT = gxe.ExpectTableRowCountToBeBetween(min_value=1, max_value=3)
RULE = rule("billed_amount < -3")
EVERY_KIND = [NOT_NULL, BETWEEN, IN_SET, UNIQUE, COMPOUND, ROW_COUNT, RULE]


def test_every_kind_passes_on_good_rows(session: Any) -> None:
    checks = [check(each, f"check_{n}") for n, each in enumerate(EVERY_KIND)]
    rows = gate(session, *checks)
    assert [row["check_name"] for row in rows] == [each.name for each in checks]
    assert {row["expectation"] for row in rows} == KINDS
    assert [row["is_passed"] for row in rows] == [True] * 7
    assert [row["unexpected_count"] for row in rows] == [0, 0, 0, 0, 0, None, 0]
    assert [row["observed_value"] for row in rows] == [None, None, None, None, None, "3", None]


def test_result_row(session: Any) -> None:
    result = run_gate(
        session, gate="charges", schema="canonical", table="charges", run_id="r1", as_of=AS_OF,
        checks=[check(COMPOUND, "charge_key_unique", "warning")],
    )  # fmt: skip
    assert result.column_names == COLUMNS
    assert {str(field.type) for field in result.schema} == {
        "string", "bool", "int64", "timestamp[us]",
    }  # fmt: skip
    assert result.to_pylist() == [
        {
            "run_id": "r1",
            "gate": "charges",
            "check_name": "charge_key_unique",
            "expectation": "expect_compound_columns_to_be_unique",
            "column_name": "charge_id, provider",
            "level": "warning",
            "is_passed": True,
            "unexpected_count": 0,
            "observed_value": None,
            "meaning": "The charges are wrong: deliver them again.",
            "checked_at": AS_OF,
        }
    ]


@pytest.mark.parametrize(
    ("expectation", "planted", "count", "observed"),
    [
        (NOT_NULL, "(4, 'aws', null)", 1, "null"),
        (BETWEEN, "(4, 'aws', 100)", 1, "100.000000000000000000"),
        (IN_SET, "(4, 'azure', 1)", 1, "azure"),
        (UNIQUE, "(3, 'aws', 1)", 2, "3; 3"),
        (COMPOUND, "(3, 'gcp', 1)", 2, "charge_id=3, provider=gcp; charge_id=3, provider=gcp"),
        (ROW_COUNT, "(4, 'aws', 1)", None, "4"),
        (RULE, "(4, 'aws', -4)", 1,
         "charge_id=4, provider=aws, billed_amount=-4.000000000000000000"),
    ],
    ids=lambda each: getattr(each, "expectation_type", ""),
)  # fmt: skip
def test_planted_row_fails(
    session: Any, expectation: Any, planted: str, count: int | None, observed: str
) -> None:
    session.execute(f"insert into canonical.charges values {planted}")
    (row,) = gate(session, check(expectation))
    assert row["is_passed"] is False
    assert row["unexpected_count"] == count
    assert row["observed_value"] == observed


@pytest.mark.parametrize("amount", ["99.900000000000000001", "-3.000000000000000001"])
def test_bound_is_exact_on_decimal(session: Any, amount: str) -> None:
    """As a float, either amount equals its bound and the money would pass."""
    session.execute(f"insert into canonical.charges values (4, 'aws', {amount})")
    (row,) = gate(session, check(BETWEEN))
    assert (row["is_passed"], row["observed_value"]) == (False, amount)


def test_set_is_exact_on_decimal(session: Any) -> None:
    amounts = [Decimal("99.9"), Decimal("-3")]
    expectation = gxe.ExpectColumnValuesToBeInSet(column="billed_amount", value_set=amounts)
    (row,) = gate(session, check(expectation))
    assert (row["unexpected_count"], row["observed_value"]) == (1, "0.000000000000000001")


def test_number_too_long_for_a_float_is_refused(session: Any) -> None:
    expectation = gxe.ExpectColumnValuesToBeBetween(column="billed_amount", max_value=0.1 + 0.2)
    (row,) = gate(session, check(expectation))
    assert row["is_passed"] is False
    assert "0.30000000000000004 has more than 15 significant digits" in row["observed_value"]
    with pytest.raises(ValueError, match="more than 15 significant digits"):
        check(
            gxe.ExpectColumnValuesToBeInSet(
                column="billed_amount", value_set=[Decimal("0.100000000000000001")]
            )
        )


def test_exact_number_leaves_other_values() -> None:
    assert exact_number(1e-7) == Decimal("0.0000001")
    assert [exact_number(value) for value in (1, "a", None, AS_OF)] == [1, "a", None, AS_OF]
    assert exact_number(float("inf")) == float("inf")


def test_levels_are_recorded_and_failures_stop_nothing(session: Any) -> None:
    session.execute("insert into canonical.charges values (4, 'azure', null)")
    rows = gate(
        session,
        check(NOT_NULL, "amount_present", "critical"),
        check(IN_SET, "provider_known", "warning"),
        check(UNIQUE, "charge_unique", "critical"),
    )
    assert [(row["level"], row["is_passed"]) for row in rows] == [
        ("critical", False), ("warning", False), ("critical", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("expectation", "observed"),
    [
        (gxe.ExpectColumnValuesToNotBeNull(column="nope"), 'The column "nope"'),
        (rule("nope = 1"), 'Binder Error: Referenced column "nope" not found'),
        (rule("provider::integer = 1"), "Conversion Error: Could not convert string 'aws'"),
        (rule("provider = ' :aws'"), "A value is required for bind parameter 'aws'"),
    ],
)
def test_exception_is_a_failed_row(session: Any, expectation: Any, observed: str) -> None:
    first, second = gate(session, check(expectation, "broken"), check(UNIQUE, "sound"))
    assert (first["is_passed"], first["unexpected_count"]) == (False, None)
    assert observed in first["observed_value"]
    assert "\n" not in first["observed_value"]
    assert second["is_passed"] is True


def test_missing_table_fails_every_check(session: Any) -> None:
    rows = gate(session, check(UNIQUE, "one"), check(ROW_COUNT, "two"), table="nope")
    assert [row["is_passed"] for row in rows] == [False, False]
    assert "Table with name nope does not exist" in rows[0]["observed_value"]


def test_empty_table_fails_only_the_row_count(session: Any) -> None:
    session.execute("delete from canonical.charges")
    rows = gate(session, check(NOT_NULL, "amounts"), check(ROW_COUNT, "rows"))
    assert [(row["is_passed"], row["unexpected_count"]) for row in rows] == [
        (True, 0), (False, None),
    ]  # fmt: skip


def test_only_not_null_sees_nulls(session: Any) -> None:
    """Great Expectations' semantics, pinned: a gate needs not_null beside the other kinds."""
    session.execute("insert into canonical.charges values (4, null, null), (4, null, null)")
    rows = gate(
        session, check(NOT_NULL, "null"), check(BETWEEN, "between"),
        check(IN_SET, "set"), check(COMPOUND, "compound"),
    )  # fmt: skip
    assert [row["is_passed"] for row in rows] == [False, True, True, True]


def test_attached_database(session: Any, tmp_path: Path) -> None:
    session.execute(f"""
        attach '{tmp_path / "other.duckdb"}' as "other db";
        create schema "other db".canonical;
        create table "other db".canonical.charges as
        select * from canonical.charges where charge_id < 3;
    """)
    (here,) = gate(session, check(ROW_COUNT))
    (there,) = gate(session, check(ROW_COUNT), database="other db")
    assert (here["observed_value"], there["observed_value"]) == ("3", "2")


def test_open_transaction_survives(session: Any) -> None:
    other = session.cursor()
    session.begin()
    session.execute("insert into canonical.charges values (4, 'aws', 1)")
    (row,) = gate(session, check(ROW_COUNT))
    assert row["observed_value"] == "4"
    count = "select count(*) from canonical.charges"
    assert other.execute(count).fetchall() == [(3,)]
    session.commit()
    assert other.execute(count).fetchall() == [(4,)]


def test_failed_binding_leaves_the_transaction_open(session: Any) -> None:
    session.begin()
    session.execute("insert into canonical.charges values (4, 'aws', 1)")
    gate(session, check(rule("nope = 1")))
    session.commit()
    assert session.execute("select count(*) from canonical.charges").fetchall() == [(4,)]


def test_aborted_transaction_names_its_cause(session: Any) -> None:
    """DuckDB aborts the transaction on a run-time error; no later check may pass unread."""
    session.begin()
    rows = gate(session, check(rule("provider::integer = 1"), "broken"), check(UNIQUE, "sound"))
    assert [row["is_passed"] for row in rows] == [False, False]
    for row in rows:
        assert "transaction was aborted by: Conversion Error" in row["observed_value"]


def test_own_cursor_keeps_the_transaction_from_harm(session: Any) -> None:
    session.begin()
    session.execute("insert into canonical.charges values (4, 'aws', 1)")
    broken, count = gate(
        session.cursor(), check(rule("provider::integer = 1"), "broken"), check(ROW_COUNT, "count")
    )
    assert broken["is_passed"] is False
    assert count["observed_value"] == "3"
    session.commit()


def test_gate_leaves_no_reading_transaction(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "warehouse.duckdb") as connection:
        connection.execute("create schema canonical")
        connection.execute("create table canonical.charges as select range from range(10_000)")
        gate(connection, check(rule("range >= 0")))
        writer = connection.cursor()
        writer.execute("drop table canonical.charges")
        writer.execute("checkpoint")


def test_gate_lets_go_of_the_session(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    connection = duckdb.connect(path)
    connection.execute("create schema canonical; create table canonical.charges as select 1 as a")
    gate(connection, check(ROW_COUNT))
    del connection
    gc.collect()  # errors that pydantic raised and caught keep frames in cycles
    duckdb.connect(path, read_only=True).close()


def test_engine_only_reads(session: Any) -> None:
    with engine_over(session) as engine:
        for statement in ("delete from canonical.charges", "select 1; drop schema canonical"):
            with engine.connect() as connection, pytest.raises(ValueError, match="only reads"):
                connection.exec_driver_sql(statement)
        with engine.begin() as connection:
            result = connection.exec_driver_sql("select charge_id from canonical.charges")
        engine.dispose()
        assert len(result.fetchall()) == 3
    assert session.execute("select 1").fetchone() == (1,)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((NOT_NULL, "fatal", "a_check", ""), "level is 'fatal'"),
        ((NOT_NULL, "warning", "A check", ""), "not snake_case"),
        ((gxe.ExpectColumnMaxToBeBetween(column="a", max_value=1), "warning", "a", ""), "exact"),
        ((gxe.UnexpectedRowsExpectation(unexpected_rows_query="select 1"), "warning", "a", ""),
         "as {batch}"),
    ],
)  # fmt: skip
def test_bad_check_is_refused(arguments: Sequence[Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Check(*arguments)


def test_bad_gate_is_refused(session: Any) -> None:
    with pytest.raises(ValueError, match="distinct names"):
        gate(session)
    with pytest.raises(ValueError, match="distinct names"):
        gate(session, check(UNIQUE, "same"), check(NOT_NULL, "same"))


def test_as_of_is_stored_in_utc(session: Any) -> None:
    aware = AS_OF.replace(tzinfo=timezone(timedelta(hours=2)))
    (row,) = gate(session, check(UNIQUE), as_of=aware)
    assert row["checked_at"] == aware.astimezone(UTC).replace(tzinfo=None)


def test_quiet_and_offline(session: Any, capfd: Any, caplog: Any, monkeypatch: Any) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a gate must not open a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    gate(session, check(NOT_NULL, "sound"), check(rule("nope = 1"), "broken"))
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_gates_run_in_parallel(session: Any) -> None:
    """Great Expectations keeps its current context in a global; dbt runs models in threads."""
    counts: dict[int, str] = {}

    def work(rows: int) -> None:
        cursor = session.cursor()
        cursor.execute(f"create table canonical.t{rows} as select * from range({rows})")
        (row,) = gate(cursor, check(ROW_COUNT), table=f"t{rows}")
        counts[rows] = row["observed_value"]

    threads = [threading.Thread(target=work, args=(rows,)) for rows in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == {rows: str(rows) for rows in range(1, 9)}


def test_import_is_light() -> None:
    code = (
        "import sys, trueup.gates.runner as _;"
        "print([m for m in ('great_expectations', 'sqlalchemy', 'pyarrow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("(duckdb.Error) Binder Error: no column\n[SQL: select]", "Binder Error: no column"),
        ("Error: plain", "Error: plain"),
        ("", "the check raised an exception without a message"),
    ],
)  # fmt: skip
def test_sentence(message: str, kept: str) -> None:
    assert sentence(message) == kept


# A row of attribution_profile is a fault itself: its unit test shows how inputs come to be listed.
FAULTS = [(each.name, each.level) for each in SUITES["attribution_profile"]()]
COUNTED = SUITES.keys() - {"attribution_profile"}
PROFILE_CHECKS = [
    (table, each.name, each.level) for table in sorted(COUNTED) for each in SUITES[table]()
]


@pytest.mark.parametrize(("table", "name", "level"), PROFILE_CHECKS)
def test_every_check_of_a_suite_fails_on_its_planted_row(
    session: Any, table: str, name: str, level: str
) -> None:
    """A sound row passes all; the planted one breaks the check, and only that one."""
    names = {each.expectation.column for each in SUITES[table]() if _has_column(each)}
    keys = ("partition_id", "provider", "billing_currency")
    sound = {column: "1" if column.endswith("_count") else "0" for column in sorted(names)}
    planted = dict(sound)
    if name.endswith("_present"):
        planted[name.removesuffix("_present")] = "0"
    elif name in planted:
        planted[name] = "1"
    columns = [f"{value} as {column}" for column, value in sound.items()]
    columns += [f"'sound' as {key}" for key in keys if key not in sound]
    twin = name == "partitions_unique"
    others = [f"'{'sound' if twin else 'planted'}' as {key}" for key in keys if key not in sound]
    row = [f"{value} as {column}" for column, value in planted.items()] + others
    session.execute(
        f"create table canonical.profile as select {', '.join(columns)} "
        f"union all by name select {', '.join(row)}"
    )
    rows = gate(session, *SUITES[table](), table="profile")
    assert [(row["check_name"], row["level"]) for row in rows if not row["is_passed"]] == [
        (name, level)
    ]


@pytest.mark.parametrize(("name", "level"), FAULTS)
def test_every_fault_of_attribution_fails_its_check_and_only_that(
    session: Any, name: str, level: str
) -> None:
    checks = SUITES["attribution_profile"]()
    session.execute("create table canonical.faults (subject_type text, subject text, fault text)")
    assert all(row["is_passed"] for row in gate(session, *checks, table="faults"))
    session.execute("insert into canonical.faults values (?, 'it', 'it is wrong')", [name])
    rows = [row for row in gate(session, *checks, table="faults") if not row["is_passed"]]
    assert [(row["check_name"], row["level"], row["observed_value"]) for row in rows] == [
        (name, level, "fault=it is wrong")
    ]


def _has_column(each: Check) -> bool:
    return getattr(each.expectation, "column", None) is not None

"""Ask Great Expectations about one check and put its answer into plain values."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from great_expectations.datasource.fluent.interfaces import Batch
    from great_expectations.expectations.expectation import Expectation
    from sqlalchemy import Engine

SAMPLE = 5  # unexpected values or rows quoted in observed_value


def open_batch(engine: Engine, query: str) -> Batch:
    """Make a batch of a query in a new ephemeral context: quiet, nothing sent, nothing stored.

    A query and not a table: for a table, Great Expectations reflects the columns through
    `pg_catalog`, where DuckDB mixes up tables of the same name in attached databases.

    Args:
        engine: as `engine_over` lends it.
        query: a SELECT over the relation to check.

    Returns:
        The batch; its query runs with each validation.
    """
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    from trueup.gates.dialect import URL

    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    context = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(),
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False),
        ),
    )
    source = context.data_sources.add_sql(
        "session", connection_string=URL, kwargs={"pool": engine.pool}
    )
    asset = source.add_query_asset("relation", query)
    return asset.add_batch_definition_whole_table("whole").get_batch()


def outcome(batch: Batch, expectation: Expectation) -> dict[str, Any]:
    """Validate one expectation; whatever it raises is its outcome.

    Args:
        batch: the rows to check.
        expectation: one of the kinds that `runner.KINDS` lists.

    Returns:
        is_passed (bool), unexpected_count (rows, or None), observed_value (text, or None).
    """
    # only for a rule does COMPLETE fetch no more than BASIC; it adds the rows, 200 at most
    is_rule = expectation.expectation_type == "unexpected_rows_expectation"
    try:
        answer = batch.validate(
            expectation,
            result_format={
                "result_format": "COMPLETE" if is_rule else "BASIC",
                "partial_unexpected_count": SAMPLE,
            },
        )
    except Exception as error:  # noqa: BLE001
        return _failed(str(error))
    message = exception_message(answer.exception_info or {})
    if message is not None:
        return _failed(message)
    result = answer.result
    if is_rule:
        count, sample = result["observed_value"], result["details"]["unexpected_rows"]
    elif "unexpected_count" in result:
        # null over an empty table
        count, sample = result["unexpected_count"] or 0, result["partial_unexpected_list"]
    else:
        count, sample = None, [result["observed_value"]]
    return {
        "is_passed": answer.success is True,
        "unexpected_count": count,
        "observed_value": "; ".join(as_text(value) for value in sample[:SAMPLE]) or None,
    }


def _failed(message: str) -> dict[str, Any]:
    return {"is_passed": False, "unexpected_count": None, "observed_value": sentence(message)}


def exception_message(info: Mapping[str, Any]) -> str | None:
    """Find the exception in a result's exception_info.

    Args:
        info: an ExceptionInfo, or a mapping of metric id to ExceptionInfo.

    Returns:
        The first exception's message; None when nothing was raised.
    """
    infos = [info] if "raised_exception" in info else list(info.values())
    raised = [each["exception_message"] for each in infos if each["raised_exception"]]
    return raised[0] if raised else None


def sentence(message: str) -> str:
    """Keep the sentence of an exception: no SQL, no driver class, no hints.

    Args:
        message: as SQLAlchemy, DuckDB or Great Expectations wrote it.

    Returns:
        Its first line.
    """
    first = message.strip().partition("\n")[0]
    if first.startswith("("):  # SQLAlchemy: (module.Class) sentence
        first = first.partition(") ")[2]
    return first.strip() or "the check raised an exception without a message"


def as_text(value: Any) -> str:
    """Write a value as SQL users read it: decimals in full, rows as `column=value`.

    Args:
        value: a scalar of a result, or a row as a mapping.

    Returns:
        Its text; `null` for None.
    """
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={as_text(each)}" for name, each in value.items())
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)

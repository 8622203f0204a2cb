"""SQL that tells sound rows from unsound ones, and takes control totals from a file's text."""

from __future__ import annotations

import re

from trueup.landing.sources import Source

AMOUNT = "decimal(38, 18)"
# Plain numbers need no trial cast; anything else is tried, and refused when the cast fails.
PLAIN_NUMBER = r"[+-]?[0-9]{1,19}([.][0-9]*)?([eE]-[0-9]{1,2})?"
KINDS = {
    "decimal": "a number",
    "integer": "a whole number",
    "timestamp": "a time",
    "date": "a date",
    "json": "JSON",
}


def quoted(name: str) -> str:
    """A column name as a DuckDB identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a DuckDB string literal."""
    return "'" + text.replace("'", "''") + "'"


def is_null(column: str) -> str:
    """Empty text and the text NULL mean null."""
    return f"coalesce({quoted(column)}, '') in ('', 'NULL')"


def unsound(column: str, kind: str) -> str:
    """SQL condition: the text of a column is present but not of its kind."""
    value = quoted(column)
    if kind == "decimal":
        plain = f"regexp_full_match({value}, '{PLAIN_NUMBER}')"
        cast = f"try_cast({value} as {AMOUNT}) is not null"
        sound = f"{plain} or ({cast} and not contains({value}, '_'))"  # DuckDB reads 1_000 too
    elif kind == "integer":
        whole = f"try_cast({value} as {AMOUNT}) = try_cast({value} as integer)"
        sound = f"coalesce({whole}, false)"
    elif kind == "json":
        sound = f"json_valid({value})"
    elif kind == "timestamp":
        sound = f"{moment(value)} is not null"
    else:
        sound = f"{day(value)} is not null"
    return f"(not {is_null(column)} and not ({sound}))"


def moment(text: str) -> str:
    """SQL: an ISO time in UTC, as the macro raw_timestamp reads it, or null.

    Providers leave out seconds, or write the offset as +0000 UTC.
    """
    seconds = f"regexp_replace({text}, 'T([0-9]{{2}}:[0-9]{{2}})Z$', 'T\\1:00Z')"
    parsed = (
        f"try_cast(try_cast(replace({seconds}, ' +0000 UTC', 'Z') as timestamptz) as timestamp)"
    )
    return f"case when {text} like '____-__-%' then {parsed} end"  # 5/1/25 is no day of the year 5


def day(text: str) -> str:
    """SQL: a US, plain (yyyymmdd) or ISO date, as the macro raw_date reads it, or null."""
    formats = "['%m/%d/%Y', '%Y%m%d']"
    parsed = f"coalesce(try_strptime({text}, {formats}), try_cast({text} as timestamp))"
    return f"case when {text} not like '%/__' then {parsed} end"  # 5/1/25 is no day of the year 25


def _conditions(source: Source, columns: list[str]) -> list[tuple[str, str]]:
    """Each column that can be unsound, with the SQL condition that it is."""
    present = set(columns)
    typed = [
        (name, unsound(name, kind))
        for name, kind in source.types.items()
        if kind in KINDS and name in present
    ]
    required = [(name, is_null(name)) for name in source.not_null]
    listed = [
        (name, f"(not {is_null(name)} and {quoted(name)} not in ({_listed(values)}))")
        for name, values in source.accepted.items()
        if name in present
    ]
    if source.billing_period is None:
        return typed + required + listed
    period, _, _ = _money(source)
    column = _period_column(source.billing_period, present)
    return [*typed, *required, *listed, (column, f"{period} is null")]


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(literal(value) for value in values)


def _period_column(billing_period: str, present: set[str]) -> str:
    """The raw column that an expression of the billing period reads first."""
    named = re.findall(r'"([^"]+)"', billing_period) or re.findall(r"\b[a-z_]+\b", billing_period)
    return next((name for name in named if name in present), "billing_period")


def unsound_count_sql(source: Source, columns: list[str], rows: str) -> str:
    """How many values are unsound; 0 for a sound file.

    One scan per column: DuckDB then judges each distinct text of the column once, not each row.
    """
    scan = f"select count(*) as found from {rows}"
    scans = [f"{scan} where {found}" for _, found in _conditions(source, columns)]
    return f"select sum(found) from ({' union all '.join(scans or [f'{scan} where false'])})"


def first_unsound(source: Source, columns: list[str]) -> str:
    """SQL expression: the first column whose value is unsound, or null for a sound row."""
    branches = [
        f"when {found} then {literal(name)}" for name, found in _conditions(source, columns)
    ]
    return f"case {' '.join(branches)} end" if branches else "cast(null as varchar)"


def _money(source: Source) -> tuple[str, str, str]:
    """SQL of a row's billing period, currency and amount (its text where that is a column)."""
    period = (
        f"cast(date_trunc('{source.period}', "
        f"{moment(f'cast({source.billing_period} as varchar)')}) as date)"
        if source.billing_period
        else "cast(null as date)"
    )
    currency = source.currency or "cast(null as varchar)"
    amount = source.amount or "'0'"
    return period, currency, amount


def totals_sql(source: Source, columns: list[str], rows: str, is_sound: bool) -> str:
    """Rows and money per billing period and currency, sound and unsound rows apart.

    In a file known to be sound the rows are not judged again.
    Equal amount texts are counted before they are cast: a cast to 38 digits is the costly part.
    """
    period, currency, amount = _money(source)
    judged = "true" if is_sound else f"({first_unsound(source, columns)}) is null"
    return f"""
        with amounts as (
            select
                {period} as billing_period, {currency} as currency, {amount} as amount,
                {judged} as is_sound, count(*) as row_count
            from {rows}
            group by all
        )

        select
            is_sound, billing_period, currency, cast(sum(row_count) as bigint) as row_count,
            cast(coalesce(sum(try_cast(amount as {AMOUNT}) * cast(row_count as decimal(18, 0))), 0)
                as {AMOUNT}) as amount
        from amounts
        group by all
    """


def quarantine_sql(source: Source, columns: list[str], rows: str, file_id: str) -> str:
    """One row per unsound row of a file: where, which column, which value, why, how much money."""
    period, currency, amount = _money(source)
    first = first_unsound(source, columns)
    value = " ".join(
        f"when {literal(name)} then {quoted(name)}" for name in source.types if name in set(columns)
    )
    kind = " ".join(
        f"when {literal(name)} then {literal(KINDS[kind])}"
        for name, kind in source.types.items()
        if kind in KINDS
    )
    choices = " ".join(
        f"when {literal(name)} then {literal('one of ' + ', '.join(values))}"
        for name, values in source.accepted.items()
    )
    wanted = "'a billing period'"
    if choices or kind:
        wanted = f"case column_name {choices} {kind} else {wanted} end"
    return f"""
        with unsound as (
            select
                file_row_number + 1 as file_row, {first} as column_name,
                case {first} {value} end as value,
                try_cast({amount} as {AMOUNT}) as amount, {currency} as currency,
                {period} as billing_period
            from {rows}
            where ({first}) is not null
        )

        select
            {literal(source.name)} as source, {literal(file_id)} as file_id, file_row,
            column_name, value,
            case
                when coalesce(value, '') in ('', 'NULL') then 'is empty but required'
                else concat(chr(39), value, chr(39), ' is not ', {wanted})
            end as reason,
            amount, currency, billing_period
        from unsound
    """

"""What is in quarantine now, in sentences."""

from __future__ import annotations

from pathlib import Path

import duckdb

SHOWN = 20  # rows told one by one; the rest stand in fct_quarantined_rows


def open_quarantine(registry: duckdb.DuckDBPyConnection, paths: list[str]) -> list[str]:
    """Sentences on refused files that still lie at one of the paths, and on refused rows in use.

    A refused file that was taken away again is settled; it stays in fct_landed_files.
    """
    files = registry.execute(
        """
        select path, path || ': ' || reason
        from landing.files
        qualify
            row_number() over (
                partition by path order by delivered_at desc, landed_at desc
            ) = 1
            and status = 'quarantined'
        order by path
        """
    ).fetchall()
    rows = registry.execute(
        """
        select distinct
            min(files.path) || ': row ' || bad.file_row || ', column ' || bad.column_name || ': '
            || bad.reason
            || '. The row is in quarantine; correct it and deliver the file again.' as sentence
        from landing.quarantined_rows as bad
        inner join landing.path_contents as files using (source, file_id)
        inner join (select distinct source, file_id from landing.current_files)
            using (source, file_id)
        group by bad.file_id, bad.file_row, bad.column_name, bad.reason
        order by sentence
        """
    ).fetchall()
    waiting = registry.execute(
        """
        select
            source || ': the delivery of feed ' || feed || coalesce(' for ' || billing_period, '')
            || ' is ' || status || ': ' || reason || '. '
            || case status
                when 'incomplete' then 'Deliver the rest; the last complete one stays in use.'
                when 'tied' then 'Deliver the right one again; until then neither is used.'
                else 'Deliver it again, sound; until then the last good one stays in use.'
            end as sentence
        from landing.deliveries
        where reason is not null
        order by sentence
        """
    ).fetchall()
    manifests = registry.execute(
        "select path, path || ': ' || reason from landing.manifests where reason is not null"
    ).fetchall()
    sentences = [sentence for path, sentence in files + manifests if path in paths]
    sentences += [sentence for (sentence,) in waiting]
    return sentences + _first_rows([sentence for (sentence,) in rows])


def refused_records(registry: duckdb.DuckDBPyConnection, marts: Path) -> list[str]:
    """Sentences on the rows that only the models refuse: unknown versions and contradictions."""
    registry.execute(f"attach '{marts}' as built (read_only)")
    try:
        rows = registry.execute(
            """
            select
                path || ': row ' || file_row || coalesce(', column ' || column_name, '') || ': '
                || reason || '. The row is in quarantine.' as sentence
            from built.marts.fct_quarantined_rows
            anti join landing.quarantined_rows using (source, file_id, file_row)
            order by path, file_row
            """
        ).fetchall()
    finally:
        registry.execute("detach built")
    return _first_rows([sentence for (sentence,) in rows])


def _first_rows(sentences: list[str]) -> list[str]:
    """So many that a person reads them, and how many more there are."""
    more = len(sentences) - SHOWN
    rest = [f"… and {more} more rows, all in fct_quarantined_rows."] if more > 0 else []
    return sentences[:SHOWN] + rest

"""Retention: superseded archives of final periods may go; nothing that a figure stands on does."""

from __future__ import annotations

import duckdb

from trueup.config import Settings


def retain(registry: duckdb.DuckDBPyConnection, settings: Settings, days: int) -> tuple[int, int]:
    """Remove archives that are superseded, older than `days`, and of final periods only.

    A period is final when its payable close and the grace after it lie before the as-of time; the
    seed audit_holds names periods that auditors still need. The registry keeps every figure of
    what goes.

    Returns:
        Files removed, and superseded files that stay for a period that is open or held.
    """
    as_of = settings.as_of.replace(tzinfo=None)
    candidates = registry.execute(
        """
        with
        closes as (
            select
                cast(billing_period as date) as billing_period,
                min(
                    cast(closed_at as timestamp)
                    + to_days(cast(coalesce(nullif(grace_days, ''), '0') as integer))
                ) as final_at
            from raw.period_closes
            where direction = 'payable'
            group by billing_period
        ),

        holds as (
            select * from read_csv($holds, header = true, columns = {
                'first_period': 'date', 'last_period': 'date', 'reason': 'varchar'
            })
        )

        select
            files.archive_path,
            bool_and(
                closes.final_at <= $as_of
                and not exists (
                    select 1 from holds
                    where totals.billing_period between holds.first_period and holds.last_period
                )
            ) is true as is_final
        from landing.files as files
        inner join landing.file_totals as totals using (source, file_id)
        left join landing.file_standing as standing
            on files.source = standing.source and files.file_id = standing.file_id
            and totals.billing_period is not distinct from standing.billing_period
        left join closes on date_trunc('month', totals.billing_period) = closes.billing_period
        where files.archive_path = files.source || '/' || files.file_id || '.parquet'
        group by files.archive_path
        having
            bool_and(coalesce(standing.standing, 'superseded') = 'superseded')
            and max(files.delivered_at) < $as_of - to_days($days)
        """,
        {
            "as_of": as_of,
            "days": days,
            "holds": str(settings.project / "seeds" / "audit_holds.csv"),
        },
    ).fetchall()
    gone = [path for path, is_final in candidates if is_final]
    registry.execute(
        "update landing.files set archive_path = null, expired_at = $as_of "
        "where list_contains($gone, archive_path)",
        {"as_of": as_of, "gone": gone},
    )
    for path in gone:
        (settings.archive / path).unlink(missing_ok=True)
    return len(gone), len(candidates) - len(gone)

{{ config(tags=['law']) }}
-- Law 1. Guards against a row, or its money, that arrived and is neither in use nor accounted for.
-- A cell that is not zero is a loss; unreadable files have no row total and no money.
select
    path,
    rows_total - rows_accepted - rows_duplicate - rows_superseded - rows_quarantined as rows_lost,
    amount_total - amount_accepted - amount_duplicate - amount_superseded - amount_quarantined as amount_lost
from {{ ref('landed_files') }}
where
    rows_total is not null
    and (
        rows_total != rows_accepted + rows_duplicate + rows_superseded + rows_quarantined
        or amount_total != amount_accepted + amount_duplicate + amount_superseded + amount_quarantined
    )

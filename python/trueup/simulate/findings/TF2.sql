-- Files with usage events that stand twice, of what vendors bill: reports of customers' use are also revised.
select
    path as subject,
    'duplicate' as cause,
    0 as amount
from marts.fct_landed_files
where
    status = 'accepted'
    and rows_duplicate > 0
    and file_id in (
        select file_id from marts.fct_usage
        where sku_id in (select sku_id from marts.fct_charges)
    )

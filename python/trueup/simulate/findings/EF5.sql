-- Files that could not be used at all, for another reason than a column.
select
    path as subject,
    case
        when reason like 'its sha256 is%' or reason like 'its md5 is%' then 'checksum'
        when reason like 'the file is empty%' then 'empty'
        when reason like '%cut off%' then 'cut_off'
        else 'error_page'
    end as cause,
    amount_quarantined as amount
from marts.fct_landed_files
where
    status = 'quarantined'
    and rows_total is null
    and file_id not in (select file_id from marts.fct_schema_changes where is_breaking)

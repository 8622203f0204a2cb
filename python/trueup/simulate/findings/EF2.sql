-- Columns of billing exports by what became of them first; a new name is part of a renaming.
select
    changes.source || '.' || changes.column_name as subject,
    arg_min(changes.change, changes.found_at) as cause,
    sum(files.amount_quarantined) filter (where changes.change = 'retyped') as amount
from marts.fct_schema_changes as changes
left join marts.fct_landed_files as files on changes.file_id = files.file_id and changes.path = files.path
where
    changes.source in (select source from marts.fct_charges)
    and not exists (
        select 1
        from marts.fct_schema_changes as renamed
        where renamed.source = changes.source and renamed.renamed_to = changes.column_name
    )
group by changes.source, changes.column_name

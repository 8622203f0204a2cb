-- Files with events of a version that nobody knows.
select distinct
    path as subject,
    'schema' as cause,
    0 as amount
from marts.fct_quarantined_rows
where source = 'usage_events' and column_name = 'dataschema'

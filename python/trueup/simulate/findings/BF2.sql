-- Files of usage events that were sent once more, whole.
select
    path as subject,
    'duplicate' as cause,
    0 as amount
from marts.fct_landed_files
where source = 'usage_events' and status = 'duplicate'

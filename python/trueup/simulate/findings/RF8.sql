-- What could not be read.
select distinct
    path as subject,
    'unread' as cause,
    0 as amount
from marts.fct_read_failures

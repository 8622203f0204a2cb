-- Folders that others on the machine may read or write.
select distinct
    place as subject,
    kind as cause,
    0 as amount
from marts.fct_access_violations
where kind != 'denied'

-- Files of billing exports that are copies, or hold rows that are counted elsewhere.
select
    path as subject,
    'duplicate' as cause,
    amount_duplicate as amount
from marts.fct_landed_files
where rows_duplicate > 0 and source in (select source from marts.fct_charges)

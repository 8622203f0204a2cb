-- Files whose producer's clock was ahead.
select
    files.path as subject,
    usage.billing_period,
    'clock' as cause,
    0 as amount
from marts.fct_usage as usage
inner join marts.fct_landed_files as files on usage.file_id = files.file_id
where usage.clock_seconds_ahead > 0
group by files.path, usage.billing_period

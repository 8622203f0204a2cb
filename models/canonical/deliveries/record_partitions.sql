select * exclude (holds)
from {{ ref('all_partitions') }}
where holds = 'records' and billing_period is not null

select * exclude (holds)
from {{ ref('all_partitions') }}
-- a file of which no row is sound has no period, and nothing to charge
where holds = 'charges' and billing_period is not null

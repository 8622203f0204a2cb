select * exclude (holds)
from {{ ref('all_partitions') }}
where holds = 'charges'

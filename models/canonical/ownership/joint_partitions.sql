-- Only here do charges have to be looked at for rules of several conditions.
select distinct
    partition_version,
    charges_version
from {{ ref('owned_values') }}
where held_conditions is not null

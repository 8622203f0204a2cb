{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ delete_stale_partitions(ref('attribution_partitions')) }}",
        "{{ narrow('charges', 'charges_version', ref('attribution_partitions'), ref('attribution_partitions')) }}",
    ],
    post_hook="reset variable narrowed_charges",
) }}

-- depends_on: {{ ref('gate_attribution') }}

-- Its columns, their types and their order are those of its contract.
select * exclude (charge_date, charges_version, slice_from, tag_set)
from {{ ref('attributed_charges') }}
where {{ is_changed_partition(ref('attribution_partitions'), 'charges_version', 'charges_version') }}

{{ config(tags=['law']) }}
-- Law 8. Guards against increments that leave something behind: every partition that an incremental table
-- holds is the current version, holds all of its charges once, and none is missing.
with

held as (
    select
        'fct_charges' as relation,
        partition_id,
        partition_version,
        count(*) as row_count
    from {{ ref('fct_charges') }}
    group by partition_id, partition_version
    union all
    select
        'fct_expected_charges' as relation,
        partition_id,
        partition_version,
        count(*) as row_count
    from {{ ref('fct_expected_charges') }}
    group by partition_id, partition_version
    union all
    select
        'fct_allocations' as relation,
        cast(billing_period as varchar) as partition_id,
        partition_version,
        count(*) as row_count
    from {{ ref('fct_allocations') }}
    group by billing_period, partition_version
    union all
    select
        'fct_chargeback_statements' as relation,
        cast(billing_period as varchar) as partition_id,
        partition_version,
        count(*) as row_count
    from {{ ref('fct_chargeback_statements') }}
    group by billing_period, partition_version
),

charged as (
    select
        partition_id,
        sum(charge_count) as row_count
    from {{ ref('charges_profile') }}
    group by partition_id
),

counted as (
    select * from charged
    union all
    -- usage without a charge: what customers use, and what no vendor bills
    select
        partition_id,
        count(*) as row_count
    from {{ ref('rated_usage') }}
    where charge_id is null and not is_as_billed
    group by partition_id
    union all
    select
        concat_ws('|', 'customer dues', billing_period) as partition_id,
        count(*) as row_count
    from {{ ref('customer_dues') }}
    group by billing_period
),

-- a vendor's month holds its charges and what it does not bill
expected_counts as (
    select
        partition_id,
        sum(row_count) as row_count
    from counted
    group by partition_id
),

wanted as (
    select
        'fct_charges' as relation,
        attribution.partition_id,
        attribution.partition_version,
        charged.row_count
    from {{ ref('attribution_partitions') }} as attribution
    inner join charged on attribution.partition_id = charged.partition_id
    union all
    select
        'fct_expected_charges' as relation,
        pricing.partition_id,
        pricing.partition_version,
        expected_counts.row_count
    from {{ ref('expected_partitions') }} as pricing
    inner join expected_counts on pricing.partition_id = expected_counts.partition_id
    union all
    select
        'fct_allocations' as relation,
        cast(months.billing_period as varchar) as partition_id,
        months.partition_version,
        count(*) as row_count
    from {{ ref('allocation_partitions') }} as months
    inner join {{ ref('allocated_costs') }} as allocated on months.partition_version = allocated.partition_version
    group by months.billing_period, months.partition_version
    union all
    select
        'fct_chargeback_statements' as relation,
        cast(months.billing_period as varchar) as partition_id,
        months.partition_version,
        count(*) as row_count
    from {{ ref('allocation_partitions') }} as months
    inner join {{ ref('allocated_groups') }} as allocated on months.partition_version = allocated.partition_version
    group by months.billing_period, months.partition_version
)

select
    coalesce(held.relation, wanted.relation) as relation,
    coalesce(held.partition_id, wanted.partition_id) as partition_id,
    held.row_count as rows_held,
    wanted.row_count as rows_wanted
from held
full outer join wanted
    on
        held.relation = wanted.relation
        and held.partition_id = wanted.partition_id
        and held.partition_version = wanted.partition_version
where held.row_count is distinct from wanted.row_count

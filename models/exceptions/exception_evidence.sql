-- The rows behind each difference outside its tolerance, and the usage behind those.
with

members as (
    select
        {{ exception_id('members.diff_id') }} as exception_id,
        members.*,
        diffs.partition_id,
        diffs.partition_version
    from {{ ref('diff_members') }} as members
    inner join {{ ref('reconciliation_diffs') }} as diffs on members.diff_id = diffs.diff_id
    where diffs.status = 'exception' and {{ is_narrowed('months', 'diffs.partition_version') }}
),

expected as (
    select
        members.exception_id,
        members.diff_id,
        members.partition_id as diff_partition_id,
        members.partition_version as diff_partition_version,
        expected.*
    from {{ ref('expected_charges') }} as expected
    inner join members on expected.expected_charge_id = members.row_id and members.side = 'expected'
),

metered as (
    select distinct
        expected.exception_id,
        expected.diff_id,
        'usage' as side,
        records.usage_id as row_id,
        cast(null as {{ decimal_type() }}) as amount,
        expected.currency,
        records.quantity,
        records.unit,
        expected.contract_id,
        expected.contract_version,
        expected.rate_card_id,
        expected.rate_version,
        records.file_id,
        records.file_row,
        expected.diff_partition_id as partition_id,
        expected.diff_partition_version as partition_version
    from {{ ref('usage') }} as records
    inner join expected
        on
            records.meter_id = expected.meter_id
            and records.account_id = expected.account_id
            and records.usage_start >= expected.charge_period_start
            and records.usage_start < expected.charge_period_end
    where expected.usage_id is null
),

priced as (
    select
        members.*,
        expected.quantity,
        expected.unit,
        expected.contract_id,
        expected.contract_version,
        expected.rate_card_id,
        expected.rate_version
    from members
    left join expected
        on
            members.exception_id = expected.exception_id
            and members.row_id = expected.expected_charge_id
            and members.side = 'expected'
),

counted as (
    select
        members.exception_id,
        members.diff_id,
        'usage' as side,
        records.usage_id as row_id,
        members.currency,
        records.quantity,
        records.unit,
        records.file_id,
        records.file_row,
        members.partition_id,
        members.partition_version
    from members
    inner join {{ ref('metered_charges') }} as metered_lines on members.row_id = metered_lines.charge_id
    inner join {{ ref('vendor_usage') }} as records
        on
            metered_lines.partition_version = records.partition_version
            and metered_lines.account_id = records.account_id
            and metered_lines.sku_id = records.sku_id
            and metered_lines.agent_resource = records.agent_resource
            and metered_lines.charge_period_start = records.interval_starts_at
    where members.side = 'billed'
)

select * from priced
union all by name
select * from metered
union all by name
select distinct * from counted

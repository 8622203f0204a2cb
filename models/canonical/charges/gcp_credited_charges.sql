with

-- The fee of a commitment is a row like any other; only its SKU says what it is.
usage as (
    select
        *,
        coalesce(
            cost_type = 'regular'
            and (starts_with(sku_name, 'Commitment v') or starts_with(sku_name, 'Commitment - dollar based v')),
            false
        ) as is_commitment_fee
    from {{ ref('stg_gcp_billing__usage') }}
),

listed as (
    select
        file_id,
        file_row,
        from_json(
            credits,
            '[{"id":"VARCHAR","name":"VARCHAR","full_name":"VARCHAR","type":"VARCHAR","amount":"VARCHAR"}]'
        ) as credits
    from usage
    where credits != '[]'
),

numbered as (
    select
        file_id,
        file_row,
        cast(unnest(generate_series(1, len(credits))) as integer) as charge_part,
        unnest(credits) as credit
    from listed
),

-- Each credit becomes a charge of its own, numbered within its row; part 0 is the usage. A credit without an
-- amount takes nothing off.
costs as (
    select
        file_id,
        file_row,
        0 as charge_part,
        cost as billed_cost,
        coalesce(cost_at_list, cost) as list_cost,
        case when is_commitment_fee then 'CommitmentFee' else cost_type end as line_type
    from usage
    union all by name
    select
        file_id,
        file_row,
        charge_part,
        coalesce(try_cast(credit.amount as {{ decimal_type() }}), 0) as billed_cost,
        coalesce(try_cast(credit.amount as {{ decimal_type() }}), 0) as list_cost,
        credit.type as line_type,
        credit.id as credit_id,
        coalesce(credit.full_name, credit.name) as credit_name
    from numbered
)

select
    usage.*,
    costs.charge_part,
    costs.billed_cost,
    costs.list_cost,
    costs.line_type,
    costs.credit_id,
    costs.credit_name,
    costs.charge_part > 0 as is_credit,
    case
        when costs.line_type = 'CommitmentFee' then 'Committed Use Discount'
        when costs.charge_part = 0 then null
        when costs.line_type = 'SUBSCRIPTION_BENEFIT' then 'Subscription'
        when starts_with(costs.line_type, 'COMMITTED_USAGE_DISCOUNT') then 'Committed Use Discount'
    end as commitment_type
from costs
inner join usage on costs.file_id = usage.file_id and costs.file_row = usage.file_row

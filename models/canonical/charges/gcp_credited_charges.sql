with

-- The fee of a commitment is a row like any other; only its SKU says what it is.
usage as (
    select
        *,
        coalesce(
            cost_type = 'regular'
            and (starts_with(sku_name, 'Commitment v') or starts_with(sku_name, 'Commitment - dollar based v')),
            false
        ) as is_commitment_fee,
        -- prices are stated per unit of price_unit; in whose currency is not, so only where it makes no difference
        coalesce(price_unit = pricing_unit and price_quantity = 1 and currency_conversion_rate = 1, false)
            as has_unit_price
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
),

credited as (
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
),

-- A commitment's credit of a row's whole cost takes back its whole quantity; of a smaller one, it is not stated.
measured as (
    select
        *,
        case when not is_credit or (commitment_type is not null and billed_cost = -cost) then pricing_amount end
            as pricing_quantity
    from credited
)

select
    *,
    case
        when has_unit_price and pricing_quantity is not null
            then case when is_credit then effective_price else list_price end
    end as list_unit_price,
    case when has_unit_price and pricing_quantity is not null then effective_price end as contracted_unit_price
from measured

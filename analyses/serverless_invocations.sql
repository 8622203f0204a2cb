-- Which functions are billed for other calls or time than ours say, in which region, and what is to be credited?
with

charges as (
    select
        charges.billing_period,
        charges.provider,
        charges.sub_account_id,
        charges.region_id,
        charges.resource_id,
        {{ serverless_component(
            'charges.consumed_unit', "concat_ws(' ', charges.consumed_unit, charges.sku_meter, charges.charge_description)"
        ) }} as component,
        charges.billing_currency,
        charges.billed_cost,
        expected.expected_amount,
        expected.provider_quantity,
        expected.own_quantity,
        expected.unit,
        coalesce(expected.deviation = 'duplicate', false) as is_duplicate
    from {{ ref('fct_charges') }} as charges
    inner join {{ ref('fct_expected_charges') }} as expected on charges.charge_id = expected.charge_id
    where
        charges.charge_category = 'Usage'
        and {{ is_serverless('charges.service_name') }}
)

select
    billing_period,
    provider,
    sub_account_id,
    region_id,
    resource_id,
    component,
    unit,
    sum(provider_quantity) as billed_quantity,
    sum(own_quantity) as metered_quantity,
    sum(provider_quantity - own_quantity) as surplus_quantity,
    {{ sum_where('provider_quantity', 'is_duplicate') }} as duplicate_quantity,
    sum(billed_cost) as billed_cost,
    {{ sum_where('billed_cost - expected_amount', 'own_quantity is not null') }} as true_up_cost,
    case
        when count(own_quantity) = 0 then 'not_metered'
        when {{ sum_where('billed_cost - expected_amount', 'own_quantity is not null') }} > 0 then 'credit'
        when {{ sum_where('billed_cost - expected_amount', 'own_quantity is not null') }} < 0 then 'rebill'
        else 'agrees'
    end as treatment,
    billing_currency
from charges
group by
    billing_period, provider, sub_account_id, region_id, resource_id, component, unit, billing_currency
order by abs(true_up_cost) desc, billing_period asc, provider asc, resource_id asc, component asc, region_id asc

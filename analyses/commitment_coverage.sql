-- How much of each reservation and savings plan was used, and how much of what it could cover did it cover?
with

charges as (
    select * from {{ ref('fct_charges') }}
    where charge_category = 'Usage'
),

commitments as (
    select
        billing_period,
        provider,
        billing_account_id,
        billing_currency,
        commitment_id,
        max(commitment_type) as commitment_type,
        coalesce(sum(effective_cost) filter (where commitment_status = 'Used'), 0) as used_cost,
        coalesce(sum(effective_cost) filter (where commitment_status = 'Unused'), 0) as unused_cost,
        coalesce(sum(list_cost) filter (where commitment_status = 'Used'), 0) as covered_list_cost
    from charges
    where commitment_id is not null
    group by billing_period, provider, billing_account_id, billing_currency, commitment_id
),

-- what it covers anything of, it could cover all of
covered_services as (
    select distinct
        billing_period,
        provider,
        billing_account_id,
        billing_currency,
        commitment_id,
        service_name
    from charges
    where commitment_status = 'Used'
),

service_costs as (
    select
        billing_period,
        provider,
        billing_account_id,
        billing_currency,
        service_name,
        sum(list_cost) as list_cost
    from charges
    group by billing_period, provider, billing_account_id, billing_currency, service_name
),

coverable as (
    select
        covered_services.commitment_id,
        service_costs.billing_period,
        service_costs.provider,
        service_costs.billing_account_id,
        service_costs.billing_currency,
        sum(service_costs.list_cost) as list_cost
    from covered_services
    inner join service_costs
        on
            covered_services.billing_period = service_costs.billing_period
            and covered_services.provider = service_costs.provider
            and covered_services.billing_account_id = service_costs.billing_account_id
            and covered_services.billing_currency = service_costs.billing_currency
            and covered_services.service_name = service_costs.service_name
    group by all
)

select
    commitments.billing_period,
    commitments.provider,
    commitments.billing_account_id,
    commitments.billing_currency,
    commitments.commitment_id,
    commitments.commitment_type,
    commitments.used_cost,
    commitments.unused_cost,
    round({{ exact_ratio('100 * commitments.used_cost', 'commitments.used_cost + commitments.unused_cost') }}, 2)
        as utilisation_percent,
    commitments.covered_list_cost,
    coalesce(coverable.list_cost, 0) as coverable_list_cost,
    -- some exports state no list cost of what a commitment covers
    case
        when commitments.covered_list_cost > 0
            then round({{ exact_ratio('100 * commitments.covered_list_cost', 'coverable.list_cost') }}, 2)
    end as coverage_percent
from commitments
left join coverable
    on
        commitments.billing_period = coverable.billing_period
        and commitments.provider = coverable.provider
        and commitments.billing_account_id = coverable.billing_account_id
        and commitments.billing_currency = coverable.billing_currency
        and commitments.commitment_id = coverable.commitment_id
order by commitments.billing_period asc, commitments.unused_cost desc, commitments.commitment_id asc

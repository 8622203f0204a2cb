-- Guards against cost of resources that tag compliance leaves out or counts twice: of each policy that is for every
-- resource, per billing period, provider and currency, all states together equal what resources were charged.
with

judged as (
    select
        billing_period,
        tag_key,
        provider,
        currency,
        sum(compliant_billed_cost + missing_billed_cost + value_not_allowed_billed_cost) as billed_cost,
        sum(compliant_effective_cost + missing_effective_cost + value_not_allowed_effective_cost) as effective_cost
    from {{ ref('fct_tag_compliance') }}
    where scope = '*'
    group by billing_period, tag_key, provider, currency
),

policies as (
    select distinct tag_key
    from {{ ref('stg_tag_policies__policies') }}
    where coalesce(scope, '*') = '*'
),

taggable as (
    select
        billing_period,
        provider,
        billing_currency as currency,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('fct_charges') }}
    where
        charge_kind in ('usage', 'commitment_usage', 'amortisation')
        and commitment_status is distinct from 'Unused'
        and resource_id is not null
    group by billing_period, provider, billing_currency
),

charged as (
    select
        taggable.*,
        policies.tag_key
    from taggable
    cross join policies
)

select
    charged.*,
    judged.billed_cost as judged_billed_cost,
    judged.effective_cost as judged_effective_cost
from charged
full outer join judged
    on
        charged.billing_period = judged.billing_period
        and charged.tag_key = judged.tag_key
        and charged.provider = judged.provider
        and charged.currency = judged.currency
where
    judged.billed_cost is distinct from charged.billed_cost
    or judged.effective_cost is distinct from charged.effective_cost

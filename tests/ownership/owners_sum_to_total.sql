-- Guards against money that attribution drops, doubles or leaves without an owner: per billing period and
-- currency, the charges of all owners equal the canonical charges, in number and in both costs.
with

owned as (
    select
        billing_period,
        billing_currency,
        count(*) as charge_count,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('fct_charges') }}
    where owner is not null
    group by billing_period, billing_currency
),

charged as (
    select
        billing_period,
        billing_currency,
        sum(charge_count) as charge_count,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('charges_profile') }}
    group by billing_period, billing_currency
)

select
    charged.*,
    owned.charge_count as owned_charges,
    owned.billed_cost as owned_billed_cost,
    owned.effective_cost as owned_effective_cost
from charged
full outer join owned
    on charged.billing_period = owned.billing_period and charged.billing_currency = owned.billing_currency
where
    charged.charge_count is distinct from owned.charge_count
    or charged.billed_cost is distinct from owned.billed_cost
    or charged.effective_cost is distinct from owned.effective_cost

{{ config(tags=['law']) }}
-- Law 5. Guards against money that allocation drops, doubles or makes up: per billing period, day, currency and owner
-- of the charges, what is borne by all owners equals the charges, in both costs.
with

borne as (
    select
        billing_period,
        charge_date,
        currency,
        source_owner as owner,
        sum(allocated_billed_cost) as billed_cost,
        sum(allocated_effective_cost) as effective_cost
    from {{ ref('fct_allocations') }}
    group by billing_period, charge_date, currency, source_owner
),

charged as (
    select
        billing_period,
        cast(charge_period_start as date) as charge_date,
        billing_currency as currency,
        owner,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('fct_charges') }}
    group by billing_period, cast(charge_period_start as date), billing_currency, owner
)

select
    coalesce(charged.billing_period, borne.billing_period) as billing_period,
    coalesce(charged.charge_date, borne.charge_date) as charge_date,
    coalesce(charged.currency, borne.currency) as currency,
    coalesce(charged.owner, borne.owner) as owner,
    charged.billed_cost,
    borne.billed_cost as borne_billed_cost,
    charged.effective_cost,
    borne.effective_cost as borne_effective_cost
from charged
full outer join borne
    on
        charged.billing_period = borne.billing_period
        and charged.charge_date = borne.charge_date
        and charged.currency = borne.currency
        and charged.owner = borne.owner
where
    charged.billed_cost is distinct from borne.billed_cost
    or charged.effective_cost is distinct from borne.effective_cost

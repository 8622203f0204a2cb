with

joint as (
    select * from {{ ref('joint_owners') }}
    where {{ is_narrowed('charges', 'charges_version') }}
),

owners as (
    select
        charges.*,
        coalesce(rules.owner, 'unattributed') as owner,
        coalesce(rules.product, charges.tag_product) as product,
        coalesce(rules.cost_center, charges.tag_cost_center) as cost_center,
        coalesce(rules.environment, charges.tag_environment) as environment,
        coalesce(rules.tenant, charges.tag_tenant) as tenant,
        rules.owner_rule_id,
        rules.priority as owner_priority
    from {{ ref('matched_charges') }} as charges
    left join joint
        on
            charges.charges_version = joint.charges_version
            and charges.slice_from = joint.slice_from
            and charges.held_conditions = joint.held_conditions
    left join {{ ref('owner_rules') }} as rules on least(charges.rule_rank, joint.rule_rank) = rules.rule_rank
),

converted as (
    select
        owners.*,
        rates.rate as fx_rate,
        rates.rate_date as fx_rate_date,
        rates.is_carried as is_fx_rate_carried,
        case
            when rates.rate = 1 then owners.billed_cost
            else {{ exact_product('owners.billed_cost', 'rates.rate') }}
        end as billed_cost_reporting,
        case
            when rates.rate = 1 then owners.effective_cost
            else {{ exact_product('owners.effective_cost', 'rates.rate') }}
        end as effective_cost_reporting
    from owners
    left join {{ ref('daily_rates') }} as rates
        on
            owners.billing_currency = rates.from_currency
            and owners.charge_date = rates.needed_on
            and rates.to_currency = '{{ var("reporting_currency") }}'
)

select
    * exclude (
        rule_rank, held_conditions, tag_product, tag_cost_center, tag_environment, tag_tenant
    )
from converted

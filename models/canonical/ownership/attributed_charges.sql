with

charges as (
    select
        * exclude (partition_version),
        partition_version as charges_version
    from {{ ref('aliased_charges') }}
),

owned as (
    select * from {{ ref('owned_values') }}
    where {{ is_narrowed('charges', 'charges_version') }}
),

matched as (
    select
        charges.*,
        partitions.partition_version,
        tags.product as tag_product,
        tags.cost_center as tag_cost_center,
        tags.environment as tag_environment,
        tags.tenant as tag_tenant,
        least(
            {% for match_on, column in owner_columns() %}
                owned_{{ column }}.rule_rank,
            {% endfor %}
            tags.rule_rank
        ) as rule_rank
    from charges
    inner join {{ ref('attribution_partitions') }} as partitions
        on charges.charges_version = partitions.charges_version
    left join {{ ref('charge_slices') }} as slices
        on charges.charges_version = slices.charges_version and charges.charge_date = slices.charge_date
    left join {{ ref('tag_sets') }} as tags
        on
            charges.charges_version = tags.charges_version
            and charges.tag_set = tags.tag_set
            and slices.slice_from = tags.slice_from
    {% for match_on, column in owner_columns() %}
        left join owned as owned_{{ column }}
            on
                owned_{{ column }}.match_on = '{{ match_on }}'
                and charges.charges_version = owned_{{ column }}.charges_version
                and charges.{{ column }} = owned_{{ column }}.matched_value
                and slices.slice_from = owned_{{ column }}.slice_from
    {% endfor %}
),

owners as (
    select
        matched.*,
        coalesce(rules.owner, 'unattributed') as owner,
        coalesce(rules.product, matched.tag_product) as product,
        coalesce(rules.cost_center, matched.tag_cost_center) as cost_center,
        coalesce(rules.environment, matched.tag_environment) as environment,
        coalesce(rules.tenant, matched.tag_tenant) as tenant,
        rules.owner_rule_id,
        rules.priority as owner_priority
    from matched
    left join {{ ref('owner_rules') }} as rules on matched.rule_rank = rules.rule_rank
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

select * exclude (rule_rank, tag_product, tag_cost_center, tag_environment, tag_tenant)
from converted

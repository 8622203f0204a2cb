with

owned as (
    select * from {{ ref('owned_values') }}
    where {{ is_narrowed('charges', 'charges_version') }}
),

matched as (
    select
        charges.* exclude (partition_version),
        charges.partition_version as charges_version,
        partitions.partition_version,
        tags.product as tag_product,
        tags.cost_center as tag_cost_center,
        tags.environment as tag_environment,
        tags.tenant as tag_tenant,
        least(
            tags.rule_rank
            {%- for match_on, column in owner_columns() %},
            owned_{{ column }}.rule_rank
            {%- endfor %}
        ) as rule_rank
    from {{ ref('aliased_charges') }} as charges
    inner join {{ ref('attribution_partitions') }} as partitions
        on charges.partition_version = partitions.charges_version
    left join {{ ref('charge_slices') }} as slices
        on charges.partition_version = slices.charges_version and charges.charge_date = slices.charge_date
    left join {{ ref('tag_sets') }} as tags
        on
            charges.partition_version = tags.charges_version
            and charges.tag_set = tags.tag_set
            and slices.slice_from = tags.slice_from
    {%- for match_on, column in owner_columns() %}
    left join owned as owned_{{ column }}
        on
            owned_{{ column }}.match_on = '{{ match_on }}'
            and charges.partition_version = owned_{{ column }}.charges_version
            and charges.{{ column }} = owned_{{ column }}.matched_value
            and slices.slice_from = owned_{{ column }}.slice_from
    {%- endfor %}
)

select
    matched.* exclude (rule_rank, tag_product, tag_cost_center, tag_environment, tag_tenant),
    coalesce(rules.owner, 'unattributed') as owner,
    coalesce(rules.product, matched.tag_product) as product,
    coalesce(rules.cost_center, matched.tag_cost_center) as cost_center,
    coalesce(rules.environment, matched.tag_environment) as environment,
    coalesce(rules.tenant, matched.tag_tenant) as tenant,
    rules.owner_rule_id,
    rules.priority as owner_priority,
    rates.rate as fx_rate,
    rates.rate_date as fx_rate_date,
    rates.is_carried as is_fx_rate_carried,
    {%- for amount in ['billed_cost', 'effective_cost'] %}
    case
        when rates.rate = 1 then matched.{{ amount }}
        when rates.rate is not null then {{ exact_product('matched.' ~ amount, 'rates.rate') }}
    end as {{ amount }}_reporting{{ ',' if not loop.last }}
    {%- endfor %}
from matched
left join {{ ref('owner_rules') }} as rules on matched.rule_rank = rules.rule_rank
left join {{ ref('daily_rates') }} as rates
    on
        matched.billing_currency = rates.from_currency
        and rates.to_currency = '{{ var("reporting_currency") }}'
        and matched.charge_date = rates.needed_on

{% set found = ['tag_conditions'] %}
{% for match_on, column in owner_columns() %}
    {% do found.append(column ~ '_conditions') %}
{% endfor %}
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

found as (
    select
        charges.*,
        partitions.partition_version,
        tags.product as tag_product,
        tags.cost_center as tag_cost_center,
        tags.environment as tag_environment,
        tags.tenant as tag_tenant,
        slices.slice_from,
        least(
            {% for match_on, column in owner_columns() %}
                owned_{{ column }}.rule_rank,
            {% endfor %}
            tags.rule_rank
        ) as rule_rank,
        {% for match_on, column in owner_columns() %}
            owned_{{ column }}.held_conditions as {{ column }}_conditions,
        {% endfor %}
        tags.held_conditions as tag_conditions,
        coalesce(
            {% for match_on, column in owner_columns() %}
                owned_{{ column }}.held_conditions,
            {% endfor %}
            tags.held_conditions
        ) as some_conditions
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
)

select
    * exclude (some_conditions, {{ found | join(', ') }}),
    {{ held_by_any(found, 'some_conditions') }} as held_conditions
from found

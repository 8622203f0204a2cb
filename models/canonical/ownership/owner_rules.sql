with

rules as (
    select distinct
        priority,
        match_on,
        pattern,
        {{ ordered_conditions('and_match') }} as and_match,
        owner,
        product,
        cost_center,
        environment,
        tenant,
        coalesce(valid_from, date '0001-01-01') as valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from {{ ref('stg_owners__rules') }}
    where {{ is_owner_match('match_on') }} and {{ is_and_match('and_match') }}
)

select
    concat_ws(
        ' ', priority, match_on, pattern, 'and ' || and_match,
        case when valid_from > date '0001-01-01' then 'from ' || valid_from end
    ) as owner_rule_id,
    -- equal priorities are ordered by what the rules say, so that no order of files or rows decides
    cast(row_number() over (
        order by
            priority, match_on, pattern, and_match nulls last, valid_from, valid_to, owner, product, cost_center,
            environment, tenant
    ) as integer) as rule_rank,
    *
from rules

with

rules as (
    select distinct
        priority,
        match_on,
        pattern,
        owner,
        product,
        cost_center,
        environment,
        tenant,
        coalesce(valid_from, date '0001-01-01') as valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from {{ ref('stg_owners__rules') }}
    where regexp_full_match(match_on, 'tag:.+|account|resource|service|region|sku')
)

select
    concat_ws(
        ' ', priority, match_on, pattern, case when valid_from > date '0001-01-01' then 'from ' || valid_from end
    ) as owner_rule_id,
    -- equal priorities are ordered by what the rules say, so that no order of files or rows decides
    cast(row_number() over (
        order by priority, match_on, pattern, valid_from, valid_to, owner, product, cost_center, environment, tenant
    ) as integer) as rule_rank,
    *,
    -- what precedes the first wildcard can be looked up instead of compared one by one
    regexp_extract(pattern, '^[^*?\[\\]*') as pattern_head,
    length(regexp_extract(pattern, '^[^*?\[\\]*')) as head_length
from rules

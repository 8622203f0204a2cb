-- A rule of several conditions holds by none of them alone: each condition gets a flag instead, one for all rules
-- that share it.
with

further as (
    select
        rule_rank,
        valid_from,
        valid_to,
        unnest(string_split(and_match, '; ')) as condition
    from {{ ref('owner_rules') }}
    where and_match is not null
),

conditions as (
    select
        rule_rank,
        match_on,
        pattern,
        valid_from,
        valid_to,
        and_match is not null as is_one_of_several
    from {{ ref('owner_rules') }}
    union all
    select
        rule_rank,
        left(condition, strpos(condition, '=') - 1) as match_on,
        substr(condition, strpos(condition, '=') + 1) as pattern,
        valid_from,
        valid_to,
        true as is_one_of_several
    from further
),

numbered as (
    select
        *,
        case
            when is_one_of_several
                then dense_rank() over (partition by is_one_of_several order by match_on, pattern)
        end as place
    from conditions
),

counted as (
    select
        *,
        max(place) over () as places
    from numbered
)

select
    rule_rank,
    match_on,
    pattern,
    valid_from,
    valid_to,
    -- what precedes the first wildcard can be looked up instead of compared one by one
    regexp_extract(pattern, '^[^*?\[\\]*') as pattern_head,
    length(regexp_extract(pattern, '^[^*?\[\\]*')) as head_length,
    {{ condition_flag('place', 'places') }} as condition_flag
from counted

-- What is wrong with the inputs of attribution, each fault in a sentence that names it.
with

unknown_rules as (
    select
        'owner_rule' as subject_type,
        concat_ws(' ', priority, match_on, pattern) as subject,
        'owners file ' || file_id || ' row ' || file_row
        || case
            when {{ is_owner_match('match_on') }}
                then ': and_match "' || and_match || '" is not <match_on>=<pattern>; ..., each match_on one'
            else ': match_on "' || match_on || '" is none'
        end
        || ' of tag:<key>, {{ owner_words() | join(", ") }}' as fault
    from {{ ref('stg_owners__rules') }}
    where not ({{ is_owner_match('match_on') }} and {{ is_and_match('and_match') }})
),

clashing_rules as (
    select
        'owner_clash' as subject_type,
        owner_rule_id as subject,
        'owner rule "' || owner_rule_id || '" gives several owners: '
        || string_agg(distinct owner, ', ' order by owner) as fault
    from {{ ref('owner_rules') }}
    group by owner_rule_id
    having count(*) > 1
),

clashing_rates as (
    select
        'rate_clash' as subject_type,
        from_currency || ' to ' || to_currency as subject,
        coalesce(rate_source, 'no source') || ' states '
        || case when min(rate) <= 0 then 'a rate not above zero' else 'several rates' end
        || ' from ' || from_currency || ' to ' || to_currency || ' on ' || rate_date as fault
    from {{ ref('stg_fx_rates__rates') }}
    group by from_currency, to_currency, rate_source, rate_date
    having count(distinct rate) > 1 or min(rate) <= 0
),

missing_rates as (
    select
        'missing_rate' as subject_type,
        charged.billing_currency as subject,
        'no rate from ' || charged.billing_currency || ' to {{ var("reporting_currency") }} on or before '
        || max(charged.charge_date) || ': ' || sum(charged.charge_count) || ' charges of '
        || sum(charged.billed_cost) || ' ' || charged.billing_currency || ' have no reporting amount' as fault
    from {{ ref('charge_days') }} as charged
    inner join {{ ref('daily_rates') }} as rates
        on charged.billing_currency = rates.from_currency and charged.charge_date = rates.needed_on
    where rates.rate is null
    group by charged.billing_currency
),

unresolved_aliases as (
    select
        'sku_alias' as subject_type,
        aliases.new_sku_id as subject,
        'SKU ' || aliases.new_sku_id || ' of ' || aliases.source || ' is an alias of '
        || string_agg(distinct aliases.old_sku_id, ' and ' order by aliases.old_sku_id) || ' from '
        || aliases.valid_from || ': several at once, or a circle' as fault
    from {{ ref('stg_sku_aliases__aliases') }} as aliases
    left join {{ ref('sku_roots') }} as roots
        on aliases.source = roots.source and aliases.new_sku_id = roots.sku_id
    group by aliases.source, aliases.new_sku_id, aliases.valid_from
    having count(distinct aliases.old_sku_id) > 1 or count(roots.sku_id) = 0
)

select * from unknown_rules
union all
select * from clashing_rules
union all
select * from clashing_rates
union all
select * from missing_rates
union all
select * from unresolved_aliases

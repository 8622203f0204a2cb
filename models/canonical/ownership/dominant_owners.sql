-- A group of neighbours is an account, or within one the resources whose names begin alike.
with

owned as (
    select
        provider,
        account_id,
        owner,
        coalesce(resource_name, resource_id) as known_as,
        abs(billed_cost_reporting) as cost
    from {{ ref('resource_owners') }}
    where owner != 'unattributed'
),

grouped as (
    select
        provider,
        account_id,
        '' as beginning,
        owner,
        sum(cost) as cost
    from owned
    group by provider, account_id, owner
    union all
    select
        provider,
        account_id,
        beginning,
        owner,
        sum(cost) as cost
    from (
        select
            owned.*,
            unnest({{ name_beginnings('known_as') }}) as beginning
        from owned
    ) as named
    group by provider, account_id, beginning, owner
),

shares as (
    select
        *,
        sum(cost) over (partition by provider, account_id, beginning) as total_cost
    from grouped
)

select
    provider,
    account_id,
    beginning,
    owner,
    cast(cost as {{ decimal_type() }}) as owned_cost,
    cast(round(100 * cost / total_cost, 6) as decimal(9, 6)) as share_percent
from shares
where total_cost > 0 and 100 * cost >= {{ var('proposal_share_percent') }} * total_cost

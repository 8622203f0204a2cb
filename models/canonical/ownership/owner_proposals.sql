{{ config(materialized='table') }}

with

resources as (
    select
        *,
        coalesce(resource_name, resource_id) as known_as
    from {{ ref('unattributed_resources') }}
),

beginnings as (
    select
        provider,
        account_id,
        resource_id,
        unnest({{ name_beginnings('known_as') }}) as beginning
    from resources
    union all
    select
        provider,
        account_id,
        resource_id,
        '' as beginning
    from resources
),

neighbours as (
    select
        beginnings.resource_id,
        named.*
    from beginnings
    inner join {{ ref('dominant_owners') }} as named
        on
            beginnings.provider = named.provider
            and beginnings.account_id = named.account_id
            and beginnings.beginning = named.beginning
    qualify row_number() over (
        partition by beginnings.provider, beginnings.account_id, beginnings.resource_id
        order by length(named.beginning) desc
    ) = 1
)

select
    resources.provider,
    resources.account_id,
    resources.resource_id,
    resources.resource_name,
    coalesce(last_owners.last_known_owner, neighbours.owner) as proposed_owner,
    case
        when last_owners.last_known_owner is not null then 'history'
        when neighbours.beginning = '' then 'account'
        when neighbours.owner is not null then 'name'
    end as method,
    case
        when last_owners.last_known_owner is not null
            then 'owned by ' || last_owners.last_known_owner || ' until ' || last_owners.last_owned_at
        when neighbours.beginning = ''
            then neighbours.owner || ' owns most of account ' || neighbours.account_id
        when neighbours.owner is not null
            then neighbours.owner || ' owns most of what is named ' || neighbours.beginning || '*'
    end as evidence,
    case
        when last_owners.last_known_owner is not null then cast(100 as decimal(9, 6))
        else neighbours.share_percent
    end as share_percent,
    case when last_owners.last_known_owner is null then neighbours.owned_cost end as evidence_cost_reporting,
    resources.charge_count,
    resources.billed_cost_reporting,
    resources.first_unattributed_at,
    resources.last_unattributed_at,
    last_owners.last_known_owner,
    last_owners.last_owned_at,
    last_owners.lost_tags_at
from resources
left join {{ ref('last_owners') }} as last_owners
    on resources.provider = last_owners.provider and resources.resource_id = last_owners.resource_id
left join neighbours
    on
        resources.provider = neighbours.provider
        and resources.account_id = neighbours.account_id
        and resources.resource_id = neighbours.resource_id

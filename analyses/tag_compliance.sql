-- Which resources break a tag policy, the costliest first, with what value, and who may be asked to mend it?
with

broken as (
    select
        billing_period,
        tag_key,
        scope,
        provider,
        account_id,
        resource_id,
        owner,
        tag_status,
        tag_value,
        currency,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('resource_tags') }}
    where tag_status != 'compliant'
    group by
        billing_period, tag_key, scope, provider, account_id, resource_id, owner, tag_status, tag_value, currency
)

select
    broken.*,
    proposals.proposed_owner
from broken
left join {{ ref('fct_owner_proposals') }} as proposals
    on
        broken.owner = 'unattributed'
        and broken.provider = proposals.provider
        and broken.account_id = proposals.account_id
        and broken.resource_id = proposals.resource_id
order by
    broken.effective_cost desc, broken.billing_period asc, broken.resource_id asc, broken.tag_key asc, broken.scope asc

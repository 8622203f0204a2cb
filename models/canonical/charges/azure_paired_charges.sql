with

rows as (
    {{ union_all_by_name([ref('stg_azure_cost__charges'), ref('stg_azure_cost__usage_details')]) }}
),

charges as (
    select
        *,
        cast(date_trunc('month', billing_period_start) as date) as billing_period,
        -- older families have no pricing model, but name the reservation
        coalesce(pricing_model in ('Reservation', 'SavingsPlan'), false)
        or benefit_id is not null
        or coalesce(starts_with(charge_type, 'Unused'), false) as is_committed
    from rows
),

-- An actual and an amortized export state the same usage twice. Where both have landed, the billed cost
-- is taken from the actual rows and the effective cost from the amortized rows; quantities from the
-- actual rows. Where only one has landed, its rows carry both.
feeds as (
    select
        file_id,
        billing_period,
        case when starts_with(feed, 'amorti') then 'amortized' else 'actual' end as statement,
        bool_or(starts_with(feed, 'amorti')) over account and bool_or(not starts_with(feed, 'amorti')) over account
            as is_paired
    from {{ ref('partition_files') }}
    where source in ('azure_cost', 'azure_usage_api')
    window account as (
        partition by source, regexp_replace(feed, '^(actual|amorti[sz]ed)/', ''), billing_period
    )
)

select
    charges.*,
    feeds.statement,
    feeds.is_paired and feeds.statement = 'amortized' as is_restated,
    case
        when feeds.statement = 'actual' then charges.cost
        when feeds.is_paired or charges.is_committed then 0
        else charges.cost
    end as billed_cost,
    case
        when feeds.statement = 'amortized' or not feeds.is_paired then charges.cost
        else 0
    end as effective_cost
from charges
inner join feeds on charges.file_id = feeds.file_id and charges.billing_period = feeds.billing_period

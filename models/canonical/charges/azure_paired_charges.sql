with

charges as (
    select
        *,
        cast(date_trunc('month', billing_period_start) as date) as billing_period
    from {{ ref('stg_azure_cost__charges') }}
),

-- An actual and an amortized export state the same usage twice. Where both have landed, the billed cost
-- is taken from the actual rows and the effective cost from the amortized rows; quantities from the
-- actual rows. Where only one has landed, its rows carry both.
feeds as (
    select
        file_id,
        billing_period,
        case when starts_with(feed, 'amorti') then 'amortized' else 'actual' end as statement,
        bool_or(starts_with(feed, 'amorti')) over account and bool_or(starts_with(feed, 'actual')) over account
            as is_paired
    from {{ ref('partition_files') }}
    where source = 'azure_cost'
    window account as (partition by split_part(feed, '/', 2), billing_period)
)

select
    charges.*,
    feeds.statement,
    feeds.is_paired and feeds.statement = 'amortized' as is_restated,
    case
        when feeds.statement = 'actual' then charges.cost
        when feeds.is_paired or charges.pricing_model in ('Reservation', 'SavingsPlan') then 0
        else charges.cost
    end as billed_cost,
    case
        when feeds.statement = 'amortized' or not feeds.is_paired then charges.cost
        else 0
    end as effective_cost
from charges
inner join feeds on charges.file_id = feeds.file_id and charges.billing_period = feeds.billing_period

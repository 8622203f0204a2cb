-- Of several versions in a month the last one states what is due for the month as a whole.
with

months as (
    select distinct
        billing_period,
        cast(billing_period + interval 1 month as date) as next_period
    from {{ ref('customer_months') }}
    -- an invoice is made when its month is over
    where billing_period + interval 1 month <= {{ as_of() }}
),

customers as (
    select
        contract_id,
        min(account_id) as account_id
    from {{ ref('account_contracts') }}
    where direction != 'payable'
    group by contract_id
),

chosen as (
    select
        months.billing_period,
        months.next_period,
        contracts.*,
        customers.account_id,
        case contracts.commit_period when 'month' then 1 when 'quarter' then 3 else 12 end as commit_months,
        case contracts.period_anchor
            when 'contract_start' then min(contracts.effective_from) over (partition by contracts.contract_id)
            else date '0001-01-01'
        end as anchor
    from months
    inner join {{ ref('contract_versions') }} as contracts
        on
            contracts.direction != 'payable'
            and months.next_period > contracts.effective_from
            and months.billing_period < contracts.effective_to
    inner join customers on contracts.contract_id = customers.contract_id
    qualify row_number() over (
        partition by contracts.contract_id, months.billing_period
        order by contracts.effective_from desc
    ) = 1
),

started as (
    select
        *,
        {{ window_start('commit_months', 'cast(next_period - 1 as date)', 'anchor') }} as commit_start
    from chosen
)

select
    * exclude (anchor, commit_months),
    commit_start + to_months(commit_months) as commit_end
from started

with

measured as (
    select * from {{ ref('sli_delivery_values') }}
    union all
    select * from {{ ref('sli_money_values') }}
    union all
    select * from {{ ref('sli_cost_values') }}
    union all
    select * from {{ ref('sli_event_values') }}
    union all
    select * from {{ ref('sli_match_values') }}
    union all
    select * from {{ ref('sli_invoice_values') }}
    union all
    select * from {{ ref('sli_exception_values') }}
    union all
    select * from {{ ref('sli_run_values') }}
    union all
    select * from {{ ref('sli_allocation_values') }}
),

compared as (
    select
        targets.*,
        measured.sli_value,
        -- what the target allows, and how much of it is used
        case when targets.comparison = '>=' then 100 - targets.target else targets.target end as budget,
        case when targets.comparison = '>=' then 100 - measured.sli_value else measured.sli_value end as used
    from {{ ref('sli_windows') }} as targets
    left join measured on targets.sli_id = measured.sli_id
)

select
    sli_id,
    name,
    unit,
    comparison,
    target,
    sli_value,
    case
        when sli_value is null then 'no_data'
        when comparison = 'none' then 'ok'
        when used < budget or (used = budget and comparison != '<') then 'ok'
        else 'breached'
    end as status,
    window_starts_at,
    window_ends_at,
    case
        when budget = 0 then case when used = 0 then 100 else 0 end
        else 100 - {{ exact_ratio('used * 100', 'budget') }}
    end as error_budget_left_percent,
    definition,
    case when sli_value is null then no_data_reason end as no_data_reason
from compared

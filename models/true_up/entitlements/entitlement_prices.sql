-- What the contract's card asks for the covered and for the overage part of each position, in the contract's currency.
with

event_priced as (
    select distinct
        rate_card_id,
        rate_version,
        sku_id
    from {{ ref('rate_tiers') }}
    where coalesce(fixed_per_event, free_events, per_event_minimum, per_event_maximum) is not null
),

cuts as (
    select
        *,
        count(*) over (partition by priced_id) > 1 as is_cut
    from {{ ref('rated_cuts') }}
    where position_id is not null
),

converted as (
    select
        cuts.*,
        case
            when cuts.card_currency = cuts.contract_currency or cuts.amount = 0 then cuts.amount
            else {{ exact_product('cuts.amount', 'rates.rate') }}
        end as contract_amount,
        event_priced.sku_id is not null and cuts.is_cut as is_cut_event
    from cuts
    left join {{ ref('rate_spans') }} as rates
        on
            cuts.card_currency = rates.from_currency
            and cuts.contract_currency = rates.to_currency
            and cuts.used_at >= rates.rate_date
            and cuts.used_at < rates.next_rate_date
    left join event_priced
        on
            cuts.rate_card_id = event_priced.rate_card_id
            and cuts.rate_version = event_priced.rate_version
            and cuts.sku_id = event_priced.sku_id
)

select
    position_id,
    {{ sum_where('contract_amount', 'not is_overage') }} as included_amount,
    {{ sum_where('contract_amount', 'is_overage') }} as overage_amount,
    max(case
        when unpriced_reason is not null then unpriced_reason
        when is_cut_event then 'the card asks a fee of each event, and one event is cut'
        when contract_amount is null then 'no exchange rate from ' || card_currency || ' to ' || contract_currency
    end) as unpriced_reason
from converted
group by position_id

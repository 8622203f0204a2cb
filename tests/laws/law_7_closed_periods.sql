{{ config(tags=['law']) }}
-- Law 7. Guards against a closed period whose figures move: every row of a snapshot agrees with its seal, none is
-- missing or added, and snapshot and adjustments are the current charges, to the last decimal.
with

snapshots as (
    select * from {{ ref('fct_period_snapshots') }}
),

periods as (
    select distinct
        direction,
        billing_period
    from snapshots
),

stages as (
    select
        billing_period,
        source,
        billing_account_id,
        charge_kind,
        currency,
        billed_cost,
        effective_cost
    from snapshots
    union all
    select
        origin_period as billing_period,
        source,
        account_id as billing_account_id,
        charge_kind,
        currency,
        amount as billed_cost,
        effective_amount as effective_cost
    from {{ ref('fct_adjustments') }}
    where direction = 'payable'
    union all
    select
        charges.billing_period,
        charges.source,
        charges.billing_account_id,
        charges.charge_kind,
        charges.billing_currency as currency,
        -charges.billed_cost as billed_cost,
        -charges.effective_cost as effective_cost
    from {{ ref('fct_charges') }} as charges
    inner join periods on charges.billing_period = periods.billing_period and periods.direction = 'payable'
)

select
    'snapshot and adjustments are not the current charges' as fault,
    billing_period,
    source,
    sum(billed_cost) as billed_cost,
    sum(effective_cost) as effective_cost
from stages
group by billing_period, source, billing_account_id, charge_kind, currency
having sum(billed_cost) != 0 or sum(effective_cost) != 0
union all
select
    'a row of the snapshot was changed' as fault,
    billing_period,
    source,
    billed_cost,
    effective_cost
from snapshots
where seal != {{ snapshot_seal() }}
union all
select
    'rows of the snapshot are missing or were added' as fault,
    billing_period,
    min(source) as source,
    sum(billed_cost) as billed_cost,
    sum(effective_cost) as effective_cost
from snapshots
group by direction, billing_period
having count(*) != max(rows_of_period)
union all
select
    'something was posted to a period after its close' as fault,
    entries.posting_period as billing_period,
    null as source,
    sum(entries.debit) as billed_cost,
    sum(entries.credit) as effective_cost
from {{ ref('fct_ledger_entries') }} as entries
inner join (select distinct direction, billing_period, frozen_at from snapshots) as frozen
    on
        entries.direction = frozen.direction
        and entries.posting_period = frozen.billing_period
        and entries.recorded_at >= frozen.frozen_at
group by entries.direction, entries.posting_period
having count(distinct entries.recorded_at) > 1

-- The baseline: a full outer join of the same rows on the same key, which writes the key, what both sides know and
-- the difference. A key stands once on each side, so nothing is summed.
create table diffs as
select
    coalesce(billed.direction, expected.direction) as direction,
    coalesce(billed.counterparty, expected.counterparty) as counterparty,
    coalesce(billed.billing_period, expected.billing_period) as billing_period,
    coalesce(billed.account_id, expected.account_id) as account_id,
    coalesce(billed.sku_id, expected.sku_id) as sku_id,
    coalesce(billed.charge_kind, expected.charge_kind) as charge_kind,
    coalesce(billed.usage_date, expected.usage_date) as usage_date,
    coalesce(billed.unit, expected.unit) as unit,
    coalesce(billed.currency, expected.currency) as currency,
    billed.invoice_id,
    expected.contract_id,
    expected.price_source,
    expected.assurance,
    expected.unpriced_reason,
    billed.quantity as billed_quantity,
    expected.quantity as expected_quantity,
    coalesce(billed.amount, 0) as billed_amount,
    coalesce(expected.expected_amount, 0) as expected_amount,
    expected.contracted_amount as stated_amount,
    coalesce(billed.amount, 0) - coalesce(expected.expected_amount, 0) as variance_amount
from (
    select
        'payable' as direction,
        provider as counterparty,
        billing_period,
        coalesce(sub_account_id, billing_account_id) as account_id,
        sku_id,
        charge_kind,
        cast(charge_period_start as date) as usage_date,
        pricing_unit as unit,
        billing_currency as currency,
        invoice_id,
        pricing_quantity as quantity,
        billed_cost as amount
    from charges
) as billed
full outer join (
    select
        *,
        cast(charge_period_start as date) as usage_date
    from due_charges
) as expected
    on
        billed.direction = expected.direction
        and billed.counterparty = expected.counterparty
        and billed.billing_period = expected.billing_period
        and billed.account_id = expected.account_id
        and billed.sku_id is not distinct from expected.sku_id
        and billed.charge_kind = expected.charge_kind
        and billed.usage_date is not distinct from expected.usage_date
        and billed.unit is not distinct from expected.unit
        and billed.currency = expected.currency;

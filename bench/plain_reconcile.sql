-- The baseline: both sides summed by the key, their full outer join, and the columns of the differences that ours
-- writes. The difference is one part, all others are zero, the tolerance is a cent, and nothing has a version.
create table diffs as
with

joined as (
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
        coalesce(billed.billed_rows, 0) as billed_rows,
        coalesce(expected.expected_rows, 0) as expected_rows,
        coalesce(expected.unpriced_rows, 0) as unpriced_rows,
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
            min(invoice_id) as invoice_id,
            count(*) as billed_rows,
            cast(sum(pricing_quantity) as decimal(38, 18)) as quantity,
            cast(sum(billed_cost) as decimal(38, 18)) as amount
        from charges
        group by all
    ) as billed
    full outer join (
        select
            direction,
            counterparty,
            billing_period,
            account_id,
            sku_id,
            charge_kind,
            cast(charge_period_start as date) as usage_date,
            unit,
            currency,
            min(contract_id) as contract_id,
            min(price_source) as price_source,
            min(assurance) as assurance,
            min(unpriced_reason) as unpriced_reason,
            count(*) as expected_rows,
            count(*) filter (where expected_amount is null) as unpriced_rows,
            cast(sum(quantity) as decimal(38, 18)) as quantity,
            cast(sum(expected_amount) as decimal(38, 18)) as expected_amount
        from due_charges
        group by all
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
            and billed.currency = expected.currency
)

select
    cast(md5(concat_ws(
        '|', direction, counterparty, billing_period, account_id, charge_kind, currency, coalesce(sku_id, '-'),
        coalesce(cast(usage_date as varchar), '-'), coalesce(unit, '-')
    )) as uuid) as diff_id,
    concat_ws('|', direction, counterparty, billing_period) as partition_id,
    null as partition_version,
    *,
    cast(0 as decimal(38, 18)) as credit_variance,
    cast(0 as decimal(38, 18)) as tax_variance,
    cast(0 as decimal(38, 18)) as duplicate_variance,
    cast(0 as decimal(38, 18)) as timing_variance,
    cast(0 as decimal(38, 18)) as missing_usage_variance,
    cast(0 as decimal(38, 18)) as unbilled_variance,
    cast(0 as decimal(38, 18)) as sku_variance,
    cast(0 as decimal(38, 18)) as quantity_variance,
    cast(0 as decimal(38, 18)) as rate_variance,
    cast(0 as decimal(38, 18)) as discount_variance,
    cast(0 as decimal(38, 18)) as fx_variance,
    cast(0 as decimal(38, 18)) as rounding_variance,
    variance_amount as unexplained_variance,
    'cent' as match_rule_id,
    cast(0.01 as decimal(38, 18)) as tolerance_amount,
    case when variance_amount = 0 then 'none' else 'unexplained' end as cause,
    case
        when variance_amount = 0 then 'matched'
        when abs(variance_amount) <= 0.01 then 'within_tolerance'
        else 'exception'
    end as status
from joined;

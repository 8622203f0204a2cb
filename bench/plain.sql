-- The baseline: what a competent engineer would write by hand for these files, and no more. It writes the
-- rows and columns of the three physical marts. It keeps no archive, no registry and no versions, runs no
-- gates and no tests, and knows a row's origin by file name and row number.
-- Variables: `files` (the deliveries) and `seeds` (folder of the mappings). plain_charges.sql comes before.
create view exports as
select
    * exclude (filename),
    parse_filename(filename) as file_id,
    null as file_row
from read_csv(getvariable('files'), header = true, all_varchar = true, filename = true);

create table read_lines as from typed_lines('exports');

create view lines as
select
    read_lines.* replace (read_lines.rowid - first_rows.first_row + 1 as file_row)
from read_lines
inner join (
    select
        file_id,
        min(rowid) as first_row
    from read_lines
    group by file_id
) as first_rows on read_lines.file_id = first_rows.file_id;

-- from here on no order of rows matters
set preserve_insertion_order = false;

create table unpriced_reasons as
from read_csv(getvariable('seeds') || '/unpriced_reasons.csv');

create table tolerances as
from read_csv(getvariable('seeds') || '/tolerances.csv', types = {
    'absolute_amount': 'decimal(38, 18)', 'percent': 'decimal(5, 3)', 'valid_from': 'date', 'valid_to': 'date'
});

create table fct_charges as
select
    *,
    sku_id as canonical_sku_id,
    case when billing_currency = 'USD' then cast(charge_period_start as date) end as fx_rate_date,
    case when billing_currency = 'USD' then billed_cost end as billed_cost_reporting,
    case when billing_currency = 'USD' then effective_cost end as effective_cost_reporting
from charges_by_hand('lines');

drop view lines;

drop table read_lines;

create table fct_expected_charges as
with

priced as (
    select
        *,
        cast(
            cast(contracted_unit_price as decimal(18, 12)) * cast(pricing_quantity as decimal(18, 10))
            as decimal(38, 18)
        ) as contracted_amount,
        case when charge_kind in ('usage', 'commitment_negation') then cast(
            cast(list_unit_price as decimal(18, 12)) * cast(pricing_quantity as decimal(18, 10))
            as decimal(38, 18)
        ) end as list_amount
    from fct_charges
)

select
    priced.charge_id as expected_charge_id,
    priced.charge_id,
    cast(null as varchar) as usage_id,
    'payable' as direction,
    priced.provider as counterparty,
    cast(null as varchar) as contract_id,
    cast(null as varchar) as contract_version,
    cast(null as varchar) as rate_card_id,
    cast(null as varchar) as rate_version,
    priced.sub_account_id as account_id,
    priced.sku_id,
    priced.charge_kind,
    priced.billing_period,
    priced.charge_period_start,
    priced.charge_period_end,
    priced.pricing_quantity as quantity,
    cast(null as decimal(38, 18)) as own_quantity,
    priced.pricing_quantity as provider_quantity,
    priced.pricing_unit as unit,
    'provider' as quantity_source,
    case when priced.list_amount is not null then 'export_list' end as price_source,
    case when priced.list_amount is not null then 'self_consistent' else 'none' end as assurance,
    case when priced.charge_kind = 'commitment_negation' then -priced.list_amount else priced.list_amount end
        as expected_amount,
    priced.contracted_amount,
    priced.billing_currency as currency,
    cast(null as varchar) as tier_detail,
    case when priced.list_amount is null then reasons.reason end as unpriced_reason,
    priced.file_id,
    priced.file_row,
    priced.partition_id,
    priced.partition_version
from priced
left join unpriced_reasons as reasons on priced.charge_kind = reasons.charge_kind;

create table fct_reconciliation_diffs as
with

billed as (
    select
        'payable' as direction,
        provider as counterparty,
        billing_period,
        sub_account_id as account_id,
        sku_id,
        charge_kind,
        case
            when charge_kind in ('usage', 'commitment_usage', 'commitment_negation')
                then cast(charge_period_start as date)
        end as usage_date,
        pricing_unit as unit,
        billing_currency as currency,
        min(invoice_id) as invoice_id,
        count(*) as billed_rows,
        cast(sum(pricing_quantity) as decimal(38, 18)) as billed_quantity,
        cast(sum(billed_cost) as decimal(38, 18)) as billed_amount
    from fct_charges
    group by all
),

expected as (
    select
        direction,
        counterparty,
        billing_period,
        account_id,
        sku_id,
        charge_kind,
        case
            when charge_kind in ('usage', 'commitment_usage', 'commitment_negation')
                then cast(charge_period_start as date)
        end as usage_date,
        unit,
        currency,
        min(contract_id) as contract_id,
        min(price_source) as price_source,
        min(assurance) as assurance,
        min(unpriced_reason) as unpriced_reason,
        count(*) as expected_rows,
        count(*) filter (where expected_amount is null) as unpriced_rows,
        cast(sum(quantity) as decimal(38, 18)) as expected_quantity,
        cast(coalesce(sum(expected_amount), 0) as decimal(38, 18)) as expected_amount,
        cast(coalesce(sum(coalesce(contracted_amount, expected_amount)), 0) as decimal(38, 18)) as stated_amount
    from fct_expected_charges
    group by all
),

matched as (
    select
        coalesce(billed.direction, expected.direction) as direction,
        coalesce(billed.counterparty, expected.counterparty) as counterparty,
        expected.contract_id,
        billed.invoice_id,
        coalesce(billed.account_id, expected.account_id) as account_id,
        coalesce(billed.sku_id, expected.sku_id) as sku_id,
        coalesce(billed.charge_kind, expected.charge_kind) as charge_kind,
        coalesce(billed.billing_period, expected.billing_period) as billing_period,
        coalesce(billed.usage_date, expected.usage_date) as usage_date,
        coalesce(billed.unit, expected.unit) as unit,
        coalesce(billed.currency, expected.currency) as currency,
        coalesce(billed.billed_rows, 0) as billed_rows,
        coalesce(expected.expected_rows, 0) as expected_rows,
        coalesce(expected.unpriced_rows, 0) as unpriced_rows,
        billed.billed_quantity,
        expected.expected_quantity,
        coalesce(billed.billed_amount, 0) as billed_amount,
        coalesce(expected.expected_amount, 0) as expected_amount,
        coalesce(expected.stated_amount, 0) as stated_amount,
        coalesce(billed.billed_amount, 0) - coalesce(expected.expected_amount, 0) as variance_amount,
        expected.unpriced_reason,
        expected.price_source,
        coalesce(expected.assurance, 'none') as assurance
    from billed
    full outer join expected
        on
            billed.direction = expected.direction
            and billed.counterparty = expected.counterparty
            and billed.billing_period = expected.billing_period
            and billed.account_id = expected.account_id
            and billed.charge_kind = expected.charge_kind
            and billed.currency = expected.currency
            and billed.sku_id is not distinct from expected.sku_id
            and billed.usage_date is not distinct from expected.usage_date
            and billed.unit is not distinct from expected.unit
),

-- what leaves before the waterfall; then discount to the provider's stated rate, rounding, and the rest
stepped as (
    select
        *,
        case
            when charge_kind in ('credit', 'discount', 'refund') then 'credit'
            when charge_kind = 'tax' then 'tax'
            when expected_rows = 0 or unpriced_rows > 0 then 'unpriced'
            else 'list'
        end as waterfall,
        case
            when waterfall != 'list' then 0
            when abs(billed_amount - stated_amount) < abs(variance_amount) then stated_amount - expected_amount
            else 0
        end as discount_step,
        case when waterfall = 'list' then variance_amount - discount_step else 0 end as last_step,
        abs(last_step) <= billed_rows * cast(0.005 as decimal(4, 3)) as is_rounding
    from matched
),

parts as (
    select
        *,
        cast(discount_step as decimal(38, 18)) as discount_variance,
        cast(case when waterfall = 'tax' then variance_amount else 0 end as decimal(38, 18)) as tax_variance,
        cast(case when waterfall = 'credit' then variance_amount else 0 end as decimal(38, 18)) as credit_variance,
        cast(case when is_rounding then last_step else 0 end as decimal(38, 18)) as rounding_variance,
        cast(case
            when waterfall = 'unpriced' then variance_amount
            when not is_rounding then last_step
            else 0
        end as decimal(38, 18)) as unexplained_variance,
        greatest(
            abs(discount_variance), abs(tax_variance), abs(credit_variance), abs(rounding_variance),
            abs(unexplained_variance)
        ) as largest_part
    from stepped
),

tolerated as (
    select
        parts.*,
        tolerances.match_rule_id,
        cast(greatest(
            tolerances.absolute_amount,
            cast(abs(parts.expected_amount) as decimal(32, 18)) * cast(tolerances.percent * 0.01 as decimal(6, 5))
        ) as decimal(38, 18)) as tolerance_amount
    from parts
    inner join tolerances
        on
            parts.direction = tolerances.direction
            and parts.billing_period >= tolerances.valid_from
            and parts.billing_period < coalesce(tolerances.valid_to, date '9999-12-31')
)

select
    cast(md5(concat_ws(
        '|', direction, counterparty, billing_period, account_id, charge_kind, currency,
        coalesce(sku_id, '-'), coalesce(cast(usage_date as varchar), '-'), coalesce(unit, '-')
    )) as uuid) as diff_id,
    direction,
    counterparty,
    contract_id,
    invoice_id,
    account_id,
    sku_id,
    charge_kind,
    billing_period,
    usage_date,
    unit,
    billed_rows,
    expected_rows,
    unpriced_rows,
    billed_quantity,
    expected_quantity,
    billed_amount,
    expected_amount,
    cast(variance_amount as decimal(38, 18)) as variance_amount,
    cast(0 as decimal(38, 18)) as quantity_variance,
    cast(0 as decimal(38, 18)) as rate_variance,
    cast(0 as decimal(38, 18)) as missing_usage_variance,
    cast(0 as decimal(38, 18)) as duplicate_variance,
    cast(0 as decimal(38, 18)) as timing_variance,
    cast(0 as decimal(38, 18)) as unbilled_variance,
    cast(0 as decimal(38, 18)) as sku_variance,
    discount_variance,
    cast(0 as decimal(38, 18)) as fx_variance,
    tax_variance,
    credit_variance,
    rounding_variance,
    unexplained_variance,
    case
        when largest_part = 0 then 'none'
        when largest_part = abs(credit_variance) then 'credit'
        when largest_part = abs(tax_variance) then 'tax'
        when largest_part = abs(discount_variance) then 'discount'
        when largest_part = abs(rounding_variance) then 'rounding'
        when unpriced_rows > 0 then 'unpriced'
        else 'unexplained'
    end as cause,
    unpriced_reason,
    price_source,
    assurance,
    tolerance_amount,
    match_rule_id,
    case
        when variance_amount = 0 then 'matched'
        when abs(variance_amount) <= tolerance_amount then 'within_tolerance'
        else 'exception'
    end as status,
    currency,
    concat_ws('|', direction, counterparty, billing_period) as partition_id,
    md5(concat_ws('|', direction, counterparty, billing_period)) as partition_version
from tolerated;

-- What the models of models/reconciliation read, made up: `rows` charges of two vendors and twelve months,
-- `rows_per_key` hours to a key, and what they should cost. One key in 200 is expected only, one billed only, one in 100
-- is billed at another rate and one in 100 with another quantity. `seeds` is the folder of the mappings.
create view numbered as
select
    n,
    'vendor-' || k % 2 as counterparty,
    make_date(2026, 1 + cast(k // 2 % 12 as integer), 1) as billing_period,
    billing_period + cast(k // 24 % 28 as integer) as usage_date,
    usage_date + interval (n % getvariable('rows_per_key')) hour as used_at,
    'sku-' || k // 672 % 50 as sku_id,
    'account-' || k // 33600 as account_id,
    'contract-' || k // 33600 % 10 as contract_id,
    cast(1 + hash(n) % 100000 as decimal(18, 0)) * cast(0.001 as decimal(4, 3)) as used,
    cast(0.05 as decimal(4, 3)) + k // 672 % 50 * cast(0.001 as decimal(4, 3)) as unit_price,
    hash(k + 1) % 200 as fate
from (
    select
        n,
        n // getvariable('rows_per_key') as k
    from range(getvariable('rows')) as numbers (n)
) as numbers;

create table charges as
select
    cast(md5('charge ' || n) as uuid) as charge_id,
    counterparty as provider,
    billing_period,
    account_id as sub_account_id,
    'payer' as billing_account_id,
    sku_id,
    'usage' as charge_kind,
    used_at as charge_period_start,
    'Hours' as pricing_unit,
    'USD' as billing_currency,
    counterparty || ' ' || billing_period as invoice_id,
    cast(case when fate in (4, 5) then used + 1 else used end as decimal(38, 18)) as pricing_quantity,
    cast(
        case when fate in (4, 5) then used + 1 else used end
        * case when fate in (2, 3) then unit_price + cast(0.001 as decimal(4, 3)) else unit_price end
        as decimal(38, 18)
    ) as billed_cost,
    cast(md5('file ' || n // 1000000) as uuid) as file_id,
    n % 1000000 + 1 as file_row
from numbered
where fate != 0;

create table due_charges as
select
    cast(md5('charge ' || n) as uuid) as charge_id,
    'payable' as direction,
    counterparty,
    billing_period,
    account_id,
    sku_id,
    'usage' as charge_kind,
    used_at as charge_period_start,
    'Hours' as unit,
    null::varchar as resource_id,
    'USD' as currency,
    contract_id,
    'contract' as price_source,
    'rate_checked' as assurance,
    null::varchar as unpriced_reason,
    null::varchar as deviation,
    false as is_surplus,
    cast(used as decimal(38, 18)) as quantity,
    cast(used * unit_price as decimal(38, 18)) as expected_amount,
    expected_amount as amount_as_billed,
    expected_amount as contracted_amount
from numbered
where fate != 1;

drop view numbered;

create table reconciliation_partitions as
select distinct
    concat_ws('|', 'payable', counterparty, billing_period) as partition_id,
    direction,
    counterparty,
    billing_period,
    true as is_final,
    md5(partition_id) as partition_version
from due_charges;

-- nobody meters these charges, and nobody is billed by us
create table metered_charges as
select
    charge_id,
    null::varchar as resource_id,
    false as is_surplus
from charges
limit 0;

create table tiered_skus (sku_id varchar);

create table known_skus (sku_id varchar, known_sku_id varchar);

create table account_contracts (account_id varchar, counterparty varchar, direction varchar);

create table invoice_lines (
    invoice_line_id uuid, direction varchar, recipient varchar, billing_period date, account_id varchar, sku_id varchar,
    line_kind varchar, currency varchar, invoice_id varchar, quantity decimal(38, 18), amount_owed decimal(38, 18),
    file_id uuid, file_row bigint
);

create table tolerances as
from read_csv(getvariable('seeds') || '/tolerances.csv', types = {
    'absolute_amount': 'decimal(38, 18)', 'percent': 'decimal(9, 6)', 'valid_from': 'date', 'valid_to': 'date'
});

create table currencies as
from read_csv(getvariable('seeds') || '/currencies.csv', types = {'subunit': 'decimal(18, 6)'});

create table matching_rules as
from read_csv(getvariable('seeds') || '/matching_rules.csv', types = {
    'mappings': 'varchar', 'criteria': 'varchar', 'window_hours': 'decimal(24, 12)',
    'absolute_tolerance': 'decimal(38, 18)', 'percent_tolerance': 'decimal(9, 6)', 'valid_from': 'date',
    'valid_to': 'date'
});

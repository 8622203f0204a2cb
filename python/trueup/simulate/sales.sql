-- What follows from the sales tables: prices in money, each customer's terms; and what fills up month by month.

-- One row per rate card, version, offer and tier.
create table sale_prices as
select
    cards.rate_card_id,
    cards.version,
    cards.currency,
    cards.effective_from,
    cast(cards.effective_to as date) as effective_to,
    card_rows.offer_no,
    card_rows.model,
    card_rows.tier,
    cast(card_rows.tier_from as decimal(18, 3)) as tier_from,
    cast(card_rows.tier_to as decimal(18, 3)) as tier_to,
    cast(card_rows.price_units * cards.permille // 1000 as decimal(18, 0)) * 0.0000001::decimal(8, 7) as unit_price,
    cast(card_rows.fee * cards.permille // 10 as decimal(18, 0)) * 0.01::decimal(3, 2) as flat_fee,
    cast(card_rows.percent_hundredths as decimal(9, 0)) * 0.01::decimal(3, 2) as percent,
    cast(card_rows.free_quantity as decimal(18, 3)) as free_quantity,
    cast(card_rows.minimum * cards.permille // 10 as decimal(18, 0)) * 0.01::decimal(3, 2) as minimum_amount,
    card_rows.package_size
from card_rows
inner join cards on card_rows.plan_no = cards.plan_no;

-- One row per tenant.
create table customers as
select
    tenants.*,
    contracts.* exclude (tenant_no),
    cards.rate_card_id,
    cast(tax_rates.thousandths as decimal(9, 0)) * 0.001::decimal(4, 3) as tax_rate
from tenants
inner join customer_contracts as contracts on tenants.tenant_no = contracts.tenant_no
inner join cards on contracts.plan_no = cards.plan_no and tenants.currency = cards.currency and cards.version = 1
inner join tax_rates on tenants.tax_jurisdiction = tax_rates.tax_jurisdiction;

-- One row per report of a meter: what a customer used since the one before, and what was first said of it.
create table customer_usage (
    billing_period date, tenant_no bigint, offer_no bigint, event_time timestamp, quantity decimal(18, 3),
    first_quantity decimal(18, 3), sample_of bigint, partition_no bigint
);

-- One row per line of a customer's invoice, as it is due: the truth of the receivable side.
create table customer_due (
    billing_period date, tenant_no bigint, invoice_no bigint, line_no bigint, line_kind varchar, offer_no bigint,
    quantity decimal(18, 3), amount decimal(18, 2)
);

-- One row per line of a vendor's invoice.
create table vendor_invoice_lines (
    billing_period date, payer_no bigint, line_no bigint, line_kind varchar, service varchar, unit varchar,
    quantity decimal(38, 3), amount decimal(18, 2), row_count bigint
);

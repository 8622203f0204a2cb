"""Customers: their contracts, prices and entitlements, and the invoices that we send them.

What a tenant owes for a month stands in `customer_due`: its usage priced by the rate card of its
plan and currency, the discount of its contract, the shortfall to its commitment, what it draws from
prepaid or granted credit, and the tax of its jurisdiction on the net. Invoices say the same.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

from trueup.simulate.files import write_rows
from trueup.simulate.world import World

QUERIES = {
    "rate_cards/customers.csv": """
        select
            rate_card_id, version, offers.sku_id, model, tier, tier_from, tier_to, unit_price,
            nullif(flat_fee, 0) as flat_fee, package_size, nullif(percent, 0) as percent,
            free_quantity, minimum_amount, currency, 'account' as aggregation_scope,
            'month' as reset, 2 as rounding_scale, 'half_up' as rounding_mode,
            'line' as rounding_scope,
            case model when 'flat' then 'always' else 'reached' end as flat_fee_when,
            effective_from, effective_to
        from sale_prices
        inner join offers on sale_prices.offer_no = offers.offer_no
        order by rate_card_id, version, offers.offer_no, tier""",
    "contracts/customers.csv": """
        select
            contract_id, 1 as version, 'receivable' as direction, tenant as counterparty,
            customer_id as account_id, rate_card_id, currency, $starts_at::date as effective_from,
            null as effective_to, nullif(discount_percent, 0) as discount_percent,
            case when discount_percent > 0 then discounted.skus end as discount_skus,
            nullif(minimum_commit, 0) as minimum_commit_amount,
            case when minimum_commit > 0 then 'month' end as commit_period,
            nullif(prepaid, 0) as prepaid_credit_amount, tax_rate, 'invoice' as tax_scope,
            'false' as tax_included, 'UTC' as time_zone, payment_terms_days
        from customers
        cross join (
            select string_agg(sku_id, ';' order by offer_no) as skus from offers where is_discounted
        ) as discounted
        order by tenant_no""",
    "credits/customers.csv": """
        select
            credit_id, contract_id, 1 as priority, credit as amount, currency,
            $starts_at as granted_at
        from customers
        where credit > 0
        order by tenant_no""",
    # calls as many as the card leaves free, and seats that must not be passed unseen
    "entitlements/customers.csv": """
        select
            contract_id, 1 as version, customer_id as account_id,
            'product-' || offer as meter_id,
            case offer when 'calls' then free_quantity else 10 + weight // 20000 * 5 end
                as included_quantity,
            'month' as period, case offer when 'calls' then 'charge' else 'review' end
                as overage_policy,
            case offer when 'calls' then 0 else 5 end as tolerance_percent,
            $starts_at::date as effective_from, null as effective_to
        from customers
        inner join sale_prices on customers.rate_card_id = sale_prices.rate_card_id
        inner join offers on sale_prices.offer_no = offers.offer_no
        where sale_prices.tier = 1 and sale_prices.version = 1
            and (offer = 'seats' or free_quantity is not null)
        order by tenant_no, offers.offer_no""",
    "sla_terms/customers.csv": """
        select contract_id, 'availability' as metric, threshold_percent, credit_percent
        from customers
        inner join (values
            ('gold', 99.95, 10), ('gold', 99.0, 25), ('silver', 99.5, 10), ('bronze', 99.0, 5)
        ) as terms (tier, threshold_percent, credit_percent) on customers.tier = terms.tier
        order by tenant_no, threshold_percent desc""",
    "accounts/accounts.csv": """
        select
            customer_id as account_id, tenant as customer, customers.tier, tenant, cohort,
            legal_entity, tax_jurisdiction, $starts_at::date as valid_from, null as valid_to
        from customers
        union all
        select
            account_id, null, null, null, null, legal_name, null, date '2020-01-01', null
        from accounts cross join company
        order by account_id""",
}
INVOICES = """
    select
        number_prefix || lpad(invoice_no::varchar, 6, '0') as invoice_id,
        'receivable' as direction, legal_name as issuer, tenant as recipient,
        customer_id as account_id, '{issued_at}' as issued_at, '{period}' as period_start,
        '{period_end}' as period_end, line_no, line_kind, sku_id,
        coalesce(offer, line_kind) as description, quantity,
        case when quantity is not null then unit end as unit, null as unit_price, amount, currency,
        case line_kind when 'tax' then tax_rate end as tax_rate, '{status}' as status,
        '{issued_at}'::date + payment_terms_days::integer as due_at,
        sum(amount) over (partition by invoice_no) as stated_total,
        case line_kind when 'tax' then tax_jurisdiction end as tax_code
    from customer_due
    inner join customers on customer_due.tenant_no = customers.tenant_no
    left join offers on customer_due.offer_no = offers.offer_no
    cross join company
    where billing_period = date '{period}'
    order by invoice_no, line_no
"""
# Issued on the second day of the next month, and final once the period is.
DAYS_TO_ISSUE, DAYS_TO_FINAL = 1, 8


def write(world: World, landing: Path) -> None:
    """Write what stays for the whole time; it arrives before the first month."""
    starts_at = world.plan.starts_at
    for name, query in QUERIES.items():
        fixed = query.replace("$starts_at", f"timestamp '{starts_at}'")
        write_rows(world.connection, fixed, landing / name, starts_at)


def write_month(world: World, period: date, landing: Path) -> None:
    """Price the month's usage and write its invoices; metering goes before."""
    world.run("own/customers.sql", period=period)
    month_end = (datetime(period.year, period.month, 1) + timedelta(days=32)).replace(day=1)
    for status, days in (("issued", DAYS_TO_ISSUE), ("final", DAYS_TO_FINAL)):
        query = INVOICES.format(
            period=period,
            period_end=month_end.date(),
            issued_at=month_end.date() + timedelta(days=DAYS_TO_ISSUE),
            status=status,
        )
        path = landing / "invoices" / "customers" / f"{period:%Y-%m}-{status}.csv"
        write_rows(world.connection, query, path, month_end + timedelta(days=days, hours=6))
